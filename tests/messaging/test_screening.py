"""Texts of ours: a secret is never sent nor kept, and what carriers refuse is said before sending."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.content.models import ContentSettings, ContentWarning
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation, Draft, Note
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

CARD = "4111 1111 1111 1111"


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    """Somebody who wrote to us a minute ago."""
    found = make.make_conversation(channel, at=NOW)
    make.make_message(found, at=NOW - timedelta(minutes=1))
    return found


def refused(by: Player, talk: Conversation, body: str, *, is_confirmed: bool = False) -> str:
    with pytest.raises(Refused) as error:
        outbound.queue_text(by=by.actor, conversation=talk, body=body, at=NOW, is_confirmed=is_confirmed)
    assert not Message.objects.filter(direction="out").exists()
    return error.value.code


@pytest.mark.parametrize("body", [f"Your card {CARD}", "cvv 123", "ssn 123-45-6789", "Your password is hunter2"])
def test_a_secret_is_never_sent(ben: Player, talk: Conversation, body: str) -> None:
    assert refused(ben, talk, body) == "sensitive_data"
    assert refused(ben, talk, body, is_confirmed=True) == "sensitive_data"


def test_a_code_of_ours_may_go(ben: Player, talk: Conversation) -> None:
    assert outbound.queue_text(by=ben.actor, conversation=talk, body="Your code is 123456", at=NOW).is_new


def test_drafts_and_notes_keep_no_card_number(ben: Player, talk: Conversation) -> None:
    conversations.save_draft(conversation=talk, body=f"it is {CARD}", is_note=False, by=ben.actor, at=NOW)
    conversations.add_note(conversation=talk, body=f"their card {CARD}, cvv 123", by=ben.actor, at=NOW)
    assert Draft.objects.get().body == "it is 411111******1111"
    assert Note.objects.get().body == "their card 411111******1111, cvv ***"


def test_who_asks_for_a_secret_is_asked_first(ben: Player, talk: Conversation) -> None:
    body = "What's your card number?"
    assert refused(ben, talk, body) == "confirm_needed"
    queued = outbound.queue_text(by=ben.actor, conversation=talk, body=body, at=NOW, is_confirmed=True)
    assert [one.code for one in queued.warnings] == ["asks_card"]
    kept = ContentWarning.objects.get()
    assert (kept.message_id, kept.confirmed, kept.by_name) == (queued.message.id, True, ben.actor.name)
    entry = AuditEntry.objects.get(action="content.sent_anyway")
    assert entry.data == {"warnings": ["asks_card"]}


def test_a_program_is_warned_and_not_asked(workspace: Workspace, talk: Conversation) -> None:
    program = Actor(kind="token", workspace_id=workspace.pk, role="agent", name="Orders")
    queued = outbound.queue_text(by=program, conversation=talk, body="Reply with your SSN", at=NOW)
    assert [one.code for one in queued.warnings] == ["asks_ssn"]
    assert not ContentWarning.objects.get().confirmed


def test_the_workspace_blocks_a_category(ben: Player, talk: Conversation, workspace: Workspace) -> None:
    ContentSettings.objects.create(workspace=workspace, levels={"alcohol": "block"}, words={"own": ["acme*"]})
    assert refused(ben, talk, "Free beer for everybody") == "content_blocked"
    queued = outbound.queue_text(by=ben.actor, conversation=talk, body="As good as AcmeCorp", at=NOW)
    assert [(one.code, one.found) for one in queued.warnings] == [("words_own", "AcmeCorp")]


def test_a_first_text_should_say_who_it_is_from(ben: Player, channel: Channel) -> None:
    to = phone.Identity("phone", "+14155550177")
    first = outbound.queue_first_text(by=ben.actor, channel=channel, identity=to, body="Your car is ready", at=NOW)
    assert "no_name" in [one.code for one in first.warnings]
    again = outbound.queue_first_text(by=ben.actor, channel=channel, identity=to, body="Come by at 5", at=NOW)
    assert again.warnings == ()


def test_an_answer_needs_no_name(ben: Player, talk: Conversation) -> None:
    assert outbound.queue_text(by=ben.actor, conversation=talk, body="In bay 16", at=NOW).warnings == ()
