"""What happens next: event by event, the only such list, and the loop that works through it.

The transaction that writes a fact writes its event. This loop claims pending events in order and calls what is listed;
an event whose reaction fails is tried again, then set aside with its error in the log, so that it holds up nobody.

Members are told of events beside this loop: `notifications.loop` reads the outbox on in batches, without writing to
it, for texts come by the thousand. Which events it looks at, `notifications.rules.EVENTS` says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, transaction

from twoway.conversations import actions as conversations
from twoway.events import types
from twoway.events.models import Event
from twoway.messaging import consequences, lateness, optin
from twoway.notifications import clocks

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 50
MOST_TRIES = 5
LOOK_EVERY = 2.0

Reaction = Callable[[Any, datetime], object]


def _give_back(event: types.MemberDeactivated, at: datetime) -> None:
    if event.member_id is not None:
        conversations.release(workspace_id=event.workspace_id, member_id=event.member_id, at=at, by_name=event.by_name)


def _show_anew(event: types.Happened, at: datetime) -> None:
    if event.contact_id is not None:
        conversations.tell_of_contact(workspace_id=event.workspace_id, contact_id=event.contact_id)


REACTIONS: Mapping[type[types.Happened], Sequence[Reaction]] = {
    types.MessageReceived: (),
    types.MessageBackfilled: (),
    types.MessageQueued: (),
    types.MessageSent: (),
    types.MessageDelivered: (),
    types.MessageFailed: (consequences.remember_failure, consequences.hold_brand),
    types.ConversationOpened: (),
    types.ConversationReopened: (),
    types.ConversationAssigned: (),
    types.ConversationUnassigned: (),
    types.ConversationSnoozed: (),
    types.ConversationWoken: (),
    types.ConversationDone: (),
    types.ConversationTagged: (),
    types.ConversationUntagged: (),
    types.ConversationEscalated: (),
    types.NoteAdded: (),
    types.MemberMentioned: (),
    types.ContactOptedOut: (optin.stopped, consequences.withdraw_queued, consequences.count_opt_out),
    types.ContactOptedIn: (),
    types.HelpAsked: (),
    types.DoubtRaised: (),
    types.DoubtSettled: (),
    types.LaterStopped: (),
    types.TopicHeard: (optin.heard,),
    types.TopicJoined: (),
    types.TopicLeft: (),
    types.ContactRenamed: (_show_anew,),
    types.ContactChanged: (_show_anew,),
    types.ContactBlocked: (_show_anew,),
    types.ContactUnblocked: (_show_anew,),
    types.MemberDeactivated: (_give_back,),
    types.BudgetWarned: (),
    types.SenderChanged: (),
    types.ChannelPaused: (),
    types.ChannelResumed: (),
    types.ChannelRetired: (),
    types.BrandCapReached: (),
    types.ClockWarned: (clocks.tell, lateness.act),
    types.ClockBreached: (clocks.tell, lateness.act),
    types.ReplyUndone: (),
    types.ReplyLost: (),
    types.AnswerGiven: (),
    types.CallbackChanged: (),
    types.CallbackDue: (),
    types.PhoneDeflected: (),
    types.CallStarted: (),
    types.CallEnded: (),
    types.CallMissed: (),
}

_tries: Counter[int] = Counter()
_resting: set[int] = set()
"""Events that failed in this round; they are tried again in the next."""


def react(*, at: datetime, limit: int = MOST_AT_ONCE) -> int:
    """Claim up to `limit` pending events and do what is listed for each; how many were claimed.

    Each event is handled in a transaction of its own, together with the mark that it is done.
    """
    handled = 0
    while handled < limit and _react_to_one(at):
        handled += 1
    return handled


def _react_to_one(at: datetime) -> bool:
    with transaction.atomic():
        pending = Event.objects.select_for_update(skip_locked=True).filter(is_pending=True).exclude(id__in=_resting)
        row = pending.order_by("id").first()
        if row is None:
            _resting.clear()
            return False
        with structlog.contextvars.bound_contextvars(trace=row.trace, event=row.type):
            try:
                with transaction.atomic():
                    _handle(row, at)
            except Exception as error:  # the next event must have its turn
                _set_aside(row, error)
    return True


def _handle(row: Event, at: datetime) -> None:
    event = types.from_row(
        event_type=row.type,
        data=row.data,
        workspace_id=row.workspace_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        message_id=row.message_id,
        member_id=row.member_id,
    )
    for reaction in REACTIONS[type(event)]:
        reaction(event, at)
    row.is_pending = False
    row.save(update_fields=["is_pending"])


def _set_aside(row: Event, error: Exception) -> None:
    """Count the failure; after several the event is no longer pending and the error is in the log."""
    _tries[row.id] += 1
    _resting.add(row.id)
    log.error("reaction_failed", event_id=row.id, tries=_tries[row.id], exc_info=error)
    if _tries[row.id] >= MOST_TRIES:
        Event.objects.filter(id=row.id).update(is_pending=False)
        del _tries[row.id]


def _round() -> int:
    close_old_connections()
    return react(at=datetime.now(UTC))


async def run(stop: asyncio.Event) -> None:
    """React until `stop` is set; a lost database only makes it wait."""
    work = sync_to_async(_round, thread_sensitive=False)
    while not stop.is_set():
        try:
            handled = await work()
        except (DatabaseError, psycopg.Error) as error:
            log.warning("reactions_wait_for_database", why=str(error))
            handled = 0
        if handled < MOST_AT_ONCE:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await stop.wait()
            except TimeoutError:
                continue
