"""What carriers say later finds its message, in whatever order it comes, and every word is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import psycopg
import pytest
from django.conf import settings

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.messaging import claims, database, queries, results
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message, StatusEvent
from twoway.providers.base import Accepted, Status
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

SID = "SM" + "a" * 32


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


@pytest.fixture
def conversation(twilio: Channel) -> Conversation:
    return make.make_conversation(twilio, at=NOW)


def text_out(conversation: Conversation, *, provider_id: str = "", **fields: object) -> Message:
    """A text that a worker has handed over; without a provider's id the answer of that call is not known yet."""
    given = {"status": "sending", "claimed_at": NOW, **fields}
    return make.make_message(conversation, at=NOW, direction="out", body="Hello", provider_id=provider_id, **given)


def answered(message: Message, provider_id: str, status: Status = Status.QUEUED, segments: int | None = None) -> None:
    """The call that sent it returns now, and delivery writes its result."""

    async def whole() -> None:
        directory = Directory(settings.SEALING_KEY)
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            await directory.refresh(connection)
            route = directory.by_id(message.channel_id)
            assert route is not None
            row = {field.attname: getattr(message, field.attname) for field in Message._meta.concrete_fields}
            said = Accepted(provider_id=provider_id, status=status, segments=segments)
            result = results.accepted(claims.as_claimed(row, route), said, at=NOW + timedelta(seconds=1))
            await results.record(connection, [result], directory.routes)

    asyncio.run(whole())


def words(message: Message) -> list[str]:
    """What was kept about it, in the carrier's own words."""
    return [event.raw_status for event in queries.status_events(message)]


def happened(message: Message) -> list[str]:
    return list(Event.objects.filter(message_id=message.id).order_by("id").values_list("type", flat=True))


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
@pytest.mark.parametrize("together", [False, True])
def test_any_order_ends_in_the_same_state(conversation: Conversation, order: tuple[str, ...], together: bool) -> None:
    message = text_out(conversation, provider_id=SID)
    told = [hands.receipt(conversation.channel, word, message_id=message.id, message_sid=SID) for word in order]
    hands.hear(conversation.channel, *told, together=together)
    message.refresh_from_db()
    assert (message.status, message.provider_id) == ("read", SID)
    assert message.delivered_at is not None
    assert words(message) == list(order)


def test_each_step_has_its_time_and_its_event(conversation: Conversation) -> None:
    message = text_out(conversation, provider_id=SID)
    for seconds, word in enumerate(["sent", "delivered"], 1):
        said = hands.receipt(conversation.channel, word, message_sid=SID)
        hands.hear(conversation.channel, replace(said, received_at=NOW + timedelta(seconds=seconds)))
    message.refresh_from_db()
    assert (message.sent_at, message.delivered_at) == (NOW + timedelta(seconds=1), NOW + timedelta(seconds=2))
    assert happened(message) == ["message_sent", "message_delivered"]


def test_a_repeated_receipt_is_kept_and_changes_nothing(conversation: Conversation) -> None:
    message = text_out(conversation, provider_id=SID)
    one = hands.receipt(conversation.channel, "delivered", message_id=message.id, message_sid=SID)
    hands.hear(conversation.channel, one, one)
    hands.hear(conversation.channel, one, one, one, together=True)
    message.refresh_from_db()
    assert message.status == "delivered"
    assert happened(message) == ["message_delivered"]
    assert words(message) == ["delivered"] * 5


def test_one_batch_holds_receipts_of_many_messages(conversation: Conversation) -> None:
    messages = [text_out(conversation, provider_id=hands.sid()) for _ in range(20)]
    told = [
        hands.receipt(conversation.channel, word, message_id=message.id, message_sid=message.provider_id)
        for word in ("delivered", "sent")
        for message in messages
    ]
    hands.hear(conversation.channel, *told, together=True)
    assert list(Message.objects.values_list("status", flat=True)) == ["delivered"] * 20
    assert StatusEvent.objects.exclude(message_id=None).count() == 40


def test_a_receipt_may_come_before_the_call_that_sent_it_returned(conversation: Conversation) -> None:
    message = text_out(conversation)
    told = hands.receipt(conversation.channel, "delivered", message_id=message.id, message_sid=SID)
    hands.hear(conversation.channel, told)
    message.refresh_from_db()
    assert (message.status, message.provider_id) == ("delivered", SID)
    answered(message, SID)
    message.refresh_from_db()
    assert (message.status, message.provider_id, message.is_uncertain) == ("delivered", SID, False)
    assert happened(message) == ["message_delivered"]


def test_a_receipt_that_names_only_the_providers_id_waits_until_it_is_known(conversation: Conversation) -> None:
    message = text_out(conversation)
    told = [hands.receipt(conversation.channel, word, message_sid=SID) for word in ("delivered", "sent")]
    hands.hear(conversation.channel, *told)
    message.refresh_from_db()
    assert message.status == "sending"
    assert list(StatusEvent.objects.values_list("message_id", "provider_id")) == [(None, SID)] * 2
    answered(message, SID)
    message.refresh_from_db()
    assert (message.status, message.provider_id) == ("delivered", SID)
    assert words(message) == ["delivered", "sent"]
    assert happened(message) == ["message_delivered"]


def test_a_waiting_failure_keeps_its_code(conversation: Conversation) -> None:
    message = text_out(conversation)
    told = hands.receipt(conversation.channel, "undelivered", message_sid=SID, ErrorCode="30006")
    hands.hear(conversation.channel, told)
    answered(message, SID)
    message.refresh_from_db()
    assert (message.status, message.error, message.error_code) == ("undelivered", "landline", "30006")
    assert Event.objects.get(message_id=message.id).data == {"reason": "landline", "error_code": "30006"}


def test_a_receipt_for_nobodys_message_is_kept(conversation: Conversation) -> None:
    message = text_out(conversation, provider_id=SID)
    hands.hear(
        conversation.channel,
        hands.receipt(conversation.channel, "delivered"),
        hands.receipt(conversation.channel, "delivered", message_id=message.id + 1000),
    )
    message.refresh_from_db()
    assert message.status == "sending"
    assert list(StatusEvent.objects.values_list("message_id", flat=True)) == [None, None]


@pytest.mark.parametrize("reference", ["", "abc", "-1", "0", "9" * 18, "9" * 40, "1e3", "1;2", "%00", "²"])
def test_a_reference_that_is_none_harms_nothing(conversation: Conversation, reference: str) -> None:
    channel = conversation.channel
    form = {"MessageSid": SID, "MessageStatus": "delivered", "AccountSid": hands.ACCOUNT, "To": hands.CUSTOMER}
    hands.hear(channel, hands.webhook(channel, form, kind="status", query=f"m={reference}"))
    assert StatusEvent.objects.get().message_id is None


def test_a_reference_to_a_text_that_came_in_is_none(conversation: Conversation) -> None:
    incoming = make.make_message(conversation, at=NOW)
    hands.hear(conversation.channel, hands.receipt(conversation.channel, "delivered", message_id=incoming.id))
    incoming.refresh_from_db()
    assert incoming.status == "received"


def test_a_reference_does_not_beat_another_messages_id(conversation: Conversation) -> None:
    """A wrong reference must not move a message whose id at the provider is known to be another."""
    named, meant = text_out(conversation, provider_id="SM1"), text_out(conversation, provider_id="SM2")
    hands.hear(
        conversation.channel,
        hands.receipt(conversation.channel, "delivered", message_id=named.id, message_sid=meant.provider_id),
    )
    named.refresh_from_db()
    meant.refresh_from_db()
    assert (named.status, meant.status) == ("sending", "delivered")


def test_another_workspaces_message_is_not_touched(conversation: Conversation, cleo: Player) -> None:
    theirs = hands.twilio_channel(cleo.member.workspace, "+14155550188")
    unknown = text_out(make.make_conversation(theirs, at=NOW))
    known = text_out(make.make_conversation(theirs, at=NOW), provider_id=SID)
    hands.hear(
        conversation.channel,
        hands.receipt(conversation.channel, "failed", message_id=unknown.id),
        hands.receipt(conversation.channel, "failed", message_id=known.id, message_sid=SID),
        hands.receipt(conversation.channel, "failed", message_sid=SID),
    )
    assert set(Message.objects.values_list("status", "error")) == {("sending", "")}
    assert set(StatusEvent.objects.values_list("message_id", flat=True)) == {None}
    answered(unknown, hands.sid())
    unknown.refresh_from_db()
    assert unknown.status == "sending"


def test_a_waiting_receipt_of_another_workspace_is_not_taken_over(conversation: Conversation, cleo: Player) -> None:
    theirs = hands.twilio_channel(cleo.member.workspace, "+14155550188")
    hands.hear(theirs, hands.receipt(theirs, "failed", message_sid=SID, ErrorCode="30007"))
    message = text_out(conversation)
    answered(message, SID)
    message.refresh_from_db()
    assert (message.status, message.error) == ("sending", "")
    assert StatusEvent.objects.get().message_id is None


def test_a_sibling_channel_may_hear_it(conversation: Conversation, workspace: Workspace) -> None:
    """Providers call the address of any number of the account, a Messaging Service's say."""
    sibling = hands.twilio_channel(workspace, "+14155550177")
    message = text_out(conversation, provider_id=SID)
    hands.hear(sibling, hands.receipt(sibling, "delivered", message_sid=SID))
    message.refresh_from_db()
    assert message.status == "delivered"


@pytest.mark.parametrize(
    ("word", "code", "reason"),
    [
        ("undelivered", "30003", "unreachable_temp"),
        ("undelivered", "30005", "invalid_number"),
        ("undelivered", "30006", "landline"),
        ("undelivered", "30007", "carrier_filtered"),
        ("failed", "21610", "opted_out"),
        ("failed", "30034", "sender_unregistered"),
        ("failed", "99999", "unknown"),
        ("failed", "", ""),
    ],
)
def test_the_carriers_code_becomes_a_reason(conversation: Conversation, word: str, code: str, reason: str) -> None:
    message = text_out(conversation, provider_id=SID)
    hands.hear(conversation.channel, hands.receipt(conversation.channel, word, message_sid=SID, ErrorCode=code))
    message.refresh_from_db()
    assert (message.status, message.error, message.error_code) == (word, reason, code)
    assert queries.status_events(message)[0].error_code == code
    event = Event.objects.get(message_id=message.id)
    assert (event.type, event.is_pending) == ("message_failed", True)


def test_a_late_delivered_after_failed_wins_and_clears_the_reason(conversation: Conversation) -> None:
    message = text_out(conversation, provider_id=SID)
    channel = conversation.channel
    hands.hear(
        channel,
        hands.receipt(channel, "undelivered", message_sid=SID, ErrorCode="30003"),
        hands.receipt(channel, "delivered", message_sid=SID),
        hands.receipt(channel, "failed", message_sid=SID, ErrorCode="30008"),
    )
    message.refresh_from_db()
    assert (message.status, message.error, message.error_code) == ("delivered", "", "")
    assert happened(message) == ["message_failed", "message_delivered"]
    assert words(message) == ["undelivered", "delivered", "failed"]


def test_words_we_do_not_know_are_kept(conversation: Conversation) -> None:
    message = text_out(conversation, provider_id=SID)
    hands.hear(conversation.channel, hands.receipt(conversation.channel, "beamed_up", message_sid=SID))
    message.refresh_from_db()
    assert (message.status, words(message)) == ("sending", ["beamed_up"])


@pytest.mark.parametrize("words_in_order", [["sent", "delivered"], ["delivered", "sent"]])
def test_the_carriers_count_of_segments_is_taken(conversation: Conversation, words_in_order: list[str]) -> None:
    """Whichever receipt says it, and also when that one comes too late to change the state."""
    message = text_out(conversation, provider_id=SID, segments=1)
    for word in words_in_order:
        count = "3" if word == "sent" else ""
        hands.hear(conversation.channel, hands.receipt(conversation.channel, word, message_sid=SID, NumSegments=count))
    message.refresh_from_db()
    assert (message.status, message.segments) == ("delivered", 3)


def test_a_receipt_settles_an_uncertain_text(conversation: Conversation) -> None:
    message = text_out(conversation, is_uncertain=True)
    told = hands.receipt(conversation.channel, "sent", message_id=message.id, message_sid=SID)
    hands.hear(conversation.channel, told)
    message.refresh_from_db()
    assert (message.status, message.provider_id, message.is_uncertain) == ("sent", SID, False)


def test_a_receipt_withdraws_a_second_try(conversation: Conversation) -> None:
    """Queued again since it seemed never to have left; the receipt says that it had."""
    message = text_out(conversation, status="queued")
    told = hands.receipt(conversation.channel, "queued", message_id=message.id, message_sid=SID)
    hands.hear(conversation.channel, told)
    message.refresh_from_db()
    assert (message.status, message.provider_id) == ("sending", SID)
    assert not claimable(message)


def claimable(message: Message) -> bool:
    """Whether a worker would take it now."""

    async def whole() -> bool:
        directory = Directory(settings.SEALING_KEY)
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            await directory.refresh(connection)
            route = directory.by_id(message.channel_id)
            assert route is not None
            for _ in range(2):  # the first look makes the sender's bucket
                found = await claims.claim(connection, route=route, worker="w", limit=10, at=datetime.now(UTC))
            return message.id in {one.id for one in found.claimed}

    return asyncio.run(whole())


def test_an_answer_withdraws_a_second_try(conversation: Conversation) -> None:
    """The database was away when the provider answered, and the text was queued again before that could be written."""
    message = text_out(conversation, status="queued")
    answered(message, SID)
    message.refresh_from_db()
    assert (message.status, message.provider_id) == ("sending", SID)
    assert not claimable(message)
