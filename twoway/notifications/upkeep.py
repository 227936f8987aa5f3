"""What is let go of: old lines, lines beyond a member's most, devices and mutes of members who left."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from twoway.notifications.models import Device, Notification, Push

KEEP_DAYS = 60
MOST = 300
"""Lines one member has at most."""
PUSH_GOOD_FOR = timedelta(hours=24)

_WHICH = """
SELECT n.id FROM (SELECT DISTINCT member_id FROM notification) AS m
CROSS JOIN LATERAL (
    SELECT id FROM notification WHERE member_id = m.member_id ORDER BY at DESC OFFSET %(most)s LIMIT 5000
) AS n
"""


def prune(*, at: datetime) -> int:
    """Delete what is past its time or beyond a member's most; how many lines."""
    with connection.cursor() as cursor:
        cursor.execute(_WHICH, {"most": MOST})
        ids = [row[0] for row in cursor.fetchall()]
        ids += Notification.objects.filter(at__lt=at - timedelta(days=KEEP_DAYS)).values_list("id", flat=True)[:5000]
    gone = len(ids)
    Notification.objects.filter(id__in=ids).delete()
    Push.objects.filter(due_at__lt=at - PUSH_GOOD_FOR).delete()
    Device.objects.filter(member__is_active=False).delete()
    return gone
