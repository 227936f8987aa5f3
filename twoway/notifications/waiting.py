"""Who waits and belongs to nobody: looked at every few seconds, each told once, when they cross a member's limit."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from twoway.notifications import rules, telling
from twoway.notifications.models import Notification, Wish
from twoway.notifications.rules import Person, Talk
from twoway.notifications.telling import Line
from twoway.teams.models import Workspace
from twoway.teams.queries import who_may
from twoway.teams.rules import Right

KIND = "waiting"
USUAL = 15
"""Minutes, for members who chose nothing else."""
MOST_NAMED = 3
"""More than this at one look are told as one line: how many they are."""
MOST_LOOKED_AT = 500
LONGEST_LOOK = timedelta(hours=1)
"""After an outage only the last of it is looked at; who waited longer stands first in the list anyway."""

# In the order of the index conv_unassigned, of which only the stretch between two times is read.
_CROSSED = """
SELECT v.id, v.team_id, v.last_inbound_id FROM conversation v JOIN contact c ON c.id = v.contact_id
WHERE v.workspace_id = %(workspace)s AND v.assignee_id IS NULL AND v.state = 'open' AND v.needs_reply
  AND v.sort_at > %(since)s AND v.sort_at <= %(until)s AND c.blocked_at IS NULL
ORDER BY v.needs_reply, v.sort_at LIMIT %(most)s
"""
_MUTED = "SELECT member_id, conversation_id FROM notification_mute WHERE conversation_id = ANY(%(ids)s)"


def look(*, since: datetime, at: datetime) -> int:
    """Tell members of conversations nobody has whose wait passed their limit since the last look; how many lines."""
    since = max(since, at - LONGEST_LOOK)
    lines: list[Line] = []
    for workspace_id in Workspace.objects.order_by("id").values_list("id", flat=True):
        lines += _of_workspace(workspace_id, since=since, at=at)
    return telling.put([line for line in lines if line.conversation_id], at=at) + _summed(
        [line for line in lines if not line.conversation_id], at=at
    )


def _of_workspace(workspace_id: int, *, since: datetime, at: datetime) -> list[Line]:
    people = telling.people_where(Q(workspace_id=workspace_id) & who_may(Right.REPLY)).get(workspace_id, {})
    minutes = dict(Wish.objects.filter(member_id__in=people).values_list("member_id", "wait_minutes"))
    by_minutes: dict[int, list[Person]] = defaultdict(list)
    for person in people.values():
        by_minutes[minutes.get(person.id, USUAL)].append(person)
    return [
        line
        for wait, group in by_minutes.items()
        for line in _crossed(workspace_id, group, wait=timedelta(minutes=wait), since=since, at=at)
    ]


def _crossed(workspace_id: int, people: list[Person], *, wait: timedelta, since: datetime, at: datetime) -> list[Line]:
    names: dict[str, Any] = {
        "workspace": workspace_id,
        "since": since - wait,
        "until": at - wait,
        "most": MOST_LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CROSSED, names)
        rows = cursor.fetchall()
        if not rows:
            return []
        cursor.execute(_MUTED, {"ids": [row[0] for row in rows]})
        muted = set(cursor.fetchall())
    lines: list[Line] = []
    for person in people:
        own = [row for row in rows if rules.may_see(person, Talk(id=row[0], team_id=row[1]))]
        own = [row for row in own if (person.id, row[0]) not in muted]
        if len(own) > MOST_NAMED:
            lines.append(_line(workspace_id, person, None, None, at=at, count=len(own)))
        else:
            lines += [_line(workspace_id, person, key, message_id, at=at) for key, _, message_id in own]
    return lines


def _line(
    workspace_id: int, person: Person, key: int | None, message_id: int | None, *, at: datetime, count: int = 1
) -> Line:
    return Line(
        workspace_id=workspace_id,
        member_id=person.id,
        conversation_id=key,
        kind=KIND,
        at=at,
        message_id=message_id,
        count=count,
    )


def _summed(lines: list[Line], *, at: datetime) -> int:
    """Lines without a conversation, one unread for each member at most: a later one takes the place of an earlier."""
    ids = [line.member_id for line in lines]
    earlier = Notification.objects.filter(member_id__in=ids, conversation=None, kind=KIND, read_at=None)
    counts = dict(earlier.values_list("member_id", "count"))
    earlier.delete()
    for line in lines:
        line.count += counts.get(line.member_id, 0)
    return telling.put(lines, at=at)
