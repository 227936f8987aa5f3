"""Reading who is there, and who was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from twoway.routing.models import RoutingSettings
from twoway.routing.presence.models import Chosen, Presence, Stretch
from twoway.routing.presence.rules import AWAY_MINUTES, State, state_of

__all__ = [
    "Chosen",
    "Mark",
    "Present",
    "Shift",
    "away_minutes",
    "mark_of",
    "present",
    "state_of_member",
    "stretches",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """One member. `since` is when they came into this state; `chosen` is what they chose, whatever they are."""

    member_id: int
    name: str
    state: State
    since: datetime
    chosen: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """A stretch in which a member was `state`. `ended_at` None: it lasts."""

    member_id: int
    state: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What a member chose, for the menu on their own screen: "online", "away" or "break", and since when.

    `is_missed`: they are away, and there are queues of theirs that are given out. `waiting` is how many wait in these,
    at most `MOST_WAITING`. `has_chosen` is False for who never did.
    """

    chosen: str
    since: datetime | None
    has_chosen: bool = True
    is_missed: bool = False
    waiting: int = 0


MOST_WAITING = 100
"""So many are counted of those that wait for somebody who is away."""
# One row for who is in a workspace with queues. What waits is looked at only for who is away.
_MARK = """
SELECT p.chosen, p.chosen_at, own.ids <> '{}', CASE WHEN own.ids = '{}' THEN 0 ELSE (
    SELECT count(*) FROM (SELECT FROM queue_entry e WHERE e.workspace_id = %(workspace)s AND e.state = 'waiting'
                          AND e.queue_id = ANY(own.ids) LIMIT %(most)s) waits) END
FROM (SELECT %(member)s::bigint AS member) me LEFT JOIN presence p ON p.member_id = me.member
CROSS JOIN LATERAL (SELECT coalesce(array_agg(q.id), '{}') AS ids FROM routing_queue q
    WHERE q.workspace_id = %(workspace)s AND q.is_active AND q.mode = 'push'
      AND coalesce(p.chosen, '') NOT IN ('online', 'break')
      AND (q.team_id IS NULL OR EXISTS (SELECT FROM team_member t
           WHERE t.team_id = q.team_id AND t.member_id = me.member))) own
WHERE EXISTS (SELECT FROM routing_queue q WHERE q.workspace_id = %(workspace)s AND q.is_active)
"""
_PRESENT = """
SELECT m.id, CASE WHEN a.name = '' THEN a.email ELSE a.name END, p.chosen, p.chosen_at, p.seen_at, p.shown, p.shown_at
FROM presence p JOIN member m ON m.id = p.member_id JOIN account a ON a.id = m.user_id
WHERE p.workspace_id = %s AND m.is_active AND a.is_active
ORDER BY lower(a.name), m.id
"""


def away_minutes(workspace_id: int) -> int:
    """After how many minutes without an open browser somebody is offline here."""
    found = RoutingSettings.objects.filter(workspace_id=workspace_id).values_list("away_minutes", flat=True).first()
    return AWAY_MINUTES if found is None else found


def present(workspace_id: int, at: datetime) -> list[Present]:
    """Every active member who was ever seen or ever chose, by name, and what they are; others are offline."""
    minutes = away_minutes(workspace_id)
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT, [workspace_id])
        rows = cursor.fetchall()
    found = []
    for key, name, chosen, chosen_at, seen_at, shown, shown_at in rows:
        state = state_of(chosen=chosen, seen_at=seen_at, at=at, away_minutes=minutes)
        since = shown_at if shown == state else (seen_at or chosen_at) if state == "offline" else chosen_at
        found.append(Present(member_id=key, name=name, state=state, since=since, chosen=chosen))
    return found


def mark_of(workspace_id: int, member_id: int) -> Mark | None:
    """What this member chose; None where no conversations are given out. Who never chose is away."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"workspace": workspace_id, "member": member_id, "most": MOST_WAITING})
        row = cursor.fetchone()
    if row is None:
        return None
    chosen, since, is_missed, waiting = row
    return Mark(
        chosen=chosen or "away", since=since, has_chosen=bool(chosen), is_missed=is_missed, waiting=int(waiting)
    )


def state_of_member(member_id: int, at: datetime) -> Present | None:
    """What one member is; None for who was never seen and never chose."""
    row = Presence.objects.filter(member_id=member_id).select_related("member__user").first()
    if row is None:
        return None
    minutes = away_minutes(row.workspace_id)
    state = state_of(chosen=row.chosen, seen_at=row.seen_at, at=at, away_minutes=minutes)
    since = row.shown_at if row.shown == state else row.chosen_at
    return Present(member_id=member_id, name=str(row.member), state=state, since=since, chosen=row.chosen)


def stretches(workspace_id: int, *, start: datetime, end: datetime) -> list[Shift]:
    """Who was online, away or on break between two moments, oldest first; what lasts is there too."""
    rows = Stretch.objects.filter(workspace_id=workspace_id, started_at__lt=end).exclude(ended_at__lte=start)
    return [
        Shift(member_id=row.member_id, state=row.state, started_at=row.started_at, ended_at=row.ended_at)
        for row in rows.order_by("started_at", "id")
    ]
