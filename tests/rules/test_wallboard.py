"""What a wallboard says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW
from twoway.analytics.wallboard.gate import Gate
from twoway.analytics.wallboard.rules import (
    BUCKET,
    BUCKETS,
    Part,
    Run,
    Waits,
    bars,
    day_of,
    digest,
    hour_of,
    new_secret,
    percent,
    team_lines,
)


def waits(team: int | None, minutes: int) -> Waits:
    return Waits(conversation_id=minutes, since=NOW - timedelta(minutes=minutes), channel_id=1, team_id=team)


def run(team: int | None, wait: int | None, *, is_of_today: bool = True) -> Run:
    """A customer of today (or of yesterday) who was answered after so many minutes, or not yet."""
    since = NOW if is_of_today else None
    answered_at = None if wait is None else NOW + timedelta(minutes=wait)
    return Run(since=since, answered_at=answered_at, team_id=team, channel_id=1)


def minutes(one: Run) -> float | None:
    assert one.since
    assert one.answered_at
    return (one.answered_at - one.since).total_seconds() or None


@pytest.mark.parametrize(
    ("runs", "whole"),
    [
        ([], Part()),
        ([run(1, None)], Part(arrivals=1)),
        ([run(1, 5)], Part(arrivals=1, answered=1, known=1, in_time=1, median=300)),
        ([run(1, 15), run(1, 16)], Part(arrivals=2, answered=2, known=2, in_time=1, median=930)),
        ([run(1, 5, is_of_today=False)], Part(answered=1)),
        ([run(1, 0)], Part(arrivals=1, answered=1)),
        ([run(1, 5), run(2, 40), run(2, None)], Part(arrivals=3, answered=2, known=2, in_time=1, median=1350)),
    ],
)
def test_the_day_in_sum(runs: list[Run], whole: Part) -> None:
    assert day_of(runs, goal=900, waited=minutes).whole == whole


def test_the_day_by_team() -> None:
    day = day_of([run(1, 5), run(None, 40), run(None, None)], goal=900, waited=minutes)
    assert day.teams == {
        1: Part(arrivals=1, answered=1, known=1, in_time=1, median=300),
        None: Part(arrivals=2, answered=1, known=1, median=2400),
    }


def test_teams_are_in_order_of_those_who_wait() -> None:
    found = team_lines([waits(2, 9), waits(None, 5), waits(2, 3)], {1: Part(known=4, in_time=3), 2: Part()})
    assert [(line.team_id, line.waiting, line.since, line.in_time) for line in found] == [
        (2, 2, NOW - timedelta(minutes=9), None),
        (None, 1, NOW - timedelta(minutes=5), None),
        (1, 0, None, 75),
    ]


@pytest.mark.parametrize(
    ("part", "whole", "told"), [(0, 0, None), (0, 3, 0), (3, 3, 100), (1, 1000, 1), (999, 1000, 99), (1, 3, 33)]
)
def test_all_is_only_said_of_all(part: int, whole: int, told: int | None) -> None:
    assert percent(part, whole) == told


def test_the_last_hour_has_thirty_bars() -> None:
    at = NOW.replace(minute=3, second=59)
    since = hour_of(at)
    found = bars([(0, "in", 2), (29, "out", 3), (29, "in", 1)], since=since)
    assert len(found) == BUCKETS
    assert (found[0].start, found[0].texts, found[0].replies) == (since, 2, 0)
    assert (found[29].texts, found[29].replies) == (1, 3)
    assert found[29].start <= at < found[29].start + BUCKET


def test_a_secret_is_long_and_only_its_digest_says_so() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(first) == 32
    assert digest(first) == digest(first) != digest(second)
    assert first not in digest(first)


def test_so_often_and_no_more() -> None:
    gate = Gate(most=2, span=timedelta(minutes=1))
    told = [gate.allows(1, at=NOW + timedelta(seconds=after)) for after in (0, 10, 20, 59, 60, 61, 70, 71)]
    assert told == [True, True, False, False, True, False, True, False]
    assert gate.allows(2, at=NOW)
