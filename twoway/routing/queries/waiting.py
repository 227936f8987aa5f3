"""Who waits in which queue, since when, and what could be done about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from twoway.routing.models import EntryState, Queue, QueueEntry
from twoway.routing.queries.people import agents_of, line_of
from twoway.routing.rules import Agent, Entry, Skills


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueState:
    """One queue now. `online` are the members of it who are there, `free` how many more they may have between them.

    `oldest_at` is since when the one who has waited longest does; None when nobody waits.
    """

    id: int
    name: str
    team_id: int | None
    mode: str
    is_default: bool
    waiting: int
    oldest_at: datetime | None
    taken: int
    online: int
    free: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A conversation's place in a queue. `state` is waiting or taken; `why` a word of `words.WHYS`, "" while it waits.

    `rule_name` is "" when no rule said so.
    """

    conversation_id: int
    queue_id: int
    queue_name: str
    rule_name: str
    priority: int
    state: str
    entered_at: datetime
    taken_by: int | None
    taken_at: datetime | None
    why: str
    skills: Skills


def routes(workspace_id: int) -> bool:
    """Whether this workspace has a queue that is on."""
    return Queue.objects.filter(workspace_id=workspace_id, is_active=True).exists()


def state_of(workspace_id: int, at: datetime) -> list[QueueState]:
    """Every queue that is on, by name: who waits, since when, who is there, and how many more they may have."""
    queues = Queue.objects.filter(workspace_id=workspace_id, is_active=True).annotate(
        waiting=Count("entries", filter=Q(entries__state=EntryState.WAITING)),
        taken=Count("entries", filter=Q(entries__state=EntryState.TAKEN)),
        oldest=Min("entries__entered_at", filter=Q(entries__state=EntryState.WAITING)),
    )
    agents = [one for one in agents_of(workspace_id, at) if one.is_online]
    found = []
    for row in queues.order_by("name", "id"):
        there = served_by(line_of(row).team_id, agents)
        found.append(
            QueueState(
                id=row.pk,
                name=row.name,
                team_id=row.team_id,
                mode=row.mode,
                is_default=row.is_default,
                waiting=row.waiting,
                oldest_at=row.oldest,
                taken=row.taken,
                online=len(there),
                free=sum(one.room for one in there),
            )
        )
    return found


def served_by(team_id: int | None, agents: Iterable[Agent]) -> list[Agent]:
    """Who of these serves a queue of this team, or of nobody's in particular."""
    return [one for one in agents if team_id is None or team_id in one.team_ids]


def entries_of(conversation_ids: Collection[int]) -> dict[int, Waiting]:
    """The place of each of these that has one."""
    rows = QueueEntry.objects.filter(conversation_id__in=list(conversation_ids)).select_related("queue", "rule")
    return {row.conversation_id: _told(row) for row in rows}


def waiting(workspace_id: int, *, queue_id: int | None = None, limit: int = 200) -> list[Waiting]:
    """Who waits, longest first, in all queues or one."""
    rows = QueueEntry.objects.filter(workspace_id=workspace_id, state=EntryState.WAITING)
    if queue_id is not None:
        rows = rows.filter(queue_id=queue_id)
    return [_told(row) for row in rows.select_related("queue", "rule").order_by("entered_at", "pk")[:limit]]


def _told(row: QueueEntry) -> Waiting:
    return Waiting(
        conversation_id=row.conversation_id,
        queue_id=row.queue_id,
        queue_name=row.queue.name,
        rule_name=row.rule.name if row.rule else "",
        priority=row.priority,
        state=row.state,
        entered_at=row.entered_at,
        taken_by=row.taken_by_id if row.state == EntryState.TAKEN else None,
        taken_at=row.taken_at,
        why=row.why,
        skills=skills_in(row.skills),
    )


def skills_in(stored: object) -> Skills:
    """The skills of an entry as they are kept: pairs of skill and level."""
    pairs = stored if isinstance(stored, list) else []
    return tuple((int(skill), int(level)) for skill, level in pairs)


def entries_waiting(workspace_id: int) -> list[Entry]:
    """Everybody who waits in a queue that is on, as they are decided by."""
    rows = QueueEntry.objects.filter(workspace_id=workspace_id, state=EntryState.WAITING, queue__is_active=True)
    return [
        Entry(
            id=key,
            line_id=queue_id,
            priority=priority,
            entered_at=entered_at,
            skills=skills_in(skills),
            last_agent_id=last_agent_id,
            team_id=team_id,
            not_to=not_to,
        )
        for key, queue_id, priority, entered_at, skills, last_agent_id, team_id, not_to in rows.values_list(
            "conversation_id",
            "queue_id",
            "priority",
            "entered_at",
            "skills",
            "last_agent_id",
            "conversation__team_id",
            "taken_by_id",
        )
    ]
