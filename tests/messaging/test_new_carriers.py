"""Recorded webhooks of Telnyx, Bandwidth, Bird's three generations and a phone, through the whole of intake."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests import make
from tests.cast import NOW
from tests.messaging import hands
from tests.providers.recorded_cases import ACCOUNTS, signed, webhook
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.messaging.models import Message, QuarantineEntry, StatusEvent
from twoway.providers import registry
from twoway.providers.base import HttpResponse, RawRequest
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

SLUGS = ("android", "bandwidth", "bird", "bird_channels", "messagebird", "telnyx")
every_one = pytest.mark.parametrize("slug", SLUGS)


def connected(workspace: Workspace, slug: str, **fields: Any) -> Channel:
    account = ACCOUNTS[slug]
    kept = dict(account.credentials)
    given = {"stop_handled_by": "provider" if registry.get(slug).handles_stop else "us", **fields}
    return make.make_channel(workspace, at=NOW, provider=slug, address=account.address, credentials=kept, **given)


def recorded(channel: Channel, name: str, *, kind: str = "inbound", **changes: str) -> RawRequest:
    """A recorded webhook as it comes to this channel's address, signed for it; some of its words changed."""
    told, _ = webhook(channel.provider, name)
    query = told.url.partition("?")[2]
    body, address = told.body.decode(), hands.url(channel, kind, query)
    for before, after in changes.items():
        body, address = body.replace(before, after), address.replace(before, after)
    kept = {"content-type": told.headers["content-type"]}
    return signed(channel.provider, replace(told, url=address, headers=kept, body=body.encode(), received_at=NOW))


def deliver(channel: Channel, *requests: RawRequest, kind: str = "inbound") -> list[HttpResponse]:
    return hands.post([(channel, request) for request in requests], kind=kind)


@every_one
def test_a_text_is_stored_once_however_often_it_comes(workspace: Workspace, slug: str) -> None:
    channel = connected(workspace, slug)
    answers = deliver(channel, *[recorded(channel, "inbound_text")] * 3)
    assert {answer.status for answer in answers} == {200}
    message = Message.objects.get()
    assert (message.body, message.sender, message.channel_id) == ("Where is my order?", "+14155550101", channel.pk)


@every_one
def test_a_stop_is_kept_and_confirmed_by_one_of_us_only(workspace: Workspace, slug: str) -> None:
    channel = connected(workspace, slug)
    deliver(channel, recorded(channel, "inbound_stop"))
    assert OptOut.objects.count() == 1
    confirmations = Message.objects.filter(direction="out").count()
    assert confirmations == (0 if registry.get(slug).handles_stop else 1)


@every_one
def test_a_receipt_finds_a_message_whose_call_has_not_returned(workspace: Workspace, slug: str) -> None:
    channel = connected(workspace, slug)
    conversation = make.make_conversation(channel, at=NOW)
    sent = make.make_message(
        conversation, at=NOW, direction="out", body="Hello", provider_id="", status="sending", claimed_at=NOW
    )
    ours = _with_ref(recorded(channel, "receipt_delivered", kind="status"), slug, str(sent.pk))
    (answer,) = deliver(channel, ours, kind="status")
    assert answer.status == 200
    sent.refresh_from_db()
    assert sent.status == "delivered"
    assert sent.provider_id
    assert StatusEvent.objects.get().message_id == sent.pk


def _with_ref(request: RawRequest, slug: str, ref: str) -> RawRequest:
    """The same with this reference instead of the recorded 41, signed again."""
    places = {
        "android": ('"messageId":"41-', f'"messageId":"{ref}-'),
        "bandwidth": ('"tag":"41"', f'"tag":"{ref}"'),
        "bird": ('"ref":"41"', f'"ref":"{ref}"'),
        "bird_channels": ('"reference":"41"', f'"reference":"{ref}"'),
        "messagebird": ("reference=41", f"reference={ref}"),
        "telnyx": ("m=41", f"m={ref}"),
    }
    before, after = places[slug]
    changed = replace(
        request,
        url=request.url.replace(before, after),
        body=request.body.replace(before.encode(), after.encode()) if request.body else b"",
        headers={"content-type": request.headers["content-type"]},
    )
    assert (changed.url, changed.body) != (request.url, request.body)
    return signed(slug, changed)


def test_a_phone_that_does_not_know_its_number_brings_texts_to_the_hooks_channel(workspace: Workspace) -> None:
    channel = connected(workspace, "android")
    deliver(channel, recorded(channel, "inbound_where_the_phone_does_not_know_its_number"))
    assert Message.objects.get().channel_id == channel.pk
    assert not QuarantineEntry.objects.exists()


def test_a_phone_that_was_switched_off_here_keeps_its_texts_for_quarantine(workspace: Workspace) -> None:
    channel = connected(workspace, "android", is_active=False)
    deliver(channel, recorded(channel, "inbound_where_the_phone_does_not_know_its_number"))
    assert not Message.objects.exists()
    assert QuarantineEntry.objects.get().reason == "unknown_number"


def test_one_bad_event_of_an_array_does_not_hold_the_others_up(workspace: Workspace) -> None:
    channel = connected(workspace, "bandwidth")
    deliver(channel, recorded(channel, "inbound_one_of_two_unreadable"))
    assert Message.objects.get().body == "One"
    assert QuarantineEntry.objects.filter(reason="malformed").exists()


@pytest.mark.parametrize("slug", ["android", "bird", "bird_channels", "messagebird", "telnyx"])
def test_a_refused_webhook_keeps_its_signature_for_a_replay(workspace: Workspace, slug: str) -> None:
    channel = connected(workspace, slug)
    request = recorded(channel, "inbound_text")
    (answer,) = deliver(channel, replace(request, body=request.body + b" "))
    assert answer.status == 403
    kept = QuarantineEntry.objects.get()
    proofs = set(request.headers) - {"content-type"}
    assert proofs <= set(kept.headers)


def test_a_refused_callback_password_is_not_kept(workspace: Workspace) -> None:
    channel = connected(workspace, "bandwidth")
    request = recorded(channel, "inbound_text")
    wrong = {**request.headers, "authorization": "Basic d3Jvbmc6d3Jvbmc="}
    (answer,) = deliver(channel, replace(request, headers=wrong))
    assert answer.status == 403
    assert "d3Jvbmc" not in json.dumps(QuarantineEntry.objects.get().headers)
