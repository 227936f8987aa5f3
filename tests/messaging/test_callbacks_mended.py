"""Callbacks when something comes in between: other texts, people who leave, programs that repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from tests.messaging.test_callbacks import MORNING, here, setting, text, told, twilio
from twoway.channels.models import Channel
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Refused
from twoway.messaging.callbacks import actions, hearing, moving, queries
from twoway.messaging.callbacks.models import Callback, CallbackSetting
from twoway.messaging.models import Message
from twoway.teams.roles import actions as roles

__all__ = ["setting", "twilio"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_asked_for_while_they_were_off_is_not_answered_later(setting: CallbackSetting, twilio: Channel) -> None:
    CallbackSetting.objects.update(is_on=False)
    hearing.round_of(at=MORNING)
    text(twilio, "CALL")
    CallbackSetting.objects.update(is_on=True)
    hearing.round_of(at=MORNING + timedelta(days=3))
    text(twilio, "hello", at=MORNING + timedelta(days=3))
    assert told() == []


def test_a_call_asked_for_days_ago_that_comes_to_light_now_is_not_answered(
    setting: CallbackSetting, twilio: Channel
) -> None:
    hands.post([(twilio, hands.webhook(twilio, hands.text(twilio, "CALL", sender=hands.CUSTOMER), at=MORNING))])
    hearing.round_of(at=MORNING + timedelta(days=3))
    assert told() == []


def test_no_to_an_offer_ends_it(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL", "No thanks")
    assert Callback.objects.get().state == "cancelled"
    assert told()[-1].startswith("Ridgeway: All right, we won't call.")


def test_an_answer_to_something_else_does_not_move_an_agreed_call(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL", "1")
    before = len(told())
    text(twilio, "None")
    assert Callback.objects.get().state == "booked"
    assert len(told()) == before
    assert Conversation.objects.get().needs_reply


def test_who_asks_something_before_the_reminder_goes_on_waiting(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL", "1")
    callback = Callback.objects.get()
    asked = MORNING + timedelta(minutes=5)
    text(twilio, "Which gate is it?", at=asked)
    thread = Conversation.objects.get()
    assert thread.needs_reply
    moving.move_due(at=(callback.starts_at or NOW) - timedelta(minutes=9))
    assert "We will call you" in told()[-1]
    after = Conversation.objects.get()
    assert (after.needs_reply, after.sort_at, after.unanswered) == (True, thread.sort_at, thread.unanswered)


def test_a_full_house_leaves_them_waiting_for_the_person_who_was_announced(
    setting: CallbackSetting, twilio: Channel
) -> None:
    CallbackSetting.objects.update(per_slot=0)
    text(twilio, "CALL")
    assert told()[0].endswith("A person will text you here.")
    assert Conversation.objects.get().needs_reply


def test_change_with_nothing_else_free_is_said_and_the_call_stays(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL", "1")
    CallbackSetting.objects.update(per_slot=0)
    text(twilio, "CHANGE")
    assert Callback.objects.get().state == "booked"
    assert "There is no free time" in told()[-1]
    assert Conversation.objects.get().needs_reply
    assert Event.objects.filter(type="callback_due", data__why="left").exists()


def test_a_time_so_near_that_it_was_just_told_is_not_told_again(setting: CallbackSetting, twilio: Channel) -> None:
    CallbackSetting.objects.update(remind_minutes=60)
    text(twilio, "CALL", "1")
    before = len(told())
    moving.move_due(at=MORNING + timedelta(seconds=1))
    callback = Callback.objects.get()
    assert (callback.state, callback.next_at, len(told())) == ("booked", callback.starts_at, before)


def test_who_is_gone_when_it_is_due_leaves_it_to_who_is_there(
    setting: CallbackSetting, twilio: Channel, ana: Player, ben: Player
) -> None:
    text(twilio, "CALL", "1")
    callback = Callback.objects.get()
    starts, ends = callback.starts_at or NOW, callback.ends_at or NOW
    here(ben, starts - timedelta(minutes=10))
    moving.move_due(at=starts - timedelta(minutes=10))
    callback.refresh_from_db()
    assert callback.member_id == ben.id
    here(ana, starts)
    here(ben, starts - timedelta(minutes=10))
    moving.move_due(at=starts)
    callback.refresh_from_db()
    assert callback.member_id == ana.id
    moving.move_due(at=ends)
    rung = Event.objects.get(type="callback_due", data__why="overdue")
    assert set(rung.data["mentioned_ids"]) == {ana.id, ben.id}


def test_a_blocked_person_is_not_called(setting: CallbackSetting, twilio: Channel, ben: Player) -> None:
    text(twilio, "CALL", "1")
    callback = Callback.objects.get()
    before = len(told())
    Contact.objects.update(blocked_at=MORNING)
    moving.move_due(at=callback.starts_at or NOW)
    assert Callback.objects.get().state == "cancelled"
    assert len(told()) == before


def test_only_who_may_call_counts_as_a_caller(setting: CallbackSetting, ana: Player, ben: Player) -> None:
    role = roles.add_role(name="Texts only", base="agent", rights=["read", "reply"], by=ana.actor, at=NOW)
    type(ben.member).objects.filter(pk=ben.id).update(custom_role=role)
    assert [one.pk for one in queries.callers(setting)] == [ana.id]


def test_a_program_that_repeats_itself_texts_once(setting: CallbackSetting, twilio: Channel, ben: Player) -> None:
    text(twilio, "CALL")
    thread = Conversation.objects.get()
    free = queries.free_in(thread, at=MORNING)
    for _ in range(2):
        booked = actions.begin(
            conversation=thread, starts_at=free[4], by=ben.actor, at=MORNING, source="api", key="once"
        )
    assert booked.starts_at == free[4]
    assert len(told()) == 2
    for _ in range(2):
        actions.record(callback=booked, outcome="no_answer", by=ben.actor, at=free[4])
    assert len(told()) == 3
    other = make.make_conversation(twilio, at=NOW, messages=1)
    with pytest.raises(Refused) as refused:
        actions.offer(conversation=other, by=ben.actor, at=MORNING, source="api", key="once")
    assert refused.value.code == "idempotency_key_reused"
    assert not Message.objects.filter(conversation=other, direction="out").exists()
