"""Some seconds in which a text that was sent can be taken back.

They pass on the server: a closed browser changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from twoway.conversations import actions as conversations
from twoway.conversations.actions.changing import ids, lock, tell
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import ReplyUndone
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging.media.rules import without_links
from twoway.messaging.models import MediaFile, Message
from twoway.messaging.scheduling import rules
from twoway.messaging.scheduling.actions import Taken
from twoway.messaging.scheduling.models import SendHabit, Undo
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

UNDONE = "undone"
"""The reason of a text that its writer took back before it left."""
KEEP = timedelta(minutes=1)
"""What the conversation said before it is kept no longer than it is of use."""
_TIMES = ("last_message_at", "sort_at")
_PLAIN = ("last_message_id", "preview", "preview_by", "needs_reply", "unanswered")


def how_it_stands(conversation: Conversation) -> dict[str, Any]:
    """What a reply changes of a conversation, as it is now, for `offer`."""
    now = Conversation.objects.get(id=conversation.pk)
    return {name: getattr(now, name) for name in _PLAIN} | {name: getattr(now, name).isoformat() for name in _TIMES}


def offer(*, message: Message, before: dict[str, Any], until: datetime, by: Actor) -> None:
    """Let the writer of a text that waits take it back until then."""
    if by.member_id is not None:
        Undo.objects.get_or_create(
            message_id=message.pk, defaults={"member_id": by.member_id, "until": until, "before": before}
        )


@transaction.atomic
def undo(*, row: Undo, message: Message, by: Actor, at: datetime) -> Taken:
    """Take a text back: it never leaves, and its words and files are its writer's to edit.

    The conversation stands as before, unless the customer wrote meanwhile. Raises `Refused` (too_late) once a provider
    may have it.
    """
    conversation = lock(message.conversation, by=by, right=Right.REPLY)
    waits = Message.objects.filter(id=message.pk, status__in=["scheduled", "queued"], attempts=0)
    if not waits.update(status="canceled", error=UNDONE):
        raise Refused(t("It has already left."), code="too_late")
    files = list(MediaFile.objects.filter(message_id=message.pk).order_by("position").values_list("id", flat=True))
    MediaFile.objects.filter(id__in=files).update(message=None, by_id=by.member_id, conversation_id=conversation.pk)
    body = without_links(message.body, message.media)
    Message.objects.filter(id=message.pk).update(media=[])
    if row.marked_done and conversation.state == "done":
        conversations.reopen(conversation=conversation, by=by, at=at)
        conversation.refresh_from_db()
    _put_back(conversation, message, row.before)
    publish(ReplyUndone(**ids(conversation, by), message_id=message.pk), at=at)
    tell(conversation)
    return Taken(body=body, media_ids=tuple(files))


def _put_back(conversation: Conversation, message: Message, before: dict[str, Any]) -> None:
    """How it stood, where nothing has changed it since."""
    if conversation.last_message_id != message.pk or not before:
        return
    fields: dict[str, Any] = {name: before[name] for name in _PLAIN}
    fields |= {name: parse_datetime(before[name]) for name in _TIMES}
    if conversation.state == "done":  # which never waits
        fields |= {"needs_reply": False, "unanswered": 0}
    Conversation.objects.filter(id=conversation.pk).update(**fields)


def marked_done(*, message: Message) -> None:
    """The same press marked the conversation done: taking the text back opens it again."""
    Undo.objects.filter(message_id=message.pk).update(marked_done=True)


def choose(*, seconds: int, by: Actor) -> None:
    """How long this member's texts wait. Raises `Invalid`."""
    if seconds not in rules.UNDO_CHOICES:
        raise Invalid(t("Choose one of the times."), field="undo_seconds")
    if by.member_id is not None:
        SendHabit.objects.update_or_create(member_id=by.member_id, defaults={"undo_seconds": seconds})


def forget(*, at: datetime) -> int:
    """Forget what can't be taken back any more; how many."""
    return Undo.objects.filter(until__lt=at - KEEP).delete()[0]
