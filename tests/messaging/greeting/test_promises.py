"""What was said about time: kept on record, true as far as it is known, and taken back once before it breaks."""

from __future__ import annotations

from datetime import timedelta

from tests import make
from tests.cast import NOW, Player
from tests.messaging.greeting.hands import GRACE, MINUTE, answers, automatic, open_hours, past, rounds, switch_on, texts
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.messaging.greeting import history, loop, queries, settling
from twoway.messaging.greeting.models import Correction, FirstWait, Greeting, GreetingSettings, Promise
from twoway.messaging.models import Message

SAID = NOW + GRACE
"""When the wait was said: one grace after the text."""


def promised(channel: Channel, by: Player, *kinds: str, minutes: float = 12.0) -> tuple[Conversation, Promise]:
    past(channel, minutes=minutes)
    switch_on(by, *(kinds or ("wait", "late")))
    thread = texts(channel)
    rounds(at=NOW)
    return thread, Promise.objects.get()


def test_a_promise_keeps_what_was_said_and_why(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    assert automatic(thread) == ["Thanks, we got your text. Most people hear back within 15 minutes."]
    assert (promise.said_minutes, promise.percentile, promise.made_at) == (15, 80, SAID)
    assert (promise.due_at, promise.warn_at) == (SAID + 15 * MINUTE, SAID + 12 * MINUTE)
    assert (promise.basis["cases"], promise.basis["seconds"], promise.basis["span"]) == (40, 720.0, "hour")
    assert promise.message_id == Greeting.objects.get().sent_id == Message.objects.get(purpose="auto_reply").pk


def test_a_welcome_says_it_too_when_both_are_on(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana, "welcome", "wait")
    assert len(automatic(thread)) == 1
    assert automatic(thread)[0].endswith("answer you here. Most people hear back within 15 minutes.")
    assert promise.said_minutes == 15


def test_nothing_is_said_about_times_without_enough_to_go_by(channel: Channel, ana: Player) -> None:
    past(channel, cases=29)
    switch_on(ana, "wait")
    thread = texts(channel)
    rounds(at=NOW)
    assert automatic(thread) == []
    assert not Promise.objects.exists()


def test_more_than_an_hour_is_no_promise_that_can_break(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana, minutes=75)
    assert automatic(thread)[0].endswith("Answers take more than an hour right now.")
    assert (promise.said_minutes, promise.due_at, promise.warn_at) == (None, None, None)


def test_nothing_is_promised_into_closed_hours(channel: Channel, ana: Player) -> None:
    open_hours(ana, 9 * 60, 10 * 60 + 10)
    past(channel)
    switch_on(ana, "welcome", "wait")
    thread = texts(channel)
    rounds(at=NOW)
    assert len(automatic(thread)) == 1
    assert "minutes" not in automatic(thread)[0]


def test_an_answer_in_time_keeps_it(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    answers(ben, thread, at=NOW + 9 * MINUTE)
    loop.round_of(at=NOW + 9 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answered_at) == ("kept", NOW + 9 * MINUTE)
    assert promise.waited_seconds == 9 * 60 - 20
    wait = FirstWait.objects.get(conversation=thread)
    assert (wait.seconds, wait.waiting) == (9 * 60, 0)
    assert Correction.objects.get().shift < 0


def test_what_is_written_counts_only_once_it_has_left(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    message = answers(ben, thread, at=NOW + 9 * MINUTE, leaves=False)
    loop.round_of(at=NOW + 9 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answer_id) == ("", message.pk)
    Message.objects.filter(pk=message.pk).update(status="canceled", error="undone")
    loop.round_of(at=NOW + 10 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answer_id) == ("", None)


def test_our_own_texts_are_no_answer(channel: Channel, ana: Player) -> None:
    thread, promise = promised(channel, ana)
    loop.round_of(at=NOW + 13 * MINUTE)
    promise.refresh_from_db()
    assert len(automatic(thread)) == 2
    assert promise.answer_id is None
    assert FirstWait.objects.get(conversation=thread).answer_id is None


def test_who_still_waits_is_told_once_before_it_breaks(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    for minute in (11, 12.5, 13, 14, 18, 30):
        loop.round_of(at=SAID + minute * MINUTE)
    promise.refresh_from_db()
    assert [words for words in automatic(thread) if "forgotten" in words] == automatic(thread)[1:]
    assert len(automatic(thread)) == 2
    assert (promise.outcome, promise.warned_at) == ("broken", SAID + 12.5 * MINUTE)
    assert promise.due_at is not None
    assert promise.warned_at is not None
    assert promise.warned_at < promise.due_at
    assert Correction.objects.get().shift > 0
    answers(ben, Conversation.objects.get(pk=thread.pk), at=NOW + 40 * MINUTE)
    loop.round_of(at=NOW + 40 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.answered_at) == ("broken", NOW + 40 * MINUTE)
    assert Correction.objects.get().promises == 1


def test_nobody_is_told_after_hours_after_opting_out_or_once_answered(
    channel: Channel, ana: Player, ben: Player
) -> None:
    thread, promise = promised(channel, ana)
    answers(ben, thread, at=NOW + 5 * MINUTE, leaves=False)
    loop.round_of(at=SAID + 13 * MINUTE)
    assert len(automatic(thread)) == 1
    promise.refresh_from_db()
    assert (promise.warned_at, promise.warn_at) == (None, None)


def test_a_conversation_that_ends_keeps_and_breaks_nothing(channel: Channel, ana: Player, ben: Player) -> None:
    thread, promise = promised(channel, ana)
    conversations.done(conversation=Conversation.objects.get(pk=thread.pk), by=ben.actor, at=NOW + 5 * MINUTE)
    loop.round_of(at=NOW + 5 * MINUTE)
    promise.refresh_from_db()
    assert promise.outcome == "void"
    assert not FirstWait.objects.filter(conversation=thread).exists()
    assert not Correction.objects.exists()


def test_the_weeks_before_are_counted_when_it_is_switched_on(channel: Channel, ana: Player) -> None:
    open_hours(ana, 9 * 60)
    for week in range(1, 5):
        for n in range(10):
            began = NOW - timedelta(weeks=week) + timedelta(hours=1) + n * MINUTE  # clocks changed on March 8
            thread = make.make_conversation(channel, at=began)
            make.make_message(thread, at=began)
            make.make_message(thread, at=began + 11 * MINUTE, direction="out", sent_at=began + 11 * MINUTE)
    night = make.make_conversation(channel, at=NOW - timedelta(days=7, hours=6), messages=2)
    switch_on(ana, "wait")
    assert GreetingSettings.objects.get().history_at == NOW
    assert set(FirstWait.objects.values_list("seconds", flat=True)) == {660.0}
    assert FirstWait.objects.count() == 40
    assert not FirstWait.objects.filter(conversation=night).exists()
    assert history.learn_all(at=NOW) == 0
    thread = texts(channel)
    rounds(at=NOW)
    assert automatic(thread)[0].endswith("within 15 minutes.")


def test_old_waits_and_promises_go(channel: Channel, ana: Player) -> None:
    promised(channel, ana)
    assert settling.prune(at=NOW) == 0
    assert settling.prune(at=NOW + timedelta(days=500)) == 42
    assert not Promise.objects.exists()


def test_the_report_tells_how_often_promises_were_kept(channel: Channel, ana: Player, ben: Player) -> None:
    promised(channel, ana)
    for n in range(9):
        outcome = "kept" if n < 7 else "broken"
        Promise.objects.create(
            workspace_id=channel.workspace_id, channel=channel, episode=n, percentile=80, said_minutes=20,
            estimate_seconds=900, made_at=NOW - timedelta(days=n), due_at=NOW, outcome=outcome, waited_seconds=600,
        )  # fmt: skip
    found = queries.report(ana.actor, by="number", since=NOW - timedelta(weeks=8), until=NOW + timedelta(days=1))
    assert [(row.label, row.kept.kept, row.kept.broken) for row in found.rows] == [(str(channel), 7, 2)]
    assert (found.rows[0].said_minutes, found.rows[0].waited_minutes) == (20.0, 10.0)
    assert (found.running, found.percentile) == (1, 80)
    share = queries.kept_since(channel.workspace_id, since=NOW - timedelta(weeks=8), until=NOW + timedelta(days=1))
    assert (share.kept, share.broken) == (7, 2)
