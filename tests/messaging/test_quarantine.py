"""Webhooks nobody could use: who sees them, and taking them in again after a fix, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway.channels import actions as channels
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import NotAllowed, NotFound, Refused
from twoway.messaging import outbound, quarantine
from twoway.messaging.models import Message, QuarantineEntry, StatusEvent
from twoway.providers.base import RawRequest
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_TOKEN = "f" * 32


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


def signed_with(token: str, channel: Channel, body: str, **fields: str) -> RawRequest:
    form = hands.text(channel, body, **fields)
    return hands.webhook(channel, form, signature=hands.sign(hands.url(channel), form, token))


def put_aside(channel: Channel, *requests: RawRequest, kind: str = "inbound") -> list[QuarantineEntry]:
    """Those that intake could not use, in order."""
    hands.post([(channel, request) for request in requests], kind=kind)
    return list(QuarantineEntry.objects.order_by("id"))


def replay(entry: QuarantineEntry, by: Player) -> str:
    return quarantine.replay(entry=quarantine.access_entry(by.actor, entry.pk), by=by.actor, at=NOW)


def refused(entry: QuarantineEntry, by: Player) -> str:
    with pytest.raises(Refused) as error:
        replay(entry, by)
    entry.refresh_from_db()
    assert entry.resolved_at is None
    return error.value.code


@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("admin", True), ("manager", True), ("agent", False), ("viewer", False)]
)
def test_who_sees_it(workspace: Workspace, twilio: Channel, cleo: Player, role: str, may: bool) -> None:
    (entry,) = put_aside(twilio, signed_with(OTHER_TOKEN, twilio, "hello"))
    somebody = Player(member=make.make_member(workspace, "Dora", role=role, at=NOW))
    if may:
        assert quarantine.entries(somebody.actor) == [entry]
        assert quarantine.count_open(somebody.actor) == 1
        assert quarantine.access_entry(somebody.actor, entry.pk) == entry
    else:
        for look in (quarantine.entries, quarantine.count_open):
            with pytest.raises(NotAllowed):
                look(somebody.actor)
        with pytest.raises(NotAllowed):
            quarantine.replay(entry=entry, by=somebody.actor, at=NOW)
        with pytest.raises(NotAllowed):
            quarantine.resolve(entry=entry, by=somebody.actor, at=NOW)
    assert quarantine.entries(cleo.actor) == []
    with pytest.raises(NotFound):
        quarantine.access_entry(cleo.actor, entry.pk)


def test_an_unknown_address_belongs_to_nobody_so_owners_see_it(
    workspace: Workspace, twilio: Channel, ana: Player
) -> None:
    admin = Player(member=make.make_member(workspace, "Dora", role="admin", at=NOW))
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    twilio.hook = "nosuchhooknosuchhook"
    (entry,) = put_aside(twilio, request)
    assert quarantine.entries(ana.actor) == [entry]
    assert quarantine.entries(admin.actor) == []


def test_newest_first_page_by_page(twilio: Channel, ana: Player) -> None:
    made = put_aside(twilio, *(signed_with(OTHER_TOKEN, twilio, str(n)) for n in range(5)))
    first = list(quarantine.entries(ana.actor, limit=3))
    assert first == made[:1:-1]
    assert list(quarantine.entries(ana.actor, before_id=first[-1].pk)) == made[1::-1]


def test_replayed_after_the_credentials_were_corrected(twilio: Channel, ana: Player) -> None:
    (entry,) = put_aside(twilio, signed_with(OTHER_TOKEN, twilio, "hello"))
    assert refused(entry, ana) == "bad_signature"
    channels.update_channel(by=ana.actor, channel=twilio, credentials={"auth_token": OTHER_TOKEN}, at=NOW)
    assert replay(entry, ana) == "It was taken in."
    message, conversation = Message.objects.get(), Conversation.objects.get()
    assert (message.body, message.trace, message.created_at) == ("hello", entry.trace, entry.received_at)
    assert (conversation.unanswered, conversation.needs_reply) == (1, True)
    entry.refresh_from_db()
    assert (entry.replayed_at, entry.resolved_at) == (NOW, NOW)
    assert entry.resolution == "Taken in again: 1 record by Ana"
    assert list(quarantine.entries(ana.actor)) == []
    assert list(quarantine.entries(ana.actor, is_open=False)) == [entry]
    assert AuditEntry.objects.filter(action="quarantine.settled").count() == 1


def test_replayed_after_the_number_was_added(twilio: Channel, workspace: Workspace, ana: Player) -> None:
    form = hands.text(twilio, "hello") | {"To": "+14155550177"}
    (entry,) = put_aside(twilio, hands.webhook(twilio, form))
    assert entry.reason == "unknown_number"
    assert refused(entry, ana) == "unknown_number"
    added = hands.twilio_channel(workspace, "+14155550177")
    replay(entry, ana)
    assert Message.objects.get().channel_id == added.pk


def test_the_number_of_another_workspace_does_not_count(twilio: Channel, ana: Player, cleo: Player) -> None:
    form = hands.text(twilio, "hello") | {"To": "+14155550177"}
    (entry,) = put_aside(twilio, hands.webhook(twilio, form))
    hands.twilio_channel(cleo.member.workspace, "+14155550177")
    assert refused(entry, ana) == "unknown_number"


def test_replaying_twice_doubles_nothing(twilio: Channel, ana: Player) -> None:
    (entry,) = put_aside(twilio, signed_with(OTHER_TOKEN, twilio, "hello"))
    channels.update_channel(by=ana.actor, channel=twilio, credentials={"auth_token": OTHER_TOKEN}, at=NOW)
    replay(entry, ana)
    replay(entry, ana)
    assert Message.objects.count() == 1
    assert Conversation.objects.get().unanswered == 1


def test_what_came_again_by_itself_is_not_stored_again(twilio: Channel, ana: Player) -> None:
    """The provider's second try succeeded before somebody replayed the first."""
    request = signed_with(OTHER_TOKEN, twilio, "hello")
    (entry,) = put_aside(twilio, request)
    channels.update_channel(by=ana.actor, channel=twilio, credentials={"auth_token": OTHER_TOKEN}, at=NOW)
    assert [answer.status for answer in hands.post([(twilio, request)])] == [200]
    replay(entry, ana)
    assert Message.objects.count() == 1
    assert Conversation.objects.get().unanswered == 1


def test_stop_counts_when_it_is_replayed(twilio: Channel, ana: Player) -> None:
    (entry,) = put_aside(twilio, signed_with(OTHER_TOKEN, twilio, "STOP"))
    channels.update_channel(by=ana.actor, channel=twilio, credentials={"auth_token": OTHER_TOKEN}, at=NOW)
    replay(entry, ana)
    with pytest.raises(Refused) as error:
        outbound.queue_text(by=ana.actor, conversation=Conversation.objects.get(), body="Hello?", at=NOW)
    assert error.value.code == "opted_out"


def test_a_receipt_can_be_replayed(twilio: Channel, ana: Player) -> None:
    message = make.make_message(make.make_conversation(twilio, at=NOW), at=NOW, direction="out", status="sent")
    told = hands.receipt(twilio, "delivered", message_sid=message.provider_id)
    told.headers["x-twilio-signature"] = "bm9wZQ=="  # type: ignore[index]
    (entry,) = put_aside(twilio, told, kind="status")
    assert refused(entry, ana) == "bad_signature"
    form = dict(told.form)
    QuarantineEntry.objects.update(headers={**entry.headers, "x-twilio-signature": hands.sign(told.url, form)})
    replay(entry, ana)
    message.refresh_from_db()
    assert message.status == "delivered"
    assert StatusEvent.objects.get().message_id == message.pk


def test_what_cannot_be_understood_stays(twilio: Channel, ana: Player) -> None:
    (entry,) = put_aside(twilio, hands.webhook(twilio, {"AccountSid": hands.ACCOUNT, "Nonsense": "1"}))
    assert entry.reason == "malformed"
    assert refused(entry, ana) == "malformed"


def test_nobody_smuggles_a_text_in_by_a_wrong_address(twilio: Channel, ana: Player) -> None:
    """Kept unverified under a hook that exists at another provider: a replay checks the signature like any other."""
    form = hands.text(twilio, "I am the bank")
    forged = hands.webhook(twilio, form, signature="bm9wZQ==")
    twilio.provider = "simulator"
    (entry,) = put_aside(twilio, forged)
    assert entry.reason == "unknown_hook"
    assert refused(entry, ana) == "bad_signature"
    assert not Message.objects.exists()


def test_another_workspaces_owner_takes_nothing_in_for_it(twilio: Channel, ana: Player, cleo: Player) -> None:
    hook, request = twilio.hook, hands.webhook(twilio, hands.text(twilio, "hello"))
    Channel.objects.filter(id=twilio.pk).update(hook="notyet" * 4)
    (entry,) = put_aside(twilio, request)
    Channel.objects.filter(id=twilio.pk).update(hook=hook)
    assert refused(entry, cleo) == "unknown_hook"
    replay(entry, ana)
    assert Message.objects.get().channel_id == twilio.pk


@pytest.fixture
def picky_database() -> Iterator[None]:
    """A database that refuses one particular text."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE message ADD CONSTRAINT picky CHECK (body <> 'bad')")
        yield
        cursor.execute("ALTER TABLE message DROP CONSTRAINT IF EXISTS picky")


@pytest.mark.usefixtures("picky_database")
def test_what_the_database_refuses_stays_until_it_takes_it(twilio: Channel, ana: Player) -> None:
    (entry,) = put_aside(twilio, hands.webhook(twilio, hands.text(twilio, "bad")))
    assert entry.reason == "refused"
    assert refused(entry, ana) == "refused"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE message DROP CONSTRAINT picky")
    replay(entry, ana)
    assert Message.objects.get().body == "bad"


def test_handled_by_hand(twilio: Channel, ana: Player) -> None:
    (entry,) = put_aside(twilio, signed_with(OTHER_TOKEN, twilio, "hello"))
    quarantine.resolve(entry=entry, by=ana.actor, at=NOW)
    entry.refresh_from_db()
    assert (entry.resolved_at, entry.replayed_at, entry.resolution) == (NOW, None, "Marked as handled by Ana")
    assert not Message.objects.exists()


def test_secrets_are_not_kept(twilio: Channel) -> None:
    request = signed_with(OTHER_TOKEN, twilio, "hello")
    request.headers.update({"authorization": "Basic c2VjcmV0", "cookie": "s=1", "x-api-token": "t"})  # type: ignore[attr-defined]
    (entry,) = put_aside(twilio, request)
    assert set(entry.headers) == {"content-type", "x-twilio-signature"}


def test_what_was_handled_goes_after_a_month_and_what_nobody_handled_after_three(twilio: Channel) -> None:
    handled, waiting = put_aside(
        twilio, signed_with(OTHER_TOKEN, twilio, "one"), signed_with(OTHER_TOKEN, twilio, "two")
    )
    QuarantineEntry.objects.update(received_at=NOW)
    QuarantineEntry.objects.filter(id=handled.id).update(resolved_at=NOW)
    assert quarantine.expire(at=NOW + timedelta(days=29)) == 0
    assert quarantine.expire(at=NOW + timedelta(days=31)) == 1
    assert list(QuarantineEntry.objects.values_list("id", flat=True)) == [waiting.id]
    assert quarantine.expire(at=NOW + timedelta(days=91)) == 1
