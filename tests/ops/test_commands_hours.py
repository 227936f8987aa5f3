"""`twoway hours`: what is listed, shown and said of a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests import make
from tests.ops.test_commands_setup import Operator, operator
from twoway.channels.actions import set_channel_hours
from twoway.teams.actor import system
from twoway.teams.hours import actions
from twoway.teams.hours.actions import DayWish, HoursWish
from twoway.teams.hours.models import Hours
from twoway.teams.hours.week_rules import SUGGESTED
from twoway.teams.models import Workspace

__all__ = ["operator"]


@pytest.fixture
def office(operator: Operator) -> Hours:
    by, at = system(Workspace.objects.get().pk), datetime.now(UTC)
    days = (DayWish(day=date(2026, 12, 24), name="Half a day", stretches=((540, 720),)),)
    made = actions.create_hours(by=by, wish=HoursWish(name="Office", week=SUGGESTED, days=days), at=at)
    actions.set_usual(by=by, hours_id=made.pk, at=at)
    return made


def test_hours_are_listed_and_shown(operator: Operator, office: Hours) -> None:
    (listed,) = operator.json("hours", "list")["items"]
    assert (listed["hours_id"], listed["is_usual"]) == (office.pk, True)
    assert listed["week"] == ["Mon to Fri: 9:00 AM to 5:00 PM"]
    shown = operator.json("hours", "show", str(office.pk))
    assert shown["days"] == [{"day": "2026-12-24", "name": "Half a day", "hours": "9:00 AM to 12:00 PM"}]
    told = operator.run("hours", "show", str(office.pk)).out
    assert "Office  (the whole workspace)" in told
    assert "Half a day" in told
    assert "no such set of hours" in operator.refused("hours", "show", "999")


def test_whether_it_is_open_at_a_moment(operator: Operator, office: Hours) -> None:
    asked = operator.json("hours", "is-open", "--at", "2026-12-24T13:00:00-08:00")
    assert asked == {
        "at": "2026-12-24T13:00:00-08:00",
        "zone": "America/Los_Angeles",
        "is_open": False,
        "opens_at": "2026-12-25T09:00:00-08:00",
        "closes_at": "2026-12-25T17:00:00-08:00",
    }
    workspace = Workspace.objects.get()
    channel = make.make_channel(workspace, at=datetime.now(UTC))
    by = system(workspace.pk)
    always = HoursWish(name="Always", week=(((0, 1440),),) * 7)
    made = actions.create_hours(by=by, wish=always, at=datetime.now(UTC))
    set_channel_hours(by=by, channel=channel, hours_id=made.pk, at=datetime.now(UTC))
    assert "always open" in operator.run("hours", "is-open", "--number", str(channel.pk)).out
    assert "no such team" in operator.refused("hours", "is-open", "--team", "999")
    for odd in ("tomorrow", "2026-12-24T13:00:00", "0001-01-01T00:00:00Z"):
        assert "Write a moment" in operator.refused("hours", "is-open", "--at", odd)
