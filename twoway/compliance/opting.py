"""The statements of "no more texts" and its end, with their lines in the consent ledger.

`actions` runs them for one person, `bulk` inside the set-based transactions of intake. The ledger is held first, then
the identities are locked (a claim for delivery takes the same locks in share mode), then the rows are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from twoway.compliance.consent.actions import clean_proof, hash_of

# On WhatsApp one person may be known by a number and by an id; who stops by one is not written to by the other.
SAME = """
    SELECT %(identity)s::bigint AS id
    UNION SELECT s.id FROM identity me JOIN identity s ON s.contact_id = me.contact_id AND s.kind = 'whatsapp'
    WHERE me.id = %(identity)s AND me.kind = 'whatsapp'
"""
COVERED = """
    SELECT c.id FROM channel c JOIN channel here ON here.id = %(channel)s
    WHERE c.workspace_id = here.workspace_id
      AND (c.id = here.id OR (c.service_id <> '' AND c.service_id = here.service_id) OR c.pool_id = here.pool_id)
"""
LOCK = f"SELECT id, kind, value FROM identity WHERE id IN ({SAME}) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608 - of constants

# A carrier's refusal of a text is no STOP of today: where they opted back in since, it speaks for that number alone.
OPT_OUT = f"""
    WITH same AS ({SAME}), covered AS ({COVERED}), scope AS (
        SELECT CASE WHEN %(source)s = 'carrier' AND EXISTS (
                    SELECT 1 FROM opt_out o JOIN same ON same.id = o.identity_id WHERE o.lifted_at IS NOT NULL)
               THEN 'service'
               ELSE coalesce((SELECT stop_scope FROM consent_setting WHERE workspace_id = %(workspace)s), 'all')
               END AS covers
    )
    INSERT INTO opt_out (workspace_id, identity_id, channel_id, source, keyword, covers, message_id, opted_out_at,
                         lifted_by)
    SELECT %(workspace)s, same.id, covered.id, %(source)s, %(keyword)s, scope.covers, %(message)s, %(at)s, ''
    FROM covered, same, scope
    ON CONFLICT (identity_id, channel_id) WHERE lifted_at IS NULL DO UPDATE SET covers = 'all'
    WHERE opt_out.covers = 'service' AND excluded.covers = 'all'
    RETURNING id, identity_id, channel_id, covers, source
"""  # noqa: S608 - of constants

LIFT = f"""
    UPDATE opt_out SET lifted_at = %(at)s, lifted_by = %(by)s
    WHERE identity_id IN ({SAME}) AND lifted_at IS NULL
      AND (channel_id IN ({COVERED}) OR (covers = 'all' AND source NOT IN ('provider', 'carrier')))
    RETURNING id, identity_id, channel_id, covers, source
"""  # noqa: S608 - of constants

# What a provider or a carrier blocks at another number stays blocked there: only START to that number ends it.
LOOSEN = f"""
    UPDATE opt_out SET covers = 'service'
    WHERE identity_id IN ({SAME}) AND lifted_at IS NULL AND covers = 'all'
    RETURNING id, identity_id, channel_id, covers, source
"""  # noqa: S608 - of constants

NUMBERS = "SELECT id FROM channel WHERE workspace_id = %(workspace)s ORDER BY id"

SUPPRESSED = """
    SELECT address_hash, channel_id FROM suppression
    WHERE workspace_id = %(workspace)s AND address_hash = ANY(%(hashes)s)
"""

ENTRIES = """
    INSERT INTO consent_entry (workspace_id, identity_id, address_hash, channel_id, purpose, change, level, method,
                               by_name, at, proof)
    SELECT %(workspace)s, t.identity, t.address, nullif(t.channel, 0), 'all', t.change, t.level, %(method)s,
           %(by_name)s, %(at)s, %(proof)s::jsonb
    FROM unnest(%(identities)s::bigint[], %(addresses)s::text[], %(channels)s::bigint[], %(changes)s::text[],
                %(levels)s::text[]) WITH ORDINALITY AS t(identity, address, channel, change, level, n)
    ORDER BY t.n
"""

# An address that was suppressed, forgotten and now turns up again: the opt-out holds for its new identity at once.
RESTORE = """
    WITH told AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(workspaces)s::bigint[], %(hashes)s::text[]) AS t(id, w, h)
    ), linked AS (
        UPDATE suppression p SET identity_id = told.id FROM told
        WHERE p.workspace_id = told.w AND p.address_hash = told.h AND p.identity_id IS NULL
        RETURNING p.workspace_id, p.identity_id, p.channel_id, p.method, p.since
    ), remembered AS (
        UPDATE consent_state s SET identity_id = told.id FROM told
        WHERE s.workspace_id = told.w AND s.address_hash = told.h AND s.identity_id IS NULL
          AND s.change IN ('withdrawn', 'denied')
    )
    INSERT INTO opt_out (workspace_id, identity_id, channel_id, source, keyword, covers, opted_out_at, lifted_by)
    SELECT l.workspace_id, l.identity_id, c.id,
           CASE l.method WHEN 'agent' THEN 'member' WHEN 'keyword' THEN 'keyword' WHEN 'provider' THEN 'provider'
           WHEN 'carrier' THEN 'carrier' WHEN 'api' THEN 'api' WHEN 'reply' THEN 'words' ELSE 'member' END,
           '', CASE WHEN l.channel_id IS NULL THEN 'all' ELSE 'service' END, l.since, ''
    FROM linked l JOIN LATERAL (
        SELECT id FROM channel WHERE workspace_id = l.workspace_id AND (l.channel_id IS NULL OR id = l.channel_id)
        ORDER BY id LIMIT 1) c ON true
    ON CONFLICT DO NOTHING
"""

METHODS = {
    "keyword": "keyword",
    "words": "reply",
    "provider": "provider",
    "carrier": "carrier",
    "member": "agent",
    "api": "api",
}
"""How the ledger calls a source of an opt-out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One address that is meant, locked."""

    id: int
    kind: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One opt-out that was added, lifted or loosened."""

    id: int
    identity_id: int
    channel_id: int
    covers: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One entry to be written. `channel_id` 0 is every number."""

    identity_id: int
    channel_id: int
    change: str
    level: str = ""


def rows_of(found: Iterable[Sequence[Any]]) -> list[Row]:
    """What OPT_OUT, LIFT and LOOSEN return."""
    return [Row(id=r[0], identity_id=r[1], channel_id=r[2], covers=r[3], source=r[4]) for r in found]


def people_of(found: Iterable[Sequence[Any]]) -> list[Person]:
    """What LOCK returns."""
    return [Person(id=row[0], kind=row[1], value=row[2]) for row in found]


def hashes_of(people: Iterable[Person], workspace_id: int) -> dict[int, str]:
    """The keyed hash of each address."""
    return {one.id: hash_of(workspace_id, kind=one.kind, value=one.value) for one in people}


def suppressed_of(found: Iterable[Sequence[Any]], hashes: Mapping[int, str]) -> dict[int, set[int]]:
    """By address, the numbers it is suppressed at; 0 for all."""
    ids = {digest: identity_id for identity_id, digest in hashes.items()}
    numbers: dict[int, set[int]] = {}
    for digest, channel_id in found:
        numbers.setdefault(ids[digest], set()).add(channel_id or 0)
    return numbers


def told(new: Sequence[tuple[int, int, str, str]]) -> dict[str, Any]:
    """The parameters of RESTORE for new identities: id, workspace, kind, value."""
    return {
        "ids": [one[0] for one in new],
        "workspaces": [one[1] for one in new],
        "hashes": [hash_of(one[1], kind=one[2], value=one[3]) for one in new],
    }


def lines_of_opt_out(added: Sequence[Row], *, channel_id: int) -> list[Line]:
    """One entry for each address: for every number, or for the one it came to."""
    covers = {row.identity_id: row.covers for row in added}
    return [
        Line(identity_id=who, channel_id=0 if covers[who] == "all" else channel_id, change="withdrawn")
        for who in sorted(covers)
    ]


def lines_of_lift(
    lifted: Sequence[Row],
    loosened: Sequence[Row],
    *,
    channel_id: int,
    by_customer: bool,
    suppressed: Mapping[int, set[int]],
) -> list[Line]:
    """The end of it, by address: of all numbers when that held, else of those it held for; and what stays blocked.

    START is consent to informational texts (`express`); a member's or a program's word only takes a block away.
    """
    level = "express" if by_customer else "implied"
    lines = []
    for who in sorted({row.identity_id for row in (*lifted, *loosened)}):
        stays = sorted({row.channel_id for row in loosened if row.identity_id == who})
        ended = {row.channel_id for row in lifted if row.identity_id == who}
        is_all = bool(stays) or any(row.covers == "all" for row in lifted if row.identity_id == who)
        numbers = [0] if is_all else sorted({channel_id} | (ended & suppressed.get(who, set())))
        lines += [Line(identity_id=who, channel_id=number, change="lifted", level=level) for number in numbers]
        lines += [Line(identity_id=who, channel_id=number, change="withdrawn") for number in stays]
    return lines


def write(
    lines: Sequence[Line],
    *,
    workspace_id: int,
    hashes: Mapping[int, str],
    source: str,
    by_name: str,
    proof: Mapping[str, Any],
    at: datetime,
) -> dict[str, Any]:
    """The parameters of ENTRIES for these lines."""
    kept = {key: value for key, value in proof.items() if value not in ("", None)}
    return {
        "workspace": workspace_id,
        "identities": [line.identity_id for line in lines],
        "addresses": [hashes[line.identity_id] for line in lines],
        "channels": [line.channel_id for line in lines],
        "changes": [line.change for line in lines],
        "levels": [line.level for line in lines],
        "method": METHODS[source],
        "by_name": by_name[:120],
        "at": at,
        "proof": orjson.dumps(clean_proof(kept)).decode(),
    }
