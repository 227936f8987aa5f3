"""Statements that write what Twoway itself says and records, inside intake's and receipts' transactions.

`outbound` is the door for everybody else. These few texts (the answers to STOP, START and HELP) come from the
transaction that heard the word, and carry a stored decision like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from psycopg import AsyncConnection

from twoway.compliance.rules import Purpose
from twoway.events.types import REACTIVE_TYPES, registry
from twoway.messaging import rules
from twoway.messaging.directory import Route
from twoway.messaging.rows import InboundRow
from twoway.sms import segments

VALIDITY = timedelta(minutes=5)
SAME_NOTICE_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where and when something happened."""

    workspace_id: int
    conversation_id: int
    identity_id: int
    message_id: int | None
    trace: str
    at: datetime


def place(text: InboundRow, *, message_id: int, conversation_id: int, identity_id: int) -> Place:
    """Where a text that was just stored happened."""
    return Place(
        workspace_id=text.route.workspace_id,
        conversation_id=conversation_id,
        identity_id=identity_id,
        message_id=message_id,
        trace=text.trace,
        at=text.at,
    )


EVENT = """
    INSERT INTO event (workspace_id, type, conversation_id, contact_id, message_id, data, trace, at, is_pending,
                       is_shown)
    SELECT workspace_id, %(type)s, id, contact_id, %(message)s, %(data)s::jsonb, %(trace)s, %(at)s, %(pending)s,
           %(shown)s
    FROM conversation WHERE id = %(conversation)s
"""

NOTICE = """
    WITH added AS (
        INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, by_name,
                             sender, recipient, body, encoding, segments, purpose, priority, trace, created_at,
                             expires_at)
        SELECT %(workspace)s, %(conversation)s, %(channel)s, %(identity)s, 'out', 'queued', 'system', 'Twoway',
               %(sender)s, %(recipient)s, %(body)s::text, %(encoding)s, %(segments)s, %(purpose)s::text, %(priority)s,
               %(trace)s, %(at)s, %(expires)s
        WHERE NOT EXISTS (
            SELECT 1 FROM message WHERE conversation_id = %(conversation)s AND direction = 'out'
            AND purpose = %(purpose)s::text AND body = %(body)s::text AND created_at > %(recent)s)
        RETURNING id
    ), decided AS (
        INSERT INTO send_decision (workspace_id, message_id, stage, verdict, reason, purpose, facts, at)
        SELECT %(workspace)s, id, 'door', 'allow', '', %(purpose)s::text,
               jsonb_build_object('purpose', %(purpose)s::text, 'author', 'system'), %(at)s FROM added
    )
    UPDATE conversation SET last_message_id = (SELECT id FROM added), last_message_at = %(at)s
    WHERE id = %(conversation)s AND EXISTS (SELECT 1 FROM added)
"""

WITHDRAW = """
    UPDATE message SET status = 'canceled', error = 'opted_out'
    WHERE identity_id = %(identity)s AND conversation_id = %(conversation)s AND direction = 'out'
      AND channel_id = ANY(%(channels)s) AND status IN ('queued', 'scheduled')
"""


async def event(connection: AsyncConnection[Any], *, where: Place, kind: str, data: dict[str, Any]) -> None:
    """Record something the thread shows as a line; opt-outs also have reactions."""
    await connection.execute(
        EVENT,
        {
            "type": kind,
            "conversation": where.conversation_id,
            "message": where.message_id,
            "data": orjson.dumps(data).decode(),
            "trace": where.trace,
            "at": where.at,
            "pending": kind in REACTIVE_TYPES,
            "shown": registry[kind].is_shown,
        },
    )


async def queue(
    connection: AsyncConnection[Any], *, where: Place, route: Route, recipient: str, body: str, purpose: Purpose
) -> None:
    """Queue one notice, unless the same was queued for this conversation within a minute: machines answer machines."""
    body = segments.prepare(body)
    counted = segments.count(body, toll_free_us=route.is_toll_free)
    await connection.execute(
        NOTICE,
        {
            "workspace": where.workspace_id,
            "conversation": where.conversation_id,
            "channel": route.id,
            "identity": where.identity_id,
            "sender": route.address,
            "recipient": recipient,
            "body": body,
            "encoding": counted.encoding,
            "segments": 1 if route.kind == "whatsapp" else counted.segments,
            "purpose": purpose.value,
            "priority": rules.PRIORITY_CONFIRMATION,
            "trace": where.trace,
            "at": where.at,
            "expires": where.at + VALIDITY,
            "recent": where.at - SAME_NOTICE_WITHIN,
        },
    )
    await connection.execute("SELECT pg_notify('twoway_outbox', '')")


async def withdraw(connection: AsyncConnection[Any], *, where: Place, channel_ids: Sequence[int]) -> None:
    """Cancel what still waits to be sent to somebody who has just opted out."""
    await connection.execute(
        WITHDRAW,
        {"identity": where.identity_id, "conversation": where.conversation_id, "channels": list(channel_ids)},
    )
