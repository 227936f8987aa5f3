"""Saying, once and before it is true, that an answer takes longer than was said."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from twoway.channels.queries import calendar_for
from twoway.compliance.queries import send_facts
from twoway.compliance.rules import Purpose
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.messaging.greeting import deciding
from twoway.messaging.greeting.models import Greeting, Promise
from twoway.messaging.greeting.queries import settings_of, wordings_of
from twoway.messaging.greeting.wording import rules as wording
from twoway.teams.hours.rules import is_open

log = structlog.get_logger(__name__)

AT_ONCE = 100


def warn_due(*, at: datetime) -> int:
    """Tell those who wait for a promise that will be broken; how many promises were looked at."""
    due = Promise.objects.filter(outcome="", warned_at=None, warn_at__lte=at).order_by("warn_at")
    ids = list(due.values_list("id", flat=True)[:AT_ONCE])
    for promise_id in ids:
        try:
            _warn(promise_id, at)
        except (Refused, IntegrityError) as why:
            log.info("wait_update_dropped", why=str(why), promise_id=promise_id)
            Promise.objects.filter(id=promise_id, warned_at=None).update(warn_at=None)
    return len(ids)


@transaction.atomic
def _warn(promise_id: int, at: datetime) -> None:
    rows = Promise.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(id=promise_id, outcome="", warned_at=None).first()
    if row is None:
        return
    conversation = (
        Conversation.objects.select_related("contact", "identity", "channel__workspace", "workspace")
        .filter(id=row.conversation_id or 0)
        .first()
    )
    if conversation is None or not _still_waits(row, conversation, at):
        row.warn_at = None
        row.save(update_fields=["warn_at"])
        return
    calendar = calendar_for(row.workspace_id, team_id=conversation.team_id, channel_id=conversation.channel_id, at=at)
    held = wordings_of(row.workspace_id).at(channel_id=conversation.channel_id, team_id=conversation.team_id)["late"]
    if not held.is_on or not is_open(calendar, at):
        row.warn_at = None
        row.save(update_fields=["warn_at"])
        return
    language = wording.language_of(conversation.contact.language, usual=settings_of(row.workspace_id).language)
    filling = deciding.filling_for(conversation, calendar=calendar, language=language, at=at)
    words = wording.fill(held.words(language), filling)
    sent = deciding.queue(conversation, words, kind="late", episode=row.episode, at=at)
    why = {"language": language, "source": held.source, "promise": row.pk, "said_minutes": row.said_minutes}
    Greeting.objects.create(
        workspace_id=row.workspace_id,
        conversation=conversation,
        episode=row.episode,
        message_id=conversation.last_inbound_id or 0,
        kind="late",
        due_at=at,
        sent_id=sent.pk,
        sent_at=at,
        why=why,
    )
    row.warned_at = at
    row.save(update_fields=["warned_at"])


def _still_waits(row: Promise, conversation: Conversation, at: datetime) -> bool:
    """Whether nobody has written an answer, its time is not over, and they may be texted. Its episode goes on: with
    the end of one, its promise is void."""
    if not conversation.needs_reply or row.answer_id is not None:
        return False
    if row.due_at is None or at >= row.due_at:
        return False
    asked = send_facts(
        identity_id=conversation.identity_id,
        channel_id=conversation.channel_id,
        purpose=Purpose.AUTO_REPLY,
        author="system",
    )
    return not (asked.is_opted_out or asked.is_blocked or asked.is_in_doubt)
