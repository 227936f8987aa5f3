"""What a webhook never brought is found in the provider's list, once, with everything a text causes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests import make
from tests.cast import NOW
from tests.fakes.http_server import HANG_UP, Answer, Request
from tests.messaging import hands
from tests.providers.serving import serving
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.messaging import comparing, gaps
from twoway.messaging.gap_models import GapCheck
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = 3


class Provider:
    """Twilio's list of messages, in pages of three."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.asked: list[Request] = []
        self.is_down = False

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.is_down:
            return HANG_UP
        query = parse_qs(request.query)
        if "DateSent>" not in query:
            return Answer(body=json.dumps({"messages": self.sent}).encode())
        page = int(query.get("Page", ["0"])[0])
        items = self.received[page * PAGE : (page + 1) * PAGE]
        told: dict[str, Any] = {"messages": items, "next_page_uri": None}
        if len(self.received) > (page + 1) * PAGE:
            told["next_page_uri"] = f"/2010-04-01/Accounts/{hands.ACCOUNT}/Messages.json?DateSent%3E=x&Page={page + 1}"
        return Answer(body=json.dumps(told).encode())

    def got(self, channel: Channel, body: str, *, sid: str = "", **fields: Any) -> str:
        sid = sid or hands.sid()
        one = {
            "sid": sid,
            "from": hands.CUSTOMER,
            "to": channel.address,
            "body": body,
            "direction": "inbound",
            "num_segments": "1",
            "num_media": "0",
            "status": "received",
            "date_sent": format_datetime(NOW),
        }
        self.received.append({**one, **fields})
        return sid


@pytest.fixture
def twilio() -> Provider:
    return Provider()


@pytest.fixture
def channel(workspace: Workspace, twilio: Provider) -> Iterator[Channel]:
    with serving(twilio.answer) as server:
        yield hands.twilio_channel(workspace, settings={"api_base": server.url})


def look(channel: Channel, *, after: timedelta = timedelta(minutes=10)) -> gaps.Compared:
    (looked,) = comparing.compare_all(at=NOW + after, channel_id=channel.id)
    assert looked.found is not None
    return looked.found


def test_a_text_whose_webhook_was_lost_comes_in_once_and_says_so(channel: Channel, twilio: Provider) -> None:
    known = hands.text(channel, "I came by webhook")
    hands.post([(channel, hands.webhook(channel, known))])
    twilio.got(channel, "I came by webhook", sid=known["MessageSid"])
    twilio.got(channel, "I was lost")
    found = look(channel)
    assert (found.listed, found.filled, found.error) == (2, 1, "")
    assert [message.body for message in Message.objects.order_by("id")] == ["I came by webhook", "I was lost"]
    late = Message.objects.get(body="I was lost")
    assert late.sent_at == NOW
    assert Event.objects.get(type="message_backfilled").message_id == late.id
    assert Conversation.objects.get().unanswered == 2
    assert look(channel).filled == 0
    assert Message.objects.count() == 2


def test_every_page_is_read(channel: Channel, twilio: Provider) -> None:
    for number in range(8):
        twilio.got(channel, f"number {number}")
    found = look(channel)
    assert (found.listed, found.filled) == (8, 8)
    assert {message.body for message in Message.objects.all()} == {f"number {number}" for number in range(8)}


def test_a_stop_that_was_lost_counts(channel: Channel, twilio: Provider) -> None:
    twilio.got(channel, "STOP")
    look(channel)
    assert OptOut.objects.count() == 1


def test_what_comes_by_webhook_at_the_same_time_is_stored_once(channel: Channel, twilio: Provider) -> None:
    sid = twilio.got(channel, "twice on its way")
    assert look(channel).filled == 1
    hands.post([(channel, hands.webhook(channel, hands.text(channel, "twice on its way", message_sid=sid)))])
    assert Message.objects.count() == 1


def test_a_list_that_cannot_be_read_is_said_and_looked_at_again_from_there(channel: Channel, twilio: Provider) -> None:
    look(channel)
    twilio.got(channel, "meanwhile")
    twilio.is_down = True
    failed = look(channel, after=timedelta(hours=3))
    assert "can't be read" in failed.error
    twilio.is_down = False
    found = look(channel, after=timedelta(hours=6))
    assert found.since < NOW + timedelta(minutes=10)
    assert found.filled == 1
    assert [check.error == "" for check in GapCheck.objects.order_by("id")] == [True, False, True]


def test_texts_to_another_number_and_our_own_are_left_alone(channel: Channel, twilio: Provider) -> None:
    twilio.got(channel, "not ours", to="+14155559999")
    twilio.got(channel, "we said that", direction="outbound-api")
    assert look(channel).filled == 0
    assert Message.objects.count() == 0


def test_a_sent_text_nobody_reported_on_is_asked_after(channel: Channel, twilio: Provider) -> None:
    conversation = make.make_conversation(channel, at=NOW)
    silent = make.make_message(
        conversation,
        body="Did it arrive?",
        at=NOW,
        direction="out",
        status="sent",
        author="member",
        provider_id=hands.sid(),
    )
    twilio.sent.append(
        {
            "sid": silent.provider_id,
            "to": silent.recipient,
            "from": silent.sender,
            "body": silent.body,
            "status": "delivered",
            "direction": "outbound-api",
            "date_created": format_datetime(NOW),
        }
    )
    found = look(channel, after=timedelta(minutes=15))
    silent.refresh_from_db()
    assert (found.asked, found.changed, silent.status) == (1, 1, "delivered")
    assert look(channel, after=timedelta(minutes=20)).asked == 0


def test_the_first_look_goes_back_a_day_at_most(channel: Channel, twilio: Provider) -> None:
    Channel.objects.filter(id=channel.id).update(created_at=NOW - timedelta(days=40))
    found = look(channel)
    assert found.until - found.since < timedelta(hours=24)
    (first,) = [request for request in twilio.asked if "DateSent" in request.query]
    assert parse_qs(first.query)["To"] == [channel.address]


def test_outcomes_are_forgotten_after_a_month(channel: Channel) -> None:
    look(channel)
    comparing.forget_old(at=NOW + timedelta(days=29))
    assert GapCheck.objects.count() == 1
    comparing.forget_old(at=NOW + timedelta(days=31))
    assert GapCheck.objects.count() == 0
