"""Who is near enough, as the page of purposes shows it: where we are, and how far texts of each purpose go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from twoway.channels.queries import visible_channels
from twoway.compliance.optin.queries import topics
from twoway.compliance.relevance.queries import OurPlace, access_limits, access_places
from twoway.compliance.relevance.rules import KILOMETERS, far
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor

SOURCES = {
    "coordinates": noted("by coordinates"),
    "postcode": noted("by postcode"),
    "area_code": noted("by area code, an estimate"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRow:
    """One place of ours; `of` says which numbers it is for, `by` what was typed and what that is."""

    channel_id: int | None
    label: str
    of: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitRow:
    """How far texts of one purpose go, and the topics whose texts are of that purpose."""

    slug: str
    label: str
    within: str
    topics: str
    holds_unknown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """The block. `is_placed`: the workspace's own place is known; `next_number`: one that has no place of its own."""

    places: tuple[PlaceRow, ...]
    limits: tuple[LimitRow, ...]
    is_placed: bool
    next_number: int | None


def card(actor: Actor, *, labels: Mapping[str, str]) -> Card:
    """What is set; `labels` names each purpose by its slug. Raises `NotAllowed`."""
    places = access_places(actor)
    names = defaultdict(list)
    for topic in topics(actor):
        names[topic.purpose].append(topic.label)
    elsewhere = {place.channel_id for place in places}
    numbers = visible_channels(actor).filter(is_active=True).exclude(id__in=[each for each in elsewhere if each])
    return Card(
        places=tuple(_place(place) for place in places),
        limits=tuple(
            LimitRow(
                slug=limit.purpose,
                label=labels.get(limit.purpose, limit.purpose),
                within=far(limit.within * KILOMETERS[limit.unit], limit.unit),
                topics=", ".join(names[limit.purpose]),
                holds_unknown=limit.holds_unknown,
            )
            for limit in access_limits(actor)
        ),
        is_placed=None in elsewhere,
        next_number=numbers.values_list("id", flat=True).first(),
    )


def _place(place: OurPlace) -> PlaceRow:
    of = t("all numbers") if place.channel is None else str(place.channel)
    typed = "" if place.typed == place.label else f"{place.typed}, "
    return PlaceRow(
        channel_id=place.channel_id, label=place.label, of=of, by=f"{typed}{t(SOURCES.get(place.source, ''))}"
    )
