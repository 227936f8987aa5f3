"""What became of promises: kept when the answer left in time, broken when it did not; and what is learned from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from twoway.channels.queries import Calendars, calendars_of
from twoway.messaging.greeting import calling, waiting
from twoway.messaging.greeting.calling import Talk
from twoway.messaging.greeting.models import Correction, FirstWait, Greeting, Promise
from twoway.messaging.greeting.queries import settings_of
from twoway.messaging.greeting.wait import rules
from twoway.messaging.models import Message
from twoway.messaging.rules import LOST
from twoway.teams.hours.rules import due_after, open_seconds

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
# The next answer that was written and is not lost, for those whose answer is.
_NEXT = """
UPDATE {table} x SET answer_id = (
    SELECT min(m.id) FROM message m
    WHERE m.conversation_id = x.conversation_id AND m.id > x.answer_id AND m.direction = 'out'
      AND m.author IN ('member', 'api') AND m.purpose IN ('', 'reply')
      AND m.status NOT IN ('canceled', 'failed', 'undelivered'))
WHERE x.id = ANY(%(ids)s)
"""
_OVERLOOKED = """
SELECT p.id, min(m.sent_at) FROM wait_promise p JOIN message m ON m.conversation_id = p.conversation_id
WHERE p.id = ANY(%(ids)s) AND m.id > p.message_id AND m.direction = 'out' AND m.author IN ('member', 'api')
  AND m.purpose IN ('', 'reply') AND m.sent_at IS NOT NULL AND m.status NOT IN ('canceled', 'failed', 'undelivered')
GROUP BY 1
"""
_TABLES = {FirstWait: "first_wait", Promise: "wait_promise"}
_ENDED = {FirstWait: "ended_at", Promise: "answered_at"}


@transaction.atomic
def settle(*, at: datetime) -> int:
    """Count what was answered, and what ran out; how many rows changed. One worker at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('greeting settles', 0))")
        if not cursor.fetchone()[0]:
            return 0
    return _waits() + _answered(at) + _ran_out(at)


def _left(model: type[FirstWait | Promise]) -> tuple[list[int], dict[int, datetime]]:
    """Rows whose answer never left, and when those left that did."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT.format(table=_TABLES[model], ended=_ENDED[model]), {"most": AT_ONCE})
        rows = cursor.fetchall()
    return [row[0] for row in rows if row[1]], {row[0]: row[2] for row in rows if not row[1]}


def _pass_on(model: type[FirstWait | Promise], ids: Sequence[int]) -> None:
    """The answer of these is lost: the next one is theirs, if there is one."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT.format(table=_TABLES[model]), {"ids": list(ids)})


def _waits() -> int:
    lost, left = _left(FirstWait)
    _pass_on(FirstWait, lost)
    _finish_waits(list(FirstWait.objects.filter(id__in=left)) if left else [], left)
    return len(lost) + len(left)


def _finish_waits(waits: Sequence[FirstWait], ended: Mapping[int, datetime]) -> None:
    calendars = _calendars({row.workspace_id for row in waits}, ended.values())
    for row in waits:
        row.ended_at = max(ended[row.pk], row.began_at)
        calendar = calendars[row.workspace_id].of(row.team_id, row.channel_id)
        row.seconds = open_seconds(calendar, row.began_at, row.ended_at)
    FirstWait.objects.bulk_update(waits, ["ended_at", "seconds"])


def _answered(at: datetime) -> int:
    lost, left = _left(Promise)
    _pass_on(Promise, lost)
    _finish_promises(list(Promise.objects.filter(id__in=left).order_by("made_at", "id")) if left else [], left, at)
    return len(lost) + len(left)


def _finish_promises(rows: Sequence[Promise], ended: Mapping[int, datetime], at: datetime) -> None:
    calendars = _calendars({row.workspace_id for row in rows}, ended.values())
    settled = []
    for row in rows:
        row.answered_at = max(ended[row.pk], row.made_at)
        calendar = calendars[row.workspace_id].of(row.team_id, row.channel_id)
        row.waited_seconds = open_seconds(calendar, row.made_at, row.answered_at)
        if not row.outcome:
            row.outcome = "void" if row.due_at is None else "kept" if row.answered_at <= row.due_at else "broken"
            row.settled_at = at
            settled.append(row)
    Promise.objects.bulk_update(rows, ["answered_at", "waited_seconds", "outcome", "settled_at"])
    _learn(settled, at)


def _ran_out(at: datetime) -> int:
    """Promises whose time has passed without an answer: broken, unless nobody waited for one any more."""
    due = Promise.objects.filter(outcome="", due_at__lte=at - LET_PASS).order_by("due_at", "id")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("conversation")[:AT_ONCE])
    if not rows:
        return 0
    talks = calling.talks_in([row.conversation_id or 0 for row in rows], since=min(row.made_at for row in rows))
    _hear(rows, talks, at)
    _look_again([row for row in rows if not row.outcome], at)
    left = [row for row in rows if not row.outcome]
    for row in left:
        row.outcome, row.settled_at = ("broken" if waiting.is_awaited(row) else "void"), at
    Promise.objects.bulk_update(left, ["outcome", "settled_at"])
    _learn(left, at)
    return len(rows)


def _look_again(rows: Sequence[Promise], at: datetime) -> None:
    """Answers that left although nobody told us: nothing is followed while every automatic text is switched off."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERLOOKED, {"ids": [row.pk for row in rows]})
        left = dict(cursor.fetchall())
    _finish_promises([row for row in rows if row.pk in left], left, at)


# What else settles it, or unsettles it --------------------------------------------------------------------------------


@transaction.atomic
def talked(talks: Sequence[Talk], *, at: datetime) -> None:
    """Somebody talked with these customers on the phone: whoever waited has heard back."""
    if not talks:
        return
    ids = {talk.conversation_id for talk in talks}
    waits = list(FirstWait.objects.filter(conversation_id__in=ids, ended_at=None))
    heard = _ends([(row.pk, row.conversation_id, row.began_at) for row in waits], talks)
    _finish_waits([row for row in waits if row.pk in heard], heard)
    running = Promise.objects.filter(conversation_id__in=ids, answered_at=None).exclude(outcome="void")
    _hear(list(running.select_for_update(of=("self",)).order_by("made_at", "id")), talks, at)


def _hear(rows: Sequence[Promise], talks: Sequence[Talk], at: datetime) -> None:
    """Count the first talk of each."""
    heard = _ends([(row.pk, row.conversation_id, row.made_at) for row in rows], talks)
    _finish_promises([row for row in rows if row.pk in heard], heard, at)


def _ends(since: Iterable[tuple[int, int | None, datetime]], talks: Sequence[Talk]) -> dict[int, datetime]:
    """When each of these (its id, its conversation, since when they wait) first talked with somebody."""
    found: dict[int, datetime] = {}
    for key, conversation_id, moment in since:
        fits = [one for one in talks if one.conversation_id == conversation_id and one.counts_since(moment)]
        if fits:
            found[key] = max(moment, min(one.answered_at for one in fits))
    return found


@transaction.atomic
def lose(message_ids: Sequence[int], *, at: datetime) -> None:
    """These texts failed for good. What one of them promised was never said; what one answered waits for another
    answer, though it counted as kept when the text left."""
    if not message_ids:
        return
    failed = Message.objects.filter(id__in=message_ids, status__in=LOST)
    of = dict(failed.values_list("id", "conversation_id"))
    if not of:
        return
    of_talks = Promise.objects.select_for_update(of=("self",)).filter(conversation_id__in=set(of.values()))
    for row in of_talks.filter(message_id__in=of).exclude(outcome="void"):
        _unlearn(row, at)
        row.outcome, row.settled_at = "void", at
        row.save(update_fields=["outcome", "settled_at"])
    rows = list(of_talks.filter(answer_id__in=of))
    for row in rows:
        _unsettle(row, at)
    Promise.objects.bulk_update(rows, ["answered_at", "waited_seconds", "outcome", "settled_at", "warn_at"])
    _pass_on(Promise, [row.pk for row in rows])
    waits = FirstWait.objects.filter(conversation_id__in=set(of.values()), answer_id__in=of)
    keys = list(waits.values_list("id", flat=True))
    FirstWait.objects.filter(id__in=keys).update(ended_at=None, seconds=None)
    _pass_on(FirstWait, keys)


def _unsettle(row: Promise, at: datetime) -> None:
    """It is as it was before that answer. One that was broken without it stays so."""
    was_counted = row.answered_at is not None
    row.answered_at = row.waited_seconds = None
    if was_counted and (row.outcome == "kept" or (row.outcome == "void" and row.due_at is None)):
        _unlearn(row, at)
        row.outcome, row.settled_at = "", None
    if not row.outcome and row.warned_at is None and row.due_at is not None and row.said_minutes is not None:
        calendar = calendars_of(row.workspace_id, at).of(row.team_id, row.channel_id)
        warn_minutes = settings_of(row.workspace_id).warn_minutes
        row.warn_at = due_after(calendar, row.made_at, rules.warns_after(row.said_minutes, warn_minutes))


def _unlearn(row: Promise, at: datetime) -> None:
    """What it has taught its number is taken back."""
    if row.outcome not in {"kept", "broken"}:
        return
    known = Correction.objects.select_for_update().filter(channel_id=row.channel_id).first()
    if known is not None:
        known.shift = rules.unlearned(known.shift, kept=row.outcome == "kept", percentile=row.percentile)
        known.promises, known.changed_at = max(known.promises - 1, 0), at
        known.save()


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
