"""Opt-outs written inside the set-based transactions of intake and receipts; `actions` is their twin for one person.

Each holds the workspace's consent ledger and then takes the identity's row lock. A claim for delivery takes the same
lock in share mode, so that a claim either commits before the opt-out or sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance import opting
from twoway.compliance.consent.actions import HOLD
from twoway.compliance.queries import FACTS, SendQuestion, facts_of
from twoway.compliance.rules import SendFacts


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
    proof: Mapping[str, Any] | None = None,
) -> list[int]:
    """Record an opt-out with its entry in the ledger; the channels it is new for, all of the workspace when it covers
    them all. `proof` is kept with the entry besides the keyword and the message.
    """
    names = {"identity": identity_id, "channel": channel_id, "workspace": workspace_id, "at": at}
    people = await _lock(connection, names)
    found = await _rows(
        connection, opting.OPT_OUT, {**names, "source": source, "keyword": keyword[:40], "message": message_id}
    )
    if not found:
        return []
    await _write(
        connection,
        opting.lines_of_opt_out(found, channel_id=channel_id),
        workspace_id=workspace_id,
        hashes=opting.hashes_of(people, workspace_id),
        source=source,
        by_name="system: Twoway",
        proof={"channel_id": channel_id, "keyword": keyword, "message_id": message_id, **(proof or {})},
        at=at,
    )
    if any(row.covers == "all" for row in found):
        cursor = await connection.execute(opting.NUMBERS, names)
        return [number[0] for number in await cursor.fetchall()]
    return list(dict.fromkeys(row.channel_id for row in found))


async def lift(
    connection: AsyncConnection[Any],
    *,
    workspace_id: int,
    identity_id: int,
    channel_id: int,
    by: str,
    at: datetime,
    source: str = "keyword",
    keyword: str = "",
    message_id: int | None = None,
) -> list[int]:
    """End the opt-outs that hold for the channel, by the customer's own word; the channels they were in force for.

    Those a provider or a carrier keeps at other numbers stay in force there.
    """
    names = {"identity": identity_id, "channel": channel_id, "workspace": workspace_id, "by": by, "at": at}
    people = await _lock(connection, names)
    lifted = await _rows(connection, opting.LIFT, names)
    loosened = await _rows(connection, opting.LOOSEN, names)
    if not lifted and not loosened:
        return []
    hashes = opting.hashes_of(people, workspace_id)
    cursor = await connection.execute(opting.SUPPRESSED, {**names, "hashes": list(hashes.values())})
    lines = opting.lines_of_lift(
        lifted,
        loosened,
        channel_id=channel_id,
        by_customer=True,
        suppressed=opting.suppressed_of(await cursor.fetchall(), hashes),
    )
    await _write(
        connection,
        lines,
        workspace_id=workspace_id,
        hashes=hashes,
        source=source,
        by_name="system: Twoway",
        proof={"channel_id": channel_id, "keyword": keyword, "message_id": message_id},
        at=at,
    )
    return sorted({channel_id, *(row.channel_id for row in lifted)})


async def _lock(connection: AsyncConnection[Any], names: Mapping[str, Any]) -> list[opting.Person]:
    await connection.execute(HOLD, names)
    cursor = await connection.execute(opting.LOCK, names)
    return opting.people_of(await cursor.fetchall())


async def _rows(connection: AsyncConnection[Any], statement: str, names: Mapping[str, Any]) -> list[opting.Row]:
    cursor = await connection.execute(statement, names)
    return opting.rows_of(await cursor.fetchall())


async def _write(connection: AsyncConnection[Any], lines: Sequence[opting.Line], **about: Any) -> None:
    await connection.execute(opting.ENTRIES, opting.write(lines, **about))


async def restore(connection: AsyncConnection[Any], new: Sequence[tuple[int, int, str, str]]) -> None:
    """New identities (id, workspace, kind, value) whose address is suppressed are opted out from the start."""
    if new:
        await connection.execute(opting.RESTORE, opting.told(new))


CARRY_OVER = """
    INSERT INTO opt_out (workspace_id, identity_id, channel_id, source, keyword, covers, message_id, opted_out_at,
                         lifted_by)
    SELECT DISTINCT ON (new.id, o.channel_id) o.workspace_id, new.id, o.channel_id, o.source, o.keyword, o.covers,
           o.message_id, o.opted_out_at, ''
    FROM identity new
    JOIN identity s ON s.contact_id = new.contact_id AND s.kind = 'whatsapp' AND s.id <> new.id
    JOIN opt_out o ON o.identity_id = s.id AND o.lifted_at IS NULL
    WHERE new.id = ANY(%(ids)s)
    ORDER BY new.id, o.channel_id, o.id
    ON CONFLICT DO NOTHING
"""


async def carry_over(connection: AsyncConnection[Any], identity_ids: Sequence[int]) -> None:
    """A new WhatsApp address of somebody known has the opt-outs of their other ones, and those of before an erasure."""
    await connection.execute(CARRY_OVER, {"ids": list(identity_ids)})
    cursor = await connection.execute(
        "SELECT id, workspace_id, kind, value FROM identity WHERE id = ANY(%(ids)s)", {"ids": list(identity_ids)}
    )
    await restore(connection, await cursor.fetchall())


async def claim_facts(
    connection: AsyncConnection[Any], *, channel_id: int, questions: Sequence[SendQuestion]
) -> list[SendFacts]:
    """What `rules.refusal` needs to know for every message of a claim, in order; the caller holds the locks."""
    cursor = await connection.execute(FACTS, ([one.identity_id for one in questions], [channel_id for _ in questions]))
    rows = await cursor.fetchall()
    return [facts_of(question, found) for question, found in zip(questions, rows, strict=True)]
