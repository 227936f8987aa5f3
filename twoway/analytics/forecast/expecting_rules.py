"""How many customers will wait for an answer, by half hour, from what the last weeks were like.

Every half hour of the week (Monday 0:00 is the first of 336, on the workspace's clock) gets the weighted mean of the
same half hour of the last eight weeks. Holidays and other days with hours of their own say nothing about usual weeks
and are left out, and so is a time of the week before there were any texts. What came while it was closed is kept
apart: it tells what waits at opening.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt

from twoway.teams.hours.rules import Calendar, open_seconds

HALF = timedelta(minutes=30)
WEEK = timedelta(days=7)
SLOTS = 336
WEEKS = 8
FADING = 0.85
"""What a week counts against the one after it."""
OWN = 0.6
"""What a half hour counts against the mean of those beside it, which are alike and make a small number steadier."""
NINE_IN_TEN = 1.2816
"""The standard normal distribution's ninetieth percentile."""
RECENT = timedelta(days=14)
FEWEST_RECENT = 50
MOST_LEVEL = 1.5
CARRIED_OVER = 4
"""Half hours after opening within which what came overnight is worked off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """What a week is like: `open` and `closed` are means by slot, None where nothing is known.

    `noise` is the variance of a half hour against its mean, 1 where arrivals are as random as can be.
    """

    open: tuple[float | None, ...]
    closed: tuple[float | None, ...]
    noise: float = 1.0

    def at(self, slot: int, *, is_open: bool) -> float:
        """How many are expected in this half hour of the week; what the other state taught where this has nothing."""
        own, other = (self.open, self.closed) if is_open else (self.closed, self.open)
        mean = other[slot] if own[slot] is None else own[slot]
        return mean or 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One half hour to come, from `start` (UTC). `carried` waits from before opening and is part of `load`.

    `most` is not exceeded in nine of ten such half hours.
    """

    start: datetime
    is_open: bool
    arrivals: float
    most: float
    carried: float = 0.0

    @property
    def load(self) -> float:
        """How many are to be answered in it."""
        return self.arrivals + self.carried


def half_hour(at: datetime) -> datetime:
    """The half hour (of UTC) a moment is in, by its beginning."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def slot_of(start: datetime, calendar: Calendar) -> int:
    """Which half hour of the week it is on the calendar's clock, 0 to 335."""
    local = start.astimezone(calendar.zone)
    return local.weekday() * 48 + local.hour * 2 + local.minute // 30


def halves(start: datetime, end: datetime) -> Iterator[datetime]:
    """The half hours from `start` (the beginning of one) until `end`."""
    while start < end:
        yield start
        start += HALF


def opens(calendar: Calendar, start: datetime) -> bool:
    """Whether any of this half hour is open."""
    return open_seconds(calendar, start, start + HALF) > 0


def usual(history: Mapping[datetime, int], *, calendar: Calendar, since: datetime, until: datetime) -> Usual:
    """What a week is like, from arrivals by half hour (UTC; one that is missing had none) in [since, until)."""
    until = half_hour(until)
    since = max(half_hour(since), until - WEEKS * WEEK)
    sums: dict[bool, list[float]] = {True: [0.0] * SLOTS, False: [0.0] * SLOTS}
    weights: dict[bool, list[float]] = {True: [0.0] * SLOTS, False: [0.0] * SLOTS}
    seen = list(_ordinary(calendar, since, until))
    for start, slot, is_open in seen:
        weight = FADING ** ((until - start) // WEEK)
        sums[is_open][slot] += weight * history.get(start, 0)
        weights[is_open][slot] += weight
    means = {
        state: [total / weight if weight else None for total, weight in zip(sums[state], weights[state], strict=True)]
        for state in (True, False)
    }
    smooth = {state: _smoothed(means[state]) for state in (True, False)}
    level = _level(history, seen, smooth, after=until - RECENT)
    opened, closed = (tuple(None if one is None else one * level for one in smooth[state]) for state in (True, False))
    return Usual(open=opened, closed=closed, noise=_noise(history, seen, smooth))


def _ordinary(calendar: Calendar, since: datetime, until: datetime) -> Iterator[tuple[datetime, int, bool]]:
    """Half hours of days without hours of their own: start, slot, and whether it was open."""
    for start in halves(since, until):
        if start.astimezone(calendar.zone).date() not in calendar.days:
            yield start, slot_of(start, calendar), opens(calendar, start)


def _smoothed(means: list[float | None]) -> list[float | None]:
    smooth: list[float | None] = []
    for slot, mean in enumerate(means):
        beside = [one for one in (means[slot - 1], means[(slot + 1) % SLOTS]) if one is not None]
        if mean is None or not beside:
            smooth.append(mean)
        else:
            smooth.append(OWN * mean + (1 - OWN) * sum(beside) / len(beside))
    return smooth


def _level(
    history: Mapping[datetime, int],
    seen: list[tuple[datetime, int, bool]],
    means: Mapping[bool, list[float | None]],
    *,
    after: datetime,
) -> float:
    """How the last two weeks were against the mean, so that growth isn't lagged behind; 1 where there is too little."""
    recent = [(start, slot, state) for start, slot, state in seen if start >= after]
    was = sum(history.get(start, 0) for start, _, _ in recent)
    said = sum(means[state][slot] or 0.0 for _, slot, state in recent)
    if was < FEWEST_RECENT or said <= 0:
        return 1.0
    return min(MOST_LEVEL, max(1 / MOST_LEVEL, was / said))


def _noise(
    history: Mapping[datetime, int], seen: list[tuple[datetime, int, bool]], means: Mapping[bool, list[float | None]]
) -> float:
    """Variance against mean, over every half hour that has a mean; never below that of pure chance."""
    squares = total = 0.0
    for start, slot, state in seen:
        mean = means[state][slot]
        if mean:
            squares += (history.get(start, 0) - mean) ** 2
            total += mean
    return max(1.0, squares / total) if total else 1.0


def expected(known: Usual, *, calendar: Calendar, start: datetime, end: datetime) -> tuple[Expected, ...]:
    """Every half hour of [start, end), with what came while it was closed carried into the hours after opening."""
    rows: list[Expected] = []
    waiting, share, left = 0.0, 0.0, 0
    for each in halves(half_hour(start), end):
        is_open = opens(calendar, each)
        arrivals = known.at(slot_of(each, calendar), is_open=is_open)
        if not is_open:
            waiting, left = waiting + arrivals + share * left, 0
        elif waiting:
            share, left, waiting = waiting / CARRIED_OVER, CARRIED_OVER, 0.0
        carried = share if is_open and left else 0.0
        left -= bool(carried)
        most = arrivals + NINE_IN_TEN * sqrt(known.noise * arrivals)
        rows.append(Expected(start=each, is_open=is_open, arrivals=arrivals, most=most, carried=carried))
    return tuple(rows)
