"""The staffing forecast: what is expected, whom it takes, and how it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from twoway.analytics.forecast.expecting_rules import HALF, WEEKS, Expected, expected, half_hour, usual
from twoway.analytics.forecast.handling_rules import Source
from twoway.analytics.forecast.models import HalfHour, HalfHourMark, StaffingTerms
from twoway.analytics.forecast.rules import Staffing, Terms, staffing
from twoway.channels.queries import calendar_for
from twoway.routing.queries import settings_of
from twoway.sla.queries import goal_of
from twoway.teams.actor import Actor
from twoway.teams.hours.rules import Calendar
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

PAST = timedelta(days=7)
MOST_DAYS = 14
BACK = timedelta(weeks=WEEKS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Was:
    """How a half hour was. `staff` is how many people were there, `in_time` of how many `answered` within the target.

    `median` is seconds of open time until an answer, None without any.
    """

    arrivals: int
    answered: int
    in_time: int
    staff: float
    median: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Half:
    """One half hour: what is expected, whom it takes (nobody while it is closed), and how it was once it is over."""

    expected: Expected
    needs: Staffing | None
    was: Was | None

    @property
    def start(self) -> datetime:
        """Its beginning, in UTC."""
        return self.expected.start


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day of the workspace's calendar."""

    day: date
    halves: tuple[Half, ...]

    @property
    def arrivals(self) -> float:
        """How many customers are expected."""
        return sum(half.expected.arrivals for half in self.halves)

    @property
    def hours(self) -> float:
        """Hours of people at the desk it takes."""
        return sum(half.needs.people for half in self.halves if half.needs) / 2

    @property
    def peak(self) -> int:
        """The most people it takes at once."""
        return max((half.needs.people for half in self.halves if half.needs), default=0)

    @property
    def was(self) -> Was | None:
        """The half hours that are over, in sum; `staff` is hours of people. None where none is."""
        over = [half.was for half in self.halves if half.was is not None]
        if not over:
            return None
        return Was(
            arrivals=sum(one.arrivals for one in over),
            answered=sum(one.answered for one in over),
            in_time=sum(one.in_time for one in over),
            staff=sum(one.staff for one in over) / 2,
            median=None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """Last week and the days to come. `weeks` of history are behind it, 0 to 8; `counted_until` None: not any yet.

    `handle_from`: where the seconds of attention are from, "" when nothing is known and they are assumed;
    `is_handle_own`: somebody set them.
    """

    at: datetime
    calendar: Calendar
    terms: Terms
    handle_from: Source
    is_handle_own: bool
    weeks: int
    counted_until: datetime | None
    days: tuple[Day, ...]

    def on(self, day: date) -> Day | None:
        """One of its days."""
        return next((one for one in self.days if one.day == day), None)


def terms_of(workspace_id: int) -> Terms:
    """What this workspace staffs by: as it was set, else its own goal for answers and its own capacity."""
    terms, _, _ = _terms(workspace_id)
    return terms


def _terms(workspace_id: int) -> tuple[Terms, Source, bool]:
    row = StaffingTerms.objects.filter(workspace_id=workspace_id).first()
    mark = HalfHourMark.objects.filter(workspace_id=workspace_id).first()
    source: Source = "" if mark is None else _SOURCES.get(mark.handle_from, "")
    if row is None:
        goal = goal_of(workspace_id)
        terms = Terms(concurrency=settings_of(workspace_id).capacity)
        terms = terms if goal is None else replace(terms, target=60 * goal)
    else:
        terms = Terms(target=row.target, share=row.share, concurrency=row.concurrency, shrinkage=row.shrinkage)
    if row is not None and row.handle is not None:
        return replace(terms, handle=float(row.handle)), source, True
    if mark is not None and mark.handle is not None:
        terms = replace(terms, handle=mark.handle)
    return terms, source, False


_SOURCES: dict[str, Source] = {"effort": "effort", "gaps": "gaps"}


def forecast(actor: Actor, *, at: datetime, days: int = MOST_DAYS) -> Forecast:
    """Last week, today and so many days after it. Raises `NotAllowed`.

    Last week shows what would have been said before it, so that it can be compared with what came.
    """
    require(actor, Right.SEE_WORK)
    workspace_id = actor.workspace_id
    calendar = _calendar(workspace_id, at)
    terms, source, is_own = _terms(workspace_id)
    today = at.astimezone(calendar.zone).date()
    first, last = today - PAST, today + timedelta(days=min(max(days, 1), MOST_DAYS) + 1)
    rows = _rows(workspace_id, since=_midnight(first, calendar) - BACK)
    mark = HalfHourMark.objects.filter(workspace_id=workspace_id).first()
    until = _midnight(today, calendar) if mark is None else min(half_hour(at), mark.counted_until)
    halves = [
        *_told(rows, calendar, start=_midnight(first, calendar), end=_midnight(today, calendar), until=first),
        *_told(rows, calendar, start=_midnight(today, calendar), end=_midnight(last, calendar), until=today),
    ]
    return Forecast(
        at=at,
        calendar=calendar,
        terms=terms,
        handle_from=source,
        is_handle_own=is_own,
        weeks=_weeks(rows, until=until),
        counted_until=mark.counted_until if mark else None,
        days=_by_day([_half(one, rows, terms, over=until) for one in halves], calendar),
    )


def _calendar(workspace_id: int, at: datetime) -> Calendar:
    """The workspace's hours; one that never closes has the days of its own clock nonetheless."""
    found = calendar_for(workspace_id, at=at)
    if not found.never_closes:
        return found
    zone = Workspace.objects.values_list("time_zone", flat=True).get(id=workspace_id)
    return Calendar(ZoneInfo(zone), found.week)


def _rows(workspace_id: int, *, since: datetime) -> dict[datetime, HalfHour]:
    """At most fifteen weeks of half hours, whatever the workspace's age."""
    found = HalfHour.objects.filter(workspace_id=workspace_id, start__gte=since)
    return {row.start: row for row in found}


def _told(
    rows: dict[datetime, HalfHour], calendar: Calendar, *, start: datetime, end: datetime, until: date
) -> tuple[Expected, ...]:
    """What is to be expected from `start` on, by what was known when this day began."""
    known_until = _midnight(until, calendar)
    history = {at: row.arrivals for at, row in rows.items() if at < known_until}
    since = min((at for at, row in rows.items() if row.arrivals), default=known_until)
    known = usual(history, calendar=calendar, since=min(since, known_until), until=known_until)
    overnight = expected(known, calendar=calendar, start=start - timedelta(days=3), end=end)
    return tuple(one for one in overnight if one.start >= start)


def _half(told: Expected, rows: dict[datetime, HalfHour], terms: Terms, *, over: datetime) -> Half:
    needs = staffing(told.load, terms) if told.is_open else None
    row = rows.get(told.start)
    was = None
    if told.start < over:
        waits: Sequence[int] = row.waits if row else ()
        was = Was(
            arrivals=row.arrivals if row else 0,
            answered=len(waits),
            in_time=sum(wait <= terms.target for wait in waits),
            staff=row.staff if row else 0.0,
            median=median(waits) if waits else None,
        )
    return Half(expected=told, needs=needs, was=was)


def _by_day(halves: Sequence[Half], calendar: Calendar) -> tuple[Day, ...]:
    days: dict[date, list[Half]] = {}
    for half in halves:
        days.setdefault(half.start.astimezone(calendar.zone).date(), []).append(half)
    return tuple(Day(day=day, halves=tuple(own)) for day, own in days.items())


def _weeks(rows: dict[datetime, HalfHour], *, until: datetime) -> int:
    first = min((start for start, row in rows.items() if row.arrivals), default=None)
    return 0 if first is None else min(WEEKS, round((until - first) / timedelta(weeks=1)))


def _midnight(day: date, calendar: Calendar) -> datetime:
    """Where the first half hour of a day begins: after midnight where midnight is within one, as in Nepal."""
    midnight = datetime.combine(day, time(), calendar.zone).astimezone(UTC)
    found = half_hour(midnight)
    return found if found == midnight else found + HALF
