"""Members as routing sees them: what they are, what they have, what they can."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from twoway.routing.models import MemberCapacity, MemberSkill, Mode, Queue, RoutingSettings, Strategy, WhenEmpty
from twoway.routing.presence.rules import state_of
from twoway.routing.rules import Agent, Line
from twoway.teams.models import Member
from twoway.teams.queries import who_may
from twoway.teams.rules import Right

_WITH_TEAMS = """
SELECT m.id, m.sees_own_teams_only, p.chosen, p.seen_at, c.capacity, c.given_at,
       coalesce(t.ids, '{}'), coalesce(s.ids, '{}'), coalesce(s.levels, '{}')
FROM member m LEFT JOIN presence p ON p.member_id = m.id LEFT JOIN member_capacity c ON c.member_id = m.id
LEFT JOIN (SELECT member_id, array_agg(team_id) AS ids FROM team_member WHERE member_id = ANY(%(members)s)
           GROUP BY 1) t ON t.member_id = m.id
LEFT JOIN (SELECT member_id, array_agg(skill_id) AS ids, array_agg(level) AS levels FROM member_skill
           WHERE member_id = ANY(%(members)s) GROUP BY 1) s ON s.member_id = m.id
WHERE m.id = ANY(%(members)s) AND (p.member_id IS NOT NULL OR m.id = %(asking)s)
"""
# They wait for us, or something was written or the conversation came to its holder a short while ago.
_LOADS = """
SELECT c.assignee_id, count(*) FROM conversation c LEFT JOIN queue_entry e ON e.conversation_id = c.id
WHERE c.assignee_id = ANY(%(members)s) AND c.state = 'open'
  AND (c.needs_reply OR c.last_message_at > %(quiet)s OR (e.state = 'taken' AND e.taken_at > %(quiet)s))
GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """How many a member may have and has. `is_own`: it isn't the workspace's number."""

    capacity: int
    load: int
    is_own: bool


def settings_of(workspace_id: int) -> RoutingSettings:
    """What the workspace chose, or the defaults; not saved by itself."""
    found = RoutingSettings.objects.filter(workspace_id=workspace_id).first()
    return found or RoutingSettings(workspace_id=workspace_id)


def lines_of(workspace_id: int) -> dict[int, Line]:
    """The queues that are on, as they are decided by."""
    rows = Queue.objects.filter(workspace_id=workspace_id, is_active=True)
    return {row.pk: line_of(row) for row in rows}


def line_of(row: Queue) -> Line:
    """A queue as plain values."""
    return Line(
        id=row.pk,
        team_id=row.team_id,
        is_pushed=row.mode == Mode.PUSH,
        is_in_turn=row.strategy == Strategy.ROUND_ROBIN,
        ageing_minutes=row.ageing_minutes,
        last_agent_minutes=row.last_agent_minutes,
        skill_minutes=row.skill_minutes,
        overflow_id=row.overflow_id if row.when_empty == WhenEmpty.OVERFLOW else None,
    )


def agents_of(workspace_id: int, at: datetime, *, asking: int | None = None) -> list[Agent]:
    """Every active member who may answer and was ever here, with what they have now; and the member who is `asking`."""
    rows = Member.objects.filter(who_may(Right.REPLY), workspace_id=workspace_id, is_active=True, user__is_active=True)
    keys = list(rows.order_by("id").values_list("id", flat=True))
    chosen = settings_of(workspace_id)
    loads = loads_of(keys, at=at, quiet_minutes=chosen.quiet_minutes)
    with connection.cursor() as cursor:
        cursor.execute(_WITH_TEAMS, {"members": keys, "asking": asking or 0})
        found = cursor.fetchall()
    return sorted(
        (
            Agent(
                id=key,
                is_online=state_of(chosen=word or "away", seen_at=seen_at, at=at, away_minutes=chosen.away_minutes)
                == "online",
                load=loads.get(key, 0),
                capacity=chosen.capacity if capacity is None else capacity,
                skills=dict(zip(skill_ids, levels, strict=True)),
                team_ids=frozenset(team_ids),
                sees_own_teams_only=own_only,
                given_at=given_at,
            )
            for key, own_only, word, seen_at, capacity, given_at, team_ids, skill_ids, levels in found
        ),
        key=lambda one: one.id,
    )


def loads_of(member_ids: Collection[int], *, at: datetime, quiet_minutes: int) -> dict[int, int]:
    """How many conversations of each count as theirs now: open, and waiting for us or written in a short while ago."""
    with connection.cursor() as cursor:
        quiet = at - timedelta(minutes=quiet_minutes)
        cursor.execute(_LOADS, {"members": list(member_ids), "quiet": quiet})
        return dict(cursor.fetchall())


def capacity_of(workspace_id: int, member_ids: Collection[int], *, at: datetime) -> dict[int, Capacity]:
    """What each of these may have and has."""
    chosen = settings_of(workspace_id)
    rows = MemberCapacity.objects.filter(member_id__in=member_ids).values_list("member_id", "capacity")
    own = {member_id: capacity for member_id, capacity in rows if capacity is not None}
    loads = loads_of(member_ids, at=at, quiet_minutes=chosen.quiet_minutes)
    return {
        key: Capacity(capacity=own.get(key, chosen.capacity), load=loads.get(key, 0), is_own=key in own)
        for key in member_ids
    }


def skills_by_member(workspace_id: int) -> dict[int, dict[int, int]]:
    """The skills of each member, with levels."""
    found: dict[int, dict[int, int]] = {}
    rows = MemberSkill.objects.filter(member__workspace_id=workspace_id).values_list("member_id", "skill_id", "level")
    for member_id, skill_id, level in rows:
        found.setdefault(member_id, {})[skill_id] = level
    return found
