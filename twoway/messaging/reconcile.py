"""Settling uncertain sends: ask the provider's own list, and only then call it sent or queue it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.messaging import claims, results
from twoway.messaging.directory import Directory
from twoway.providers import failures
from twoway.providers.base import Accepted, Listed, OutboundText, SendError, Status
from twoway.providers.http import Transport
from twoway.sms import segments

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
FIRST_LOOK = timedelta(seconds=2)
SURE_AFTER = timedelta(seconds=12)
CLOCKS_DIFFER = timedelta(seconds=120)
MOST_AT_ONCE = 50

UNCERTAIN = """
    SELECT m.id, m.channel_id, m.recipient, m.sender, m.body, m.media, m.segments, m.attempts, m.trace, m.expires_at,
           m.claimed_at, m.template
    FROM message m
    WHERE m.status = 'sending' AND m.provider_id = '' AND m.is_uncertain AND m.claimed_at < %(before)s
      AND (m.send_after IS NULL OR m.send_after <= %(at)s)
    ORDER BY m.claimed_at LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
"""

LEASE = "UPDATE message SET send_after = %(until)s WHERE id = ANY(%(ids)s)"

KNOWN = "SELECT provider_id FROM message WHERE channel_id = %(channel)s AND provider_id = ANY(%(ids)s)"


async def step(connection: AsyncConnection[Any], *, directory: Directory, transport: Transport, at: datetime) -> int:
    """Look once at the sends that have been uncertain for a while; how many were settled."""
    settled: list[results.Result] = []
    for row in await _take(connection, at):
        route = directory.by_id(row["channel_id"])
        if route is None:
            continue
        message = claims.as_claimed(row, route)
        with structlog.contextvars.bound_contextvars(trace=message.trace, message_id=message.id):
            result = await _settle(connection, transport, message, at)
        if result is not None:
            settled.append(result)
            await results.record(connection, [result], directory.routes)
    return len(settled)


async def _take(connection: AsyncConnection[Any], at: datetime) -> list[dict[str, Any]]:
    """Reserve some for this worker for a few seconds."""
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(UNCERTAIN, {"before": at - FIRST_LOOK, "at": at, "limit": MOST_AT_ONCE})
        rows = await cursor.fetchall()
        if rows:
            await cursor.execute(LEASE, {"until": at + 2 * FIRST_LOOK, "ids": [row["id"] for row in rows]})
    return rows


async def _settle(
    connection: AsyncConnection[Any], transport: Transport, message: claims.Claimed, at: datetime
) -> results.Result | None:
    """What became of one send, or None while it is still unknown."""
    text = OutboundText(
        ref=str(message.id),
        recipient=message.recipient,
        sender=message.sender,
        body=message.body,
        media=message.media,
    )
    adapter = message.route.adapter
    since = message.claimed_at - CLOCKS_DIFFER
    request = adapter.list_sent(message.route.account, text, since=since)
    if request is None:
        return _given_up(message, at)
    try:
        listed = adapter.read_list(await transport.call(request))
    except SendError as error:
        log.info("uncertain_send_not_checked", why=str(error))
        return _given_up(message, at)
    found = await _found(connection, message, listed, since)
    if found is not None:
        log.info("uncertain_send_had_left", provider_id=found.provider_id)
        return _had_left(message, found, at)
    if at - message.claimed_at < SURE_AFTER + timedelta(seconds=adapter.list_lag):
        return None
    log.info("uncertain_send_had_not_left")
    return results.Result(message=message, outcome="retry", at=at, again_at=at)


def _had_left(message: claims.Claimed, found: Listed, at: datetime) -> results.Result:
    """What the list says of it, which may be that it failed meanwhile."""
    if found.status not in {Status.FAILED, Status.UNDELIVERED}:
        said = Accepted(provider_id=found.provider_id, status=found.status, price=found.price)
        return results.accepted(message, said, at=at)
    return results.Result(
        message=message,
        outcome="rejected",
        at=at,
        provider_id=found.provider_id,
        status=found.status.value,
        error=failures.reason_of(message.route.provider, found.error_code),
        error_code=found.error_code,
    )


async def _found(
    connection: AsyncConnection[Any], message: claims.Claimed, listed: Sequence[Listed], since: datetime
) -> Listed | None:
    """The listed message that is this one: by our reference if the provider keeps it, else by recipient and words.

    One that already belongs to another message of ours is not it.
    """
    alike = [
        one
        for one in listed
        if one.ref == str(message.id)
        or (not one.ref and one.recipient == message.recipient and _same(one, message) and _since(one, since))
    ]
    if not alike:
        return None
    cursor = await connection.execute(KNOWN, {"channel": message.route.id, "ids": [one.provider_id for one in alike]})
    taken = {known[0] for known in await cursor.fetchall()}
    return next((one for one in alike if one.provider_id not in taken), None)


def _same(one: Listed, message: claims.Claimed) -> bool:
    """The same words, also where the provider put plain characters in place of costly ones.

    Where the list keeps no words, or the words of a template, recipient and time must do: to take it for ours never
    sends a text twice.
    """
    if one.body is None or message.template is not None:
        return True
    return segments.plain_text(one.body) == segments.plain_text(message.body)


def _since(one: Listed, since: datetime) -> bool:
    return one.sent_at is None or one.sent_at >= since


def _given_up(message: claims.Claimed, at: datetime) -> results.Result | None:
    """When nobody can tell until the text is stale, it is shown as not confirmed; a late receipt still corrects it."""
    if message.expires_at is None or at < message.expires_at:
        return None
    return results.Result(message=message, outcome="rejected", at=at, status=Status.FAILED.value, error="uncertain")
