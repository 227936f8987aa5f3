"""The simulator page: a phone that really texts, and steps that tick only when the thing happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.conftest import NOW, Player
from tests.screens_rules import inline_code
from twoway.channels import simulator
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.conversations import actions as conversations
from twoway.desk import simulator_faults, simulator_round
from twoway.messaging.models import Message

PHONE = "+19715550123"


@pytest.fixture
def number(ana: Player, _own_carrier: None) -> Channel:
    return simulator.add_number(by=ana.actor, at=NOW, name="Ridgeway Carshare")


@pytest.fixture(autouse=True)
def _own_carrier(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """A carrier that has carried nothing yet."""
    settings.DATA_DIR = tmp_path
    yield
    simulator.store().close()


def send(client: Client, number: Channel, body: str, *, handset: str = PHONE, **extra: str) -> str:
    url = reverse("desk:simulator_text")
    fields = {"channel": str(number.pk), "handset": handset, "body": body}
    return client.post(url, fields, headers={"hx-request": "true", **extra}).content.decode()


def ticked(html: str) -> list[str]:
    return re.findall(r'id="step-(\w+)" class="is-done"', html)


def test_without_a_simulated_number_the_page_offers_one(ana: Player, ben: Player) -> None:
    offer = reverse("desk:settings_channel_add", args=["simulator"])
    assert offer in ana.client.get(reverse("desk:simulator")).content.decode()
    assert offer not in ben.client.get(reverse("desk:simulator")).content.decode()


def test_the_page_shows_phone_inbox_and_five_things_to_try(ana: Player, number: Channel) -> None:
    html = ana.client.get(reverse("desk:simulator")).content.decode()
    assert inline_code(html) == []
    assert "Answer as Ana" in html
    assert f'data-key="channel-{number.pk}"' in html
    assert ticked(html) == []
    assert 'id="step-text" aria-current="step"' in html


def test_a_text_from_the_phone_reaches_the_carrier(ben: Player, number: Channel) -> None:
    html = send(ben.client, number, "Hi <b>there</b> \N{AUTOMOBILE}")
    assert "Hi &lt;b&gt;there&lt;/b&gt; \N{AUTOMOBILE}" in html
    (text,) = simulator.thread(number, PHONE)
    assert (text.from_handset, text.desk, text.body) == (True, number.address, "Hi <b>there</b> \N{AUTOMOBILE}")


@pytest.mark.parametrize(
    ("body", "words"), [("  ", "Write something first."), ("x" * 1601, "Use at most 1600 characters.")]
)
def test_what_can_not_be_sent_is_said(ben: Player, number: Channel, body: str, words: str) -> None:
    html = send(ben.client, number, body)
    assert words in html
    assert simulator.thread(number, PHONE) == []


def test_without_scripts_the_form_leads_back_to_the_same_phone(ben: Player, number: Channel) -> None:
    client = ben.client
    fields = {"channel": str(number.pk), "handset": PHONE, "body": "Hello"}
    back = client.post(reverse("desk:simulator_text"), fields)
    assert "Hello" in client.get(back["Location"]).content.decode()


def test_asking_again_costs_nothing_while_nothing_changed(ben: Player, number: Channel) -> None:
    client = ben.client
    url = f"{reverse('desk:simulator_phone')}?channel={number.pk}&handset=%2B19715550123"
    first = client.get(url)
    assert client.get(url, headers={"if-none-match": first["ETag"]}).status_code == 304
    send(client, number, "News")
    assert client.get(url, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_only_what_arrived_is_on_the_phone(number: Channel) -> None:
    store = simulator.store()
    at = timezone.now()
    told = {"from": number.address, "to": PHONE, "body": "On its way", "ref": "1"}
    store.accept(told, receipts=[], at=at)
    assert simulator_round.bubbles(number, PHONE) == []


def test_start_over_takes_a_phone_that_never_texted(ben: Player, number: Channel) -> None:
    client = ben.client
    client.get(reverse("desk:simulator"))
    send(client, number, "Hi", handset="")
    (used,) = simulator.handsets(number)
    client.post(reverse("desk:simulator_start_over"), {"channel": str(number.pk)})
    html = client.get(reverse("desk:simulator")).content.decode()
    fresh = re.search(r'name="handset" value="([^"]+)"', html)
    assert fresh
    assert fresh[1] != used
    assert "No texts yet." in html


def test_each_step_ticks_when_it_happened(ana: Player, number: Channel) -> None:
    """The facts are written by the packages that own them, as in real life."""
    client = ana.client
    page = f"{reverse('desk:simulator_phone')}?channel={number.pk}&handset=%2B19715550123"

    def done() -> list[str]:
        return ticked(client.get(page).content.decode())

    assert done() == []
    identity = make.make_identity(make.make_contact(number.workspace, at=NOW), at=NOW, value=PHONE)
    conversation = make.make_conversation(number, at=NOW, identity=identity)
    text = make.make_message(conversation, at=NOW, body="Hi")
    assert done() == ["text"]
    conversations.mark_read(conversation=conversation, by=ana.actor, message_id=text.pk)
    assert done() == ["text", "open"]
    answer = make.make_message(conversation, at=NOW + timedelta(minutes=1), direction="out", status="queued")
    assert done() == ["text", "open", "answer"]
    Message.objects.filter(id=answer.pk).update(status="delivered")
    assert done() == ["text", "open", "answer", "delivered"]
    compliance.opt_out(identity=identity, channel=number, source="keyword", keyword="STOP", at=NOW, by=ana.actor)
    assert done() == ["text", "open", "answer", "delivered", "stop"]


def test_an_automatic_answer_is_not_the_members(ana: Player, number: Channel) -> None:
    identity = make.make_identity(make.make_contact(number.workspace, at=NOW), at=NOW, value=PHONE)
    conversation = make.make_conversation(number, at=NOW, identity=identity)
    make.make_message(conversation, at=NOW, body="HELP")
    make.make_message(conversation, at=NOW, direction="out", author="system", status="delivered")
    found = simulator_round.facts(ana.actor, number, PHONE)
    assert not found.is_answered
    assert not found.is_delivered


def test_faults_are_turned_on_shown_and_off(ana: Player, number: Channel) -> None:
    client = ana.client
    url = reverse("desk:simulator_faults")
    chosen = {"channel": str(number.pk), "delay_ms": "5000", "reject_code": "30006", "lost": "0.5", "outage": "30"}
    client.post(url, chosen)
    faults = simulator.faults()
    assert (faults.delay_ms, faults.reject, faults.reject_code, faults.lost) == (5000, 1.0, "30006", 0.5)
    assert faults.is_out(timezone.now())
    html = client.get(reverse("desk:simulator")).content.decode()
    assert "4 on</span>" in html
    assert '<option value="30006" selected>' in html
    client.post(url, {"channel": str(number.pk)})
    assert simulator_faults.count_on(simulator.faults(), at=timezone.now()) == 0


def test_a_fault_nobody_offered_counts_as_off(ana: Player, number: Channel) -> None:
    odd = {"channel": str(number.pk), "delay_ms": "999999999", "lost": "7", "outage": "1e9", "reject_code": "<b>"}
    assert ana.client.post(reverse("desk:simulator_faults"), odd).status_code == 302
    assert simulator_faults.count_on(simulator.faults(), at=timezone.now()) == 0
