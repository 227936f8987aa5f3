"""The files of texts that come in: written down with their text, in the same transaction, to be fetched soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from psycopg import AsyncConnection

from twoway.compliance.shield.rules import redact
from twoway.lib.file_types import kind_of
from twoway.messaging import arrays
from twoway.messaging.media import rules
from twoway.messaging.media.rules import GEO, location_of
from twoway.messaging.rows import InboundRow
from twoway.providers.base import Inbound
from twoway.sms import segments

MOST_FILES = 30
NOTHING = "[]"

EXPECT = """
    WITH files AS (
        SELECT * FROM unnest(%(channels)s::bigint[], %(provider_ids)s::text[], %(positions)s::int[], %(kinds)s::text[],
                             %(types)s::text[], %(names)s::text[], %(urls)s::text[], %(ids)s::text[])
             AS t(c, p, position, kind, type, name, url, file_id)
    )
    INSERT INTO media (workspace_id, message_id, position, state, kind, content_type, name, source_url, source_id,
                       next_try_at, created_at)
    SELECT m.workspace_id, m.id, f.position, CASE WHEN f.kind = 'location' THEN 'ready' ELSE 'waiting' END, f.kind,
           f.type, f.name, f.url, f.file_id, m.created_at, m.created_at
    FROM files f JOIN LATERAL (
        SELECT id, workspace_id, created_at FROM message
        WHERE channel_id = f.c AND provider_id = f.p AND provider_id <> '' AND direction = 'in' LIMIT 1) m ON true
    ON CONFLICT DO NOTHING
"""


def told(text: Inbound) -> str:
    """What a message keeps of what its provider says about its files, as JSON."""
    if not text.media:
        return NOTHING
    items = [
        {"url": one.url[:4000], "type": one.content_type[:100], "id": one.id[:200], "name": redact(one.name[:200])[0]}
        for one in text.media[:MOST_FILES]
    ]
    return segments.clean_inbound(orjson.dumps(items).decode())


def words(text: Inbound) -> str:
    """What a list says in place of the text that came with these files."""
    return rules.words(["location/place" if location_of(one.url) else one.content_type for one in text.media])


async def expect(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> None:
    """Write down the files of these texts, inside the caller's transaction; a repeated text's are there already."""
    found = [
        (row, position, item)
        for row in rows
        if row.media != NOTHING
        for position, item in enumerate(orjson.loads(row.media))
    ]
    if not found:
        return
    columns = {
        "channels": arrays.numbers([row.route.id for row, _, _ in found]),
        "provider_ids": arrays.texts([row.provider_id for row, _, _ in found]),
        "positions": arrays.numbers([position for _, position, _ in found]),
        "kinds": arrays.texts([_kind(item) for _, _, item in found]),
        "types": arrays.texts([item["type"] for _, _, item in found]),
        "names": arrays.texts([item["name"] for _, _, item in found]),
        "urls": arrays.texts([item["url"] for _, _, item in found]),
        "ids": arrays.texts([item["id"] for _, _, item in found]),
    }
    await connection.execute(EXPECT, columns)
    await connection.execute("SELECT pg_notify('twoway_media', '')")


def _kind(item: dict[str, str]) -> str:
    if item["url"].startswith(GEO):
        return "location" if location_of(item["url"]) else "file"
    return kind_of(item["type"])
