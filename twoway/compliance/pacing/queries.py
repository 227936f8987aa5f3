"""Reading what left for a person, and how the guard is set.

`message` and `conversation` belong to packages above; only their columns are read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from twoway.compliance.pacing.models import SPARED, Pacing
from twoway.compliance.pacing.rules import GUARD_AFTER, QUESTION, STILL_WANTED, PacingFacts
from twoway.compliance.purposes.rules import ALWAYS_CONVERSATIONAL
from twoway.compliance.quiet import places
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = ["FACTS", "Pacing", "access_pacing", "facts_of", "question_of"]

MOST_READ = 500
"""Texts of one address that are looked at, the newest: more than any cap."""


def _words(values: Sequence[str]) -> str:
    """Slugs as an SQL array; they are constants of ours, letters and underscores."""
    return "'{" + ",".join(values) + "}'::text[]"


# What left to people without being an answer. The condition on direction and purpose is that of `message_proactive`.
_PROACTIVE = """
    m.direction = 'out' AND m.purpose NOT IN ('', 'reply') AND m.purpose <> ALL ({answers})
    AND m.status IN ('sending', 'sent', 'delivered', 'read')
"""
_FACTS = """
SELECT q.identity_id, q.channel_id, i.value, coalesce(p.country, ''), coalesce(p.state, ''),
       told.times, told.unanswered, told.was_asked, coalesce(s.guard_after, {guard_after}),
       q.purpose = ANY (coalesce(s.spared, {spared}))
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY AS q(identity_id, channel_id, purpose, n)
CROSS JOIN (SELECT %s::timestamptz AS at) asked
JOIN identity i ON i.id = q.identity_id
LEFT JOIN contact_place p ON p.contact_id = i.contact_id
LEFT JOIN pacing s ON s.workspace_id = i.workspace_id
CROSS JOIN LATERAL (
    SELECT coalesce(max(v.last_inbound_at), '-infinity'::timestamptz) AS at
    FROM conversation v WHERE v.contact_id = i.contact_id) heard
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(extract(epoch FROM t.at)::bigint ORDER BY t.at DESC)
                    FILTER (WHERE t.purpose = q.purpose AND t.at > asked.at - interval '7 days'), '{{}}') AS times,
           count(*) FILTER (WHERE t.at > heard.at AND t.purpose <> '{question}'
                            AND t.purpose <> ALL (coalesce(s.spared, {spared}))) AS unanswered,
           coalesce(bool_or(t.at > heard.at AND t.purpose = '{question}'), false) AS was_asked
    FROM identity x CROSS JOIN LATERAL (
        SELECT coalesce(m.claimed_at, m.created_at) AS at, m.purpose
        FROM message m WHERE m.identity_id = x.id AND {proactive}
        ORDER BY m.id DESC LIMIT {most}) t
    WHERE x.contact_id = i.contact_id) told
ORDER BY q.n
"""
PROACTIVE = _PROACTIVE.format(answers=_words(sorted(ALWAYS_CONVERSATIONAL)))
FACTS = _FACTS.format(
    guard_after=GUARD_AFTER, spared=_words(SPARED), question=STILL_WANTED, proactive=PROACTIVE, most=MOST_READ
)


def facts_of(row: Sequence[Any]) -> PacingFacts:
    """One row of `FACTS` as what the rules are asked with."""
    identity_id, channel_id, value, country, state, times, unanswered, was_asked, guard_after, is_spared = row
    return PacingFacts(
        identity_id=identity_id,
        channel_id=channel_id,
        times=tuple(times),
        unanswered=unanswered,
        was_asked=was_asked,
        is_spared=is_spared,
        guard_after=guard_after,
        regions=places.regions(value, region=places.region_name(country, state)),
    )


def facts(*, identity_id: int, channel_id: int, purpose: str, at: datetime) -> PacingFacts | None:
    """The facts of one text on its own; None when the address is gone."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [[identity_id], [channel_id], [purpose], at])
        row = cursor.fetchone()
    return facts_of(row) if row else None


def access_pacing(actor: Actor) -> Pacing:
    """How the guard of the workspace is set, also when nobody has: unsaved then. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return Pacing.objects.filter(workspace_id=actor.workspace_id).first() or Pacing(workspace_id=actor.workspace_id)


def question_of(workspace_id: int) -> str:
    """The one question, in the workspace's words or Twoway's."""
    found = Pacing.objects.filter(workspace_id=workspace_id).values_list("question", flat=True).first()
    return found or QUESTION
