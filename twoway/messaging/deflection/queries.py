"""Reading phone queues, and what their offers brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from twoway.lib.refusal import NotFound
from twoway.messaging.deflection import rules
from twoway.messaging.deflection.models import Deflection, PhoneQueue
from twoway.messaging.deflection.rules import Course
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

__all__ = [
    "PhoneQueue",
    "Report",
    "access_queue",
    "answer_url",
    "queue_of_hook",
    "queues",
    "report",
    "state_url",
    "today",
]

FRESH = timedelta(minutes=10)
"""What a phone system said longer ago is not shown as its state now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueState:
    """What a phone system said last of one queue; numbers are None when it didn't say or it is too long ago."""

    id: int
    name: str
    is_on: bool
    waiting: int | None
    longest_seconds: int | None
    agents: int | None
    told_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What offers of a stretch of time brought. `conversations` began with a text of the caller's; `solved` needed no
    call within 72 hours, `unsolved` did or were never done, and `open` isn't known yet. `saved_seconds`: of waiting.
    """

    offered: int
    accepted: int
    declined: int
    conversations: int
    solved: int
    unsolved: int
    open: int
    saved_seconds: int
    queues: tuple[QueueState, ...] = ()

    @property
    def deflected(self) -> int:
        """How many left the phone queue for a text: the wallboard's number."""
        return self.accepted

    @property
    def solved_share(self) -> float | None:
        """The share of what is known that was solved; None when nothing is known yet."""
        known = self.solved + self.unsolved
        return self.solved / known if known else None


_COURSES = """
SELECT d.state, d.longest, d.waited, d.answered_at,
       (SELECT min(m.created_at) FROM message m
        WHERE m.conversation_id = d.conversation_id AND m.direction = 'in' AND m.created_at > d.answered_at),
       done.at,
       (SELECT min(m.created_at) FROM message m
        WHERE m.conversation_id = d.conversation_id AND m.direction = 'in' AND m.created_at > done.at),
       least(
           (SELECT min(q.at) FROM phone_queue_call q
            WHERE q.workspace_id = d.workspace_id AND q.caller_hash = d.caller_hash AND q.at > d.answered_at
              AND q.call NOT IN ('', d.call)),
           (SELECT max(q.at) FROM phone_queue_call q
            WHERE q.workspace_id = d.workspace_id AND q.caller_hash = d.caller_hash AND q.call = ''
              AND q.at > d.answered_at + interval '2 minutes'),
           (SELECT min(p.answered_at) FROM phone_call p
            WHERE p.conversation_id = d.conversation_id AND p.state = 'completed' AND p.answered_at > d.answered_at
              AND p.outcome IN ('', 'reached')),
           (SELECT min(k.changed_at) FROM callback k
            WHERE k.conversation_id = d.conversation_id AND k.outcome = 'reached' AND k.changed_at > d.answered_at))
FROM deflection d
LEFT JOIN LATERAL (
    SELECT min(e.closed_at) AS at FROM episode e
    WHERE e.conversation_id = d.conversation_id AND e.closed_at > d.answered_at) AS done ON true
WHERE d.workspace_id = %(workspace)s AND d.offered_at >= %(start)s AND d.offered_at < %(end)s
ORDER BY d.id
"""


def report(workspace_id: int, *, start: datetime, end: datetime, at: datetime) -> Report:
    """What the offers of [start, end) brought, as known at `at`. One query, and one for the queues."""
    with connection.cursor() as cursor:
        cursor.execute(_COURSES, {"workspace": workspace_id, "start": start, "end": end})
        rows = cursor.fetchall()
    accepted = [row for row in rows if row[0] == "accepted"]
    courses = [
        Course(accepted_at=row[3], first_text_at=row[4], done_at=row[5], wrote_at=row[6], called_at=row[7])
        for row in accepted
    ]
    talks = [one for one in courses if one.first_text_at is not None]
    ends = [rules.is_solved(one, at=at) for one in talks]
    return Report(
        offered=len(rows),
        accepted=len(accepted),
        declined=sum(row[0] == "declined" for row in rows),
        conversations=len(talks),
        solved=ends.count(True),
        unsolved=ends.count(False),
        open=ends.count(None),
        saved_seconds=rules.saved_seconds([(row[1], row[2]) for row in accepted]),
        queues=states(workspace_id, at=at),
    )


def today(workspace_id: int, at: datetime) -> Report:
    """The same for today, by the workspace's clock."""
    zone = ZoneInfo(Workspace.objects.values_list("time_zone", flat=True).get(id=workspace_id))
    start = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return report(workspace_id, start=start, end=at + timedelta(seconds=1), at=at)


def states(workspace_id: int, *, at: datetime) -> tuple[QueueState, ...]:
    """Every phone queue by name, with what its system said in the last ten minutes."""
    rows = PhoneQueue.objects.filter(workspace_id=workspace_id).order_by("name", "id")
    return tuple(_state(row, at) for row in rows)


def _state(row: PhoneQueue, at: datetime) -> QueueState:
    is_fresh = row.told_at is not None and at - row.told_at <= FRESH
    return QueueState(
        id=row.pk,
        name=row.name,
        is_on=row.is_on,
        waiting=row.waiting if is_fresh else None,
        longest_seconds=row.longest if is_fresh else None,
        agents=row.agents if is_fresh else None,
        told_at=row.told_at,
    )


def queues(actor: Actor) -> list[PhoneQueue]:
    """The phone queues of the workspace, by name. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_CHANNELS)
    rows = PhoneQueue.objects.filter(workspace_id=actor.workspace_id).select_related("channel", "team", "workspace")
    return list(rows.order_by("name", "id"))


def access_queue(actor: Actor, queue_id: int, *, right: Right = Right.MANAGE_CHANNELS) -> PhoneQueue:
    """One of them. Raises `NotAllowed`, `NotFound`."""
    require(actor, right)
    rows = PhoneQueue.objects.select_related("channel__workspace", "team", "workspace")
    found = rows.filter(workspace_id=actor.workspace_id, id=queue_id).first()
    if found is None:
        raise NotFound("phone queue", queue_id)
    return found


def queue_of_hook(hook: str) -> PhoneQueue | None:
    """The queue that posts to this address."""
    rows = PhoneQueue.objects.select_related("channel__workspace", "team", "workspace")
    return rows.filter(hook=hook).first()


def state_url(queue: PhoneQueue) -> str:
    """Where its phone system posts its state."""
    return f"{settings.PUBLIC_URL}/queues/{queue.hook}/"


def answer_url(queue: PhoneQueue, offer_id: int, *, kind: str) -> str:
    """Where it posts what the caller answered to one offer."""
    return f"{settings.PUBLIC_URL}/queues/{queue.hook}/answer/?offer={offer_id}&format={kind}"


def offer_of(queue: PhoneQueue, offer_id: int) -> Deflection | None:
    """One offer of a queue."""
    return Deflection.objects.filter(queue=queue, id=offer_id).first()
