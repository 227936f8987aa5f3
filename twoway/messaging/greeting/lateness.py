"""Saying, once and before it is true, that an answer takes longer than was said."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, IntegrityError, transaction

from twoway.channels.queries import calendar_for
from twoway.lib.refusal import Refused
from twoway.messaging.greeting import deciding, waiting
from twoway.messaging.greeting.models import Greeting, Promise
from twoway.messaging.greeting.queries import settings_of, wordings_of
from twoway.messaging.greeting.wording import rules as wording

log = structlog.get_logger(__name__)

AT_ONCE = 100


def warn_due(*, at: datetime) -> int:
    """Tell those who wait for a promise that will be broken; how many promises were looked at."""
    due = Promise.objects.filter(outcome="", warned_at=None, warn_at__lte=at).order_by("warn_at")
    rows = list(due.values_list("id", "conversation_id")[:AT_ONCE])
    for promise_id, conversation_id in rows:
        try:
            _warn(promise_id, conversation_id or 0, at)
        except (Refused, IntegrityError) as why:
            log.info("wait_update_dropped", why=str(why), promise_id=promise_id)
            _let_be(promise_id)
        except DatabaseError:
            raise
        except Exception as error:  # the next one must have its turn
            log.error("wait_update_stuck", promise_id=promise_id, exc_info=error)
            _let_be(promise_id)
    return len(rows)


def _let_be(promise_id: int) -> None:
    Promise.objects.filter(id=promise_id, warned_at=None).update(warn_at=None)


@transaction.atomic
def _warn(promise_id: int, conversation_id: int, at: datetime) -> None:
    """The conversation is locked first, as whoever answers does. They are told also where it closes earlier than it was
    to close when they were told: nobody else says that nothing comes in time."""
    conversation = deciding.locked(conversation_id)
    rows = Promise.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(id=promise_id, conversation_id=conversation_id, outcome="", warned_at=None).first()
    if conversation is None or row is None:
        return
    held = wordings_of(row.workspace_id).at(channel_id=conversation.channel_id, team_id=conversation.team_id)["late"]
    if not held.is_on or not waiting.still_waits(row, conversation, at):
        _let_be(row.pk)
        return
    calendar = calendar_for(row.workspace_id, team_id=conversation.team_id, channel_id=conversation.channel_id, at=at)
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
