"""What happens next: each event's reactions once, whatever fails and however many reactors there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway import reactions
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.models import Event
from twoway.events.types import MessageFailed
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.teams import actions as teams
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


@pytest.fixture
def conversation(twilio: Channel) -> Conversation:
    return make.make_conversation(twilio, at=NOW)


def refused_by_carrier(conversation: Conversation, code: str) -> Message:
    """A text of ours, and the receipt with which the carrier says why it did not arrive."""
    message = make.make_message(conversation, at=NOW, direction="out", status="sent")
    told = hands.receipt(conversation.channel, "undelivered", message_sid=message.provider_id, ErrorCode=code)
    hands.hear(conversation.channel, told)
    return message


def react(at: datetime = NOW) -> int:
    """Until nothing is left to do; how many events were handled."""
    handled = reactions.react(at=at)
    while Event.objects.filter(is_pending=True).exists():
        handled += reactions.react(at=at)
    return handled


def reach(conversation: Conversation) -> str:
    return Identity.objects.get(id=conversation.identity_id).reach


def test_opted_out_at_the_carrier_is_an_opt_out_once(conversation: Conversation, ben: Player) -> None:
    refused_by_carrier(conversation, "21610")
    react()
    opt_out = OptOut.objects.get()
    assert (opt_out.identity_id, opt_out.source, opt_out.lifted_at) == (conversation.identity_id, "carrier", None)
    refused_by_carrier(conversation, "21610")
    react()
    assert OptOut.objects.get() == opt_out
    assert Event.objects.filter(type="contact_opted_out").count() == 1
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=conversation, body="Hello?", at=NOW)
    assert refused.value.code == "opted_out"


def test_opted_out_at_the_carrier_withdraws_what_waits(conversation: Conversation, ben: Player) -> None:
    waiting = outbound.queue_text(by=ben.actor, conversation=conversation, body="On its way", at=NOW).message
    refused_by_carrier(conversation, "21610")
    react()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error) == ("canceled", "opted_out")


@pytest.mark.parametrize(("code", "suspected", "marked"), [
    ("30006", "suspected_landline", "landline"),
    ("21211", "suspected_invalid", "invalid"),
])  # fmt: skip
def test_a_number_that_cannot_be_texted_is_marked_when_heard_on_two_days(
    conversation: Conversation, ben: Player, code: str, suspected: str, marked: str
) -> None:
    refused_by_carrier(conversation, code)
    react()
    refused_by_carrier(conversation, code)
    react(NOW + timedelta(hours=1))
    assert reach(conversation) == suspected
    outbound.queue_text(by=ben.actor, conversation=conversation, body="Still allowed", at=NOW)
    refused_by_carrier(conversation, code)
    react(NEXT_DAY)
    assert reach(conversation) == marked
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=conversation, body="Hello?", at=NEXT_DAY)
    assert refused.value.code in {"landline", "unreachable"}


def test_two_different_suspicions_do_not_add_up(conversation: Conversation) -> None:
    for days, code in enumerate(["30006", "21211", "30006"]):
        refused_by_carrier(conversation, code)
        react(NOW + timedelta(days=days))
    assert reach(conversation) == "suspected_landline"


def test_a_failure_that_is_not_the_persons_changes_nothing_about_them(conversation: Conversation) -> None:
    for day in (NOW, NEXT_DAY):
        refused_by_carrier(conversation, "30007")
        react(day)
    assert reach(conversation) == ""
    assert not OptOut.objects.exists()


def test_what_a_leaver_holds_is_given_back(conversation: Conversation, ana: Player, ben: Player) -> None:
    Conversation.objects.update(assignee=ben.member)
    teams.deactivate_member(by=ana.actor, member=ben.member, at=NOW)
    react()
    conversation.refresh_from_db()
    assert conversation.assignee is None


def unreadable(workspace: Workspace) -> Event:
    """An event that no reaction can handle: a newer release wrote it."""
    return Event.objects.create(workspace_id=workspace.pk, type="from_the_future", data={}, at=NOW, is_pending=True)


def test_an_event_that_fails_holds_up_nobody(conversation: Conversation, workspace: Workspace) -> None:
    bad = unreadable(workspace)
    refused_by_carrier(conversation, "21610")
    reactions.react(at=NOW)
    assert OptOut.objects.count() == 1
    assert list(Event.objects.filter(is_pending=True)) == [bad]


def test_an_event_that_keeps_failing_is_set_aside(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    bad = unreadable(workspace)
    for tries in range(1, reactions.MOST_TRIES + 1):
        bad.refresh_from_db()
        assert bad.is_pending, f"set aside after {tries - 1} tries"
        assert reactions.react(at=NOW) == 1
    bad.refresh_from_db()
    assert not bad.is_pending
    assert reactions.react(at=NOW) == 0
    assert [record.levelname for record in caplog.records].count("ERROR") == reactions.MOST_TRIES


@pytest.fixture
def marks_are_refused() -> Iterator[None]:
    """A database that fails at the end of every reaction to a failed text, when its event is marked as handled."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE event ADD CONSTRAINT unmarked CHECK (is_pending OR type <> 'message_failed')")
        yield
        cursor.execute("ALTER TABLE event DROP CONSTRAINT unmarked")


@pytest.mark.usefixtures("marks_are_refused")
def test_what_a_failed_reaction_wrote_is_undone(conversation: Conversation) -> None:
    """Reaction and mark are one transaction: an event is handled whole, or not at all."""
    message = refused_by_carrier(conversation, "21610")
    assert reactions.react(at=NOW) == 1
    assert Event.objects.get(message_id=message.id).is_pending
    assert not OptOut.objects.exists()


def test_two_reactors_handle_each_event_once(conversation: Conversation) -> None:
    message = make.make_message(conversation, at=NOW, direction="out", status="failed")
    for _ in range(60):
        failed = MessageFailed(
            workspace_id=conversation.workspace_id,
            conversation_id=conversation.id,
            message_id=message.id,
            reason="carrier_filtered",
        )
        publish(failed, at=NOW)
    begin, handled = Barrier(2), []

    def work() -> None:
        try:
            begin.wait()
            while Event.objects.filter(is_pending=True).exists():
                handled.append(reactions.react(at=NOW, limit=5))
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(handled) == 60
    assert not Event.objects.filter(is_pending=True).exists()
