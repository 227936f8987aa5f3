"""Reading consent: what the decision about a text needs, how it stands for a person, and the ledger's pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from twoway.compliance.consent.rules import ConsentFacts

FACTS = """
SELECT coalesce(best.level, ''), best.at, best.expires_at, refused.at, coalesce(refused.is_requested, false), heard.at
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY AS q(identity_id, channel_id, purpose, n)
CROSS JOIN (SELECT %s::timestamptz AS at) AS present
LEFT JOIN identity i ON i.id = q.identity_id
LEFT JOIN channel c ON c.id = q.channel_id
LEFT JOIN LATERAL (
    SELECT max(s.refused_position) AS position, max(s.refused_at) AS at, bool_or(s.change = 'requested') AS is_requested
    FROM consent_state s
    WHERE s.identity_id = q.identity_id AND s.purpose IN (q.purpose, 'all')
      AND (s.channel_id IS NULL OR s.channel_id = q.channel_id)) refused ON true
LEFT JOIN LATERAL (
    SELECT s.level, s.at, s.expires_at FROM consent_state s
    WHERE s.identity_id = q.identity_id AND s.purpose IN (q.purpose, 'all')
      AND (s.channel_id IS NULL OR s.channel_id = q.channel_id)
      AND s.change IN ('granted', 'confirmed', 'lifted') AND s.position > coalesce(refused.position, 0)
    ORDER BY (s.expires_at IS NULL OR s.expires_at > present.at) DESC, s.rank DESC, s.position DESC
    LIMIT 1) best ON true
LEFT JOIN LATERAL (
    SELECT max(x.last_inbound_at) AS at FROM conversation x
    WHERE x.contact_id = i.contact_id AND (x.channel_id = q.channel_id OR x.pool_id = c.pool_id)) heard ON true
ORDER BY q.n
"""
"""One row a question, in order. Parameters: identity ids, channel ids, purposes, the time."""


def facts_of(row: tuple[Any, ...]) -> ConsentFacts:
    """One row of `FACTS`."""
    level, given_at, expires_at, withdrawn_at, is_requested, heard_at = row
    return ConsentFacts(
        level=level,
        given_at=_iso(given_at),
        expires_at=_iso(expires_at),
        withdrawn_at=_iso(withdrawn_at),
        is_requested=is_requested,
        heard_at=_iso(heard_at),
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
