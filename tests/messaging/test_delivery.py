"""Queued texts reach the provider once, in order, within the rate; every failure ends somewhere visible."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.messaging import database, outbound, reconcile
from twoway.messaging.delivery import Delivery
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message, SenderRate
from twoway.providers.http import Transport
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twilio() -> Iterator[Fake]:
    """Twilio's API on this machine, without faults."""
    with running_twilio() as fake:
        yield fake


def number(workspace: Workspace, fake: Fake, **fields: Any) -> Channel:
    return hands.twilio_channel(workspace, settings={"api_base": fake.url}, **{"rate": 100.0, **fields})


def conversations(channel: Channel, count: int) -> list[Conversation]:
    for n in range(count):
        hands.receive(channel, "hi", sender=f"+1415555{1000 + n}")
    return list(Conversation.objects.filter(channel=channel).order_by("id"))


def queue(by: Player, conversation: Conversation, body: str, **more: object) -> Message:
    return outbound.queue_text(by=by.actor, conversation=conversation, body=body, at=datetime.now(UTC), **more).message  # type: ignore[arg-type]


def deliver(*, seconds: float = 20) -> None:
    """Run one worker's delivery until nothing is queued or in flight."""

    async def waiting(connection: psycopg.AsyncConnection[Any]) -> bool:
        found = await connection.execute(
            "SELECT EXISTS (SELECT 1 FROM message WHERE status IN ('queued', 'scheduled')"
            " OR (status = 'sending' AND provider_id = ''))"
        )
        (is_waiting,) = await found.fetchone() or (False,)
        return bool(is_waiting)

    async def whole() -> None:
        stop = asyncio.Event()
        async with Transport() as transport:
            delivery = Delivery(dsn=database.dsn(), directory=Directory(settings.SEALING_KEY), transport=transport)
            running = asyncio.create_task(delivery.run(stop))
            try:
                async with (
                    asyncio.timeout(seconds),
                    await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection,
                ):
                    while await waiting(connection):  # noqa: ASYNC110 - the rows are written by somebody else
                        await asyncio.sleep(0.05)
            finally:
                stop.set()
                await running

    asyncio.run(whole())


def test_a_reply_is_accepted_with_its_provider_id(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    (conversation,) = conversations(number(workspace, twilio), 1)
    message = queue(ben, conversation, "On its way 😀")
    deliver()
    message.refresh_from_db()
    assert (message.status, message.error) == ("sending", "")
    (sent,) = twilio.accepted()
    assert (sent["sid"], sent["body"], sent["to"]) == (message.provider_id, "On its way 😀", "+14155551000")
    assert sent["ref"] == str(message.id)


def test_texts_of_one_conversation_leave_in_order(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    (conversation,) = conversations(number(workspace, twilio), 1)
    for n in range(8):
        queue(ben, conversation, f"part {n}")
    deliver()
    assert [sent["body"] for sent in twilio.accepted()] == [f"part {n}" for n in range(8)]


def test_a_sender_keeps_to_its_rate_in_segments(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    for conversation in conversations(number(workspace, twilio, rate=4.0), 4):
        queue(ben, conversation, "x" * 300)  # two segments each
    deliver()
    texts = Message.objects.filter(direction="out")
    claimed = sorted(text.claimed_at for text in texts if text.claimed_at is not None)
    assert len(claimed) == 4
    spent = (claimed[-1] - claimed[0]).total_seconds() * 4.0 + 4.0
    assert spent >= 8 - 0.2


def test_people_go_before_programs(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    from_program, from_person = conversations(number(workspace, twilio, rate=1.0), 2)
    program = ben.actor.__class__(kind="token", workspace_id=workspace.pk, role="admin", name="Zap")
    outbound.queue_text(by=program, conversation=from_program, body="program", at=datetime.now(UTC))
    queue(ben, from_person, "person")
    deliver()
    assert [sent["body"] for sent in twilio.accepted()] == ["person", "program"]


def test_an_opt_out_between_the_door_and_the_claim_stops_it(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    (conversation,) = conversations(channel, 1)
    message = queue(ben, conversation, "too late")
    OptOut.objects.create(
        workspace=workspace, identity=message.identity, channel=channel, source="member", opted_out_at=hands.NOW
    )
    deliver()
    message.refresh_from_db()
    assert (message.status, message.error) == ("canceled", "opted_out")
    assert twilio.accepted() == []


def test_a_stale_reply_is_not_sent(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    (conversation,) = conversations(number(workspace, twilio), 1)
    message = queue(ben, conversation, "hours old")
    Message.objects.filter(id=message.id).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    deliver()
    message.refresh_from_db()
    assert (message.status, message.error) == ("failed", "expired")
    assert twilio.accepted() == []


def test_a_refused_text_fails_with_the_carriers_reason(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    hands.receive(channel, "hi", sender="+15005550004")
    message = queue(ben, Conversation.objects.get(), "hello?")
    deliver()
    message.refresh_from_db()
    assert (message.status, message.error, message.error_code) == ("failed", "opted_out", "21610")
    assert Event.objects.filter(type="message_failed", is_pending=True).count() == 1


def test_a_provider_that_is_away_gets_it_later(workspace: Workspace, ben: Player) -> None:
    with running_twilio() as fake:
        channel = number(workspace, fake)
        (conversation,) = conversations(channel, 1)
        address = fake.url
    message = queue(ben, conversation, "anyone there?")

    with pytest.raises(TimeoutError):
        deliver(seconds=1)
    message.refresh_from_db()
    assert (message.status, message.provider_id, message.attempts) == ("queued", "", 1)
    with running_twilio(port=int(address.rpartition(":")[2])) as fake:
        deliver()
        assert len(fake.accepted()) == 1


def test_a_dropped_answer_is_settled_by_the_providers_list(workspace: Workspace, ben: Player) -> None:
    with running_twilio(drop=1.0) as fake:
        (conversation,) = conversations(number(workspace, fake), 1)
        message = queue(ben, conversation, "did it go?")
        deliver(seconds=40)
        assert len(fake.accepted()) == 1
        message.refresh_from_db()
        assert message.provider_id == fake.accepted()[0]["sid"]
        assert not message.is_uncertain


def test_a_call_that_never_arrived_is_made_again(
    workspace: Workspace, ben: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "SURE_AFTER", timedelta(seconds=3))
    with running_twilio(lose=0.5, seed=3) as fake:
        for conversation in conversations(number(workspace, fake), 6):
            queue(ben, conversation, "hello")
        deliver(seconds=60)
        assert sorted(sent["to"] for sent in fake.accepted()) == [f"+1415555{1000 + n}" for n in range(6)]


def test_an_answer_500_after_accepting_is_settled_by_the_list(workspace: Workspace, ben: Player) -> None:
    with running_twilio(error=1.0) as fake:
        for conversation in conversations(number(workspace, fake), 3):
            queue(ben, conversation, "hello")
        deliver(seconds=40)
        assert {sent["ref"] for sent in fake.accepted()} == {
            str(one) for one in Message.objects.filter(direction="out").values_list("id", flat=True)
        }
        assert len(fake.accepted()) == 3


def test_a_throttled_sender_slows_down_and_finishes(workspace: Workspace, ben: Player) -> None:
    with running_twilio(throttle=0.5, seed=1) as fake:
        for conversation in conversations(number(workspace, fake), 5):
            queue(ben, conversation, "hello")
        deliver(seconds=60)
        assert len(fake.accepted()) == 5
    assert SenderRate.objects.get().paused_until is not None


def test_an_idempotency_key_sends_once(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    (conversation,) = conversations(number(workspace, twilio), 1)
    first = queue(ben, conversation, "once", idempotency_key="k1")
    again = queue(ben, conversation, "once", idempotency_key="k1")
    deliver()
    assert first.id == again.id
    assert len(twilio.accepted()) == 1


def test_a_scheduled_text_waits_for_its_time(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    (conversation,) = conversations(number(workspace, twilio), 1)
    later = datetime.now(UTC) + timedelta(seconds=2)
    message = queue(ben, conversation, "later", send_at=later)
    assert message.status == "scheduled"
    deliver()
    message.refresh_from_db()
    assert message.claimed_at is not None
    assert message.claimed_at >= later
