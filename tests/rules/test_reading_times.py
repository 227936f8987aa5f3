"""How times are worded for whoever reads them, and over the changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from twoway.desk.words import clock_words, until_words, when_words
from twoway.lib.clocks import MONDAY, SATURDAY, SUNDAY, Clock, current, reading, usual

TWELVE, TWENTY_FOUR = Clock(), Clock(is_24=True, first_day=MONDAY)


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).astimezone(ZoneInfo(zone))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("hour", "minute", "twelve", "twenty_four"),
    [
        (0, 0, "12:00 AM", "00:00"),
        (0, 5, "12:05 AM", "00:05"),
        (9, 7, "9:07 AM", "09:07"),
        (12, 0, "12:00 PM", "12:00"),
        (14, 31, "2:31 PM", "14:31"),
        (23, 59, "11:59 PM", "23:59"),
    ],
)
def test_a_time_of_day(hour: int, minute: int, twelve: str, twenty_four: str) -> None:
    at = datetime(2026, 3, 12, hour, minute, tzinfo=UTC)
    assert clock_words(at, clock=TWELVE) == twelve
    assert clock_words(at, clock=TWENTY_FOUR) == twenty_four


@pytest.mark.parametrize(
    ("at", "now", "twelve", "twenty_four"),
    [
        # Los Angeles put its clocks forward on March 8, 2026, at 10:00 UTC, and back on November 1 at 9:00 UTC.
        ((2026, 3, 8, 9, 59), (2026, 3, 8, 20), "1:59 AM", "01:59"),
        ((2026, 3, 8, 10, 0), (2026, 3, 8, 20), "3:00 AM", "03:00"),
        ((2026, 3, 8, 7, 30), (2026, 3, 8, 20), "Yesterday", "Yesterday"),
        ((2026, 11, 1, 8, 30), (2026, 11, 1, 20), "1:30 AM", "01:30"),
        ((2026, 11, 1, 9, 30), (2026, 11, 1, 20), "1:30 AM", "01:30"),
        ((2026, 11, 1, 6, 30), (2026, 11, 2, 7, 59), "Yesterday", "Yesterday"),
        ((2026, 11, 1, 7, 30), (2026, 11, 2, 8, 0), "Yesterday", "Yesterday"),
        ((2025, 12, 31, 12), (2026, 11, 2, 8, 0), "Dec 31, 2025", "Dec 31, 2025"),
    ],
)
def test_when_over_the_changes(at: tuple[int, ...], now: tuple[int, ...], twelve: str, twenty_four: str) -> None:
    zone = "America/Los_Angeles"
    for clock, words in ((TWELVE, twelve), (TWENTY_FOUR, twenty_four)):
        assert when_words(local(zone, *at), now=local(zone, *now), clock=clock) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Los_Angeles", "16:38"),
        ("Europe/Madrid", "Fri 00:38"),
        ("Asia/Kathmandu", "Fri 05:23"),
        ("Pacific/Auckland", "12:38"),
    ],
)
def test_the_same_moment_in_other_zones(zone: str, words: str) -> None:
    at, now = (2026, 3, 12, 23, 38), (2026, 3, 12, 12, 0)
    assert until_words(local(zone, *at), now=local(zone, *now), clock=TWENTY_FOUR) == words


@pytest.mark.parametrize(
    ("region", "is_24", "first_day"),
    [
        ("US", False, SUNDAY),
        ("CA", False, SUNDAY),
        ("AU", False, MONDAY),
        ("GB", True, MONDAY),
        ("ES", True, MONDAY),
        ("MX", True, SUNDAY),
        ("EG", False, SATURDAY),
        ("", True, MONDAY),
    ],
)
def test_the_habit_of_a_country(region: str, is_24: bool, first_day: int) -> None:
    assert usual(region) == Clock(is_24=is_24, first_day=first_day)


@pytest.mark.parametrize(
    ("day", "monday", "saturday", "sunday"),
    [
        (date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 21), date(2026, 11, 22)),
        (date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 21), date(2026, 11, 22)),
        (date(2026, 11, 21), date(2026, 11, 16), date(2026, 11, 21), date(2026, 11, 15)),
        (date(2027, 1, 1), date(2026, 12, 28), date(2026, 12, 26), date(2026, 12, 27)),
    ],
)
def test_the_week_of_a_day(day: date, monday: date, saturday: date, sunday: date) -> None:
    for first, begins in ((MONDAY, monday), (SATURDAY, saturday), (SUNDAY, sunday)):
        assert Clock(first_day=first).week_of(day) == begins


def test_a_reader_counts_until_the_end_of_the_block() -> None:
    at = datetime(2026, 3, 12, 14, 31, tzinfo=UTC)
    with reading(TWENTY_FOUR):
        assert clock_words(at) == "14:31"
        with reading(TWELVE):
            assert clock_words(at) == "2:31 PM"
        assert current() == TWENTY_FOUR
    assert clock_words(at) == "2:31 PM"
