"""One statement about several texts at once: what the joins of every subject begin from, and how they are joined.

A decision asks several subjects about the same text. Each names what it selects and the joins that takes; together
they are one statement, which costs one round trip and is planned once a connection.
"""

from __future__ import annotations

from dataclasses import dataclass

_BASE = """
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY AS q(identity_id, channel_id, purpose, n)
CROSS JOIN (SELECT %s::timestamptz AS at) AS asked
LEFT JOIN identity i ON i.id = q.identity_id
LEFT JOIN contact person ON person.id = i.contact_id
LEFT JOIN channel c ON c.id = q.channel_id
LEFT JOIN contact_place place ON place.contact_id = i.contact_id
"""
"""The questions in order, the time, and whom and what they are about; all null where an address is gone.

Parameters: identity ids, channel ids, purposes, the time.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one subject adds: the columns of its facts, and joins whose aliases no other subject uses."""

    columns: tuple[str, ...]
    joins: str


def statement(*parts: Part) -> str:
    """One row a question, in order, with the columns of each part one after the other."""
    columns = ",\n       ".join(column for part in parts for column in part.columns)
    return f"SELECT {columns}{_BASE}{''.join(part.joins for part in parts)}ORDER BY q.n"
