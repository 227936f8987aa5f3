"""Missed calls and voicemails in members' lists: once each, of whom they concern, and in the right words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW, Player
from tests.messaging import call_hands as calls
from twoway.channels.models import Channel
from twoway.contacts.actions import block
from twoway.conversations.actions import assign
from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Follower
from twoway.messaging.calls import due
from twoway.messaging.calls.models import Call
from twoway.notifications import queries, reading, rules
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def number(workspace: Workspace) -> Channel:
    found = calls.number(workspace, "twilio")
    calls.plan(found, does="voicemail")
    return found


@pytest.fixture
def talk(number: Channel, ana: Player, ben: Player) -> Conversation:
    """Ben has it, Ana follows it; somebody called before, and has been answered."""
    begin(number, "CA0")
    end(number, "CA0")
    found = Conversation.objects.get()
    assign(conversation=found, member_id=ben.id, by=ana.actor, at=NOW)
    Follower.objects.create(conversation=found, member=ana.member, at=NOW)
    later()
    reading.round_of(at=NOW)
    return found


def begin(number: Channel, call_id: str) -> str:
    calls.send(calls.signed(number, calls.called("twilio", call_id=call_id)))
    return Call.objects.get(provider_id=call_id).key.hex


def end(number: Channel, call_id: str) -> None:
    key = Call.objects.get(provider_id=call_id).key.hex
    calls.send(calls.signed(number, calls.over("twilio", call_id=call_id), calls.step("status", key)))


def leave(number: Channel, call_id: str) -> None:
    key = Call.objects.get(provider_id=call_id).key.hex
    for step in ("recorded", "recording"):
        calls.send(calls.signed(number, calls.recorded("twilio", call_id=call_id), calls.step(step, key)))


def later() -> None:
    due.round_of(at=NOW + timedelta(seconds=60))


def titles(player: Player) -> list[str]:
    """Of calls; the first look at the outbox passes over what there was."""
    reading.round_of(at=NOW + timedelta(seconds=61))
    return [line.title for line in queries.listed(player.actor) if line.kind.startswith("missed_call")]


def test_a_missed_call_is_told_once_to_who_has_it_and_who_follows_it(
    talk: Conversation, number: Channel, ana: Player, ben: Player
) -> None:
    begin(number, "CA1")
    end(number, "CA1")
    assert titles(ben) == []
    later()
    later()
    assert titles(ben) == titles(ana) == ["Missed call from (415) 555-0101"]
    begin(number, "CA2")
    end(number, "CA2")
    later()
    assert titles(ben) == ["2 missed calls from (415) 555-0101"]


def test_a_voicemail_is_told_once_in_any_order(talk: Conversation, number: Channel, ben: Player) -> None:
    begin(number, "CA1")
    end(number, "CA1")
    leave(number, "CA1")
    later()
    assert titles(ben) == ["Voicemail from (415) 555-0101"]


def test_an_answered_call_and_one_of_somebody_blocked_are_told_to_nobody(
    talk: Conversation, number: Channel, ana: Player, ben: Player
) -> None:
    calls.plan(number, does="forward", forward_to=calls.FORWARDED)
    key = begin(number, "CA1")
    calls.send(calls.signed(number, calls.dialled("twilio", "completed", seconds=9), calls.step("dialled", key)))
    end(number, "CA1")
    block(contact=talk.contact, by=ana.actor, at=NOW)
    begin(number, "CA2")
    end(number, "CA2")
    later()
    assert titles(ben) == []


@pytest.mark.parametrize(("talk_of", "expected"), [
    ({"assignee_id": 2}, {2: "missed_call"}),
    ({"assignee_id": 2, "follower_ids": frozenset({1, 2})}, {1: "missed_call_followed", 2: "missed_call"}),
    ({"assignee_id": 2, "muted_ids": frozenset({2})}, {}),
    ({"assignee_id": 2, "is_blocked": True}, {}),
    ({}, {}),
])  # fmt: skip
def test_who_is_told(talk_of: dict[str, object], expected: dict[int, str]) -> None:
    people = {key: rules.Person(id=key) for key in (1, 2)}
    about = rules.Talk(id=1, **talk_of)  # type: ignore[arg-type]
    assert rules.told(rules.Happening(type="call_missed"), about, people) == expected
