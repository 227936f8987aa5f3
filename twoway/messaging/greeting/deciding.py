"""Sending the automatic text that fits, once somebody had the time to answer first.

What waits is locked, decided, sent through the door and marked in one transaction: a crash leaves all of it or none,
and of two workers one passes over what the other holds.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, IntegrityError, transaction

from twoway.compliance.rules import Purpose
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation
from twoway.lib.clocks import usual
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.greeting import live, rules
from twoway.messaging.greeting.knowing import Known, known_of
from twoway.messaging.greeting.models import Greeting, GreetingSettings, Promise
from twoway.messaging.greeting.queries import settings_of
from twoway.messaging.greeting.wait.rules import warns_after
from twoway.messaging.greeting.wording import rules as wording
from twoway.messaging.greeting.wording.rules import Filling
from twoway.messaging.models import Message
from twoway.messaging.optin import business_of
from twoway.teams.actor import system
from twoway.teams.hours.opening import opening_words
from twoway.teams.hours.rules import Calendar, due_after, next_opening

log = structlog.get_logger(__name__)

AT_ONCE = 100
WORTH = timedelta(minutes=15)
"""How long an automatic text is worth sending: one that comes late surprises."""


def send_due(*, at: datetime) -> int:
    """Decide what is due; how many were decided."""
    due = Greeting.objects.filter(sent_at=None, due_at__lte=at).order_by("due_at")
    rows = list(due.values_list("id", "conversation_id")[:AT_ONCE])
    for greeting_id, conversation_id in rows:
        try:
            _decide(greeting_id, conversation_id, at)
        except Refused as refused:
            _drop(greeting_id, refused.code)
        except IntegrityError:
            _drop(greeting_id, "had_one")
        except DatabaseError:
            raise
        except Exception as error:  # the next one must have its turn
            log.error("greeting_stuck", greeting_id=greeting_id, exc_info=error)
            _drop(greeting_id, "stuck")
    return len(rows)


@transaction.atomic
def _decide(greeting_id: int, conversation_id: int, at: datetime) -> None:
    """Locks the conversation before it looks, so that nobody answers in between; who holds it goes first."""
    conversation = locked(conversation_id)
    rows = Greeting.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(id=greeting_id, conversation_id=conversation_id, sent_at=None).first()
    if conversation is None or row is None:
        return
    message = Message.objects.filter(id=row.message_id, conversation_id=conversation_id).first()
    if message is None:
        row.delete()
        return
    settings = settings_of(row.workspace_id)
    known = known_of(conversation, message, settings=settings, had=_had(conversation), at=at)
    choice = rules.choose(known.facts)
    if choice.kind is None:
        log.info("greeting_dropped", why=choice.dropped, message_id=row.message_id)
        row.delete()
        return
    row.kind, row.episode = choice.kind, conversation.episode
    _send(row, conversation, known, settings=settings, at=at)


def locked(conversation_id: int) -> Conversation | None:
    """A conversation with what a text needs, locked; None when it is gone or somebody else has it for now."""
    rows = Conversation.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    rows = rows.select_related("contact", "identity", "channel__workspace", "workspace")
    return rows.filter(id=conversation_id).first()


def _had(conversation: Conversation) -> frozenset[str]:
    """The kinds that went in this episode. Who was told a time in a welcome has had the wait too."""
    of_episode = {"conversation": conversation, "episode": conversation.episode}
    kinds = set(Greeting.objects.filter(**of_episode, sent_at__isnull=False).values_list("kind", flat=True))
    if Promise.objects.filter(**of_episode).exists():
        kinds.add("wait")
    return frozenset(kinds)


def _send(row: Greeting, conversation: Conversation, known: Known, *, settings: GreetingSettings, at: datetime) -> None:
    """The text, and the promise in it, in the transaction that holds the row."""
    held = known.held[row.kind]
    language = wording.language_of(known.language, usual=settings.language)
    words = held.words(language)
    says_wait = "{wait}" in words and known.estimate.is_known and known.facts.is_open
    says_wait = says_wait and "wait" in known.facts.is_on
    filling = filling_for(conversation, calendar=known.calendar, language=language, at=at)
    if says_wait:
        filling = Filling(
            business=filling.business,
            first_name=filling.first_name,
            wait=wording.wait_words(language, known.estimate.minutes),
            opens=filling.opens,
        )
    sent = queue(conversation, wording.fill(words, filling), kind=row.kind, episode=row.episode, at=at)
    row.sent_id, row.sent_at = sent.pk, at
    row.why = {"language": language, "source": held.source, "first": known.facts.is_first}
    if says_wait:
        row.why |= promise(conversation, known, settings=settings, message_id=sent.pk, at=at)
    row.save()


def queue(conversation: Conversation, body: str, *, kind: str, episode: int, at: datetime) -> Message:
    """Hand one automatic text to the door. Raises `Refused`."""
    queued = outbound.queue_text(
        by=system(conversation.workspace_id),
        conversation=conversation,
        body=body,
        at=at,
        purpose=Purpose.AUTO_REPLY.value,
        idempotency_key=f"greeting-{conversation.pk}-{episode}-{kind}",
        valid_until=at + WORTH,
    )
    return queued.message


def filling_for(conversation: Conversation, *, calendar: Calendar, language: str, at: datetime) -> Filling:
    """What stands in the places of a text, but for the wait."""
    return Filling(
        business=business_of(conversation.channel),
        first_name=first_name(conversation.contact),
        opens=opens(calendar, language=language, region=conversation.workspace.region, at=at),
    )


def first_name(contact: Contact) -> str:
    """The first word of their name; "" of somebody who stays anonymous or has none."""
    return "" if contact.is_anonymous else contact.name.partition(" ")[0]


def opens(calendar: Calendar, *, language: str, region: str, at: datetime) -> str:
    """When it opens next, in the words of a customer; "" while it is open, and when it never does."""
    opening = next_opening(calendar, at)
    if opening is None or opening <= at:
        return ""
    return opening_words(opening, at, calendar.zone, language, not usual(region).is_24)


def promise(
    conversation: Conversation, known: Known, *, settings: GreetingSettings, message_id: int, at: datetime
) -> dict[str, object]:
    """Keep what was said about time, once in an episode; the numbers it rests on."""
    estimate, minutes = known.estimate, known.estimate.minutes
    basis = {**asdict(estimate), "percentile": settings.percentile}
    due = None if minutes is None else due_after(known.calendar, at, minutes * 60)
    warn = None if minutes is None else due_after(known.calendar, at, warns_after(minutes, settings.warn_minutes))
    Promise.objects.get_or_create(
        conversation=conversation,
        episode=conversation.episode,
        defaults={
            "workspace_id": conversation.workspace_id,
            "channel_id": conversation.channel_id,
            "team_id": conversation.team_id,
            "queue_id": live.queue_of(conversation.pk),
            "message_id": message_id,
            "percentile": settings.percentile,
            "said_minutes": minutes,
            "estimate_seconds": estimate.seconds,
            "basis": basis,
            "made_at": at,
            "due_at": due,
            "warn_at": warn,
        },
    )
    return {"basis": basis}


@transaction.atomic
def _drop(greeting_id: int, why: str) -> None:
    log.info("greeting_dropped", why=why, greeting_id=greeting_id)
    Greeting.objects.filter(id=greeting_id, sent_at=None).delete()
