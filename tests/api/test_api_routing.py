"""Queues, rules and presence by API: what managers' programs may, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from tests import make
from tests.api.conftest import Program
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.routing.models import QueueEntry
from twoway.routing.presence import actions as presence

REFUND = {"all": [{"field": "words", "is": "any_of", "value": ["Refund"]}]}
WRITES: dict[str, dict[str, object]] = {
    "POST /queues": {"name": "Care"},
    "POST /queues/next": {"member_id": 1},
    "POST /routing-rules": {"name": "Refunds", "conditions": REFUND, "queue_id": 1},
    "POST /routing-rules/test": {"text": "x"},
    "PUT /queues/1": {"name": "Care"},
    "PUT /routing-rules/1": {"name": "Refunds", "conditions": REFUND, "queue_id": 1},
    "PUT /presence/1": {"state": "away"},
}
READS = ("/queues", "/queues/1/waiting", "/routing-rules", "/presence")


@pytest.fixture
def program(ana: Player, program_of: Callable[..., Program]) -> Program:
    """A program in Ana's workspace that may do what a manager may."""
    return program_of(ana, role="manager")


@pytest.fixture
def agent(ana: Player, program_of: Callable[..., Program]) -> Program:
    return program_of(ana)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana")


def test_a_queue_and_a_rule_are_made_and_tried(program: Program, ben: Player, channel: Channel) -> None:
    made = program.ask("POST", "/queues", {"name": "Care", "priority": 4})
    assert (made.status, made.json["is_default"], made.json["skill_minutes"]) == (201, True, 10)
    key = made.json["id"]
    assert program.ask("POST", "/queues", {"name": "care"}).code == "name_taken"
    rule = program.ask("POST", "/routing-rules", {"name": "Refunds", "conditions": REFUND, "queue_id": key})
    assert (rule.status, rule.json["conditions"]["all"][0]["value"]) == (201, ["refund"])
    wrong = {"name": "X", "conditions": {"all": [{"field": "nothing", "is": "is"}]}, "queue_id": key}
    assert program.ask("POST", "/routing-rules", wrong).status == 422
    presence.choose(state="online", by=ben.actor, at=timezone.now())
    tried = program.ask("POST", "/routing-rules/test", {"text": "a refund", "channel_id": channel.pk}).json
    assert (tried["queue_id"], tried["member_id"], tried["tried"][0]["matches"]) == (key, ben.id, True)
    none = program.ask("POST", "/routing-rules/test", {"text": "hello"}).json
    assert none["tried"][0]["not_true"] == ["Words in their text has any of refund"]
    changed = program.ask("PUT", f"/queues/{key}", {"name": "Care", "mode": "pull"}).json
    assert (changed["mode"], changed["waiting"], changed["online"]) == ("pull", 0, 1)
    assert [one["name"] for one in program.get("/queues").json["items"]] == ["Care"]


def test_the_next_one_and_handing_over(program: Program, ben: Player, ana: Player, talk: Conversation) -> None:
    key = program.ask("POST", "/queues", {"name": "Care"}).json["id"]
    put = program.ask("POST", f"/conversations/{talk.pk}/assign", {"queue_id": key, "note": "Please"})
    assert put.status == 200
    assert QueueEntry.objects.get().conversation_id == talk.pk
    waiting = program.get(f"/queues/{key}/waiting").json["items"]
    assert [one["conversation_id"] for one in waiting] == [talk.pk]
    given = program.ask("POST", "/queues/next", {"member_id": ben.id}).json
    assert given["conversation"]["assignee_id"] == ben.id
    assert program.ask("POST", "/queues/next", {"member_id": ben.id}).json == {"conversation": None}
    up = program.ask("POST", f"/conversations/{talk.pk}/assign", {"to_manager": True})
    assert up.json["assignee_id"] == ana.id
    both = program.ask("POST", f"/conversations/{talk.pk}/assign", {"to_manager": True, "queue_id": key})
    assert both.status == 422


def test_presence(program: Program, ben: Player) -> None:
    program.ask("POST", "/queues", {"name": "Care"})
    put = program.ask("PUT", f"/presence/{ben.id}", {"state": "break"})
    assert (put.status, put.json["items"][0]["state"]) == (200, "offline")
    presence.choose(state="online", by=ben.actor, at=timezone.now())
    found = {one["member_id"]: one for one in program.get("/presence").json["items"]}
    assert (found[ben.id]["state"], found[ben.id]["capacity"]) == ("online", 5)
    assert program.ask("PUT", f"/presence/{ben.id}", {"state": "asleep"}).status == 422


def test_only_managers_and_only_here(
    stranger: Program, program: Program, agent: Program, ben: Player, talk: Conversation
) -> None:
    key = program.ask("POST", "/queues", {"name": "Care"}).json["id"]
    for what, body in WRITES.items():
        method, _, path = what.partition(" ")
        assert Program().ask(method, path, body).status == 401, what
        assert agent.ask(method, path, body).status == 403, what
    for path in READS:
        assert Program().get(path).status == 401
        assert agent.get(path).status == 403
    assert stranger.get("/queues").json["items"] == []
    assert stranger.get(f"/queues/{key}/waiting").status == 404
    assert stranger.ask("PUT", f"/queues/{key}", {"name": "Mine"}).status == 404
    assert stranger.ask("PUT", f"/presence/{ben.id}", {"state": "away"}).status == 404
    assert stranger.ask("POST", "/routing-rules/test", {"text": "x", "conversation_id": talk.pk}).status == 404
