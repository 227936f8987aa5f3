"""Which part of a log somebody asked for: the newest, a text, a day, the first text, an older or newer page, a fold."""

from __future__ import annotations

from datetime import date, datetime, time

from django.http import QueryDict
from django.utils import timezone

from twoway.conversations import queries as conversations
from twoway.conversations.queries import Conversation
from twoway.desk import inbox_reads as reads
from twoway.desk import stretches
from twoway.desk.context import Patch, Thread
from twoway.desk.inbox_frame import Asked, id_of
from twoway.desk.inbox_reads import Opened
from twoway.desk.stretches import Mode, Scope
from twoway.lib.refusal import NotFound
from twoway.messaging import threads

MOST_OTHERS = 20
"""Other conversations with one person whose texts stand in one log, the latest."""


def others_of(asked: Asked, conversation: Conversation) -> tuple[Conversation, ...]:
    """The other conversations with the same person that this member may see."""
    found = conversations.conversations_of(asked.actor, conversation.contact_id, limit=MOST_OTHERS + 1)
    return tuple(other for other in found if other.pk != conversation.pk)[:MOST_OTHERS]


def scope_of(asked: Asked, read: Opened, mode: Mode) -> Scope:
    """What is read in this mode."""
    found = read.conversation
    others = others_of(asked, found) if mode == "a" else ()
    return Scope(
        conversation=found, episodes=read.episodes, now=asked.now, mode=mode, others=others, region=asked.region
    )


def thread_asked(asked: Asked, read: Opened, told: QueryDict) -> Thread:
    """The middle pane around what was asked for; what isn't there any more means the newest."""
    shows_all = told.get("all") == "1"
    wants_place = any(told.get(key) for key in ("m", "date", "first"))
    if not (shows_all or wants_place):
        return reads.thread_of(asked, read)
    scope = scope_of(asked, read, "a" if shows_all else "f")
    target = _target(scope, told) if wants_place else None
    if target is None:
        stretch = stretches.before(scope, limit=reads.PAGE)
    else:
        stretch = stretches.around(scope, message_id=target, limit=reads.PAGE)
    return reads.thread_at(asked, read, stretch, target_id=target or 0, shows_all=shows_all)


def _target(scope: Scope, told: QueryDict) -> int | None:
    """The text to show first."""
    named = id_of(told.get("m", ""))
    if named is not None:
        return named if threads.is_of(scope.ids, named) else None
    if told.get("first") == "1":
        first = threads.texts_from(scope.ids, from_id=0, limit=1)
        return first[0].pk if first else None
    at = day_of(told.get("date", ""))
    return threads.first_from(scope.ids, at=at) if at is not None else None


def day_of(text: str) -> datetime | None:
    """The beginning of a day as a form names it, for whoever reads; None for anything else."""
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text[:10]), time()))
    except (ValueError, OverflowError):
        return None


def page_asked(asked: Asked, read: Opened, told: QueryDict) -> Patch | None:
    """Items above or below what is loaded, or of one fold; None when none of them was asked for. Raises `NotFound`."""
    key = read.conversation.pk
    if told.get("before"):
        cursor = stretches.cursor_of(told.get("before", ""))
        scope = scope_of(asked, read, cursor.mode if cursor else "")
        stretch = stretches.before(scope, limit=reads.PAGE, cursor=cursor)
        return Patch(open_id=key, items=reads.items_of(asked, stretch, read), earlier=stretch.earlier)
    if told.get("after"):
        cursor = stretches.cursor_of(told.get("after", ""))
        if cursor is None:
            raise NotFound("page")
        stretch = stretches.onward(scope_of(asked, read, cursor.mode), limit=reads.PAGE, cursor=cursor)
        return Patch(open_id=key, items=reads.items_of(asked, stretch, read), newer=stretch.newer)
    if told.get("episode"):
        found = stretches.of_fold(scope_of(asked, read, ""), number=id_of(told.get("episode", "")) or 0)
        if found is None:
            raise NotFound("episode")
        return Patch(open_id=key, items=reads.items_of(asked, found, read))
    return None
