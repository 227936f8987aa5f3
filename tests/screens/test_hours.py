"""Settings, Hours: a week is written, refused with its words beside the day, and kept by workspace, team and number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests import make
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.channels.queries import calendar_for
from twoway.teams.hours import actions, queries
from twoway.teams.hours.actions import DayWish, HoursWish
from twoway.teams.hours.models import Hours
from twoway.teams.hours.rules import ALWAYS
from twoway.teams.hours.week_rules import SUGGESTED
from twoway.teams.models import Workspace

ADD = "/settings/hours/add/"
OFFICE = HoursWish(name="Office", week=SUGGESTED)


def week(**more: str) -> dict[str, str]:
    """What the suggested form sends."""
    told = {"name": "Office", "zone": "", "country": "", "place": "", "subdivision": ""}
    for day in range(7):
        told[f"d{day}-is"] = "open" if day < 5 else "closed"
        if day < 5:
            told |= {f"d{day}-0-from": "09:00", f"d{day}-0-to": "17:00"}
    return told | more


def press(client: Client, button: str, told: dict[str, Any], path: str = ADD) -> str:
    """What a button inside the form answers with; it saves nothing."""
    before = Hours.objects.count()
    answer = client.post(path, {**told, "do": button})
    assert answer.status_code == 200
    assert Hours.objects.count() == before
    return answer.content.decode()


def value(page: str, name: str) -> str:
    """What an input of the page holds."""
    _, _, rest = page.partition(f'name="{name}"')
    return rest.partition('value="')[2].partition('"')[0]


def test_nothing_holds_until_it_is_saved(ana: Player, workspace: Workspace, now: datetime) -> None:
    assert "Without them every hour counts as open." in ana.client.get("/settings/hours/").content.decode()
    page = ana.client.get(ADD).content.decode()
    assert [value(page, f"d{day}-0-from") for day in range(5)] == ["09:00"] * 5
    assert value(page, "d4-0-to") == "17:00"
    assert 'name="d5-0-from"' not in page
    assert '<option value="US" selected>' in page
    assert not Hours.objects.exists()
    assert calendar_for(workspace.pk, at=now) is ALWAYS
    answer = ana.client.post(ADD, week(is_usual="on"))
    assert (answer.status_code, answer["Location"]) == (302, "/settings/hours/")
    assert calendar_for(workspace.pk, at=now).week == SUGGESTED
    page = ana.client.get("/settings/hours/").content.decode()
    for words in ("Mon to Fri: 9:00 AM to 5:00 PM", "The whole workspace", "Office"):
        assert words in page


def test_what_is_kept_is_shown_and_changed(ana: Player, workspace: Workspace, now: datetime) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=30)
    past = soon - timedelta(days=400)
    days = (DayWish(day=past, name="Long past"), DayWish(day=soon, name="Staff day"))
    late = HoursWish(name="Late", week=(((720, 1560),),) * 7, days=days)
    found = actions.create_hours(by=ana.actor, wish=late, at=now)
    path = f"/settings/hours/{found.pk}/"
    page = ana.client.get(path).content.decode()
    assert (value(page, "d6-0-from"), value(page, "d6-0-to")) == ("12:00", "02:00")
    assert 'id="d6-0-over" checked' in page
    assert value(page, "x0-day") == soon.isoformat()
    assert "Long past" not in page
    told = week(name="Later", zone="America/New_York")
    told |= {
        "x0-is": "open",
        "x0-day": soon.isoformat(),
        "x0-name": "Long day",
        "x0-0-from": "08:00",
        "x0-0-to": "00:00",
    }
    assert ana.client.post(path, told).status_code == 302
    kept = queries.access_hours(ana.actor, found.pk)
    assert (kept.name, kept.zone, kept.week[0], kept.week[5]) == ("Later", "America/New_York", [[540, 1020]], [])
    assert sorted((row.name, row.stretches) for row in kept.days.all()) == [
        ("Long day", [[480, 1440]]),
        ("Long past", []),
    ]
    assert queries.usual_hours(workspace.pk) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"d0-0-to": "08:00"}, "09:00 to 08:00 ends before it begins. If it runs past midnight, tick “next day”."),
        ({"d0-0-to": ""}, "Write both times, such as 09:00 and 17:00."),
        ({"d0-0-from": "9 am"}, "Write both times, such as 09:00 and 17:00."),
        ({"d0-0-from": "", "d0-0-to": ""}, "Write when it opens and closes."),
        ({"d0-0-over": "on"}, "09:00 to 17:00 of the next day is longer than a day."),
        ({"d0-1-from": "16:00", "d0-1-to": "18:00"}, "9:00 AM to 5:00 PM and 4:00 PM to 6:00 PM overlap."),
        ({"d0-0-from": "20:00", "d0-0-to": "10:00", "d0-0-over": "on"}, "It runs into the hours of Tuesday."),
        ({"zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"country": "XX"}, "Select a valid choice."),
        ({"x0-is": "closed", "x0-name": "Staff day", "x0-day": ""}, "Choose a date."),
        (
            {"x0-is": "closed", "x0-day": "2026-05-01", "x1-is": "closed", "x1-day": "2026-05-01"},
            "This date is there twice.",
        ),
    ],
)
def test_nothing_typed_is_lost(ana: Player, more: dict[str, str], words: str) -> None:
    told = week(**more) | {"d4-0-to": "16:45"}
    answer = ana.client.post(ADD, told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert value(page, "d4-0-to") == "16:45"
    for name, typed in more.items():
        if name.startswith(("d", "x")) and not name.endswith(("-is", "-over")):
            assert value(page, name) == typed
    assert not Hours.objects.exists()


def test_a_name_is_taken_once(ana: Player, now: datetime) -> None:
    actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    answer = ana.client.post(ADD, week(name="office"))
    assert answer.status_code == 422
    assert "There are hours with this name." in answer.content.decode()


def test_the_buttons_inside(ana: Player) -> None:
    page = press(ana.client, "add d0", week())
    assert [value(page, f"d0-{name}") for name in ("0-from", "0-to", "1-from", "1-to")] == [
        "09:00", "12:00", "13:00", "17:00",
    ]  # fmt: skip
    broken = week(**{"d0-0-to": "12:00", "d0-1-from": "13:00", "d0-1-to": "17:00"})
    page = press(ana.client, "drop d0 0", broken)
    assert (value(page, "d0-0-from"), 'name="d0-1-from"' in page) == ("13:00", False)
    page = press(ana.client, "copy d0 work", broken)
    assert [value(page, f"d{day}-1-from") for day in range(5)] == ["13:00"] * 5
    assert 'name="d5-0-from"' not in page
    page = press(ana.client, "copy d0 all", broken)
    assert value(page, "d6-1-to") == "17:00"
    page = press(ana.client, "kind", week(**{"d6-is": "open"}))
    assert value(page, "d6-0-from") == "09:00"
    page = press(ana.client, "date", week())
    assert 'name="x0-day"' in page
    page = press(
        ana.client, "undate x0", week(**{"x0-is": "closed", "x0-name": "One", "x1-is": "all", "x1-name": "Two"})
    )
    assert (value(page, "x0-name"), 'name="x1-name"' in page) == ("Two", False)
    for odd in ("add", "add d9", "drop d0 x", "copy", "what is this", "undate"):
        assert value(press(ana.client, odd, week()), "d0-0-from") == "09:00"


def test_the_holidays_of_the_coming_year(ana: Player, now: datetime) -> None:
    page = press(ana.client, "place", week(country="US", place=""))
    assert 'name="off" value="Thanksgiving Day" checked' in page
    assert '<option value="CA">California</option>' in page
    told: dict[str, Any] = week(country="US", place="US")
    told |= {"shown": ["Thanksgiving Day", "Veterans Day"], "off": ["Thanksgiving Day"], "kept": ["Columbus Day"]}
    assert ana.client.post(ADD, told).status_code == 302
    found = Hours.objects.get()
    assert (found.country, found.worked) == ("US", ["Columbus Day", "Veterans Day"])
    page = ana.client.get(f"/settings/hours/{found.pk}/").content.decode()
    assert 'name="off" value="Veterans Day">' in page
    page = press(ana.client, "place", {**told, "country": "DE"})
    assert 'name="off" value="Tag der Deutschen Einheit" checked><span>German Unity Day' in page
    assert "Thanksgiving" not in page


def test_how_it_would_stand_now(ana: Player) -> None:
    every_day = {f"d{day}-is": "all" for day in range(7)}
    assert "Always open" in press(ana.client, "preview", week(**every_day))
    none = {f"d{day}-is": "closed" for day in range(7)}
    assert "Closed, with no opening ahead" in press(ana.client, "preview", week(**none))
    assert "Shown once the times are right." in press(ana.client, "preview", week(**{"d0-0-to": "08:00"}))


def test_a_team_chooses_its_hours(ana: Player, workspace: Workspace, now: datetime) -> None:
    team = make.make_team(workspace, "Roadside", at=now)
    path = f"/settings/teams/{team.pk}/"
    assert 'name="hours"' not in ana.client.get(path).content.decode()
    found = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    assert "As the workspace" in ana.client.get(path).content.decode()
    assert ana.client.post(path, {"name": "Roadside", "hours": found.pk}).status_code == 302
    assert calendar_for(workspace.pk, team_id=team.pk, at=now).week == SUGGESTED
    assert f'<option value="{found.pk}" selected>' in ana.client.get(path).content.decode()
    assert "Roadside" in ana.client.get(f"/settings/hours/{found.pk}/").content.decode()
    assert ana.client.post(path, {"name": "Roadside", "hours": "99999"}).status_code == 422
    ana.client.post(path, {"name": "Roadside", "hours": ""})
    assert calendar_for(workspace.pk, team_id=team.pk, at=now) is ALWAYS


def test_a_number_chooses_its_hours(ana: Player, workspace: Workspace, channel: Channel, now: datetime) -> None:
    found = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    path = f"/settings/numbers/{channel.pk}/"
    assert "As its team or the workspace" in ana.client.get(path).content.decode()
    told = {"name": "Desk", "team": "", "rate": "1", "stop_handled_by": "us", "hours": found.pk}
    assert ana.client.post(path, told).status_code == 302
    assert calendar_for(workspace.pk, channel_id=channel.pk, at=now).week == SUGGESTED
    assert "Desk" in ana.client.get("/settings/hours/").content.decode()


def test_hours_are_deleted(ana: Player, now: datetime) -> None:
    found = actions.create_hours(by=ana.actor, wish=OFFICE, at=now)
    assert ana.client.post(f"/settings/hours/{found.pk}/delete/").status_code == 302
    assert not Hours.objects.exists()
