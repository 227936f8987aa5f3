"""How it stands at a number now, and how long answers took there: what an estimate rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from twoway.conversations.models import Conversation
from twoway.messaging.greeting.models import FirstWait
from twoway.messaging.greeting.wait.rules import WEEKS, Case, load_of
from twoway.routing.models import Queue, QueueEntry
from twoway.routing.queries import agents_of
from twoway.routing.queries.waiting import served_by
from twoway.teams.hours.rules import Calendar

MOST_WAITING = 500
"""Nobody counts further."""
MOST_CASES = 1000
"""So many of the newest count at most."""
_WEEKEND = 5
_HOURS = 24


def hour_of(calendar: Calendar, at: datetime) -> int:
    """The hour of the week on the calendar's clock: 0 is Monday 0:00 to 1:00, 167 the last of Sunday."""
    local = at.astimezone(calendar.zone)
    return local.weekday() * _HOURS + local.hour


def like_hours(hour: int) -> list[int]:
    """The same hour on every weekday, or on both days of the weekend."""
    day, clock = divmod(hour, _HOURS)
    days = range(_WEEKEND, 7) if day >= _WEEKEND else range(_WEEKEND)
    return [each * _HOURS + clock for each in days]


def cases(channel_id: int, *, queue_id: int | None = None, hour: int, at: datetime) -> tuple[list[Case], list[Case]]:
    """The waits of the last weeks that began in this hour of the week, and those of this hour on all such days.

    In a queue: its own, of whatever number, and those of this number that were in no queue, as all of before there
    were any. How busy it was then is of another line and says nothing of this one.
    """
    return _cases(channel_id, queue_id, [hour], at), _cases(channel_id, queue_id, like_hours(hour), at)


def _cases(channel_id: int, queue_id: int | None, hours: Collection[int], at: datetime) -> list[Case]:
    where = Q(channel_id=channel_id)
    if queue_id is not None:
        where = Q(queue_id=queue_id) | Q(channel_id=channel_id, queue_id=None)
    rows = FirstWait.objects.filter(
        where,
        hour__in=hours,
        began_at__gte=at - timedelta(weeks=WEEKS),
        began_at__lt=at,
        seconds__isnull=False,
    )
    newest = rows.order_by("-began_at").values_list("seconds", "waiting", "staff", "queue_id")[:MOST_CASES]
    return [
        Case(seconds=seconds, load=None if waiting is None or there != queue_id else load_of(waiting, staff))
        for seconds, waiting, staff, there in newest
        if seconds is not None
    ]


def waiting_before(channel_id: int, *, since: datetime) -> int:
    """How many at this number have waited for an answer longer than somebody who waits since then."""
    rows = Conversation.objects.filter(channel_id=channel_id, state="open", needs_reply=True, sort_at__lt=since)
    return rows.values("id")[:MOST_WAITING].count()


def staff(workspace_id: int, *, team_id: int | None, at: datetime) -> int | None:
    """How many who may answer are online, of the team where there is one. None where presence says nothing: nobody is
    online and no queue gives out work, so nobody may be keeping it."""
    online = [one for one in agents_of(workspace_id, at) if one.is_online]
    if not online and not Queue.objects.filter(workspace_id=workspace_id, is_active=True).exists():
        return None
    return len(served_by(team_id, online))


def queue_of(conversation_id: int) -> int | None:
    """The queue a conversation is in, if any."""
    return QueueEntry.objects.filter(conversation_id=conversation_id).values_list("queue_id", flat=True).first()


def usual_queue(workspace_id: int) -> int | None:
    """The queue of whoever no rule is about, if there is one."""
    rows = Queue.objects.filter(workspace_id=workspace_id, is_active=True, is_default=True)
    return rows.values_list("id", flat=True).first()


_IN_QUEUES = """
SELECT q.id, w.sort_at FROM unnest(%(queues)s::bigint[]) AS q(id) CROSS JOIN LATERAL (
    SELECT c.sort_at FROM queue_entry e JOIN conversation c ON c.id = e.conversation_id
    WHERE e.queue_id = q.id AND c.state = 'open' AND c.needs_reply AND c.sort_at < %(before)s
    ORDER BY c.sort_at LIMIT %(most)s) w
ORDER BY 1, 2
"""


def waiting_in(queue_ids: Iterable[int], *, before: datetime) -> dict[int, list[datetime]]:
    """Since when the customers of each queue wait who began before then, the first first; somebody who was given to a
    member waits until they are answered. Queues in which nobody waits are missing."""
    found: dict[int, list[datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_IN_QUEUES, {"queues": sorted(queue_ids), "before": before, "most": MOST_WAITING})
        for queue_id, since in cursor.fetchall():
            found.setdefault(queue_id, []).append(since)
    return found


def staff_of(queue_ids: Collection[int], *, at: datetime) -> dict[int, int]:
    """How many members are online who serve each of these queues."""
    rows = list(Queue.objects.filter(id__in=queue_ids).values_list("id", "workspace_id", "team_id"))
    online = {key: [one for one in agents_of(key, at) if one.is_online] for key in {row[1] for row in rows}}
    return {queue_id: len(served_by(team_id, online[workspace_id])) for queue_id, workspace_id, team_id in rows}


def load(
    workspace_id: int, channel_id: int, *, team_id: int | None, queue_id: int | None, since: datetime, at: datetime
) -> tuple[int, int | None]:
    """How many waited before somebody who waits since then, and how many members are there: of their queue, else of
    the number and its team."""
    if queue_id is not None:
        ahead = waiting_in([queue_id], before=since).get(queue_id, [])
        return len(ahead), staff_of([queue_id], at=at).get(queue_id, 0)
    return waiting_before(channel_id, since=since), staff(workspace_id, team_id=team_id, at=at)
