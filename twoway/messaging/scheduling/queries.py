"""Reading what is scheduled and what can be taken back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from twoway.conversations.models import Conversation
from twoway.conversations.queries import access_conversation
from twoway.lib.refusal import NotFound
from twoway.messaging.queries import Message, access_message
from twoway.messaging.scheduling.models import Later, LaterState, SendHabit, Undo
from twoway.teams.actor import Actor

__all__ = ["Later", "LaterState", "access_later", "access_undo", "shown", "undo_seconds"]

SHOWN = (LaterState.WAITING, LaterState.ANSWERED, LaterState.REFUSED)
MOST_SHOWN = 20


def shown(conversation: Conversation) -> list[Later]:
    """What is scheduled in a conversation somebody has access to, and what was stopped and not looked at, by time."""
    rows = Later.objects.filter(conversation_id=conversation.pk, state__in=SHOWN).select_related("member__user")
    return list(rows.order_by("due_at", "id")[:MOST_SHOWN])


def access_later(actor: Actor, conversation_id: int, later_id: int) -> Later:
    """One of them, if this actor may see its conversation. Raises `NotFound`."""
    access_conversation(actor, conversation_id)
    row = Later.objects.filter(id=later_id, conversation_id=conversation_id, state__in=SHOWN)
    found = row.select_related("member__user").first()
    if found is None:
        raise NotFound("scheduled text", later_id)
    return found


def access_undo(actor: Actor, conversation_id: int, message_id: int) -> tuple[Undo, Message]:
    """A text of this member's own that waited so that it can be taken back. Raises `NotFound`."""
    message = access_message(actor, message_id)
    row = Undo.objects.filter(message_id=message_id, member_id=actor.member_id or 0).first()
    if row is None or message.conversation_id != conversation_id:
        raise NotFound("text", message_id)
    return row, message


def undo_seconds(actor: Actor) -> int:
    """How long this member's texts wait, so that they can be taken back."""
    chosen = SendHabit.objects.filter(member_id=actor.member_id or 0).values_list("undo_seconds", flat=True).first()
    return int(settings.UNDO_SECONDS if chosen is None else chosen)


def next_due() -> datetime | None:
    """When the first scheduled text is due, or None."""
    return Later.objects.filter(state=LaterState.WAITING).order_by("due_at").values_list("due_at", flat=True).first()
