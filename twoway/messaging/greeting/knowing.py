"""Gathering what is known about one customer's text: who wrote it, what was said already, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from twoway.channels.queries import calendar_for
from twoway.compliance.queries import send_facts
from twoway.compliance.rules import Purpose
from twoway.conversations.models import Conversation
from twoway.messaging.greeting import live
from twoway.messaging.greeting.models import Correction, GreetingSettings
from twoway.messaging.greeting.queries import Held, wordings_of
from twoway.messaging.greeting.rules import Facts
from twoway.messaging.greeting.wait import rules as wait
from twoway.messaging.greeting.wait.rules import Estimate
from twoway.messaging.models import Message
from twoway.sms import keywords
from twoway.teams.hours.rules import Calendar, is_open, next_closing

DAY = timedelta(days=1)
DECADES = timedelta(days=36_500)

_SAID = """
WITH own AS (
    SELECT author, purpose, created_at, message.id FROM message
    WHERE conversation_id = %(conversation)s AND direction = 'out' AND status <> 'canceled'
)
SELECT EXISTS (SELECT FROM own WHERE id > %(message)s),
    greatest(
        (SELECT max(created_at) FROM own WHERE author IN ('member', 'api') AND purpose IN ('', 'reply')
         AND created_at >= %(opened)s),
        (SELECT max(CASE WHEN ended_at IS NULL THEN %(at)s ELSE ended_at END) FROM phone_call
         WHERE conversation_id = %(conversation)s AND state IN ('answered', 'completed') AND answered_at IS NOT NULL
         AND coalesce(ended_at, %(at)s) >= %(opened)s)),
    (SELECT max(created_at) FROM own WHERE purpose = 'auto_reply'),
    EXISTS (SELECT FROM message WHERE conversation_id = %(conversation)s AND id < %(message)s),
    (SELECT count(*) FROM message WHERE conversation_id = %(conversation)s AND direction = 'in'
     AND created_at > %(minute)s),
    (SELECT count(*) FROM message WHERE identity_id = %(identity)s AND direction = 'out' AND purpose = 'auto_reply'
     AND created_at > %(day)s),
    EXISTS (SELECT FROM channel WHERE address = %(address)s AND workspace_id = %(workspace)s),
    EXISTS (SELECT FROM event WHERE conversation_id = %(conversation)s AND type = 'message_backfilled'
            AND message_id = %(message)s),
    EXISTS (SELECT FROM own_keyword WHERE workspace_id = %(workspace)s AND folded = %(word)s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """One text, what decides about it, and what could be said about time."""

    facts: Facts
    estimate: Estimate
    held: dict[str, Held]
    calendar: Calendar
    language: str


def known_of(
    conversation: Conversation, message: Message, *, settings: GreetingSettings, had: frozenset[str], at: datetime
) -> Known:
    """All about a text of a customer, with `conversation` and its contact, identity and channel read."""
    held = wordings_of(conversation.workspace_id).at(channel_id=conversation.channel_id, team_id=conversation.team_id)
    calendar = calendar_for(
        conversation.workspace_id, team_id=conversation.team_id, channel_id=conversation.channel_id, at=at
    )
    estimate = estimate_for(
        workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id,
        team_id=conversation.team_id,
        queue_id=live.queue_of(conversation.pk),
        since=conversation.sort_at,
        settings=settings,
        calendar=calendar,
        at=at,
    )
    facts = _facts(conversation, message, at=at, had=had, held=held, calendar=calendar, is_known=estimate.is_known)
    return Known(
        facts=facts,
        estimate=estimate,
        held=held,
        calendar=calendar,
        language=conversation.contact.language,
    )


def estimate_for(
    *,
    workspace_id: int,
    channel_id: int,
    team_id: int | None,
    queue_id: int | None,
    since: datetime,
    settings: GreetingSettings,
    calendar: Calendar,
    at: datetime,
) -> Estimate:
    """What can be said about the wait of somebody who has waited since then: in their queue, else at this number."""
    shift = Correction.objects.filter(channel_id=channel_id).values_list("shift", flat=True).first() or 0.0
    hour, day = live.cases(channel_id, queue_id=queue_id, hour=live.hour_of(calendar, at), at=at)
    waiting, staff = live.load(workspace_id, channel_id, team_id=team_id, queue_id=queue_id, since=since, at=at)
    closing = next_closing(calendar, at)
    facts = wait.Facts(
        hour=hour,
        day=day,
        waiting=waiting,
        staff=staff,
        percentile=settings.percentile,
        shift=shift,
        least_cases=settings.least_cases,
        open_left=None if closing is None else (closing - at).total_seconds(),
    )
    return wait.estimate(facts)


def _facts(
    conversation: Conversation,
    message: Message,
    *,
    at: datetime,
    had: frozenset[str],
    held: dict[str, Held],
    calendar: Calendar,
    is_known: bool,
) -> Facts:
    identity = conversation.identity
    answered, last_answer, last_automatic, has_before, in_minute, in_day, is_own, is_late, is_word = _said(
        conversation, message, at
    )
    asked = send_facts(
        identity_id=identity.pk, channel_id=conversation.channel_id, purpose=Purpose.AUTO_REPLY, author="system"
    )
    return Facts(
        body=message.body,
        kind=asked.kind,
        age=at - (message.sent_at or message.created_at),
        is_first=not has_before,
        is_open=is_open(calendar, at),
        is_waiting=conversation.needs_reply,
        is_brought_in=is_late,
        is_keyword=is_word,
        is_opted_out=asked.is_opted_out or asked.is_blocked or asked.is_in_doubt,
        is_own_number=is_own,
        is_answered=answered,
        texts_in_minute=in_minute,
        automatic_in_day=in_day,
        last_answer=None if last_answer is None else at - last_answer,
        last_automatic=None if last_automatic is None else at - last_automatic,
        is_wait_known=is_known,
        is_on=frozenset(kind for kind, one in held.items() if one.is_on),
        had=had,
    )


def _said(conversation: Conversation, message: Message, at: datetime) -> tuple[Any, ...]:
    """What went before and after the text, and what it is, in one statement."""
    opened = conversation.episodes.filter(number=conversation.episode).values_list("opened_at", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute(
            _SAID,
            {
                "conversation": conversation.pk,
                "workspace": conversation.workspace_id,
                "identity": conversation.identity_id,
                "address": conversation.identity.value,
                "message": message.pk,
                "opened": opened or at - DECADES,
                "at": at,
                "minute": at - timedelta(minutes=1),
                "day": at - DAY,
                "word": keywords.folded(message.body[:100]),
            },
        )
        row: tuple[Any, ...] = cursor.fetchone()
    return row
