"""Opt-outs written inside the set-based transactions of intake and receipts; `actions` is their twin for one person.

Each takes the identity's row lock first. A claim for delivery takes the same lock in share mode, so that a claim either
commits before the opt-out or sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance.queries import FACTS, SendQuestion, facts_of
from twoway.compliance.rules import SendFacts

# On WhatsApp one person may be known by a number and by an id; who stops by one is not written to by the other.
SAME = """
    SELECT %(identity)s::bigint AS id
    UNION SELECT s.id FROM identity me JOIN identity s ON s.contact_id = me.contact_id AND s.kind = 'whatsapp'
    WHERE me.id = %(identity)s AND me.kind = 'whatsapp'
"""

LOCK = f"SELECT 1 FROM identity WHERE id IN ({SAME}) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608 - of constants

OPT_OUT = f"""
    WITH same AS ({SAME}), covered AS (
        SELECT c.id FROM channel c JOIN channel here ON here.id = %(channel)s
        WHERE c.workspace_id = here.workspace_id
          AND (c.id = here.id OR (c.service_id <> '' AND c.service_id = here.service_id)
               OR c.pool_id = here.pool_id)
    )
    INSERT INTO opt_out (workspace_id, identity_id, channel_id, source, keyword, message_id, opted_out_at, lifted_by)
    SELECT %(workspace)s, same.id, covered.id, %(source)s, %(keyword)s, %(message)s, %(at)s, '' FROM covered, same
    ON CONFLICT DO NOTHING
    RETURNING channel_id
"""  # noqa: S608 - of constants

LIFT = f"""
    UPDATE opt_out SET lifted_at = %(at)s, lifted_by = %(by)s
    WHERE identity_id IN ({SAME}) AND lifted_at IS NULL AND channel_id IN (
        SELECT c.id FROM channel c JOIN channel here ON here.id = %(channel)s
        WHERE c.workspace_id = here.workspace_id
          AND (c.id = here.id OR (c.service_id <> '' AND c.service_id = here.service_id)
               OR c.pool_id = here.pool_id))
    RETURNING channel_id
"""  # noqa: S608 - of constants


async def opt_out(
    connection: AsyncConnection[Any],
    *,
    workspace_id: int,
    identity_id: int,
    channel_id: int,
    source: str,
    keyword: str,
    message_id: int | None,
    at: datetime,
) -> list[int]:
    """Record an opt-out for the channel and those that share its pool; the channels it is new for."""
    names = {"identity": identity_id, "channel": channel_id, "workspace": workspace_id, "at": at}
    await connection.execute(LOCK, names)
    cursor = await connection.execute(
        OPT_OUT, {**names, "source": source, "keyword": keyword[:40], "message": message_id}
    )
    return list(dict.fromkeys([found[0] for found in await cursor.fetchall()]))


async def lift(
    connection: AsyncConnection[Any], *, identity_id: int, channel_id: int, by: str, at: datetime
) -> list[int]:
    """End the open opt-outs of the channel and those that share its pool; the channels it was in force for."""
    names = {"identity": identity_id, "channel": channel_id, "by": by, "at": at}
    await connection.execute(LOCK, names)
    cursor = await connection.execute(LIFT, names)
    return list(dict.fromkeys([found[0] for found in await cursor.fetchall()]))


CARRY_OVER = """
    INSERT INTO opt_out (workspace_id, identity_id, channel_id, source, keyword, message_id, opted_out_at, lifted_by)
    SELECT DISTINCT ON (new.id, o.channel_id) o.workspace_id, new.id, o.channel_id, o.source, o.keyword, o.message_id,
           o.opted_out_at, ''
    FROM identity new
    JOIN identity s ON s.contact_id = new.contact_id AND s.kind = 'whatsapp' AND s.id <> new.id
    JOIN opt_out o ON o.identity_id = s.id AND o.lifted_at IS NULL
    WHERE new.id = ANY(%(ids)s)
    ORDER BY new.id, o.channel_id, o.id
    ON CONFLICT DO NOTHING
"""


async def carry_over(connection: AsyncConnection[Any], identity_ids: Sequence[int]) -> None:
    """A new WhatsApp address of somebody known has the opt-outs of their other ones."""
    await connection.execute(CARRY_OVER, {"ids": list(identity_ids)})


async def claim_facts(
    connection: AsyncConnection[Any], *, channel_id: int, questions: Sequence[SendQuestion]
) -> list[SendFacts]:
    """What `rules.refusal` needs to know for every message of a claim, in order; the caller holds the locks."""
    cursor = await connection.execute(FACTS, ([one.identity_id for one in questions], [channel_id for _ in questions]))
    rows = await cursor.fetchall()
    return [facts_of(question, found) for question, found in zip(questions, rows, strict=True)]
