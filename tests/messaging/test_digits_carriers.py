"""Carriers that write numbers without a plus, from their webhook to the thread: Plivo, Vonage's two APIs, Sinch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import make
from tests.conftest import NOW
from tests.messaging import hands
from tests.providers.recorded_cases import ACCOUNTS, signed, webhook
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message, QuarantineEntry
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

SLUGS = ("plivo", "sinch", "vonage", "vonage_sms")
every_carrier = pytest.mark.parametrize("slug", SLUGS)


def number(workspace: Workspace, slug: str, address: str = "+14155550199") -> Channel:
    credentials = dict(ACCOUNTS[slug].credentials)
    return make.make_channel(workspace, at=NOW, provider=slug, address=address, credentials=credentials)


@every_carrier
def test_a_text_reaches_the_thread_of_its_number_and_person(workspace: Workspace, slug: str) -> None:
    channel = number(workspace, slug)
    for name in ("inbound_text", "inbound_text", "inbound_emoji_and_accents"):
        (answer,) = hands.post([(channel, webhook(slug, name)[0])])
        assert answer.status == 200
    assert Identity.objects.get().value == "+14155550101"
    bodies = [message.body for message in Message.objects.order_by("id")]
    assert bodies == ["Where is my order?"], "all have one id, so they are one text"
    assert Conversation.objects.get().channel_id == channel.pk


@every_carrier
def test_a_short_code_and_a_name_can_be_read(workspace: Workspace, slug: str) -> None:
    channel = number(workspace, slug)
    hands.post([(channel, webhook(slug, "inbound_short_code")[0])])
    Message.objects.update(provider_id="another")
    hands.post([(channel, webhook(slug, "inbound_named_sender")[0])])
    found = [(one.kind, one.value) for one in Identity.objects.order_by("id")]
    assert found == [("short_code", "72345"), ("alpha", "ACME Bank")]


@every_carrier
def test_stop_is_an_opt_out(workspace: Workspace, slug: str) -> None:
    channel = number(workspace, slug)
    hands.post([(channel, webhook(slug, "inbound_stop")[0])])
    (opted_out,) = OptOut.objects.all()
    assert opted_out.identity.value == "+14155550101"


@every_carrier
@pytest.mark.parametrize("is_known", [True, False])
def test_a_receipt_finds_its_message_before_and_after_the_carriers_id_is_known(
    workspace: Workspace, slug: str, is_known: bool
) -> None:
    channel = number(workspace, slug)
    request, (said,) = webhook(slug, "receipt_delivered")
    assert said["ref"] == "8123"
    message = make.make_message(
        make.make_conversation(channel, at=NOW),
        at=NOW,
        direction="out",
        id=8123,
        status="sent" if is_known else "sending",
        provider_id=said["provider_id"] if is_known else "",
    )
    (answer,) = hands.post([(channel, request)], kind="status")
    message.refresh_from_db()
    assert (answer.status, message.status) == (200, "delivered")


@every_carrier
def test_what_nobody_signed_is_kept_and_not_believed(workspace: Workspace, slug: str) -> None:
    channel = number(workspace, slug)
    request, _ = webhook(slug, "inbound_text")
    forged = replace(request, url=request.url.partition("?")[0], headers={**request.headers, "authorization": "x"})
    (answer,) = hands.post([(channel, forged)])
    assert answer.status == 403
    assert QuarantineEntry.objects.get().reason == "bad_signature"
    assert not Message.objects.exists()


@every_carrier
def test_a_text_to_a_number_that_is_not_ours_is_kept(workspace: Workspace, slug: str) -> None:
    channel = number(workspace, slug, address="+14155550188")
    hands.post([(channel, webhook(slug, "inbound_text")[0])])
    assert QuarantineEntry.objects.get().reason == "unknown_number"


def test_the_parts_of_a_long_text_become_one(workspace: Workspace) -> None:
    channel = number(workspace, "vonage_sms")
    for name in ("inbound_part_two_of_two", "inbound_part_one_of_two"):
        hands.post([(channel, webhook("vonage_sms", name)[0])])
    assert Message.objects.get().body == "The first half and the second."


@pytest.mark.parametrize("slug", ["plivo", "vonage"])
def test_a_whatsapp_text_goes_to_the_whatsapp_number(workspace: Workspace, slug: str) -> None:
    """Each is in a workspace with a number for texts, too."""
    texts = number(workspace, slug)
    whatsapp = make.make_channel(
        workspace,
        at=NOW,
        provider=slug,
        kind="whatsapp",
        address="whatsapp:+14155550199",
        credentials=dict(ACCOUNTS[slug].credentials),
    )
    request, _ = webhook(slug, "inbound_whatsapp")
    hands.post([(texts, signed(slug, request))])
    assert Message.objects.get().channel_id == whatsapp.pk
    assert Identity.objects.get().kind == "whatsapp"
