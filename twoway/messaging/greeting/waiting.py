"""Whether somebody who was told about a time still waits for it, and may be told more."""

from __future__ import annotations

from datetime import datetime

from twoway.compliance.queries import send_facts
from twoway.compliance.rules import Purpose
from twoway.conversations.models import Conversation
from twoway.messaging.greeting import calling
from twoway.messaging.greeting.models import Promise
from twoway.messaging.models import Message
from twoway.messaging.rules import REPLIERS


def may_be_told(conversation: Conversation) -> bool:
    """Whether an automatic text may go to them: they neither opted out nor are blocked."""
    asked = send_facts(
        identity_id=conversation.identity_id,
        channel_id=conversation.channel_id,
        purpose=Purpose.AUTO_REPLY,
        author="system",
    )
    return not (asked.is_opted_out or asked.is_blocked or asked.is_in_doubt)


def is_awaited(row: Promise) -> bool:
    """Whether somebody waits for what `row` promised when its time is over: not who opted out or is blocked, nor
    whoever was served without a reply of a member or program. A reply that did not leave serves nobody."""
    if row.conversation is None:
        return False
    if row.answer_id is None and not row.conversation.needs_reply and not _was_written_to(row):
        return False
    return may_be_told(row.conversation)


def _was_written_to(row: Promise) -> bool:
    rows = Message.objects.filter(conversation_id=row.conversation_id or 0, direction="out")
    return rows.filter(author__in=REPLIERS, purpose__in=["", "reply"], created_at__gte=row.made_at).exists()


def still_waits(row: Promise, conversation: Conversation, at: datetime) -> bool:
    """Whether they wait, no answer is written or given on the phone, its time is not over, and they may be texted. Its
    episode goes on: with the end of one, its promise is void."""
    if row.due_at is None or at >= row.due_at:
        return False
    if not _comes_too_late(row) and (row.answer_id is not None or not conversation.needs_reply):
        return False
    if calling.talks_in([conversation.pk], since=row.made_at):
        return False
    return may_be_told(conversation)


def _comes_too_late(row: Promise) -> bool:
    """Whether an answer is written that is to leave only when the time is over."""
    return Message.objects.filter(id=row.answer_id or 0, status="scheduled", send_after__gt=row.due_at).exists()
