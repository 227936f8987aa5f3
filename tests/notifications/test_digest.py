"""The email of what wasn't seen: when, to whom, what is in it, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.notifications import actions, digest
from twoway.notifications.actions import Choice
from twoway.notifications.models import Notification, Wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana <Whitfield>")


def wants(player: Player, *, every: int = 60, **more: Any) -> None:
    actions.choose(by=player.actor, choice=Choice(ways={}, digest_minutes=every, **more))


def note(player: Player, talk: Conversation | None, **fields: Any) -> Notification:
    given = {"kind": "message", "by_email": True, "created_at": NOW, "at": NOW, **fields}
    return Notification.objects.create(member=player.member, conversation=talk, **given)


def page_of(letter: mail.EmailMessage) -> str:
    """Its HTML."""
    assert isinstance(letter, mail.EmailMultiAlternatives)
    return str(letter.alternatives[0][0])


def at(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


def test_it_comes_once_with_everything_in_it(talk: Conversation, ana: Player, ben: Player) -> None:
    wants(ben)
    text = make.make_message(talk, at=NOW, body="My code is 4711")
    note(ben, talk, message_id=text.pk, count=3)
    note(ben, None, kind="waiting", count=4)
    note(ben, talk, kind="followed", by_email=False)
    note(ana, talk)
    assert digest.send_due(at=at(59)) == 0
    assert digest.send_due(at=at(61)) == 1
    assert digest.send_due(at=at(200)) == 0
    (letter,) = mail.outbox
    assert letter.to == [ben.member.user.email]
    assert letter.subject == "2 things you haven't seen in Ridgeway Carshare"
    assert "- 3 new texts from Dana <Whitfield>" in letter.body
    assert "4 people are waiting and nobody has their conversations" in letter.body
    assert "4711" not in letter.body
    page = page_of(letter)
    assert "Dana &lt;Whitfield&gt;" in page
    assert "4711" not in page
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    note(ben, talk, kind="assigned", created_at=at(90), at=at(90))
    assert digest.send_due(at=at(120)) == 0
    assert digest.send_due(at=at(151)) == 1


def test_words_when_wanted(talk: Conversation, ben: Player) -> None:
    wants(ben, email_words=True)
    text = make.make_message(talk, at=NOW, body="My code is <4711>")
    note(ben, talk, message_id=text.pk)
    digest.send_due(at=at(61))
    assert "My code is <4711>" in mail.outbox[0].body
    assert "My code is &lt;4711&gt;" in page_of(mail.outbox[0])


def test_nothing_while_they_are_at_the_desk_or_have_seen_it(talk: Conversation, ben: Player) -> None:
    wants(ben)
    note(ben, talk)
    actions.be_active(by=ben.actor, at=at(60))
    assert digest.send_due(at=at(61)) == 0
    assert digest.send_due(at=at(66)) == 1
    Notification.objects.update(emailed_at=None, read_at=NOW)
    assert digest.send_due(at=at(300)) == 0


def test_nobody_who_did_not_ask_and_nobody_who_left(talk: Conversation, ana: Player, ben: Player) -> None:
    note(ana, talk)
    wants(ben)
    note(ben, talk)
    ben.member.is_active = False
    ben.member.save()
    assert digest.send_due(at=at(61)) == 0


def test_a_mail_server_that_is_away_loses_nothing(talk: Conversation, ben: Player, settings: Any) -> None:
    wants(ben)
    note(ben, talk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert digest.send_due(at=at(61)) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert digest.send_due(at=at(122)) == 1


def test_the_link_ends_them_without_signing_in(ben: Player) -> None:
    wants(ben)
    url = reverse("unsubscribe", args=[digest.token_of(ben.id)])
    stranger = Client(enforce_csrf_checks=True)
    assert "No more of these emails?" in stranger.get(url).content.decode()
    assert Wish.objects.get().digest_minutes == 60
    assert stranger.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Wish.objects.get().digest_minutes == 0


def test_a_forged_link_does_nothing(ben: Player) -> None:
    wants(ben)
    token = digest.token_of(ben.id)
    for wrong in (token[:-2] + "xx", "x", digest.token_of(0)[:10]):
        assert Client().post(reverse("unsubscribe", args=[wrong])).status_code == 404
    assert Wish.objects.get().digest_minutes == 60
