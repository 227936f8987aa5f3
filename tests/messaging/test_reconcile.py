"""A send whose outcome is unknown is settled by the provider's own list, and queued again only when that is certain."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests import make
from tests.cast import NOW
from tests.fakes.http_server import HANG_UP, Answer, Request
from tests.messaging import hands
from tests.providers.serving import serving
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.messaging import database, reconcile
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message
from twoway.providers.http import Transport
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

SID = "SM" + "a" * 32


class Provider:
    """Twilio's message list, as the test fills it."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.is_down = False

    def answer(self, request: Request) -> Answer:
        return HANG_UP if self.is_down else Answer(body=json.dumps({"messages": self.listed}).encode())

    def took(self, message: Message, *, sid: str = SID, status: str = "queued", **fields: Any) -> None:
        """One more entry, for this message unless the fields say otherwise."""
        made = {"sid": sid, "to": message.recipient, "from": message.sender, "body": message.body, "status": status}
        self.listed.append({**made, "direction": "outbound-api", "date_created": format_datetime(NOW), **fields})


@pytest.fixture
def twilio() -> Provider:
    return Provider()


@pytest.fixture
def conversation(workspace: Workspace, twilio: Provider) -> Iterator[Conversation]:
    with serving(twilio.answer) as server:
        channel = hands.twilio_channel(workspace, settings={"api_base": server.url})
        yield make.make_conversation(channel, at=NOW)


def uncertain(conversation: Conversation, body: str = "Hello", **fields: Any) -> Message:
    given = {"status": "sending", "provider_id": "", "claimed_at": NOW, "is_uncertain": True, **fields}
    return make.make_message(conversation, at=NOW, direction="out", body=body, **given)


def look(message: Message, *, after: timedelta = timedelta(seconds=5)) -> Message:
    """One look so long after it was sent; the message as it is then."""

    async def whole() -> None:
        directory = Directory(settings.SEALING_KEY)
        async with (
            await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection,
            Transport() as transport,
        ):
            await directory.refresh(connection)
            await reconcile.step(connection, directory=directory, transport=transport, at=NOW + after)

    asyncio.run(whole())
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("status", ["queued", "sent", "delivered"])
def test_what_is_on_the_list_had_left(conversation: Conversation, twilio: Provider, status: str) -> None:
    message = uncertain(conversation)
    twilio.took(message, status=status)
    look(message)
    expected = "sending" if status == "queued" else status
    assert (message.status, message.provider_id, message.is_uncertain) == (expected, SID, False)


def test_what_failed_meanwhile_is_shown_with_its_reason(conversation: Conversation, twilio: Provider) -> None:
    message = uncertain(conversation)
    twilio.took(message, status="undelivered", error_code=30006)
    look(message)
    assert (message.status, message.provider_id) == ("undelivered", SID)
    assert (message.error, message.error_code) == ("landline", "30006")
    assert Event.objects.get(type="message_failed").is_pending


def test_it_is_queued_again_only_after_a_while(conversation: Conversation) -> None:
    message = uncertain(conversation)
    assert look(message).status == "sending"
    look(message, after=reconcile.SURE_AFTER + timedelta(seconds=1))
    assert (message.status, message.is_uncertain) == ("queued", False)


def test_while_the_list_cannot_be_read_nothing_is_sent_again(conversation: Conversation, twilio: Provider) -> None:
    message = uncertain(conversation, expires_at=NOW + timedelta(hours=4))
    twilio.is_down = True
    look(message, after=timedelta(hours=1))
    assert (message.status, message.is_uncertain) == ("sending", True)


def test_what_nobody_can_tell_until_it_is_stale_is_shown_as_not_confirmed(
    conversation: Conversation, twilio: Provider
) -> None:
    message = uncertain(conversation, expires_at=NOW + timedelta(hours=4))
    twilio.is_down = True
    look(message, after=timedelta(hours=5))
    assert (message.status, message.error) == ("failed", "uncertain")


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Hello!"},
        {"to": "+14155550111"},
        {"direction": "inbound"},
        {"date_created": format_datetime(NOW - timedelta(minutes=10))},
    ],
)
def test_another_text_is_not_taken_for_it(conversation: Conversation, twilio: Provider, other: dict[str, Any]) -> None:
    message = uncertain(conversation)
    twilio.took(message, **other)
    look(message, after=reconcile.SURE_AFTER + timedelta(seconds=1))
    assert (message.status, message.provider_id) == ("queued", "")


def test_the_same_words_sent_before_are_not_taken_for_it(conversation: Conversation, twilio: Provider) -> None:
    """Ours with a known id; the uncertain one is the second of two alike."""
    before = make.make_message(conversation, at=NOW, direction="out", body="Hello", provider_id=SID)
    message = uncertain(conversation)
    twilio.took(before)
    assert look(message).provider_id == ""
    twilio.took(message, sid="SM" + "b" * 32)
    message.send_after = None
    message.save()
    assert look(message).provider_id == "SM" + "b" * 32


def test_words_that_the_provider_made_plainer_are_the_same(conversation: Conversation, twilio: Provider) -> None:
    message = uncertain(conversation, body="It’s “ready”")
    twilio.took(message, body='It\'s "ready"')
    assert look(message).provider_id == SID


def test_a_fresh_send_is_left_alone_for_a_moment(conversation: Conversation, twilio: Provider) -> None:
    message = uncertain(conversation)
    twilio.took(message)
    assert look(message, after=reconcile.FIRST_LOOK / 2).provider_id == ""
    assert look(message, after=reconcile.FIRST_LOOK * 2).provider_id == SID
