"""Calls to customers, against a server that speaks Twilio's API: who is rung, what is refused, what came of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.fakes.http_server import HANG_UP, Answer, Request
from tests.messaging import call_hands as calls
from tests.messaging import hands
from tests.providers.serving import Server, serving
from twoway.channels.models import Channel
from twoway.contacts.actions import block
from twoway.conversations.models import Conversation, Note
from twoway.events.models import AuditEntry, Event
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.messaging.calls import actions, connecting, due, queries, rules, setting
from twoway.messaging.calls.models import Call, MemberPhone
from twoway.messaging.calls.rules import Plan
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+19715550188"


class Twilio:
    """A Twilio account with one number."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.number: dict[str, str] = {"sid": "PN1", "voice_url": ""}
        self.ids = itertools.count(77)

    def __call__(self, request: Request) -> Answer:
        if self.answer is not None:
            return self.answer
        if request.path.endswith("/Calls.json"):
            return Answer(201, b'{"sid": "CA%d", "status": "queued"}' % next(self.ids))
        if request.path.endswith("/IncomingPhoneNumbers.json"):
            return Answer(200, json.dumps({"incoming_phone_numbers": [self.number]}).encode())
        return Answer(200, b'{"sid": "PN1"}')


@pytest.fixture
def twilio() -> Twilio:
    return Twilio()


@pytest.fixture
def server(twilio: Twilio) -> Iterator[Server]:
    with serving(twilio) as running:
        yield running


@pytest.fixture
def number(workspace: Workspace, server: Server) -> Channel:
    channel = calls.number(workspace, "twilio")
    Channel.objects.filter(id=channel.pk).update(settings={"api_base": server.url})
    channel.refresh_from_db()
    return channel


@pytest.fixture
def talk(number: Channel) -> Conversation:
    hands.receive(number, "Please call me")
    return Conversation.objects.select_related("identity", "channel").get()


@pytest.fixture
def called(ben: Player, talk: Conversation) -> Call:
    setting.set_phone(number="(971) 555-0188", region="US", by=ben.actor, at=NOW)
    return actions.start_call(conversation=talk, by=ben.actor, at=NOW)


def hear(channel: Channel, told: dict[str, Any], query: str) -> bytes:
    (answer,) = calls.send(calls.signed(channel, told, query))
    assert answer.status == 200
    return answer.body


def test_the_members_phone_rings_first_and_then_the_customers(called: Call, number: Channel, server: Server) -> None:
    form = {name: values[0] for name, values in parse_qs(server.seen[-1].body.decode()).items()}
    assert (form["To"], form["From"]) == (PHONE, number.address)
    assert form["Url"] == hands.url(number, "voice", calls.step("agent", called.key.hex))
    assert (called.state, called.provider_id, called.phone, called.other) == ("ringing", "CA77", hands.CUSTOMER, PHONE)
    key = called.key.hex
    told = hear(number, calls.over("twilio", call_id="CA77", stage="in-progress"), calls.step("agent", key))
    assert b"Enter the four digits on your screen" in told
    assert b'numDigits="4"' in told
    assert hands.CUSTOMER.encode() not in told
    told = hear(number, calls.pressed("twilio", called.code), calls.step("keyed", key))
    assert f">{hands.CUSTOMER}</Number>".encode() in told
    assert f'callerId="{number.address}"'.encode() in told
    hear(number, calls.dialled("twilio", "completed", call_id="CA77", seconds=64), calls.step("dialled", key))
    hear(number, calls.over("twilio", call_id="CA77"), calls.step("status", key))
    called.refresh_from_db()
    assert (called.state, called.seconds, called.agent_at is not None) == ("completed", 64, True)
    assert [one.type for one in Event.objects.filter(type__startswith="call_").order_by("id")] == [
        "call_started", "call_ended"
    ]  # fmt: skip


@pytest.mark.parametrize(("told", "state", "error"), [
    ([("status", {"stage": "no-answer"})], "failed", "agent_no_answer"),
    ([("status", {"stage": "failed"})], "failed", "agent_not_reached"),
    ([("agent", {"stage": "in-progress"}), ("status", {"stage": "completed"})], "failed", "agent_no_key"),
    ([("agent", {"stage": "in-progress"}), ("keyed", "")], "failed", "agent_no_key"),
    ([("agent", {"stage": "in-progress"}), ("keyed", "****")], "failed", "agent_no_key"),
    ([("keyed", "right"), ("dialled", "no-answer")], "missed", "no_answer"),
    ([("keyed", "right"), ("dialled", "failed")], "failed", "not_connected"),
])  # fmt: skip
def test_nobody_answers(called: Call, number: Channel, told: list[tuple[str, Any]], state: str, error: str) -> None:
    for step, what in told:
        if step == "keyed":
            form = calls.pressed("twilio", called.code if what == "right" else what)
        else:
            form = calls.dialled("twilio", what) if step == "dialled" else calls.over("twilio", **what)
        for _ in range(2):
            hear(number, form, calls.step(step, called.key.hex))
    called.refresh_from_db()
    assert (called.state, called.error, called.ended_at is not None) == (state, error, True)


def pick_up(channel: Channel, call: Call, keys: str) -> bytes:
    """The member's own phone is picked up, and keys are pressed on it."""
    hear(channel, calls.over("twilio", stage="in-progress"), calls.step("agent", call.key.hex))
    return hear(channel, calls.pressed("twilio", keys), calls.step("keyed", call.key.hex))


def test_a_phone_is_ones_own_once_the_code_was_entered_on_it(
    ben: Player, called: Call, talk: Conversation, number: Channel
) -> None:
    assert not queries.is_verified(ben.id)
    assert b"</Number>" in pick_up(number, called, called.code)
    assert queries.is_verified(ben.id)
    hear(number, calls.over("twilio"), calls.step("status", called.key.hex))
    again = actions.start_call(conversation=talk, by=ben.actor, at=NOW)
    assert again.code == ""
    rung = calls.over("twilio", call_id="CA78", stage="in-progress")
    assert b"Press 1" in hear(number, rung, calls.step("agent", again.key.hex))
    assert b"</Number>" in hear(
        number, calls.pressed("twilio", "1", call_id="CA78"), calls.step("keyed", again.key.hex)
    )
    hear(number, calls.over("twilio", call_id="CA78"), calls.step("status", again.key.hex))
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    assert queries.is_verified(ben.id)
    setting.set_phone(number="+19715550180", region="US", by=ben.actor, at=NOW)
    assert not queries.is_verified(ben.id)


def test_a_long_talk_is_not_closed_by_time(called: Call, number: Channel) -> None:
    pick_up(number, called, called.code)
    due.round_of(at=NOW + timedelta(minutes=30))
    called.refresh_from_db()
    assert called.ended_at is None


def test_a_voicemail_that_picks_up_is_never_connected_to_a_customer(called: Call, number: Channel) -> None:
    """It presses no key; neither does who guesses the code get anybody rung."""
    wrong = "0000" if called.code != "0000" else "1111"
    assert b"<Hangup />" in pick_up(number, called, wrong)
    assert hands.CUSTOMER.encode() not in pick_up(number, called, called.code)
    called.refresh_from_db()
    assert (called.state, called.error, called.agent_at) == ("failed", "agent_no_key", None)


def test_calls_of_a_member_are_bounded(ben: Player, talk: Conversation, number: Channel) -> None:
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    for _ in range(rules.MOST_UNVERIFIED):
        actions.start_call(conversation=talk, by=ben.actor, at=NOW)
        Call.objects.update(ended_at=NOW)
    setting.set_phone(number="+19715550180", region="US", by=ben.actor, at=NOW)
    assert code(lambda: actions.start_call(conversation=talk, by=ben.actor, at=NOW)) == "phone_not_verified"
    MemberPhone.objects.update(verified_at=NOW)
    actions.start_call(conversation=talk, by=ben.actor, at=NOW)
    Call.objects.update(ended_at=NOW)
    assert code(lambda: actions.start_call(conversation=talk, by=ben.actor, at=NOW)) == "too_many_calls"
    assert actions.start_call(conversation=talk, by=ben.actor, at=NOW + timedelta(hours=1)).state == "ringing"


def test_a_key_of_another_call_is_refused(ana: Player, ben: Player, talk: Conversation) -> None:
    for player, phone in ((ben, PHONE), (ana, "+19715550189")):
        setting.set_phone(number=phone, region="US", by=player.actor, at=NOW)
    actions.start_call(conversation=talk, by=ben.actor, at=NOW, idempotency_key="k1")
    reused = code(lambda: actions.start_call(conversation=talk, by=ana.actor, at=NOW, idempotency_key="k1"))
    assert reused == "idempotency_key_reused"


def test_numbers_that_cost_extra_are_never_rung(ana: Player, ben: Player, talk: Conversation, number: Channel) -> None:
    with pytest.raises(Invalid):
        setting.set_phone(number="+19005550188", region="US", by=ben.actor, at=NOW)
    plan = Plan(does="forward", forward_to="+19005550188")
    with pytest.raises(Invalid):
        setting.save_plan(channel=number, is_open=True, plan=plan, by=ana.actor, at=NOW)
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    talk.identity.value = "+19005550188"
    assert code(lambda: actions.start_call(conversation=talk, by=ben.actor, at=NOW)) == "costly"


def test_what_time_it_is_for_them_is_said_before_a_call(talk: Conversation) -> None:
    """The number is a Californian one."""
    assert queries.unusual_hour(talk, at=NOW.replace(hour=7, minute=0)) == "It's 12:00 AM for them."
    assert queries.unusual_hour(talk, at=NOW.replace(hour=20)) == ""


def test_one_call_at_a_time(ben: Player, ana: Player, called: Call, talk: Conversation, number: Channel) -> None:
    with pytest.raises(Refused, match="in a call already"):
        actions.start_call(conversation=talk, by=ben.actor, at=NOW)
    setting.set_phone(number="+19715550189", region="US", by=ana.actor, at=NOW)
    assert actions.start_call(conversation=talk, by=ana.actor, at=NOW).state == "ringing"
    hear(number, calls.over("twilio", stage="busy"), calls.step("status", called.key.hex))
    assert actions.start_call(conversation=talk, by=ben.actor, at=NOW).state == "ringing"


def test_the_same_key_is_the_same_call(ben: Player, talk: Conversation, server: Server) -> None:
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    first, again = (actions.start_call(conversation=talk, by=ben.actor, at=NOW, idempotency_key="k1") for _ in range(2))
    assert first.pk == again.pk
    assert len([one for one in server.seen if one.path.endswith("/Calls.json")]) == 1


def code(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_what_speaks_against_a_call(ana: Player, ben: Player, talk: Conversation, workspace: Workspace) -> None:
    def start(player: Player = ben, **more: Any) -> Call:
        found = Conversation.objects.select_related("identity", "channel").get(id=talk.pk)
        return actions.start_call(conversation=found, by=player.actor, at=NOW, **more)

    assert code(start) == "no_phone"
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    vic = Player(member=make.make_member(workspace, "Vic", role="viewer", at=NOW))
    with pytest.raises(NotAllowed):
        start(vic)
    hands.receive(talk.channel, "STOP")
    assert code(start) == "opted_out"
    assert start(is_confirmed=True).state == "ringing"
    Call.objects.all().delete()
    block(contact=talk.contact, by=ana.actor, at=NOW)
    assert code(lambda: start(is_confirmed=True)) == "blocked"


def test_people_without_a_number_and_numbers_without_calls(ben: Player, talk: Conversation) -> None:
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    Channel.objects.update(provider="telnyx")
    assert code(lambda: actions.start_call(conversation=talk, by=ben.actor, at=NOW)) == "no_voice"
    talk.identity.value = "Withheld number"
    assert code(lambda: actions.start_call(conversation=talk, by=ben.actor, at=NOW)) == "no_number"
    assert not Call.objects.exists()


def test_a_refusal_of_the_provider_is_said_and_ends_the_call(ben: Player, talk: Conversation, twilio: Twilio) -> None:
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    twilio.answer = Answer(400, b'{"code": 21219, "message": "The number is unverified."}')
    with pytest.raises(Refused, match="The number is unverified"):
        actions.start_call(conversation=talk, by=ben.actor, at=NOW)
    assert (Call.objects.get().state, queries.call_of_member(ben.id)) == ("failed", None)


def test_what_the_provider_did_not_confirm_may_ring_and_ends_by_time(
    ben: Player, talk: Conversation, twilio: Twilio
) -> None:
    setting.set_phone(number=PHONE, region="US", by=ben.actor, at=NOW)
    twilio.answer = HANG_UP
    call = actions.start_call(conversation=talk, by=ben.actor, at=NOW)
    assert (call.state, call.provider_id) == ("ringing", "")
    due.round_of(at=NOW + timedelta(minutes=6))
    call.refresh_from_db()
    assert (call.state, call.ended_at is not None) == ("failed", True)


def test_what_came_of_it_is_kept_with_a_note(ben: Player, cleo: Player, called: Call, number: Channel) -> None:
    with pytest.raises(Invalid):
        actions.set_outcome(call=called, outcome="reached", by=ben.actor, at=NOW)
    hear(number, calls.over("twilio", stage="busy"), calls.step("status", called.key.hex))
    found = queries.access_call(ben.actor, called.pk)
    actions.set_outcome(call=found, outcome="left_message", note="Left word at home.", by=ben.actor, at=NOW)
    assert (Call.objects.get().outcome, Note.objects.get().body) == ("left_message", "Left word at home.")
    with pytest.raises(Invalid):
        actions.set_outcome(call=found, outcome="sold", by=ben.actor, at=NOW)
    with pytest.raises(Refused):
        queries.access_call(cleo.actor, called.pk)


def test_only_who_is_in_a_call_hangs_up(ana: Player, ben: Player, called: Call, server: Server) -> None:
    found = queries.access_call(ben.actor, called.pk)
    with pytest.raises(NotAllowed):
        actions.end_call(call=found, by=ana.actor, at=NOW)
    assert actions.end_call(call=found, by=ben.actor, at=NOW).ended_at == NOW
    assert server.seen[-1].path.endswith("/Calls/CA77.json")


def test_a_phone_must_be_one_in_a_hand(ben: Player, number: Channel) -> None:
    for typed in ("55512", "hello", number.address):
        with pytest.raises(Invalid):
            setting.set_phone(number=typed, region="US", by=ben.actor, at=NOW)
    assert setting.set_phone(number="971-555-0188", region="US", by=ben.actor, at=NOW) == PHONE
    assert queries.phone_of(ben.id) == PHONE
    setting.set_phone(number=" ", region="US", by=ben.actor, at=NOW)
    assert queries.phone_of(ben.id) == ""


# Where a number's calls go, and what happens with them


def test_a_number_nobody_set_up_is_connected(ana: Player, number: Channel, server: Server) -> None:
    connecting.connect(channel=number, by=ana.actor, at=NOW)
    form = {name: values[0] for name, values in parse_qs(server.seen[-1].body.decode()).items()}
    assert server.seen[-1].path.endswith("/IncomingPhoneNumbers/PN1.json")
    assert (form["VoiceUrl"], form["StatusCallback"]) == (hands.url(number, "voice"),) * 2
    assert AuditEntry.objects.filter(action="calls.connected").exists()


def test_what_is_set_up_already_stays_unless_that_was_said(
    ana: Player, ben: Player, number: Channel, server: Server, twilio: Twilio
) -> None:
    twilio.number["voice_url"] = "https://pbx.example.com/in"
    with pytest.raises(connecting.Taken) as taken:
        connecting.connect(channel=number, by=ana.actor, at=NOW)
    assert taken.value.where == "https://pbx.example.com/in"
    assert {one.method for one in server.seen} == {"GET"}
    with pytest.raises(connecting.Taken):
        connecting.connect(channel=number, by=ana.actor, at=NOW, replaces="https://other.example.com/")
    connecting.connect(channel=number, by=ana.actor, at=NOW, replaces=taken.value.where)
    assert server.seen[-1].method == "POST"
    with pytest.raises(NotAllowed):
        connecting.connect(channel=number, by=ben.actor, at=NOW)


@pytest.mark.parametrize(("plan", "field"), [
    (Plan(does="sing"), "does"),
    (Plan(does="forward", forward_to=""), "forward_to"),
    (Plan(does="forward", forward_to="55512"), "forward_to"),
    (Plan(does="forward", forward_to="+14155550199"), "forward_to"),
    (Plan(ring_seconds=2), "ring_seconds"),
    (Plan(message_seconds=9_999), "message_seconds"),
    (Plan(text_every_minutes=0), "text_every_minutes"),
    (Plan(then="sing"), "then"),
    (Plan(words="x" * 501), "words"),
])  # fmt: skip
def test_plans_that_cannot_be(ana: Player, number: Channel, plan: Plan, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        setting.save_plan(channel=number, is_open=True, plan=plan, by=ana.actor, at=NOW)
    assert refused.value.field == field


def test_plans_and_words_are_kept_and_audited(ana: Player, ben: Player, number: Channel) -> None:
    wanted = Plan(does="forward", forward_to="(415) 555-0123", then="text", words=" One \n moment. ")
    setting.save_plan(channel=number, is_open=False, plan=wanted, by=ana.actor, at=NOW)
    kept = queries.plans_of(number.pk)[False]
    assert (kept.forward_to, kept.words, kept.texts) == ("+14155550123", "One moment.", True)
    setting.save_words(words={("text", "en"): "Call you later!", ("text", "es"): ""}, by=ana.actor, at=NOW)
    assert queries.words_of(number.workspace_id) == {("text", "en"): "Call you later!"}
    setting.save_words(words={("text", "en"): ""}, by=ana.actor, at=NOW)
    assert queries.words_of(number.workspace_id) == {}
    assert AuditEntry.objects.filter(action__startswith="calls.").count() == 3
    with pytest.raises(NotAllowed):
        setting.save_plan(channel=number, is_open=True, plan=Plan(), by=ben.actor, at=NOW)
