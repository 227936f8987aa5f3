"""Who a WhatsApp sender is: one person may come with a number, a business-scoped id, or both, and with a name.

Only batches with such senders run these statements. A person we text by SMS and who then writes on WhatsApp from the
same number is one contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance import bulk
from twoway.compliance.shield.rules import redact
from twoway.lib.statement import Statement
from twoway.messaging import arrays
from twoway.messaging.rows import InboundRow
from twoway.sms import segments

LONGEST_NAME = 120
WHATSAPP = "whatsapp"

JOIN = Statement("""
    INSERT INTO identity (workspace_id, kind, value, contact_id, created_at)
    SELECT DISTINCT ON (w, k, v) w, k, v, known.contact_id, at
    FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[], %(other_kinds)s::text[],
                %(others)s::text[], %(ats)s::timestamptz[]) WITH ORDINALITY AS t(w, k, v, ok, ov, at, ord)
    JOIN LATERAL (
        SELECT contact_id FROM identity WHERE workspace_id = w AND kind = ok AND value = ov LIMIT 1) known ON true
    WHERE (SELECT id FROM identity i WHERE i.workspace_id = w AND i.kind = k AND i.value = v) IS NULL
    ORDER BY w, k, v, ord
    ON CONFLICT DO NOTHING
    RETURNING id
""")

NAME = Statement("""
    UPDATE contact c SET name = told.name
    FROM (
        SELECT DISTINCT ON (i.contact_id) i.contact_id, t.name
        FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[], %(names)s::text[])
             WITH ORDINALITY AS t(w, k, v, name, ord)
        JOIN LATERAL (
            SELECT contact_id FROM identity WHERE workspace_id = w AND kind = k AND value = v LIMIT 1) i ON true
        ORDER BY i.contact_id, t.ord DESC
    ) told
    WHERE c.id = told.contact_id AND c.name = '' AND NOT c.is_anonymous
""")

HIDE = Statement("""
    UPDATE contact SET is_anonymous = true
    WHERE NOT is_anonymous AND id IN (
        SELECT i.contact_id
        FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[]) AS t(w, k, v)
        JOIN identity i ON i.workspace_id = w AND i.kind = k AND i.value = v)
""")

Pair = tuple[InboundRow, str, tuple[str, str]]
"""A row, the address of it that may be new, and the kind and value of the one that may be known."""


def name(raw: str) -> str:
    """A profile name as a contact may have it: one line, bounded."""
    return redact(" ".join(segments.clean_inbound(raw).split()))[0][:LONGEST_NAME]


def strangers(rows: Sequence[InboundRow]) -> list[InboundRow]:
    """The rows of a batch that need any of this."""
    return [row for row in rows if row.kind == WHATSAPP]


async def before(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> None:
    """Before new people are made: a new address of somebody known by another one belongs to them."""
    by_alias: list[Pair] = [(row, row.value, (WHATSAPP, row.alias)) for row in rows if row.alias]
    by_number: list[Pair] = [(row, row.value, ("phone", row.value)) for row in rows if row.value.startswith("+")]
    await _join(connection, by_alias + by_number)


async def after(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> None:
    """Once everybody is there: their other addresses, and a name for who has none."""
    await _join(connection, [(row, row.alias, (WHATSAPP, row.value)) for row in rows if row.alias])
    named = [row for row in rows if row.name and not row.route.is_anonymous]
    if named:
        await NAME.execute(
            connection,
            {
                "workspaces": arrays.numbers([row.route.workspace_id for row in named]),
                "kinds": arrays.texts([row.kind for row in named]),
                "values": arrays.texts([row.value for row in named]),
                "names": arrays.texts([row.name for row in named]),
            },
        )


async def hide(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> None:
    """Who writes to an anonymous number is anonymous from now on, wherever else they write."""
    hidden = [row for row in rows if row.route.is_anonymous]
    if hidden:
        await HIDE.execute(
            connection,
            {
                "workspaces": arrays.numbers([row.route.workspace_id for row in hidden]),
                "kinds": arrays.texts([row.kind for row in hidden]),
                "values": arrays.texts([row.value for row in hidden]),
            },
        )


async def _join(connection: AsyncConnection[Any], pairs: Sequence[Pair]) -> None:
    if not pairs:
        return
    cursor = await JOIN.execute(
        connection,
        {
            "workspaces": arrays.numbers([row.route.workspace_id for row, _, _ in pairs]),
            "kinds": arrays.texts([WHATSAPP for _ in pairs]),
            "values": arrays.texts([value for _, value, _ in pairs]),
            "other_kinds": arrays.texts([kind for _, _, (kind, _) in pairs]),
            "others": arrays.texts([other for _, _, (_, other) in pairs]),
            "ats": arrays.times([row.at for row, _, _ in pairs]),
        },
    )
    added = [found[0] for found in await cursor.fetchall()]
    if added:
        await bulk.carry_over(connection, added)
