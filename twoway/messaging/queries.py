"""Reading messages. What an actor may see is decided by `conversations.queries.visible_to`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from twoway.conversations.models import Conversation
from twoway.conversations.queries import visible_to
from twoway.lib.refusal import NotFound
from twoway.messaging.models import Message, StatusEvent
from twoway.teams.actor import Actor

__all__ = [
    "Message",
    "MessageFilter",
    "StatusEvent",
    "access_message",
    "count_messages",
    "list_messages",
    "status_events",
    "thread_messages",
]


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """Which messages a list or a count is about; None means any."""

    direction: str | None = None
    contact: int | None = None
    conversation: int | None = None
    channel: int | None = None
    since: datetime | None = None


def _visible(actor: Actor) -> QuerySet[Message]:
    messages = Message.objects.filter(workspace_id=actor.workspace_id)
    if actor.sees_own_teams_only:
        messages = messages.filter(conversation__in=visible_to(actor))
    return messages


def _matching(actor: Actor, wanted: MessageFilter) -> QuerySet[Message]:
    messages = _visible(actor)
    if wanted.direction is not None:
        messages = messages.filter(direction=wanted.direction)
    if wanted.conversation is not None:
        messages = messages.filter(conversation_id=wanted.conversation)
    if wanted.contact is not None:
        of_contact = Conversation.objects.filter(workspace_id=actor.workspace_id, contact_id=wanted.contact)
        messages = messages.filter(conversation_id__in=of_contact.values("id"))
    if wanted.channel is not None:
        messages = messages.filter(channel_id=wanted.channel)
    if wanted.since is not None:
        messages = messages.filter(created_at__gte=wanted.since)
    return messages


def list_messages(
    actor: Actor, wanted: MessageFilter, *, before_id: int | None = None, limit: int = 50
) -> Sequence[Message]:
    """Newest first; `before_id` continues below a message."""
    messages = _matching(actor, wanted)
    if before_id is not None:
        messages = messages.filter(id__lt=before_id)
    return list(messages.order_by("-id")[:limit])


def count_messages(actor: Actor, wanted: MessageFilter) -> int:
    """How many there are, exactly."""
    return _matching(actor, wanted).count()


def access_message(actor: Actor, message_id: int) -> Message:
    """One message, if this actor may see it. Raises `NotFound`."""
    message = _visible(actor).filter(id=message_id).first()
    if message is None:
        raise NotFound("message", message_id)
    return message


def thread_messages(conversation: Conversation, *, before_id: int | None = None, limit: int = 50) -> Sequence[Message]:
    """The newest messages of a conversation somebody has access to, oldest first."""
    messages = Message.objects.filter(conversation_id=conversation.id)
    if before_id is not None:
        messages = messages.filter(id__lt=before_id)
    return list(reversed(messages.order_by("-id")[:limit]))


def status_events(message: Message) -> Sequence[StatusEvent]:
    """Everything a carrier said about one message, in the order it came."""
    return list(StatusEvent.objects.filter(message_id=message.id).order_by("id"))
