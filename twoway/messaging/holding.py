"""Texts held until our number is registered: they stay queued, and the time they waited doesn't make them stale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance import rules

CLEARED_AT = "SELECT cleared_at FROM number_record WHERE channel_id = %(channel)s AND cleared_at IS NOT NULL"

PUT_OFF = """
    UPDATE message m SET expires_at = t.expires_at
    FROM unnest(%(ids)s::bigint[], %(times)s::timestamptz[]) AS t(id, expires_at) WHERE m.id = t.id
"""


async def without_held_time(
    connection: AsyncConnection[Any], *, channel_id: int, rows: Sequence[dict[str, Any]], at: datetime
) -> list[dict[str, Any]]:
    """The locked messages of a claim, with the time they were held taken off their age. Most claims ask nothing."""
    if not any(row["expires_at"] is not None and row["expires_at"] <= at for row in rows):
        return list(rows)
    cursor = await connection.execute(CLEARED_AT, {"channel": channel_id})
    found = await cursor.fetchone()
    if found is None:
        return list(rows)
    times = {
        row["id"]: rules.stale_at(
            expires_at=row["expires_at"], created_at=row["created_at"], held_until=found[0], purpose=row["purpose"]
        )
        for row in rows
    }
    moved = [row["id"] for row in rows if times[row["id"]] != row["expires_at"]]
    if moved:
        await connection.execute(PUT_OFF, {"ids": moved, "times": [times[key] for key in moved]})
    return [{**row, "expires_at": times[row["id"]]} for row in rows]
