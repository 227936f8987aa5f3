"""A number that isn't theirs is parted from the person, and is not texted again."""

from __future__ import annotations

import pytest

from tests import make
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import NotAllowed, Refused
from twoway.messaging import outbound


def test_the_number_goes_and_its_opt_out_stays_with_it(channel: Channel, ben: Player) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=2, name="Dana Whitfield")
    dana, number = talk.contact, talk.identity
    mail = make.make_identity(dana, at=NOW, kind="email", value="dana@example.com")
    other = make.make_conversation(channel=make.make_channel(channel.workspace, at=NOW), at=NOW, identity=mail)
    unknown = actions.wrong_number(conversation=talk, by=ben.actor, at=NOW)
    number.refresh_from_db()
    assert number.contact == unknown
    assert (unknown.name, list(dana.identities.all())) == ("", [mail])
    assert Conversation.objects.get(pk=talk.pk).contact == unknown
    assert Conversation.objects.get(pk=talk.pk).state == "done"
    assert Conversation.objects.get(pk=other.pk).contact == dana
    assert OptOut.objects.filter(identity=number, channel=channel, lifted_at=None).exists()
    assert not OptOut.objects.filter(identity=mail).exists()
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=Conversation.objects.get(pk=talk.pk), body="Hi", at=NOW)
    assert refused.value.code == "opted_out"
    assert AuditEntry.objects.get(action="contact.wrong_number").data == {"identity": number.pk, "now": unknown.pk}


def test_strangers_part_nobody(channel: Channel, cleo: Player) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    with pytest.raises(NotAllowed):
        actions.wrong_number(conversation=talk, by=cleo.actor, at=NOW)
    assert not OptOut.objects.exists()


def test_one_click_in_the_panel(channel: Channel, ben: Player) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    assert "Wrong number" in ben.client.get(f"/c/{talk.pk}/").content.decode()
    ben.client.post(f"/c/{talk.pk}/contact/wrong-number/")
    assert "Dana Whitfield" not in ben.client.get(f"/c/{talk.pk}/").content.decode()
