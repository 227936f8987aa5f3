"""Who belongs in a queue: entries made right for conversations that changed, whatever it was that changed.

It looks at how each conversation is now, so that the same event twice, or two in another order, end the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from twoway.conversations.actions import Gift, give_many
from twoway.events.actions import Audience, notify
from twoway.routing.actions.taking import lock_routing
from twoway.routing.matching_rules import RuleFacts, decide, priority_of, team_of
from twoway.routing.models import EntryState, Queue, QueueEntry
from twoway.routing.queries.facts import clock_for, facts_of, last_agents
from twoway.routing.queries.reading import fields_for, rules_of
from twoway.teams.actor import system

LAST_AGENT_FOR = timedelta(days=30)
"""Who wrote to somebody longer ago than this is as good as anybody else."""
AT_ONCE = 500
FOLLOWER = "routing"
"""The name of our place in the outbox."""
MOST_BEHIND = 50_000

# Not open any more: out of the queue.
_OVER = """
DELETE FROM queue_entry e USING conversation c
WHERE e.conversation_id = ANY(%(ids)s) AND c.id = e.conversation_id AND c.state <> 'open'
"""
# Somebody has it: taken by them, by hand unless routing says otherwise.
_HELD = """
UPDATE queue_entry e SET state = 'taken', taken_by_id = c.assignee_id, taken_at = %(at)s, why = 'by_hand'
FROM conversation c
WHERE e.conversation_id = ANY(%(ids)s) AND c.id = e.conversation_id AND c.assignee_id IS NOT NULL
  AND (e.state <> 'taken' OR e.taken_by_id IS DISTINCT FROM c.assignee_id)
"""
# Nobody has it and nobody waits: answered without being taken, or given back when it was answered.
_ANSWERED = """
DELETE FROM queue_entry e USING conversation c
WHERE e.conversation_id = ANY(%(ids)s) AND c.id = e.conversation_id AND c.assignee_id IS NULL AND NOT c.needs_reply
  AND (e.state = 'taken' OR c.last_message_at > e.entered_at)
"""
# Given back while they wait: back in its queue, by how long they have waited.
_BACK = """
UPDATE queue_entry e SET state = 'waiting', taken_by_id = NULL, taken_at = NULL, entered_at = c.sort_at, why = '',
       returns = least(e.returns + 1, 30000),
       last_agent_id = (SELECT m.by_id FROM message m WHERE m.conversation_id = c.id AND m.direction = 'out'
                          AND m.by_id IS NOT NULL AND m.created_at > %(since)s ORDER BY m.id DESC LIMIT 1)
FROM conversation c
WHERE e.conversation_id = ANY(%(ids)s) AND c.id = e.conversation_id AND c.assignee_id IS NULL AND c.needs_reply
  AND c.state = 'open' AND e.state = 'taken'
"""
# Answered and asked again since: they wait anew.
_ANEW = """
UPDATE queue_entry e SET entered_at = c.sort_at, last_agent_id = coalesce(m.by_id, e.last_agent_id)
FROM conversation c, LATERAL (
    SELECT by_id, created_at FROM message WHERE conversation_id = c.id AND direction = 'out' AND author <> 'system'
    ORDER BY id DESC LIMIT 1) m
WHERE e.conversation_id = ANY(%(ids)s) AND c.id = e.conversation_id AND c.assignee_id IS NULL AND c.needs_reply
  AND e.state = 'waiting' AND c.sort_at > e.entered_at AND m.created_at >= e.entered_at
"""
# Whose screens show it: the counts of queues and the marks of rows are another now.
_WHOSE = "RETURNING c.id, c.team_id, c.assignee_id"
# Nobody has it and it is in no queue.
_NEW = """
SELECT c.id, CASE WHEN c.needs_reply THEN c.sort_at ELSE %(at)s END FROM conversation c
WHERE c.id = ANY(%(ids)s) AND c.workspace_id = %(workspace)s AND c.state = 'open' AND c.assignee_id IS NULL
  AND (c.needs_reply OR c.id = ANY(%(back)s))
  AND NOT EXISTS (SELECT FROM queue_entry e WHERE e.conversation_id = c.id)
ORDER BY c.sort_at, c.id
"""
# What a queue that was switched off leaves behind, and what no event told of.
_LEFT = """
DELETE FROM queue_entry e USING routing_queue q
WHERE e.workspace_id = %(workspace)s AND e.state = 'waiting' AND q.id = e.queue_id AND NOT q.is_active
"""
_MISSED = """
SELECT c.id FROM conversation c
WHERE c.workspace_id = %(workspace)s AND c.assignee_id IS NULL AND c.state = 'open' AND c.needs_reply
  AND NOT EXISTS (SELECT FROM queue_entry e WHERE e.conversation_id = c.id AND e.state = 'waiting')
UNION
SELECT e.conversation_id FROM queue_entry e JOIN conversation c ON c.id = e.conversation_id
WHERE e.workspace_id = %(workspace)s
  AND (c.state <> 'open' OR (e.state = 'waiting' AND c.assignee_id IS NOT NULL)
       OR (e.state = 'taken' AND e.taken_by_id IS DISTINCT FROM c.assignee_id)
       OR (c.assignee_id IS NULL AND NOT c.needs_reply AND c.last_message_at > e.entered_at))
LIMIT %(most)s
"""
# Nothing was routed for long: what happened since is no news, and a sweep finds who waits.
_STALE = "DELETE FROM event_follower WHERE name = %s AND high < (SELECT max(id) FROM event) - %s"


@dataclass(frozen=True, slots=True)
class _New:
    id: int
    since: datetime


@transaction.atomic
def enter(*, workspace_id: int, conversation_ids: Collection[int], at: datetime, back: Collection[int] = ()) -> int:
    """Make the entries of these right; how many came into a queue anew. `back` are those that came back from snooze or
    done, which wait for somebody though nobody wrote.
    """
    lock_routing(workspace_id)
    ids = sorted(set(conversation_ids))
    names: dict[str, Any] = {
        "ids": ids,
        "at": at,
        "since": at - LAST_AGENT_FOR,
        "workspace": workspace_id,
        "back": sorted(back),
    }
    changed: list[Audience] = []
    with connection.cursor() as cursor:
        for statement in (_OVER, _HELD, _ANSWERED, _ANEW, _BACK):
            cursor.execute(statement + _WHOSE, names)
            changed += cursor.fetchall()
        cursor.execute(_NEW, names)
        new = [_New(*row) for row in cursor.fetchall()]
    notify(workspace_id=workspace_id, conversations=changed)
    count = 0
    for start in range(0, len(new), AT_ONCE):
        count += _enter(workspace_id, new[start : start + AT_ONCE], at)
    return count


def _enter(workspace_id: int, new: Sequence[_New], at: datetime) -> int:
    """Decide for each by the rules, keep it, and give it to its team."""
    if not new:
        return 0
    queues = {row.pk: row for row in Queue.objects.filter(workspace_id=workspace_id, is_active=True)}
    by = system(workspace_id)
    fields = fields_for(by)
    rules = rules_of(by, fields=fields)
    ids = [one.id for one in new]
    known = facts_of(workspace_id, ids, rules=rules, fields=fields, at=at)
    last = last_agents(ids, at=at, within=LAST_AGENT_FOR)
    clock = clock_for(workspace_id, at)
    default = next((row for row in queues.values() if row.is_default), None)
    entries, gifts = [], []
    for one in new:
        if one.id not in known:
            continue
        rule = decide(rules, known[one.id].facts, fields=fields, clock=clock).rule if rules else None
        queue = queues.get(rule.queue_id) if rule else default
        if queue is None:
            continue
        entries.append(_entry(one, queue, rule, last.get(one.id)))
        team_id = team_of(rule, queue.team_id, known[one.id].team_id)
        if team_id is not None and team_id != known[one.id].team_id:
            gifts.append(Gift(conversation_id=one.id, team_id=team_id, why="routed", queue_name=queue.name))
    QueueEntry.objects.bulk_create(entries, ignore_conflicts=True)
    give_many(workspace_id=workspace_id, gifts=gifts, at=at)
    teams = {key: one.team_id for key, one in known.items()} | {one.conversation_id: one.team_id for one in gifts}
    notify(
        workspace_id=workspace_id,
        conversations=[(one.conversation_id, teams[one.conversation_id], None) for one in entries],
    )
    return len(entries)


def _entry(one: _New, queue: Queue, rule: RuleFacts | None, last_agent_id: int | None) -> QueueEntry:
    return QueueEntry(
        conversation_id=one.id,
        workspace_id=queue.workspace_id,
        queue=queue,
        rule_id=rule.id if rule else None,
        priority=priority_of(rule, queue.priority),
        skills=[list(pair) for pair in rule.skills] if rule else [],
        state=EntryState.WAITING,
        entered_at=one.since,
        last_agent_id=last_agent_id,
    )


def sweep(*, workspace_id: int, at: datetime, most: int = 2000) -> int:
    """Find who waits for somebody and is in no queue, after a queue was made, switched off or deleted; how many.

    It also mends whatever no event told of.
    """
    names = {"workspace": workspace_id, "most": most}
    with transaction.atomic(), connection.cursor() as cursor:
        lock_routing(workspace_id)
        cursor.execute(_LEFT, names)
    found = _ids(_MISSED, names)
    return enter(workspace_id=workspace_id, conversation_ids=found, at=at) if found else 0


def begin_anew() -> None:
    """Pass over what happened while nobody had a queue, if it is much."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, [FOLLOWER, MOST_BEHIND])


def routed_workspaces() -> frozenset[int]:
    """The workspaces that have a queue that is on."""
    return frozenset(Queue.objects.filter(is_active=True).values_list("workspace_id", flat=True).distinct())


def _ids(statement: str, names: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return [row[0] for row in cursor.fetchall()]
