"""Listing, reading, changing conversations; replies and notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import make
from tests.api.conftest import Answer, Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.conversations.models import Conversation, Note
from twoway.messaging.models import Message


@pytest.fixture
def conversation(channel: Channel, now: datetime) -> Conversation:
    """Dana, who waits for an answer."""
    return make.make_conversation(channel, at=now, messages=1, name="Dana Whitfield")


def ids(answer: Answer) -> list[int]:
    return [item["id"] for item in answer.json["items"]]


def test_one_conversation(program: Program, conversation: Conversation) -> None:
    conversation.tags.add(make.make_tag(conversation.channel.workspace, "VIP"))
    found = program.get(f"/conversations/{conversation.id}").json
    assert found == {
        "id": conversation.id,
        "contact_id": conversation.contact_id,
        "contact_name": "Dana Whitfield",
        "channel_id": conversation.channel_id,
        "address": conversation.identity.value,
        "state": "open",
        "snoozed_until": None,
        "assignee_id": None,
        "team_id": None,
        "tags": ["VIP"],
        "needs_reply": True,
        "unanswered": 1,
        "preview": "Where is my car?",
        "last_message_at": "2026-03-10T17:00:00Z",
        "created_at": "2026-03-10T17:00:00Z",
    }


def test_filters(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    team = make.make_team(channel.workspace, "Roadside", at=now, members=[ana.member])
    waiting = make.make_conversation(channel, at=now, messages=1, team=team)
    mine = make.make_conversation(channel, at=now, messages=2, assignee=ana.member)
    done = make.make_conversation(channel, at=now, state="done")
    for query, expected in {
        "": [done.id, mine.id, waiting.id],
        "?state=open": [mine.id, waiting.id],
        "?state=done": [done.id],
        "?state=snoozed": [],
        f"?assignee={ana.id}": [mine.id],
        "?assignee=none": [done.id, waiting.id],
        f"?team={team.pk}": [waiting.id],
        "?team=none&state=open": [mine.id],
        f"?channel={channel.pk}": [done.id, mine.id, waiting.id],
        f"?contact={mine.contact_id}": [mine.id],
        "?needs_reply=true": [waiting.id],
        "?needs_reply=false": [done.id, mine.id],
    }.items():
        assert ids(program.get(f"/conversations{query}")) == expected, query


def test_all_changes_at_once(program: Program, ana: Player, conversation: Conversation, now: datetime) -> None:
    team = make.make_team(ana.member.workspace, "Billing", at=now)
    changed = program.patch(
        f"/conversations/{conversation.id}",
        {"state": "done", "assignee_id": ana.id, "team_id": team.pk, "tags": ["Lockout", "vip"]},
    )
    assert changed.status == 200
    found = changed.json
    assert (found["state"], found["assignee_id"], found["team_id"]) == ("done", ana.id, team.pk)
    assert (found["tags"], found["needs_reply"]) == (["Lockout", "vip"], False)


def test_what_is_left_out_stays_and_null_takes_away(program: Program, ana: Player, conversation: Conversation) -> None:
    path = f"/conversations/{conversation.id}"
    program.patch(path, {"assignee_id": ana.id, "tags": ["VIP"]})
    assert program.patch(path, {"tags": []}).json["assignee_id"] == ana.id
    assert program.patch(path, {"assignee_id": None}).json["assignee_id"] is None
    assert program.patch(path, {}).json["state"] == "open"


def test_snooze_and_back(program: Program, conversation: Conversation) -> None:
    path = f"/conversations/{conversation.id}"
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    snoozed = program.patch(path, {"snoozed_until": until}).json
    assert snoozed["state"] == "snoozed"
    assert datetime.fromisoformat(snoozed["snoozed_until"]) == datetime.fromisoformat(until)
    assert program.patch(path, {"state": "open"}).json["snoozed_until"] is None
    assert program.patch(path, {"state": "done"}).json["state"] == "done"
    until_they_write = program.patch(path, {"state": "snoozed"}).json
    assert (until_they_write["state"], until_they_write["snoozed_until"]) == ("snoozed", None)


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"assignee_id": 999_999}, "assignee_id"),
        ({"team_id": 999_999}, "team_id"),
        ({"state": "done", "snoozed_until": "2099-01-01T00:00:00Z"}, "snoozed_until"),
        ({"snoozed_until": "2020-01-01T00:00:00Z"}, "snoozed_until"),
        ({"state": "closed"}, "state"),
        ({"tags": ["  "]}, "tags"),
        ({"tags": ["x" * 41]}, "tags.0"),
        ({"status": "done"}, "status"),
    ],
)
def test_all_or_nothing(program: Program, conversation: Conversation, patch: dict[str, Any], field: str) -> None:
    refused = program.patch(f"/conversations/{conversation.id}", {"tags": ["VIP"], **patch})
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", [field])
    found = program.get(f"/conversations/{conversation.id}").json
    assert (found["tags"], found["state"], found["assignee_id"]) == ([], "open", None)


def test_a_reply(program: Program, conversation: Conversation) -> None:
    path = f"/conversations/{conversation.id}/messages"
    sent = program.post(path, {"body": "On its way."}, key="k")
    assert (sent.status, sent.json["to"], sent.json["conversation_id"]) == (
        201,
        conversation.identity.value,
        conversation.id,
    )
    assert program.post(path, {"body": "On its way."}, key="k").status == 200
    assert program.post(path, {"body": "Never mind."}, key="k").code == "idempotency_key_reused"
    assert Message.objects.filter(direction="out").count() == 1
    assert program.get(f"/conversations/{conversation.id}").json["needs_reply"] is False


def test_a_reply_to_somebody_who_opted_out(program: Program, ana: Player, conversation: Conversation) -> None:
    compliance.opt_out(
        identity=conversation.identity,
        channel=conversation.channel,
        source="keyword",
        by=ana.actor,
        at=datetime.now(UTC),
    )
    refused = program.post(f"/conversations/{conversation.id}/messages", {"body": "Hello"})
    assert (refused.status, refused.code) == (422, "opted_out")
    assert not Message.objects.filter(direction="out").exists()


def test_a_note(program: Program, conversation: Conversation) -> None:
    noted = program.post(f"/conversations/{conversation.id}/notes", {"body": "Call her back at 5."})
    assert noted.status == 201
    note = Note.objects.get(conversation=conversation)
    assert noted.json == {
        "id": note.id,
        "conversation_id": conversation.id,
        "body": "Call her back at 5.",
        "by": "A program (agent)",
        "created_at": note.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert program.post(f"/conversations/{conversation.id}/notes", {"body": " "}).code == "invalid"


def test_a_reply_says_what_it_is_for_and_what_it_has_seen(
    program: Program, ana: Player, conversation: Conversation
) -> None:
    path = f"/conversations/{conversation.id}/messages"
    seen = conversation.last_message_id
    assert program.post(path, {"body": "Your visit is tomorrow.", "purpose": "survey", "seen_id": seen}).code == (
        "no_consent"
    )
    assert program.post(path, {"body": "Hi", "purpose": "nonsense"}).code == "unknown_purpose"
    first = program.post(path, {"body": "In bay B16.", "seen_id": seen})
    assert first.status == 201
    assert Message.objects.get(id=first.json["id"]).purpose == "reply"
    late = program.post(path, {"body": "Still looking.", "seen_id": seen})
    assert (late.status, late.code) == (409, "overtaken")
    assert str(first.json["id"]) in late.json["detail"]
    assert program.post(path, {"body": "Still looking.", "seen_id": first.json["id"]}).status == 201
    assert Message.objects.filter(conversation=conversation, direction="out").count() == 2


def test_handing_over(program: Program, ana: Player, ben: Player, conversation: Conversation) -> None:
    path = f"/conversations/{conversation.id}/assign"
    given = program.post(path, {"assignee_id": ben.id, "note": "@Ben you know the car", "summary": "Tags: VIP"})
    assert (given.status, given.json["assignee_id"]) == (200, ben.id)
    assert Note.objects.get(conversation=conversation).mentions.get().member_id == ben.id
    again = program.post(path, {"assignee_id": ben.id})
    assert (again.status, again.code) == (422, "has_it_already")
    assert program.post(path, {}).status == 422
    assert program.post(path, {"assignee_id": ben.id, "team_id": 1}).status == 422
    assert program.post(path, {"assignee_id": 999_999}).status == 404
