"""A number that carriers block until it is registered: new texts are refused, queued ones wait, and go when it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone

from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from tests.messaging.test_delivery import deliver, number, queue
from tests.screens_html import html_of, plain
from twoway.channels.models import Channel, NumberRecord
from twoway.channels.numbers import actions
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Refused
from twoway.messaging import claims, database, outbound
from twoway.messaging.claims import Round
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message
from twoway.providers.numbers import Part, Registration, RegistrationState
from twoway.sms import phone
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

MISSING = Registration(
    state=RegistrationState.MISSING,
    detail="The number is in no 10DLC campaign.",
    parts=(Part(name="Number", state=RegistrationState.MISSING, detail="It is in no campaign."),),
)
APPROVED = Registration(state=RegistrationState.APPROVED, detail="Campaign: verified.")


@pytest.fixture
def twilio() -> Iterator[Fake]:
    with running_twilio() as fake:
        yield fake


@pytest.fixture
def channel(workspace: Workspace, twilio: Fake) -> Channel:
    return number(workspace, twilio)


@pytest.fixture
def conversation(channel: Channel) -> Conversation:
    hands.receive(channel, "hi")
    return Conversation.objects.get(channel=channel)


def stand(channel: Channel, found: Registration, *, at: datetime | None = None) -> NumberRecord:
    return actions.record_registration(channel=channel, found=found, at=at or datetime.now(UTC))


def one_claim(channel: Channel) -> Round:
    """One look at this sender, as a worker does it; the first only makes its bucket."""

    async def look() -> Round:
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            directory = Directory(settings.SEALING_KEY)
            await directory.refresh(connection)
            route = directory.by_id(channel.pk)
            assert route is not None
            found = Round()
            for _ in range(2):
                found = await claims.claim(connection, route=route, worker="w", limit=1, at=datetime.now(UTC))
            return found

    return asyncio.run(look())


def states() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("id").values_list("status", flat=True))


def test_a_new_text_is_refused_with_what_is_missing(ana: Player, channel: Channel, conversation: Conversation) -> None:
    stand(channel, MISSING)
    with pytest.raises(Refused) as refused:
        queue(ana, conversation, "Your car is ready.")
    assert refused.value.code == "sender_unregistered"
    assert "The number is in no 10DLC campaign." in refused.value.sentence
    with pytest.raises(Refused) as first:
        outbound.queue_first_text(
            by=ana.actor,
            channel=channel,
            identity=phone.identify("+14155550177"),
            body="Hello",
            at=datetime.now(UTC),
        )
    assert first.value.code == "sender_unregistered"
    assert states() == []


def test_a_text_abroad_is_not_blocked_by_carriers_of_the_us(ana: Player, channel: Channel) -> None:
    stand(channel, MISSING)
    abroad = phone.identify("+447911123456")
    outbound.queue_first_text(by=ana.actor, channel=channel, identity=abroad, body="Hello", at=datetime.now(UTC))
    assert states() == ["queued"]


def test_what_waits_is_held_and_goes_when_it_is_approved_however_long_that_took(
    ana: Player, channel: Channel, conversation: Conversation, twilio: Fake
) -> None:
    message = queue(ana, conversation, "Your car is ready.")
    second = queue(ana, conversation, "Bring the papers.")
    stand(channel, MISSING)
    days_ago = datetime.now(UTC) - timedelta(days=3)
    Message.objects.filter(id__in=[message.id, second.id]).update(
        created_at=days_ago, expires_at=days_ago + timedelta(hours=1)
    )
    held = one_claim(channel)
    assert list(held.claimed) == []
    assert held.again_in is None, "a held queue must not be looked at over and over"
    assert states() == ["queued", "queued"]
    stand(channel, Registration(state=RegistrationState.PENDING, detail="In review."))
    assert list(one_claim(channel).claimed) == []
    stand(channel, APPROVED)
    deliver()
    assert [sent["body"] for sent in twilio.accepted()] == ["Your car is ready.", "Bring the papers."]


def test_what_was_too_old_before_it_was_held_is_still_dropped(
    ana: Player, channel: Channel, conversation: Conversation, twilio: Fake
) -> None:
    message = queue(ana, conversation, "Your car is ready.")
    stand(channel, MISSING, at=datetime.now(UTC) - timedelta(days=9))
    stand(channel, APPROVED, at=datetime.now(UTC) - timedelta(days=8))
    days_ago = datetime.now(UTC) - timedelta(days=3)
    Message.objects.filter(id=message.id).update(created_at=days_ago, expires_at=days_ago + timedelta(hours=1))
    deliver()
    assert states() == ["failed"]
    assert list(twilio.accepted()) == []


def test_an_answer_to_stop_is_withdrawn_and_does_not_wait(channel: Channel, conversation: Conversation) -> None:
    channel.stop_handled_by = "us"
    channel.save()
    stand(channel, MISSING)
    hands.receive(channel, "STOP")
    one_claim(channel)
    notice = Message.objects.get(direction="out", purpose="opt_out_notice")
    assert (notice.status, notice.error) == ("canceled", "sender_unregistered")


def test_the_owner_may_say_that_carriers_do_not_block_it(
    ana: Player, ben: Player, channel: Channel, conversation: Conversation
) -> None:
    stand(channel, MISSING)
    with pytest.raises(Refused):
        actions.waive_registration(by=ben.actor, channel=channel, is_waived=True, at=timezone.now())
    actions.waive_registration(by=ana.actor, channel=channel, is_waived=True, at=timezone.now())
    queue(ana, conversation, "Your car is ready.")
    assert [message.body for message in one_claim(channel).claimed] == ["Your car is ready."]
    assert AuditEntry.objects.filter(action="number.registration_waived").exists()
    actions.waive_registration(by=ana.actor, channel=channel, is_waived=False, at=timezone.now())
    with pytest.raises(Refused):
        queue(ana, conversation, "Again.")


def test_the_thread_and_the_composer_say_why(ana: Player, channel: Channel, conversation: Conversation) -> None:
    queue(ana, conversation, "Your car is ready.")
    stand(channel, MISSING)
    page: Any = ana.client.get(f"/c/{conversation.id}/")
    words = plain(html_of(page))
    assert "Held: carriers block our number until it is registered. The number is in no 10DLC campaign." in words
    assert "finds the steps in Settings, Numbers." in words
