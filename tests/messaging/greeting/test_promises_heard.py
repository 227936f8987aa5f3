"""What settles a promise besides a text that arrives: calls, replies that fail, people whom nobody serves any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import NOW, Player
from tests.messaging.greeting.hands import GRACE, MINUTE, answers, automatic, open_hours, past, rounds, switch_on, texts
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.contacts.models import Contact
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallbackChanged, CallEnded, MessageFailed
from twoway.messaging import outbound
from twoway.messaging.calls.models import Call
from twoway.messaging.greeting import deciding, knowing, loop
from twoway.messaging.greeting.models import Correction, FirstWait, Promise, Wording
from twoway.messaging.models import Message
from twoway.teams.actor import system
from twoway.teams.hours import actions as hours
from twoway.teams.hours.actions import HoursWish

SAID = NOW + GRACE


def promised(channel: Channel, by: Player, *kinds: str) -> tuple[Conversation, Promise]:
    past(channel)
    switch_on(by, *(kinds or ("wait", "late")))
    thread = texts(channel)
    rounds(at=NOW)
    return thread, Promise.objects.get()


def fails(message: Message, *, at: Any, status: str = "undelivered") -> None:
    """A carrier says that it will not arrive."""
    Message.objects.filter(pk=message.pk).update(status=status, error="unknown")
    told = MessageFailed(
        workspace_id=message.workspace_id, conversation_id=message.conversation_id, message_id=message.pk
    )
    publish(told, at=at)


def calls(thread: Conversation, *, answered: Any, ended: Any = None, **more: Any) -> Call:
    """A call with the customer, and its event once it is over."""
    call = Call.objects.create(
        workspace_id=thread.workspace_id, channel_id=thread.channel_id, conversation=thread, direction="out",
        started_at=answered, answered_at=answered, ended_at=ended, state="completed" if ended else "answered", **more,
    )  # fmt: skip
    if ended:
        publish(
            CallEnded(
                workspace_id=thread.workspace_id, conversation_id=thread.pk, call_id=call.pk, direction="out",
                state="completed",
            ),
            at=ended,
        )  # fmt: skip
    return call


# Replies that fail ----------------------------------------------------------------------------------------------------


def test_a_reply_that_left_and_failed_for_good_keeps_nothing(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    message = answers(ben, thread, at=NOW + 9 * MINUTE)
    loop.round_of(at=NOW + 9 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == "kept"
    fails(message, at=NOW + 10 * MINUTE)
    loop.round_of(at=NOW + 10 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answer_id, promise.answered_at) == ("", None, None)
    known = Correction.objects.get()
    assert known.promises == 0
    assert known.shift == pytest.approx(0.0)
    wait = FirstWait.objects.get(conversation=thread)
    assert (wait.ended_at, wait.seconds, wait.answer_id) == (None, None, None)
    loop.round_of(at=NOW + 18 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == "broken"


def test_another_answer_takes_the_place_of_one_that_failed(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    first = answers(ben, thread, at=NOW + 8 * MINUTE)
    second = answers(ben, thread, at=NOW + 9 * MINUTE)
    loop.round_of(at=NOW + 9 * MINUTE)
    fails(first, at=NOW + 10 * MINUTE, status="failed")
    loop.round_of(at=NOW + 10 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answer_id, promise.answered_at) == ("kept", second.pk, NOW + 9 * MINUTE)
    assert Correction.objects.get().promises == 1


def test_who_was_never_told_was_promised_nothing(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    fails(Message.objects.get(purpose="auto_reply"), at=NOW + MINUTE)
    for minute in (2, 13, 20):
        loop.round_of(at=NOW + minute * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == "void"
    assert len(automatic(thread)) == 1
    assert not Correction.objects.exists()


def test_a_reply_for_tomorrow_is_no_answer_and_they_are_told(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    tomorrow = NOW + timedelta(days=1)
    outbound.queue_text(by=ben.actor, conversation=thread, body="Tomorrow then.", at=NOW + 5 * MINUTE, send_at=tomorrow)
    for minute in (6, 13, 14):
        loop.round_of(at=NOW + minute * MINUTE)
    assert len(automatic(thread)) == 2
    answers(ben, Conversation.objects.get(pk=thread.pk), at=NOW + 15 * MINUTE)
    loop.round_of(at=NOW + 15 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answered_at) == ("kept", NOW + 15 * MINUTE)


def test_an_answer_is_seen_also_when_everything_is_switched_off_meanwhile(
    channel: Channel, ana: Player, ben: Player
) -> None:
    thread, promise = promised(channel, ana)
    Wording.objects.update(is_on=False)
    answers(ben, thread, at=NOW + 9 * MINUTE)
    for minute in (9, 20):
        loop.round_of(at=NOW + minute * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answered_at) == ("kept", NOW + 9 * MINUTE)


# Calls ----------------------------------------------------------------------------------------------------------------


def test_a_call_that_was_answered_is_an_answer(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    calls(thread, answered=NOW + 6 * MINUTE, ended=NOW + 14 * MINUTE)
    loop.round_of(at=NOW + 14 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answered_at) == ("kept", NOW + 6 * MINUTE)
    assert FirstWait.objects.get(conversation=thread).seconds == 6 * 60
    assert len(automatic(thread)) == 1


def test_nobody_is_told_that_it_takes_longer_while_they_are_on_the_phone(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    call = calls(thread, answered=NOW + 11 * MINUTE)
    for minute in (13, 20):
        loop.round_of(at=NOW + minute * MINUTE)
    promise.refresh_from_db()
    assert len(automatic(thread)) == 1
    assert (promise.outcome, promise.answered_at) == ("kept", NOW + 11 * MINUTE)
    assert call.ended_at is None


@pytest.mark.parametrize("outcome", ["no_answer", "left_message", "wrong_number"])
def test_a_call_in_which_nobody_talked_is_none(channel: Channel, ana: Player, outcome: str) -> None:
    thread, promise = promised(channel, ana)
    calls(thread, answered=NOW + 6 * MINUTE, ended=NOW + 7 * MINUTE, outcome=outcome)
    loop.round_of(at=NOW + 7 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == ""
    calls(thread, answered=NOW - 60 * MINUTE, ended=NOW - 50 * MINUTE)
    loop.round_of(at=NOW + 8 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == ""


def test_who_texts_during_a_call_gets_no_automatic_text(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    thread = texts(channel)
    calls(thread, answered=NOW)
    rounds(at=NOW)
    assert automatic(thread) == []


def test_a_call_that_a_member_wrote_down_counts_too(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    reached = CallbackChanged(
        workspace_id=thread.workspace_id, conversation_id=thread.pk, callback_id=1, what="reached", source="agent"
    )
    publish(reached, at=NOW + 10 * MINUTE)
    loop.round_of(at=NOW + 10 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answered_at) == ("kept", NOW + 10 * MINUTE)


# Nobody waits any more ------------------------------------------------------------------------------------------------


def test_whoever_opts_out_or_is_blocked_is_told_nothing_and_was_promised_nothing(channel: Channel, ana: Player) -> None:
    past(channel)
    switch_on(ana, "wait", "late")
    out, blocked = texts(channel), texts(channel)
    rounds(at=NOW)
    compliance.opt_out(identity=out.identity, channel=channel, source="member", by=ana.actor, at=NOW + MINUTE)
    Contact.objects.filter(pk=blocked.contact_id).update(blocked_at=NOW + MINUTE)
    for minute in (13, 20):
        loop.round_of(at=NOW + minute * MINUTE)
    assert [len(automatic(one)) for one in (out, blocked)] == [1, 1]
    assert set(Promise.objects.values_list("outcome", flat=True)) == {"void"}


def test_what_twoway_answers_by_itself_leaves_nothing_to_promise_or_to_learn(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    outbound.queue_text(
        by=system(channel.workspace_id), conversation=thread, body="When may we call?", at=NOW + 2 * MINUTE,
        purpose="callback_notice", is_confirmed=True,
    )  # fmt: skip
    loop.round_of(at=NOW + 2 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == "void"
    assert not FirstWait.objects.filter(conversation=thread).exists()


def test_an_episode_that_ended_is_over_also_when_the_next_began_before_anybody_looked(
    channel: Channel, ana: Player, ben: Player
) -> None:
    thread, promise = promised(channel, ana)
    conversations.done(conversation=Conversation.objects.get(pk=thread.pk), by=ben.actor, at=NOW + 5 * MINUTE)
    Conversation.objects.filter(pk=thread.pk).update(state="open", episode=2, needs_reply=True)
    loop.round_of(at=NOW + 5 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == "void"


def test_a_snoozed_conversation_still_waits_and_is_told(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    talk = Conversation.objects.get(pk=thread.pk)
    conversations.snooze(conversation=talk, until=NOW + timedelta(hours=5), by=ben.actor, at=NOW + MINUTE)
    for minute in (13, 20):
        loop.round_of(at=NOW + minute * MINUTE)
    promise.refresh_from_db()
    assert len(automatic(thread)) == 2
    assert promise.outcome == "broken"


# Times that change ----------------------------------------------------------------------------------------------------


def test_who_was_told_a_time_is_told_also_when_it_closes_earlier_than_it_was_to(channel: Channel, ana: Player) -> None:
    open_hours(ana, 9 * 60)
    past(channel)
    FirstWait.objects.update(hour=24 + 10)  # Tuesday at 10 in Los Angeles
    thread, promise = promised(channel, ana)
    week = (((9 * 60, 10 * 60 + 5),),) * 5 + ((), ())
    early = hours.create_hours(
        by=ana.actor, wish=HoursWish(name="Early", week=week, zone="America/Los_Angeles"), at=NOW
    )
    hours.set_usual(by=ana.actor, hours_id=early.pk, at=NOW)
    for minute in (11, 13, 14, 20):
        loop.round_of(at=SAID + minute * MINUTE)
    promise.refresh_from_db()
    assert [words for words in automatic(thread) if "forgotten" in words] == automatic(thread)[1:]
    assert len(automatic(thread)) == 2
    assert promise.outcome == "broken"


def test_a_wait_told_in_a_welcome_is_not_told_again(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana, "welcome", "wait")
    later = NOW + timedelta(hours=1, minutes=5)
    past(channel, at=later)
    texts(channel, "Still nobody?", at=later, thread=thread)
    rounds(at=later)
    assert len(automatic(thread)) == 1
    assert Promise.objects.get().made_at == promise.made_at


def test_a_text_that_cannot_be_decided_does_not_keep_the_others_back(
    channel: Channel, ana: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(ana, "welcome")
    odd, fine = texts(channel, name="Odd"), texts(channel, name="Fine")
    real = knowing.known_of

    def breaks(conversation: Conversation, *args: Any, **more: Any) -> Any:
        if conversation.pk == odd.pk:
            raise ValueError("nobody thought of this")
        return real(conversation, *args, **more)

    monkeypatch.setattr(deciding, "known_of", breaks)
    rounds(at=NOW)
    assert len(automatic(fine)) == 1
    assert automatic(odd) == []
