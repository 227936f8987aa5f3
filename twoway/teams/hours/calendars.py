"""The calendars of a workspace, kept in memory: what asks for thousands of conversations asks the database once.

Each time one statement reads the workspace's version, which every change of hours draws anew; the rest is read only
when it differs. So no process ever goes by hours that were changed, and nobody has to be told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from twoway.teams.hours.models import Hours, Kept, TeamHours
from twoway.teams.hours.public_days import closed_days
from twoway.teams.hours.rules import ALWAYS, Calendar, Stretch, calendar_from

_YEARS = (-2, -1, 0, 1, 2)
"""The years around a moment whose holidays are looked up: an opening is looked for 400 days ahead."""
_MOST = 1_000
"""How many workspaces are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamCalendars:
    """Every calendar of a workspace. `version` says whether what else goes by it is old, None without any hours."""

    version: tuple[object, ...] | None
    by_hours: Mapping[int, Calendar]
    usual: int | None
    teams: Mapping[int, int]

    def of(self, team_id: int | None, hours_id: int | None = None) -> Calendar:
        """These hours, else the team's, else the workspace's, else open always."""
        chosen = hours_id if hours_id in self.by_hours else self.teams.get(team_id or 0, self.usual)
        return ALWAYS if chosen is None else self.by_hours.get(chosen, ALWAYS)


NONE = TeamCalendars(version=None, by_hours={}, usual=None, teams={})
_kept: dict[int, TeamCalendars] = {}


def team_calendars(workspace_id: int, at: datetime) -> TeamCalendars:
    """The calendars of a workspace, with the holidays of the years around `at`. One query unless something changed."""
    row = Kept.objects.filter(workspace_id=workspace_id).values_list("version", "workspace__time_zone").first()
    if row is None:
        return NONE
    version = (*row, at.astimezone(UTC).year)
    known = _kept.get(workspace_id)
    if known is None or known.version != version:
        if len(_kept) >= _MOST:
            _kept.clear()
        known = _kept[workspace_id] = _read(workspace_id, version)
    return known


def _read(workspace_id: int, version: tuple[Any, ...]) -> TeamCalendars:
    _, zone, year = version
    rows = Hours.objects.filter(workspace_id=workspace_id).prefetch_related("days")
    uses = TeamHours.objects.filter(hours__workspace_id=workspace_id).values_list("team_id", "hours_id")
    return TeamCalendars(
        version=version,
        by_hours={row.pk: calendar_of(row, zone=zone, year=year) for row in rows},
        usual=Kept.objects.filter(workspace_id=workspace_id).values_list("usual_id", flat=True).first(),
        teams=dict(uses),
    )


def calendar_of(row: Hours, *, zone: str, year: int) -> Calendar:
    """The calendar of one set of hours as it is kept; `zone` is its workspace's."""
    return built(
        zone=row.zone or zone,
        week=row.week,
        country=row.country,
        subdivision=row.subdivision,
        worked=row.worked,
        own={one.day: stretches(one.stretches) for one in row.days.all()},
        year=year,
    )


def built(
    *,
    zone: str,
    week: Iterable[Iterable[Iterable[int]]],
    country: str,
    subdivision: str,
    worked: Iterable[str],
    own: Mapping[date, Iterable[Stretch]],
    year: int,
) -> Calendar:
    """A calendar of what a set of hours says; its own days go before public holidays."""
    years = [year + more for more in _YEARS]
    closed = closed_days(country, subdivision, years, worked=worked) if country else []
    days: dict[date, Iterable[Stretch]] = dict.fromkeys(closed, ())
    return calendar_from(zone_of(zone), [stretches(day) for day in week], days | dict(own))


def stretches(kept: Iterable[Iterable[int]]) -> tuple[Stretch, ...]:
    """Stretches as they are kept in JSON."""
    return tuple((start, end) for start, end in kept)


def zone_of(name: str) -> ZoneInfo:
    """A zone by name; UTC for one that this machine's zone data has not."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def touch(workspace_id: int) -> None:
    """Draw the version anew: what was kept in memory is old once this transaction commits."""
    Kept.objects.update_or_create(workspace_id=workspace_id, defaults={"version": secrets.randbits(62)})
