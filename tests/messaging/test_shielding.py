"""Nothing that was taken out of a text is anywhere: not in a row, on disk, in the quarantine, or in what follows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.cast import Player
from tests.conftest import NOW
from tests.messaging import hands, smpp_hands, test_spool
from tests.messaging.relay import Relay
from twoway.channels.models import Channel
from twoway.compliance.content.models import ContentSettings
from twoway.compliance.models import OptOut
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.messaging import quarantine
from twoway.messaging.intake import Intake
from twoway.messaging.models import Message, QuarantineEntry
from twoway.messaging.part_models import InboundPart
from twoway.messaging.shielding import notice
from twoway.messaging.spool import Spool
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

CARD = "4111 1111 1111 1111"


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


def send(channel: Channel, *bodies: str, seconds: float = 0, sender: str = hands.CUSTOMER) -> None:
    """Texts that come one after the other, so many seconds after the test's noon."""
    for body in bodies:
        at = NOW + timedelta(seconds=seconds)
        hands.post([(channel, hands.webhook(channel, hands.text(channel, body, sender=sender), at=at))])


def kept() -> list[tuple[str, str]]:
    return list(Message.objects.filter(direction="in").order_by("id").values_list("body", "shielded"))


def everywhere() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        words = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            words += [row[0] for row in cursor.fetchall()]
    return "\n".join(words)


def test_a_card_number_is_masked_before_it_is_stored_anywhere(twilio: Channel) -> None:
    send(twilio, f"Here you go {CARD} cvv 987")
    assert kept() == [("Here you go 411111******1111 cvv ***", "card cvv")]
    assert Conversation.objects.get().preview == "Here you go 411111******1111 cvv ***"
    stored = everywhere()
    assert CARD not in stored
    assert "4111111111111111" not in stored
    assert "cvv 987" not in stored


def test_an_ordinary_text_is_not_marked(twilio: Channel) -> None:
    send(twilio, "Where is my order 48213?")
    assert kept() == [("Where is my order 48213?", "")]
    assert not Message.objects.filter(direction="out").exists()


def test_a_number_in_two_texts_is_masked_in_both(twilio: Channel) -> None:
    send(twilio, "my card is 4111 1111")
    send(twilio, "1111 1111", seconds=90)
    assert kept() == [("my card is 4111 11**", "card"), ("**** 1111", "card")]
    assert Conversation.objects.get().preview == "**** 1111"


def test_two_texts_far_apart_are_not_one_number(twilio: Channel) -> None:
    send(twilio, "4111 1111")
    send(twilio, "1111 1111", seconds=130)
    assert kept() == [("4111 1111", ""), ("1111 1111", "")]


def test_texts_of_two_people_are_not_one_number(twilio: Channel) -> None:
    send(twilio, "4111 1111")
    send(twilio, "1111 1111", sender="+14155550102")
    assert [shielded for _, shielded in kept()] == ["", ""]


def test_pieces_in_one_batch(twilio: Channel) -> None:
    texts = [hands.webhook(twilio, hands.text(twilio, body)) for body in ("4111", "1111", "1111", "1111")]
    hands.post([(twilio, text) for text in texts])
    assert [body for body, _ in kept()] == ["4111", "11**", "****", "1111"]


def test_digits_alone_after_a_card_number_are_its_code(twilio: Channel) -> None:
    send(twilio, CARD)
    send(twilio, "987", seconds=600)
    send(twilio, "987", seconds=700)
    assert kept()[1:] == [("***", "cvv"), ("987", "")]


def test_the_customer_is_told_once_a_day(twilio: Channel, workspace: Workspace) -> None:
    send(twilio, CARD, f"or {CARD}")
    told = Message.objects.filter(direction="out")
    assert [one.purpose for one in told] == ["shield_notice"]
    assert told[0].body.startswith(f"{workspace.name}: For your safety we removed the card number you sent.")
    send(twilio, CARD, seconds=90_000)
    assert Message.objects.filter(direction="out").count() == 2


def test_a_workspace_chooses_its_words_a_link_or_nothing(twilio: Channel, workspace: Workspace) -> None:
    settings = ContentSettings.objects.create(
        workspace=workspace, payment_link="https://pay.example/7", masks_ssn=False
    )
    send(twilio, CARD, "my ssn is 123-45-6789")
    assert Message.objects.get(direction="out").body.endswith("You can pay safely here: https://pay.example/7")
    assert kept()[1] == ("my ssn is 123-45-6789", "")
    settings.tells_customers = False
    settings.save()
    send(twilio, CARD, seconds=90_000)
    assert Message.objects.filter(direction="out").count() == 1


def test_who_opted_out_is_not_told(twilio: Channel) -> None:
    send(twilio, "STOP")
    before = Message.objects.filter(direction="out").count()
    assert OptOut.objects.exists()
    send(twilio, CARD, seconds=5)
    assert Message.objects.filter(direction="out").count() == before
    assert kept()[1] == ("411111******1111", "card")


def test_the_words_of_the_notice() -> None:
    assert notice("", business="Acme", kinds=["ssn"], link="https://pay.example") == (
        "Acme: For your safety we removed the Social Security number you sent. "
        "Please don't text card numbers, codes or passwords."
    )
    assert notice(
        "{business} removed your {what}. Pay: {link}", business="A", kinds=["card", "cvv"], link="x.example"
    ) == ("A removed your card number and card security code. Pay: x.example")


# Requests as they came ------------------------------------------------------------------------------------------------


def test_the_quarantine_keeps_no_secret_and_says_so(twilio: Channel, ana: Player) -> None:
    good = hands.webhook(twilio, hands.text(twilio, f"{CARD} cvv 987"), signature="wrong")
    hands.post([(twilio, good)])
    entry = QuarantineEntry.objects.get()
    assert entry.shielded == "card cvv"
    assert b"987" not in bytes(entry.body)
    assert b"411111%2A%2A%2A%2A%2A%2A1111" in bytes(entry.body)
    with pytest.raises(Refused) as refused:
        quarantine.replay(entry=entry, by=ana.actor, at=NOW)
    assert refused.value.code == "shielded"


def test_a_text_to_a_number_that_is_not_ours_can_be_replayed_without_its_secret(
    twilio: Channel, workspace: Workspace, ana: Player
) -> None:
    form = hands.text(twilio, CARD) | {"To": "+14155550333"}
    hands.post([(twilio, hands.webhook(twilio, form))])
    assert QuarantineEntry.objects.get().shielded == "card"
    hands.twilio_channel(workspace, "+14155550333")
    quarantine.replay(entry=QuarantineEntry.objects.get(), by=ana.actor, at=NOW)
    assert kept()[0][0] == "411111******1111"
    assert CARD not in everywhere()


def test_the_spool_keeps_no_secret_and_the_text_is_marked_all_the_same(twilio: Channel, tmp_path: Path) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        await relay.cut()
        assert await test_spool.deliver(intake, twilio, *test_spool.texts(twilio, CARD)) == [200]
        assert spool.entries == 1
        (told,) = await spool.oldest(1)
        assert told is not None
        assert b"411111%2A%2A%2A%2A%2A%2A1111" in told.raw.body
        await relay.mend()
        await test_spool.until(lambda: spool.entries == 0)

    test_spool.play(tmp_path, use)
    assert kept() == [("411111******1111", "card")]


def test_parts_of_a_long_text_are_masked_and_their_words_forgotten(workspace: Workspace) -> None:
    number = smpp_hands.smpp_channel(workspace)
    words = (f"first {CARD} then 4111 11", "11 1111 1111")
    smpp_hands.take(number, [smpp_hands.delivered(smpp_hands.piece(words[0], 1, 2))])
    assert "1111 1111 1111" not in bytes(InboundPart.objects.get().words).decode("utf-16-be")
    smpp_hands.take(number, [smpp_hands.delivered(smpp_hands.piece(words[1], 2, 2))])
    assert kept() == [("first 411111******1111 then 411111******1111", "card")]
    assert {bytes(one.words) for one in InboundPart.objects.all()} == {b""}
