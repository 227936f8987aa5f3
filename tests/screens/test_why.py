"""Why a text went, waits or may not go: the popover in the thread, and who may see it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance.consent import actions as consent
from twoway.compliance.revocation.models import Doubt
from twoway.conversations.models import Conversation
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.teams.actor import system

LATE = NOW + timedelta(hours=12)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    contact = make.make_contact(channel.workspace, at=NOW, name="Dana Whitfield")
    identity = make.make_identity(contact, at=NOW, value="+14155550171")
    return make.make_conversation(channel, at=NOW, messages=3, contact=contact, identity=identity)


def send(by: Player, talk: Conversation, purpose: str = "reply", *, at: datetime = NOW) -> Message:
    talk.refresh_from_db()
    return outbound.queue_text(by=by.actor, conversation=talk, body="Hello", purpose=purpose, at=at).message


def url_of(message: Message) -> str:
    return f"/c/{message.conversation_id}/why/{message.pk}/"


def test_a_held_text_says_in_the_thread_that_it_waits_and_why(ben: Player, talk: Conversation) -> None:
    by = system(talk.workspace_id)
    consent.grant(identity=talk.identity, purpose="reminder", level="express", method="form", at=NOW, by=by)
    held = send(ben, talk, "reminder", at=LATE)
    page = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert inline_code(page) == []
    assert url_of(held) in page
    assert "quiet hours" in plain(page)
    html = html_of(ben.client.get(url_of(held), headers=HTMX))
    assert "<html" not in html
    words = plain(html)
    for told in ("Reminder", "Held when it was written", "It goes out at 9:00 AM", "America/Los Angeles", "express"):
        assert told in words
    assert "This isn't legal advice." in words


def test_a_doubt_is_told_in_words(ben: Player, talk: Conversation) -> None:
    Doubt.objects.create(
        workspace_id=talk.workspace_id,
        identity_id=talk.identity_id,
        channel_id=talk.channel_id,
        conversation_id=talk.pk,
        message_id=1,
        why="lose it",
        opened_at=NOW,
        due_at=NOW + timedelta(days=14),
    )
    held = send(ben, talk)
    assert "Held: they may have asked us to stop" in plain(html_of(ben.client.get(f"/c/{talk.pk}/")))
    assert "Open question they may have asked us to stop" in plain(html_of(ben.client.get(url_of(held), headers=HTMX)))


def test_a_text_that_went_says_that_nothing_spoke_against_it(ben: Player, talk: Conversation) -> None:
    sent = send(ben, talk)
    words = plain(html_of(ben.client.get(url_of(sent))))
    assert "Allowed when it was written" in words
    assert "Nothing spoke against it." in words
    assert "Opted out no" in words


def test_a_text_without_a_decision_says_so(ben: Player, talk: Conversation) -> None:
    old = make.make_message(talk, direction="out", at=timezone.now())
    assert "No decision is kept about this text." in plain(html_of(ben.client.get(url_of(old), headers=HTMX)))


def test_who_may_not_see_the_conversation_sees_no_decision(
    ana: Player, ben: Player, cleo: Player, talk: Conversation, channel: Channel
) -> None:
    sent = send(ben, talk)
    assert ana.client.get(url_of(sent), headers=HTMX).status_code == 200
    assert cleo.client.get(url_of(sent), headers=HTMX).status_code == 404
    assert cleo.client.get(url_of(sent)).status_code == 404
    other = make.make_conversation(channel, at=NOW, messages=1)
    assert ben.client.get(f"/c/{other.pk}/why/{sent.pk}/", headers=HTMX).status_code == 404
    assert ben.client.get(f"/c/{other.pk}/why/{other.last_inbound_id}/", headers=HTMX).status_code == 404
    assert ben.client.post(url_of(sent)).status_code == 405
