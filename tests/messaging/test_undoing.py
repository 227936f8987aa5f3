"""Taking back what was just sent: it never leaves, its words come back, the conversation stands as before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import make, pictures
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.messaging import outbound
from twoway.messaging.media import actions as media
from twoway.messaging.media.queries import drafts
from twoway.messaging.models import Message
from twoway.messaging.scheduling import queries, undoing
from twoway.messaging.scheduling.actions import Taken
from twoway.messaging.scheduling.models import Undo

UNTIL = NOW + timedelta(seconds=5)


@pytest.fixture
def thread(channel: Channel) -> Conversation:
    """Somebody waits for an answer to two texts."""
    return make.make_conversation(channel, at=NOW, messages=2)


def send(thread: Conversation, by: Player, **more: Any) -> Message:
    before = undoing.how_it_stands(thread)
    queued = outbound.queue_text(by=by.actor, conversation=thread, body="In bay B16.", at=NOW, send_at=UNTIL, **more)
    undoing.offer(message=queued.message, before=before, until=UNTIL, by=by.actor)
    return queued.message


def take_back(message: Message, by: Player) -> Taken:
    row, found = queries.access_undo(by.actor, message.conversation_id, message.pk)
    return undoing.undo(row=row, message=found, by=by.actor, at=NOW)


def stand(thread: Conversation) -> dict[str, Any]:
    return undoing.how_it_stands(thread)


def test_it_waits_and_comes_back(thread: Conversation, ben: Player) -> None:
    before = stand(thread)
    message = send(thread, ben)
    assert (message.status, message.send_after) == ("scheduled", UNTIL)
    assert stand(thread) != before
    assert take_back(message, ben).body == "In bay B16."
    message.refresh_from_db()
    assert (message.status, message.error) == ("canceled", "undone")
    assert stand(thread) == before


def test_what_the_customer_wrote_meanwhile_stays(thread: Conversation, ben: Player) -> None:
    message = send(thread, ben)
    late = make.make_message(Conversation.objects.get(pk=thread.pk), at=NOW, body="Hello?")
    take_back(message, ben)
    thread.refresh_from_db()
    assert (thread.needs_reply, thread.last_message_id, thread.preview) == (True, late.pk, "Hello?")


@pytest.mark.parametrize("status", ["sending", "sent", "delivered", "failed", "canceled"])
def test_what_has_left_does_not_come_back(thread: Conversation, ben: Player, status: str) -> None:
    message = send(thread, ben)
    Message.objects.filter(pk=message.pk).update(status=status)
    with pytest.raises(Refused) as caught:
        take_back(message, ben)
    assert caught.value.code == "too_late"
    message.refresh_from_db()
    assert message.status == status


def test_only_its_writer_takes_it_back(thread: Conversation, ben: Player, ana: Player) -> None:
    message = send(thread, ben)
    with pytest.raises(NotFound):
        take_back(message, ana)
    plain = outbound.queue_text(by=ana.actor, conversation=thread, body="No undo.", at=NOW).message
    with pytest.raises(NotFound):
        take_back(plain, ana)


def test_sent_and_marked_done_opens_again(thread: Conversation, ben: Player) -> None:
    before = stand(thread)
    message = send(thread, ben)
    conversations.done(conversation=thread, by=ben.actor, at=NOW)
    undoing.marked_done(message=message)
    take_back(message, ben)
    thread.refresh_from_db()
    assert thread.state == "open"
    assert stand(thread) == before


def test_its_files_come_back_beside_the_words(thread: Conversation, ben: Player, tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(pictures.picture(60, 40))
    file = media.add_upload(conversation=thread, path=path, name="bay.jpg", by=ben.actor, at=NOW)
    message = send(thread, ben, media_ids=[file.pk])
    assert list(drafts(ben.actor, thread.pk)) == []
    assert take_back(message, ben).media_ids == (file.pk,)
    assert [one.pk for one in drafts(ben.actor, thread.pk)] == [file.pk]


def test_each_member_chooses_how_long(ben: Player, ana: Player, settings: Any) -> None:
    settings.UNDO_SECONDS = 5
    undoing.choose(seconds=20, by=ben.actor)
    assert (queries.undo_seconds(ben.actor), queries.undo_seconds(ana.actor)) == (20, 5)
    with pytest.raises(Invalid):
        undoing.choose(seconds=3600, by=ben.actor)


def test_old_offers_are_forgotten(thread: Conversation, ben: Player) -> None:
    send(thread, ben)
    assert undoing.forget(at=NOW + timedelta(seconds=30)) == 0
    assert undoing.forget(at=NOW + timedelta(minutes=2)) == 1
    assert not Undo.objects.exists()
