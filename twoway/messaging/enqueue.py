"""Writing a text that may go: the row, its decision, its files, and what it does to its conversation.

For the door (`outbound`) alone, in the transaction that decided.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from twoway.channels.models import Channel
from twoway.compliance.deciding.rules import held_until
from twoway.compliance.verdict import Verdict
from twoway.contacts.models import Identity
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.conversations.together import answering
from twoway.events import actions as events
from twoway.events.types import MessageQueued
from twoway.lib.logs import new_trace
from twoway.messaging import asking, pooling, rules, templating
from twoway.messaging.asking import Asked
from twoway.messaging.cost import budgets, door
from twoway.messaging.media import actions as media
from twoway.messaging.media.rules import without_links
from twoway.messaging.models import Author, Direction, Message
from twoway.messaging.pooling import Sender
from twoway.messaging.wishes import Wish
from twoway.sms import phone, segments
from twoway.teams.actor import Actor

AUTHORS = {"member": Author.MEMBER, "token": Author.API, "system": Author.SYSTEM}


def text_of(
    *, by: Actor, channel: Channel, to: str, wish: Wish, conversation: Conversation | None, at: datetime
) -> door.Text:
    """What the money is asked about. It is a reply when a person answers somebody who waits."""
    return door.Text(
        channel=channel,
        recipient=to,
        body=wish.text,
        media=wish.files.attached,
        at=at,
        team_id=conversation.team_id if conversation else channel.team_id,
        is_reply=by.kind == "member" and conversation is not None and conversation.needs_reply,
        is_notice=by.kind == "system" and wish.purpose in budgets.NOTICE_PURPOSES,
    )


def _timing(wish: Wish, verdict: Verdict, at: datetime) -> dict[str, object]:
    """When it leaves: at once, at the time its author chose, or when what holds it passes."""
    if verdict.kind == "hold":
        until = held_until(verdict, at=wish.send_at or at)
        return {"status": "scheduled", "send_after": until, "held_reason": verdict.code}
    later = wish.send_at is not None and wish.send_at > at
    return {"status": "scheduled" if later else "queued", "send_after": wish.send_at}


def write(
    *,
    by: Actor,
    conversation: Conversation,
    identity: Identity,
    sender: Sender,
    wish: Wish,
    asked: Asked,
    at: datetime,
) -> Message:
    """The message, queued or scheduled, with everything that goes with it."""
    channel, author, rule = sender.channel, AUTHORS[by.kind], asked.known.rule
    counted = segments.count(wish.text, toll_free_us=phone.is_toll_free_us(channel.address))
    message = Message.objects.create(
        workspace_id=by.workspace_id,
        conversation=conversation,
        channel=channel,
        identity=identity,
        direction=Direction.OUT,
        author=author,
        by_id=by.member_id,
        by_name=by.name,
        sender=channel.address,
        recipient=identity.value,
        body=wish.text,
        media=list(wish.files.items),
        template=wish.filled.kept if wish.filled else None,
        encoding=counted.encoding,
        segments=1 if channel.kind == templating.WHATSAPP else counted.segments,
        idempotency_key=wish.idempotency_key,
        purpose=rule.slug,
        priority=rules.priority(author=author.value, purpose=rule.slug, is_promotional=rule.is_promotional),
        trace=new_trace(),
        expires_at=asked.expires_at,
        created_at=at,
        **_timing(wish, asked.verdict, at),
        **door.columns(text_of(by=by, channel=channel, to=identity.value, wish=wish, conversation=conversation, at=at)),
    )
    asking.keep(asked, by=by, message_id=message.id, refused=None, at=at)
    if wish.files.items:
        media.attach(media_ids=wish.files.ids, message=message)
    pooling.note_change(message=message, sender=sender, contact_id=conversation.contact_id, at=at)
    _touch(conversation, message, wish.files.words, by, at)
    _announce(message, conversation, by, at)
    _wake_delivery()
    return message


def _announce(message: Message, conversation: Conversation, by: Actor, at: datetime) -> None:
    events.publish(
        MessageQueued(
            workspace_id=by.workspace_id,
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            message_id=message.id,
            member_id=by.member_id,
            channel_id=message.channel_id,
            author=message.author,
        ),
        at=at,
        trace=message.trace,
    )


def _touch(conversation: Conversation, message: Message, files: str, by: Actor, at: datetime) -> None:
    """A reply ends the wait; the first person to answer an unassigned conversation takes it, if they like to."""
    changes: dict[str, object] = {
        "last_message_id": message.id,
        "last_message_at": at,
        "preview": rules.preview(without_links(message.body, message.media), files),
        "preview_by": by.name,
    }
    if not (conversation.needs_reply and message.purpose in rules.BESIDE):
        changes |= {"sort_at": at, "needs_reply": False, "unanswered": 0}
    Conversation.objects.filter(id=conversation.id).update(**changes)
    conversation.refresh_from_db(fields=[*changes, "assignee", "team", "state"])
    if by.kind == "member" and conversation.assignee_id is None and answering.claims(by):
        conversations.assign(conversation=conversation, member_id=by.member_id, by=by, at=at)
    else:
        events.notify(
            workspace_id=by.workspace_id,
            conversations=[(conversation.id, conversation.team_id, conversation.assignee_id)],
        )


def _wake_delivery() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_outbox', '')")
