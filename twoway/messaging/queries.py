"""Reading messages. What an actor may see is decided by `conversations.queries.visible_to`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

from twoway.conversations.models import Conversation
from twoway.conversations.queries import visible_sql, visible_to
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


# No index leads with the workspace: it would cost every text of intake, and only a workspace that is small or silent
# beside a busy one would gain. So the newest rows of the table are looked at first, and after that the threads.
_WINDOW = 5_000
_FEW_THREADS = 5_000

# The newest texts are in the threads whose newest text is newest, so no more than `limit` threads are read in full.
_NEWEST = """
    WITH thread AS (
        SELECT v.id FROM conversation v
        CROSS JOIN LATERAL (
            SELECT m.id FROM message m WHERE m.conversation_id = v.id AND {texts} ORDER BY m.id DESC LIMIT 1) newest
        WHERE {threads} ORDER BY newest.id DESC LIMIT %(limit)s)
    SELECT newest.id FROM thread
    CROSS JOIN LATERAL (
        SELECT m.id FROM message m WHERE m.conversation_id = thread.id AND {texts}
        ORDER BY m.id DESC LIMIT %(limit)s) newest
    ORDER BY newest.id DESC LIMIT %(limit)s
"""
_COUNT_THREADS = "SELECT count(*) FROM (SELECT FROM conversation v WHERE {threads} LIMIT %(most)s) AS counted"


def list_messages(
    actor: Actor, wanted: MessageFilter, *, before_id: int | None = None, limit: int = 50
) -> Sequence[Message]:
    """Newest first; `before_id` continues below a message."""
    matching = _matching(actor, wanted)
    if before_id is not None:
        matching = matching.filter(id__lt=before_id)
    is_narrow = wanted.conversation is not None or wanted.contact is not None
    if not is_narrow:
        top = before_id or (Message.objects.aggregate(top=Max("id"))["top"] or 0) + 1
        lately = list(matching.filter(id__gte=top - _WINDOW).order_by("-id")[:limit])
        if len(lately) == limit or top <= _WINDOW:
            return lately
    threads, texts, values = _narrowed(actor, wanted, before_id)
    if not is_narrow and _scalar(_COUNT_THREADS.format(threads=threads), most=_FEW_THREADS, **values) == _FEW_THREADS:
        return list(matching.order_by("-id")[:limit])
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST.format(threads=threads, texts=texts), {**values, "limit": limit})
        found = [row[0] for row in cursor.fetchall()]
    return list(Message.objects.filter(id__in=found).order_by("-id"))


def _narrowed(actor: Actor, wanted: MessageFilter, before_id: int | None) -> tuple[str, str, dict[str, Any]]:
    """The same filter in SQL: about conversations `v`, about messages `m`, and the parameters both name."""
    visible, values = visible_sql(actor)
    threads, texts = [visible], ["true"]
    values |= {
        "conversation": wanted.conversation,
        "contact": wanted.contact,
        "channel": wanted.channel,
        "since": wanted.since,
        "direction": wanted.direction,
        "before": before_id,
    }
    if wanted.conversation is not None:
        threads.append("v.id = %(conversation)s")
    if wanted.contact is not None:
        threads.append("v.contact_id = %(contact)s")
    if wanted.channel is not None:
        threads.append("v.channel_id = %(channel)s")
    if wanted.since is not None:
        texts.append("m.created_at - %(since)s >= interval '0'")  # not a walk through message_by_time for each thread
    if wanted.direction is not None:
        texts.append("m.direction = %(direction)s")
    if before_id is not None:
        texts.append("m.id < %(before)s")
    return " AND ".join(threads), " AND ".join(texts), values


def _scalar(sql: str, **values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return None if row is None else row[0]


def count_messages(actor: Actor, wanted: MessageFilter) -> int:
    """How many there are, exactly. By way of the threads, which have an index by workspace."""
    matching = _matching(actor, wanted).filter(conversation__workspace_id=actor.workspace_id)
    if wanted.channel is not None:
        matching = matching.filter(conversation__channel_id=wanted.channel)
    return matching.count()


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
