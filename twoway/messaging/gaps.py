"""Comparing with the provider's own list of what we received, and asking again after texts nobody reported on.

A webhook can be lost on its way; the list still has the text. What is missing comes in by the same road as any text,
consent words included, and the thread says that it came late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.lib.logs import new_trace
from twoway.messaging import inbound, parts, receipts, rules
from twoway.messaging.directory import Directory, Route
from twoway.messaging.rows import InboundRow
from twoway.providers.base import Inbound, OutboundText, Receipt, SendError
from twoway.providers.http import Transport

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=30)
"""A webhook younger than this may still be on its way."""
OVERLAP = timedelta(minutes=20)
FIRST_LOOK_BACK = timedelta(hours=24)
LONGEST_LOOK_BACK = timedelta(days=7)
MOST_PAGES = 100
MOST_PER_STORE = 200
SILENT_FOR = timedelta(minutes=10)
ASK_FOR = timedelta(hours=24)
MOST_ASKED = 50
TRIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What one look at one channel's list found. `error` is a sentence; it is empty when all went well."""

    since: datetime
    until: datetime
    listed: int = 0
    filled: int = 0
    asked: int = 0
    changed: int = 0
    last_asked: int = 0
    error: str = ""


LAST = """
    SELECT until, error, last_asked FROM gap_check WHERE channel_id = %(channel)s ORDER BY id DESC LIMIT 1
"""

LAST_GOOD = """
    SELECT until FROM gap_check WHERE channel_id = %(channel)s AND error = '' ORDER BY id DESC LIMIT 1
"""

KEEP = """
    INSERT INTO gap_check (channel_id, at, since, until, listed, filled, asked, changed, last_asked, error)
    VALUES (%(channel)s, %(at)s, %(since)s, %(until)s, %(listed)s, %(filled)s, %(asked)s, %(changed)s, %(last_asked)s,
            %(error)s)
"""

KNOWN = "SELECT provider_id FROM message WHERE channel_id = ANY(%(channels)s) AND provider_id = ANY(%(ids)s)"

LATE = """
    INSERT INTO event (workspace_id, type, conversation_id, message_id, data, trace, at, is_pending, is_shown)
    SELECT workspace_id, 'message_backfilled', conversation_id, id, '{}', trace, %(at)s, false, true
    FROM message WHERE trace = ANY(%(traces)s) AND channel_id = ANY(%(channels)s) AND direction = 'in'
      AND created_at >= %(at)s
    RETURNING message_id
"""

SILENT = """
    SELECT id, recipient, sender, body, provider_id, status, created_at FROM message
    WHERE channel_id = %(channel)s AND direction = 'out' AND status IN ('sending', 'sent') AND provider_id <> ''
      AND created_at BETWEEN %(from)s AND %(until)s AND id > %(after)s
    ORDER BY id LIMIT %(most)s
"""


async def compare(
    connection: AsyncConnection[Any],
    *,
    route: Route,
    directory: Directory,
    transport: Transport,
    at: datetime,
    since: datetime | None = None,
    grace: timedelta = GRACE,
) -> Compared | None:
    """Look once at one channel; None when its provider has no such list. The outcome is kept in `gap_check`.

    `since` looks further back than the last look; without it the looks overlap by 20 minutes.
    """
    begin = since or await _since(connection, route, at)
    until = at - grace
    if until <= begin or route.adapter.list_received(route.account, since=begin, until=until, cursor="") is None:
        return None
    found = await _look(connection, route, directory, transport, begin, until, at)
    values = {name: getattr(found, name) for name in Compared.__slots__}
    await connection.execute(KEEP, {"channel": route.id, "at": at, **values})
    log.info("gap_checked", channel_id=route.id, listed=found.listed, filled=found.filled, why=found.error)
    return found


async def _look(
    connection: AsyncConnection[Any],
    route: Route,
    directory: Directory,
    transport: Transport,
    since: datetime,
    until: datetime,
    at: datetime,
) -> Compared:
    listed = filled = 0
    cursor = ""
    error = ""
    try:
        for _ in range(MOST_PAGES):
            request = route.adapter.list_received(route.account, since=since, until=until, cursor=cursor)
            if request is None:
                break
            page = route.adapter.read_received(await transport.call(request))
            listed += len(page.items)
            filled += await _fill(connection, route, directory, page.items, at)
            cursor = page.cursor
            if not cursor:
                break
        else:
            error = f"The list is longer than {MOST_PAGES} pages; the rest is compared next time."
    except SendError as refused:
        error = f"The provider's list can't be read: {refused.detail or refused.for_agent}"
    asked, changed, last_asked = await _ask_again(connection, route, transport, at)
    return Compared(
        since=since,
        until=until,
        listed=listed,
        filled=filled,
        asked=asked,
        changed=changed,
        last_asked=last_asked,
        error=error[:500],
    )


async def _since(connection: AsyncConnection[Any], route: Route, at: datetime) -> datetime:
    cursor = await connection.execute(LAST_GOOD, {"channel": route.id})
    found = await cursor.fetchone()
    if found is not None:
        last: datetime = found[0]
        return max(last - OVERLAP, at - LONGEST_LOOK_BACK)
    cursor = await connection.execute("SELECT created_at FROM channel WHERE id = %s", (route.id,))
    made = await cursor.fetchone()
    created_at: datetime = made[0] if made else at
    return max(created_at, at - FIRST_LOOK_BACK)


async def _fill(
    connection: AsyncConnection[Any], route: Route, directory: Directory, items: Sequence[Inbound], at: datetime
) -> int:
    """Store what is missing; how many texts that were."""
    rows: list[InboundRow] = []
    for item in items:
        recipient = directory.recipient(route, item)
        if recipient is not None:
            rows.append(inbound.row(route=recipient, text=item, trace=new_trace(), at=at))
    channels = sorted({row.route.id for row in rows})
    cursor = await connection.execute(KNOWN, {"channels": channels, "ids": [row.provider_id for row in rows]})
    known = {found[0] for found in await cursor.fetchall()}
    missing = [row for row in rows if row.provider_id not in known]
    filled = 0
    for start in range(0, len(missing), MOST_PER_STORE):
        filled += await _store(connection, missing[start : start + MOST_PER_STORE], channels, at)
    return filled


async def _store(
    connection: AsyncConnection[Any], rows: Sequence[InboundRow], channels: Sequence[int], at: datetime
) -> int:
    """As intake does, and a line in the thread. What comes by webhook meanwhile is stored once all the same."""
    for left in range(TRIES, 0, -1):
        try:
            async with connection.transaction():
                await inbound.store(connection, await parts.gather(connection, rows))
                cursor = await connection.execute(
                    LATE, {"at": at, "traces": [row.trace for row in rows], "channels": list(channels)}
                )
                return len(await cursor.fetchall())
        except inbound.Incomplete:
            if left == 1:
                raise
    return 0


async def _ask_again(
    connection: AsyncConnection[Any], route: Route, transport: Transport, at: datetime
) -> tuple[int, int, int]:
    """Ask after texts that left and were not heard of since: how many, how many are further now, and the last one."""
    cursor = await connection.execute(LAST, {"channel": route.id})
    last = await cursor.fetchone()
    rows = await _silent(connection, route, at, after=last[2] if last else 0)
    heard: list[receipts.ReceiptRow] = []
    for row in rows:
        receipt = await _asked(route, transport, row)
        if receipt is not None and rules.advance(row["status"], receipt.status.value) != row["status"]:
            heard.append(receipts.row(route=route, receipt=receipt, at=at))
    if heard:
        async with connection.transaction():
            await receipts.store(connection, heard)
    return len(rows), len(heard), rows[-1]["id"] if rows else 0


async def _silent(connection: AsyncConnection[Any], route: Route, at: datetime, *, after: int) -> list[dict[str, Any]]:
    """The next texts to ask after, in turn: when the last one was reached it begins again."""
    values = {"channel": route.id, "from": at - ASK_FOR, "until": at - SILENT_FOR, "most": MOST_ASKED, "after": after}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SILENT, values)
        return await cursor.fetchall()


async def _asked(route: Route, transport: Transport, row: dict[str, Any]) -> Receipt | None:
    """What the provider's list says of one text, as a receipt; None when it says nothing."""
    text = OutboundText(ref=str(row["id"]), recipient=row["recipient"], sender=row["sender"], body=row["body"])
    request = route.adapter.list_sent(route.account, text, since=row["created_at"] - timedelta(minutes=2))
    if request is None:
        return None
    try:
        listed = route.adapter.read_list(await transport.call(request))
    except SendError as error:
        log.info("silent_text_not_asked", message_id=row["id"], why=str(error))
        return None
    found = next((one for one in listed if one.provider_id == row["provider_id"]), None)
    if found is None:
        return None
    return Receipt(
        provider_id=found.provider_id,
        status=found.status,
        raw_status=found.raw_status,
        ref=str(row["id"]),
        error_code=found.error_code,
        price=found.price,
    )
