"""The token bucket behind 429."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from twoway.api import limits
from twoway.api.limits import RateLimit


def test_a_burst_then_a_steady_rate() -> None:
    limit = RateLimit(burst=3, per_second=2)
    assert [limit.wait("a", now=0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert limit.wait("a", now=0.5) == 0
    assert limit.wait("a", now=0.6) == 1


def test_one_key_does_not_spend_anothers() -> None:
    limit = RateLimit(burst=1, per_second=1)
    assert [limit.wait("a", now=0.0), limit.wait("b", now=0.0), limit.wait("a", now=0.0)] == [0, 0, 1]


def test_waiting_as_told_is_enough() -> None:
    limit = RateLimit(burst=1, per_second=0.4)
    limit.wait("a", now=0.0)
    seconds = limit.wait("a", now=0.0)
    assert seconds == 3
    assert limit.wait("a", now=float(seconds)) == 0


def test_memory_is_bounded() -> None:
    limit = RateLimit(burst=1, per_second=1)
    for number in range(limits.MOST_BUCKETS + 10):
        limit.wait(str(number), now=0.0)
    assert limit.wait("0", now=0.0) == 0
    assert limit.wait(str(limits.MOST_BUCKETS + 5), now=0.0) == 1


@given(st.lists(st.floats(min_value=0, max_value=2), max_size=60))
def test_never_more_than_the_burst_and_the_rate_allow(pauses: list[float]) -> None:
    limit = RateLimit(burst=5, per_second=3)
    now, allowed = 0.0, 0
    for pause in pauses:
        now += pause
        allowed += limit.wait("a", now=now) == 0
    assert allowed <= 5 + 3 * now + 1e-6
