"""Automatic texts beside everything else: real intake, several workers, workers that die, erasing and merging."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from tests.messaging.greeting.hands import GRACE, MINUTE, automatic, past, rounds, switch_on, texts
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.greeting import deciding, loop
from twoway.messaging.greeting.models import FirstWait, Greeting, Promise
from twoway.messaging.merging.actions import merge, unmerge
from twoway.messaging.models import Message
from twoway.messaging.retention.erasing import erase
from twoway.teams.models import Workspace


@pytest.mark.django_db(transaction=True)
def test_real_webhooks_get_one_welcome_and_keywords_none(workspace: Workspace, ana: Player) -> None:
    channel = hands.twilio_channel(workspace)
    switch_on(ana, "welcome")
    hands.receive(channel, "Where is my car?", "Hello?")
    hands.receive(channel, "STOP", sender="+14155550102")
    hands.receive(channel, "HELP", sender="+14155550103")
    hands.receive(channel, "Hi", "STOP", sender="+14155550104")
    rounds(at=NOW)
    rounds(at=NOW + 2 * MINUTE)
    told = Message.objects.filter(purpose="auto_reply")
    assert list(told.values_list("recipient", flat=True)) == [hands.CUSTOMER]
    thread = Conversation.objects.get(identity__value=hands.CUSTOMER)
    assert (thread.needs_reply, thread.unanswered) == (True, 2)
    assert not Greeting.objects.filter(sent_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(channel: Channel, ana: Player) -> None:
    past(channel)
    switch_on(ana, "welcome", "wait")
    threads = [texts(channel) for _ in range(8)]
    loop.round_of(at=NOW)
    start = Barrier(3)

    def work(_: int) -> None:
        try:
            start.wait(timeout=20)
            for second in range(4):
                loop.round_of(at=NOW + GRACE + timedelta(seconds=second))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert [len(automatic(thread)) for thread in threads] == [1] * 8
    assert Promise.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_its_end_leaves_nothing_and_the_next_sends_one(
    channel: Channel, ana: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(channel)
    switch_on(ana, "welcome", "wait")
    thread = texts(channel)
    loop.round_of(at=NOW)
    save = Greeting.save

    def dies(self: Greeting, *args: Any, **kwargs: Any) -> None:
        """The database loses this worker after the text was written, and before it was committed."""
        assert Message.objects.filter(purpose="auto_reply").count() == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(Greeting, "save", dies)
    with pytest.raises(OperationalError):
        deciding.send_due(at=NOW + GRACE)
    connection.close()
    assert not Message.objects.filter(purpose="auto_reply").exists()
    assert not Promise.objects.exists()
    monkeypatch.setattr(Greeting, "save", save)
    for second in range(3):
        loop.round_of(at=NOW + GRACE + timedelta(seconds=second))
    assert len(automatic(thread)) == 1
    assert Promise.objects.count() == 1


def test_nothing_waits_or_names_a_conversation_of_somebody_erased(channel: Channel, ana: Player) -> None:
    past(channel)
    switch_on(ana, "wait", "late")
    thread = texts(channel)
    rounds(at=NOW)
    erase(contact_id=thread.contact_id, by=ana.actor, at=NOW + MINUTE)
    for minute in (13, 30):
        loop.round_of(at=NOW + minute * MINUTE)
    assert not Greeting.objects.filter(conversation=thread).exists()
    assert not FirstWait.objects.filter(conversation=thread).exists()
    promise = Promise.objects.get()
    assert (promise.conversation_id, promise.said_minutes, promise.outcome) == (None, 15, "void")
    assert Message.objects.filter(purpose="auto_reply").count() == 1


def test_merging_people_keeps_their_promises_and_undoing_gives_them_back(channel: Channel, ana: Player) -> None:
    past(channel)
    switch_on(ana, "wait", "late")
    gone, kept = texts(channel), texts(channel)
    rounds(at=NOW)
    before = sorted(Promise.objects.values_list("conversation_id", "episode"))
    done = merge(kept=kept.contact, gone=gone.contact, by=ana.actor, at=NOW + MINUTE)
    assert set(Greeting.objects.values_list("conversation_id", flat=True)) == {kept.pk}
    loop.round_of(at=NOW + 14 * MINUTE)
    assert len([words for words in automatic(kept) if "forgotten" in words]) == 1
    unmerge(merge=done, by=ana.actor, at=NOW + 20 * MINUTE)
    assert sorted(Promise.objects.values_list("conversation_id", "episode")) == before


def test_another_workspace_is_left_alone(channel: Channel, ana: Player, cleo: Player) -> None:
    switch_on(ana, "welcome")
    elsewhere = make.make_channel(cleo.member.workspace, at=NOW)
    thread = texts(elsewhere)
    rounds(at=NOW)
    assert automatic(thread) == []
    assert not FirstWait.objects.filter(workspace=elsewhere.workspace).exists()
