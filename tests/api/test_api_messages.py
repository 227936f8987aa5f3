"""Listing, counting, reading and sending texts."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.api.conftest import Answer, Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message, StatusEvent

CUSTOMER = "+15035550178"


def text(channel: Channel, **fields: Any) -> dict[str, Any]:
    return {"from": channel.address, "to": CUSTOMER, "body": "Your car is ready.", **fields}


def test_a_text_to_a_new_number(program: Program, channel: Channel) -> None:
    sent = program.post("/messages", text(channel))
    assert sent.status == 201
    message = sent.json
    assert (message["direction"], message["status"], message["from"]) == ("out", "queued", channel.address)
    assert (message["to"], message["body"], message["segments"]) == (CUSTOMER, "Your car is ready.", 1)
    assert message["encoding"] == "GSM-7"
    assert (message["error"], message["sent_at"], message["provider_id"]) == (None, None, None)
    conversation = Conversation.objects.get(id=message["conversation_id"])
    assert (conversation.channel_id, conversation.identity.value) == (channel.pk, CUSTOMER)


def test_a_text_continues_the_conversation_there_is(program: Program, channel: Channel, now: datetime) -> None:
    known = make.make_conversation(channel, at=now, messages=1)
    sent = program.post("/messages", text(channel, to=known.identity.value))
    assert sent.json["conversation_id"] == known.id
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("written", ["(503) 555-0178", "503.555.0178", "+1 503 555 0178", "tel:+15035550178"])
def test_numbers_are_read_as_people_write_them(program: Program, channel: Channel, written: str) -> None:
    assert program.post("/messages", text(channel, to=written)).json["to"] == CUSTOMER


def test_from_may_be_an_id_or_in_any_notation(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    ours = make.make_channel(ana.member.workspace, at=now, address="+15035550142")
    assert program.post("/messages", text(ours, **{"from": ours.pk})).json["from"] == ours.address
    assert program.post("/messages", text(ours, **{"from": "(503) 555-0142"})).json["channel_id"] == ours.pk


def test_from_must_be_one_of_ours(program: Program, cleo: Player, channel: Channel, now: datetime) -> None:
    theirs = make.make_channel(cleo.member.workspace, at=now)
    off = make.make_channel(channel.workspace, at=now, is_active=False)
    for given in ("+15035550199", theirs.address, theirs.pk, off.address, off.pk, 2**62):
        refused = program.post("/messages", text(channel, **{"from": given}))
        assert (refused.status, refused.code, refused.fields) == (422, "invalid", ["from"])
    assert not Message.objects.exists()


@pytest.mark.parametrize("to", ["911", "Ridgeway", "+1", "12", "+150355501780000000"])
def test_to_must_be_a_number(program: Program, channel: Channel, to: str) -> None:
    refused = program.post("/messages", text(channel, to=to))
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", ["to"])


def person(channel: Channel, now: datetime, **fields: Any) -> Identity:
    contact = make.make_contact(channel.workspace, at=now, name="Dana")
    return make.make_identity(contact, at=now, value=CUSTOMER, **fields)


def test_somebody_who_opted_out_is_not_texted(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    dana = person(channel, now)
    compliance.opt_out(identity=dana, channel=channel, source="keyword", by=ana.actor, at=now)
    assert program.post("/messages", text(channel)).code == "opted_out"
    assert program.post("/messages", text(channel, purpose="test")).code == "opted_out"
    assert not Message.objects.exists()


def test_policy_refuses_with_its_code(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    dana = person(channel, now, reach="landline")
    assert program.post("/messages", text(channel)).code == "landline"
    contacts.block(contact=dana.contact, by=ana.actor, at=now)
    assert program.post("/messages", text(channel)).code == "blocked"
    assert program.post("/messages", text(channel, body=" \n ")).code == "empty"


def test_a_text_may_be_sent_later(program: Program, channel: Channel) -> None:
    at = datetime.now(UTC)
    later = (at + timedelta(days=34)).isoformat()
    sent = program.post("/messages", text(channel, send_at=later)).json
    assert sent["status"] == "scheduled"
    assert datetime.fromisoformat(sent["send_at"]) == datetime.fromisoformat(later)
    just_now = (at - timedelta(seconds=20)).isoformat()
    assert program.post("/messages", text(channel, send_at=just_now)).json["status"] == "queued"
    for wrong in (timedelta(days=36), timedelta(hours=-1)):
        refused = program.post("/messages", text(channel, send_at=(at + wrong).isoformat()))
        assert (refused.status, refused.code) == (422, "bad_send_at")


def test_the_same_key_is_the_same_text(program: Program, channel: Channel) -> None:
    first = program.post("/messages", text(channel), key="order-1041")
    again = program.post("/messages", text(channel), key="order-1041")
    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"]
    other = program.post("/messages", text(channel, body="Something else."), key="order-1041")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert Message.objects.count() == 1


def test_without_a_key_each_text_is_new(program: Program, channel: Channel) -> None:
    assert [program.post("/messages", text(channel)).status for _ in range(2)] == [201, 201]


def test_a_key_belongs_to_one_workspace(program: Program, stranger: Program, cleo: Player, channel: Channel) -> None:
    theirs = make.make_channel(cleo.member.workspace, at=datetime.now(UTC))
    assert program.post("/messages", text(channel), key="k").status == 201
    assert stranger.post("/messages", text(theirs), key="k").status == 201


@pytest.mark.parametrize("key", ["a b", "é", "x" * 201])
def test_a_key_is_of_visible_letters(program: Program, channel: Channel, key: str) -> None:
    refused = program.post("/messages", text(channel), key=key)
    assert (refused.status, refused.fields) == (422, ["Idempotency-Key"])


@pytest.mark.django_db(transaction=True)
def test_racing_duplicates_make_one_text(program: Program, channel: Channel) -> None:
    answers: list[Answer] = []
    gate = threading.Barrier(6)

    def send() -> None:
        gate.wait()
        answers.append(Program(token=program.token).post("/messages", text(channel), key="race"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200] * 5 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert Message.objects.count() == 1


def ids(answer: Answer) -> list[int]:
    return [item["id"] for item in answer.json["items"]]


def test_filters(program: Program, channel: Channel, now: datetime) -> None:
    first = make.make_conversation(channel, at=now, messages=2)
    second_channel = make.make_channel(channel.workspace, at=now)
    second = make.make_conversation(second_channel, at=now + timedelta(hours=1), messages=1)
    inbound, outbound = Message.objects.filter(conversation=first).order_by("id").values_list("id", flat=True)
    latest = Message.objects.get(conversation=second).id
    for query, expected in {
        "": [latest, outbound, inbound],
        "?direction=in": [latest, inbound],
        "?direction=out": [outbound],
        f"?conversation={first.id}": [outbound, inbound],
        f"?contact={second.contact_id}": [latest],
        f"?channel={channel.pk}": [outbound, inbound],
        f"?channel={channel.pk}&direction=in": [inbound],
        f"?since={(now + timedelta(minutes=1)):%Y-%m-%dT%H:%M:%SZ}": [latest, outbound],
        "?since=2999-01-01T00:00:00Z": [],
        "?conversation=999999": [],
    }.items():
        assert ids(program.get(f"/messages{query}")) == expected, query
        assert program.get(f"/messages/count{query}").json == {"count": len(expected)}, query


def test_one_text_with_what_its_provider_said(program: Program, channel: Channel, now: datetime) -> None:
    conversation = make.make_conversation(channel, at=now)
    message = make.make_message(
        conversation, at=now, direction="out", status="undelivered", error="landline", error_code="30006"
    )
    for minute, status in enumerate(("sent", "undelivered")):
        StatusEvent.objects.create(
            channel=channel,
            message_id=message.id,
            provider_id=message.provider_id,
            status=status,
            raw_status=status.upper(),
            received_at=now + timedelta(minutes=minute),
        )
    found = program.get(f"/messages/{message.id}").json
    assert (found["status"], found["error"], found["error_code"]) == ("undelivered", "landline", "30006")
    assert [event["raw_status"] for event in found["status_events"]] == ["SENT", "UNDELIVERED"]
    assert found["created_at"] == "2026-03-10T17:00:00Z"
