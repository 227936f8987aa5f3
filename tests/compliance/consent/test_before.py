"""Opt-outs from before the ledger: the migration writes their entries."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import queries
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.consent.queries import verify
from twoway.compliance.models import OptOut
from twoway.contacts import actions as contacts
from twoway.sms import phone


def test_they_outlive_an_erasure_too(channel: Channel, ben: Player) -> None:
    held, lifted = [make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW) for _ in range(2)]
    about = {"workspace": channel.workspace, "channel": channel, "source": "keyword", "opted_out_at": NOW}
    OptOut.objects.create(identity=held, keyword="STOP", **about)
    OptOut.objects.create(identity=lifted, keyword="STOP", lifted_at=NOW, lifted_by="START", **about)
    import_module("twoway.compliance.consent.migrations.0003_opt_outs_of_before").carry_over(apps, None)
    changes = list(ConsentEntry.objects.order_by("position").values_list("change", "identity_id", "level"))
    assert changes == [("withdrawn", held.pk, ""), ("withdrawn", lifted.pk, ""), ("lifted", lifted.pk, "express")]
    assert verify(channel.workspace_id).broken_at == 0
    for person, is_out in ((held, True), (lifted, False)):
        person.contact.delete()
        again, _ = contacts.find_or_create(identity=phone.Identity("phone", person.value), by=ben.actor, at=NOW)
        assert queries.is_opted_out(identity=again, channel=channel) == is_out
