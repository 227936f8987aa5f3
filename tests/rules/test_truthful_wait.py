"""How long an answer takes: said only when it is known, and kept as often as it is claimed to be."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.messaging.greeting.wait.rules import (
    HIGHEST,
    LOWEST,
    Case,
    Facts,
    estimate,
    kept_share,
    learned,
    load_of,
    quantile,
    rounded,
    unlearned,
    warns_after,
    wilson,
)

Shape = Callable[[random.Random, int], tuple[float, float]]


def cases(*minutes: float, load: float | None = None, times: int = 1) -> list[Case]:
    return [Case(seconds=each * 60, load=load) for each in minutes] * times


FORTY = cases(*range(1, 41))


@pytest.mark.parametrize(
    ("facts", "why_not", "minutes"),
    [
        (Facts(hour=FORTY), "", 35),
        (Facts(hour=FORTY, percentile=50), "", 25),
        (Facts(hour=FORTY, percentile=95), "", 40),
        (Facts(hour=FORTY[:29]), "few_cases", None),
        (Facts(hour=FORTY[:29], day=FORTY), "", 35),
        (Facts(hour=[], least_cases=10), "few_cases", None),
        (Facts(hour=FORTY, staff=0), "nobody_here", None),
        (Facts(hour=FORTY, staff=3), "", 35),
        (Facts(hour=FORTY, open_left=35 * 60 - 1), "closes_first", None),
        (Facts(hour=FORTY, open_left=35 * 60), "", 35),
        (Facts(hour=cases(90, times=30)), "", None),
        (Facts(hour=cases(90, times=30), open_left=3599), "closes_first", None),
        (Facts(hour=cases(0.5, times=30)), "", 5),
        (Facts(hour=cases(60, times=30)), "", 60),
        (Facts(hour=cases(60.1, times=30)), "", None),
        (Facts(hour=FORTY, shift=-0.3), "", 25),
        (Facts(hour=FORTY, shift=0.19), "", 40),
        (Facts(hour=cases(10, load=2.0, times=30), waiting=2), "", 10),
        (Facts(hour=cases(10, load=2.0, times=30), waiting=3), "busier_than_known", None),
        (Facts(hour=cases(10, load=2.0, times=30), waiting=5, staff=2), "", 10),
    ],
)
def test_what_may_be_said(facts: Facts, why_not: str, minutes: int | None) -> None:
    said = estimate(facts)
    assert (said.why_not, said.minutes, said.is_known) == (why_not, minutes, not why_not)


def test_only_cases_as_busy_as_now_count() -> None:
    held = [*cases(5, load=1.0, times=40), *cases(40, load=8.0, times=40)]
    assert estimate(Facts(hour=held, waiting=0)).minutes == 5
    assert estimate(Facts(hour=held, waiting=7)).minutes == 40
    assert estimate(Facts(hour=held, waiting=7, staff=8)).minutes == 5


def test_the_same_facts_give_the_same_estimate() -> None:
    facts = Facts(hour=FORTY, day=FORTY, waiting=3, staff=2, shift=0.03)
    assert estimate(facts) == estimate(facts)


@given(st.lists(st.floats(min_value=0, max_value=20_000), min_size=30, max_size=80), st.integers(50, 95))
def test_what_is_said_is_at_least_what_was_found(seconds: list[float], percentile: int) -> None:
    said = estimate(Facts(hour=[Case(seconds=each) for each in seconds], percentile=percentile))
    assert said.is_known
    assert said.minutes is None or said.minutes * 60 >= said.seconds
    assert said.minutes is None or said.minutes % 5 == 0
    within = sum(each <= said.seconds for each in seconds)
    assert within >= percentile / 100 * len(seconds)


@given(st.floats(min_value=0, max_value=100_000))
def test_minutes_are_rounded_up_to_five(seconds: float) -> None:
    minutes = rounded(seconds)
    assert (minutes is None) == (seconds > 3600.0000001)
    assert minutes is None or minutes * 60 >= seconds - 1e-6 > minutes * 60 - 300.1 or minutes == 5


def test_an_order_statistic_is_never_beyond_what_was_seen() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.99) == 3.0
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([7.0], 0.05) == 7.0


def test_load_is_people_for_each_member() -> None:
    assert (load_of(0, None), load_of(3, 2), load_of(3, 0)) == (1.0, 2.0, 4.0)


@given(st.lists(st.booleans(), max_size=300), st.integers(50, 95))
def test_a_correction_stays_within_its_limits(outcomes: list[bool], percentile: int) -> None:
    shift = 0.0
    for kept in outcomes:
        before, shift = shift, learned(shift, kept=kept, percentile=percentile)
        assert LOWEST <= shift <= HIGHEST
        assert shift <= before if kept else shift >= before


# Calibration ----------------------------------------------------------------------------------------------------------


def exponential(rng: random.Random, _n: int) -> tuple[float, float]:
    return rng.expovariate(1 / 600), 1.0


def heavy_tailed(rng: random.Random, _n: int) -> tuple[float, float]:
    return rng.lognormvariate(6.3, 1.0), 1.0


def two_humps(rng: random.Random, _n: int) -> tuple[float, float]:
    return (rng.uniform(60, 300) if rng.random() < 0.7 else rng.uniform(1800, 3000)), 1.0


def by_load(rng: random.Random, _n: int) -> tuple[float, float]:
    load = 1 + int(rng.expovariate(1 / 4))
    return sum(rng.expovariate(1 / 150) for _ in range(load)), float(load)


def getting_slower(rng: random.Random, n: int) -> tuple[float, float]:
    return rng.expovariate(1 / (400 + n * 0.4)), 1.0


def by_turns(rng: random.Random, n: int) -> tuple[float, float]:
    return rng.expovariate(1 / (400 if n // 500 % 2 else 1000)), 1.0


def quick(rng: random.Random, _n: int) -> tuple[float, float]:
    return rng.uniform(10, 200), 1.0


def history(shape: Shape, *, percentile: int, learns: bool = True, seed: int = 7) -> dict[str, Any]:
    """Two thousand waits, one after another, each promised from those before it; what became of the promises."""
    rng, held, shift, outcomes = random.Random(seed), list[Case](), 0.0, list[bool]()
    for n in range(2000):
        seconds, load = shape(rng, n)
        facts = Facts(hour=held[-250:], waiting=int(load) - 1, staff=1, percentile=percentile, shift=shift)
        said = estimate(facts)
        if said.is_known and said.minutes is not None:
            kept = seconds <= said.minutes * 60
            outcomes.append(kept)
            shift = learned(shift, kept=kept, percentile=percentile) if learns else 0.0
        held.append(Case(seconds=seconds, load=load))
    settled = outcomes[200:]
    return {"share": sum(settled) / len(settled), "promises": len(settled), "shift": shift}


@pytest.mark.parametrize("percentile", [70, 80, 90])
@pytest.mark.parametrize("shape", [exponential, heavy_tailed, two_humps, by_load, getting_slower, by_turns])
def test_promises_are_kept_as_often_as_stated(shape: Shape, percentile: int) -> None:
    found = history(shape, percentile=percentile)
    assert found["promises"] > 500
    assert abs(found["share"] - percentile / 100) <= 0.05


def test_it_learns_where_times_change() -> None:
    """Without learning, rounding up alone leads further from what is stated than with it."""
    plain = history(exponential, percentile=80, learns=False)["share"]
    taught = history(exponential, percentile=80)["share"]
    assert abs(taught - 0.8) < abs(plain - 0.8)


@pytest.mark.parametrize("percentile", [70, 80, 90])
@pytest.mark.parametrize("shape", [exponential, heavy_tailed, two_humps, by_load])
def test_what_is_said_is_no_hope_before_anything_was_learned(shape: Shape, percentile: int) -> None:
    """Learning mends an estimate that is too short, so the estimate itself is asked too: where times stay as they are,
    it is kept as often as stated or, rounded up, more often."""
    found = history(shape, percentile=percentile, learns=False)
    assert found["promises"] > 500
    assert found["share"] >= percentile / 100 - 0.015


def line(*, percentile: int, learns: bool = True, seed: int = 11) -> list[tuple[float, bool]]:
    """Two thousand customers of one queue, first come first served by two to six members who change by the hour, with
    a rush every fourth one; the load each found, and whether what was said to them was kept."""
    rng, now, held, shift = random.Random(seed), 0.0, list[Case](), 0.0
    free, running, said_and_kept = [0.0] * 4, list[tuple[float, Case]](), list[tuple[float, bool]]()
    for _ in range(2500):
        now += rng.expovariate(1 / (60 if now // 3600 % 4 == 3 else 110))
        staff = 2 + int(now // 3600 * 7) % 5
        free = sorted([*free, *[now] * max(0, staff - len(free))])[:staff]
        held += [case for ends, case in running if ends <= now]
        running = [pair for pair in running if pair[0] > now]
        begins = max(now, free[0])
        seconds = begins - now + rng.lognormvariate(5.0, 0.6)
        free[0] = begins + rng.lognormvariate(5.4, 0.6)
        ahead = len(running)
        said = estimate(Facts(hour=held[-300:], waiting=ahead, staff=staff, percentile=percentile, shift=shift))
        if said.is_known and said.minutes is not None:
            kept = seconds <= said.minutes * 60
            said_and_kept.append((load_of(ahead, staff), kept))
            shift = learned(shift, kept=kept, percentile=percentile) if learns else 0.0
        running.append((now + seconds, Case(seconds=seconds, load=load_of(ahead, staff))))
    return said_and_kept[300:]


def share(of: list[tuple[float, bool]]) -> float:
    return sum(kept for _, kept in of) / len(of)


@pytest.mark.parametrize("percentile", [70, 80, 90])
def test_a_queue_with_rushes_and_shifts_keeps_what_it_says(percentile: int) -> None:
    """Within five points over all, and who comes when it is busy is not told what holds when it is quiet."""
    found = line(percentile=percentile)
    assert len(found) > 1000
    assert abs(share(found) - percentile / 100) <= 0.05
    found.sort()
    busy, quiet = found[2 * len(found) // 3 :], found[: len(found) // 3]
    assert share(busy) >= percentile / 100 - 0.15  # 30 points too low when the load is not looked at
    assert share(quiet) >= percentile / 100 - 0.12


def test_where_everybody_is_answered_at_once_five_minutes_is_the_least_that_is_said() -> None:
    assert history(quick, percentile=80)["share"] == 1.0


def test_wilson_against_published_figures() -> None:
    """Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 15 of 148 is 0.0624 to 0.1605; 0 of 20 to 0.1611."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_what_is_stated_fits_when_it_lies_within_the_interval() -> None:
    assert kept_share(80, 20).fits(80) is True
    assert kept_share(60, 40).fits(80) is False
    assert kept_share(0, 0).fits(80) is None


@given(st.floats(min_value=-0.2, max_value=0.1), st.booleans(), st.integers(50, 95))
def test_what_was_learned_can_be_taken_back(shift: float, kept: bool, percentile: int) -> None:
    once = learned(shift, kept=kept, percentile=percentile)
    assert unlearned(once, kept=kept, percentile=percentile) == pytest.approx(shift)


@pytest.mark.parametrize(("said", "before", "after"), [(20, 3, 1020), (5, 3, 150), (60, 10, 3000), (5, 1, 240)])
def test_a_warning_comes_before_it_is_due(said: int, before: int, after: float) -> None:
    assert warns_after(said, before) == after < said * 60
