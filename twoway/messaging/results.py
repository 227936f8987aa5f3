"""What came of handing messages over, written in small groups so that a crash leaves few unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation

from twoway.channels.health import rules as health
from twoway.messaging import receipts, rules, sent_parts
from twoway.messaging.claims import Claimed
from twoway.messaging.cost import spending
from twoway.messaging.directory import Route
from twoway.providers.base import Accepted, NotConnected, Price, SendError, Status, Throttled, Uncertain

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One outcome: `accepted`, `retry`, `uncertain` or `rejected`. `pause` holds the whole sender until then."""

    message: Claimed
    outcome: str
    at: datetime
    provider_id: str = ""
    status: str = "sending"
    segments: int | None = None
    error: str = ""
    error_code: str = ""
    again_at: datetime | None = None
    pause: bool = False
    price: Price | None = None
    part_ids: Sequence[str] = ()


def accepted(message: Claimed, said: Accepted, *, at: datetime) -> Result:
    """Taken by the provider. `sending` at least, so that it is never claimed again."""
    status = rules.advance(Status.SENDING.value, said.status.value)
    return Result(
        message=message,
        outcome="accepted",
        at=at,
        provider_id=said.provider_id,
        status=status,
        segments=said.segments,
        price=said.price,
        part_ids=said.part_ids,
    )


def failed(message: Claimed, error: SendError, *, at: datetime) -> Result:
    """Only what certainly did not leave is tried again; what may have left is uncertain."""
    if isinstance(error, Uncertain):
        return Result(message=message, outcome="uncertain", at=at, part_ids=error.part_ids)
    if error.retryable and isinstance(error, Throttled | NotConnected):
        told = error.retry_after if isinstance(error, Throttled) else None
        again_at = at + rules.retry_after(message.attempts, told)
        pause = isinstance(error, Throttled) and not error.one_person
        return Result(message=message, outcome="retry", at=at, again_at=again_at, pause=pause)
    return Result(
        message=message,
        outcome="rejected",
        at=at,
        provider_id=error.part_ids[0] if error.part_ids else "",
        status="failed",
        error=error.code,
        error_code=error.provider_code,
        part_ids=error.part_ids,
    )


RECORD = """
    WITH known AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(outcomes)s::text[], %(provider_ids)s::text[], %(statuses)s::text[],
                             %(segments)s::int[], %(errors)s::text[], %(codes)s::text[], %(agains)s::timestamptz[],
                             %(ats)s::timestamptz[])
             AS t(id, outcome, provider_id, status, segments, error, code, again_at, at)
    ), changed AS (
        UPDATE message m SET
            status = CASE WHEN m.status = 'queued' AND k.outcome = 'accepted' THEN k.status
                          WHEN m.status <> 'sending' OR k.outcome = 'uncertain' THEN m.status
                          WHEN k.outcome <> 'retry' THEN k.status
                          WHEN m.provider_id = '' THEN 'queued' ELSE m.status END,
            claimed_at = CASE WHEN k.outcome = 'uncertain' THEN k.at ELSE m.claimed_at END,
            provider_id = CASE WHEN m.provider_id = '' THEN k.provider_id ELSE m.provider_id END,
            segments = coalesce(k.segments, m.segments),
            error = CASE WHEN m.status = 'sending' THEN k.error ELSE m.error END,
            error_code = CASE WHEN m.status = 'sending' THEN k.code ELSE m.error_code END,
            is_uncertain = k.outcome = 'uncertain' AND m.status = 'sending' AND m.provider_id = '',
            was_uncertain = m.was_uncertain OR k.outcome = 'uncertain',
            send_after = coalesce(k.again_at, m.send_after),
            sent_at = CASE WHEN k.outcome = 'accepted' THEN coalesce(m.sent_at, k.at) ELSE m.sent_at END
        FROM known k WHERE m.id = k.id
        RETURNING m.id, m.workspace_id, m.conversation_id, m.trace, m.error, m.error_code, m.channel_id, m.segments,
                  k.outcome, k.at
    ), counted AS (
        INSERT INTO channel_delta (channel_id, at, sent, segments, failed, filtered, refused)
        SELECT channel_id, max(at), count(*) FILTER (WHERE outcome = 'accepted'),
               coalesce(sum(segments) FILTER (WHERE outcome = 'accepted'), 0),
               count(*) FILTER (WHERE outcome = 'rejected'),
               count(*) FILTER (WHERE outcome = 'rejected' AND error = 'carrier_filtered'),
               count(*) FILTER (WHERE outcome = 'rejected' AND error = ANY(%(refusals)s))
        FROM changed WHERE outcome IN ('accepted', 'rejected') GROUP BY channel_id
    ), events AS (
        INSERT INTO event (workspace_id, type, conversation_id, message_id, data, trace, at, is_pending, is_shown)
        SELECT workspace_id, 'message_failed', conversation_id, id,
               jsonb_build_object('reason', error, 'error_code', error_code), trace, at,
               true, false
        FROM changed WHERE outcome = 'rejected'
    )
    SELECT pg_notify('twoway_live', json_build_object('w', c.workspace_id, 'c', json_agg(DISTINCT
        jsonb_build_array(c.id, coalesce(c.team_id, 0), coalesce(c.assignee_id, 0))))::text)
    FROM changed JOIN conversation c ON c.id = changed.conversation_id GROUP BY c.workspace_id
"""

PAUSE = """
    UPDATE sender_rate SET paused_until = greatest(coalesce(paused_until, %(until)s), %(until)s)
    WHERE channel_id = %(channel)s
"""


async def record(connection: AsyncConnection[Any], results: Sequence[Result], routes: dict[int, Route]) -> None:
    """Write a group of outcomes in one transaction, then apply receipts that were quicker than we were.

    An SMSC may count its ids from 1 again: a text whose id another one has keeps it as that of its only part.
    """
    try:
        await _record(connection, results, routes)
    except UniqueViolation:
        for one in results:
            try:
                await _record(connection, [one], routes)
            except UniqueViolation:
                log.warning("provider_id_used_again", message_id=one.message.id, provider_id=one.provider_id)
                own = f"{one.provider_id[:100]}#{one.message.id}"
                ids = one.part_ids or (one.provider_id,)
                await _record(connection, [replace(one, provider_id=own, part_ids=ids)], routes)


async def _record(connection: AsyncConnection[Any], results: Sequence[Result], routes: dict[int, Route]) -> None:
    async with connection.transaction():
        over_sessions = [one.message.route for one in results if one.message.route.adapter.is_session]
        await sent_parts.lock(connection, [route.workspace_id for route in over_sessions], shared=False)
        await connection.execute(RECORD, _columns(results))
        for channel_id, until in _pauses(results).items():
            await connection.execute(PAUSE, {"channel": channel_id, "until": until})
        in_parts = [one for one in results if one.part_ids]
        if in_parts:
            await sent_parts.add(connection, [(one.message.route.id, one.message.id, one.part_ids) for one in in_parts])
            await receipts.catch_up_parts(connection, [one.message.id for one in in_parts], routes)
        taken = [one.message.id for one in results if one.outcome == "accepted" and not one.part_ids]
        if taken:
            await receipts.catch_up(connection, taken, routes)
        await spending.change(connection, [found for one in results if (found := _cost(one)) is not None])


def _cost(one: Result) -> spending.Change | None:
    """How the price of this text differs from what was booked: told by the provider, in other parts, or refused."""
    message = one.message
    if one.outcome == "accepted" and one.price is not None:
        return spending.Change(message_id=message.id, price=one.price, is_reported=True)
    if one.outcome == "accepted" and one.segments not in {None, message.segments}:
        prices, segments = message.route.prices, one.segments or 1
        price = prices.outgoing(message.recipient, segments=segments, media=len(message.media), at=one.at)
        return None if price is None else spending.Change(message_id=message.id, price=price, is_reported=False)
    if one.outcome == "rejected" and not one.provider_id and one.error != "uncertain":
        return spending.Change(message_id=message.id, price=spending.NOTHING, is_reported=False)
    return None


def _pauses(results: Sequence[Result]) -> dict[int, datetime]:
    """A throttled sender rests for as long as the provider asked, at most a few seconds at a time."""
    until: dict[int, datetime] = {}
    for one in results:
        if one.pause and one.again_at is not None:
            rest = min(one.again_at, one.at + timedelta(seconds=5))
            until[one.message.route.id] = max(until.get(one.message.route.id, rest), rest)
    return until


def _columns(results: Sequence[Result]) -> dict[str, Any]:
    return {
        "ids": [one.message.id for one in results],
        "outcomes": [one.outcome for one in results],
        "provider_ids": [one.provider_id for one in results],
        "statuses": [one.status for one in results],
        "segments": [one.segments for one in results],
        "errors": [one.error for one in results],
        "codes": [one.error_code for one in results],
        "agains": [one.again_at for one in results],
        "ats": [one.at for one in results],
        "refusals": list(health.REFUSALS),
    }
