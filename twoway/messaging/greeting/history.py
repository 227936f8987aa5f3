"""The waits of the last weeks, from the texts there are: so that a workspace need not wait eight weeks for the first
estimate."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from twoway.channels.queries import calendars_of
from twoway.messaging.greeting import live
from twoway.messaging.greeting.models import FirstWait, GreetingSettings
from twoway.messaging.greeting.wait.rules import WEEKS
from twoway.teams.hours.rules import is_open, open_seconds

MOST = 100_000
"""So many of the newest episodes are looked at."""
_CHUNK = 2000

_PAST = """
SELECT c.id, c.channel_id, c.team_id, e.number, i.created_at, o.sent_at
FROM conversation c
JOIN episode e ON e.conversation_id = c.id AND e.opened_at >= %(since)s
CROSS JOIN LATERAL (
    SELECT m.id, m.created_at FROM message m
    WHERE m.conversation_id = c.id AND m.direction = 'in' AND m.created_at >= e.opened_at
      AND (e.closed_at IS NULL OR m.created_at <= e.closed_at)
    ORDER BY m.id LIMIT 1) i
CROSS JOIN LATERAL (
    SELECT m.id, coalesce(m.sent_at, m.delivered_at) AS sent_at FROM message m
    WHERE m.conversation_id = c.id AND m.direction = 'out' AND m.author IN ('member', 'api')
      AND m.purpose IN ('', 'reply') AND m.created_at >= e.opened_at
      AND (e.closed_at IS NULL OR m.created_at <= e.closed_at)
    ORDER BY m.id LIMIT 1) o
WHERE c.workspace_id = %(workspace)s AND c.last_inbound_at >= %(since)s AND o.id > i.id AND o.sent_at IS NOT NULL
ORDER BY e.opened_at DESC LIMIT %(most)s
"""


def learn_all(*, at: datetime) -> int:
    """Count the waits of before of each workspace that has not yet; how many waits."""
    waiting = GreetingSettings.objects.filter(history_at=None).values_list("workspace_id", flat=True)
    return sum(learn(workspace_id=key, at=at) for key in list(waiting))


@transaction.atomic
def learn(*, workspace_id: int, at: datetime) -> int:
    """Count the waits of before of one workspace, once; how many. How busy it was then, nobody knows any more."""
    row = GreetingSettings.objects.select_for_update().filter(workspace_id=workspace_id, history_at=None).first()
    if row is None:
        return 0
    calendars = calendars_of(workspace_id, at)
    with connection.cursor() as cursor:
        cursor.execute(_PAST, {"workspace": workspace_id, "since": at - timedelta(weeks=WEEKS), "most": MOST})
        past = cursor.fetchall()
    waits = []
    for conversation, channel, team, episode, began, ended in past:
        calendar = calendars.of(team, channel)
        if not is_open(calendar, began):
            continue
        waits.append(
            FirstWait(
                workspace_id=workspace_id,
                conversation_id=conversation,
                channel_id=channel,
                team_id=team,
                episode=episode,
                began_at=began,
                hour=live.hour_of(calendar, began),
                ended_at=max(began, ended),
                seconds=open_seconds(calendar, began, ended),
            )
        )
    FirstWait.objects.bulk_create(waits, ignore_conflicts=True, batch_size=_CHUNK)
    row.history_at = at
    row.save(update_fields=["history_at"])
    return len(waits)
