"""Reading what quiet hours need: where people are, and the workspace's hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from twoway.compliance.asked import Part, statement
from twoway.compliance.quiet import places
from twoway.compliance.quiet.laws import Window
from twoway.compliance.quiet.models import Place, QuietHours
from twoway.compliance.quiet.rules import QuietFacts
from twoway.contacts.models import Contact
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "FACTS",
    "PART",
    "Place",
    "QuietHours",
    "access_hours",
    "facts_of",
    "facts_of_number",
    "hours_of",
    "identity_facts",
    "place_of",
]

PART = Part(
    columns=(
        "i.kind",
        "i.value",
        "person.time_zone",
        "coalesce(place.told_by, '')",
        "coalesce(place.country, '')",
        "coalesce(place.state, '')",
        "hours.profile",
        "hours.weekday_from",
        "hours.weekday_to",
        "hours.saturday_from",
        "hours.saturday_to",
        "hours.sunday_from",
        "hours.sunday_to",
        "hours.on_holidays",
    ),
    joins="LEFT JOIN quiet_hours hours ON hours.workspace_id = i.workspace_id\n",
)
FACTS = statement(PART)


def facts_of(row: Sequence[Any]) -> QuietFacts:
    """One row of `FACTS` as what the rules are asked with."""
    kind, value, zone, told_by, country, state, *hours = row
    return facts_of_number(
        kind=kind, value=value, zone=zone, told_by=told_by, country=country, state=state, hours=_hours(hours)
    )


def facts_of_number(
    *,
    kind: str,
    value: str,
    zone: str = "",
    told_by: str = "",
    country: str = "",
    state: str = "",
    hours: dict[str, Any] | None = None,
) -> QuietFacts:
    """The facts of any address, known or not, with the workspace's `hours` as `hours_of` gives them."""
    region = places.region_name(country, state)
    return QuietFacts(
        kind=kind,
        zones=places.zones(value, known_zone=zone, told_by=told_by, region=region),
        regions=places.regions(value, region=region),
        **(hours or {}),
    )


def _hours(row: Sequence[Any]) -> dict[str, Any]:
    """The workspace's hours as `QuietFacts` names them; the safe ones when it has set none."""
    profile, opens, closes, saturday_from, saturday_to, sunday_from, sunday_to, on_holidays = row
    if profile is None:
        return {}
    return {
        "profile": profile,
        "weekdays": (opens, closes),
        "saturday": _window(saturday_from, saturday_to),
        "sunday": _window(sunday_from, sunday_to),
        "on_holidays": on_holidays,
    }


def _window(opens: int | None, closes: int | None) -> Window | None:
    return None if opens is None or closes is None else (opens, closes)


def hours_of(workspace_id: int) -> dict[str, Any]:
    """A workspace's hours as `QuietFacts` names them."""
    names = ("profile", "weekday_from", "weekday_to", "saturday_from", "saturday_to", "sunday_from", "sunday_to")
    row = QuietHours.objects.filter(workspace_id=workspace_id).values_list(*names, "on_holidays").first()
    return _hours(row) if row else {}


def access_hours(actor: Actor) -> QuietHours:
    """The workspace's hours, also when nobody has set them: unsaved then. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    row = QuietHours.objects.filter(workspace_id=actor.workspace_id).first()
    return row or QuietHours(workspace_id=actor.workspace_id)


def place_of(contact: Contact) -> Place | None:
    """Where a contact is, when anybody said so."""
    return Place.objects.filter(contact=contact).first()


def identity_facts(identity_id: int, *, at: datetime) -> QuietFacts | None:
    """The facts of one address on its own; None when it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [[identity_id], [0], [""], at])
        row = cursor.fetchone()
    return facts_of(row) if row and row[0] is not None else None
