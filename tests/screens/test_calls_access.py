"""Who may call, say what came of it, and set what happens with calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, TEXTERS, Matrix, Place
from twoway.channels import simulator
from twoway.channels.models import Channel
from twoway.desk import urls_calls
from twoway.messaging.calls.models import Call
from twoway.teams.models import Workspace

PLACES = {
    "call_menu": Place(methods=("GET", "POST"), roles=TEXTERS, key="conversation_id"),
    "call_end": Place(methods=("POST",), roles=frozenset(), key="call_id"),
    "call_outcome": Place(methods=("POST",), roles=TEXTERS, key="call_id"),
    "profile_phone": Place(methods=("POST",), roles=TEXTERS),
    "settings_calls": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_calls_number": Place(methods=("GET", "POST"), roles=ADMINS, key="channel_id"),
    "settings_calls_connect": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
}
MATRIX = Matrix(PLACES)
OF_SIMULATOR = {"simulator_call", "simulator_call_act"}


@pytest.fixture(autouse=True)
def _own_carrier(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    yield
    simulator.store().close()


@pytest.fixture
def things(channel: Channel, ben: Player) -> dict[str, object]:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    call = Call.objects.create(
        workspace=channel.workspace, channel=channel, conversation=talk, direction="out", state="missed",
        phone="+14155550101", member=ben.member, by_name="Ben", started_at=NOW, ended_at=NOW,
    )  # fmt: skip
    return {"conversation_id": talk.pk, "call_id": call.pk, "channel_id": channel.pk}


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_calls.urlpatterns} == set(PLACES) | OF_SIMULATOR


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


SIMULATED = Matrix({"simulator_call": Place(methods=("POST",), roles=TEXTERS)})


def test_only_who_may_use_the_simulator_calls_from_it(workspace: Workspace, ana: Player) -> None:
    number = simulator.add_number(by=ana.actor, at=NOW)
    vic = Player(member=make.make_member(workspace, "Vic", role="viewer", at=NOW))
    told = {"channel": str(number.pk), "handset": "+19715550123"}
    assert vic.client.post("/simulator/call/", told).status_code == 403
    assert vic.client.post("/simulator/call/CA1/answer/", told).status_code == 403
    assert ana.client.post("/simulator/call/CA1/answer/", told).status_code in (302, 404)
    assert SIMULATED.open_to_nobody({}) == {}
