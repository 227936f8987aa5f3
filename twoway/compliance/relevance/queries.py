"""Reading where we are, how far texts go, and how far somebody is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import F, Q

from twoway.compliance.asked import Part, statement
from twoway.compliance.relevance import places
from twoway.compliance.relevance.models import NearLimit, OurPlace
from twoway.compliance.relevance.rules import LIMIT_FOR, Point, RelevanceFacts, Spot, facts
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = ["FACTS", "PART", "NearLimit", "OurPlace", "access_limits", "access_places", "exact_place", "facts_of"]

_LIMIT = " ".join(f"WHEN '{purpose}' THEN '{limit}'" for purpose, limit in LIMIT_FOR.items())
_JOINS = f"""
LEFT JOIN near_limit near
    ON near.workspace_id = i.workspace_id AND near.purpose = CASE q.purpose {_LIMIT} ELSE q.purpose END
LEFT JOIN LATERAL (
    SELECT o.label, o.latitude, o.longitude, o.source, o.reach_km FROM our_place o
    WHERE o.workspace_id = near.workspace_id AND (o.channel_id = q.channel_id OR o.channel_id IS NULL)
    ORDER BY o.channel_id NULLS LAST LIMIT 1) ours ON near.id IS NOT NULL
"""  # noqa: S608 - of constants
PART = Part(
    columns=(
        "near.within",
        "near.unit",
        "near.holds_unknown",
        "ours.label",
        "ours.latitude",
        "ours.longitude",
        "ours.source",
        "ours.reach_km",
        "i.value",
        "coalesce(place.country, '')",
        "CASE WHEN near.id IS NOT NULL THEN person.properties::text END",
    ),
    joins=_JOINS,
)
"""Where no limit is set, the details of the person aren't read."""
FACTS = statement(PART)


def facts_of(row: Sequence[Any]) -> RelevanceFacts | None:
    """One row of `FACTS` as what the rule is asked with; None where no limit is set for such texts."""
    within, unit, holds_unknown, label, latitude, longitude, source, reach_km, value, country, properties = row
    if within is None or label is None:
        return None
    return facts(
        within=within,
        unit=unit,
        place=label,
        holds_unknown=holds_unknown,
        ours=Spot(point=Point(latitude=latitude, longitude=longitude), source=source, reach_km=reach_km),
        theirs=places.of_person(orjson.loads(properties), value=value, country=country),
    )


def relevance_facts(*, identity_id: int, channel_id: int, purpose: str, at: datetime) -> RelevanceFacts | None:
    """The facts of one text; None where no limit is set for such texts."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [[identity_id], [channel_id], [purpose], at])
        return facts_of(cursor.fetchone())


def exact_place(*, workspace_id: int, channel_id: int) -> OurPlace | None:
    """Where the people behind a number are, to the point: what a customer could drive to. None when it isn't known.

    The number's own place counts before the workspace's; a place that is only a postcode or an area code is none.
    """
    rows = OurPlace.objects.filter(workspace_id=workspace_id, source="coordinates")
    return (
        rows.filter(Q(channel_id=channel_id) | Q(channel=None)).order_by(F("channel_id").asc(nulls_last=True)).first()
    )


def access_places(actor: Actor) -> list[OurPlace]:
    """Where the workspace is, then its numbers that are elsewhere. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = OurPlace.objects.filter(workspace_id=actor.workspace_id).select_related("channel")
    return sorted(rows, key=lambda row: (row.channel_id is not None, row.channel_id or 0))


def access_limits(actor: Actor) -> list[NearLimit]:
    """How far texts of each purpose go, where a limit is set. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return list(NearLimit.objects.filter(workspace_id=actor.workspace_id).order_by("purpose"))
