"""Callbacks from the customer's CALL to what came of it: texts, lines, tasks, capacity."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import NotFound, Refused
from twoway.messaging.callbacks import actions, hearing, moving, queries
from twoway.messaging.callbacks.models import Callback, CallbackSetting
from twoway.messaging.models import Message
from twoway.routing.presence.models import Presence
from twoway.teams.actor import system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

MORNING = NOW
"""10 in the morning in Los Angeles."""


@pytest.fixture
def setting(workspace: Workspace, ana: Player, ben: Player) -> CallbackSetting:
    """Callbacks are on; two members may call."""
    made = CallbackSetting.objects.create(
        workspace=workspace, is_on=True, words=queries.usual_words(), changed_at=NOW, per_slot=2
    )
    hearing.round_of(at=NOW)
    return made


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace, name="Ridgeway")


def text(channel: Channel, *bodies: str, at: datetime = MORNING, sender: str = hands.CUSTOMER) -> None:
    """The customer texts, and what follows is heard."""
    for body in bodies:
        hands.post([(channel, hands.webhook(channel, hands.text(channel, body, sender=sender), at=at))])
    hearing.round_of(at=at)


def told() -> list[str]:
    """What we texted, oldest first."""
    return list(Message.objects.filter(direction="out").order_by("id").values_list("body", flat=True))


def lines() -> list[str]:
    rows = Event.objects.filter(type="callback_changed").order_by("id")
    return [row.data["what"] for row in rows]


def here(player: Player, at: datetime) -> None:
    Presence.objects.update_or_create(
        member_id=player.id,
        defaults={
            "workspace_id": player.member.workspace_id,
            "chosen": "online",
            "chosen_at": at,
            "seen_at": at,
            "shown": "online",
            "shown_at": at,
        },
    )


def test_call_two_and_a_confirmation(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "Call me please")
    offered = Callback.objects.get()
    assert offered.state == "offered"
    times = "1: today 10:20 AM, 2: today 11:20 AM, 3: tomorrow 8 AM"
    assert told() == [f"Ridgeway: When may we call? {times}. Reply 1, 2 or 3, or NO CALL."]
    text(twilio, "the second")
    booked = Callback.objects.get()
    assert (booked.state, booked.starts_at) == ("booked", datetime.fromisoformat(offered.options[1]))
    assert told()[-1] == (
        "Ridgeway: We will call today between 11:20 AM and 11:40 AM. Reply CHANGE for another time or NO CALL."
    )
    assert lines() == ["offered", "booked"]
    assert not Conversation.objects.get().needs_reply


def test_nothing_happens_where_it_is_switched_off(workspace: Workspace, twilio: Channel) -> None:
    hearing.round_of(at=NOW)
    text(twilio, "CALL", "2")
    assert told() == []
    assert not Callback.objects.exists()


def test_a_sentence_and_a_word_of_consent_are_not_for_this(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "I missed your call", "HELP")
    assert not Callback.objects.exists()


def test_a_text_is_heard_once(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL")
    hearing.round_of(at=MORNING)
    hearing.round_of(at=MORNING + timedelta(seconds=90))
    assert len(told()) == 1


def test_an_unclear_answer_is_asked_about_once_then_a_person_sees_to_it(
    setting: CallbackSetting, twilio: Channel
) -> None:
    text(twilio, "CALL", "maybe later on, what do you think")
    assert told()[-1].startswith("Ridgeway: Sorry, which time?")
    text(twilio, "hm no idea")
    assert len(told()) == 2
    assert Callback.objects.get().state == "left"
    assert Conversation.objects.get().needs_reply
    assert Event.objects.filter(type="callback_due", data__why="left").count() == 1


def test_change_offers_other_times_and_no_call_ends_it(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL", "1", "CHANGE")
    assert Callback.objects.get().state == "offered"
    text(twilio, "2", "NO CALL")
    assert Callback.objects.get().state == "cancelled"
    assert told()[-1] == "Ridgeway: All right, we won't call. Text CALL if you want a call after all."
    text(twilio, "CALL")
    assert Callback.objects.filter(state="offered").count() == 1


def test_stop_ends_texts_and_the_call(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL", "1")
    before = len(told())
    text(twilio, "STOP")
    assert Callback.objects.get().state == "cancelled"
    texts = told()[before:]
    assert all("opted out" in one for one in texts)


def test_nothing_is_said_to_who_opted_out(setting: CallbackSetting, twilio: Channel, ben: Player) -> None:
    text(twilio, "CALL", "1")
    callback = Callback.objects.get()
    compliance.opt_out(identity=callback.identity, channel=twilio, by=ben.actor, at=NOW, source="member")
    before = len(told())
    moving.move_due(at=callback.starts_at - timedelta(minutes=5) if callback.starts_at else NOW)
    assert Callback.objects.get().state == "reminded"
    assert len(told()) == before


def test_spanish_is_answered_in_spanish(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "Llámame por favor")
    assert told()[0].startswith("Ridgeway: ¿A qué hora le llamamos? 1: hoy 10:20 AM")
    text(twilio, "a las 11:20")
    assert told()[1] == ("Ridgeway: Le llamamos hoy entre las 11:20 AM y las 11:40 AM. Responda CAMBIAR o NO LLAMAR.")


def test_own_words_and_the_customers_own_clock(setting: CallbackSetting, twilio: Channel) -> None:
    setting.texts = {"en": {"offer": "Pick one. {times} ({numbers})"}}
    setting.save()
    make_text = hands.text(twilio, "hello", sender=hands.CUSTOMER)
    hands.post([(twilio, hands.webhook(twilio, make_text, at=MORNING))])
    Contact.objects.update(time_zone="America/New_York")
    text(twilio, "CALL")
    assert told() == ["Pick one. 1: today 1:20 PM, 2: today 2:20 PM, 3: tomorrow 8 AM (1, 2 or 3)"]


def test_reminder_task_and_outcome(setting: CallbackSetting, twilio: Channel, ben: Player) -> None:
    text(twilio, "CALL", "1")
    callback = Callback.objects.get()
    assert callback.starts_at is not None
    assert callback.ends_at is not None
    here(ben, callback.starts_at)
    assert moving.move_due(at=callback.starts_at - timedelta(minutes=11)) == 0
    assert moving.move_due(at=callback.starts_at - timedelta(minutes=10)) == 1
    assert told()[-1] == (
        "Ridgeway: We will call you today between 10:20 AM and 10:40 AM. Reply CHANGE for another time."
    )
    moving.move_due(at=callback.starts_at)
    callback.refresh_from_db()
    assert (callback.state, callback.member_id) == ("due", ben.id)
    assert Conversation.objects.get().assignee_id == ben.id
    assert [one.pk for one in queries.listed(ben.actor, "due", at=NOW)] == [callback.pk]
    moving.move_due(at=callback.ends_at)
    moving.move_due(at=callback.ends_at + timedelta(hours=1))
    rung = Event.objects.filter(type="callback_due").order_by("id").values_list("data__why", "data__assignee_id")
    assert list(rung) == [("due", ben.id), ("overdue", ben.id)]
    actions.record(callback=callback, outcome="reached", by=ben.actor, at=callback.ends_at, note_="Wants the blue one")
    callback.refresh_from_db()
    assert (callback.state, callback.outcome, callback.note) == ("done", "reached", "Wants the blue one")
    assert lines() == ["offered", "booked", "reminded", "due", "reached"]
    assert queries.counts(ben.actor, at=NOW) == {"due": 0, "mine": 0, "booked": 0, "left": 0}


def test_nobody_there_leaves_it_to_whoever_has_the_conversation(
    setting: CallbackSetting, twilio: Channel, ana: Player
) -> None:
    text(twilio, "CALL", "1")
    Conversation.objects.update(assignee_id=ana.id)
    callback = Callback.objects.get()
    moving.move_due(at=callback.starts_at or NOW)
    callback.refresh_from_db()
    assert callback.member_id == ana.id


def test_no_answer_offers_other_times_until_the_attempts_are_used_up(
    setting: CallbackSetting, twilio: Channel, ben: Player
) -> None:
    text(twilio, "CALL", "1")
    callback = Callback.objects.get()
    later = (callback.starts_at or NOW) + timedelta(minutes=5)
    moving.move_due(at=later)
    actions.record(callback=callback, outcome="no_answer", by=ben.actor, at=later)
    callback.refresh_from_db()
    assert (callback.state, callback.attempt) == ("offered", 2)
    assert told()[-1].startswith("Ridgeway: We called and missed you. Try again? 1: today 10:40 AM")
    text(twilio, "1", at=later)
    callback.refresh_from_db()
    assert callback.state == "booked"
    actions.record(callback=callback, outcome="no_answer", by=ben.actor, at=later + timedelta(hours=1))
    callback.refresh_from_db()
    assert (callback.state, callback.outcome) == ("missed", "no_answer")
    assert told()[-1] == "Ridgeway: We called and missed you again. Text us CALL whenever it suits you."


def test_an_offer_nobody_answers_is_left_to_a_person(setting: CallbackSetting, twilio: Channel) -> None:
    text(twilio, "CALL")
    assert moving.move_due(at=MORNING + timedelta(hours=25)) == 1
    assert Callback.objects.get().state == "left"


def test_an_agent_offers_and_books_by_hand(
    setting: CallbackSetting, twilio: Channel, ben: Player, cleo: Player
) -> None:
    text(twilio, "hello")
    thread = Conversation.objects.get()
    callback = actions.offer(conversation=thread, by=ben.actor, at=MORNING, source="agent", key="once")
    again = actions.offer(conversation=thread, by=ben.actor, at=MORNING, source="agent", key="once")
    assert again.pk == callback.pk
    assert len(told()) == 1
    free = queries.free_in(thread, at=MORNING)
    booked = actions.begin(conversation=thread, starts_at=free[4], by=ben.actor, at=MORNING, source="agent")
    assert (booked.pk, booked.state, booked.starts_at) == (callback.pk, "booked", free[4])
    with pytest.raises(Refused, match="taken or not possible"):
        actions.book(callback=booked, starts_at=free[4] + timedelta(hours=12), by=ben.actor, at=MORNING)
    with pytest.raises(NotFound):
        queries.access_callback(cleo.actor, callback.pk)
    actions.record(callback=booked, outcome="cancelled", by=ben.actor, at=MORNING)
    assert told()[-1].startswith("Ridgeway: All right, we won't call.")


def test_off_and_without_a_phone_nothing_is_offered(
    setting: CallbackSetting, twilio: Channel, ben: Player, workspace: Workspace
) -> None:
    text(twilio, "hello")
    thread = Conversation.objects.select_related("identity").get()
    CallbackSetting.objects.update(is_on=False)
    with pytest.raises(Refused) as off:
        actions.offer(conversation=thread, by=ben.actor, at=MORNING, source="agent")
    assert off.value.code == "callbacks_off"
    CallbackSetting.objects.update(is_on=True)
    type(thread.identity).objects.update(kind="email", value="a@example.com")
    with pytest.raises(Refused) as mail:
        actions.offer(conversation=thread, by=ben.actor, at=MORNING, source="agent")
    assert mail.value.code == "no_phone"


def test_two_who_book_the_last_place_at_once_get_two_times(
    setting: CallbackSetting, workspace: Workspace, channel: Channel
) -> None:
    """Eight conversations, two places: the database gives each place once, whatever happens together."""
    CallbackSetting.objects.update(per_slot=2)
    by = system(workspace.pk)
    threads = [make.make_conversation(channel, at=NOW, messages=1) for _ in range(8)]
    callbacks = [actions.offer(conversation=one, by=by, at=MORNING, source="api") for one in threads]
    wanted = datetime.fromisoformat(callbacks[0].options[0])
    got: list[bool] = []
    start = threading.Barrier(len(callbacks))

    def one(callback: Callback) -> None:
        start.wait()
        try:
            actions.book(callback=callback, starts_at=wanted, by=by, at=MORNING)
            got.append(True)
        except Refused:
            got.append(False)
        finally:
            connection.close()

    workers = [threading.Thread(target=one, args=(callback,)) for callback in callbacks]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(got) == [False] * 6 + [True] * 2
    assert Callback.objects.filter(state="booked", starts_at=wanted).count() == 2


def test_a_full_house_says_so_and_a_person_sees_to_it(setting: CallbackSetting, twilio: Channel) -> None:
    CallbackSetting.objects.update(per_slot=0)
    text(twilio, "CALL")
    assert told() == ["Ridgeway: There is no free time for a call in the next days. A person will text you here."]
    assert Callback.objects.get().state == "left"
