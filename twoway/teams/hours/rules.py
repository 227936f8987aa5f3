"""Open hours: whether it is open, when it opens and closes, and how much open time lies between two moments.

A calendar is a week of stretches on the wall clock of one zone, and single days that differ (holidays, exceptions).
Stretches are minutes of the day, 0..1440. Each is turned into two moments in UTC, so the days on which clocks
change are right by themselves: a wall time that a change of clocks leaves out stands for the moment of the change;
one that comes twice is the first when a stretch begins and the second when it ends, as a shift through that night
is one hour longer. Moments have a zone and are answered in UTC (Python subtracts two moments of one local zone by
the wall clock, which would lose the hour); seconds are real ones. Nothing here walks by minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES = 1440
"""Minutes of a day on the wall clock; a stretch that ends there ends at midnight."""
FAR = 400
"""How many days ahead an opening or a closing is looked for; more than the year a yearly holiday needs."""
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
"""Days that differ lie between them; a calendar takes no notice of others, at whose edges dates end."""
_KEPT = 2000
"""How many days a calendar remembers."""

Stretch = tuple[int, int]
"""From and until, in minutes of the day. 0 <= from < until <= 1440."""
Day = tuple[Stretch, ...]
Span = tuple[datetime, datetime]
"""From and until, as moments in UTC; the second is no longer inside."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When it is open: `week` has seven days from Monday on, `days` what differs by date (`()` is closed)."""

    zone: ZoneInfo
    week: tuple[Day, ...]
    days: Mapping[date, Day] = field(default_factory=dict)
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def never_closes(self) -> bool:
        """Every hour of every day."""
        return not self.days and all(day == ((0, MINUTES),) for day in self.week)

    @property
    def never_opens(self) -> bool:
        """No hour of any day."""
        return not any(self.week) and not any(self.days.values())

    def on(self, day: date) -> Day:
        """The stretches of a date."""
        return self.days.get(day, self.week[day.weekday()])


ALWAYS = Calendar(ZoneInfo("UTC"), (((0, MINUTES),),) * 7)
"""What holds where nobody set hours."""


def calendar_from(
    zone: ZoneInfo, week: Sequence[Iterable[Stretch]], days: Mapping[date, Iterable[Stretch]]
) -> Calendar:
    """A calendar of stretches that may run past midnight: (1320, 1560) is 22:00 until 2:00 of the day after.

    What runs over belongs to the evening it began on: a holiday does not cut off the night before it, and the
    night after a closed day stays closed.
    """
    own = [tuple(day) for day in week]
    special = {day: tuple(stretches) for day, stretches in days.items() if FIRST_DAY <= day <= LAST_DAY}

    def built(today: Iterable[Stretch], before: Iterable[Stretch]) -> Day:
        head = [(start, min(end, MINUTES)) for start, end in today]
        rest = [(0, end - MINUTES) for _, end in before if end > MINUTES]
        return _joined([*rest, *head])

    def on(day: date) -> tuple[Stretch, ...]:
        return special.get(day, own[day.weekday()])

    usual = tuple(built(own[number], own[number - 1]) for number in range(7))
    touched = {day + timedelta(days=more) for day in special for more in (0, 1)}
    changed = {day: built(on(day), on(day - timedelta(days=1))) for day in sorted(touched)}
    kept = {day: hours for day, hours in changed.items() if day in special or hours != usual[day.weekday()]}
    return Calendar(zone, usual, kept)


def _joined(stretches: Iterable[Stretch]) -> Day:
    """In order, without empty ones, those that touch or overlap as one."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether it is open at this moment; at the moment of closing it is not."""
    if calendar.never_closes:
        return True
    at = at.astimezone(UTC)
    return any(start <= at < end for start, end in _near(calendar, at))


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """The first open moment that is not before `at`, which is `at` itself when it is open then.

    None when it does not open within 400 days.
    """
    at = at.astimezone(UTC)
    span = _first(calendar, at)
    return None if span is None else max(span[0], at)


def next_closing(calendar: Calendar, at: datetime) -> datetime | None:
    """When the stretch that is open at `at` ends, or the next one when it is closed; None without such a moment.

    None therefore also says that it stays open for 400 days.
    """
    at = at.astimezone(UTC)
    span = _first(calendar, at)
    return None if span is None or span[1] - at > timedelta(days=FAR - 1) else span[1]


def open_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """How many real seconds of [start, end) are open; 0.0 when the end is not after the start."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return 0.0
    if calendar.never_closes:
        return (end - start).total_seconds()
    return sum((until - since).total_seconds() for since, until in open_spans(calendar, start, end))


def open_spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """The open parts of [start, end) in order, each cut to it."""
    if calendar.never_opens:
        return
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    last = end.astimezone(calendar.zone).date()
    for since, until in _merged(calendar, _day_of(calendar, start), until=last):
        if until > start and since < end:
            yield max(since, start), min(until, end)


def due_after(calendar: Calendar, start: datetime, seconds: float) -> datetime | None:
    """The first moment by which this many open seconds have gone by since `start`, so `start` itself for none.

    It is the inverse of `open_seconds`. None when it stays closed for 400 days before they are used up.
    """
    start = start.astimezone(UTC)
    if seconds <= 0:
        return start
    left = timedelta(seconds=seconds)
    if calendar.never_closes:
        return start + left
    at = start
    while (span := _first(calendar, at)) is not None:
        begin = max(span[0], at)
        if span[1] - begin >= left:
            return begin + left
        left -= span[1] - begin
        at = span[1]
    return None


def _day_of(calendar: Calendar, at: datetime) -> date:
    """The date to look from: a day early, as a night on which clocks go back can touch two dates."""
    return at.astimezone(calendar.zone).date() - timedelta(days=1)


def _near(calendar: Calendar, at: datetime) -> Iterator[Span]:
    """The stretches that could hold this moment, not merged."""
    first = _day_of(calendar, at)
    for more in range(3):
        yield from _spans_on(calendar, first + timedelta(days=more))


def _first(calendar: Calendar, at: datetime) -> Span | None:
    """The first stretch that ends after `at`; None when none begins within 400 days."""
    if calendar.never_opens:
        return None
    first = _day_of(calendar, at)
    spans = _merged(calendar, first, until=first + timedelta(days=FAR + 1))
    return next((span for span in spans if span[1] > at), None)


def _merged(calendar: Calendar, first: date, *, until: date) -> Iterator[Span]:
    """The stretches of these dates as moments, in order, those that touch as one."""
    held: Span | None = None
    day = first
    while day <= until:
        for start, end in _spans_on(calendar, day):
            if held is None:
                held = (start, end)
            elif start <= held[1]:
                held = (held[0], max(end, held[1]))
            else:
                yield held
                held = (start, end)
        day += timedelta(days=1)
    if held is not None:
        yield held


def _spans_on(calendar: Calendar, day: date) -> tuple[Span, ...]:
    kept = calendar._spans
    if (known := kept.get(day)) is not None:
        return known
    if len(kept) >= _KEPT:
        kept.clear()
    moments = [
        (_moment(calendar.zone, day, start, is_end=False), _moment(calendar.zone, day, end, is_end=True))
        for start, end in calendar.on(day)
    ]
    kept[day] = spans = tuple((start, end) for start, end in moments if start < end)
    return spans


def _moment(zone: ZoneInfo, day: date, minute: int, *, is_end: bool) -> datetime:
    """A wall time of a date as a moment in UTC; minute 1440 is where the next date begins."""
    if minute >= MINUTES:
        return _moment(zone, day + timedelta(days=1), 0, is_end=False)
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if late < early:
        return _change(zone, late, early)
    return late if is_end else early


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The moment at which clocks go forward between these two, to the second."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, round((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)
