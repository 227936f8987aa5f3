"""The composer: what the checks say while typing, and what it takes to ask for a secret."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation, Draft
from twoway.messaging.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    found = make.make_conversation(channel, at=timezone.now())
    make.make_message(found, at=timezone.now() - timedelta(minutes=1), shielded="card cvv", body="411111******1111 ***")
    return found


def meter(clients: SimpleNamespace, talk: Conversation, body: str) -> str:
    told = {"body": body, "channel": talk.channel_id, "conversation": talk.pk}
    page: str = clients.ben.post(reverse("desk:meter"), told).content.decode()
    return page


def reply(clients: SimpleNamespace, talk: Conversation, body: str, **fields: str) -> tuple[int, str]:
    told = {"body": body, "key": "k1", **fields}
    answer = clients.ben.post(reverse("desk:reply", args=[talk.pk]), told, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def test_the_thread_says_what_was_taken_out(clients: SimpleNamespace, talk: Conversation) -> None:
    page = clients.ben.get(reverse("desk:conversation", args=[talk.pk])).content.decode()
    assert "Card number and card security code removed" in page


def test_while_typing(clients: SimpleNamespace, talk: Conversation) -> None:
    assert "Never ask for a card number by text" in meter(clients, talk, "What's your card number?")
    assert "This text has a card number in it" in meter(clients, talk, "4111 1111 1111 1111")
    assert "banner" not in meter(clients, talk, "You're all set").partition("composer-care")[2]


def test_asking_for_a_secret_takes_a_second_step(clients: SimpleNamespace, talk: Conversation) -> None:
    status, page = reply(clients, talk, "What's your card number?")
    assert status == 422
    assert 'name="confirmed"' in page
    assert not Message.objects.filter(direction="out").exists()
    status, _ = reply(clients, talk, "What's your card number?", confirmed="1")
    assert status == 200
    assert Message.objects.filter(direction="out").count() == 1


def test_a_card_number_of_ours_is_refused_and_the_draft_has_none(clients: SimpleNamespace, talk: Conversation) -> None:
    status, page = reply(clients, talk, "it is 4111 1111 1111 1111", confirmed="1")
    assert status == 422
    assert "Send anyway" not in page
    assert Draft.objects.get().body == "it is 411111******1111"
    assert not Message.objects.filter(direction="out").exists()


def test_a_first_text_that_asks_for_a_secret(clients: SimpleNamespace, channel: Channel) -> None:
    told = {"to": "+14155550188", "channel": channel.pk, "body": "Please send your SSN", "key": "k2"}
    page = clients.ben.post(reverse("desk:new_conversation"), told)
    assert page.status_code == 422
    assert "Send anyway" in page.content.decode()
    assert clients.ben.post(reverse("desk:new_conversation"), {**told, "confirmed": "1"}).status_code == 302
