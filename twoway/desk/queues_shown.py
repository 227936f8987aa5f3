"""What the list and the thread show of queues and of hints when to call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from twoway.conversations.queries import Conversation
from twoway.desk.context.lists import ListRow, QueueMark
from twoway.desk.context.threads import HintStrip, ThreadHead
from twoway.desk.inbox_frame import Asked
from twoway.messaging.beside import Beside
from twoway.routing import queries as routing
from twoway.routing.escalation.queries import hints_shown
from twoway.sms import phone
from twoway.teams.actor import Actor


def names(actor: Actor) -> list[tuple[int, str]]:
    """The queues that are on, by id and name, for the views column."""
    return [(one.pk, one.name) for one in routing.queues(actor, with_inactive=False)]


def marked(rows: Iterable[ListRow]) -> tuple[ListRow, ...]:
    """The same rows, those that wait in a queue with its name; one query for all."""
    found = tuple(rows)
    entries = routing.entries_of([row.id for row in found]) if found else {}
    waiting = {
        key: QueueMark(name=one.queue_name, priority=one.priority)
        for key, one in entries.items()
        if one.state == "waiting"
    }
    return tuple(replace(row, queue=waiting[row.id]) if row.id in waiting else row for row in found)


def headed(asked: Asked, conversation: Conversation, there: Beside, head: ThreadHead) -> ThreadHead:
    """The bar above a thread with its queue, and the hints below it; no query where there is nothing of either."""
    if not (there.is_queued or there.has_hints):
        return head
    mark = _mark_of(conversation) if there.is_queued else None
    return replace(head, queue=mark, hints=hints_of(asked, conversation) if there.has_hints else ())


def _mark_of(conversation: Conversation) -> QueueMark | None:
    """The queue of an open conversation, also of one that somebody has from it."""
    one = routing.entries_of([conversation.pk]).get(conversation.pk)
    if one is None or conversation.state != "open":
        return None
    return QueueMark(name=one.queue_name, priority=one.priority, is_waiting=one.state == "waiting")


def hints_of(asked: Asked, conversation: Conversation) -> tuple[HintStrip, ...]:
    """The hints that hold now, each with a way to call where this member may see the number."""
    if not asked.may_reply:
        return ()
    number = conversation.identity.value
    is_phone = conversation.identity.kind == "phone" and not conversation.contact.is_anonymous
    may_call = is_phone and asked.actor.sees_numbers
    shown = phone.pretty(number, region=asked.region)
    return tuple(
        HintStrip(id=one.pk, sentence=one.sentence, tel=number if may_call else "", number=shown if may_call else "")
        for one in hints_shown(conversation, at=asked.now)
    )
