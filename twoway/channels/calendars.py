"""Which hours hold for a conversation: the number's, else its team's, else the workspace's, else open always."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twoway.channels.models import Channel
from twoway.teams.hours.queries import Calendar, TeamCalendars, team_calendars

_MOST = 1_000
"""How many workspaces are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendars:
    """The calendars of one workspace; asking one of them costs no query."""

    teams: TeamCalendars
    channels: Mapping[int, int]

    def of(self, team_id: int | None, channel_id: int | None = None) -> Calendar:
        """The number's, else the team's, else the workspace's, else open always."""
        return self.teams.of(team_id, self.channels.get(channel_id or 0))


_kept: dict[int, Calendars] = {}


def calendars_of(workspace_id: int, at: datetime) -> Calendars:
    """All calendars of a workspace, for many conversations at once; the holidays are those of the years around `at`.

    One query, and four more after a change of hours.
    """
    teams = team_calendars(workspace_id, at)
    known = _kept.get(workspace_id)
    if known is None or known.teams.version != teams.version:
        if len(_kept) >= _MOST:
            _kept.clear()
        known = _kept[workspace_id] = Calendars(teams=teams, channels=_channels(workspace_id, teams))
    return known


def calendar_for(
    workspace_id: int, *, team_id: int | None = None, channel_id: int | None = None, at: datetime
) -> Calendar:
    """The calendar of one conversation's team and number. One query as a rule."""
    return calendars_of(workspace_id, at).of(team_id, channel_id)


def _channels(workspace_id: int, teams: TeamCalendars) -> dict[int, int]:
    if not teams.by_hours:
        return {}
    rows = Channel.objects.filter(workspace_id=workspace_id, hours__isnull=False)
    return dict(rows.values_list("id", "hours_id"))
