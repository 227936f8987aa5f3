"""The double-reply firewall: what is newer than a writer has seen stops their text, also when two press at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance.models import Decision
from twoway.conversations.models import Conversation
from twoway.messaging import outbound, overtaking
from twoway.messaging.models import Message
from twoway.messaging.outbound import Queued
from twoway.messaging.overtaking import Overtaken
from twoway.sms import phone
from twoway.teams.actor import Actor, system
from twoway.teams.models import Workspace

LATER = NOW + timedelta(minutes=1)
ROUNDS = 24


@pytest.fixture
def thread(channel: Channel) -> Conversation:
    """Somebody waits for an answer to one text."""
    return make.make_conversation(channel, at=NOW, messages=1)


def send(conversation: Conversation, by: Player | Actor, body: str = "On its way.", **more: Any) -> Queued:
    actor = by if isinstance(by, Actor) else by.actor
    return outbound.queue_text(by=actor, conversation=conversation, body=body, at=LATER, **more)


def newest(conversation: Conversation) -> int:
    return int(Message.objects.filter(conversation=conversation).order_by("-id").values_list("id", flat=True)[0])


def theirs(conversation: Conversation, body: str = "Never mind!") -> Message:
    return make.make_message(conversation, at=LATER, body=body)


def test_what_was_seen_is_answered(thread: Conversation, ben: Player) -> None:
    assert send(thread, ben, seen_id=newest(thread)).is_new


def test_a_colleague_was_first(thread: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(thread)
    first = send(thread, ana, "In bay B16.", seen_id=seen).message
    decisions = Decision.objects.count()
    with pytest.raises(Overtaken) as caught:
        send(thread, ben, "It's in the yard.", seen_id=seen)
    assert caught.value.code == "overtaken"
    assert caught.value.sentence == "Ana replied while you were typing. Read it before you send."
    assert [one.pk for one in caught.value.news] == [first.pk]
    assert Message.objects.filter(conversation=thread, direction="out").count() == 1
    assert Decision.objects.count() == decisions
    assert send(thread, ben, "It's in the yard.", seen_id=caught.value.seen_id).is_new


def test_the_customer_wrote_once_more(thread: Conversation, ben: Player) -> None:
    seen = newest(thread)
    late = theirs(thread)
    with pytest.raises(Overtaken) as caught:
        send(thread, ben, seen_id=seen)
    assert caught.value.sentence == "The customer wrote while you were typing. Read it before you send."
    assert caught.value.seen_id == late.pk


def test_a_program_and_twoway_itself_are_news_too(thread: Conversation, ben: Player) -> None:
    program = Actor(kind="token", workspace_id=thread.workspace_id, role="admin", name="Shop")
    for by in (program, system(thread.workspace_id)):
        seen = newest(thread)
        send(thread, by, f"From {by.name}.")
        with pytest.raises(Overtaken, match="An automatic text went out while you were typing"):
            send(thread, ben, seen_id=seen)


def test_a_program_hears_which_text_it_has_not_seen(thread: Conversation, ana: Player) -> None:
    program = Actor(kind="token", workspace_id=thread.workspace_id, role="admin", name="Shop")
    seen = newest(thread)
    late = send(thread, ana).message
    with pytest.raises(Overtaken, match=f"Text {late.pk} is newer than what you have seen"):
        send(thread, program, seen_id=seen)


def test_ones_own_texts_and_what_was_taken_back_are_no_news(thread: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(thread)
    send(thread, ben, "One.", seen_id=seen)
    undone = send(thread, ana, "Two.").message
    Message.objects.filter(pk=undone.pk).update(status="canceled")
    assert send(thread, ben, "Three.", seen_id=seen).is_new


def test_without_a_mark_nobody_asks(thread: Conversation, ana: Player, ben: Player) -> None:
    send(thread, ana)
    assert send(thread, ben).is_new


def test_a_key_that_went_through_answers_with_its_text(thread: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(thread)
    first = send(thread, ben, seen_id=seen, idempotency_key="k1")
    send(thread, ana, "Also this.")
    again = send(thread, ben, seen_id=seen, idempotency_key="k1")
    assert (again.is_new, again.message.pk) == (False, first.message.pk)


def test_a_first_text_to_somebody_a_colleague_has_just_texted(channel: Channel, ana: Player, ben: Player) -> None:
    identity = phone.identify("+14155550177", region="US")

    def first(by: Player, **more: Any) -> Queued:
        return outbound.queue_first_text(
            by=by.actor, channel=channel, identity=identity, body="Your car is ready.", at=LATER, **more
        )

    assert first(ana, seen_id=0).is_new
    with pytest.raises(Overtaken, match="Ana replied"):
        first(ben, seen_id=0)
    assert Message.objects.count() == 1


def test_the_headline_names_a_colleague_before_the_customer(thread: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(thread)
    send(thread, ana)
    theirs(thread)
    found = overtaking.news(thread.pk, seen_id=seen, by=ben.actor)
    assert [one.direction for one in found] == ["out", "in"]
    assert overtaking.headline(found) == "Ana replied while you were typing."
    assert overtaking.headline(found[1:], person="Dana") == "Dana wrote while you were typing."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ["ana", "ben"])
def test_two_who_press_send_at_once_send_one_text(order: str, channel: Channel, ana: Player, ben: Player) -> None:
    """Real transactions on two connections, let go at the same moment, many times over, either starting first."""
    players = [ana, ben] if order == "ana" else [ben, ana]
    for _ in range(ROUNDS):
        thread = make.make_conversation(channel, at=NOW, messages=1)
        seen = newest(thread)
        went: list[str] = []
        stopped: list[str] = []
        together = threading.Barrier(2)

        def press(who: Player, thread: Conversation = thread, seen: int = seen, gate: Any = together) -> None:
            try:
                gate.wait()
                send(thread, who, f"By {who.actor.name}.", seen_id=seen)
                went.append(who.actor.name)  # noqa: B023 - the round is over before the next begins
            except Overtaken as overtaken:
                stopped.append(overtaken.sentence)  # noqa: B023
            finally:
                connection.close()

        threads = [threading.Thread(target=press, args=(who,)) for who in players]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert (len(went), len(stopped)) == (1, 1)
        assert stopped == [f"{went[0].split()[0]} replied while you were typing. Read it before you send."]
        assert Message.objects.filter(conversation=thread, direction="out").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_customer_who_writes_while_send_is_pressed_is_never_missed(workspace: Workspace, ben: Player) -> None:
    """Whichever commits first: the text went before theirs came, or it was stopped because theirs was there."""
    channel = hands.twilio_channel(workspace)
    for number in range(ROUNDS):
        customer = f"+1415555{2000 + number}"
        hands.receive(channel, "Where is it?", sender=customer)
        thread = Conversation.objects.get(identity__value=customer)
        seen = newest(thread)
        together = threading.Barrier(2)
        stopped: list[str] = []

        def press(thread: Conversation = thread, seen: int = seen, gate: Any = together) -> None:
            gate.wait()
            try:
                send(thread, ben, seen_id=seen)
            except Overtaken as overtaken:
                stopped.append(overtaken.sentence)  # noqa: B023 - the round is over before the next begins
            finally:
                connection.close()

        pressing = threading.Thread(target=press)
        pressing.start()
        together.wait()
        hands.receive(channel, "Hello?", sender=customer)
        pressing.join()
        after = Message.objects.filter(conversation=thread, id__gt=seen).order_by("id")
        assert [row.direction for row in after] == (["in"] if stopped else ["out", "in"])
