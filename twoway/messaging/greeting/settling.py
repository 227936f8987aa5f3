"""What became of promises: kept when the answer left in time, broken when it did not; and what is learned from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from twoway.channels.queries import Calendars, calendars_of
from twoway.messaging.greeting.models import Correction, FirstWait, Greeting, Promise
from twoway.messaging.greeting.wait import rules
from twoway.teams.hours.rules import open_seconds

AT_ONCE = 500
LET_PASS = timedelta(minutes=2)
"""So long after its time an answer may still turn out to have left before it."""
KEEP_WAITS = timedelta(weeks=rules.WEEKS + 2)
KEEP_PROMISES = timedelta(days=400)

_LEFT = """
SELECT x.id, m.id IS NULL OR m.status IN ('canceled', 'failed', 'undelivered'), m.sent_at
FROM {table} x LEFT JOIN message m ON m.id = x.answer_id
WHERE x.{ended} IS NULL AND x.answer_id IS NOT NULL
  AND (m.id IS NULL OR m.sent_at IS NOT NULL OR m.status IN ('canceled', 'failed', 'undelivered'))
ORDER BY x.id LIMIT %(most)s
"""
_WAITS = _LEFT.format(table="first_wait", ended="ended_at")
_PROMISES = _LEFT.format(table="wait_promise", ended="answered_at")


@transaction.atomic
def settle(*, at: datetime) -> int:
    """Count what was answered, and what ran out; how many rows changed. One worker at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('greeting settles', 0))")
        if not cursor.fetchone()[0]:
            return 0
    return _waits() + _answered(at) + _ran_out(at)


def _left(statement: str) -> tuple[list[int], dict[int, datetime]]:
    """Rows whose answer never left, and when those left that did."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"most": AT_ONCE})
        rows = cursor.fetchall()
    return [row[0] for row in rows if row[1]], {row[0]: row[2] for row in rows if not row[1]}


def _waits() -> int:
    lost, left = _left(_WAITS)
    if lost:
        FirstWait.objects.filter(id__in=lost).update(answer_id=None)
    waits = list(FirstWait.objects.filter(id__in=left)) if left else []
    calendars = _calendars({row.workspace_id for row in waits}, left.values())
    for row in waits:
        row.ended_at = max(left[row.pk], row.began_at)
        calendar = calendars[row.workspace_id].of(row.team_id, row.channel_id)
        row.seconds = open_seconds(calendar, row.began_at, row.ended_at)
    FirstWait.objects.bulk_update(waits, ["ended_at", "seconds"])
    return len(lost) + len(waits)


def _answered(at: datetime) -> int:
    lost, left = _left(_PROMISES)
    if lost:
        Promise.objects.filter(id__in=lost).update(answer_id=None)
    rows = list(Promise.objects.filter(id__in=left).order_by("made_at", "id")) if left else []
    calendars = _calendars({row.workspace_id for row in rows}, left.values())
    settled = []
    for row in rows:
        row.answered_at = max(left[row.pk], row.made_at)
        calendar = calendars[row.workspace_id].of(row.team_id, row.channel_id)
        row.waited_seconds = open_seconds(calendar, row.made_at, row.answered_at)
        if not row.outcome:
            row.outcome = "void" if row.due_at is None else "kept" if row.answered_at <= row.due_at else "broken"
            row.settled_at = at
            settled.append(row)
    Promise.objects.bulk_update(rows, ["answered_at", "waited_seconds", "outcome", "settled_at"])
    _learn(settled, at)
    return len(lost) + len(rows)


def _ran_out(at: datetime) -> int:
    """Promises whose time has passed without an answer."""
    due = Promise.objects.filter(outcome="", due_at__lte=at - LET_PASS).order_by("due_at", "id")
    rows = list(due.select_for_update(skip_locked=True)[:AT_ONCE])
    for row in rows:
        row.outcome, row.settled_at = "broken", at
    Promise.objects.bulk_update(rows, ["outcome", "settled_at"])
    _learn(rows, at)
    return len(rows)


def _learn(rows: Sequence[Promise], at: datetime) -> None:
    """Move each number's correction by what became of its promises."""
    of_channel: dict[int, list[Promise]] = defaultdict(list)
    for row in rows:
        if row.outcome in {"kept", "broken"}:
            of_channel[row.channel_id].append(row)
    for channel_id, promises in sorted(of_channel.items()):
        kept, _ = Correction.objects.get_or_create(channel_id=channel_id, defaults={"changed_at": at})
        shift = kept.shift
        for row in promises:
            shift = rules.learned(shift, kept=row.outcome == "kept", percentile=row.percentile)
        Correction.objects.filter(channel_id=channel_id).update(
            shift=shift, promises=F("promises") + len(promises), changed_at=at
        )


def _calendars(workspace_ids: Iterable[int], moments: Iterable[datetime]) -> dict[int, Calendars]:
    newest = max(moments, default=None)
    return {key: calendars_of(key, newest) for key in workspace_ids if newest is not None}


@transaction.atomic
def prune(*, at: datetime) -> int:
    """Take away waits too old to count, and promises nobody reports on any more; how many."""
    waits, _ = FirstWait.objects.filter(began_at__lt=at - KEEP_WAITS).delete()
    promises, _ = Promise.objects.filter(made_at__lt=at - KEEP_PROMISES).delete()
    return waits + promises


def forget(*, conversation_ids: Sequence[int], at: datetime) -> None:
    """Let go of conversations whose person is erased: what waits or was noted goes, figures stay without them."""
    Greeting.objects.filter(conversation_id__in=conversation_ids).delete()
    rows = Promise.objects.filter(conversation_id__in=conversation_ids)
    rows.filter(outcome="").update(outcome="void", settled_at=at)
    rows.update(conversation=None, message_id=None, answer_id=None)
    FirstWait.objects.filter(conversation_id__in=conversation_ids, ended_at=None).delete()
    FirstWait.objects.filter(conversation_id__in=conversation_ids).update(conversation=None, answer_id=None)
