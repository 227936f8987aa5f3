"""What compliance held or refused at the claim: written down with its decision, and told to whoever watches.

Texts held until our number is registered stay queued, and the time they waited doesn't make them stale. Other held
texts are scheduled for when they are asked about again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from psycopg import AsyncConnection

from twoway.compliance import rules
from twoway.compliance.deciding.actions import LONGEST_WORDS
from twoway.compliance.deciding.rules import LOOK_AGAIN
from twoway.messaging.asking import Fate

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


_ENDED = """
    FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(facts)s::text[], %(words)s::text[],
                %(untils)s::timestamptz[], %(again)s::timestamptz[], %(new)s::boolean[])
         AS t(id, status, reason, facts, words, until, again, is_new)
    WHERE m.id = t.id
    RETURNING m.id, m.workspace_id, m.conversation_id, m.trace, m.purpose, t.reason, t.facts, t.words, t.until, t.is_new
"""
_TOLD = """
    SELECT pg_notify('twoway_live', json_build_object('w', c.workspace_id, 'c', json_agg(DISTINCT
        jsonb_build_array(c.id, coalesce(c.team_id, 0), coalesce(c.assignee_id, 0))))::text)
    FROM ended JOIN conversation c ON c.id = ended.conversation_id GROUP BY c.workspace_id
"""
_DECIDED = """
    INSERT INTO send_decision (workspace_id, message_id, stage, verdict, reason, purpose, facts, for_agent, until, at)
    SELECT workspace_id, id, 'claim', %(verdict)s, reason, purpose, facts::jsonb, words, until, %(at)s
    FROM ended WHERE is_new
"""

DROP = f"""
    WITH ended AS (
        UPDATE message m SET status = t.status, error = left(t.reason, 30) {_ENDED}
    ), decided AS ({_DECIDED}), told AS ({_TOLD}), counted AS (SELECT count(*) FROM told)
    INSERT INTO event (workspace_id, type, conversation_id, message_id, data, trace, at, is_pending, is_shown)
    SELECT workspace_id, 'message_failed', conversation_id, id, jsonb_build_object('reason', reason), trace, %(at)s,
           false, false
    FROM ended, counted
"""  # noqa: S608 - of constants

# A text that is held again for the same reason has its decision already.
HOLD = f"""
    WITH ended AS (
        UPDATE message m SET status = t.status, held_reason = t.reason, send_after = t.again {_ENDED}
    ), decided AS ({_DECIDED})
    {_TOLD}
"""  # noqa: S608 - of constants

ALLOWED = """
    INSERT INTO send_decision (workspace_id, message_id, stage, verdict, reason, purpose, facts, at)
    SELECT m.workspace_id, m.id, 'claim', 'allow', '', m.purpose, t.facts::jsonb, %(at)s
    FROM unnest(%(ids)s::bigint[], %(facts)s::text[]) AS t(id, facts) JOIN message m ON m.id = t.id
"""


async def drop(connection: AsyncConnection[Any], fates: Sequence[Fate], *, at: datetime) -> None:
    """End what may not leave, with the decision and an event."""
    await connection.execute(DROP, {**_columns(fates, at), "verdict": "deny", "new": [True for _ in fates]})


async def hold(connection: AsyncConnection[Any], fates: Sequence[Fate], *, at: datetime) -> None:
    """Put off what must wait; without an end it is looked at again after `LOOK_AGAIN`."""
    new = [fate.reason != fate.row["held_reason"] for fate in fates]
    await connection.execute(HOLD, {**_columns(fates, at), "verdict": "hold", "new": new})


async def tell(
    connection: AsyncConnection[Any], taken: Sequence[Mapping[str, Any]], told: Mapping[int, Any], *, at: datetime
) -> None:
    """Keep the decision of those that leave and began something, or waited: their door's said less, or wait."""
    ids = [row["id"] for row in taken if row["id"] in told]
    if ids:
        await connection.execute(ALLOWED, {"ids": ids, "facts": [_json(told[key]) for key in ids], "at": at})


def _columns(fates: Sequence[Fate], at: datetime) -> dict[str, Any]:
    return {
        "ids": [fate.row["id"] for fate in fates],
        "statuses": [fate.status for fate in fates],
        "reasons": [fate.reason for fate in fates],
        "facts": [_json(fate.facts) for fate in fates],
        "words": [fate.for_agent[:LONGEST_WORDS] for fate in fates],
        "untils": [fate.until for fate in fates],
        "again": [fate.until or at + LOOK_AGAIN for fate in fates],
        "at": at,
    }


def _json(facts: Any) -> str:
    return orjson.dumps(facts).decode()
