"""What somebody who gets a conversation should know, as plain facts: read, never guessed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from twoway.conversations.models import Conversation, Episode, Note
from twoway.conversations.together.queries import held_by
from twoway.conversations.together.rules import Stretch
from twoway.lib.words import t
from twoway.messaging.models import Message
from twoway.messaging.scheduling.models import Later, LaterState
from twoway.messaging.words import why_not

MOST_TEXTS = 200
MOST_SHOWN = 3
MOST_OPEN = 5
_LOST = ("failed", "undelivered")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One episode of a conversation. Quoted words come with their time; the oldest of each kind first.

    `last_texts` is what the customer wrote last, if somebody has answered since; `unanswered` what nobody has answered.
    `answered_by` counts texts of ours by name. `failed` are texts that did not arrive, each with its reason.
    """

    opened_at: datetime
    held: tuple[Stretch, ...] = ()
    answered_by: tuple[tuple[str, int], ...] = ()
    last_texts: tuple[tuple[datetime, str], ...] = ()
    unanswered: tuple[tuple[datetime, str], ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    snoozed_until: datetime | None = None
    scheduled: tuple[tuple[datetime, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def is_new(self) -> bool:
        """Nobody has done anything yet: there is nothing to hand over."""
        return not (self.answered_by or self.notes or self.scheduled or any(one.name for one in self.held[:-1]))


def facts(conversation: Conversation, *, at: datetime) -> Facts:
    """The present episode of a conversation somebody has access to; seven queries."""
    begun = Episode.objects.filter(conversation_id=conversation.pk, number=conversation.episode)
    opened_at = begun.values_list("opened_at", flat=True).first() or conversation.created_at
    texts = Message.objects.filter(conversation_id=conversation.pk, created_at__gte=opened_at)
    rows = list(reversed(texts.order_by("-id")[:MOST_TEXTS]))
    theirs = [(one.created_at, one.body or t("A picture or file")) for one in rows if one.direction == "in"]
    ours = [one for one in rows if one.direction == "out" and one.author in {"member", "api"}]
    answered = Counter(one.by_name for one in ours if one.status != "canceled" and one.by_name)
    last_answer = max((one.created_at for one in ours if one.status not in {"canceled", *_LOST}), default=opened_at)
    waiting = [one for one in theirs if one[0] > last_answer or not answered]
    notes = Note.objects.filter(conversation_id=conversation.pk, created_at__gte=opened_at).order_by("-id")[:MOST_SHOWN]
    later = Later.objects.filter(conversation_id=conversation.pk, state=LaterState.WAITING).order_by("due_at")
    return Facts(
        opened_at=opened_at,
        held=held_by(conversation, since=opened_at, at=at),
        answered_by=tuple(answered.most_common(MOST_SHOWN)),
        last_texts=() if waiting else tuple(theirs[-1:]),
        unanswered=tuple(waiting[-MOST_OPEN:]) if conversation.needs_reply else (),
        tags=tuple(sorted((tag.name for tag in conversation.tags.all()), key=str.casefold)),
        notes=tuple((note.by_name, note.body) for note in reversed(notes)),
        snoozed_until=conversation.snoozed_until if conversation.state == "snoozed" else None,
        scheduled=tuple(later.values_list("due_at", "body")[:MOST_SHOWN]),
        failed=tuple((one.body, why_not(one)) for one in ours if one.status in _LOST)[-MOST_SHOWN:],
    )
