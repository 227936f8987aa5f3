"""Giving out who waits: one transaction a workspace, one worker at a time, so that nobody gets two or too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from twoway.conversations.actions import Gift, give_many, take_back_many
from twoway.events.following import EVERYBODYS
from twoway.routing.actions.entering import enter
from twoway.routing.queries.people import agents_of, lines_of
from twoway.routing.queries.waiting import entries_waiting
from twoway.routing.rules import Agent, Assignment, plan

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(seconds=5)
"""How long nothing may have changed before it is thought about again: limits run out by the minute."""
REST = timedelta(seconds=2)
"""How long it isn't even looked at who has room, while nothing happened and nobody came or went."""

_WAITING = """
SELECT q.workspace_id, (SELECT max(greatest(p.chosen_at, p.shown_at)) FROM presence p
    WHERE p.workspace_id = q.workspace_id)
FROM routing_queue q
WHERE q.is_active AND q.mode = 'push' AND EXISTS (SELECT FROM queue_entry e
    WHERE e.workspace_id = q.workspace_id AND e.queue_id = q.id AND e.state = 'waiting')
GROUP BY 1
"""
_TAKEN = """
UPDATE queue_entry e SET state = 'taken', taken_by_id = g.member_id, taken_at = %(at)s, why = g.why
FROM unnest(%(ids)s::bigint[], %(members)s::bigint[], %(whys)s::text[]) AS g(id, member_id, why)
WHERE e.conversation_id = g.id
"""
# A microsecond apart, so that turns have an order.
_TURNS = """
INSERT INTO member_capacity (member_id, given_at)
SELECT member_id, max(%(at)s::timestamptz + nth * interval '1 microsecond')
FROM unnest(%(members)s::bigint[]) WITH ORDINALITY AS g(member_id, nth) GROUP BY 1
ON CONFLICT (member_id) DO UPDATE SET given_at = EXCLUDED.given_at
"""
# Whoever is gone for long, and what they had not answered. What was given to them by hand since stays with them.
_GONE = """
SELECT c.workspace_id, c.id, c.assignee_id FROM presence p
JOIN member m ON m.id = p.member_id
LEFT JOIN routing_settings s ON s.workspace_id = p.workspace_id
JOIN conversation c ON c.assignee_id = p.member_id AND c.state = 'open' AND c.needs_reply
LEFT JOIN queue_entry e ON e.conversation_id = c.id
WHERE coalesce(s.return_minutes, 10) > 0
  AND p.seen_at < %(at)s - make_interval(mins => coalesce(s.return_minutes, 10))
  AND EXISTS (SELECT FROM routing_queue q WHERE q.workspace_id = p.workspace_id AND q.is_active)
  AND NOT (e.conversation_id IS NOT NULL AND e.why = 'by_hand' AND e.taken_at > p.seen_at)
ORDER BY c.sort_at LIMIT 500
"""


@dataclass(slots=True)
class Memory:
    """What a loop remembers of each workspace, so that it thinks again only when something changed."""

    looked_at: dict[int, datetime] = field(default_factory=dict)
    agents: dict[int, tuple[Agent, ...]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    came: dict[int, datetime | None] = field(default_factory=dict)
    asked_at: dict[int, datetime] = field(default_factory=dict)

    def rests(self, workspace_id: int, came: datetime | None, at: datetime) -> bool:
        """Whether there is no need to look: nothing happened, nobody came or went since `came`, and it was just now."""
        asked_at = self.asked_at.get(workspace_id)
        is_same = workspace_id not in self.touched and self.came.get(workspace_id) == came
        if is_same and asked_at is not None and at - asked_at < REST:
            return True
        self.came[workspace_id], self.asked_at[workspace_id] = came, at
        return False

    def is_known(self, workspace_id: int, agents: Sequence[Agent], at: datetime) -> bool:
        """Whether nothing changed since a moment ago."""
        looked_at = self.looked_at.get(workspace_id)
        is_same = self.agents.get(workspace_id) == tuple(agents) and workspace_id not in self.touched
        return is_same and looked_at is not None and at - looked_at < LOOK_AGAIN

    def note(self, workspace_id: int, agents: Sequence[Agent], at: datetime) -> None:
        """It was thought about just now."""
        self.looked_at[workspace_id] = at
        self.agents[workspace_id] = tuple(agents)
        self.touched.discard(workspace_id)


def give_out(*, at: datetime, memory: Memory | None = None) -> int:
    """Give everybody who waits, in every workspace, to whom it goes now; how many were given."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        rows = cursor.fetchall()
    awake = [key for key, came in rows if memory is None or not memory.rests(key, came, at)]
    total = 0
    for key in awake:
        with alone("give_out", key):
            total += give_out_in(workspace_id=key, at=at, memory=memory)
    return total


@contextmanager
def alone(what: str, workspace_id: int) -> Iterator[None]:
    """What fails in one workspace is a line in the log, and the next one has its turn. What is no fault of a row
    is raised as it is."""
    try:
        yield
    except EVERYBODYS:
        raise
    except Exception:
        log.exception("routing_failed", what=what, workspace_id=workspace_id)


@transaction.atomic
def give_out_in(*, workspace_id: int, at: datetime, memory: Memory | None = None) -> int:
    """The same in one workspace; 0 while another worker or somebody's Next is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('routing', %s))", [workspace_id])
        if not cursor.fetchone()[0]:
            return 0
    agents = agents_of(workspace_id, at)
    if memory is not None and memory.is_known(workspace_id, agents, at):
        return 0
    given = []
    if any(one.is_online and one.room for one in agents):
        lines = lines_of(workspace_id)
        given = plan(entries_waiting(workspace_id), agents, lines=lines, at=at)
        given = _carry_out(workspace_id, given, at)
    if memory is not None:
        memory.note(workspace_id, agents, at)
        if given:
            memory.touched.add(workspace_id)
    return len(given)


def _carry_out(workspace_id: int, planned: Sequence[Assignment], at: datetime) -> list[Assignment]:
    """Give what was planned. What somebody else took in between stays theirs."""
    if not planned:
        return []
    names = _queue_names(workspace_id)
    gifts = [
        Gift(conversation_id=one.entry_id, member_id=one.agent_id, why=one.why, queue_name=names.get(one.line_id, ""))
        for one in planned
    ]
    done = give_many(workspace_id=workspace_id, gifts=gifts, at=at)
    given = [one for one in planned if one.entry_id in done]
    told: dict[str, Any] = {
        "at": at,
        "ids": [one.entry_id for one in given],
        "members": [one.agent_id for one in given],
        "whys": [one.why for one in given],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, told)
        cursor.execute(_TURNS, told)
    return given


def _queue_names(workspace_id: int) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM routing_queue WHERE workspace_id = %s", [workspace_id])
        return dict(cursor.fetchall())


def return_from_gone(*, at: datetime) -> int:
    """Take from members who are gone for long what they had not answered, back into its queue; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_GONE, {"at": at})
        rows = cursor.fetchall()
    total = 0
    for workspace_id in sorted({row[0] for row in rows}):
        with alone("return", workspace_id), transaction.atomic():
            ids = [row[1] for row in rows if row[0] == workspace_id]
            members = sorted({row[2] for row in rows if row[0] == workspace_id})
            taken = take_back_many(workspace_id=workspace_id, conversation_ids=ids, member_ids=members, at=at)
            enter(workspace_id=workspace_id, conversation_ids=taken, at=at)
            total += len(taken)
    return total
