"""A reply that never arrives is none, one that arrives after all is, and so is a call: clocks and queues follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.routing.people import entry, loop, queue
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.actions.waiting import wait_for_us
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.following import Seen
from twoway.events.models import Event
from twoway.events.types import CallEnded, MessageDelivered, MessageFailed, MessageQueued, MessageReceived
from twoway.messaging import unanswered
from twoway.messaging.calls.models import Call
from twoway.messaging.models import Message, StatusEvent
from twoway.routing.loop import Rounds
from twoway.sla import actions, firing, reading
from twoway.sla.actions import Wish
from twoway.sla.models import Clock

pytestmark = pytest.mark.django_db(transaction=True)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def rounds(ana: Player) -> Rounds:
    """The two gears and a queue; what was before is no news."""
    row = actions.ensure_default(ana.member.workspace_id, at=NOW)
    actions.change_policy(policy=row, wish=Wish(name="All", in_hours=False), by=ana.actor, at=NOW)
    queue(ana)
    reading.read(at=NOW)
    unanswered.round_of(at=NOW)
    return loop()


@pytest.fixture
def go_on(rounds: Rounds) -> Callable[[float], None]:
    def work(minutes: float) -> None:
        unanswered.round_of(at=at(minutes))
        reading.read(at=at(minutes))
        rounds.round_of(at=at(minutes))

    return work


def text(talk: Conversation, minutes: float) -> None:
    talk.refresh_from_db()
    stored = make.make_message(talk, at=at(minutes))
    publish(
        MessageReceived(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=stored.pk), at=at(minutes)
    )


def reply(talk: Conversation, minutes: float, **fields: str) -> Message:
    talk.refresh_from_db()
    stored = make.make_message(talk, at=at(minutes), direction="out", **{"status": "sent", **fields})
    event = MessageQueued(
        workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=stored.pk,
        channel_id=talk.channel_id, author=stored.author,
    )  # fmt: skip
    publish(event, at=at(minutes))
    return stored


def fail(message: Message, minutes: float, *, status: str = "failed", reason: str = "unknown") -> None:
    Message.objects.filter(pk=message.pk).update(status=status, error=reason)
    StatusEvent.objects.create(
        channel_id=message.channel_id, message_id=message.pk, status="failed", received_at=at(minutes)
    )
    event = MessageFailed(
        workspace_id=message.workspace_id, conversation_id=message.conversation_id, message_id=message.pk, reason=reason
    )
    publish(event, at=at(minutes))


def arrive(message: Message, minutes: float) -> None:
    Message.objects.filter(pk=message.pk).update(status="delivered", error="")
    event = MessageDelivered(
        workspace_id=message.workspace_id, conversation_id=message.conversation_id, message_id=message.pk
    )
    publish(event, at=at(minutes))


def live(talk: Conversation) -> dict[str, datetime]:
    return {row.kind: row.started_at for row in Clock.objects.filter(conversation=talk, ended_at=None)}


def waits(talk: Conversation) -> tuple[bool, datetime]:
    talk.refresh_from_db()
    return talk.needs_reply, talk.sort_at


def begun(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, name="Dana Whitfield")


@pytest.mark.parametrize(("status", "reason"), [("failed", "unknown"), ("undelivered", "unreachable"),
                                                ("canceled", "quiet_hours")])  # fmt: skip
def test_a_lost_reply_is_none(channel: Channel, go_on: Callable[[float], None], status: str, reason: str) -> None:
    talk = begun(channel)
    text(talk, 0)
    text(talk, 5)
    go_on(6)
    sent = reply(talk, 20)
    go_on(21)
    assert live(talk).keys() == {"wrap_up"}
    assert entry(talk) is None
    fail(sent, 30, status=status, reason=reason)
    go_on(31)
    assert waits(talk) == (True, at(0))
    assert talk.unanswered == 2
    assert live(talk) == {"first": at(0)}
    found = entry(talk)
    assert found is not None
    assert (found.state, found.entered_at) == ("waiting", at(0))
    assert firing.fire(at=at(61)) == 1
    reply(talk, 70)
    go_on(71)
    assert live(talk).keys() == {"wrap_up"}
    assert Clock.objects.get(conversation=talk, kind="first").outcome == "met"


def test_a_reply_before_the_lost_one_or_after_it_still_counts(channel: Channel, go_on: Callable[[float], None]) -> None:
    talk = begun(channel)
    text(talk, 0)
    lost = reply(talk, 20)
    go_on(21)
    reply(talk, 22)
    again = reply(talk, 23)
    go_on(24)
    fail(lost, 30)
    fail(again, 30)
    go_on(31)
    assert waits(talk)[0] is False
    clock = Clock.objects.get(conversation=talk, kind="first")
    assert (clock.ended_at, clock.outcome) == (at(22), "met")


def test_what_arrives_after_all_counts_from_when_it_was_written(
    channel: Channel, go_on: Callable[[float], None]
) -> None:
    talk = begun(channel)
    text(talk, 0)
    sent = reply(talk, 20)
    fail(sent, 21)
    go_on(22)
    text(talk, 25)
    arrive(sent, 30)
    go_on(31)
    assert waits(talk) == (True, at(25))
    assert live(talk) == {"next": at(25)}
    first = Clock.objects.get(conversation=talk, kind="first")
    assert (first.ended_at, first.outcome) == (at(20), "met")
    found = entry(talk)
    assert found is not None
    assert found.entered_at == at(25)
    arrive(sent, 40)
    go_on(41)
    assert waits(talk) == (True, at(25))


def test_they_wrote_again_before_it_was_lost(channel: Channel, go_on: Callable[[float], None]) -> None:
    talk = begun(channel)
    text(talk, 0)
    sent = reply(talk, 20)
    text(talk, 25)
    go_on(26)
    assert live(talk) == {"next": at(25)}
    fail(sent, 30)
    go_on(31)
    assert waits(talk) == (True, at(0))
    assert live(talk) == {"first": at(0)}


def test_closed_or_put_away_with_the_lost_reply_it_comes_back_and_closed_later_it_does_not(
    channel: Channel, ana: Player, go_on: Callable[[float], None]
) -> None:
    quick, later, away = (begun(channel) for _ in range(3))
    sent = {}
    for talk in (quick, later, away):
        text(talk, 0)
        sent[talk.pk] = reply(talk, 20)
    conversations.done(conversation=quick, by=ana.actor, at=at(20))
    conversations.snooze(conversation=away, until=at(600), by=ana.actor, at=at(20))
    conversations.done(conversation=later, by=ana.actor, at=at(40))
    go_on(41)
    for message in sent.values():
        fail(message, 50)
    go_on(51)
    assert (waits(quick), waits(away)) == ((True, at(0)), (True, at(0)))
    assert (quick.state, away.state) == ("open", "open")
    assert live(quick) == live(away) == {"first": at(0)}
    assert waits(later)[0] is False
    assert (later.state, live(later)) == ("done", {})


@pytest.mark.parametrize("author", ["system", "api"])
def test_who_asked_for_no_texts_and_what_nobody_wrote(
    channel: Channel, go_on: Callable[[float], None], author: str
) -> None:
    talk = begun(channel)
    text(talk, 0)
    fail(reply(talk, 20), 21, status="canceled", reason="opted_out")
    fail(reply(talk, 22, author=author, purpose="promotion"), 23)
    go_on(24)
    assert waits(talk)[0] is False
    assert not Event.objects.filter(type="reply_lost").exists()


def test_without_queues_and_reply_times_nothing_changes(channel: Channel) -> None:
    unanswered.round_of(at=NOW)
    talk = begun(channel)
    text(talk, 0)
    fail(reply(talk, 20), 21)
    unanswered.round_of(at=at(22))
    assert waits(talk) == (False, at(20))


def call(talk: Conversation, began: float, *, state: str, direction: str = "out") -> None:
    is_answered = state == "completed"
    row = Call.objects.create(
        workspace_id=talk.workspace_id, channel_id=talk.channel_id, conversation=talk, direction=direction,
        phone="+15558675309", state=state, started_at=at(began), answered_at=at(began) if is_answered else None,
        ended_at=at(began + 5),
    )  # fmt: skip
    event = CallEnded(
        workspace_id=talk.workspace_id, conversation_id=talk.pk, call_id=row.pk, direction=direction, state=state
    )
    publish(event, at=at(began + 5))


@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_call_in_which_we_talked_is_an_answer(
    channel: Channel, go_on: Callable[[float], None], direction: str
) -> None:
    talk = begun(channel)
    text(talk, 0)
    go_on(1)
    call(talk, 10, state="missed")
    go_on(16)
    assert (waits(talk), live(talk)) == ((True, at(0)), {"first": at(0)})
    call(talk, 20, state="completed", direction=direction)
    go_on(26)
    assert waits(talk)[0] is False
    assert live(talk).keys() == {"wrap_up"}
    assert entry(talk) is None
    first = Clock.objects.get(conversation=talk, kind="first")
    assert (first.ended_at, first.outcome) == (at(20), "met")
    text(talk, 40)
    go_on(41)
    assert live(talk) == {"next": at(40)}


def test_a_call_in_vain_waits_in_a_queue_and_has_a_clock(channel: Channel, go_on: Callable[[float], None]) -> None:
    talk = begun(channel)
    wait_for_us(conversation_id=talk.pk, preview="Missed call", at=at(5))
    call(talk, 0, state="missed", direction="in")
    go_on(6)
    assert live(talk) == {"first": at(5)}
    found = entry(talk)
    assert found is not None
    assert found.entered_at == at(5)


def test_one_workspace_that_fails_does_not_stop_the_others(
    channel: Channel, ana: Player, go_on: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make.make_workspace(name="Second", at=NOW)
    owner = Player(member=make.make_member(other, "Olive", at=NOW, role="owner"))
    queue(owner)
    talks = [begun(channel), begun(make.make_channel(other, at=NOW))]
    for talk in talks:
        text(talk, 0)
        fail(reply(talk, 20), 21)
    settle = unanswered._settle

    def breaks(rows: Sequence[Seen], **named: datetime) -> None:
        if any(row.conversation_id == talks[0].pk for row in rows):
            raise ValueError("a row nobody foresaw")
        settle(rows, **named)

    monkeypatch.setattr(unanswered, "_settle", breaks)
    go_on(22)
    assert sorted(waits(talk)[0] for talk in talks) == [False, True]
