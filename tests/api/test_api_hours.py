"""Hours over the API: who may, what is kept and refused, and whether it is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.actions import set_channel_hours
from twoway.channels.models import Channel
from twoway.teams.hours.models import Hours
from twoway.teams.models import Workspace

DAY = [{"from": "09:00", "until": "12:00"}, {"from": "13:00", "until": "17:00"}]
OFFICE: dict[str, Any] = {
    "name": "Office",
    "week": {
        "monday": DAY,
        "friday": [{"from": "22:00", "until": "02:00"}],
        "sunday": [{"from": "00:00", "until": "00:00"}],
    },
    "zone": "America/New_York",
    "country": "US",
    "subdivision": "NY",
    "worked": ["Columbus Day"],
    "days": [{"day": "2026-12-24", "name": "Half a day", "open": [{"from": "09:00", "until": "12:00"}]}],
    "is_usual": True,
}


@pytest.fixture
def program(ana: Player, program_of: Callable[..., Program]) -> Program:
    """One that may change the workspace."""
    return program_of(ana, role="admin")


def test_hours_are_added_put_anew_and_found(program: Program, workspace: Workspace) -> None:
    made = program.ask("POST", "/hours", OFFICE)
    assert made.status == 201
    path = f"/hours/{made.json['id']}"
    kept = made.json
    assert kept.pop("now")["zone"] == "America/New_York"
    assert {name: kept[name] for name in ("name", "zone", "country", "subdivision", "worked", "days", "is_usual")} == {
        name: value for name, value in OFFICE.items() if name != "week"
    }
    assert kept["week"]["monday"] == DAY
    assert kept["week"]["tuesday"] == []
    assert kept["week"]["friday"] == [{"from": "22:00", "until": "02:00"}]
    assert kept["week"]["sunday"] == [{"from": "00:00", "until": "00:00"}]
    assert Hours.objects.get().week[4] == [[1320, 1560]]
    found = program.get(path).json
    assert found | kept == found
    assert [one["id"] for one in program.get("/hours").json["items"]] == [kept["id"]]
    for _ in range(2):
        put = program.ask("PUT", path, {"name": "Office", "week": {"tuesday": DAY}})
        assert put.status == 200
        assert (put.json["country"], put.json["days"], put.json["is_usual"]) == ("", [], False)
        assert put.json["week"]["tuesday"] == DAY


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"country": "XX"}, "country"),
        ({"subdivision": "BY"}, "subdivision"),
        ({"week": {"monday": [*DAY, {"from": "16:00", "until": "18:00"}]}}, "week.monday"),
        ({"week": {"monday": [{"from": "9:00", "until": "18:00"}]}}, "week.monday.0.from"),
        ({"week": {"Monday": DAY}}, "week.Monday"),
        ({"days": [{"day": "2026-02-30"}]}, "days.0.day"),
        ({"days": [{"day": "2026-02-03"}, {"day": "2026-02-03"}]}, "days.1"),
        ({"open": True}, "open"),
    ],
)
def test_what_cannot_be_used_is_named(program: Program, changed: dict[str, Any], field: str) -> None:
    answer = program.ask("POST", "/hours", OFFICE | changed)
    assert answer.status == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert not Hours.objects.exists()


def test_whether_it_is_open(
    program: Program, ana: Player, workspace: Workspace, channel: Channel, now: datetime
) -> None:
    always = program.get("/hours/open")
    assert always.json | {"opens_at": None} == {"is_open": True, "opens_at": None, "closes_at": None, "zone": "UTC"}
    program.ask("POST", "/hours", OFFICE)
    asked = program.get("/hours/open?at=2026-03-09T12:30:00-04:00").json
    assert asked == {
        "is_open": False,
        "opens_at": "2026-03-09T17:00:00Z",
        "closes_at": "2026-03-09T21:00:00Z",
        "zone": "America/New_York",
    }
    early = {"name": "Night", "week": {"monday": [{"from": "00:00", "until": "01:00"}]}}
    night = program.ask("POST", "/hours", early).json
    team = make.make_team(workspace, "Roadside", at=now)
    set_channel_hours(by=ana.actor, channel=channel, hours_id=night["id"], at=now)
    assert program.get(f"/hours/{night['id']}").json["channel_ids"] == [channel.pk]
    at = "at=2026-03-09T09:30:00-04:00"
    assert program.get(f"/hours/open?{at}&team_id={team.pk}").json["is_open"] is True
    assert program.get(f"/hours/open?{at}&channel_id={channel.pk}").json["is_open"] is False
    for elsewhere in ("team_id=99999", "channel_id=99999"):
        assert program.get(f"/hours/open?{elsewhere}").status == 404
    for odd in ("at=1066-10-14T09:00:00Z", "at=9999-12-31T23:59:59Z", "at=yesterday"):
        assert program.get(f"/hours/open?{odd}").status == 422


@pytest.mark.parametrize("role", ["viewer", "agent", "manager", "admin"])
def test_who_may(ana: Player, program: Program, program_of: Callable[..., Program], role: str) -> None:
    made = program.ask("POST", "/hours", OFFICE).json["id"]
    asking = program_of(ana, role=role)
    assert asking.get("/hours").status == asking.get(f"/hours/{made}").status == asking.get("/hours/open").status == 200
    expected = (201, 200) if role == "admin" else (403, 403)
    found = asking.ask("POST", "/hours", OFFICE | {"name": "More"}), asking.ask("PUT", f"/hours/{made}", OFFICE)
    assert tuple(one.status for one in found) == expected


def test_another_workspace_finds_nothing(program: Program, stranger: Program) -> None:
    made = program.ask("POST", "/hours", OFFICE).json["id"]
    assert stranger.get("/hours").json["items"] == []
    assert stranger.get(f"/hours/{made}").status == stranger.ask("PUT", f"/hours/{made}", OFFICE).status == 404
    assert Program().get("/hours").status == Program().ask("PUT", f"/hours/{made}", OFFICE).status == 401
