"""Queues, presence and rules on the desk: who may ask for what."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from twoway.channels.models import Channel
from twoway.desk.urls_routing import urlpatterns
from twoway.routing import actions as routing
from twoway.routing.escalation import actions as escalation
from twoway.routing.escalation.models import CallHint, EscalationRule
from twoway.teams.models import Workspace

MATRIX = Matrix(
    {
        "presence": Place(methods=("POST",), roles=TEXTERS),
        "presence_here": Place(methods=("GET",), roles=MANAGERS),
        "presence_for": Place(methods=("POST",), roles=MANAGERS, key="member_id"),
        "queue_next": Place(methods=("POST",), roles=TEXTERS),
        "settings_queues": Place(methods=("GET",), roles=MANAGERS),
        "settings_queue_add": Place(methods=("GET", "POST"), roles=MANAGERS),
        "settings_queue": Place(methods=("GET", "POST"), roles=MANAGERS, key="queue_id"),
        "settings_queue_delete": Place(methods=("POST",), roles=MANAGERS, key="queue_id"),
        "settings_queue_move": Place(methods=("POST",), roles=MANAGERS, key="queue_id"),
        "settings_queue_people": Place(methods=("GET",), roles=MANAGERS),
        "settings_queue_person": Place(methods=("GET", "POST"), roles=MANAGERS, key="member_id"),
        "settings_queue_general": Place(methods=("POST",), roles=MANAGERS),
        "settings_queue_skill_add": Place(methods=("POST",), roles=MANAGERS),
        "settings_queue_skill_delete": Place(methods=("POST",), roles=MANAGERS, key="skill_id"),
        "settings_queue_test": Place(methods=("GET",), roles=MANAGERS),
        "settings_queue_rule_move": Place(methods=("POST",), roles=MANAGERS, key="rule_id"),
        "settings_rule_redraw": Place(methods=("POST",), roles=MANAGERS, key="sort"),
        "settings_queue_rule_add": Place(methods=("GET", "POST"), roles=MANAGERS),
        "settings_queue_rule": Place(methods=("GET", "POST"), roles=MANAGERS, key="rule_id"),
        "settings_queue_rule_delete": Place(methods=("POST",), roles=MANAGERS, key="rule_id"),
        "settings_escalation": Place(methods=("GET",), roles=MANAGERS),
        "settings_escalation_rule_move": Place(methods=("POST",), roles=MANAGERS, key="rule_id"),
        "settings_hint_take": Place(methods=("POST",), roles=MANAGERS),
        "settings_escalation_rule_add": Place(methods=("GET", "POST"), roles=MANAGERS),
        "settings_escalation_rule": Place(methods=("GET", "POST"), roles=MANAGERS, key="rule_id"),
        "settings_escalation_rule_delete": Place(methods=("POST",), roles=MANAGERS, key="rule_id"),
        "settings_hint_add": Place(methods=("GET", "POST"), roles=MANAGERS),
        "settings_hint": Place(methods=("GET", "POST"), roles=MANAGERS, key="rule_id"),
        "settings_hint_delete": Place(methods=("POST",), roles=MANAGERS, key="rule_id"),
        "hint_closed": Place(methods=("POST",), roles=TEXTERS, key="conversation_id hint_id"),
    }
)


@pytest.fixture
def things(ben: Player, ana: Player, channel: Channel) -> dict[str, object]:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    escalation.take_over_hint(key="upset", by=ana.actor, at=NOW)
    queue = routing.save_queue(wish=routing.QueueWish(name="Care"), by=ana.actor, at=NOW)
    skill = routing.save_skill(name="Spanish", by=ana.actor, at=NOW)
    conditions = {"all": [{"field": "words", "is": "any_of", "value": ["refund"]}]}
    wish = routing.RuleWish(name="Refunds", conditions=conditions, queue_id=queue.pk)
    rule = routing.save_rule(wish=wish, by=ana.actor, at=NOW)
    later = escalation.RuleWish(name="Refunds", conditions=conditions, gives="manager")
    escalation.save_rule(wish=later, by=ana.actor, at=NOW)
    EscalationRule.objects.update(id=rule.pk)
    CallHint.objects.update(id=rule.pk)
    return {
        "member_id": ben.id,
        "conversation_id": talk.pk,
        "hint_id": rule.pk,
        "queue_id": queue.pk,
        "skill_id": skill.pk,
        "rule_id": rule.pk,
        "sort": "rule",
    }


def test_every_address_is_in_the_matrix() -> None:
    assert {one.name for one in urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(workspace: Workspace, things: dict[str, object], role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things, common=frozenset({"sort"})) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}
