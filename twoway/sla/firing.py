"""Warnings and breaches: each is told once, with any number of workers and after a crash."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from twoway.conversations.models import Conversation
from twoway.events.actions import Audience, notify, publish_many
from twoway.events.types import ClockBreached, ClockWarned, Happened
from twoway.sla.models import Clock
from twoway.sla.reading import NAME, TYPES

AT_ONCE = 500
BEHIND = timedelta(seconds=2)
"""Nothing is told while an older event than this waits to be read: it may be the answer."""

_ANY_DUE = """
SELECT EXISTS (SELECT FROM sla_clock WHERE ended_at IS NULL AND breached_at IS NULL AND due_at <= %(at)s)
    OR EXISTS (SELECT FROM sla_clock WHERE ended_at IS NULL AND warned_at IS NULL AND breached_at IS NULL
               AND warn_at <= %(at)s)
"""
_UNREAD = """
SELECT EXISTS (
    SELECT FROM event WHERE id > coalesce((SELECT high FROM event_follower WHERE name = %(name)s), 0)
      AND at < %(before)s AND type = ANY(%(types)s) ORDER BY id LIMIT 1)
"""


def fire(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Tell what is due by now; how many. 0 while there is still something to read that could have met it."""
    if not _is_any_due(at) or _is_behind(at):
        return 0
    with transaction.atomic():
        late = list(_due("due_at", at).filter(breached_at=None).order_by("due_at")[:limit])
        soon = list(
            _due("warn_at", at)
            .filter(warned_at=None, breached_at=None)
            .exclude(id__in=[row.pk for row in late])
            .order_by("warn_at")[:limit]
        )
        _told(late, soon, at=at)
    return len(late) + len(soon)


def _due(column: str, at: datetime) -> QuerySet[Clock]:
    rows = Clock.objects.select_for_update(skip_locked=True)
    return rows.filter(ended_at=None, **{f"{column}__isnull": False, f"{column}__lte": at})


def _is_any_due(at: datetime) -> bool:
    """One statement, and the only one of most rounds."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY_DUE, {"at": at})
        return bool(cursor.fetchone()[0])


def _is_behind(at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, {"name": NAME, "before": at - BEHIND, "types": sorted(TYPES)})
        return bool(cursor.fetchone()[0])


def _told(late: list[Clock], soon: list[Clock], *, at: datetime) -> None:
    events: list[Happened] = []
    for row in late:
        row.breached_at, row.warned_at = row.due_at, row.warned_at or at
        events.append(_event(ClockWarned if row.kind == "wrap_up" else ClockBreached, row))
    for row in soon:
        row.warned_at = at
        events.append(_event(ClockWarned, row))
    if not events:
        return
    Clock.objects.bulk_update([*late, *soon], ["warned_at", "breached_at"])
    publish_many(events, at=at)
    _draw_anew([row.conversation_id for row in (*late, *soon)])


def _event(which: type[ClockWarned | ClockBreached], row: Clock) -> Happened:
    return which(
        workspace_id=row.workspace_id,
        conversation_id=row.conversation_id,
        clock_id=row.pk,
        kind=row.kind,
        policy_id=row.policy_id,
    )


def _draw_anew(ids: list[int]) -> None:
    """Tell open desks, so that they show it at once."""
    told: dict[int, list[Audience]] = defaultdict(list)
    rows = Conversation.objects.filter(id__in=ids).values_list("workspace_id", "id", "team_id", "assignee_id")
    for workspace_id, key, team_id, assignee_id in rows:
        told[workspace_id].append((key, team_id, assignee_id))
    for workspace_id, conversations in told.items():
        notify(workspace_id=workspace_id, conversations=conversations)
