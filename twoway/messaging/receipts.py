"""Delivery receipts: durable before the answer, matched to their message, through the ranked status machine.

A receipt may come late, twice, out of order, before the call that sent the message has returned, or for a message that
is not ours. Every one is kept as a `StatusEvent`; one without a message waits for it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.messaging import rules, sent_parts
from twoway.messaging.directory import Route
from twoway.providers import failures
from twoway.providers.base import Price, Receipt, Status
from twoway.sms import phone, segments


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptRow:
    """One receipt with the channel whose webhook it came to. `message_id` is our own reference, or 0."""

    route: Route
    message_id: int
    provider_id: str
    status: str
    raw_status: str
    error_code: str
    reason: str
    segments: int | None
    provider_at: datetime | None
    at: datetime
    price: Price | None = None
    category: str = ""
    recipient: str = ""


def row(*, route: Route, receipt: Receipt, at: datetime) -> ReceiptRow:
    """One receipt in our words; the provider's own word and code are kept beside them."""
    return ReceiptRow(
        route=route,
        message_id=int(receipt.ref) if receipt.ref.isascii() and receipt.ref.isdigit() and len(receipt.ref) < 19 else 0,
        provider_id=segments.clean_inbound(receipt.provider_id)[:120],
        status=receipt.status.value,
        raw_status=segments.clean_inbound(receipt.raw_status)[:40],
        error_code=segments.clean_inbound(receipt.error_code)[:20],
        reason=_reason(route.provider, receipt),
        segments=receipt.segments,
        provider_at=receipt.at,
        at=at,
        price=receipt.price,
        category=segments.clean_inbound(receipt.category)[:40],
        recipient=phone.identify(receipt.recipient, region=route.region).value if receipt.recipient else "",
    )


def _reason(provider: str, receipt: Receipt) -> str:
    if receipt.status not in {Status.FAILED, Status.UNDELIVERED}:
        return ""
    return failures.reason_of(provider, receipt.error_code)


MATCH = """
    SELECT t.ord, m.id, m.status, m.error, m.error_code, m.sent_at, m.delivered_at, m.provider_id, m.is_uncertain,
           m.segments, m.workspace_id, m.conversation_id, m.identity_id, m.channel_id, m.trace
    FROM unnest(%(workspaces)s::bigint[], %(providers)s::text[], %(channels)s::bigint[], %(refs)s::bigint[],
                %(provider_ids)s::text[]) WITH ORDINALITY AS t(w, provider, c, ref, provider_id, ord)
    JOIN LATERAL (
        SELECT id FROM message WHERE id = t.ref AND workspace_id = t.w AND direction = 'out'
                                 AND (provider_id = '' OR provider_id = t.provider_id)
        UNION ALL
        SELECT m.id FROM message m WHERE m.provider_id = t.provider_id AND m.provider_id <> '' AND m.direction = 'out'
            AND m.channel_id IN (SELECT id FROM channel WHERE workspace_id = t.w AND channel.provider = t.provider)
        LIMIT 1
    ) found ON true
    JOIN message m ON m.id = found.id
    ORDER BY m.id
    FOR NO KEY UPDATE OF m
"""

KEEP = """
    INSERT INTO status_event (channel_id, message_id, provider_id, status, raw_status, error_code, provider_at,
                              received_at, price, price_currency, category)
    SELECT * FROM unnest(%(channels)s::bigint[], %(messages)s::bigint[], %(provider_ids)s::text[], %(statuses)s::text[],
                         %(raw)s::text[], %(codes)s::text[], %(provider_ats)s::timestamptz[], %(ats)s::timestamptz[],
                         %(amounts)s::numeric[], %(currencies)s::text[], %(categories)s::text[])
"""

APPLY = """
    WITH now_known AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(errors)s::text[], %(codes)s::text[],
                             %(provider_ids)s::text[], %(sent)s::timestamptz[], %(delivered)s::timestamptz[],
                             %(segments)s::int[], %(types)s::text[], %(ats)s::timestamptz[], %(befores)s::text[])
             AS t(id, status, error, code, provider_id, sent_at, delivered_at, segments, type, at, before)
    ), changed AS (
        UPDATE message m SET status = k.status, error = k.error, error_code = k.code, provider_id = k.provider_id,
                             sent_at = k.sent_at, delivered_at = k.delivered_at, segments = k.segments,
                             is_uncertain = false
        FROM now_known k WHERE m.id = k.id
        RETURNING m.id, m.workspace_id, m.conversation_id, m.trace, m.error, m.error_code, m.channel_id, m.status,
                  k.type, k.at, k.before
    ), ends AS (
        SELECT channel_id, at, error, status IN ('delivered', 'read') AS arrived,
               before IN ('undelivered', 'failed') AS had_failed
        FROM changed
        WHERE status IN ('delivered', 'read') AND before NOT IN ('delivered', 'read')
           OR status IN ('undelivered', 'failed') AND before NOT IN ('undelivered', 'failed')
    ), counted AS (
        INSERT INTO channel_delta (channel_id, at, delivered, failed, filtered)
        SELECT channel_id, max(at), count(*) FILTER (WHERE arrived),
               count(*) FILTER (WHERE NOT arrived) - count(*) FILTER (WHERE arrived AND had_failed),
               count(*) FILTER (WHERE NOT arrived AND error = 'carrier_filtered')
        FROM ends GROUP BY channel_id
    ), events AS (
        INSERT INTO event (workspace_id, type, conversation_id, message_id, data, trace, at, is_pending, is_shown)
        SELECT workspace_id, type, conversation_id, id, CASE WHEN type = 'message_failed'
                    THEN jsonb_build_object('reason', error, 'error_code', error_code) ELSE '{}' END, trace, at,
               type = 'message_failed', false
        FROM changed WHERE type <> ''
    )
    SELECT pg_notify('twoway_live', json_build_object(
        'w', c.workspace_id,
        'c', json_agg(DISTINCT jsonb_build_array(c.id, coalesce(c.team_id, 0), coalesce(c.assignee_id, 0))))::text)
    FROM changed JOIN conversation c ON c.id = changed.conversation_id GROUP BY c.workspace_id
"""

EVENT_TYPES = {
    "sent": "message_sent",
    "delivered": "message_delivered",
    "undelivered": "message_failed",
    "failed": "message_failed",
}


@dataclass(slots=True)
class Standing:
    """A message while its receipts are applied one after another."""

    id: int
    status: str
    error: str
    error_code: str
    provider_id: str
    sent_at: datetime | None
    delivered_at: datetime | None
    segments: int
    is_uncertain: bool
    at: datetime | None = None
    is_changed: bool = False
    type: str = ""
    before: str = ""

    def hear(self, receipt: ReceiptRow) -> None:
        """Advance by one receipt."""
        if self.is_uncertain or not self.provider_id:
            self._has_left(receipt)
        if receipt.segments and receipt.segments != self.segments:
            self.segments, self.is_changed = receipt.segments, True
        after = rules.advance(self.status, receipt.status)
        if after == self.status:
            return
        self.status, self.is_changed, self.at = after, True, receipt.at
        self.type = EVENT_TYPES.get(after, "")
        moment = receipt.provider_at or receipt.at
        if after in {"sent", "delivered", "read"}:
            self.sent_at = self.sent_at or moment
            self.error = self.error_code = ""
        if after in {"delivered", "read"}:
            self.delivered_at = self.delivered_at or moment
        if after in {"undelivered", "failed"}:
            self.error, self.error_code = receipt.reason, receipt.error_code

    def _has_left(self, receipt: ReceiptRow) -> None:
        """The provider has it, whatever it says: it is certain now, and if it was queued again it must not be sent."""
        self.provider_id = self.provider_id or receipt.provider_id
        self.status = rules.advance(self.status, Status.SENDING.value)
        self.is_uncertain = False
        self.is_changed = True


async def store(connection: AsyncConnection[Any], rows: Sequence[ReceiptRow]) -> set[str]:
    """Keep every receipt and move the messages they are about, within the caller's transaction; their traces."""
    standings: dict[int, Standing] = {}
    traces: set[str] = set()
    of_row: dict[int, int] = {}
    about = await _about_texts(connection, rows)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(MATCH, _match_columns(about))
        for found in await cursor.fetchall():
            of_row[found["ord"]] = found["id"]
            traces.add(found["trace"])
            standings.setdefault(found["id"], _standing(found))
    for number, receipt in enumerate(about, 1):
        if number in of_row:
            standings[of_row[number]].hear(receipt)
    async with connection.pipeline():
        await connection.execute(KEEP, _kept_columns(rows, of_row))
        await _apply(connection, [standing for standing in standings.values() if standing.is_changed])
    return traces


async def _about_texts(connection: AsyncConnection[Any], rows: Sequence[ReceiptRow]) -> Sequence[ReceiptRow]:
    """The same receipts, those about one part of a text turned into what they say of all of it."""
    places = [place for place, row in enumerate(rows) if row.route.adapter.is_session]
    if not places:
        return rows
    told = [
        sent_parts.Told(
            route=rows[place].route,
            provider_id=rows[place].provider_id,
            recipient=rows[place].recipient,
            status=rows[place].status,
            reason=rows[place].reason,
            error_code=rows[place].error_code,
        )
        for place in places
    ]
    about = list(rows)
    for number, one in (await sent_parts.about(connection, told)).items():
        place = places[number]
        about[place] = replace(
            rows[place],
            message_id=one.message_id,
            provider_id=one.provider_id,
            status=one.status,
            reason=one.reason,
            error_code=one.error_code,
        )
    return about


def _standing(found: dict[str, Any]) -> Standing:
    names = (
        "id",
        "status",
        "error",
        "error_code",
        "provider_id",
        "sent_at",
        "delivered_at",
        "segments",
        "is_uncertain",
    )
    return Standing(**{name: found[name] for name in names}, before=found["status"])


async def _apply(connection: AsyncConnection[Any], changed: Iterable[Standing]) -> None:
    ones = list(changed)
    if not ones:
        return
    await connection.execute(
        APPLY,
        {
            "ids": [one.id for one in ones],
            "statuses": [one.status for one in ones],
            "errors": [one.error for one in ones],
            "codes": [one.error_code for one in ones],
            "provider_ids": [one.provider_id for one in ones],
            "sent": [one.sent_at for one in ones],
            "delivered": [one.delivered_at for one in ones],
            "segments": [one.segments for one in ones],
            "types": [one.type for one in ones],
            "ats": [one.at for one in ones],
            "befores": [one.before for one in ones],
        },
    )


def _match_columns(rows: Sequence[ReceiptRow]) -> dict[str, Any]:
    return {
        "workspaces": [r.route.workspace_id for r in rows],
        "providers": [r.route.provider for r in rows],
        "channels": [r.route.id for r in rows],
        "refs": [r.message_id for r in rows],
        "provider_ids": [r.provider_id for r in rows],
    }


def _kept_columns(rows: Sequence[ReceiptRow], of_row: dict[int, int]) -> dict[str, Any]:
    return {
        "channels": [r.route.id for r in rows],
        "messages": [of_row.get(number) for number, _ in enumerate(rows, 1)],
        "provider_ids": [r.provider_id for r in rows],
        "statuses": [r.status for r in rows],
        "raw": [r.raw_status for r in rows],
        "codes": [r.error_code for r in rows],
        "provider_ats": [r.provider_at for r in rows],
        "ats": [r.at for r in rows],
        "amounts": [r.price.amount if r.price else None for r in rows],
        "currencies": [r.price.currency[:3] if r.price else "" for r in rows],
        "categories": [r.category for r in rows],
    }


UNMATCHED = """
    UPDATE status_event e SET message_id = m.id
    FROM message m
    WHERE m.id = ANY(%(ids)s) AND e.message_id IS NULL AND e.provider_id = m.provider_id AND e.provider_id <> ''
      AND e.received_at > coalesce(m.claimed_at, e.received_at) - interval '10 minutes'
      AND e.channel_id IN (SELECT c.id FROM channel c JOIN channel o ON o.id = m.channel_id
                           WHERE c.workspace_id = o.workspace_id AND c.provider = o.provider)
    RETURNING e.id, e.message_id, e.channel_id, e.provider_id, e.status, e.raw_status, e.error_code, e.provider_at,
              e.received_at
"""


EARLY_PARTS = """
    UPDATE status_event e SET message_id = m.id
    FROM sent_part p JOIN message m ON m.id = p.message_id
    WHERE p.message_id = ANY(%(ids)s) AND e.message_id IS NULL AND e.provider_id = p.provider_id
      AND e.received_at > coalesce(m.claimed_at, e.received_at) - interval '10 minutes'
      AND e.channel_id IN (SELECT c.id FROM channel c JOIN channel o ON o.id = m.channel_id
                           WHERE c.workspace_id = o.workspace_id AND c.provider = o.provider)
    RETURNING e.id, e.message_id, e.channel_id, e.provider_id, e.status, e.raw_status, e.error_code, e.provider_at,
              e.received_at
"""


async def catch_up(connection: AsyncConnection[Any], message_ids: Sequence[int], routes: dict[int, Route]) -> None:
    """Apply receipts that came before we knew the provider's id of their message."""
    await _catch_up(connection, UNMATCHED, message_ids, routes)


async def catch_up_parts(
    connection: AsyncConnection[Any], message_ids: Sequence[int], routes: dict[int, Route]
) -> None:
    """The same for texts whose parts have ids of their own."""
    await _catch_up(connection, EARLY_PARTS, message_ids, routes)


async def _catch_up(
    connection: AsyncConnection[Any], found_by: str, message_ids: Sequence[int], routes: dict[int, Route]
) -> None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(found_by, {"ids": list(message_ids)})
        early = sorted(await cursor.fetchall(), key=lambda one: int(one["id"]))
        if not early:
            return
        ids = sorted({one["message_id"] for one in early})
        await cursor.execute("SELECT * FROM message WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (ids,))
        standings = {found["id"]: _standing(found) for found in await cursor.fetchall()}
    known = [one for one in early if one["channel_id"] in routes]
    heard = [_again(one, routes[one["channel_id"]]) for one in known]
    if found_by is EARLY_PARTS:
        heard = list(await _about_texts(connection, heard))
    for one, receipt in zip(known, heard, strict=True):
        if receipt.status:
            standings[one["message_id"]].hear(receipt)
    await _apply(connection, [standing for standing in standings.values() if standing.is_changed])


def _again(one: dict[str, Any], route: Route) -> ReceiptRow:
    receipt = Receipt(
        provider_id=one["provider_id"],
        status=Status(one["status"]),
        raw_status=one["raw_status"],
        ref=str(one["message_id"]),
        error_code=one["error_code"],
        at=one["provider_at"],
    )
    return row(route=route, receipt=receipt, at=one["received_at"])
