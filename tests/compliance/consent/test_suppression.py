"""A STOP outlives the contact: whoever has the number next is opted out, however they come back."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance import queries
from twoway.compliance.consent import actions
from twoway.compliance.consent.models import ConsentEntry, Suppression
from twoway.compliance.consent.queries import verify
from twoway.compliance.models import OptOut
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact, Identity
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.sms import phone
from twoway.teams.actor import system
from twoway.teams.models import Workspace

DANA = "+15035550178"


def stopped(channel: Channel) -> Identity:
    """Dana, who texted STOP."""
    dana = make.make_identity(make.make_contact(channel.workspace, at=NOW, name="Dana"), at=NOW, value=DANA)
    by = system(channel.workspace_id)
    compliance.opt_out(identity=dana, channel=channel, source="keyword", keyword="STOP", at=NOW, by=by)
    return dana


def erase(identity: Identity) -> None:
    actions.minimise(identity_ids=[identity.pk], at=NOW, by=system(identity.workspace_id))
    identity.contact.delete()
    assert not OptOut.objects.exists()


def added(channel: Channel, by: Player) -> Identity:
    return contacts.find_or_create(identity=phone.Identity("phone", DANA), by=by.actor, at=NOW)[0]


def test_stop_erase_and_the_same_number_added_again(channel: Channel, ben: Player) -> None:
    erase(stopped(channel))
    again = added(channel, ben)
    assert queries.is_opted_out(identity=again, channel=channel)
    row = OptOut.objects.get()
    assert (row.source, row.covers, row.opted_out_at) == ("keyword", "all", NOW)
    assert Suppression.objects.get().identity_id == again.pk
    assert verify(channel.workspace_id).broken_at == 0


def test_also_when_the_contact_was_deleted_without_more_ado(channel: Channel, ben: Player) -> None:
    stopped(channel).contact.delete()
    assert queries.is_opted_out(identity=added(channel, ben), channel=channel)


def test_also_when_the_rows_were_deleted_past_the_program(channel: Channel, ben: Player) -> None:
    dana = stopped(channel)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM opt_out; DELETE FROM identity WHERE id = %s", [dana.pk])
    assert queries.is_opted_out(identity=added(channel, ben), channel=channel)


def test_start_after_that_lifts_it_for_good(channel: Channel, ben: Player) -> None:
    erase(stopped(channel))
    again = added(channel, ben)
    by = system(channel.workspace_id)
    assert compliance.lift(identity=again, channel=channel, source="keyword", keyword="START", at=NOW, by=by) == 1
    assert not Suppression.objects.exists()
    again.contact.delete()
    assert not queries.is_opted_out(identity=added(channel, ben), channel=channel)


def test_the_scope_survives_too(channel: Channel, ben: Player, workspace: Workspace) -> None:
    other = make.make_channel(workspace, at=NOW)
    actions.set_stop_scope(scope="service", by=system(workspace.pk), at=NOW)
    erase(stopped(channel))
    again = added(channel, ben)
    assert queries.is_opted_out(identity=again, channel=channel)
    assert not queries.is_opted_out(identity=again, channel=other)


def test_consent_given_before_does_not_come_back(channel: Channel, ben: Player) -> None:
    dana = make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW, value=DANA)
    by = system(channel.workspace_id)
    actions.grant(identity=dana, purpose="promotion", level="written", method="form", at=NOW, by=by)
    dana.contact.delete()
    again = added(channel, ben)
    actions.request(identity=again, purpose="promotion", level="written", method="form", at=NOW, by=by)
    entry = ConsentEntry.objects.get(change="requested")
    assert entry.identity_id == again.pk
    assert actions.confirm(identity=again, purpose="promotion", at=NOW, by=by).position == 3


def test_another_number_and_another_workspace_are_free(channel: Channel, ben: Player, cleo: Player) -> None:
    erase(stopped(channel))
    luis, _ = contacts.find_or_create(identity=phone.Identity("phone", "+15035550145"), by=ben.actor, at=NOW)
    assert not queries.is_opted_out(identity=luis, channel=channel)
    theirs = added(channel, cleo)
    assert not OptOut.objects.filter(identity=theirs).exists()


def test_a_number_suppressed_before_anybody_had_it(channel: Channel, ben: Player) -> None:
    address = phone.Identity("phone", DANA)
    actions.record(address=address, change="withdrawn", method="import", at=NOW, by=system(channel.workspace_id))
    again = added(channel, ben)
    assert queries.is_opted_out(identity=again, channel=channel)
    assert OptOut.objects.get().source == "member"


@pytest.mark.django_db(transaction=True)
def test_the_erased_person_texts_again(workspace: Workspace, ben: Player) -> None:
    """In the transaction of their first text; START in that very text lifts it."""
    twilio = hands.twilio_channel(workspace)
    hands.receive(twilio, "STOP", "bye")
    Contact.objects.get().delete()
    hands.receive(twilio, "me again")
    again = Identity.objects.get()
    assert queries.is_opted_out(identity=again, channel=twilio)
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=again.contact.conversations.get(), body="Hello!", at=NOW)
    assert refused.value.code == "opted_out"
    Contact.objects.get().delete()
    hands.receive(twilio, "START")
    assert not queries.is_opted_out(identity=Identity.objects.get(), channel=twilio)
    assert Message.objects.filter(author="system", body__contains="opted back in").count() == 1
    assert verify(workspace.pk).count == 2


@pytest.mark.django_db(transaction=True)
def test_stop_and_start_in_intake_write_the_ledger(workspace: Workspace) -> None:
    twilio = hands.twilio_channel(workspace)
    hands.receive(twilio, "hi", "STOP", "STOP", "START")
    stop, start = ConsentEntry.objects.order_by("position")
    words = dict(Message.objects.filter(direction="in").values_list("id", "body"))
    assert (stop.change, stop.purpose, stop.channel_id, stop.method) == ("withdrawn", "all", None, "keyword")
    assert (stop.proof["keyword"].upper(), words[stop.proof["message_id"]]) == ("STOP", "STOP")
    assert (start.change, start.level, words[start.proof["message_id"]]) == ("lifted", "express", "START")
    assert verify(workspace.pk).broken_at == 0


@pytest.mark.django_db(transaction=True)
def test_ordinary_texts_write_nothing(workspace: Workspace) -> None:
    hands.receive(hands.twilio_channel(workspace), "hi", "yes", "where is my car?")
    assert not ConsentEntry.objects.exists()
