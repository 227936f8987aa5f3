"""The policies of a workspace as rules know them, and which of them fits a conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from twoway.channels.queries import calendars_of
from twoway.contacts.audiences.membership import members_among
from twoway.sla.clock_rules import Goal, Rule, Terms
from twoway.sla.models import Policy
from twoway.teams.hours.calendars import zone_of
from twoway.teams.hours.rules import ALWAYS, Calendar
from twoway.teams.models import Workspace

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What decides which policy fits: the number, the team and the person of a conversation."""

    channel_id: int | None
    team_id: int | None
    contact_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """A policy and what it is for. Empty sets are for all; `audience_id` is 0 where its audience is gone."""

    terms: Terms
    channel_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()
    audience_id: int | None = None

    def fits(self, place: Place, audiences: Mapping[int, frozenset[int]]) -> bool:
        """Whether it is for this conversation; every kind of condition it has must hold."""
        if self.channel_ids and place.channel_id not in self.channel_ids:
            return False
        if self.team_ids and place.team_id not in self.team_ids:
            return False
        return self.audience_id is None or place.contact_id in audiences.get(self.audience_id, frozenset())


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """All of one workspace: its policies in order, its hours, and who of those asked about is in its audiences."""

    fits: tuple[Fit, ...]
    hours: Mapping[tuple[int | None, int | None], Calendar]
    audiences: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def rule_for(self, place: Place) -> Rule | None:
        """What the clocks of a conversation are counted by; None where no policy fits."""
        found = next((one for one in self.fits if one.fits(place, self.audiences)), None)
        return None if found is None else self.rule_of(found.terms, place.team_id, place.channel_id)

    def rule_by(self, policy_id: int | None, team_id: int | None, channel_id: int | None) -> Rule | None:
        """The same for a policy that was chosen before; None where it is gone or off."""
        terms = next((one.terms for one in self.fits if one.terms.policy_id == policy_id), None)
        return None if terms is None else self.rule_of(terms, team_id, channel_id)

    def rule_of(self, terms: Terms, team_id: int | None, channel_id: int | None) -> Rule:
        """These terms in the hours of this team and number."""
        hours = self.hours[(team_id, channel_id)]
        return Rule(terms=terms, calendar=hours if terms.in_hours else ALWAYS, hours=hours)


def on_in() -> set[int]:
    """The workspaces that have a policy which is on."""
    return set(Policy.objects.filter(is_on=True).values_list("workspace_id", flat=True))


def terms_of(row: Policy) -> Terms:
    """A policy in seconds."""
    return Terms(
        policy_id=row.pk,
        first=_goal(row.first_minutes, row.first_warn),
        next=_goal(row.next_minutes, row.next_warn),
        resolution=_goal(row.resolution_minutes, row.resolution_warn),
        same_day=row.same_day,
        wrap_up=None if row.wrap_up_hours is None else row.wrap_up_hours * HOUR,
        in_hours=row.in_hours,
        pauses_snoozed=row.pauses_snoozed,
        programs_count=row.programs_count,
    )


def _goal(minutes: int | None, warn: int | None) -> Goal | None:
    return None if minutes is None else Goal(minutes * MINUTE, None if warn is None else warn * MINUTE)


def books(places: Mapping[int, Collection[Place]], *, at: datetime) -> dict[int, Book]:
    """For each of these workspaces what the clocks of these places are counted by. Those without a policy are left
    out."""
    fits = _fits(places)
    zones = dict(Workspace.objects.filter(id__in=list(fits)).values_list("id", "time_zone"))
    return {
        key: Book(
            fits=tuple(found),
            hours=_Hours(key, zone=zones[key], at=at),
            audiences=members_among(
                key,
                audience_ids={one.audience_id for one in found if one.audience_id},
                contact_ids={place.contact_id for place in places[key]},
                zone=zones[key],
                at=at,
            ),
        )
        for key, found in fits.items()
    }


def _fits(workspace_ids: Iterable[int]) -> dict[int, list[Fit]]:
    rows = Policy.objects.filter(workspace_id__in=list(workspace_ids), is_on=True)
    rows = rows.prefetch_related("channels", "teams").order_by("is_default", "position", "id")
    found: dict[int, list[Fit]] = defaultdict(list)
    for row in rows:
        fit = Fit(
            terms=terms_of(row),
            channel_ids=frozenset(one.pk for one in row.channels.all()),
            team_ids=frozenset(one.pk for one in row.teams.all()),
            audience_id=(row.audience_id or 0) if row.is_for_audience else None,
        )
        found[row.workspace_id].append(fit)
    return found


class _Hours(dict[tuple[int | None, int | None], Calendar]):
    """Calendars by team and number, made when they are asked for; a day that never closes is one of the workspace."""

    def __init__(self, workspace_id: int, *, zone: str, at: datetime) -> None:
        super().__init__()
        self._calendars = calendars_of(workspace_id, at)
        self._always = Calendar(zone_of(zone), ALWAYS.week)

    def __missing__(self, key: tuple[int | None, int | None]) -> Calendar:
        found = self._calendars.of(*key)
        self[key] = self._always if found.never_closes else found
        return self[key]
