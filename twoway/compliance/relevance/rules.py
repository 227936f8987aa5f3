"""Whether somebody is near enough for a text: no offer of one shop to people 250 miles away.

Twoway's own; no law asks for it. Distances are great-circle distances on a sphere, within 0.6 % of the true ones. An
area code says only where a number was given out, so by it alone a text is kept back only from people who are farther
than the limit, and than the area code reaches, and than `MARGIN` besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from twoway.compliance.purposes.rules import PurposeRule, called
from twoway.compliance.verdict import ALLOW, Verdict, deny, hold
from twoway.lib.words import noted, t, tn

EARTH = 6371.0088
"""The mean radius of the Earth in kilometers (IUGG)."""
KILOMETERS: Mapping[str, float] = {"mi": 1.609344, "km": 1.0}
"""How many kilometers each unit has (an international mile: 1959)."""
MARGIN = 80.0
"""Kilometers (50 miles) that an area code may be wrong by besides its own reach. Twoway's own choice."""
FARTHEST = 5_000
"""The widest limit, in either unit."""
LIMIT_FOR: Mapping[str, str] = {"broadcast": "promotion"}
"""Which purpose's limit a text keeps, where it is not that of the text itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A place on Earth in degrees: latitude from -90 to 90, longitude from -180 to 180."""

    latitude: float
    longitude: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where somebody is, how many kilometers that may be off, and what says so: coordinates, postcode or area_code."""

    point: Point
    source: str
    reach_km: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RelevanceFacts:
    """How far somebody is from us, in kilometers, None when nothing says where they are; and how far texts go.

    `reach_km` is how far off both places may be together, `source` what says where they are, `place` what we call ours.
    """

    within: int
    unit: str
    place: str
    holds_unknown: bool = False
    distance_km: float | None = None
    reach_km: float = 0.0
    source: str = ""


def distance(one: Point, other: Point) -> float:
    """Kilometers between two places along the surface (haversine)."""
    here, there = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude)
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(across / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(1.0, max(0.0, half))))


def facts(
    *, within: int, unit: str, place: str, holds_unknown: bool, ours: Spot, theirs: Spot | None
) -> RelevanceFacts:
    """What the rule is asked with."""
    if theirs is None:
        return RelevanceFacts(within=within, unit=unit, place=place, holds_unknown=holds_unknown)
    return RelevanceFacts(
        within=within,
        unit=unit,
        place=place,
        holds_unknown=holds_unknown,
        distance_km=round(distance(ours.point, theirs.point), 1),
        reach_km=round(ours.reach_km + theirs.reach_km, 1),
        source=theirs.source,
    )


def verdict(facts: RelevanceFacts, *, rule: PurposeRule, at: object) -> Verdict:
    """Whether a text of this purpose may go.

    `too_far` denies, `place_unknown` holds until somebody says where they are; at any time (`at`) alike.
    """
    if rule.is_conversational:
        return ALLOW
    if facts.distance_km is None:
        return hold("place_unknown", t(UNKNOWN), until=None) if facts.holds_unknown else ALLOW
    if facts.distance_km <= facts.within * KILOMETERS[facts.unit] + slack(facts):
        return ALLOW
    limit = t("{purpose} texts go within {far} of {place}.", purpose=called(rule), far=spoken(facts), place=facts.place)
    return deny("too_far", f"{_away(facts)} {limit}")


UNKNOWN = noted(
    "Nothing says where they are. Write their postcode in their details, and it goes out if they are near enough."
)
_SAYS = {
    "coordinates": noted("They are {far} away, by the coordinates in their details."),
    "postcode": noted("They are about {far} away, by the postcode in their details."),
    "area_code": noted("Their area code is about {far} away, which is an estimate: a number may have moved."),
}


def slack(facts: RelevanceFacts) -> float:
    """How many kilometers beyond the limit still count as near."""
    return facts.reach_km + (MARGIN if facts.source == "area_code" else 0.0)


def _away(facts: RelevanceFacts) -> str:
    return t(_SAYS[facts.source], far=far(facts.distance_km or 0.0, facts.unit))


def far(kilometers: float, unit: str) -> str:
    """Such as 2,566 miles."""
    return _many(round(kilometers / KILOMETERS[unit]), unit)


def spoken(facts: RelevanceFacts) -> str:
    """How far texts go, such as 25 miles."""
    return _many(facts.within, facts.unit)


def _many(number: int, unit: str) -> str:
    if unit == "mi":
        return tn("{n:,} mile", "{n:,} miles", number)
    return tn("{n:,} kilometer", "{n:,} kilometers", number)


def objection(*, within: int, unit: str) -> tuple[str, str]:
    """The field and the sentence of what a limit can't be, or two empty strings."""
    if unit not in KILOMETERS:
        return "unit", t("Choose miles or kilometers.")
    if not 1 <= within <= FARTHEST:
        return "within", t("Choose a number from 1 to {most:,}.", most=FARTHEST)
    return "", ""
