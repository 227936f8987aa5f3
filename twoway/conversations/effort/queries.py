"""A member's own time, and sums for managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum as SumOf

from twoway.conversations.effort.models import Effort, EffortClock, EffortSwitch
from twoway.conversations.effort.rules import FEWEST_PEOPLE, Sum, shown
from twoway.conversations.models import Conversation
from twoway.conversations.queries.visibility import visible_sql, visible_to
from twoway.lib import clocks
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

MOST_DAYS = 92

_SUMS = """
WITH time AS (
    SELECT {label} AS label, e.reading, e.writing, e.member_id
    FROM effort e JOIN member m ON m.id = e.member_id JOIN conversation v ON v.id = e.conversation_id
    JOIN channel c ON c.id = v.channel_id
    WHERE m.workspace_id = %(workspace)s AND e.day BETWEEN %(first)s AND %(last)s AND {visible}
), sent AS (
    SELECT {sent_label} AS label, count(*) AS replies
    FROM message t JOIN conversation v ON v.id = t.conversation_id JOIN channel c ON c.id = v.channel_id
    WHERE v.workspace_id = %(workspace)s AND t.direction = 'out' AND t.author = 'member'
      AND t.created_at >= %(since)s AND t.created_at < %(until)s AND {visible}
    GROUP BY 1
)
SELECT time.label, sum(time.reading), sum(time.writing), count(DISTINCT time.member_id), coalesce(max(sent.replies), 0)
FROM time LEFT JOIN sent ON sent.label = time.label GROUP BY 1 ORDER BY 1
"""
_IS_OFF = """
SELECT 1 FROM effort_switch WHERE workspace_id = %s AND is_off
UNION ALL SELECT 1 FROM effort_clock WHERE member_id = %s AND is_off LIMIT 1
"""
_WEEK = "to_char(date_trunc('week', e.day + %(shift)s) - make_interval(days => %(shift)s), 'YYYY-MM-DD')"
_SENT_WEEK = (
    "to_char(date_trunc('week', (t.created_at AT TIME ZONE %(zone)s)::date + %(shift)s) - make_interval(days =>"
    " %(shift)s), 'YYYY-MM-DD')"
)
_NUMBER = "c.name || ' ' || c.address"


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day of a member."""

    day: date
    reading: int
    writing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """One conversation of a member's days."""

    conversation: Conversation
    reading: int
    writing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """What managers see; `is_enough` is false while too few people take part for any sum to be shown."""

    total: Sum | None
    weeks: tuple[Sum, ...]
    numbers: tuple[Sum, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there is anything that may be shown."""
        return self.total is not None


def today(workspace_id: int, *, at: datetime) -> date:
    """The day it is for the workspace."""
    return at.astimezone(_zone(workspace_id)).date()


def is_measured(actor: Actor) -> bool:
    """Whether this member's time is measured at all: the workspace does, and so do they."""
    if actor.member_id is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_IS_OFF, [actor.workspace_id, actor.member_id])
        return cursor.fetchone() is None


def workspace_measures(actor: Actor) -> bool:
    """Whether time is measured in this workspace."""
    return not EffortSwitch.objects.filter(workspace_id=actor.workspace_id, is_off=True).exists()


def takes_part(actor: Actor) -> bool:
    """Whether this member lets their time be measured."""
    return not EffortClock.objects.filter(member_id=actor.member_id or 0, is_off=True).exists()


def own_days(actor: Actor, *, at: datetime, days: int = 28) -> tuple[Day, ...]:
    """The member's own days, the latest first; days without any are left out."""
    first = today(actor.workspace_id, at=at) - timedelta(days=min(days, MOST_DAYS) - 1)
    rows = Effort.objects.filter(member_id=actor.member_id or 0, day__gte=first).values("day")
    sums = rows.annotate(read=SumOf("reading"), wrote=SumOf("writing")).order_by("-day")
    return tuple(Day(day=row["day"], reading=row["read"], writing=row["wrote"]) for row in sums)


def own_conversations(actor: Actor, *, at: datetime, days: int = 28, limit: int = 10) -> tuple[Talk, ...]:
    """Where most of the member's own time went, among the conversations they may see."""
    first = today(actor.workspace_id, at=at) - timedelta(days=min(days, MOST_DAYS) - 1)
    rows = Effort.objects.filter(member_id=actor.member_id or 0, day__gte=first, conversation__in=visible_to(actor))
    sums = rows.values("conversation_id").annotate(read=SumOf("reading"), wrote=SumOf("writing"))
    most = sorted(sums, key=lambda row: (-row["read"] - row["wrote"], row["conversation_id"]))[:limit]
    found = visible_to(actor).select_related("contact", "identity", "channel__workspace")
    by_id = found.in_bulk([row["conversation_id"] for row in most])
    return tuple(
        Talk(conversation=by_id[row["conversation_id"]], reading=row["read"], writing=row["wrote"])
        for row in most
        if row["conversation_id"] in by_id
    )


def sums(actor: Actor, *, at: datetime, days: int = 28) -> Sums:
    """Sums of everybody's time, by week and by number, each of at least three people. Raises `NotAllowed`."""
    require(actor, Right.SEE_WORK)
    zone = _zone(actor.workspace_id)
    last = at.astimezone(zone).date()
    first = last - timedelta(days=min(days, MOST_DAYS) - 1)
    visible, parameters = visible_sql(actor)
    given: dict[str, Any] = {
        **parameters,
        "workspace": actor.workspace_id,
        "first": first,
        "last": last,
        "zone": zone.key,
        "shift": -clocks.current().first_day % 7,
        "since": _midnight(first, zone),
        "until": _midnight(last + timedelta(days=1), zone),
    }
    (total,) = _grouped("'all'", "'all'", visible, given) or (None,)
    if total is None or total.people < FEWEST_PEOPLE:
        return Sums(total=None, weeks=(), numbers=())
    weeks = _grouped(_WEEK, _SENT_WEEK, visible, given)
    return Sums(total=total, weeks=shown(weeks), numbers=shown(_grouped(_NUMBER, _NUMBER, visible, given)))


def _grouped(label: str, sent_label: str, visible: str, given: dict[str, Any]) -> tuple[Sum, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(label=label, sent_label=sent_label, visible=visible), given)
        rows = cursor.fetchall()
    return tuple(Sum(label=row[0], reading=row[1], writing=row[2], people=row[3], replies=row[4]) for row in rows)


def _zone(workspace_id: int) -> ZoneInfo:
    return ZoneInfo(Workspace.objects.values_list("time_zone", flat=True).get(id=workspace_id))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
