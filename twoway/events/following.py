"""Following what happens: every event once, in batches, and none of the intake's rows written to.

Each follower has a place of its own in the outbox (`models.Follower`). Ids are taken in order. One that is missing may
belong to a transaction that is not yet committed: it stays in `gaps` for a minute and is looked for again. The place
and whatever the follower does are written in one transaction, by one worker at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import structlog
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError, connection, transaction

from twoway.events.models import Follower

log = structlog.get_logger(__name__)

BATCH = 2000
LATE_AFTER = 60.0
"""Seconds a transaction may take between its id and its commit; intake breaks off after five."""
MOST_GAPS = 500
EVERYBODYS = (OperationalError, InterfaceError, ProgrammingError, InternalError)
"""What is no fault of one row: a lost database, a deadlock, tables of another version."""

Gap = list[float]
"""First and last missing id, and when that was noticed, in seconds since 1970."""


class Seen(NamedTuple):
    """One event as it stands in the outbox; `data` holds the fields of its own."""

    id: int
    type: str
    workspace_id: int
    conversation_id: int | None
    contact_id: int | None
    message_id: int | None
    member_id: int | None
    data: dict[str, Any]
    at: datetime


_STANDING = """
SELECT 1 FROM event_follower JOIN event_id_seq ON event_follower.high = event_id_seq.last_value
WHERE name = %s AND gaps = '[]'::jsonb
"""
_READ = """
SELECT id, type, workspace_id, conversation_id, contact_id, message_id, member_id,
       CASE WHEN type = ANY(%(types)s) THEN data ELSE '{{}}'::jsonb END, at
FROM event WHERE {which} ORDER BY id LIMIT %(limit)s
"""
_NEW = _READ.format(which="id > %(after)s")
_LATE = _READ.format(which="id >= %(first)s AND id <= %(last)s")


def follow(
    name: str,
    handle: Callable[[Sequence[Seen]], None],
    *,
    types: Collection[str],
    at: datetime,
    limit: int = BATCH,
) -> int:
    """Hand `handle` the events of these types written since the last round of follower `name`, in order of id.

    The answer is how many events were passed, of any type; 0 while another worker is at it. A new follower begins with
    what comes from now on. What `handle` raises undoes the round, which then comes again.
    """
    if _has_read_all(name):
        return 0
    with transaction.atomic():
        if not _is_ours(name):
            return 0
        place = Follower.objects.filter(name=name).first() or _begun(name)
        wanted = sorted(types)
        taken = _taken()
        late, left = _late(place.gaps, at, wanted)
        new = _rows(_NEW, wanted, after=place.high, limit=limit)
        gaps = (left + _missing(place.high, [row.id for row in new], at))[-MOST_GAPS:]
        high = new[-1].id if new else _after_the_last(name, place.high, taken, at)
        if high != place.high or gaps != place.gaps:
            place.high, place.gaps = high, gaps
            place.save()
        rows = sorted((row for row in late + new if row.type in types), key=lambda row: row.id)
        if rows:
            handle(rows)
    return len(late) + len(new)


def apart(rows: Sequence[Seen], handle: Callable[[Sequence[Seen]], None], *, name: str) -> None:
    """Hand `handle` all of these at once. If that fails, each workspace's by themselves, and of one that fails each
    conversation's: what can't be handled is left out, with a line in the log, and stops nobody else.

    What is `EVERYBODYS` is raised as it is: the round comes again.
    """
    if not rows:
        return
    try:
        with transaction.atomic():
            handle(rows)
        return
    except EVERYBODYS:
        raise
    except Exception:
        parts = _parts(rows)
        if len(parts) == 1:
            ids = {"workspace_id": rows[0].workspace_id, "conversation_id": rows[0].conversation_id}
            log.exception("event_left_out", follower=name, **ids)
            return
    for part in parts:
        apart(part, handle, name=name)


def _parts(rows: Sequence[Seen]) -> list[list[Seen]]:
    """By workspace, and those of one workspace by conversation."""
    is_one = len({row.workspace_id for row in rows}) == 1
    parts: dict[int, list[Seen]] = defaultdict(list)
    for row in rows:
        parts[(row.conversation_id or 0) if is_one else row.workspace_id].append(row)
    return [parts[key] for key in sorted(parts)]


def _has_read_all(name: str) -> bool:
    """Whether nobody has taken an id since this follower read the last one, and none is missing. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [name])
        return cursor.fetchone() is not None


def _is_ours(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1))", [f"follower {name}"])
        return bool(cursor.fetchone()[0])


def _begun(name: str) -> Follower:
    """A new place; what there is already is passed over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM event")
        return Follower.objects.create(name=name, high=cursor.fetchone()[0])


_waits_for: dict[str, tuple[int, datetime]] = {}
"""By follower, the last id somebody has taken and nobody has committed, and since when. Lost, it begins again."""


def _after_the_last(name: str, high: int, taken: int, at: datetime) -> int:
    """Where to go on when nothing is new: a last id that was taken a minute ago and not committed was given back."""
    if taken <= high:
        return high
    known, since = _waits_for.get(name, (0, at))
    if known != taken or since > at:
        _waits_for[name] = (taken, at)
        return high
    return taken if (at - since).total_seconds() >= LATE_AFTER else high


def _taken() -> int:
    """The last id that was taken, committed or not; 0 before the first. Asked before the events are read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_id_seq")
        return int(cursor.fetchone()[0])


def _late(gaps: Sequence[Gap], at: datetime, types: list[str]) -> tuple[list[Seen], list[Gap]]:
    """What has been committed in the gaps since, and the gaps that are left."""
    now, found, left = at.timestamp(), list[Seen](), list[Gap]()
    for first, last, noticed in gaps:
        rows = _rows(_LATE, types, first=first, last=last, limit=BATCH)
        found += rows
        if now - noticed < LATE_AFTER:
            left += [[a, b, noticed] for a, b in holes(int(first) - 1, [row.id for row in rows], int(last) + 1)]
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


def _rows(statement: str, types: list[str], **names: float) -> list[Seen]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"types": types, **names})
        return [Seen(*row)._replace(data=_data(row[7])) for row in cursor.fetchall()]


def _data(told: Any) -> dict[str, Any]:
    """JSON as the driver gives it: read already, or as text."""
    found = orjson.loads(told) if isinstance(told, (str, bytes)) else told
    return found if isinstance(found, dict) else {}
