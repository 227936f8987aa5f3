"""Counts half hours of a workspace: a day at a time, so that neither memory nor a statement grows with its age."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from twoway.analytics.forecast.expecting_rules import HALF, half_hour
from twoway.analytics.forecast.handling_rules import Handling, gaps_between, handling
from twoway.analytics.forecast.models import HalfHour
from twoway.channels.queries import calendars_of
from twoway.routing.presence.queries import stretches
from twoway.sms import keywords
from twoway.teams.hours.rules import open_seconds

DAY = timedelta(days=1)
HANDLE_SPAN = timedelta(days=28)
GAP_SPAN = timedelta(days=7)
MOST_REPLIES = 20_000
LONGEST_WAIT = 30 * 86_400

# A customer's texts in a row are one arrival: the first one that came after a reply of a member, or after nothing.
_ARRIVALS = """
SELECT m.created_at, v.team_id, v.channel_id, CASE WHEN length(m.body) <= %(longest)s THEN m.body END,
    (SELECT r.created_at FROM message r WHERE r.conversation_id = m.conversation_id AND r.id > m.id
     AND r.direction = 'out' AND r.author = 'member' ORDER BY r.id LIMIT 1)
FROM message m JOIN conversation v ON v.id = m.conversation_id
WHERE m.workspace_id = %(workspace)s AND m.created_at >= %(first)s AND m.created_at < %(until)s AND m.direction = 'in'
  AND coalesce((SELECT b.direction FROM message b WHERE b.conversation_id = m.conversation_id AND b.id < m.id
      AND (b.direction = 'in' OR b.author = 'member') ORDER BY b.id DESC LIMIT 1), 'out') = 'out'
"""
_REPLIES = """
SELECT to_timestamp(floor(extract(epoch FROM m.created_at) / 1800) * 1800), count(*), count(DISTINCT m.by_id)
FROM message m
WHERE m.workspace_id = %(workspace)s AND m.created_at >= %(first)s AND m.created_at < %(until)s
  AND m.direction = 'out' AND m.author = 'member'
GROUP BY 1
"""
_SPENT = """
SELECT coalesce(sum(e.reading + e.writing), 0), min(e.day) FROM effort e JOIN member m ON m.id = e.member_id
WHERE m.workspace_id = %(workspace)s AND e.day >= %(first)s
"""
_ANSWERED = """
SELECT coalesce(sum(cardinality(waits)), 0) FROM half_hour WHERE workspace_id = %(workspace)s AND start >= %(first)s
"""
_WHEN = """
SELECT m.by_id, m.created_at FROM message m
WHERE m.workspace_id = %(workspace)s AND m.created_at >= %(first)s AND m.direction = 'out' AND m.author = 'member'
  AND m.by_id IS NOT NULL
ORDER BY m.id DESC LIMIT %(most)s
"""


def count(workspace_id: int, *, first: datetime, until: datetime) -> None:
    """Count every half hour that begins in [first, until) anew."""
    first = half_hour(first)
    while first < until:
        _count_day(workspace_id, first, min(first + DAY, until))
        first += DAY


def _count_day(workspace_id: int, first: datetime, until: datetime) -> None:
    rows: dict[datetime, HalfHour] = {}

    def row(start: datetime) -> HalfHour:
        return rows.setdefault(start, HalfHour(workspace_id=workspace_id, start=start, waits=[]))

    for at, wait in _arrivals(workspace_id, first, until):
        found = row(half_hour(at))
        found.arrivals += 1
        if wait is not None:
            found.waits.append(wait)
    for start, replies, people in _asked(_REPLIES, workspace=workspace_id, first=first, until=until):
        row(start).replies, row(start).staff = replies, people
    for start, people in _staff(workspace_id, first, until).items():
        row(start).staff = people
    with transaction.atomic():
        HalfHour.objects.filter(workspace_id=workspace_id, start__gte=first, start__lt=until).delete()
        HalfHour.objects.bulk_create([rows[start] for start in sorted(rows)])


def _arrivals(workspace_id: int, first: datetime, until: datetime) -> Iterator[tuple[datetime, int | None]]:
    """When each customer began to wait, and after how many open seconds a member answered, None until one did."""
    calendars = calendars_of(workspace_id, until)
    rows = _asked(_ARRIVALS, workspace=workspace_id, first=first, until=until, longest=keywords.LONGEST)
    for at, team_id, channel_id, body, answered_at in rows:
        if body is not None and keywords.match(body) is not None:
            continue
        wait = None
        if answered_at is not None:
            wait = min(LONGEST_WAIT, int(open_seconds(calendars.of(team_id, channel_id), at, answered_at)))
        yield at, wait


def _staff(workspace_id: int, first: datetime, until: datetime) -> dict[datetime, float]:
    """How many people were online by their presence, in parts of half hours; nothing where nobody ever was."""
    seconds: Counter[datetime] = Counter()
    for shift in stretches(workspace_id, start=first, end=until):
        if shift.state != "online":
            continue
        at, end = max(shift.started_at, first), min(shift.ended_at or until, until)
        while at < end:
            following = min(end, half_hour(at) + HALF)
            seconds[half_hour(at)] += int((following - at).total_seconds())
            at = following
    return {start: round(total / HALF.total_seconds(), 2) for start, total in seconds.items()}


def handled(workspace_id: int, *, at: datetime, concurrency: int) -> Handling:
    """How long an answer takes here, from the last weeks."""
    since = at - HANDLE_SPAN
    spent, measured_from = _asked(_SPENT, workspace=workspace_id, first=since.date())[0]
    if measured_from is not None:  # answers from before anything was measured took time nobody knows
        since = max(since, datetime.combine(measured_from, time(), UTC))
    answered = _asked(_ANSWERED, workspace=workspace_id, first=since)[0][0]
    told = _asked(_WHEN, workspace=workspace_id, first=at - GAP_SPAN, most=MOST_REPLIES)
    replies: dict[int, list[datetime]] = defaultdict(list)
    for member_id, moment in reversed(told):
        replies[member_id].append(moment)
    ordered = [(member_id, moment) for member_id, own in replies.items() for moment in own]
    return handling(spent=int(spent), answered=int(answered), gaps=gaps_between(ordered), concurrency=concurrency)


def _asked(statement: str, **names: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())
