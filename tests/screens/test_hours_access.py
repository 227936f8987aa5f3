"""Who may open the pages of hours."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, Matrix, Place
from twoway.desk import urls_hours
from twoway.teams.hours import actions
from twoway.teams.hours.actions import HoursWish
from twoway.teams.hours.week_rules import SUGGESTED
from twoway.teams.models import Workspace

PLACES = {
    "settings_hours": Place(methods=("GET",), roles=ADMINS),
    "settings_hours_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_hours_one": Place(methods=("GET", "POST"), roles=ADMINS, key="hours_id"),
    "settings_hours_delete": Place(methods=("POST",), roles=ADMINS, key="hours_id"),
}
MATRIX = Matrix(PLACES)


@pytest.fixture
def things(ana: Player) -> dict[str, object]:
    made = actions.create_hours(by=ana.actor, wish=HoursWish(name="Office", week=SUGGESTED), at=NOW)
    return {"hours_id": made.pk}


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_hours.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Robin", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_gets_in_without_signing_in(things: dict[str, object]) -> None:
    assert MATRIX.open_to_nobody(things) == {}


def test_another_workspace_finds_nothing(cleo: Player, things: dict[str, object]) -> None:
    assert MATRIX.found_by_stranger(cleo, things) == {}


def test_a_form_of_another_site_is_refused(ana: Player, things: dict[str, object]) -> None:
    assert MATRIX.taken_without_token(ana, things) == {}


def test_a_link_never_writes(ana: Player, things: dict[str, object]) -> None:
    assert MATRIX.written_by_link(ana, things) == {}
