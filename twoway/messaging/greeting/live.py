"""How it stands at a number now, and how long answers took there: what an estimate rests on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from twoway.conversations.models import Conversation
from twoway.messaging.greeting.models import FirstWait
from twoway.messaging.greeting.wait.rules import WEEKS, Case, load_of
from twoway.routing.models import Queue, QueueEntry
from twoway.routing.presence.queries import present
from twoway.teams.hours.rules import Calendar
from twoway.teams.models import Team

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


def cases(channel_id: int, *, hour: int, at: datetime) -> tuple[list[Case], list[Case]]:
    """The waits of the last weeks that began in this hour of the week, and those of this hour on all such days."""
    return _cases(channel_id, [hour], at), _cases(channel_id, like_hours(hour), at)


def _cases(channel_id: int, hours: Collection[int], at: datetime) -> list[Case]:
    rows = FirstWait.objects.filter(
        channel_id=channel_id,
        hour__in=hours,
        began_at__gte=at - timedelta(weeks=WEEKS),
        began_at__lt=at,
        seconds__isnull=False,
    )
    newest = rows.order_by("-began_at").values_list("seconds", "waiting", "staff")[:MOST_CASES]
    return [
        Case(seconds=seconds, load=None if waiting is None else load_of(waiting, staff))
        for seconds, waiting, staff in newest
        if seconds is not None
    ]


def waiting_before(channel_id: int, *, since: datetime) -> int:
    """How many at this number have waited for an answer longer than somebody who waits since then."""
    rows = Conversation.objects.filter(channel_id=channel_id, state="open", needs_reply=True, sort_at__lt=since)
    return rows.values("id")[:MOST_WAITING].count()


def staff(workspace_id: int, *, team_id: int | None, at: datetime) -> int | None:
    """How many members are online, of the team where there is one. None where presence says nothing: nobody is online
    and no queue gives out work, so nobody may be keeping it."""
    online = {one.member_id for one in present(workspace_id, at) if one.state == "online"}
    if not online and not Queue.objects.filter(workspace_id=workspace_id, is_active=True).exists():
        return None
    if team_id is not None:
        online &= set(Team.members.through.objects.filter(team_id=team_id).values_list("member_id", flat=True))
    return len(online)


def queue_of(conversation_id: int) -> int | None:
    """The queue a conversation is in, if any."""
    return QueueEntry.objects.filter(conversation_id=conversation_id).values_list("queue_id", flat=True).first()
