"""Texts that arrive while two contacts become one, and two again: none is lost, all stand where they belong."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation
from twoway.messaging.intake import Intake
from twoway.messaging.merging import actions
from twoway.messaging.merging.models import Merge
from twoway.messaging.models import Message, QuarantineEntry
from twoway.teams.models import Workspace

ROUNDS, TEXTS = 6, 240


def _merge_and_part(kept: int, gone: int, ana: Player) -> None:
    """As members do it, in transactions of their own, again and again; merged in the end."""
    try:
        for number in range(ROUNDS):
            people = {row.pk: row for row in Contact.objects.filter(id__in=[kept, gone])}
            row = actions.merge(kept=people[kept], gone=people[gone], by=ana.actor, at=NOW)
            if number < ROUNDS - 1:
                actions.unmerge(merge=row, by=ana.actor, at=NOW)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_no_text_is_lost(workspace: Workspace, ana: Player) -> None:
    senders = ["+14155550101", "+14155550102"]
    contacts = [make.make_contact(workspace, at=NOW, name=name) for name in ("Dana", "Dana W.")]
    for contact, sender in zip(contacts, senders, strict=True):
        make.make_identity(contact, at=NOW, value=sender)
    first, second = (hands.twilio_channel(workspace, address=f"+1415555019{n}") for n in (1, 2))
    texts = [(first if n % 3 else second, senders[n % 2], f"text {n}") for n in range(TEXTS)]

    async def use(intake: Intake) -> None:
        merging = asyncio.create_task(asyncio.to_thread(_merge_and_part, contacts[0].pk, contacts[1].pk, ana))
        for start in range(0, TEXTS, 4):
            answers = await asyncio.gather(
                *(_take(intake, channel, sender, body) for channel, sender, body in texts[start : start + 4])
            )
            assert set(answers) == {200}
        await merging

    hands.with_intake(use)
    assert (Message.objects.count(), QuarantineEntry.objects.count()) == (TEXTS, 0)
    assert set(Message.objects.values_list("body", flat=True)) == {body for _, _, body in texts}
    actions.gather_strays(at=NOW + timedelta(minutes=1))
    assert set(Identity.objects.values_list("contact_id", flat=True)) == {contacts[0].pk}
    assert set(Conversation.objects.values_list("contact_id", flat=True)) == {contacts[0].pk}
    assert Conversation.objects.count() == 2
    for talk in Conversation.objects.all():
        assert talk.last_message_id == Message.objects.filter(conversation=talk).order_by("-id").values_list("id")[0][0]
    row = Merge.objects.get(undone_at=None)
    actions.unmerge(merge=row, by=ana.actor, at=NOW + timedelta(minutes=2))
    for message in Message.objects.select_related("identity", "conversation"):
        assert message.conversation.contact_id == message.identity.contact_id
    assert Message.objects.count() == TEXTS


async def _take(intake: Intake, channel: Channel, sender: str, body: str) -> int:
    raw = hands.webhook(channel, hands.text(channel, body, sender=sender))
    answer = await intake.take(provider=channel.provider, hook=channel.hook, kind="inbound", raw=raw)
    return answer.status
