"""Reading what left for a person, and how the guard is set.

`message` and `conversation` belong to packages above; only their columns are read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from twoway.compliance.asked import Part, statement
from twoway.compliance.pacing.models import SPARED, Pacing
from twoway.compliance.pacing.rules import GUARD_AFTER, QUESTION, STILL_WANTED, PacingFacts
from twoway.compliance.purposes.rules import ALWAYS_CONVERSATIONAL
from twoway.compliance.quiet import places
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = ["FACTS", "PART", "Pacing", "access_pacing", "facts_of", "question_of"]

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
PROACTIVE = _PROACTIVE.format(answers=_words(sorted(ALWAYS_CONVERSATIONAL)))
_SPARED = f"coalesce(pace.spared, {_words(SPARED)})"
_JOINS = f"""
LEFT JOIN pacing pace ON pace.workspace_id = i.workspace_id
CROSS JOIN LATERAL (
    SELECT coalesce(max(v.last_inbound_at), '-infinity'::timestamptz) AS at
    FROM conversation v WHERE v.contact_id = i.contact_id) heard
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(extract(epoch FROM t.at)::bigint ORDER BY t.at DESC)
                    FILTER (WHERE t.purpose = q.purpose AND t.at > asked.at - interval '7 days'), '{{}}') AS times,
           count(*) FILTER (WHERE t.at > heard.at AND t.purpose <> '{STILL_WANTED}'
                            AND t.purpose <> ALL ({_SPARED})) AS unanswered,
           coalesce(bool_or(t.at > heard.at AND t.purpose = '{STILL_WANTED}'), false) AS was_asked
    FROM identity x CROSS JOIN LATERAL (
        SELECT coalesce(m.claimed_at, m.created_at) AS at, m.purpose
        FROM message m WHERE m.identity_id = x.id AND {PROACTIVE}
        ORDER BY m.id DESC LIMIT {MOST_READ}) t
    WHERE x.contact_id = i.contact_id) told
"""  # noqa: S608 - of constants
PART = Part(
    columns=(
        "q.identity_id",
        "q.channel_id",
        "i.value",
        "coalesce(place.country, '')",
        "coalesce(place.state, '')",
        "told.times",
        "told.unanswered",
        "told.was_asked",
        f"coalesce(pace.guard_after, {GUARD_AFTER})",
        f"q.purpose = ANY ({_SPARED})",
    ),
    joins=_JOINS,
)
FACTS = statement(PART)


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
    return facts_of(row) if row and row[2] is not None else None


def access_pacing(actor: Actor) -> Pacing:
    """How the guard of the workspace is set, also when nobody has: unsaved then. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return Pacing.objects.filter(workspace_id=actor.workspace_id).first() or Pacing(workspace_id=actor.workspace_id)


def question_of(workspace_id: int) -> str:
    """The one question, in the workspace's words or Twoway's."""
    found = Pacing.objects.filter(workspace_id=workspace_id).values_list("question", flat=True).first()
    return found or QUESTION
