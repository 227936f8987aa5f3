"""The parts of texts we sent, where each part has an id and receipts of its own, and what they say of the whole text.

A receipt that names no text we know may be about one whose answer never came: when exactly one text to that person is
in doubt, it is that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.messaging import rules
from twoway.messaging.directory import Route

BAD = rules.LOST


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one receipt says, and whom the text went to."""

    route: Route
    provider_id: str
    recipient: str
    status: str
    reason: str
    error_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """What that makes of the whole text. Without a message id it says nothing about it yet."""

    message_id: int = 0
    provider_id: str = ""
    status: str = ""
    reason: str = ""
    error_code: str = ""


NOTHING_YET = Whole()

LOCK_CLASS = 0x534D5051
"""Keeps these locks apart from others in the database."""

ADD = """
    INSERT INTO sent_part (channel_id, message_id, provider_id, status)
    SELECT *, 'sending' FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) ON CONFLICT DO NOTHING
"""

LOOK_UP = """
    SELECT t.ord, part.message_id AS of_part, whole.id AS of_whole
    FROM unnest(%(workspaces)s::bigint[], %(providers)s::text[], %(ids)s::text[])
         WITH ORDINALITY AS t(w, provider, id, ord)
    LEFT JOIN LATERAL (
        SELECT p.message_id FROM sent_part p WHERE p.provider_id = t.id
            AND p.channel_id IN (SELECT id FROM channel WHERE workspace_id = t.w AND channel.provider = t.provider)
        ORDER BY p.id DESC LIMIT 1) part ON true
    LEFT JOIN LATERAL (
        SELECT m.id FROM message m WHERE m.provider_id = t.id AND m.provider_id <> '' AND m.direction = 'out'
            AND m.channel_id IN (SELECT id FROM channel WHERE workspace_id = t.w AND channel.provider = t.provider)
        LIMIT 1) whole ON true
"""

IN_DOUBT = """
    SELECT t.ord, min(m.id) AS id, min(m.segments) AS segments
    FROM unnest(%(workspaces)s::bigint[], %(channels)s::bigint[], %(recipients)s::text[])
         WITH ORDINALITY AS t(w, c, recipient, ord)
    JOIN identity i ON i.workspace_id = t.w AND i.kind = 'phone' AND i.value = t.recipient
    JOIN conversation x ON x.contact_id = i.contact_id
    JOIN LATERAL (SELECT * FROM message WHERE conversation_id = x.id ORDER BY id DESC LIMIT 30) m ON true
    WHERE m.channel_id = t.c AND m.direction = 'out' AND m.provider_id = '' AND m.recipient = t.recipient
      AND (m.status = 'sending' OR (m.status = 'failed' AND m.error = 'uncertain'))
    GROUP BY t.ord HAVING count(*) = 1 AND bool_and(m.is_uncertain OR m.status = 'failed')
"""

TEXT = "SELECT id, provider_id, segments FROM message WHERE id = %s FOR NO KEY UPDATE"
PARTS = "SELECT id, provider_id, status, error, error_code FROM sent_part WHERE message_id = %s ORDER BY id"
HEARD = "UPDATE sent_part SET status = %s, error = %s, error_code = %s WHERE id = %s"


async def lock(connection: AsyncConnection[Any], workspaces: Iterable[int], *, shared: bool) -> None:
    """Have outcomes and receipts of a workspace's sessions wait for each other, until the transaction ends.

    An answer and the receipt of the same text come within a millisecond and carry nothing of ours. Whichever is written
    second must see the first. Receipts share the lock among themselves.
    """
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    for workspace_id in sorted(set(workspaces)):
        await connection.execute(f"SELECT {name}(%s, %s)", (LOCK_CLASS, workspace_id))


async def add(connection: AsyncConnection[Any], taken: Sequence[tuple[int, int, Sequence[str]]]) -> None:
    """Keep the ids of parts that were taken: channel, message, ids."""
    rows = [(channel, message, one) for channel, message, ids in taken for one in ids]
    await connection.execute(ADD, tuple(list(column) for column in zip(*rows, strict=True)))


async def about(connection: AsyncConnection[Any], told: Sequence[Told]) -> dict[int, Whole]:
    """By its place in `told`, what a receipt about a part says of the whole text; those about whole texts are left out.

    Within the caller's transaction. The text is locked, so that receipts of its parts are counted one after another.
    """
    await lock(connection, [one.route.workspace_id for one in told], shared=True)
    found: dict[int, Whole] = {}
    unknown: list[int] = []
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(LOOK_UP, _look_up(told))
        rows = await cursor.fetchall()
    for row in sorted(rows, key=lambda row: int(row["of_part"] or 0)):
        place = row["ord"] - 1
        if row["of_part"] is not None:
            found[place] = await _hear(connection, told[place], row["of_part"])
        elif row["of_whole"] is None and told[place].recipient and told[place].provider_id:
            unknown.append(place)
    return found | await _settle_doubt(connection, told, unknown)


def _look_up(told: Sequence[Told]) -> dict[str, Any]:
    return {
        "workspaces": [one.route.workspace_id for one in told],
        "providers": [one.route.provider for one in told],
        "ids": [one.provider_id for one in told],
    }


async def _settle_doubt(
    connection: AsyncConnection[Any], told: Sequence[Told], unknown: Sequence[int]
) -> dict[int, Whole]:
    """Receipts with ids nobody knows, given to the one text to that person whose outcome is not known."""
    if not unknown:
        return {}
    found: dict[int, Whole] = {}
    names = {
        "workspaces": [told[place].route.workspace_id for place in unknown],
        "channels": [told[place].route.id for place in unknown],
        "recipients": [told[place].recipient for place in unknown],
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(IN_DOUBT, names)
        rows = await cursor.fetchall()
    for row in rows:
        place = unknown[row["ord"] - 1]
        one = told[place]
        if _parts_of(one.route, row["segments"]) > 1:
            await add(connection, [(one.route.id, row["id"], (one.provider_id,))])
            found[place] = await _hear(connection, one, row["id"])
        else:
            found[place] = Whole(
                message_id=row["id"],
                provider_id=one.provider_id,
                status=one.status,
                reason=one.reason,
                error_code=one.error_code,
            )
    return found


def _parts_of(route: Route, segments: int) -> int:
    """How many ids a text of so many segments has: one where the SMSC cuts it itself."""
    return 1 if route.account.credentials.get("concatenation") == "payload" else segments


async def _hear(connection: AsyncConnection[Any], one: Told, message_id: int) -> Whole:
    """Advance one part, and say what all parts together amount to."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(TEXT, (message_id,))
        text = await cursor.fetchone()
        await cursor.execute(PARTS, (message_id,))
        parts = await cursor.fetchall()
        if text is None:
            return NOTHING_YET
        for part in parts:
            if part["provider_id"] == one.provider_id:
                after = rules.advance(part["status"], one.status)
                if after != part["status"]:
                    error = (one.reason, one.error_code) if after in BAD else ("", "")
                    part["status"], (part["error"], part["error_code"]) = after, error
                    await cursor.execute(HEARD, (after, *error, part["id"]))
    total = _parts_of(one.route, text["segments"])
    status = rules.whole([part["status"] for part in parts], total)
    if not text["provider_id"] and len(parts) < total and status not in BAD:
        return NOTHING_YET
    bad = next((part for part in parts if part["status"] in BAD), None)
    return Whole(
        message_id=message_id,
        provider_id=text["provider_id"] or one.provider_id,
        status=status,
        reason=bad["error"] if bad else "",
        error_code=bad["error_code"] if bad else "",
    )
