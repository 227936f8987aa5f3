"""What a warning or a breach of a clock does to a conversation, as its policy says: priority, queue, a manager."""

from __future__ import annotations

from datetime import datetime

import structlog

from twoway.conversations.models import Conversation, State
from twoway.events.types import ClockBreached, ClockWarned
from twoway.lib.refusal import Refused
from twoway.routing.actions import put
from twoway.routing.escalation.acting import rule_on_breach
from twoway.routing.escalation.transfer import transfer
from twoway.routing.models import EntryState, QueueEntry
from twoway.sla.queries import steps_of
from twoway.teams.actor import system

log = structlog.get_logger(__name__)

HIGHEST = 5


def act(event: ClockWarned | ClockBreached, at: datetime) -> None:
    """Do what the policy of a clock says, if it still runs. What can't be done is left out.

    A conversation is moved once: by the escalation rule about this breach where there is one, else to a manager, and
    back into its queue when there is none.
    """
    steps = steps_of(event)
    if not steps or event.kind == "wrap_up":
        return
    talk = Conversation.objects.filter(id=event.conversation_id or 0, state=State.OPEN).first()
    if talk is None:
        return
    rule = rule_on_breach(talk, kind=event.kind, at=at) if isinstance(event, ClockBreached) else None
    if "priority" in steps and not (rule and rule.priority):
        _raise(talk)
    if rule is not None and rule.gives:
        return
    is_given = "escalate" in steps and _escalate(talk, at)
    if "queue" in steps and not is_given:
        _put_back(talk, at)


def _raise(talk: Conversation) -> None:
    """One step up in the queue it waits in."""
    for entry in QueueEntry.objects.select_for_update().filter(conversation_id=talk.pk, state=EntryState.WAITING):
        entry.priority = min(HIGHEST, entry.priority + 1)
        entry.save(update_fields=["priority"])


def _put_back(talk: Conversation, at: datetime) -> None:
    """Back into the queue it came from, for somebody else; whoever had it has it no more."""
    entry = QueueEntry.objects.filter(conversation_id=talk.pk, queue__is_active=True).first()
    if entry is None or talk.assignee_id is None:
        return
    try:
        put(
            conversation=talk,
            queue_id=entry.queue_id,
            by=system(talk.workspace_id),
            at=at,
            priority=min(HIGHEST, entry.priority + 1),
            why="escalated",
        )
    except Refused as refused:
        log.info("late_stays", conversation_id=talk.pk, why=refused.code)


def _escalate(talk: Conversation, at: datetime) -> bool:
    """To whichever manager is there and has the least to do; whether somebody has it now."""
    try:
        transfer(conversation=talk, kind="manager", by=system(talk.workspace_id), at=at)
    except Refused as refused:
        log.info("late_stays", conversation_id=talk.pk, why=refused.code)
        return False
    return True
