"""When a number rests by itself, and what a brand may send in a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from twoway.channels.brands import rules as brands
from twoway.channels.health import rules
from twoway.channels.health.rules import Counts
from twoway.messaging import rules as messages

HALF_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(hours=24)


def code(window: timedelta, **counts: int) -> str:
    pause = rules.should_pause({window: Counts(**counts)}, at=NOW)
    return "" if pause is None else pause.code


@pytest.mark.parametrize(
    ("window", "counts", "why"),
    [
        (HOUR, {"sent": 200, "delivered": 180, "failed": 20, "filtered": 20}, "filtered"),
        (HOUR, {"sent": 200, "delivered": 181, "failed": 19, "filtered": 19}, ""),
        (HOUR, {"sent": 20, "delivered": 11, "failed": 9, "filtered": 9}, ""),
        (HOUR, {"sent": 40, "delivered": 20, "failed": 20}, "failing"),
        (HOUR, {"sent": 38, "delivered": 19, "failed": 19}, ""),
        (HOUR, {"delivered": 20, "failed": 25, "refused": 25}, ""),
        (HALF_HOUR, {"refused": 5, "failed": 5}, "refused"),
        (HALF_HOUR, {"refused": 4, "failed": 4}, ""),
        (HALF_HOUR, {"sent": 5, "refused": 5, "failed": 5}, ""),
        (DAY, {"sent": 200, "opted_out": 10}, "opt_outs"),
        (DAY, {"sent": 201, "opted_out": 10}, ""),
        (DAY, {"sent": 100, "opted_out": 9}, ""),
    ],
)
def test_a_number_is_paused_at_its_thresholds(window: timedelta, counts: dict[str, int], why: str) -> None:
    assert code(window, **counts) == why


def test_a_pause_says_why_in_figures_and_until_when() -> None:
    pause = rules.should_pause({HOUR: Counts(sent=50, delivered=38, failed=12, filtered=12)}, at=NOW)
    assert pause is not None
    assert pause.words == "Carriers blocked 12 of 50 texts as unwanted within an hour."
    assert pause.until == NOW + timedelta(hours=4)
    refused = rules.should_pause({HALF_HOUR: Counts(refused=9, failed=9)}, at=NOW)
    assert refused is not None
    assert refused.until is None


@given(sent=st.integers(0, 500), delivered=st.integers(0, 500), failed=st.integers(0, 9), out=st.integers(0, 9))
def test_a_few_bad_texts_never_pause_a_number(sent: int, delivered: int, failed: int, out: int) -> None:
    counts = Counts(sent=sent, delivered=delivered, failed=failed, filtered=failed, opted_out=out)
    assert rules.should_pause(dict.fromkeys((HALF_HOUR, HOUR, DAY), counts), at=NOW) is None


def test_what_was_before_a_resumption_is_forgiven() -> None:
    at = datetime(2026, 3, 10, 12, 34, tzinfo=UTC)
    assert rules.counted_from(at, HOUR, None) == datetime(2026, 3, 10, 11, 30, tzinfo=UTC)
    resumed = datetime(2026, 3, 10, 12, 21, tzinfo=UTC)
    assert rules.counted_from(at, HOUR, resumed) == datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def test_shares_need_a_known_end() -> None:
    assert Counts(sent=9).delivered_share is None
    assert Counts(sent=9, delivered=6, failed=2, filtered=2).delivered_share == 0.75
    assert Counts(delivered=6, failed=2, filtered=2).filtered_share == 0.25
    assert Counts(sent=10, opted_out=1).opted_out_share == 0.1


@pytest.mark.parametrize(
    ("counts", "grade"),
    [
        (Counts(), "quiet"),
        (Counts(sent=100, delivered=100), "good"),
        (Counts(sent=100, delivered=94, failed=6, filtered=6), "watch"),
        (Counts(sent=100, delivered=80, failed=20, filtered=20), "bad"),
    ],
)
def test_a_day_has_one_word(counts: Counts, grade: str) -> None:
    assert rules.grade(counts) == grade


def test_the_carriers_day_begins_at_midnight_pacific() -> None:
    before, after = datetime(2026, 3, 10, 6, 59, tzinfo=UTC), datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
    assert brands.day_of(before) == date(2026, 3, 9)
    assert brands.day_of(after) == date(2026, 3, 10)
    assert brands.next_reset(before) == after
    assert brands.next_reset(datetime(2026, 3, 8, 9, 0, tzinfo=UTC)) == datetime(2026, 3, 9, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("segments", "level"), [(0, 0), (499, 0), (500, 50), (699, 50), (700, 70), (999, 70), (1000, 100), (2000, 100)]
)
def test_people_are_told_at_50_70_and_100_percent(segments: int, level: int) -> None:
    assert brands.level(segments, 1000) == level
    assert brands.level(segments, None) == 0


def test_what_the_owner_wrote_comes_before_the_table() -> None:
    assert brands.cap_of(tier="low", written=None) == 2_000
    assert brands.cap_of(tier="low", written=500) == 500
    assert brands.cap_of(tier="", written=None) is None
    assert brands.rate_of(carrier_class="E", written=None) == 4.0
    assert brands.rate_of(carrier_class="E", written=60) == 1.0
    assert brands.rate_of(carrier_class="", written=None) is None


def test_lanes_put_people_before_flows_before_broadcasts() -> None:
    person = messages.priority(author="member", purpose="reply")
    flow = messages.priority(author="system", purpose="reply")
    many = messages.priority(author="member", purpose="broadcast")
    assert messages.PRIORITY_CONFIRMATION < person < flow < many
