"""Who may do what: nobody without a token, nobody in another workspace, and each role what its rights say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.health import actions as health
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.callbacks.models import Callback, CallbackSetting
from twoway.messaging.calls.models import Call
from twoway.messaging.deflection.models import PhoneQueue
from twoway.messaging.models import Message
from twoway.teams import actions
from twoway.teams.models import ApiToken, Member

BODIES: dict[str, Any] = {
    "POST /messages": {"to": "+15035550178", "body": "Hi"},
    "PATCH /conversations/{conversation}": {"state": "done"},
    "POST /conversations/{conversation}/messages": {"body": "Hi"},
    "POST /conversations/{conversation}/notes": {"body": "Hi"},
    "POST /conversations/{conversation}/assign": {"assignee_id": 1},
    "POST /conversations/{conversation}/callbacks": {},
    "POST /callbacks/{callback}/outcome": {"outcome": "reached"},
    "POST /phone-queues/{phone_queue}/state": {"waiting": 9},
    "POST /contacts": {"phone": "+15035550177"},
    "PATCH /contacts/{contact}": {"name": "Mallory"},
    "POST /contacts/{contact}/identities": {"address": "dana@example.com"},
    "POST /contacts/{contact}/events": {"key": "o1", "kind": "order", "title": "Order", "at": "2026-03-10T17:00:00Z"},
    "POST /contacts/{contact}/consent": {"purpose": "survey", "change": "granted"},
}
READS = [
    "/messages",
    "/messages/count",
    "/messages/{message}",
    "/conversations",
    "/conversations/{conversation}",
    "/conversations/{conversation}/calls",
    "/calls/{call}",
    "/contacts",
    "/contacts/{contact}",
    "/contacts/{contact}/consent",
    "/contacts/{contact}/events",
    "/contact-fields",
    "/audiences",
    "/channels",
    "/members",
    "/teams",
    "/topics",
    "/callbacks",
    "/phone-queues/report",
    "/hours",
    "/conversations/{conversation}/clocks",
    "/hours/open",
]


def make_callback(conversation: Conversation, *, at: datetime) -> Callback:
    """Somebody waits for a person who finds a time."""
    CallbackSetting.objects.create(workspace_id=conversation.workspace_id, is_on=True, words=[], changed_at=at)
    return Callback.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        contact_id=conversation.contact_id,
        identity_id=conversation.identity_id,
        channel_id=conversation.channel_id,
        state="left",
        source="text",
        language="en",
        zone="UTC",
        created_at=at,
        changed_at=at,
    )


def make_phone_queue(channel: Channel, *, at: datetime) -> PhoneQueue:
    return PhoneQueue.objects.create(
        workspace_id=channel.workspace_id, channel=channel, name="Airport line", hook="hook", created_at=at
    )


@pytest.fixture
def places(channel: Channel, now: datetime) -> dict[str, int]:
    """The ids of something of each kind in Ana's workspace."""
    conversation = make.make_conversation(channel, at=now, messages=1, name="Dana")
    return {
        "conversation": conversation.id,
        "contact": conversation.contact_id,
        "message": Message.objects.get(conversation=conversation).id,
        "channel": channel.pk,
        "call": Call.objects.create(
            workspace=channel.workspace, channel=channel, conversation=conversation, direction="in", started_at=now
        ).pk,
        "callback": make_callback(conversation, at=now).pk,
        "phone_queue": make_phone_queue(channel, at=now).pk,
    }


def write(program: Program, what: str, places: dict[str, int]) -> int:
    method, _, path = what.partition(" ")
    body = BODIES[what] | ({"from": places["channel"]} if what == "POST /messages" else {})
    if what.endswith("/assign"):
        body = {"assignee_id": Member.objects.order_by("id").values_list("id", flat=True).first() or 1}
    return program.ask(method, path.format(**places), body).status


@pytest.mark.parametrize("path", READS)
def test_nobody_reads_without_a_token(places: dict[str, int], path: str) -> None:
    for header in ("", "Bearer", "Bearer ", "Bearer tw_wrong", "Basic dXNlcjpwYXNz", "Bearer é", "Bearer " + "x" * 300):
        answer = Program().ask("GET", path.format(**places), **({"Authorization": header} if header else {}))
        assert (answer.status, answer.code) == (401, "unauthenticated"), header
        assert answer.response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("what", BODIES)
def test_nobody_writes_without_a_token(places: dict[str, int], what: str) -> None:
    assert write(Program(), what, places) == 401


def test_a_signed_in_browser_is_nobody_here(ana: Player) -> None:
    assert ana.client.get("/api/v1/messages").status_code == 401


def test_a_revoked_token_is_nobody(program: Program, ana: Player, now: datetime) -> None:
    assert program.get("/messages").status == 200
    actions.revoke_token(by=ana.actor, token=ApiToken.objects.get(), at=now)
    assert program.get("/messages").status == 401


def test_the_scheme_is_read_in_any_case(program: Program) -> None:
    answer = Program(client=Client()).ask("GET", "/messages", Authorization=f"bearer {program.token}")
    assert answer.status == 200


@pytest.mark.parametrize("path", [path for path in READS if "{" in path])
def test_what_is_elsewhere_does_not_exist(stranger: Program, places: dict[str, int], path: str) -> None:
    answer = stranger.get(path.format(**places))
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("path", ["/messages", "/conversations", "/contacts", "/channels", "/teams"])
def test_lists_hold_nothing_from_elsewhere(stranger: Program, places: dict[str, int], path: str) -> None:
    assert stranger.get(path).json["items"] == []


def test_filters_find_nothing_elsewhere(stranger: Program, places: dict[str, int]) -> None:
    for name in ("conversation", "contact", "channel"):
        assert stranger.get(f"/messages?{name}={places[name]}").json["items"] == []
        assert stranger.get(f"/messages/count?{name}={places[name]}").json == {"count": 0}


@pytest.mark.parametrize("what", [what for what in BODIES if what != "POST /contacts"])
def test_nothing_elsewhere_is_changed(stranger: Program, places: dict[str, int], what: str) -> None:
    assert write(stranger, what, places) == (422 if what == "POST /messages" else 404)
    assert Conversation.objects.get(id=places["conversation"]).state == "open"
    assert Message.objects.count() == 1


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("role", ["viewer", "agent", "owner"])
def test_roles(ana: Player, program_of: Callable[..., Program], places: dict[str, int], role: str, what: str) -> None:
    status = write(program_of(ana, role=role), what, places)
    assert status == 403 if role == "viewer" else status in {200, 201}


@pytest.mark.parametrize("path", READS)
def test_a_viewer_reads(ana: Player, program_of: Callable[..., Program], places: dict[str, int], path: str) -> None:
    assert program_of(ana, role="viewer").get(path.format(**places)).status == 200


def test_a_viewer_changes_nothing(ana: Player, program_of: Callable[..., Program], places: dict[str, int]) -> None:
    viewer = program_of(ana, role="viewer")
    for what in BODIES:
        write(viewer, what, places)
    assert Message.objects.count() == 1
    assert Conversation.objects.get(id=places["conversation"]).state == "open"


def test_the_ids_others_take(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    team = make.make_team(channel.workspace, "Roadside", at=now, members=[ana.member])
    assert program.get("/teams").json["items"] == [{"id": team.pk, "name": "Roadside"}]
    assert program.get("/members").json["items"] == [
        {"id": ana.id, "name": "Ana", "email": "ana@example.com", "role": "owner", "team_ids": [team.pk]}
    ]
    (found,) = program.get("/channels").json["items"]
    assert (found["id"], found["address"], found["provider"]) == (channel.pk, channel.address, "simulator")
    assert "credential" not in str(found)
    assert (found["state"], found["waiting"], found["last_24_hours"]["sent"]) == ("up", 0, 0)
    health.pause_channel(by=ana.actor, channel=channel, words="Too many complaints", at=now)
    (found,) = program.get("/channels").json["items"]
    assert (found["state"], found["reason"], found["paused_until"]) == ("paused", "Too many complaints", None)
