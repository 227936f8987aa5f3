"""Hours: what is saved and refused, who keeps which, and calendars that cost no query and are never old."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.cast import Player
from twoway.channels.actions import set_channel_hours
from twoway.channels.models import Channel
from twoway.channels.queries import calendar_for, calendars_of
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams import actions as teams
from twoway.teams.hours import actions, queries
from twoway.teams.hours.actions import DayWish, HoursWish
from twoway.teams.hours.models import Hours
from twoway.teams.hours.rules import ALWAYS, is_open, next_opening
from twoway.teams.hours.week_rules import SUGGESTED, summary, with_break
from twoway.teams.models import Workspace

OFFICE = HoursWish(name="Office", week=SUGGESTED)
LATE = HoursWish(name="Late", week=(((12 * 60, 26 * 60),),) * 7, zone="America/New_York")


def at(text: str) -> datetime:
    """A moment by the clock of Los Angeles, where the workspace is; in winter."""
    return datetime.fromisoformat(f"{text}-08:00")


def test_nothing_holds_until_it_is_saved_and_kept(ana: Player, workspace: Workspace, now: datetime) -> None:
    assert calendar_for(workspace.pk, at=now) is ALWAYS
    hours = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    assert calendar_for(workspace.pk, at=now) is ALWAYS
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    calendar = calendar_for(workspace.pk, at=now)
    assert is_open(calendar, at("2026-01-05T09:00"))
    assert not is_open(calendar, at("2026-01-05T17:00"))
    assert next_opening(calendar, at("2026-01-09T17:00")) == at("2026-01-12T09:00")
    actions.set_usual(by=ana.actor, hours_id=None, at=now)
    assert calendar_for(workspace.pk, at=now) is ALWAYS


def test_the_numbers_go_before_the_teams_before_the_workspaces(
    ana: Player, workspace: Workspace, channel: Channel, now: datetime
) -> None:
    office, late, night = (
        actions.create_hours(by=ana.actor, wish=wish, at=now)
        for wish in (OFFICE, LATE, replace(OFFICE, name="Night", week=(((0, 60),),) * 7))
    )
    team = make.make_team(workspace, "Roadside", at=now)
    other = make.make_team(workspace, "Billing", at=now)
    actions.set_usual(by=ana.actor, hours_id=office.pk, at=now)
    actions.set_team_hours(by=ana.actor, team=team, hours_id=late.pk, at=now)
    set_channel_hours(by=ana.actor, channel=channel, hours_id=night.pk, at=now)
    every = calendars_of(workspace.pk, now)
    assert every.of(team.pk, channel.pk).week[0] == ((0, 60),)
    assert every.of(team.pk).week[0] == ((0, 120), (720, 1440))
    assert every.of(team.pk, 0).zone.key == "America/New_York"
    assert every.of(other.pk, None).week[0] == ((540, 1020),)
    assert every.of(None, None).zone.key == workspace.time_zone
    assert calendar_for(workspace.pk, team_id=team.pk, channel_id=channel.pk, at=now).week[0] == ((0, 60),)
    set_channel_hours(by=ana.actor, channel=channel, hours_id=None, at=now)
    actions.set_team_hours(by=ana.actor, team=team, hours_id=None, at=now)
    assert calendar_for(workspace.pk, team_id=team.pk, channel_id=channel.pk, at=now).week[0] == ((540, 1020),)
    told = [entry.action for entry in audit_entries(workspace.pk)]
    assert told[:5] == ["team.hours_set", "channel.hours_set", "channel.hours_set", "team.hours_set", "hours.usual_set"]


def test_hours_that_are_deleted_hold_for_nobody(
    ana: Player, workspace: Workspace, channel: Channel, now: datetime
) -> None:
    hours = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    team = make.make_team(workspace, "Roadside", at=now)
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    actions.set_team_hours(by=ana.actor, team=team, hours_id=hours.pk, at=now)
    set_channel_hours(by=ana.actor, channel=channel, hours_id=hours.pk, at=now)
    assert calendar_for(workspace.pk, team_id=team.pk, channel_id=channel.pk, at=now) is not ALWAYS
    actions.delete_hours(by=ana.actor, hours=hours, at=now)
    assert calendar_for(workspace.pk, team_id=team.pk, channel_id=channel.pk, at=now) is ALWAYS
    assert Channel.objects.get().hours_id is None


def test_public_holidays_close_but_those_worked_on(ana: Player, workspace: Workspace, now: datetime) -> None:
    wish = replace(OFFICE, country="us", subdivision="CA", worked=("Veterans Day",))
    hours = actions.create_hours(by=ana.actor, wish=wish, at=now)
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    calendar = calendar_for(workspace.pk, at=now)
    assert not is_open(calendar, at("2026-12-25T12:00"))
    assert not is_open(calendar, datetime(2026, 7, 3, 19, tzinfo=UTC)), "4 July is a Saturday: the 3rd is observed"
    assert is_open(calendar, at("2026-11-11T12:00"))
    assert not is_open(calendar, at("2027-12-24T12:00")), "and in the year after"
    shown = queries.coming_holidays("US", "CA", since=date(2026, 3, 10), worked=wish.worked)
    assert {one.name for one in shown if one.is_worked} == {"Veterans Day"}
    assert shown[0].day >= date(2026, 3, 10) > shown[-1].day.replace(year=2026)
    (named,) = [
        one
        for one in queries.coming_holidays("DE", "", since=date(2026, 3, 10), worked=(), language="en")
        if one.day == date(2026, 10, 3)
    ]
    assert (named.name, named.label) == ("Tag der Deutschen Einheit", "German Unity Day")
    assert queries.coming_holidays("", "", since=date(2026, 3, 10), worked=()) == []


def test_an_own_day_goes_before_a_holiday(ana: Player, workspace: Workspace, now: datetime) -> None:
    days = (
        DayWish(day=date(2026, 12, 25), name="Open for emergencies", stretches=((600, 720),)),
        DayWish(day=date(2026, 3, 11), name="Staff day"),
    )
    hours = actions.create_hours(by=ana.actor, wish=replace(OFFICE, country="US", days=days), at=now)
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    calendar = calendar_for(workspace.pk, at=now)
    assert is_open(calendar, at("2026-12-25T10:00"))
    assert not is_open(calendar, at("2026-12-25T12:00"))
    assert calendar.on(date(2026, 3, 11)) == ()


def test_thousands_of_calendars_cost_one_query(
    ana: Player, workspace: Workspace, channel: Channel, now: datetime
) -> None:
    hours = actions.create_hours(by=ana.actor, wish=replace(OFFICE, country="US"), at=now)
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    calendars_of(workspace.pk, now)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        every = calendars_of(workspace.pk, now)
        assert len({id(every.of(team, channel.pk)) for team in range(5_000)}) == 1
    assert len(asked) == 1


def test_what_is_in_memory_is_never_old(ana: Player, workspace: Workspace, now: datetime) -> None:
    hours = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    assert calendar_for(workspace.pk, at=now).week[5] == ()
    week = (*SUGGESTED[:5], ((600, 720),), ())
    actions.save_hours(by=ana.actor, hours=hours, wish=replace(OFFICE, week=week), at=now)
    assert calendar_for(workspace.pk, at=now).week[5] == ((600, 720),)
    teams.update_workspace(by=ana.actor, at=now, time_zone="America/Chicago")
    assert calendar_for(workspace.pk, at=now).zone.key == "America/Chicago"
    Hours.objects.update(zone="Nowhere/Gone")
    actions.set_usual(by=ana.actor, hours_id=hours.pk, at=now)
    assert calendar_for(workspace.pk, at=now).zone.key == "UTC"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "taken"}, "name"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"country": "XX"}, "country"),
        ({"country": "US", "subdivision": "BY"}, "subdivision"),
        ({"subdivision": "CA"}, "subdivision"),
        ({"country": "US", "worked": ("x" * 201,)}, "worked"),
        ({"week": SUGGESTED[:6]}, "week"),
        ({"week": (((540, 540),), *SUGGESTED[1:])}, "week_0"),
        ({"week": (((540, 480),), *SUGGESTED[1:])}, "week_0"),
        ({"week": (((-1, 480),), *SUGGESTED[1:])}, "week_0"),
        ({"week": (((1440, 1500),), *SUGGESTED[1:])}, "week_0"),
        ({"week": (((540, 2000),), *SUGGESTED[1:])}, "week_0"),
        ({"week": (((540, 720), (700, 900)), *SUGGESTED[1:])}, "week_0"),
        ({"week": (((720, 2000),), *SUGGESTED[1:])}, "week_0"),
        ({"week": (SUGGESTED[0], *[((60 * n, 60 * n + 30) for n in range(7))] * 1, *SUGGESTED[2:])}, "week_1"),
        ({"week": (((0, 60),), (), (), (), (), (), ((1200, 1500),))}, "week_6"),
        ({"days": (DayWish(day=date(2026, 5, 1)), DayWish(day=date(2026, 5, 1)))}, "day_1"),
        ({"days": (DayWish(day=date(2026, 5, 1), stretches=((700, 600),)),)}, "day_0"),
        ({"days": (DayWish(day=date(2026, 5, 1), name="x" * 81),)}, "day_0"),
        ({"days": (DayWish(day=date(2026, 5, 1)), DayWish(day=date.max))}, "day_1"),
        ({"days": (DayWish(day=date.min),)}, "day_0"),
        ({"days": tuple(DayWish(day=date.fromordinal(739_000 + n)) for n in range(201))}, "days"),
    ],
)
def test_what_cannot_be_used_is_refused(ana: Player, now: datetime, fields: dict[str, Any], field: str) -> None:
    actions.create_hours(by=ana.actor, wish=replace(OFFICE, name="Taken"), at=now)
    if "week" in fields:
        fields = {"week": tuple(tuple(day) for day in fields["week"])}
    with pytest.raises(Invalid) as refused:
        actions.create_hours(by=ana.actor, wish=replace(OFFICE, **fields), at=now)
    assert refused.value.field == field
    assert Hours.objects.count() == 1


def test_who_may(ana: Player, ben: Player, cleo: Player, workspace: Workspace, channel: Channel, now: datetime) -> None:
    hours = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    team = make.make_team(workspace, "Roadside", at=now)
    for act in (
        lambda by: actions.create_hours(by=by, wish=LATE, at=now),
        lambda by: actions.save_hours(by=by, hours=hours, wish=LATE, at=now),
        lambda by: actions.delete_hours(by=by, hours=hours, at=now),
        lambda by: actions.set_usual(by=by, hours_id=hours.pk, at=now),
        lambda by: actions.set_team_hours(by=by, team=team, hours_id=hours.pk, at=now),
        lambda by: set_channel_hours(by=by, channel=channel, hours_id=hours.pk, at=now),
    ):
        with pytest.raises(NotAllowed):
            act(ben.actor)
    for act in (
        lambda by: queries.access_hours(by, hours.pk),
        lambda by: actions.save_hours(by=by, hours=hours, wish=LATE, at=now),
        lambda by: actions.delete_hours(by=by, hours=hours, at=now),
        lambda by: actions.set_usual(by=by, hours_id=hours.pk, at=now),
        lambda by: actions.set_team_hours(by=by, team=team, hours_id=hours.pk, at=now),
    ):
        with pytest.raises(NotFound):
            act(cleo.actor)
    assert queries.every_hours(cleo.actor) == []
    assert [one.name for one in queries.every_hours(ben.actor)] == ["Office"]


def test_a_change_says_what_changed(ana: Player, workspace: Workspace, now: datetime) -> None:
    hours = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    actions.save_hours(by=ana.actor, hours=hours, wish=OFFICE, at=now)
    days = (DayWish(day=date(2026, 5, 1)),)
    actions.save_hours(by=ana.actor, hours=hours, wish=replace(OFFICE, name="Front", days=days), at=now)
    told = [(entry.action, entry.data.get("changed")) for entry in audit_entries(workspace.pk)]
    assert told == [("hours.changed", ["days", "name"]), ("hours.created", None)]


def test_a_week_in_few_words() -> None:
    assert summary(SUGGESTED) == ["Mon to Fri: 9:00 AM to 5:00 PM"]
    assert summary((((0, 1440),),) * 7) == ["Every day: All day"]
    assert summary(((),) * 7) == ["Always closed"]
    assert summary((*SUGGESTED[:5], ((600, 720), (780, 840)), ())) == [
        "Mon to Fri: 9:00 AM to 5:00 PM",
        "Sat: 10:00 AM to 12:00 PM, 1:00 PM to 2:00 PM",
    ]
    assert summary(LATE.week) == ["Every day: 12:00 PM to 2:00 AM"]


@pytest.mark.parametrize(
    ("day", "after"),
    [
        ([(540, 1020)], ((540, 720), (780, 1020))),
        ([(840, 1200)], ((840, 990), (1050, 1200))),
        ([(540, 720), (780, 1020)], ((540, 720), (780, 870), (930, 1020))),
        ([(540, 570)], ((540, 570),)),
        ([], ((540, 1020),)),
    ],
)
def test_a_break_goes_where_it_fits(day: list[tuple[int, int]], after: tuple[tuple[int, int], ...]) -> None:
    assert with_break(day) == after
