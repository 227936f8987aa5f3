"""A sender's token bucket: whatever is asked of it, no window holds more segments than its rate allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from twoway.messaging.rules import Bucket

ALMOST = 1e-6
RATES = st.one_of(st.floats(0.1, 1.0), st.floats(1.0, 200.0), st.sampled_from([0.25, 1.0, 3.0, 30.0]))
WISHES = st.lists(
    st.tuples(st.floats(0.0, 20.0), st.integers(1, 12)),  # seconds after the one before, segments
    max_size=60,
)


def bucket(rate: float, tokens: float | None = None) -> Bucket:
    made = Bucket(tokens=0.0, refilled_at=NOW, rate=rate)
    return Bucket(tokens=made.size if tokens is None else tokens, refilled_at=NOW, rate=rate)


def sent(start: Bucket, wishes: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Which of the wishes are let through, as a claim does it: (second, segments)."""
    now, second, through = start, 0.0, []
    for wait, segments in wishes:
        second += wait
        looked_at = now.at(NOW + timedelta(seconds=second))
        if looked_at.covers(segments):
            now = looked_at.less(segments)
            through.append((second, segments))
    return through


def assert_within_rate(through: Sequence[tuple[float, int]], rate: float) -> None:
    """In any window: rate times its length, one burst, and the credit of one text longer than the whole bucket."""
    burst = max(rate, 1.0)
    for first in range(len(through)):
        total = 0
        for second, segments in through[first:]:
            total += segments
            credit = max(segments - burst, 0.0)
            assert total <= rate * (second - through[first][0]) + burst + credit + ALMOST


@given(rate=RATES, wishes=WISHES)
def test_no_window_holds_more_than_the_rate(rate: float, wishes: list[tuple[float, int]]) -> None:
    assert_within_rate(sent(bucket(rate), wishes), rate)


@given(
    rate=st.sampled_from([0.5, 1.0, 2.0, 7.0, 30.0]),
    wishes=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 8), st.integers(0, 20)), max_size=40),
)
def test_workers_whose_clocks_differ_gain_nothing(rate: float, wishes: list[tuple[int, int, int]]) -> None:
    """A worker whose clock is late (by the third number, in seconds) may have to wait; time does not run twice."""
    now, second, latest, through = bucket(rate), 0, 0, []
    for wait, segments, late in wishes:
        second += wait
        latest = max(latest, second - late)
        looked_at = now.at(NOW + timedelta(seconds=second - late))
        if looked_at.covers(segments):
            now = looked_at.less(segments)
            through.append((latest, segments))
    assert_within_rate(through, rate)


@given(rate=RATES, tokens=st.floats(-20.0, 1.0), segments=st.integers(1, 12))
def test_a_text_leaves_after_the_wait_it_was_told(rate: float, tokens: float, segments: int) -> None:
    now = bucket(rate, tokens)
    wait = now.seconds_until(segments)
    later = now.at(NOW + timedelta(seconds=wait + 0.001))
    assert later.covers(segments)
    assert (wait == 0.0) == now.covers(segments)


@given(rate=RATES, wishes=WISHES)
def test_a_bucket_is_never_fuller_than_one_burst(rate: float, wishes: list[tuple[float, int]]) -> None:
    now = bucket(rate)
    for wait, segments in wishes:
        now = now.at(now.refilled_at + timedelta(seconds=wait))
        assert now.tokens <= now.size
        now = now.less(segments)


@pytest.mark.parametrize(
    ("rate", "tokens", "segments", "covered", "wait"),
    [
        (10.0, 10.0, 10, True, 0.0),
        (10.0, 9.0, 10, False, 0.1),
        (10.0, 10.0, 25, True, 0.0),  # longer than the bucket: on credit when it is full
        (10.0, -15.0, 1, False, 1.6),  # and the next one waits for the debt
        (0.5, 1.0, 1, True, 0.0),  # a slow sender still sends one at a time
        (0.5, 0.0, 1, False, 2.0),
    ],
)
def test_examples(rate: float, tokens: float, segments: int, covered: bool, wait: float) -> None:
    now = bucket(rate, tokens)
    assert now.covers(segments) is covered
    assert now.seconds_until(segments) == pytest.approx(wait)
