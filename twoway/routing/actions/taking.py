"""Taking the next one, and putting a conversation into a queue by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction

from twoway.conversations.actions import UNCHANGED, assign
from twoway.conversations.models import Conversation, State
from twoway.conversations.queries import access_conversation
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.routing.actions.queues import check_priority
from twoway.routing.models import EntryState, MemberCapacity, QueueEntry
from twoway.routing.queries.people import agents_of, lines_of
from twoway.routing.queries.reading import access_queue
from twoway.routing.queries.waiting import entries_waiting
from twoway.routing.rules import next_for
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


def lock_routing(workspace_id: int) -> None:
    """Wait until nobody else gives out conversations of this workspace; until the transaction ends it is ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('routing', %s))", [workspace_id])


@transaction.atomic
def take_next(*, by: Actor, at: datetime, queue_id: int | None = None) -> Conversation | None:
    """Give the member who asks the most urgent conversation they are suited for, of all queues or one; None when
    nobody waits for them. Whoever asks is there, whatever they chose.

    Raises `NotAllowed`, `NotFound`, `Refused` with `at_capacity` when they have as many as they may.
    """
    require(by, Right.REPLY)
    if by.member_id is None:
        raise Invalid(t("Only a member takes the next one."), code="not_a_member")
    if queue_id is not None:
        access_queue(by, queue_id)
    lock_routing(by.workspace_id)
    MemberCapacity.objects.get_or_create(member_id=by.member_id)
    agents = agents_of(by.workspace_id, at, asking=by.member_id)
    own = next((one for one in agents if one.id == by.member_id), None)
    if own is None:
        return None
    if own.room < 1:
        raise Refused(
            t("You have {n} conversations, as many as you may. Finish one first.", n=own.load), code="at_capacity"
        )
    lines = lines_of(by.workspace_id)
    waiting = [one for one in entries_waiting(by.workspace_id) if queue_id is None or one.line_id == queue_id]
    found = next_for(own, waiting, agents, lines=lines, at=at)
    if found is None:
        return None
    row = Conversation.objects.select_for_update(no_key=True).get(id=found.id)
    if row.assignee_id is not None or row.state != State.OPEN:
        QueueEntry.objects.filter(conversation_id=row.pk).delete()
        return take_next(by=by, at=at, queue_id=queue_id)
    return _take(row, by, at)


def _take(row: Conversation, by: Actor, at: datetime) -> Conversation:
    """In their own name, whatever else their role may assign: the queue gives it to them."""
    entry = QueueEntry.objects.select_related("queue").get(conversation_id=row.pk)
    given = assign(
        conversation=row,
        member_id=by.member_id,
        by=replace(by, role="owner", rights=None, sees_own_teams_only=False),
        at=at,
        why="next",
        queue_name=entry.queue.name,
    )
    QueueEntry.objects.filter(conversation_id=row.pk).update(
        state=EntryState.TAKEN, taken_by_id=by.member_id, taken_at=at, why="next"
    )
    MemberCapacity.objects.filter(member_id=by.member_id or 0).update(given_at=at)
    return given


@transaction.atomic
def put(
    *,
    conversation: Conversation,
    queue_id: int,
    by: Actor,
    at: datetime,
    priority: int | None = None,
    why: str = "moved",
) -> QueueEntry:
    """Put a conversation into a queue, to be given to somebody else; nobody has it until then.

    It keeps its place by how long they have waited. `priority` None is the queue's. Raises `NotAllowed`, `NotFound`,
    `Invalid` for a queue that is off or a conversation that isn't open.
    """
    require(by, Right.ASSIGN)
    queue = access_queue(by, queue_id)
    if not queue.is_active:
        raise Invalid(t("This queue is off."), field="queue")
    if priority is not None:
        check_priority(priority)
    row = access_conversation(by, conversation.pk)
    if row.state != State.OPEN:
        raise Invalid(t("Only an open conversation can wait in a queue."), code="not_open")
    lock_routing(by.workspace_id)
    team_id = queue.team_id if queue.team_id is not None else UNCHANGED
    assign(conversation=row, member_id=None, team_id=team_id, by=by, at=at, why=why, queue_name=queue.name)
    old = QueueEntry.objects.filter(conversation_id=row.pk).first()
    since = row.sort_at if row.needs_reply else at
    entry, _ = QueueEntry.objects.update_or_create(
        conversation_id=row.pk,
        defaults={
            "workspace_id": by.workspace_id,
            "queue": queue,
            "rule": None,
            "priority": queue.priority if priority is None else priority,
            "skills": [],
            "state": EntryState.WAITING,
            "entered_at": min(since, old.entered_at) if old and old.state == EntryState.WAITING else since,
            "last_agent": None,
            "taken_by_id": by.member_id,
            "taken_at": None,
            "why": why,
        },
    )
    return entry
