"""Who may open what in the compliance centre: every address, for everybody. A new address gets its row in `PLACES`.

An address with ids also needs each of them in `things`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.conftest import NOW, Player
from twoway.compliance.purposes import actions as purposes
from twoway.compliance.purposes.rules import PurposeRule
from twoway.desk import urls_compliance
from twoway.teams.models import Workspace

Method = Literal["GET", "POST"]
EVERYBODY = frozenset({"owner", "admin", "manager", "agent", "viewer"})
ADMINS = frozenset({"owner", "admin"})
MANAGERS = ADMINS | {"manager"}
TEXTERS = MANAGERS | {"agent"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One address: its methods, which roles may, and the ids in it (names of `things`, parted by blanks)."""

    methods: tuple[Method, ...]
    roles: frozenset[str]
    key: str = ""


PLACES: dict[str, Place] = {
    "compliance": Place(methods=("GET",), roles=MANAGERS),
    "compliance_quiet": Place(methods=("GET",), roles=MANAGERS),
    "compliance_quiet_try": Place(methods=("POST",), roles=MANAGERS),
    "compliance_quiet_edit": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing": Place(methods=("GET",), roles=MANAGERS),
    "compliance_pacing_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing_guard": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing_policy": Place(methods=("POST",), roles=ADMINS),
    "compliance_pacing_purpose": Place(methods=("GET", "POST"), roles=ADMINS, key="slug"),
    "compliance_pacing_retire": Place(methods=("POST",), roles=ADMINS, key="slug"),
}

CASES = [(name, method) for name, place in PLACES.items() for method in place.methods]


@pytest.fixture
def things(workspace: Workspace, ana: Player) -> dict[str, object]:
    """One of each thing the addresses name, in Ana's workspace."""
    rule = PurposeRule(slug="news", label="News", level="express")
    purposes.save_purpose(rule=rule, at=NOW, by=ana.actor)
    return {"slug": rule.slug}


def address(name: str, things: dict[str, object]) -> str:
    keys = PLACES[name].key.split()
    return reverse(f"desk:{name}", kwargs={key: things[key] for key in keys})


def call(client: Client, method: Method, url: str) -> int:
    return client.get(url).status_code if method == "GET" else client.post(url).status_code


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_compliance.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
@pytest.mark.parametrize(("name", "method"), CASES)
def test_roles(name: str, method: Method, role: str, things: dict[str, object], workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    status = call(player.client, method, address(name, things))
    if role in PLACES[name].roles:
        assert status in ({200} if method == "GET" else {200, 302, 422})
    else:
        assert status == 403


@pytest.mark.parametrize(("name", "method"), CASES)
def test_somebody_who_is_not_signed_in_is_asked_to(name: str, method: Method, things: dict[str, object]) -> None:
    url = address(name, things)
    answer = Client().get(url) if method == "GET" else Client().post(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(("name", "method"), [case for case in CASES if PLACES[case[0]].key])
def test_an_owner_of_another_workspace_finds_nothing(
    name: str, method: Method, things: dict[str, object], cleo: Player
) -> None:
    assert call(cleo.client, method, address(name, things)) == 404


@pytest.mark.parametrize("name", [name for name, place in PLACES.items() if place.methods == ("POST",)])
def test_writes_are_not_links(name: str, things: dict[str, object], ana: Player) -> None:
    assert ana.client.get(address(name, things)).status_code == 405


def test_the_centre_is_offered_to_those_who_may_see_it(ana: Player, ben: Player) -> None:
    home = reverse("desk:compliance")
    inbox = reverse("desk:inbox", args=["open"])
    assert ana.client.get(inbox).content.decode().count(f'href="{home}"') == 2
    assert f'href="{home}"' not in ben.client.get(inbox).content.decode()
    assert f'href="{home}"' in ana.client.get(reverse("desk:palette")).content.decode()
    assert f'href="{home}"' not in ben.client.get(reverse("desk:palette")).content.decode()


def test_every_page_of_the_centre_says_what_it_is_not(ana: Player) -> None:
    for name, place in PLACES.items():
        if "GET" in place.methods and not place.key:
            answer = ana.client.get(reverse(f"desk:{name}"))
            if answer.headers["Content-Type"].startswith("text/html"):
                assert "This isn't legal advice." in answer.content.decode().replace("&#x27;", "'"), name
