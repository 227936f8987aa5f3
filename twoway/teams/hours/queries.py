"""Reading hours: the sets of a workspace, who keeps them, and the calendars that come of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest

from django.db.models.functions import Lower

from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.hours.calendars import (
    NONE,
    TeamCalendars,
    built,
    calendar_of,
    stretches,
    team_calendars,
    zone_of,
)
from twoway.teams.hours.models import Hours, Kept, OwnDay, TeamHours
from twoway.teams.hours.opening import opening_words
from twoway.teams.hours.public_days import countries, is_country, public_days, subdivisions
from twoway.teams.hours.rules import ALWAYS, Calendar, is_open, next_closing, next_opening
from twoway.teams.models import Team, Workspace

__all__ = [
    "ALWAYS",
    "NONE",
    "Calendar",
    "Holiday",
    "Hours",
    "OwnDay",
    "Standing",
    "TeamCalendars",
    "access_hours",
    "built",
    "calendar_of",
    "coming_holidays",
    "countries",
    "every_hours",
    "hours_of_team",
    "is_country",
    "opening_words",
    "standing",
    "stretches",
    "subdivisions",
    "team_calendars",
    "teams_of",
    "usual_hours",
    "workspace_zone",
    "zone_of",
]

YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a calendar stands at a moment. `opens`: when next, `at` itself when open; None: not within 400 days."""

    is_open: bool
    opens: datetime | None
    closes: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Holiday:
    """One public holiday. `name` is what is kept, `label` what the reader reads; `is_worked`: the week holds."""

    day: date
    name: str
    label: str
    is_worked: bool


def standing(calendar: Calendar, at: datetime) -> Standing:
    """Whether it is open at a moment, when it opens and closes next."""
    return Standing(is_open=is_open(calendar, at), opens=next_opening(calendar, at), closes=next_closing(calendar, at))


def every_hours(actor: Actor) -> list[Hours]:
    """The sets of hours of the workspace by name, with their own days. Everybody may know when it is open."""
    rows = Hours.objects.filter(workspace_id=actor.workspace_id).prefetch_related("days")
    return list(rows.order_by(Lower("name"), "id"))


def access_hours(actor: Actor, hours_id: int) -> Hours:
    """One set of hours of the actor's workspace, with its own days. Raises `NotFound`."""
    row = Hours.objects.filter(workspace_id=actor.workspace_id, id=hours_id).prefetch_related("days").first()
    if row is None:
        raise NotFound("set of hours", hours_id)
    return row


def usual_hours(workspace_id: int) -> int | None:
    """Which hours everybody keeps who has no others."""
    return Kept.objects.filter(workspace_id=workspace_id).values_list("usual_id", flat=True).first()


def hours_of_team(team: Team) -> int | None:
    """Which hours a team keeps of its own."""
    return TeamHours.objects.filter(team=team).values_list("hours_id", flat=True).first()


def teams_of(actor: Actor) -> Mapping[int, list[Team]]:
    """The teams that keep hours of their own, by the hours' id, in order of name."""
    rows = TeamHours.objects.filter(team__workspace_id=actor.workspace_id).select_related("team")
    found: dict[int, list[Team]] = {}
    for row in rows.order_by(Lower("team__name")):
        found.setdefault(row.hours_id, []).append(row.team)
    return found


def workspace_zone(workspace_id: int) -> str:
    """The zone of a workspace, which hours without one of their own go by."""
    return Workspace.objects.values_list("time_zone", flat=True).get(id=workspace_id)


def coming_holidays(
    country: str, subdivision: str, *, since: date, worked: Iterable[str], language: str = ""
) -> list[Holiday]:
    """The public holidays of the twelve months from `since` on, labelled in `language` where the library has it."""
    if not country:
        return []
    leave, years = frozenset(worked), (since.year, since.year + 1)
    labels = public_days(country, subdivision, years, language)
    return [
        Holiday(day=day, name=name, label=label, is_worked=name in leave)
        for day, names in public_days(country, subdivision, years).items()
        if since <= day < since + YEAR
        for name, label in zip_longest(names, labels.get(day, ())[: len(names)], fillvalue="")
    ]
