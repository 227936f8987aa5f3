"""A provider that is down, a number that is paused: texts leave from the next number, and none of them twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from tests.messaging.test_delivery import conversations, deliver, queue
from twoway.channels.health import actions as health
from twoway.channels.models import Channel, ChannelState, Pool
from twoway.channels.pools import actions as pools
from twoway.channels.pools.rules import Breaker
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.messaging import database, pooling, reconcile
from twoway.messaging.delivery import Delivery
from twoway.messaging.directory import Directory
from twoway.messaging.failover import Lines
from twoway.messaging.models import Message
from twoway.providers.http import Transport
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND = "+14155550199", "+13035550123"


@pytest.fixture
def providers() -> Iterator[tuple[Fake, Fake]]:
    """Two providers on this machine."""
    with ExitStack() as stack:
        yield stack.enter_context(running_twilio()), stack.enter_context(running_twilio())


@pytest.fixture
def pool(workspace: Workspace, ana: Player, providers: tuple[Fake, Fake]) -> Pool:
    """One number at each provider, in one pool."""
    made = pools.create_pool(by=ana.actor, name="Support", at=hands.NOW)
    for address, fake in zip((FIRST, SECOND), providers, strict=True):
        channel = hands.twilio_channel(workspace, address, settings={"api_base": fake.url}, rate=1000.0)
        pooling.add_number(by=ana.actor, pool=made, channel=channel, at=hands.NOW)
    return made


def numbers() -> tuple[Channel, Channel]:
    return Channel.objects.get(address=FIRST), Channel.objects.get(address=SECOND)


def taken(*providers: Fake) -> Counter[str]:
    """How often each text of ours was accepted anywhere, by our reference."""
    return Counter(text["ref"] for fake in providers for text in fake.accepted())


def senders(fake: Fake) -> set[str]:
    return {text["from"] for text in fake.accepted()}


def changes(conversation: Conversation) -> list[tuple[str, str, str]]:
    rows = Event.objects.filter(conversation_id=conversation.pk, type="sender_changed").order_by("id")
    return [(row.data["instead_of"], row.data["sender"], row.data["why"]) for row in rows]


def test_what_waits_for_a_paused_number_leaves_from_the_next_one(
    pool: Pool, ana: Player, ben: Player, providers: tuple[Fake, Fake]
) -> None:
    first, _ = numbers()
    (conversation,) = conversations(first, 1)
    waiting = queue(ben, conversation, "still here?")
    health.pause_channel(by=ana.actor, channel=first, words="Too many complaints", at=datetime.now(UTC))
    deliver()
    waiting.refresh_from_db()
    assert (waiting.sender, waiting.provider_id != "") == (SECOND, True)
    assert taken(*providers) == {str(waiting.id): 1}
    assert changes(conversation) == [(FIRST, SECOND, "paused")]


def test_new_texts_take_the_next_number_and_say_so_once(
    pool: Pool, ana: Player, ben: Player, providers: tuple[Fake, Fake]
) -> None:
    first, _ = numbers()
    (conversation,) = conversations(first, 1)
    health.pause_channel(by=ana.actor, channel=first, at=datetime.now(UTC))
    for body in ("one", "two"):
        assert queue(ben, conversation, body).sender == SECOND
    deliver()
    assert changes(conversation) == [(FIRST, SECOND, "paused")]
    assert [text["body"] for text in providers[1].accepted()] == ["one", "two"]
    health.resume_channel(by=ana.actor, channel=first, at=datetime.now(UTC))
    assert queue(ben, conversation, "three").sender == FIRST


def test_an_answer_to_the_other_number_stays_in_the_conversation(pool: Pool, ana: Player, ben: Player) -> None:
    first, second = numbers()
    (conversation,) = conversations(first, 1)
    hands.receive(second, "who is this?", sender="+14155551000")
    assert Conversation.objects.count() == 1
    assert list(conversation.messages.order_by("id").values_list("body", "recipient")) == [
        ("hi", FIRST),
        ("who is this?", SECOND),
    ]


def test_texts_of_a_provider_that_is_down_leave_from_the_other(
    pool: Pool, ben: Player, workspace: Workspace, ana: Player
) -> None:
    with running_twilio() as third:
        away = hands.twilio_channel(workspace, "+16175550123", settings={"api_base": "http://127.0.0.1:9"}, rate=1000.0)
        fine = hands.twilio_channel(workspace, "+17035550123", settings={"api_base": third.url}, rate=1000.0)
        other = pools.create_pool(by=ana.actor, name="Other", at=hands.NOW)
        for number in (away, fine):
            pooling.add_number(by=ana.actor, pool=other, channel=number, at=hands.NOW)
        queued = [queue(ben, one, "hello") for one in conversations(away, 12)]
        deliver(seconds=60)
        assert taken(third) == {str(one.id): 1 for one in queued}
    state = ChannelState.objects.get(channel=away)
    assert state.down_since is not None
    assert {row.data["why"] for row in Event.objects.filter(type="sender_changed")} == {"down"}
    assert Message.objects.filter(direction="out", was_uncertain=True).count() == 0


def test_nothing_that_may_have_left_ever_leaves_from_another_number(
    pool: Pool, ben: Player, ana: Player, providers: tuple[Fake, Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first provider takes texts and hangs up: those are settled by its own list, the rest go by the other."""
    monkeypatch.setattr(reconcile, "SURE_AFTER", timedelta(seconds=3))
    one, two = providers
    first, _ = numbers()
    queued = [queue(ben, conversation, "hello") for conversation in conversations(first, 40)]
    Channel.objects.filter(id=first.pk).update(rate=20.0)
    one.change(drop=1.0)
    deliver(seconds=120)
    assert taken(one, two) == {str(text.id): 1 for text in queued}
    uncertain = Message.objects.filter(direction="out", was_uncertain=True)
    assert set(uncertain.values_list("channel__address", flat=True)) == {FIRST}
    assert len(two.accepted()) > 0


def test_a_number_paused_in_the_middle_doubles_nothing(
    pool: Pool, ana: Player, ben: Player, providers: tuple[Fake, Fake]
) -> None:
    first, _ = numbers()
    Channel.objects.filter(id=first.pk).update(rate=15.0)
    queued = [queue(ben, conversation, "hello") for conversation in conversations(first, 45)]

    async def pause_after_some(connection: psycopg.AsyncConnection[Any]) -> None:
        while len(await asyncio.to_thread(providers[0].accepted)) < 10:  # noqa: ASYNC110 - somebody else's memory
            await asyncio.sleep(0.05)
        await connection.execute(
            "INSERT INTO channel_state (channel_id, paused_at, pause_code) VALUES (%s, now(), 'by_hand')"
            " ON CONFLICT (channel_id) DO UPDATE SET paused_at = now()",
            (first.pk,),
        )
        await connection.execute("SELECT pg_notify('twoway_channels', '')")

    run_beside(pause_after_some)
    assert taken(*providers) == {str(one.id): 1 for one in queued}
    assert senders(providers[1]) == {SECOND}
    assert 10 <= len(providers[0].accepted()) < 45


def run_beside(act: Callable[[psycopg.AsyncConnection[Any]], Any], *, seconds: float = 60) -> None:
    """One worker's delivery until nothing waits, while `act` does something."""

    async def whole() -> None:
        stop = asyncio.Event()
        async with (
            Transport() as transport,
            await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection,
            asyncio.timeout(seconds),
        ):
            delivery = Delivery(dsn=database.dsn(), directory=Directory(settings.SEALING_KEY), transport=transport)
            running = asyncio.create_task(delivery.run(stop))
            try:
                await act(connection)
                while await _is_waiting(connection):  # noqa: ASYNC110 - the rows are written by somebody else
                    await asyncio.sleep(0.05)
            finally:
                stop.set()
                await running

    asyncio.run(whole())


async def _is_waiting(connection: psycopg.AsyncConnection[Any]) -> bool:
    found = await connection.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE status = 'queued' OR (status = 'sending' AND provider_id = ''))"
    )
    (is_waiting,) = await found.fetchone() or (False,)
    return bool(is_waiting)


def test_without_a_pool_texts_wait_for_their_provider_and_leave_when_it_is_back(
    workspace: Workspace, ben: Player
) -> None:
    with running_twilio() as fake:
        address = fake.url
    channel = hands.twilio_channel(workspace, "+16175550123", settings={"api_base": address}, rate=1000.0)
    queued = [queue(ben, one, "hello") for one in conversations(channel, 8)]
    with pytest.raises(TimeoutError):
        deliver(seconds=3)
    assert ChannelState.objects.get(channel=channel).down_since is not None
    with running_twilio(port=int(address.rpartition(":")[2])) as fake:
        deliver(seconds=60)
        assert taken(fake) == {str(one.id): 1 for one in queued}
    assert ChannelState.objects.get(channel=channel).down_since is None


def test_a_text_for_a_paused_number_expires_visibly(workspace: Workspace, ana: Player, ben: Player) -> None:
    with running_twilio() as fake:
        channel = hands.twilio_channel(workspace, settings={"api_base": fake.url}, rate=100.0)
        (conversation,) = conversations(channel, 1)
        message = queue(ben, conversation, "soon stale")
        health.pause_channel(by=ana.actor, channel=channel, at=datetime.now(UTC))
        Message.objects.filter(id=message.id).update(expires_at=datetime.now(UTC) + timedelta(seconds=1))
        deliver()
        assert fake.accepted() == []
    message.refresh_from_db()
    assert (message.status, message.error) == ("failed", "expired")


def test_workers_learn_from_each_other(workspace: Workspace) -> None:
    channel = hands.twilio_channel(workspace)
    noticed, other = Lines(), Lines()

    async def whole() -> tuple[str, str, str]:
        directory = Directory(settings.SEALING_KEY)
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            await directory.refresh(connection)
            route = directory.by_id(channel.pk)
            assert route is not None
            at = datetime.now(UTC)
            for _ in range(5):
                noticed.heard(route, is_reached=False, at=at)
            await noticed.tell(connection, directory)
            await directory.refresh(connection)
            other.adopt(directory.routes.values())
            told = other.stand(directory.routes[channel.pk], at=at)
            noticed.heard(route, is_reached=True, at=at)
            await noticed.tell(connection, directory)
            await directory.refresh(connection)
            other.adopt(directory.routes.values())
            return told, other.stand(directory.routes[channel.pk], at=at), Breaker().state

    assert asyncio.run(whole()) == ("down", "up", "closed")
