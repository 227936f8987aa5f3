"""Long texts that arrive in parts: each part is kept in the transaction that takes it in, and the text appears once.

Parts of one text have the same numbers and reference. References are small numbers that phones use again, so a part
joins only what has been waiting for less than `LONGEST_WAIT`. After that the text is shown with a mark where a part is
missing, and a part that comes within `LATE` after that is shown by itself. The words of a part are kept until its text
is shown, and no longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from django.conf import settings
from psycopg import AsyncConnection
from psycopg.rows import class_row

from twoway.messaging import database, inbound, shielding, shielding_raw
from twoway.messaging.directory import Directory, Route
from twoway.messaging.rows import InboundRow, Piece
from twoway.providers.base import Inbound
from twoway.sms import pieces

log = structlog.get_logger(__name__)

LONGEST_WAIT = timedelta(minutes=10)
LATE = timedelta(hours=1)
KEPT = timedelta(days=3)
"""Providers deliver again for a day; until then a part must be known as one we have."""
MOST_PER_SWEEP = 200


@dataclass(frozen=True, kw_only=True)
class Key:
    """What the parts of one text share."""

    channel: int
    sender: str
    recipient: str
    reference: str

    @property
    def values(self) -> dict[str, Any]:
        return {"c": self.channel, "s": self.sender, "r": self.recipient, "reference": self.reference}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One part in the table."""

    id: int
    number: int
    total: int
    provider_id: str
    words: bytes
    state: str
    trace: str
    sent_at: datetime | None
    received_at: datetime


LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key"

OF_TEXT = """
    SELECT id, number, total, provider_id, words, state, trace, sent_at, received_at FROM inbound_part
    WHERE channel_id = %(c)s AND sender = %(s)s AND recipient = %(r)s AND reference = %(reference)s
      AND (state = 'open' OR (state = 'shown' AND received_at > %(after)s))
    ORDER BY number, id
"""

ADD = """
    INSERT INTO inbound_part (channel_id, sender, recipient, reference, number, total, provider_id, words, state, trace,
                              sent_at, received_at)
    VALUES (%(c)s, %(s)s, %(r)s, %(reference)s, %(number)s, %(total)s, %(provider_id)s, %(words)s, %(state)s, %(trace)s,
            %(sent_at)s, %(at)s)
    ON CONFLICT (channel_id, provider_id) DO NOTHING RETURNING id
"""

IS_KNOWN = "SELECT 1 FROM inbound_part WHERE channel_id = %s AND provider_id = %s"

MARK = "UPDATE inbound_part SET state = %s, words = '' WHERE id = ANY(%s)"

JOINED = """
    UPDATE inbound_part SET state = 'joined', words = ''
    WHERE channel_id = %(c)s AND sender = %(s)s AND recipient = %(r)s AND reference = %(reference)s AND state = 'open'
"""

OVERDUE = """
    SELECT DISTINCT channel_id, sender, recipient, reference FROM inbound_part
    WHERE state = 'open' AND received_at <= %s LIMIT %s
"""

FORGET = "DELETE FROM inbound_part WHERE state <> 'open' AND received_at < %s"


async def gather(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> list[InboundRow]:
    """The rows to store now, within the caller's transaction: parts are kept, and complete texts take their place.

    Takes a lock for each text in parts, so that two parts that come at the same moment see each other.
    """
    if not any(row.part for row in rows):
        return list(rows)
    await _lock(connection, {_key(row) for row in rows if row.part})
    ready: list[InboundRow] = []
    for row in rows:
        if row.part is None:
            ready.append(row)
        else:
            ready += await _take(connection, row, row.part)
    return ready


def _key(row: InboundRow) -> Key:
    reference = row.part.reference if row.part else ""
    return Key(channel=row.route.id, sender=row.sender, recipient=row.recipient, reference=reference)


async def _lock(connection: AsyncConnection[Any], keys: set[Key]) -> None:
    """In one order everywhere, so that nobody waits in a ring."""
    names = sorted(f"{key.channel} {key.sender} {key.recipient} {key.reference}" for key in keys)
    await connection.execute(LOCK, (names,))


async def _take(connection: AsyncConnection[Any], row: InboundRow, piece: Piece) -> list[InboundRow]:
    """Keep one part; the texts that are to be stored because of it, mostly none or one."""
    cursor = await connection.execute(IS_KNOWN, (row.route.id, row.provider_id))
    if await cursor.fetchone() is not None:
        return []
    key, known = _key(row), await _of_text(connection, _key(row), after=row.at - LATE - LONGEST_WAIT)
    waiting = [one for one in known if one.state == "open"]
    ready: list[InboundRow] = []
    if any(one.number == piece.number and bytes(one.words) == piece.words for one in waiting):
        log.info("part_came_twice", trace=row.trace, number=piece.number)
        return []
    if waiting and not _belongs(piece, waiting, at=row.at):
        ready.append(await _show(connection, row.route, key, waiting))
        waiting = []
    elif not waiting and _is_late(piece, known):
        await _add(connection, row, piece, state="shown")
        return [_whole(row.route, key, row.trace, [(row.provider_id, row.at, row.sent_at)], _late(piece))]
    await _add(connection, row, piece, state="open")
    if len(waiting) + 1 == piece.total:
        ready.append(await _complete(connection, row, piece, waiting))
    return ready


async def _of_text(connection: AsyncConnection[Any], key: Key, *, after: datetime) -> list[Kept]:
    async with connection.cursor(row_factory=class_row(Kept)) as cursor:
        await cursor.execute(OF_TEXT, {**key.values, "after": after})
        return await cursor.fetchall()


def _belongs(piece: Piece, waiting: Sequence[Kept], *, at: datetime) -> bool:
    """Whether a part is of the text that waits: the same total, its place free, and none of it too old."""
    return all(
        one.total == piece.total and one.number != piece.number and one.received_at > at - LONGEST_WAIT
        for one in waiting
    )


def _is_late(piece: Piece, known: Sequence[Kept]) -> bool:
    """Whether it is the missing part of a text that was shown with a gap."""
    shown = [one for one in known if one.state == "shown"]
    return bool(shown) and all(one.total == piece.total and one.number != piece.number for one in shown)


async def _add(connection: AsyncConnection[Any], row: InboundRow, piece: Piece, *, state: str) -> None:
    values = {
        **_key(row).values,
        "number": piece.number,
        "total": piece.total,
        "provider_id": row.provider_id,
        "words": piece.words if state == "open" else b"",
        "state": state,
        "trace": row.trace,
        "sent_at": row.sent_at,
        "at": row.at,
    }
    await connection.execute(ADD, values)


async def _complete(
    connection: AsyncConnection[Any], row: InboundRow, piece: Piece, waiting: Sequence[Kept]
) -> InboundRow:
    await connection.execute(JOINED, _key(row).values)
    words = {one.number: bytes(one.words) for one in waiting} | {piece.number: piece.words}
    stamps = {one.number: (one.provider_id, one.received_at, one.sent_at) for one in waiting}
    stamps[piece.number] = (row.provider_id, row.at, row.sent_at)
    in_order = [stamps[number] for number in sorted(stamps)]
    return _whole(row.route, _key(row), row.trace, in_order, pieces.join(_texts(words), piece.total))


async def _show(connection: AsyncConnection[Any], route: Route, key: Key, waiting: Sequence[Kept]) -> InboundRow:
    """A text that will not be complete, with a mark where a part is missing."""
    await connection.execute(MARK, ("shown", [one.id for one in waiting]))
    words = _texts({one.number: bytes(one.words) for one in waiting})
    stamps = [(one.provider_id, one.received_at, one.sent_at) for one in waiting]
    log.warning("text_shown_without_a_part", trace=waiting[-1].trace, parts=sorted(words), total=waiting[0].total)
    return _whole(route, key, waiting[-1].trace, stamps, pieces.join(words, waiting[0].total))


def _texts(words: Mapping[int, bytes]) -> dict[int, str]:
    return {number: one.decode("utf-16-be", "surrogatepass") for number, one in words.items()}


def _late(piece: Piece) -> str:
    return pieces.late(piece.words.decode("utf-16-be", "surrogatepass"), piece.number, piece.total)


Stamp = tuple[str, datetime, datetime | None]
"""A part's id at the provider, when it came, and when it was sent."""


def _whole(route: Route, key: Key, trace: str, stamps: Sequence[Stamp], body: str) -> InboundRow:
    """One text of several parts: it has the id of its first part, and came when the last one did."""
    sent = [moment for _, _, moment in stamps if moment is not None]
    text = Inbound(
        provider_id=stamps[0][0],
        sender=key.sender,
        recipient=key.recipient,
        body=body,
        segments=len(stamps),
        sent_at=min(sent, default=None),
    )
    row = inbound.row(route=route, text=text, trace=trace, at=max(came for _, came, _ in stamps))
    row.kinds = shielding_raw.in_order((*row.kinds, *shielding.marked(row.body)))
    return row


# Those that wait too long


def sweep(*, at: datetime) -> int:
    """Show the texts whose parts have waited long enough, and forget old parts; how many texts were shown."""
    return asyncio.run(_sweep(at))


async def _sweep(at: datetime) -> int:
    directory = Directory(settings.SEALING_KEY)
    async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
        await connection.execute(FORGET, (at - KEPT,))
        cursor = await connection.execute(OVERDUE, (at - LONGEST_WAIT, MOST_PER_SWEEP))
        overdue = [Key(channel=c, sender=s, recipient=r, reference=f) for c, s, r, f in await cursor.fetchall()]
        if overdue:
            await directory.refresh(connection)
        return sum([await _release(connection, directory, key, at) for key in overdue])


async def _release(connection: AsyncConnection[Any], directory: Directory, key: Key, at: datetime) -> bool:
    route = directory.by_id(key.channel)
    if route is None:
        return False
    try:
        async with connection.transaction():
            await _lock(connection, {key})
            waiting = [one for one in await _of_text(connection, key, after=at) if one.state == "open"]
            if not waiting or min(one.received_at for one in waiting) > at - LONGEST_WAIT:
                return False
            await inbound.store(connection, [await _show(connection, route, key, waiting)])
    except inbound.Incomplete:
        return False  # the next sweep finds it again
    return True
