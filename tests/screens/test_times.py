"""A member's own zone and clock: chosen, suggested once, and used wherever a time is shown, but for no rule."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.urls import reverse

from tests import make
from tests.conftest import Player
from tests.screens.access import EVERYBODY, Matrix, Place
from tests.screens_html import html_of
from twoway.desk import urls_times
from twoway.teams.models import Role, Workspace

PLACES = {
    "times": Place(methods=("GET", "POST"), roles=EVERYBODY),
    "times_suggested": Place(methods=("POST",), roles=EVERYBODY),
}
MADRID = {"time_zone": "Europe/Madrid", "hours": "24", "week_start": "0"}
NIGHT = datetime(2026, 3, 12, 23, 38, tzinfo=UTC)


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urls_times.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", Role.values)
def test_who_may(workspace: Workspace, role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rosa", role=role, at=NIGHT))
    assert Matrix(PLACES).wrong_for_role(player, {}) == {}


def test_nobody_without_an_account(db: None) -> None:
    assert Matrix(PLACES).open_to_nobody({}) == {}


def test_times_follow_the_reader(ana: Player, ben: Player) -> None:
    talk = make.make_conversation(make.make_channel(ana.member.workspace, at=NIGHT), at=NIGHT)
    make.make_message(talk, at=NIGHT)
    client = ben.client
    assert client.post(reverse("desk:times"), MADRID).status_code == 302
    page = reverse("desk:conversation", args=[talk.pk])
    theirs, hers = html_of(client.get(page)), html_of(ana.client.get(page))
    assert ">00:38</time>" in theirs
    assert 'id="day-2026-03-13"' in theirs
    assert ">4:38 PM</time>" in hers
    assert 'id="day-2026-03-12"' in hers


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"time_zone": "Mars/Phobos"}, "Select a valid choice"),
        ({"hours": "13"}, "Select a valid choice"),
        ({"week_start": "3"}, "Select a valid choice"),
    ],
)
def test_what_is_no_choice_is_refused(ben: Player, given: dict[str, str], words: str) -> None:
    answer = ben.client.post(reverse("desk:times"), {**MADRID, **given})
    assert answer.status_code == 422
    assert words in html_of(answer)


def test_the_zone_is_suggested_once(ben: Player) -> None:
    client = ben.client
    inbox = reverse("desk:inbox", args=["open"])
    assert "data-zone-ask" in html_of(client.get(inbox))
    client.post(reverse("desk:times_suggested"), {"time_zone": ""})
    assert "data-zone-ask" not in html_of(client.get(inbox))
    ben.member.user.refresh_from_db()
    assert ben.member.user.time_zone == ""


def test_a_suggested_zone_is_used_and_a_wrong_one_is_not(clients: SimpleNamespace, ana: Player) -> None:
    address = reverse("desk:times_suggested")
    assert clients.ana.post(address, {"time_zone": "../etc/passwd"}).status_code == 422
    clients.ana.post(address, {"time_zone": "Europe/Madrid"})
    ana.member.user.refresh_from_db()
    assert ana.member.user.time_zone == "Europe/Madrid"
