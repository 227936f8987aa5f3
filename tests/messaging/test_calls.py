"""Calls to our numbers, through the doors: what is stored, what waits, who is texted; twice and out of order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.messaging import call_hands as calls
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance.actions import opt_out
from twoway.compliance.models import Source
from twoway.contacts.actions import block
from twoway.contacts.models import Contact, Identity
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Refused
from twoway.messaging import quarantine
from twoway.messaging.calls import due, queries
from twoway.messaging.calls.models import Call, CallWords
from twoway.messaging.models import MediaFile, Message, QuarantineEntry
from twoway.teams.actor import system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

PROVIDERS = ("twilio", "plivo", "vonage")


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return calls.number(workspace, "twilio")


def hear(channel: Channel, told: dict[str, Any], query: str = "") -> bytes:
    (answer,) = calls.send(calls.signed(channel, told, query))
    assert answer.status in (200, 204)
    return answer.body


def later(seconds: int = 60) -> int:
    return due.round_of(at=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_missed_call_makes_a_conversation_that_waits_and_a_text_back(workspace: Workspace, provider: str) -> None:
    channel = calls.number(workspace, provider)
    calls.plan(channel, does="forward", forward_to=calls.FORWARDED, then="text")
    told = hear(channel, calls.called(provider))
    assert calls.FORWARDED.removeprefix("+").encode() in told
    key = Call.objects.get().key.hex
    assert key.encode() in told
    assert b"sending you a text" in hear(channel, calls.dialled(provider, "no-answer"), calls.step("dialled", key))
    hear(channel, calls.over(provider), calls.step("status", key))
    call, conversation = Call.objects.get(), Conversation.objects.get()
    assert (call.state, call.direction, call.phone, call.conversation_id) == (
        "missed", "in", calls.CALLER, conversation.pk
    )  # fmt: skip
    assert (conversation.needs_reply, conversation.state, conversation.preview) == (True, "open", "Missed call")
    assert later() == 1
    sent = Message.objects.get()
    assert (sent.recipient, sent.purpose, sent.author) == (calls.CALLER, "missed_call", "system")
    assert sent.body.startswith("Ridgeway Carshare: Sorry we missed your call.")
    call.refresh_from_db()
    assert (call.text_code, call.text_id) == ("sent", sent.pk)
    conversation.refresh_from_db()
    assert conversation.needs_reply
    assert later() == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_message_that_was_left_is_kept_and_played(workspace: Workspace, provider: str) -> None:
    channel = calls.number(workspace, provider)
    calls.plan(channel, does="voicemail", texts_missed=True, is_transcribed=True)
    assert b"after the tone" in hear(channel, calls.called(provider))
    key = Call.objects.get().key.hex
    hear(channel, calls.recorded(provider), calls.step("recording", key))
    hear(channel, calls.over(provider), calls.step("status", key))
    later()
    call, file = Call.objects.get(), MediaFile.objects.get()
    assert (call.state, call.recording_seconds, call.text_code) == ("voicemail", 9, "not_wanted")
    assert (call.recording_id, file.state, file.kind, file.conversation_id) == (
        file.pk, "waiting", "audio", call.conversation_id
    )  # fmt: skip
    assert Conversation.objects.get().preview == "Voicemail"
    assert not Message.objects.exists()


def run_of(channel: Channel) -> list[tuple[dict[str, Any], str]]:
    """The webhooks of a call that ends with a message, after the first."""
    key = Call.objects.get(channel=channel).key.hex
    return [
        (calls.dialled("twilio", "no-answer"), calls.step("dialled", key)),
        (calls.recorded("twilio"), calls.step("recorded", key)),
        (calls.recorded("twilio"), calls.step("recording", key)),
        (calls.over("twilio"), calls.step("status", key)),
    ]


def test_repeated_and_shuffled_webhooks_change_nothing_twice(twilio: Channel) -> None:
    calls.plan(twilio, does="forward", forward_to=calls.FORWARDED, then="voicemail", texts_missed=True)
    for number, order in enumerate(permutations(range(4))):
        Call.objects.all().delete()
        MediaFile.objects.all().delete()
        Event.objects.all().delete()
        hear(twilio, calls.called("twilio"))
        told = run_of(twilio)
        for place in order if number % 2 else (*order, *order):
            hear(twilio, *told[place])
        hear(twilio, calls.called("twilio"))
        later()
        call = Call.objects.get()
        assert (call.state, call.ended_at is not None, call.text_code) == ("voicemail", True, "not_wanted"), order
        assert MediaFile.objects.count() == 1
        assert Event.objects.filter(type="call_started").count() == 1
    assert Contact.objects.count() == Conversation.objects.count() == 1


def test_the_same_webhook_at_once_is_one_call(twilio: Channel) -> None:
    calls.plan(twilio, does="voicemail")
    request = calls.signed(twilio, calls.called("twilio"))
    answers = calls.send(*[request] * 8, together=True)
    assert {answer.status for answer in answers} == {200}
    assert len(set(calls.bodies(answers))) == 1
    assert (
        Call.objects.count() == Conversation.objects.count() == Event.objects.filter(type="call_started").count() == 1
    )


def missed(channel: Channel, *, call_id: str = "CA1", caller: str = calls.CALLER) -> Call:
    """A call in vain, and what the loop makes of it."""
    hear(channel, calls.called(channel.provider, call_id=call_id, caller=caller))
    call = Call.objects.get(provider_id=call_id)
    hear(channel, calls.over(channel.provider, call_id=call_id), calls.step("status", call.key.hex))
    later()
    call.refresh_from_db()
    return call


@pytest.mark.parametrize("caller", ["anonymous", "+266696687", "Restricted", ""])
def test_withheld_callers_are_never_texted_and_not_lost(twilio: Channel, caller: str) -> None:
    calls.plan(twilio, does="text")
    assert missed(twilio, caller=caller).text_code == "no_number"
    assert Identity.objects.get().kind == "alpha"
    assert Conversation.objects.get().needs_reply
    assert not Message.objects.exists()


def test_short_codes_are_never_texted(twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    assert missed(twilio, caller="55512").text_code == "no_number"


def test_nobody_is_texted_twice_within_the_time(twilio: Channel) -> None:
    calls.plan(twilio, does="text", text_every_minutes=60)
    assert missed(twilio).text_code == "sent"
    assert missed(twilio, call_id="CA2").text_code == "told_already"
    Call.objects.filter(provider_id="CA1").update(ended_at=NOW - timedelta(minutes=61))
    assert missed(twilio, call_id="CA3").text_code == "sent"
    assert Message.objects.count() == 2


def test_who_opted_out_is_not_texted(workspace: Workspace, twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    hands.receive(twilio, "STOP")
    Message.objects.all().delete()
    call = missed(twilio)
    assert call.text_code == "opted_out"
    assert call.state == "missed"
    assert not Message.objects.exists()


def test_a_blocked_caller_is_hung_up_on_and_waits_for_nobody(ana: Player, twilio: Channel) -> None:
    calls.plan(twilio, does="voicemail", texts_missed=True)
    hands.receive(twilio, "hello")
    conversation = Conversation.objects.get()
    conversations.done(conversation=conversation, by=ana.actor, at=NOW)
    block(contact=conversation.contact, by=ana.actor, at=NOW)
    assert hear(twilio, calls.called("twilio")).endswith(b"<Response><Hangup /></Response>")
    call = Call.objects.get()
    hear(twilio, calls.over("twilio"), calls.step("status", call.key.hex))
    later()
    conversation.refresh_from_db()
    assert (conversation.state, conversation.needs_reply) == ("done", False)
    assert not Message.objects.filter(direction="out").exists()


def test_a_done_conversation_begins_again(ana: Player, twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    hands.receive(twilio, "hello")
    conversations.done(conversation=Conversation.objects.get(), by=ana.actor, at=NOW)
    missed(twilio)
    found = Conversation.objects.get()
    assert (found.state, found.needs_reply, found.episode) == ("open", True, 2)


def test_a_number_nobody_set_up_says_so_and_texts_nobody(twilio: Channel) -> None:
    assert b"takes text messages" in hear(twilio, calls.called("twilio"))
    hear(twilio, calls.over("twilio"), calls.step("status", Call.objects.get().key.hex))
    later()
    assert Call.objects.get().text_code == "not_wanted"
    assert Conversation.objects.get().needs_reply


def test_an_answered_call_waits_for_nobody(twilio: Channel) -> None:
    calls.plan(twilio, does="forward", forward_to=calls.FORWARDED, then="text")
    hear(twilio, calls.called("twilio"))
    key = Call.objects.get().key.hex
    hear(twilio, calls.dialled("twilio", "completed", seconds=71), calls.step("dialled", key))
    hear(twilio, calls.over("twilio"), calls.step("status", key))
    later()
    call = Call.objects.get()
    assert (call.state, call.seconds, call.text_code) == ("completed", 71, "not_wanted")
    assert not Conversation.objects.get().needs_reply
    assert not Message.objects.exists()


def test_spanish_speakers_hear_and_read_spanish(workspace: Workspace, twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    hands.receive(twilio, "hola")
    Contact.objects.update(language="es-MX")
    assert "Le enviamos un mensaje" in hear(twilio, calls.called("twilio", call_id="CA2")).decode()
    call = Call.objects.get()
    hear(twilio, calls.over("twilio", call_id="CA2"), calls.step("status", call.key.hex))
    later()
    assert "Sentimos no haber atendido" in Message.objects.get(direction="out").body
    CallWords.objects.create(workspace=workspace, kind="text", language="es", words="{business}: Le llamamos luego.")
    Call.objects.update(ended_at=NOW - timedelta(days=3))
    missed(twilio, call_id="CA3")
    assert Message.objects.latest("id").body == "Ridgeway Carshare: Le llamamos luego."


def test_a_call_whose_end_nobody_tells_is_closed_by_time(twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    hear(twilio, calls.called("twilio"))
    assert later(60) == 0
    later(13 * 60)
    later(14 * 60)
    assert (Call.objects.get().state, Call.objects.get().text_code) == ("missed", "sent")


def test_who_talks_for_long_is_never_told_that_we_missed_them(twilio: Channel) -> None:
    """Half an hour on the phone the call was passed on to, which is told as answered, or not even that."""
    calls.plan(twilio, does="forward", forward_to=calls.FORWARDED, then="text", texts_missed=True)
    for call_id in ("CA1", "CA2"):
        hear(twilio, calls.called("twilio", call_id=call_id))
    key = Call.objects.get(provider_id="CA1").key.hex
    answered = {"CallSid": "CA9", "ParentCallSid": "CA1", "CallStatus": "in-progress"}
    assert b"<Response />" in hear(twilio, answered, calls.step("dialled", key))
    assert Call.objects.get(provider_id="CA1").state == "answered"
    later(30 * 60)
    assert not Call.objects.exclude(ended_at=None).exists()
    for _ in range(2):
        later(5 * 3600)
    states = dict(Call.objects.values_list("provider_id", "state"))
    assert states == {"CA1": "completed", "CA2": "missed"}
    assert not Message.objects.exists()


def test_what_is_not_signed_is_set_aside_and_does_nothing(ana: Player, twilio: Channel) -> None:
    request = calls.signed(twilio, calls.called("twilio"))
    other = hands.webhook(twilio, calls.called("twilio"), kind="voice", signature="bm9wZQ==")
    (answer,) = calls.send(other)
    assert answer.status == 403
    entry = QuarantineEntry.objects.get()
    assert (entry.reason, entry.kind, bytes(entry.body)) == ("bad_signature", "voice", request.body)
    assert not Call.objects.exists()
    with pytest.raises(Refused) as refused:
        quarantine.replay(entry=entry, by=ana.actor, at=NOW)
    assert refused.value.code == "bad_signature"


def test_what_is_signed_but_no_call_ends_politely_and_is_set_aside(twilio: Channel) -> None:
    (answer,) = calls.send(calls.signed(twilio, {"From": calls.CALLER}))
    assert (answer.status, answer.body.endswith(b"<Hangup /></Response>")) == (200, True)
    assert QuarantineEntry.objects.get().reason == "malformed"


def test_another_numbers_webhook_cannot_reach_a_call(workspace: Workspace, twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    hear(twilio, calls.called("twilio"))
    other = make.make_channel(
        workspace, at=NOW, provider="twilio", address="+14155550188",
        credentials=dict(calls.CASES["twilio"].ACCOUNT.credentials),
    )  # fmt: skip
    hear(other, calls.over("twilio"), calls.step("status", Call.objects.get().key.hex))
    assert Call.objects.get().state == "ringing"


def test_a_number_that_is_switched_off_takes_no_calls(twilio: Channel) -> None:
    Channel.objects.update(is_active=False)
    (answer,) = calls.send(calls.signed(twilio, calls.called("twilio")))
    assert answer.body.endswith(b"<Hangup /></Response>")
    assert QuarantineEntry.objects.get().reason == "unknown_number"
    assert not Call.objects.exists()


def test_a_transcript_is_kept_once(twilio: Channel) -> None:
    calls.plan(twilio, does="voicemail", is_transcribed=True)
    hear(twilio, calls.called("twilio"))
    key = Call.objects.get().key.hex
    for words in ("Please call me back", "Something else"):
        hear(twilio, {"CallSid": "CA1", "TranscriptionText": words}, calls.step("transcribed", key))
    assert Call.objects.get().transcript == "Please call me back"


def test_a_card_number_in_a_transcript_is_not_kept(twilio: Channel) -> None:
    calls.plan(twilio, does="voicemail", is_transcribed=True)
    hear(twilio, calls.called("twilio"))
    said = {"CallSid": "CA1", "TranscriptionText": "My card is 4111 1111 1111 1111, please charge it"}
    hear(twilio, said, calls.step("transcribed", Call.objects.get().key.hex))
    kept = Call.objects.get().transcript
    assert kept.startswith("My card is 411111")
    assert "1111 1111" not in kept


def test_opting_out_by_hand_counts_too(workspace: Workspace, twilio: Channel) -> None:
    calls.plan(twilio, does="text")
    hear(twilio, calls.called("twilio"))
    opt_out(
        identity=Identity.objects.get(), channel=twilio, source=Source.MEMBER, message_id=None, conversation_id=None,
        by=system(workspace.pk), at=NOW,
    )  # fmt: skip
    hear(twilio, calls.over("twilio"), calls.step("status", Call.objects.get().key.hex))
    later()
    assert Call.objects.get().text_code == "opted_out"


def test_inside_and_outside_hours(workspace: Workspace, twilio: Channel) -> None:
    calls.plan(twilio, is_open=True, does="forward", forward_to=calls.FORWARDED)
    calls.plan(twilio, is_open=False, does="voicemail", words="We are closed. Leave a message.")
    assert queries.plan_for(twilio.pk, is_open=False).does == "voicemail"
    assert queries.plan_for(twilio.pk, is_open=True).does == "forward"
    assert calls.FORWARDED.encode() in hear(twilio, calls.called("twilio"))
