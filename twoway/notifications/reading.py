"""Reading the outbox on: every event once, in batches, and none of the intake's rows written to.

Ids are taken in order. One that is missing may belong to a transaction that is not yet committed: it stays in `gaps`
for a minute and is looked for again. Place and notifications are written in one transaction, by one worker at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from twoway.notifications import rules, telling, waiting
from twoway.notifications.models import Place

BATCH = 2000
LATE_AFTER = 60.0
"""Seconds a transaction may take between its id and its commit; intake breaks off after five."""
MOST_GAPS = 500
WAITING_EVERY = timedelta(seconds=20)

Gap = list[float]
"""First and last missing id, and when that was noticed, in seconds since 1970."""

_READ = """
SELECT id, type, workspace_id, conversation_id, message_id, member_id, data, at FROM event WHERE {which} ORDER BY id
LIMIT %(limit)s
"""
_NEW = _READ.format(which="id > %(after)s")
_LATE = _READ.format(which="id >= %(first)s AND id <= %(last)s")


def round_of(*, at: datetime, limit: int = BATCH) -> int:
    """Tell members of what was written since the last round; how many events were read. 0 while another worker is
    at it."""
    with transaction.atomic():
        if not _is_ours():
            return 0
        place = _place(at)
        late, left = _late(place.gaps, at)
        new = _rows(_NEW, after=place.high, limit=limit)
        place.gaps = (left + _missing(place.high, [row[0] for row in new], at))[-MOST_GAPS:]
        place.high = new[-1][0] if new else place.high
        rows = sorted(late + new)
        telling.tell([telling.seen(row) for row in rows if row[1] in rules.EVENTS], at=at)
        if at - place.waiting_at >= WAITING_EVERY:
            waiting.look(since=place.waiting_at, at=at)
            place.waiting_at = at
        place.save()
    return len(rows)


def _is_ours() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('notifications', 0))")
        return bool(cursor.fetchone()[0])


def _place(at: datetime) -> Place:
    """How far it was read; the first time, what there is already is passed over."""
    found = Place.objects.filter(id=1).first()
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM event")
            found = Place(id=1, high=cursor.fetchone()[0], gaps=[], waiting_at=at)
    return found


def _late(gaps: Sequence[Gap], at: datetime) -> tuple[list[tuple[Any, ...]], list[Gap]]:
    """What has been committed in the gaps since, and the gaps that are left."""
    now, found, left = at.timestamp(), list[tuple[Any, ...]](), list[Gap]()
    for first, last, noticed in gaps:
        rows = _rows(_LATE, first=first, last=last, limit=BATCH)
        found += rows
        if now - noticed < LATE_AFTER:
            left += [[a, b, noticed] for a, b in holes(int(first) - 1, [row[0] for row in rows], int(last) + 1)]
    return found, left


def _missing(high: int, ids: Sequence[int], at: datetime) -> list[Gap]:
    return [[first, last, at.timestamp()] for first, last in holes(high, ids, None)]


def holes(before: int, ids: Sequence[int], until: int | None) -> list[tuple[int, int]]:
    """The stretches between `before`, these ids in order and `until` where no id is; ends included."""
    found, expected = [], before + 1
    for each in [*ids, *([] if until is None else [until])]:
        if each > expected:
            found.append((expected, each - 1))
        expected = each + 1
    return found


def _rows(statement: str, **names: float) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())
