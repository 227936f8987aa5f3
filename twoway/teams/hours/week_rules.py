"""A week as somebody writes it: what is wrong with it, where a break goes, and how it is said in few words.

A day is a list of (from, until) in minutes; an end after 1440 is on the day after, at most a whole day later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from itertools import pairwise

from twoway.lib import clocks
from twoway.lib.days import DAYS, SHORT_DAYS
from twoway.lib.words import t
from twoway.teams.hours.rules import MINUTES, Stretch

MOST_STRETCHES = 6
"""In one day."""
MOST_DAYS = 200
"""Own days in one set of hours."""
LONGEST_NAME = 60
LONGEST_DAY_NAME = 80
WORKDAY: tuple[Stretch, ...] = ((9 * 60, 17 * 60),)
SUGGESTED: tuple[tuple[Stretch, ...], ...] = (WORKDAY,) * 5 + ((), ())
"""What the form begins with: Monday to Friday, nine to five. Nothing holds until it is saved."""
_NOON, _HOUR, _LEAST = 12 * 60, 60, 30
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Days = Sequence[Sequence[Stretch]]


def wrong_with(day: Sequence[Stretch]) -> str:
    """What is wrong with the stretches of one day, as a sentence, or ""."""
    if len(day) > MOST_STRETCHES:
        return t("Use at most {most} stretches a day.", most=MOST_STRETCHES)
    for start, end in day:
        if not (0 <= start < MINUTES and start < end <= start + MINUTES):
            return t("{stretch} ends before it begins.", stretch=said(start, end))
    ordered = sorted(day)
    for (start, end), (later, last) in pairwise(ordered):
        if later < end:
            return t("{one} and {other} overlap.", one=said(start, end), other=said(later, last))
    return ""


def wrong_in(week: Days) -> dict[int, str]:
    """What is wrong, by the number of the day, Monday 0; a stretch may not reach into one of the next day."""
    found = {number: words for number, day in enumerate(week) if (words := wrong_with(day))}
    for number, day in enumerate(week):
        over = max((end - MINUTES for _, end in day), default=0)
        following = (number + 1) % len(week)
        first = min((start for start, _ in week[following]), default=MINUTES)
        if first < over and number not in found:
            found[number] = t("It runs into the hours of {day}.", day=t(DAYS[following]))
    return found


def with_break(day: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The day with an hour free in its longest stretch, at noon where that is inside; as it is if it is too short."""
    if not day:
        return WORKDAY
    longest = max(day, key=lambda one: one[1] - one[0])
    start, end = longest
    at = _NOON if start < _NOON < end - _HOUR else (start + end - _HOUR) // 2 // _LEAST * _LEAST
    if not start < at < at + _HOUR < end:
        return tuple(day)
    rest = [one for one in day if one != longest]
    return tuple(sorted([*rest, (start, at), (at + _HOUR, end)]))


def said(start: int, end: int) -> str:
    """Such as "9:00 AM to 5:00 PM" or "22:00 to 2:00", as the reader reads times."""
    return t("{start} to {end}", start=minute_words(start), end=minute_words(end))


def minute_words(minute: int) -> str:
    """A minute of the day as the reader reads times."""
    hour, rest = divmod(minute % MINUTES, 60)
    return clocks.current().time_of(datetime.combine(_ANY_DAY, time(hour, rest)))


def day_words(day: Sequence[Stretch]) -> str:
    """Such as "9:00 AM to noon", "All day" or "Closed"."""
    if not day:
        return t("Closed")
    if tuple(day) == ((0, MINUTES),):
        return t("All day")
    return ", ".join(said(start, end) for start, end in sorted(day))


def summary(week: Days) -> list[str]:
    """The week in few lines, days that are alike together: "Mon to Fri: 9:00 AM to 5:00 PM". No closed days."""
    runs = list(_runs(week))
    if len(runs) == 1:
        return [t("Every day: {hours}", hours=day_words(week[0])) if week[0] else t("Always closed")]
    return [
        t("{days}: {hours}", days=_span(first, last), hours=day_words(week[first]))
        for first, last in runs
        if week[first]
    ]


def _runs(week: Days) -> Iterator[tuple[int, int]]:
    first = 0
    for number in range(1, len(week) + 1):
        if number == len(week) or sorted(week[number]) != sorted(week[first]):
            yield first, number - 1
            first = number


def _span(first: int, last: int) -> str:
    if first == last:
        return t(SHORT_DAYS[first])
    return t("{first} to {last}", first=t(SHORT_DAYS[first]), last=t(SHORT_DAYS[last]))
