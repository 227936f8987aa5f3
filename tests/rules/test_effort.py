"""What counts as time spent texting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from twoway.conversations.effort.rules import MOST_AT_ONCE, SLACK, Spent, Sum, credited, shown


def spent(conversation_id: int, reading: int, writing: int = 0) -> Spent:
    return Spent(conversation_id=conversation_id, reading=reading, writing=writing)


@pytest.mark.parametrize(
    ("told", "passed", "counted"),
    [
        ([spent(1, 20, 5)], 30, [spent(1, 20, 5)]),
        ([spent(1, 20), spent(2, 10)], 30, [spent(1, 20), spent(2, 10)]),
        ([spent(1, 60), spent(2, 60)], 28, [spent(1, 15), spent(2, 15)]),
        ([spent(1, 0, 0)], 30, []),
        ([spent(1, -5)], 30, []),
        ([spent(1, 10, -10)], 30, []),
        ([spent(1, 100_000)], 100_000, [spent(1, 600)]),
        ([spent(1, 10)], -60, []),
        ([], 30, []),
    ],
)
def test_no_more_than_has_passed(told: list[Spent], passed: int, counted: list[Spent]) -> None:
    assert list(credited(told, since=NOW - timedelta(seconds=passed), at=NOW)) == counted


def test_the_first_report_is_believed_up_to_the_longest_stretch() -> None:
    assert credited([spent(1, 90)], since=None, at=NOW) == (spent(1, 90),)
    assert credited([spent(1, 10_000)], since=None, at=NOW) == (spent(1, int(MOST_AT_ONCE.total_seconds())),)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(-10, 10**9), st.integers(-10, 10**9)), max_size=10),
    st.integers(-100, 10_000),
)
def test_a_day_never_has_more_seconds_than_it_has(told: list[tuple[int, int, int]], passed: int) -> None:
    claims = [spent(*entry) for entry in told]
    counted = credited(claims, since=NOW - timedelta(seconds=passed), at=NOW)
    room = max(0, min(passed + int(SLACK.total_seconds()), int(MOST_AT_ONCE.total_seconds())))
    assert sum(one.seconds for one in counted) <= room
    assert all(one.reading >= 0 and one.writing >= 0 for one in counted)


def total(label: str, people: int, seconds: int = 100) -> Sum:
    return Sum(label=label, reading=seconds, writing=0, people=people, replies=4)


@pytest.mark.parametrize(
    ("sums", "labels"),
    [
        ([total("a", 3), total("b", 5)], ["a", "b"]),
        ([total("a", 2), total("b", 5), total("c", 4)], ["b"]),
        ([total("a", 1), total("b", 2), total("c", 4)], ["c"]),
        ([total("a", 2), total("b", 4)], []),
        ([total("a", 2)], []),
        ([], []),
    ],
)
def test_no_sum_tells_about_one_person(sums: list[Sum], labels: list[str]) -> None:
    assert [one.label for one in shown(sums)] == labels


def test_time_for_each_text() -> None:
    assert total("a", 3, seconds=90).per_reply == 22
    assert Sum(label="b", reading=9, writing=9, people=3, replies=0).per_reply is None
