"""Words about topics in what comes in: understood before the texts are stored, written down in their transaction.

Intake only says what was heard, as an event; `optin` does it soon after. What nobody was asked, or somebody who opted
out says, is an ordinary text and waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from twoway.messaging import arrays, notices
from twoway.messaging.rows import InboundRow

MEANT = """
    SELECT t.n,
           EXISTS (SELECT 1 FROM opt_out o JOIN channel oc ON oc.id = o.channel_id
                   WHERE o.identity_id = i.id AND o.lifted_at IS NULL
                     AND (oc.id = c.id OR (c.service_id <> '' AND oc.service_id = c.service_id)
                          OR oc.pool_id = c.pool_id)),
           EXISTS (SELECT 1 FROM optin_member m JOIN optin_topic o ON o.id = m.topic_id AND o.is_active
                   JOIN channel mc ON mc.id = m.channel_id
                   WHERE m.identity_id = i.id AND (mc.id = c.id OR mc.pool_id = c.pool_id) AND m.state = 'requested'
                     AND m.asked_at IS NOT NULL AND (m.expires_at IS NULL OR m.expires_at > t.at))
    FROM unnest(%(numbers)s::bigint[], %(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[],
                %(channels)s::bigint[], %(ats)s::timestamptz[]) AS t(n, w, k, v, c, at)
    JOIN identity i ON i.workspace_id = t.w AND i.kind = t.k AND i.value = t.v
    JOIN channel c ON c.id = t.c
"""


async def settle(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> None:
    """Take the meaning from words that have none: a yes that answers nothing, a wish of somebody who opted out.

    One statement, and none for a batch without such words.
    """
    said = [(n, row) for n, row in enumerate(rows) if row.topic is not None]
    if not said:
        return
    columns = {
        "numbers": arrays.numbers([n for n, _ in said]),
        "workspaces": arrays.numbers([row.route.workspace_id for _, row in said]),
        "kinds": arrays.texts([row.kind for _, row in said]),
        "values": arrays.texts([row.value for _, row in said]),
        "channels": arrays.numbers([row.route.id for _, row in said]),
        "ats": arrays.times([row.at for _, row in said]),
    }
    cursor = await connection.execute(MEANT, columns)
    known = {n: (is_out, was_asked) for n, is_out, was_asked in await cursor.fetchall()}
    for n, row in said:
        is_out, was_asked = known.get(n, (False, False))
        kind = row.topic.kind if row.topic is not None else ""
        if (kind == "yes" and not was_asked) or (is_out and kind != "leave"):
            row.topic = None


async def tell(
    connection: AsyncConnection[Any], *, text: InboundRow, message_id: int, conversation_id: int, identity_id: int
) -> None:
    """Write down what was heard, in the transaction that stored the text."""
    if text.topic is None:
        return
    where = notices.place(text, message_id=message_id, conversation_id=conversation_id, identity_id=identity_id)
    data = {
        "channel_id": text.route.id,
        "identity_id": identity_id,
        "said": text.topic.kind,
        "word": text.topic.word,
        "topic_id": text.topic.topic_id,
    }
    await notices.event(connection, where=where, kind="topic_heard", data=data)
