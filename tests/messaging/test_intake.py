"""Webhooks become rows: once, in order, whatever they contain; what can't be used is kept raw."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.cast import Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact, Identity
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation, Episode
from twoway.events.models import Event
from twoway.messaging.intake import Intake
from twoway.messaging.models import Message, QuarantineEntry
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


def test_a_text_becomes_a_contact_a_conversation_and_a_message(twilio: Channel) -> None:
    (answer,) = hands.post([(twilio, hands.webhook(twilio, hands.text(twilio, "Where is my order? é😀")))])
    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    message = Message.objects.get()
    assert (message.body, message.direction, message.status) == ("Where is my order? é😀", "in", "received")
    assert (message.encoding, message.sender, message.recipient) == ("UCS-2", hands.CUSTOMER, twilio.address)
    conversation = Conversation.objects.get()
    assert conversation.needs_reply
    assert conversation.unanswered == 1
    assert conversation.preview == message.body
    assert conversation.last_inbound_id == message.id
    assert Identity.objects.get().value == hands.CUSTOMER
    assert Episode.objects.get().number == 1
    assert Event.objects.get().type == "message_received"


def test_the_same_text_delivered_many_times_at_once_is_stored_once(twilio: Channel) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    answers = hands.post([(twilio, request)] * 40)
    assert {answer.status for answer in answers} == {200}
    assert Message.objects.count() == 1
    assert Conversation.objects.get().unanswered == 1
    assert Contact.objects.count() == 1


def test_texts_of_one_person_keep_their_order(twilio: Channel) -> None:
    hands.post([(twilio, hands.webhook(twilio, hands.text(twilio, f"number {n}"))) for n in range(100)])
    assert [m.body for m in Message.objects.order_by("id")] == [f"number {n}" for n in range(100)]
    assert Conversation.objects.get().unanswered == 100


@pytest.mark.parametrize(
    ("sender", "kind", "value"),
    [
        ("+14155550101", "phone", "+14155550101"),
        ("72345", "short_code", "72345"),
        ("SUPPORT", "alpha", "SUPPORT"),
        ("whatsapp:+14155550101", "whatsapp", "+14155550101"),
    ],
)
def test_any_sender_can_be_answered_to_or_at_least_read(twilio: Channel, sender: str, kind: str, value: str) -> None:
    hands.receive(twilio, "hi", sender=sender)
    identity = Identity.objects.get()
    assert (identity.kind, identity.value) == (kind, value)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("", ""),
        ("e\u0301", "é"),
        ("a\0b", "ab"),
        ("مرحبا", "مرحبا"),
        ("\x01\x02ok", None),
        ("x" * 10_000, "x" * 10_000),
        ("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"),
    ],
)
def test_any_body_is_stored(twilio: Channel, sent: str, stored: str | None) -> None:
    hands.receive(twilio, sent)
    body = Message.objects.get().body
    assert body == stored if stored is not None else body.endswith("ok")


def test_unknown_fields_and_pictures_are_kept_in_mind(twilio: Channel) -> None:
    form = hands.text(
        twilio, "", NumMedia="2", MediaUrl0="https://a.example/0", MediaContentType0="image/jpeg",
        MediaUrl1="https://a.example/1", MediaContentType1="image/png", SomethingNew="1",
    )  # fmt: skip
    hands.post([(twilio, hands.webhook(twilio, form))])
    assert [item["url"] for item in Message.objects.get().media] == ["https://a.example/0", "https://a.example/1"]
    assert Conversation.objects.get().preview == "2 photos"


def test_a_bad_signature_is_refused_and_kept(twilio: Channel) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "let me in"), signature="bm9wZQ==")
    (answer,) = hands.post([(twilio, request)])
    assert answer.status == 403
    assert not Message.objects.exists()
    entry = QuarantineEntry.objects.get()
    assert (entry.reason, bytes(entry.body), entry.channel) == ("bad_signature", request.body, twilio)


def test_a_malformed_request_is_answered_and_kept(twilio: Channel) -> None:
    form = {"AccountSid": hands.ACCOUNT, "Nonsense": "1"}
    (answer,) = hands.post([(twilio, hands.webhook(twilio, form))])
    assert answer.status == 200
    assert QuarantineEntry.objects.get().reason == "malformed"


def test_an_unknown_hook_is_404_and_kept(twilio: Channel) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "hi"))
    twilio.hook = "nosuchhooknosuchhook"
    (answer,) = hands.post([(twilio, request)])
    assert answer.status == 404
    assert QuarantineEntry.objects.get().reason == "unknown_hook"


def test_the_number_decides_before_the_messaging_service(workspace: Workspace) -> None:
    pool = hands.twilio_channel(workspace, "+14155550111", service_id="MG1")
    own = hands.twilio_channel(workspace, "+14155550122")
    exact = hands.text(own, "to the number", MessagingServiceSid="MG1")
    pooled = hands.text(own, "to the pool", MessagingServiceSid="MG1") | {"To": "+14155550133"}
    hands.post([(pool, hands.webhook(pool, exact)), (pool, hands.webhook(pool, pooled))])
    channels = dict(Message.objects.values_list("body", "channel_id"))
    assert channels == {"to the number": own.id, "to the pool": pool.id}


def test_a_number_that_is_not_ours_is_kept(twilio: Channel) -> None:
    form = hands.text(twilio, "hi") | {"To": "+14155550177"}
    (answer,) = hands.post([(twilio, hands.webhook(twilio, form))])
    assert answer.status == 200
    assert QuarantineEntry.objects.get().reason == "unknown_number"


@pytest.fixture
def picky_database() -> Iterator[None]:
    """A database that refuses one particular text."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE message ADD CONSTRAINT picky CHECK (body <> 'bad')")
        yield
        cursor.execute("ALTER TABLE message DROP CONSTRAINT picky")


@pytest.mark.usefixtures("picky_database")
def test_a_row_the_database_refuses_harms_no_other(twilio: Channel) -> None:
    good = [hands.webhook(twilio, hands.text(twilio, f"good {n}")) for n in range(9)]
    far = hands.webhook(twilio, hands.text(twilio, "bad"))
    answers = hands.post([(twilio, one) for one in [*good[:4], far, *good[4:]]])
    assert {answer.status for answer in answers} == {200}
    assert Message.objects.count() == 9
    assert QuarantineEntry.objects.get().reason == "refused"


def test_beyond_its_queue_intake_asks_for_another_try(twilio: Channel) -> None:
    async def use(intake: Intake) -> list[int]:
        requests = [hands.webhook(twilio, hands.text(twilio, str(n))) for n in range(30)]
        takes = [intake.take(provider="twilio", hook=twilio.hook, kind="inbound", raw=r) for r in requests]
        return [answer.status for answer in await asyncio.gather(*takes)]

    statuses = hands.with_intake(use, queue_limit=10)
    assert set(statuses) == {200, 503}
    assert Message.objects.count() == statuses.count(200)


def test_a_done_conversation_opens_again_with_a_new_episode(twilio: Channel) -> None:
    hands.receive(twilio, "first")
    Conversation.objects.update(state="done", needs_reply=False, unanswered=0)
    hands.receive(twilio, "me again")
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.episode, conversation.unanswered) == ("open", 2, 1)
    assert Episode.objects.count() == 2
    assert Event.objects.filter(type="conversation_reopened", is_shown=True).exists()


@pytest.mark.parametrize(("body", "state"), [("Liked “You're welcome”", "done"), ("Liked “Is 3 fine?”", "open")])
def test_a_heart_opens_nothing_unless_it_may_be_an_answer(twilio: Channel, body: str, state: str) -> None:
    hands.receive(twilio, "first")
    Conversation.objects.update(state="done", needs_reply=False, unanswered=0)
    hands.receive(twilio, body)
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.needs_reply) == (state, state == "open")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("word", ["STOP", "START"])
def test_a_keyword_alone_leaves_a_done_conversation_done(twilio: Channel, word: str) -> None:
    hands.receive(twilio, "first")
    if word == "START":
        hands.receive(twilio, "STOP")
    Conversation.objects.update(state="done", needs_reply=False, unanswered=0)
    hands.receive(twilio, word)
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.episode) == ("done", 1)
    assert (conversation.needs_reply, conversation.unanswered, conversation.preview) == (False, 0, word)
    assert not Event.objects.filter(type="conversation_reopened").exists()
    hands.receive(twilio, "me again")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.episode, conversation.needs_reply) == ("open", 2, True)


def test_a_text_of_somebody_blocked_is_kept_and_waits_for_nobody(twilio: Channel, ana: Player) -> None:
    hands.receive(twilio, "You have won")
    conversation = Conversation.objects.get()
    at = conversation.created_at
    contacts.block(contact=conversation.contact, by=ana.actor, at=at)
    conversations.done(conversation=conversation, by=ana.actor, at=at)
    hands.receive(twilio, "You have won again")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.needs_reply, conversation.unanswered) == ("done", False, 0)
    assert Message.objects.count() == 2
    contacts.unblock(contact=conversation.contact, by=ana.actor, at=at)
    hands.receive(twilio, "Sorry, about my order")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.unanswered) == ("open", 1)
