"""Queues, presence and rules on the desk: who may ask for what."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from twoway.channels.models import Channel
from twoway.desk.urls_routing import urlpatterns
from twoway.routing.escalation import actions as escalation
from twoway.teams.models import Workspace

MATRIX = Matrix(
    {
        "presence": Place(methods=("POST",), roles=TEXTERS),
        "presence_here": Place(methods=("GET",), roles=MANAGERS),
        "presence_for": Place(methods=("POST",), roles=MANAGERS, key="member_id"),
        "queue_next": Place(methods=("POST",), roles=TEXTERS),
        "hint_closed": Place(methods=("POST",), roles=TEXTERS, key="conversation_id hint_id"),
    }
)


@pytest.fixture
def things(ben: Player, ana: Player, channel: Channel) -> dict[str, object]:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    hint = escalation.take_over_hint(key="upset", by=ana.actor, at=NOW)
    return {"member_id": ben.id, "conversation_id": talk.pk, "hint_id": hint.pk}


def test_every_address_is_in_the_matrix() -> None:
    assert {one.name for one in urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(workspace: Workspace, things: dict[str, object], role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}
