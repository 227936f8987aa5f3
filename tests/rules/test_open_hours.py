"""Open hours: tables of moments over weekends, holidays and changes of clocks, and properties no table can show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.teams.hours.rules import (
    ALWAYS,
    Calendar,
    Day,
    calendar_from,
    due_after,
    is_open,
    next_closing,
    next_opening,
    open_seconds,
    open_spans,
)

NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_FIVE: Day = ((540, 1020),)
WORKDAYS = (NINE_TO_FIVE,) * 5 + ((), ())
JULY_3 = date(2026, 7, 3)
OFFICE = Calendar(NEW_YORK, WORKDAYS, {JULY_3: ()})
NEVER = Calendar(NEW_YORK, ((),) * 7)
ALL_DAY = Calendar(NEW_YORK, (((0, 1440),),) * 7)
BREAKS = Calendar(NEW_YORK, (((540, 720), (780, 1020)),) * 7)
NIGHTS = calendar_from(NEW_YORK, [[(1320, 1800)]] * 7, {})
"""22:00 until 6:00, every night."""


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "minutes"),
    [
        pytest.param(OFFICE, "2026-01-02T16:30", "2026-01-05T09:45", 75, id="over a weekend"),
        pytest.param(OFFICE, "2026-01-02T18:00", "2026-01-05T08:00", 0, id="all of it closed"),
        pytest.param(OFFICE, "2026-03-06T16:00", "2026-03-09T10:00", 120, id="clocks go forward in between"),
        pytest.param(OFFICE, "2026-10-30T16:00", "2026-11-02T10:00", 120, id="clocks go back in between"),
        pytest.param(OFFICE, "2026-07-02T16:00", "2026-07-06T10:00", 120, id="a holiday and a weekend"),
        pytest.param(OFFICE, "2026-07-02T16:00", "2026-07-02T16:00", 0, id="no time at all"),
        pytest.param(OFFICE, "2026-07-02T16:00", "2026-07-02T10:00", 0, id="backwards"),
        pytest.param(ALL_DAY, "2026-03-08T00:00", "2026-03-09T00:00", 23 * 60, id="a day of 23 hours"),
        pytest.param(ALL_DAY, "2026-11-01T00:00", "2026-11-02T00:00", 25 * 60, id="a day of 25 hours"),
        pytest.param(NIGHTS, "2026-03-07T12:00", "2026-03-08T12:00", 7 * 60, id="a night of 7 hours"),
        pytest.param(NIGHTS, "2026-10-31T12:00", "2026-11-01T12:00", 9 * 60, id="a night of 9 hours"),
        pytest.param(NIGHTS, "2026-05-31T12:00", "2026-06-01T12:00", 8 * 60, id="a night as they mostly are"),
        pytest.param(BREAKS, "2026-05-31T11:30", "2026-05-31T13:30", 60, id="over a break"),
        pytest.param(NEVER, "2020-01-01T00:00", "2026-01-01T00:00", 0, id="never open"),
        pytest.param(ALWAYS, "2026-01-01T00:00", "2026-01-01T00:01", 1, id="nobody set hours"),
    ],
)
def test_open_time_between_two_moments(calendar: Calendar, start: str, end: str, minutes: int) -> None:
    assert open_seconds(calendar, local(start), local(end)) == minutes * 60


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due"),
    [
        pytest.param(OFFICE, "2026-01-02T16:30", 4, "2026-01-05T12:30", id="over a weekend"),
        pytest.param(OFFICE, "2026-07-02T16:00", 8, "2026-07-06T16:00", id="over a holiday and a weekend"),
        pytest.param(OFFICE, "2026-07-04T12:00", 1, "2026-07-06T10:00", id="begun on a Saturday"),
        pytest.param(OFFICE, "2026-01-05T09:00", 8, "2026-01-05T17:00", id="to the moment of closing"),
        pytest.param(OFFICE, "2026-01-03T09:00", 0, "2026-01-03T09:00", id="none is at once, even when closed"),
        pytest.param(NIGHTS, "2026-03-07T22:00", 7, "2026-03-08T06:00", id="a night of 7 hours"),
        pytest.param(ALL_DAY, "2026-03-08T00:00", 24, "2026-03-09T01:00", id="clocks go forward"),
        pytest.param(ALWAYS, "2026-03-07T12:00", 24, "2026-03-08T13:00", id="nobody set hours"),
        pytest.param(BREAKS, "2026-05-31T11:30", 1, "2026-05-31T13:30", id="over a break"),
    ],
)
def test_a_time_that_is_due(calendar: Calendar, start: str, hours: float, due: str) -> None:
    assert due_after(calendar, local(start), hours * 3600) == local(due)


@pytest.mark.parametrize(
    ("calendar", "at", "is_now", "opens", "closes"),
    [
        (OFFICE, "2026-01-05T08:59", False, "2026-01-05T09:00", "2026-01-05T17:00"),
        (OFFICE, "2026-01-05T09:00", True, "2026-01-05T09:00", "2026-01-05T17:00"),
        (OFFICE, "2026-01-05T16:59", True, "2026-01-05T16:59", "2026-01-05T17:00"),
        (OFFICE, "2026-01-05T17:00", False, "2026-01-06T09:00", "2026-01-06T17:00"),
        (OFFICE, "2026-07-02T17:00", False, "2026-07-06T09:00", "2026-07-06T17:00"),
        (OFFICE, "2026-07-03T12:00", False, "2026-07-06T09:00", "2026-07-06T17:00"),
        (BREAKS, "2026-05-31T12:30", False, "2026-05-31T13:00", "2026-05-31T17:00"),
        (NIGHTS, "2026-05-31T23:59", True, "2026-05-31T23:59", "2026-06-01T06:00"),
        (NIGHTS, "2026-06-01T00:00", True, "2026-06-01T00:00", "2026-06-01T06:00"),
        (ALWAYS, "2026-06-01T00:00", True, "2026-06-01T00:00", None),
        (ALL_DAY, "2026-06-01T00:00", True, "2026-06-01T00:00", None),
        (NEVER, "2026-06-01T00:00", False, None, None),
    ],
)
def test_open_or_when_next(calendar: Calendar, at: str, is_now: bool, opens: str | None, closes: str | None) -> None:
    assert is_open(calendar, local(at)) is is_now
    assert next_opening(calendar, local(at)) == (None if opens is None else local(opens))
    assert next_closing(calendar, local(at)) == (None if closes is None else local(closes))


def test_what_never_opens_is_never_due() -> None:
    assert due_after(NEVER, local("2026-06-01T00:00"), 1) is None


def test_a_far_day_alone() -> None:
    soon, far = date(2027, 6, 1), date(2027, 8, 1)
    at = local("2026-06-01T00:00")
    assert next_opening(Calendar(NEW_YORK, ((),) * 7, {soon: NINE_TO_FIVE}), at) == local("2027-06-01T09:00")
    assert next_opening(Calendar(NEW_YORK, ((),) * 7, {far: NINE_TO_FIVE}), at) is None
    once = Calendar(NEW_YORK, ((),) * 7, {soon: NINE_TO_FIVE})
    assert due_after(once, at, 8 * 3600) == local("2027-06-01T17:00")
    assert due_after(once, at, 8 * 3600 + 1) is None


@pytest.mark.parametrize(
    ("zone", "wall", "opens"),
    [
        # A wall time that is left out stands for the moment of the change.
        ("America/New_York", (date(2026, 3, 8), 150), "2026-03-08T07:00+00:00"),
        ("Europe/London", (date(2026, 3, 29), 90), "2026-03-29T01:00+00:00"),
        ("Australia/Lord_Howe", (date(2026, 10, 4), 135), "2026-10-03T15:30+00:00"),
        ("Asia/Beirut", (date(2026, 3, 29), 0), "2026-03-28T22:00+00:00"),
        # A wall time that comes twice is the first of the two.
        ("America/New_York", (date(2026, 11, 1), 90), "2026-11-01T05:30+00:00"),
        ("Australia/Lord_Howe", (date(2026, 4, 5), 105), "2026-04-04T14:45+00:00"),
        # A day that there was not: Samoa went from 29 to 31 December 2011.
        ("Pacific/Apia", (date(2011, 12, 30), 0), None),
    ],
)
def test_opening_when_clocks_change(zone: str, wall: tuple[date, int], opens: str | None) -> None:
    day, minute = wall
    calendar = Calendar(ZoneInfo(zone), ((),) * 7, {day: ((minute, 1440),)})
    noon_before = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1, hours=12)
    assert next_opening(calendar, noon_before) == (None if opens is None else datetime.fromisoformat(opens))


def test_closing_when_clocks_change() -> None:
    falls = Calendar(NEW_YORK, ((),) * 7, {date(2026, 11, 1): ((60, 90),)})
    assert next_closing(falls, local("2026-10-31T12:00")) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert open_seconds(falls, local("2026-10-31T12:00"), local("2026-11-02T12:00")) == 90 * 60
    springs = Calendar(NEW_YORK, ((),) * 7, {date(2026, 3, 8): ((60, 150),)})
    assert next_closing(springs, local("2026-03-07T12:00")) == local("2026-03-08T03:00")


def test_stretches_past_midnight_belong_to_their_evening() -> None:
    holiday = date(2026, 7, 3)
    built = calendar_from(NEW_YORK, [[(1320, 1560)]] * 7, {holiday: ()})
    assert built.week == (((0, 120), (1320, 1440)),) * 7
    assert built.days == {holiday: ((0, 120),), date(2026, 7, 4): ((1320, 1440),)}
    assert is_open(built, local("2026-07-03T01:00"))
    assert not is_open(built, local("2026-07-03T23:00"))
    assert not is_open(built, local("2026-07-04T01:00"))
    sundays = calendar_from(NEW_YORK, [[], [], [], [], [], [], [(1380, 1500)]], {})
    assert sundays.week == (((0, 60),), (), (), (), (), (), ((1380, 1440),))


def test_the_day_after_one_that_differs_is_like_any_other_unless_the_night_reached_into_it() -> None:
    office = calendar_from(NEW_YORK, WORKDAYS, {JULY_3: ()})
    assert office.days == {JULY_3: ()}
    nights = calendar_from(NEW_YORK, [[(1320, 1800)]] * 7, {JULY_3: ()})
    assert set(nights.days) == {JULY_3, JULY_3 + timedelta(days=1)}


@pytest.mark.parametrize("far", [date.min, date.max, date(1969, 12, 31)])
def test_a_day_at_the_edge_of_dates_breaks_nothing(far: date) -> None:
    assert calendar_from(NEW_YORK, WORKDAYS, {far: (), JULY_3: ()}) == calendar_from(NEW_YORK, WORKDAYS, {JULY_3: ()})


def test_overlaps_are_one_and_open_spans_are_cut() -> None:
    built = calendar_from(NEW_YORK, [[(600, 700), (540, 650), (700, 720), (30, 30)]] + [[]] * 6, {})
    assert built.week[0] == ((540, 720),)
    spans = list(open_spans(OFFICE, local("2026-01-02T16:30"), local("2026-01-05T09:45")))
    assert spans == [
        (local("2026-01-02T16:30"), local("2026-01-02T17:00")),
        (local("2026-01-05T09:00"), local("2026-01-05T09:45")),
    ]


ZONES = st.sampled_from(
    [
        "UTC",
        "America/New_York",
        "America/St_Johns",
        "America/Havana",
        "America/Santiago",
        "Europe/London",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Auckland",
    ]
)
MINUTE = st.integers(0, 1440)
STRETCHES = st.lists(st.tuples(MINUTE, st.integers(1, 1439)).map(lambda two: (two[0], two[0] + two[1])), max_size=3)
EARLIEST = datetime(2025, 10, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=420)).map(lambda more: EARLIEST + more)
DATES = st.dates(date(2025, 10, 1), date(2026, 12, 1))


@st.composite
def calendars(draw: Any) -> Calendar:
    days: Mapping[date, list[tuple[int, int]]] = draw(st.dictionaries(DATES, STRETCHES, max_size=6))
    week = draw(st.lists(STRETCHES, min_size=7, max_size=7))
    return calendar_from(ZoneInfo(draw(ZONES)), week, days)


@given(calendars(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.floats(0, 1))
def test_open_time_adds_up(calendar: Calendar, start: datetime, length: timedelta, part: float) -> None:
    end, middle = start + length, start + length * part
    whole = open_seconds(calendar, start, end)
    assert 0 <= whole <= length.total_seconds()
    assert open_seconds(calendar, start, middle) + open_seconds(calendar, middle, end) == pytest.approx(whole)


@given(calendars(), MOMENTS, st.integers(1, 400_000))
def test_due_is_the_first_moment_with_so_much_open_time(calendar: Calendar, start: datetime, seconds: int) -> None:
    due = due_after(calendar, start, seconds)
    if due is None:
        assert calendar.never_opens or not any(calendar.week)
        return
    assert open_seconds(calendar, start, due) == pytest.approx(seconds)
    assert open_seconds(calendar, start, due - timedelta(seconds=1)) == pytest.approx(seconds - 1)


@given(calendars(), MOMENTS)
def test_next_moments_agree_with_being_open(calendar: Calendar, at: datetime) -> None:
    opens = next_opening(calendar, at)
    if opens is None:
        assert not is_open(calendar, at)
        return
    assert is_open(calendar, opens)
    assert (opens == at) is is_open(calendar, at)
    assert open_seconds(calendar, at, opens) == 0
    closes = next_closing(calendar, at)
    if closes is not None:
        assert not is_open(calendar, closes)
        assert open_seconds(calendar, opens, closes) == pytest.approx((closes - opens).total_seconds())


@given(calendars(), MOMENTS)
def test_open_is_what_the_wall_clock_says(calendar: Calendar, at: datetime) -> None:
    """Away from changes of clocks, open is no more than looking at the wall clock and the stretches of the date."""
    near = {(at + timedelta(hours=hours)).astimezone(calendar.zone).utcoffset() for hours in (-30, 0, 30)}
    wall = at.astimezone(calendar.zone)
    minute = wall.hour * 60 + wall.minute
    if len(near) == 1:
        assert is_open(calendar, at) is any(start <= minute < end for start, end in calendar.on(wall.date()))


@given(calendars(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_counted_by_the_minute_it_is_the_same(calendar: Calendar, start: datetime, length: timedelta) -> None:
    start = start.replace(second=0, microsecond=0)
    minutes = int(length.total_seconds() // 60)
    slow = sum(is_open(calendar, start + timedelta(minutes=number)) for number in range(minutes))
    assert open_seconds(calendar, start, start + timedelta(minutes=minutes)) == slow * 60
