"""Blocks have a reason and an end; a blocked sender makes no noise, and their STOP still counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import make
from tests.conftest import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.contacts import actions, queries
from twoway.contacts.models import Contact
from twoway.contacts.rules import is_blocked
from twoway.conversations.models import Conversation
from twoway.conversations.queries import counts
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace, name="Ridgeway")


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [(None, None, False), (NOW, None, True), (NOW, NOW + HOUR, True), (NOW - HOUR, NOW, False), (None, NOW, False)],
)
def test_a_block_ends_by_itself(since: object, until: object, holds: bool) -> None:
    assert is_blocked(since, until, at=NOW) is holds  # type: ignore[arg-type]


def test_a_blocked_sender_waits_for_nobody(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "hello")
    talk = Conversation.objects.get()
    actions.block(contact=talk.contact, by=ben.actor, at=NOW, reason="spam", note="Sells\0 watches")
    Conversation.objects.update(state="done", needs_reply=False, unanswered=0)
    hands.receive(twilio, "buy a watch", "HELLO?", "really cheap")
    talk.refresh_from_db()
    assert (talk.state, talk.needs_reply, talk.unanswered) == ("done", False, 0)
    assert talk.messages.filter(direction="in").count() == 4
    assert counts(ben.actor).open == 0
    assert not Message.objects.filter(direction="out").exists()


def test_a_blocked_senders_stop_still_counts(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "hello")
    actions.block(contact=Contact.objects.get(), by=ben.actor, at=NOW, reason="abuse")
    hands.receive(twilio, "STOP")
    assert OptOut.objects.filter(lifted_at=None).count() == 1


def test_after_its_end_they_are_heard_again(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "hello")
    talk = Conversation.objects.get()
    actions.block(contact=talk.contact, by=ben.actor, at=NOW - HOUR, reason="other", until=NOW - HOUR / 2)
    Conversation.objects.update(state="done", needs_reply=False, unanswered=0)
    hands.receive(twilio, "me again")
    talk.refresh_from_db()
    assert (talk.state, talk.needs_reply, talk.unanswered) == ("open", True, 1)
    assert outbound.queue_text(by=ben.actor, conversation=talk, body="Hello again", at=NOW).is_new
    assert list(queries.blocked(ben.actor, at=NOW)) == []


def test_while_it_holds_nothing_is_sent(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "hello")
    talk = Conversation.objects.get()
    actions.block(contact=talk.contact, by=ben.actor, at=NOW, until=timezone.now() + HOUR)
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=talk, body="Psst", at=NOW)
    assert refused.value.code == "blocked"


def test_blocking_again_changes_reason_and_end(twilio: Channel, ben: Player) -> None:
    contact = make.make_contact(twilio.workspace, at=NOW)
    actions.block(contact=contact, by=ben.actor, at=NOW, reason="spam")
    again = actions.block(contact=contact, by=ben.actor, at=NOW + HOUR, reason="wrong_number", until=NOW + 9 * HOUR)
    assert (again.blocked_at, again.block_reason, again.blocked_until) == (NOW, "wrong_number", NOW + 9 * HOUR)
    after = actions.block(contact=contact, by=ben.actor, at=NOW + 10 * HOUR, reason="abuse")
    assert (after.blocked_at, after.blocked_until) == (NOW + 10 * HOUR, None)
    told = AuditEntry.objects.filter(action="contact.blocked").order_by("id").values_list("data", flat=True)
    assert [entry["reason"] for entry in told] == ["spam", "wrong_number", "abuse"]
    assert actions.unblock(contact=contact, by=ben.actor, at=NOW).block_reason == ""


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"reason": "grudge"}, "reason"), ({"until": NOW}, "until"), ({"note": "x" * 201}, "note")],
)
def test_what_makes_no_sense_is_refused(
    workspace: Workspace, ben: Player, wrong: dict[str, object], field: str
) -> None:
    contact = make.make_contact(workspace, at=NOW)
    with pytest.raises(Invalid) as refused:
        actions.block(contact=contact, by=ben.actor, at=NOW, **wrong)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert Contact.objects.get(id=contact.id).blocked_at is None


def test_the_panel_asks_why_and_says_until_when(twilio: Channel, ben: Player) -> None:
    talk = make.make_conversation(twilio, at=NOW, messages=1, name="Dana Whitfield")
    form = ben.client.get(f"/c/{talk.pk}/contact/block/form/").content.decode()
    assert "Block Dana Whitfield" in form
    wrong = ben.client.post(f"/c/{talk.pk}/contact/block/", {"reason": "grudge", "days": "7", "note": "No."})
    assert wrong.status_code == 422
    assert 'value="No."' in wrong.content.decode()
    ben.client.post(f"/c/{talk.pk}/contact/block/", {"reason": "spam", "days": "7", "note": "Watches"})
    found = Contact.objects.get(id=talk.contact_id)
    assert found.blocked_until is not None
    assert found.blocked_until - timezone.now() > timedelta(days=6)
    page = ben.client.get(f"/c/{talk.pk}/").content.decode()
    assert "Blocked until" in page
    assert "Spam · Watches" in page
