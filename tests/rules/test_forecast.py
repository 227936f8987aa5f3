"""How many people it takes (Erlang C), and how many customers are expected."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import exp, factorial, inf, sin
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.analytics.forecast.expecting_rules import (
    HALF,
    WEEKS,
    Expected,
    Usual,
    expected,
    half_hour,
    halves,
    opens,
    slot_of,
    usual,
)
from twoway.analytics.forecast.rules import (
    MOST_PEOPLE,
    Terms,
    blocked,
    load_of,
    mean_wait,
    queued,
    reached,
    staffing,
    within,
)
from twoway.teams.hours.rules import ALWAYS, Calendar

CHICAGO = ZoneInfo("America/Chicago")
OFFICE = Calendar(CHICAGO, ((((9 * 60, 17 * 60),),) * 5) + ((), ()))
MONDAY = datetime(2026, 5, 4, 5, 0, tzinfo=UTC)
"""Midnight in Chicago."""

Rate = Callable[[datetime], float]

VECTORS = [
    (10, 180, 20, 11, 0.6821182047, 0.3896138117, 122.7812768, 0.9090909),
    (10, 180, 20, 12, 0.4493882243, 0.6401580404, 40.4449402, 0.8333333),
    (10, 180, 20, 13, 0.2852704530, 0.7955947884, 17.1162272, 0.7692308),
    (10, 180, 20, 14, 0.1741319336, 0.8883500192, 7.8359370, 0.7142857),
    (48, 240, 15, 55, 0.2387009364, 0.8458830922, 8.1840321, 0.8727273),
]


# How many people ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("load", "handle", "target", "people", "waits", "level", "wait", "busy"), VECTORS)
def test_known_values(
    load: float, handle: float, target: float, people: int, waits: float, level: float, wait: float, busy: float
) -> None:
    assert queued(load, people) == pytest.approx(waits, abs=1e-10)
    assert within(load, people, handle=handle, target=target) == pytest.approx(level, abs=1e-10)
    assert mean_wait(load, people, handle=handle) == pytest.approx(wait, abs=1e-7)
    assert load / people == pytest.approx(busy, abs=1e-7)


@given(st.floats(0.05, 40), st.integers(1, 60))
def test_the_recursion_is_the_sum(load: float, people: int) -> None:
    terms = [load**k / factorial(k) for k in range(people + 1)]
    assert blocked(load, people) == pytest.approx(terms[-1] / sum(terms), rel=1e-9)


def test_eighty_in_twenty_seconds_takes_fourteen() -> None:
    terms = Terms(target=20, share=80, handle=180, concurrency=1, shrinkage=30)
    assert load_of(100, terms) == 10
    needs = staffing(100, terms)
    assert (needs.people, needs.scheduled) == (14, 20)
    assert needs.level == pytest.approx(0.8883500192)
    assert needs.busy == pytest.approx(0.7142857, abs=1e-7)
    assert needs.wait == pytest.approx(7.8359370)


@given(st.floats(0, 3000), st.integers(10, 7200), st.integers(50, 99), st.floats(5, 1800), st.integers(1, 10))
def test_no_fewer_would_do(arrivals: float, target: int, share: int, handle: float, concurrency: int) -> None:
    terms = Terms(target=target, share=share, handle=handle, concurrency=concurrency)
    needs = staffing(arrivals, terms)
    assert needs.people >= 1
    assert needs.scheduled >= needs.people
    if needs.people < MOST_PEOPLE:
        assert needs.level * 100 >= share
        assert needs.people > load_of(arrivals, terms)
    if needs.people > 1:
        assert reached(arrivals, needs.people - 1, terms) * 100 < share


@pytest.mark.parametrize(
    ("load", "people", "waits", "level", "wait"),
    [(0, 0, 0.0, 1.0, 0.0), (0, 3, 0.0, 1.0, 0.0), (5, 5, 1.0, 0.0, inf), (5, 0, 1.0, 0.0, inf), (5, 3, 1.0, 0.0, inf)],
)
def test_nothing_to_do_and_too_much(load: float, people: int, waits: float, level: float, wait: float) -> None:
    assert queued(load, people) == waits
    assert within(load, people, handle=180, target=20) == level
    assert mean_wait(load, people, handle=180) == wait


def test_an_empty_half_hour_still_takes_one_where_it_is_open() -> None:
    assert staffing(0, Terms()).people == 1
    assert staffing(0, Terms(), least=0).people == 0


def test_several_at_once_take_fewer() -> None:
    needed = [staffing(200, Terms(handle=240, concurrency=each)).people for each in (1, 2, 3, 6)]
    assert needed == sorted(needed, reverse=True)
    assert needed[0] > 2 * needed[2]


def test_part_of_a_person_counts_in_part() -> None:
    terms = Terms(target=20, handle=180, concurrency=1)
    assert reached(100, 11.5, terms) == pytest.approx((0.3896138117 + 0.6401580404) / 2)


def test_a_load_nobody_could_take_ends() -> None:
    assert staffing(10**7, Terms(handle=1800, concurrency=1)).people == MOST_PEOPLE


# How many customers ---------------------------------------------------------------------------------------------------


def counts(
    rate: Callable[[datetime], float], *, since: datetime, until: datetime, seed: int = 7
) -> dict[datetime, int]:
    """Random arrivals with this mean in every half hour."""
    chance = random.Random(seed)
    return {start: poisson(rate(start), chance) for start in halves(since, until)}


def poisson(rate: float, chance: random.Random) -> int:
    """By Knuth's way: how many uniform numbers multiply to no less than e to the minus rate."""
    n, product, limit = 0, chance.random(), exp(-rate)
    while product > limit:
        n, product = n + 1, product * chance.random()
    return n


def a_day(start: datetime, *, peak: float = 30.0) -> float:
    """Busy at noon and quiet at night, half of it at weekends, by the clock of Chicago."""
    local = start.astimezone(CHICAGO)
    shape = max(0.05, sin((local.hour + local.minute / 60 - 6) / 14 * 3.1416)) if 6 <= local.hour < 20 else 0.05
    return peak * shape * (0.5 if local.weekday() >= 5 else 1.0)


def told(calendar: Calendar, history: dict[datetime, int], *, at: datetime, days: int = 7) -> tuple[Expected, ...]:
    known = usual(history, calendar=calendar, since=min(history), until=at)
    return expected(known, calendar=calendar, start=at, end=at + timedelta(days=days))


@pytest.mark.parametrize("seed", range(5))
def test_on_weeks_like_the_last_it_is_as_good_as_chance_allows(seed: int) -> None:
    """Against the next week's arrivals: off by no more than 15 % beyond what knowing the true rates would be off by."""
    always = Calendar(CHICAGO, (((0, 1440),),) * 7)
    since = MONDAY - timedelta(weeks=WEEKS)
    came = counts(a_day, since=since, until=MONDAY + timedelta(days=7), seed=seed)
    rows = told(always, {start: n for start, n in came.items() if start < MONDAY}, at=MONDAY)
    off = mean(abs(came[row.start] - row.arrivals) for row in rows)
    at_best = mean(abs(came[row.start] - a_day(row.start)) for row in rows)
    assert off <= 1.15 * at_best
    assert sum(row.arrivals for row in rows) == pytest.approx(sum(came[row.start] for row in rows), rel=0.06)
    assert 0.84 <= mean(came[row.start] <= row.most for row in rows if row.arrivals >= 3) <= 0.97


@pytest.mark.parametrize("growth", [-0.04, 0.0, 0.05])
def test_a_workspace_that_grows_or_shrinks(growth: float) -> None:
    """With 4 % less or 5 % more each week, the next week's total is met within 10 %."""
    always = Calendar(CHICAGO, (((0, 1440),),) * 7)

    def rate(start: datetime) -> float:
        return a_day(start) * float((1 + growth) ** ((start - MONDAY) / timedelta(weeks=1)))

    came = counts(rate, since=MONDAY - timedelta(weeks=WEEKS), until=MONDAY + timedelta(days=7))
    rows = told(always, {start: n for start, n in came.items() if start < MONDAY}, at=MONDAY)
    assert sum(row.arrivals for row in rows) == pytest.approx(sum(came[row.start] for row in rows), rel=0.1)


def test_a_holiday_says_nothing_about_other_weeks() -> None:
    """Memorial Day had no texts; the Monday after is forecast as if it had not been."""
    after = MONDAY + timedelta(weeks=4)
    holiday = Calendar(CHICAGO, OFFICE.week, {date(2026, 5, 25): ()})
    history = {
        start: 0 if start.astimezone(CHICAGO).date() == date(2026, 5, 25) else 10 for start in halves(MONDAY, after)
    }
    monday = [row.arrivals for row in told(holiday, history, at=after, days=1) if row.is_open]
    assert monday == [pytest.approx(10)] * 16
    fooled = [row.arrivals for row in told(OFFICE, history, at=after, days=1) if row.is_open]
    assert max(fooled) < 9


def test_days_before_the_first_text_are_not_empty_days() -> None:
    history = dict.fromkeys(halves(MONDAY, MONDAY + timedelta(days=14)), 6)
    rows = told(OFFICE, history, at=MONDAY + timedelta(days=14), days=1)
    assert {round(row.arrivals, 6) for row in rows if row.is_open} == {6}


def test_what_comes_overnight_is_worked_off_after_opening() -> None:
    history = {start: 4 if opens(OFFICE, start) else 1 for start in halves(MONDAY, MONDAY + timedelta(weeks=4))}
    rows = told(OFFICE, history, at=MONDAY + timedelta(weeks=4), days=2)
    first, second = rows[:48], rows[48:]
    assert [row.is_open for row in first].index(True) == 18
    assert [row.carried for row in first[18:23]] == [pytest.approx(4.5)] * 4 + [0]
    assert sum(row.carried for row in second) == pytest.approx(14 + 18)
    assert sum(row.load for row in rows if row.is_open) + 14 == pytest.approx(sum(row.arrivals for row in rows))
    assert all(row.carried == 0 for row in rows if not row.is_open)


def test_the_week_is_the_one_on_the_wall() -> None:
    """After clocks go forward on 2026-03-08 the rush is still at nine in Chicago, an hour earlier in UTC."""
    since = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
    until = datetime(2026, 3, 9, 5, 0, tzinfo=UTC)
    nine = {"hour": 9, "minute": 0}

    def at_nine(start: datetime) -> bool:
        local = start.astimezone(CHICAGO)
        return (local.hour, local.minute) == (nine["hour"], nine["minute"])

    history = {start: 20 if at_nine(start) else 0 for start in halves(since, until)}
    rows = told(Calendar(CHICAGO, (((0, 1440),),) * 7), history, at=until, days=1)
    rush = max(rows, key=lambda row: row.arrivals)
    assert rush.start == datetime(2026, 3, 9, 14, 0, tzinfo=UTC)


@given(st.integers(0, 10 * 366 * 86400))
def test_every_moment_is_in_one_half_hour(seconds: int) -> None:
    at = MONDAY + timedelta(seconds=seconds)
    start = half_hour(at)
    assert start <= at < start + HALF
    assert 0 <= slot_of(start, OFFICE) < 336
    assert slot_of(start, ALWAYS) == start.weekday() * 48 + start.hour * 2 + start.minute // 30


def test_hours_that_are_new_are_told_from_what_came_while_closed() -> None:
    nothing: tuple[float | None, ...] = (None,) * 336
    known = Usual(open=(None, 0.0, *nothing[2:]), closed=(3.0, 5.0, *nothing[2:]))
    assert [known.at(slot, is_open=True) for slot in (0, 1, 2)] == [3.0, 0.0, 0.0]
    assert [known.at(slot, is_open=False) for slot in (0, 1, 2)] == [3.0, 5.0, 0.0]


def test_no_history_expects_nobody() -> None:
    known = usual({}, calendar=OFFICE, since=MONDAY, until=MONDAY)
    assert {row.arrivals for row in expected(known, calendar=OFFICE, start=MONDAY, end=MONDAY + timedelta(days=7))} == {
        0
    }
