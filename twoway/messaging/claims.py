"""Taking queued messages for delivery: in order, within the sender's rate, and never against compliance.

One transaction per sender: its token bucket is locked, so one worker at a time claims for it; the identities are
locked in share mode, so an opt-out either waits for this claim or is seen by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.messaging import asking, holding, limits, rules, templating
from twoway.messaging.asking import Fate
from twoway.messaging.cost import budgets, spending
from twoway.messaging.directory import Route
from twoway.messaging.media.sending import attachments
from twoway.providers.base import Attachment, Price
from twoway.providers.templates import Template


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A message this worker alone may hand over."""

    id: int
    route: Route
    recipient: str
    sender: str
    body: str
    media: tuple[Attachment, ...]
    segments: int
    attempts: int
    trace: str
    expires_at: datetime | None
    claimed_at: datetime
    template: Template | None = None


@dataclass(frozen=True, kw_only=True)
class Round:
    """The outcome of one look at one sender. `again_in` is when to look again, in seconds, or None."""

    claimed: Sequence[Claimed] = ()
    again_in: float | None = None


# The queue is nearly always empty when PostgreSQL counts its rows, so it expects none. What looks something up here is
# written so that it can only be one walk down an index: a join would be planned to read the whole queue for each row.
WITH_WORK = """
    SELECT c.id FROM unnest(%(channels)s::bigint[]) AS c(id)
    CROSS JOIN LATERAL (SELECT FROM message m WHERE m.channel_id = c.id AND m.status = 'queued' LIMIT 1) AS one
"""

BUCKET = """
    SELECT tokens, refilled_at, paused_until FROM sender_rate WHERE channel_id = %s FOR UPDATE SKIP LOCKED
"""

NEW_BUCKET = """
    INSERT INTO sender_rate (channel_id, tokens, refilled_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""

READY = """
    SELECT m.id, m.workspace_id, m.conversation_id, m.identity_id, m.recipient, m.sender, m.body, m.media, m.segments,
           m.attempts, m.trace, m.expires_at, m.purpose, m.author, m.priority, m.template,
           m.created_at, m.held_reason
    FROM message m JOIN identity i ON i.id = m.identity_id
    WHERE m.channel_id = %(channel)s AND m.status = 'queued' AND m.provider_id = '' AND m.priority <= %(lane)s
      AND (m.send_after IS NULL OR m.send_after <= %(at)s)
      AND m.id = (
        SELECT e.id FROM message e WHERE e.conversation_id = m.conversation_id
        AND e.status IN ('queued', 'sending') AND e.provider_id = '' AND NOT (e.is_uncertain AND %(passes)s)
        AND (e.status = 'sending' OR e.priority < %(broadcast)s OR m.priority >= %(broadcast)s)
        ORDER BY e.id LIMIT 1)
    ORDER BY m.priority, m.id
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF m SKIP LOCKED FOR SHARE OF i
"""

SPEND = "UPDATE sender_rate SET tokens = %(tokens)s, refilled_at = %(at)s WHERE channel_id = %(channel)s"


async def senders_with_work(connection: AsyncConnection[Any], channel_ids: Sequence[int]) -> list[int]:
    """The channels that have something queued."""
    cursor = await connection.execute(WITH_WORK, {"channels": list(channel_ids)})
    return [found[0] for found in await cursor.fetchall()]


async def claim(
    connection: AsyncConnection[Any],
    *,
    route: Route,
    worker: str,
    limit: int,
    at: datetime,
    most_broadcasts: int | None = None,
    holds: bool = False,
) -> Round:
    """Take up to `limit` messages of one sender, in one transaction. What may not be sent is dropped there, visibly.

    Of them at most `most_broadcasts` are texts to many. With `holds` nothing leaves, but what is past its validity or
    may not be sent any more is dropped all the same.
    """
    async with connection.transaction():
        bucket, paused_for = await _bucket(connection, route, at)
        shared = None if route.shared.is_nothing else await limits.lock(connection, route.shared, at)
        if bucket is None or (shared is None and not route.shared.is_nothing):
            return Round(again_in=0.05)
        if paused_for > 0 and not holds:
            return Round(again_in=paused_for)
        rows = await _ready(connection, route, limit, at, most_broadcasts)
        asks = await asking.at_the_claim(
            connection, workspace_id=route.workspace_id, channel_id=route.id, kind=route.kind, rows=rows, at=at
        )
        prices = budgets.estimates(route.prices, asks.allowed, at)
        over, allowed = await _ask_budgets(connection, route, asks.allowed, prices, at)
        refused = [*asks.dropped, *over]
        taken, bucket, again_in = _within(bucket, shared, () if holds else allowed)
        async with connection.pipeline():
            if refused:
                await holding.drop(connection, refused, at=at)
            if asks.held:
                await holding.hold(connection, asks.held, at=at)
            if taken:
                await connection.execute(spending.TAKE, _taking(route, taken, prices, worker, at))
                spent = {"tokens": bucket.tokens, "at": bucket.refilled_at, "channel": route.id}
                await connection.execute(SPEND, spent)
                await holding.tell(connection, taken, asks.told, at=at)
            if shared is not None:
                await shared.save(connection)
    may_be_more = len(rows) == limit and (taken or refused)
    if again_in is None and not holds and (may_be_more or asks.held):  # behind what is held, the next one may leave
        again_in = 0.0
    return Round(
        claimed=[as_claimed({**row, "claimed_at": at, "attempts": row["attempts"] + 1}, route) for row in taken],
        again_in=again_in,
    )


def _within(
    bucket: rules.Bucket, shared: limits.Open | None, rows: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], rules.Bucket, float | None]:
    """Those that may leave now by the limits, what is left of the bucket, and in how many seconds the next may."""
    taken: list[dict[str, Any]] = []
    for row in rows:
        if (again_in := _wait(bucket, shared, row["segments"])) is not None:
            return taken, bucket, again_in
        bucket = bucket.less(row["segments"])
        if shared is not None:
            shared.spend(row["segments"])
        taken.append(row)
    return taken, bucket, None


def _wait(bucket: rules.Bucket, shared: limits.Open | None, segments: int) -> float | None:
    """Seconds until a text of so many segments may leave, by its sender's limit and those it shares; None is now."""
    own = 0.0 if bucket.covers(segments) else max(bucket.seconds_until(segments), 0.001)
    wait = max(own, shared.seconds_until(segments) if shared is not None else 0.0)
    return wait if wait > 0 else None


async def _bucket(connection: AsyncConnection[Any], route: Route, at: datetime) -> tuple[rules.Bucket | None, float]:
    cursor = await connection.execute(BUCKET, (route.id,))
    found = await cursor.fetchone()
    if found is None:
        full = rules.Bucket(tokens=0.0, refilled_at=at, rate=route.rate).size
        await connection.execute(NEW_BUCKET, (route.id, full, at))
        return None, 0.0
    tokens, refilled_at, paused_until = found
    paused_for = (paused_until - at).total_seconds() if paused_until else 0.0
    return rules.Bucket(tokens=tokens, refilled_at=refilled_at, rate=route.rate).at(at), paused_for


async def _ready(
    connection: AsyncConnection[Any], route: Route, limit: int, at: datetime, most_broadcasts: int | None
) -> list[dict[str, Any]]:
    broadcast = rules.PRIORITY_BROADCAST
    lane = broadcast - 1 if most_broadcasts == 0 else broadcast
    passes = route.adapter.is_session  # what is in doubt there is never sent again, so the next need not wait for it
    names = {
        "channel": route.id,
        "at": at,
        "limit": limit,
        "lane": lane,
        "broadcast": broadcast,
        "passes": passes,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(READY, names)
        ready = await cursor.fetchall()
    rows = await holding.without_held_time(connection, channel_id=route.id, rows=ready, at=at)
    if not most_broadcasts:
        return rows
    others = sum(row["priority"] < broadcast for row in rows)
    return rows[: others + most_broadcasts]


async def _ask_budgets(
    connection: AsyncConnection[Any],
    route: Route,
    rows: list[dict[str, Any]],
    prices: Mapping[int, Price | None],
    at: datetime,
) -> tuple[list[Fate], list[dict[str, Any]]]:
    """Which of them a budget stops, and which may leave."""
    held = await budgets.held(
        connection,
        workspace_id=route.workspace_id,
        channel_id=route.id,
        rows=rows,
        prices=prices,
        day=route.prices.day(at),
    )
    why = budgets.BUDGET_REACHED
    refused = [
        Fate(
            row=row,
            status="canceled",
            reason=why.code,
            facts=budgets.facts(held[row["id"]]),
            for_agent=why.for_agent,
        )
        for row in rows
        if row["id"] in held
    ]
    return refused, [row for row in rows if row["id"] not in held]


def _taking(
    route: Route, taken: Sequence[dict[str, Any]], prices: Mapping[int, Price | None], worker: str, at: datetime
) -> dict[str, Any]:
    return spending.take_columns(
        [(row["id"], prices[row["id"]]) for row in taken],
        worker=worker,
        at=at,
        day=route.prices.day(at),
        is_told_later=route.adapter.tells_prices_later,
    )


def as_claimed(row: dict[str, Any], route: Route) -> Claimed:
    """A claim from its row."""
    return Claimed(
        id=row["id"],
        route=route,
        recipient=row["recipient"],
        sender=row["sender"],
        body=row["body"],
        media=attachments(row["media"], at=row["claimed_at"]) if row["media"] else (),
        segments=row["segments"],
        attempts=row["attempts"],
        trace=row["trace"],
        expires_at=row["expires_at"],
        claimed_at=row["claimed_at"],
        template=templating.as_sent(row["template"]),
    )


DUE = """
    UPDATE message SET status = 'queued' WHERE status = 'scheduled' AND send_after <= %(at)s
"""

NEXT_DUE = "SELECT min(send_after) FROM message WHERE status = 'scheduled'"

ORPHANS = """
    UPDATE message SET is_uncertain = true, was_uncertain = true
    WHERE status = 'sending' AND provider_id = '' AND NOT is_uncertain AND claimed_at < %(before)s
"""


async def tidy(connection: AsyncConnection[Any], *, at: datetime, lease: timedelta) -> None:
    """Queue what was scheduled for now; what a vanished worker held longer than `lease` is uncertain from now on."""
    await connection.execute(DUE, {"at": at})
    await connection.execute(ORPHANS, {"before": at - lease})


async def next_due(connection: AsyncConnection[Any], *, at: datetime) -> float | None:
    """Seconds until the first scheduled text is due, or None."""
    cursor = await connection.execute(NEXT_DUE)
    found = await cursor.fetchone()
    return None if found is None or found[0] is None else max((found[0] - at).total_seconds(), 0.0)
