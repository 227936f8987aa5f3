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
    "POST /queues/order": {"ids": [1]},
    "DELETE /queues/1": {},
    "POST /routing-rules/order": {"ids": [1]},
    "DELETE /routing-rules/1": {},
    "POST /escalation-rules": {"name": "Lawyers", "conditions": REFUND, "gives": "manager"},
    "PUT /escalation-rules/1": {"name": "Lawyers", "conditions": REFUND, "gives": "manager"},
    "POST /escalation-rules/order": {"ids": [1]},
    "DELETE /escalation-rules/1": {},
}
READS = ("/queues", "/queues/1/waiting", "/routing-rules", "/presence", "/presence/1", "/escalation-rules")


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


def test_one_member(program: Program, ben: Player) -> None:
    presence.choose(state="online", by=ben.actor, at=timezone.now())
    assert program.get(f"/presence/{ben.id}").json["state"] == "online"
    assert program.get("/presence/999").status == 404


def test_queues_are_ordered_and_deleted(program: Program, talk: Conversation) -> None:
    care, roadside, billing = (
        program.ask("POST", "/queues", {"name": name}).json["id"] for name in ("Care", "Roadside", "Billing")
    )
    ordered = program.ask("POST", "/queues/order", {"ids": [roadside]}).json["items"]
    assert [one["id"] for one in ordered] == [roadside, care, billing]
    later = program.ask("POST", "/queues", {"name": "Also"}).json["id"]
    assert [one["id"] for one in program.get("/queues").json["items"]] == [roadside, care, billing, later]
    assert program.ask("POST", "/queues/order", {"ids": [roadside, 999]}).status == 404
    program.ask("POST", f"/conversations/{talk.pk}/assign", {"queue_id": care})
    gone = program.ask("DELETE", f"/queues/{care}?into={billing}")
    assert (gone.status, gone.json) == (200, {"id": care, "moved": 1})
    assert QueueEntry.objects.get().queue_id == billing
    assert program.ask("DELETE", f"/queues/{care}").status == 404


def test_rules_are_ordered_and_deleted(program: Program) -> None:
    key = program.ask("POST", "/queues", {"name": "Care"}).json["id"]
    one, two = (
        program.ask("POST", "/routing-rules", {"name": name, "conditions": REFUND, "queue_id": key}).json["id"]
        for name in ("One", "Two")
    )
    ordered = program.ask("POST", "/routing-rules/order", {"ids": [two, one]}).json["items"]
    assert [rule["id"] for rule in ordered] == [two, one]
    assert [rule["id"] for rule in program.ask("DELETE", f"/routing-rules/{two}").json["items"]] == [one]


def test_escalation_rules(program: Program, stranger: Program, ben: Player) -> None:
    body = {"name": "Lawyers", "conditions": REFUND, "gives": "member", "target_id": ben.id}
    made = program.ask("POST", "/escalation-rules", body)
    assert (made.status, made.json["target_id"], made.json["position"]) == (201, ben.id, 1)
    other = program.ask(
        "POST", "/escalation-rules", {**body, "name": "VIP", "gives": "manager", "target_id": None}
    ).json
    assert program.ask("POST", "/escalation-rules", {**body, "gives": "queue", "target_id": 999}).status == 404
    assert program.ask("POST", "/escalation-rules", {"name": "X", "conditions": REFUND}).status == 422
    key = made.json["id"]
    changed = program.ask("PUT", f"/escalation-rules/{key}", {**body, "is_active": False}).json
    assert changed["is_active"] is False
    ordered = program.ask("POST", "/escalation-rules/order", {"ids": [other["id"]]}).json["items"]
    assert [one["id"] for one in ordered] == [other["id"], key]
    assert stranger.get("/escalation-rules").json["items"] == []
    assert stranger.ask("DELETE", f"/escalation-rules/{key}").status == 404
    assert stranger.ask("POST", "/escalation-rules/order", {"ids": [key]}).status == 404
    left = program.ask("DELETE", f"/escalation-rules/{key}").json["items"]
    assert [one["id"] for one in left] == [other["id"]]


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
