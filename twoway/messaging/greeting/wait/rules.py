"""Saying how long an answer takes, so that it is true as often as it claims to be. Pure, and can be replayed.

The estimate is an order statistic of past waits for a first answer at the same hour of the week: of n cases the one in
place ceil((n + 1) * p) is not exceeded by the next with a probability of p or a little more, whatever shape the waits
have, as long as the next is like those before (split conformal prediction, Vovk et al. 2005). To be like those before,
the cases are those with the most similar load: people waiting for each member who is there. What is left over, by
rounding up and by times that change, is learned from promises that were kept or broken: each moves the percentile
that is looked up (adaptive conformal inference, Gibbs and Candès 2021).

Seconds are open time, shares are of 1, percentiles of 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

WEEKS = 8
"""How far back answers count."""
ROUND_TO = 5
MOST_MINUTES = 60
"""Beyond it "more than an hour" is said."""
STEP = 0.02
"""How far one promise moves the percentile that is looked up."""
LOWEST, HIGHEST = -0.30, 0.19
"""How far a number's correction goes."""
BEYOND_KNOWN = 1.5
"""With a load so many times the greatest one seen, nothing is known."""

WhyNot = Literal["", "few_cases", "nobody_here", "closes_first", "busier_than_known"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One past wait for a first answer, and how many waited for each member when it began, where that is known."""

    seconds: float
    load: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known when somebody texts. `hour`: cases of this hour of the week; `day`: of this hour on any such day
    (weekdays, or weekends), for when the hour alone has too few. `staff` is None where nobody keeps presence.
    `open_left` is how many seconds it stays open, None when it never closes.
    """

    hour: Sequence[Case]
    day: Sequence[Case] = ()
    waiting: int = 0
    staff: int | None = None
    percentile: int = 80
    shift: float = 0.0
    least_cases: int = 30
    open_left: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What may be said: within `minutes`, or with None "more than an hour". With `why_not`: nothing."""

    why_not: WhyNot = ""
    minutes: int | None = None
    seconds: float = 0.0
    cases: int = 0
    span: Literal["hour", "day"] = "hour"
    looked_up: float = 0.0

    @property
    def is_known(self) -> bool:
        """Whether something about times may be said."""
        return not self.why_not


def estimate(facts: Facts) -> Estimate:
    """The wait that the stated share of people does not exceed, or why nothing is said."""
    span: Literal["hour", "day"] = "hour" if len(facts.hour) >= facts.least_cases else "day"
    cases = facts.hour if span == "hour" else facts.day
    if len(cases) < facts.least_cases:
        return Estimate(why_not="few_cases", cases=len(cases))
    if facts.staff == 0:
        return Estimate(why_not="nobody_here", cases=len(cases))
    load = load_of(facts.waiting, facts.staff)
    seen = [case.load for case in cases if case.load is not None]
    if len(seen) >= facts.least_cases and load > max(1.0, max(seen)) * BEYOND_KNOWN:
        return Estimate(why_not="busier_than_known", cases=len(cases))
    used = alike(cases, load=load, least=facts.least_cases)
    share = looked_up(facts.percentile, facts.shift)
    seconds = quantile([case.seconds for case in used], share)
    minutes = rounded(seconds)
    known = Estimate(minutes=minutes, seconds=seconds, cases=len(used), span=span, looked_up=share)
    says = MOST_MINUTES * 60 if minutes is None else minutes * 60
    if facts.open_left is not None and facts.open_left < says:
        return Estimate(why_not="closes_first", seconds=seconds, cases=len(used), span=span, looked_up=share)
    return known


def load_of(waiting: int, staff: int | None) -> float:
    """People waiting, the new one with them, for each member who is there; for one where that is not known."""
    return (waiting + 1) / max(1, staff or 1)


def alike(cases: Sequence[Case], *, load: float, least: int) -> list[Case]:
    """Those whose load was most like this one: a third, but no fewer than `least`. All, where loads aren't known."""
    known = [(abs(math.log(max(case.load, 0.01)) - math.log(load)), case) for case in cases if case.load is not None]
    if len(known) < least:
        return list(cases)
    nearest = sorted(distance for distance, _ in known)
    furthest = nearest[max(least, len(known) // 3) - 1]
    return [case for distance, case in known if distance <= furthest]


def quantile(seconds: Sequence[float], share: float) -> float:
    """The value in place ceil((n + 1) * share) of n, the greatest when that is beyond them. Needs one at least."""
    ordered = sorted(seconds)
    place = math.ceil((len(ordered) + 1) * share - 1e-9)
    return ordered[min(max(place, 1), len(ordered)) - 1]


def rounded(seconds: float) -> int | None:
    """Whole minutes as they are said: up to the next five, 5 at least; None beyond an hour."""
    minutes = max(ROUND_TO, math.ceil(seconds / (ROUND_TO * 60) - 1e-9) * ROUND_TO)
    return minutes if minutes <= MOST_MINUTES else None


def looked_up(percentile: int, shift: float) -> float:
    """The share that is looked up: what is stated, moved by what was learned, and never the very end."""
    return min(max(percentile / 100 + shift, 0.05), 0.99)


def learned(shift: float, *, kept: bool, percentile: int) -> float:
    """A number's correction after one more promise: a broken one makes it more careful, a kept one a little less.

    It stands still on average just when the stated share of promises is kept.
    """
    moved = shift + STEP * ((0.0 if kept else 1.0) - (1 - percentile / 100))
    return min(max(moved, LOWEST), HIGHEST)


def unlearned(shift: float, *, kept: bool, percentile: int) -> float:
    """The correction without what one promise had taught: its answer failed later on, or it was never said."""
    moved = 2 * shift - learned(shift, kept=kept, percentile=percentile)
    return min(max(moved, LOWEST), HIGHEST)


def warns_after(said_minutes: int, warn_minutes: int) -> float:
    """How many open seconds after a promise the person is told that it takes longer: `warn_minutes` before it runs
    out, and never before half of it has passed."""
    return max(said_minutes * 60 - warn_minutes * 60, said_minutes * 30.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """How promises went: counts, and the share kept with its 95% interval after Wilson (1927). None without any."""

    kept: int
    broken: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def settled(self) -> int:
        """How many were kept or broken."""
        return self.kept + self.broken

    def fits(self, percentile: int) -> bool | None:
        """Whether what is stated lies within the interval; None when nothing is known."""
        if self.low is None or self.high is None:
            return None
        return self.low <= percentile / 100 <= self.high


def kept_share(kept: int, broken: int) -> Kept:
    """The share of promises kept, with its interval."""
    settled = kept + broken
    if not settled:
        return Kept(kept=0, broken=0, share=None, low=None, high=None)
    low, high = wilson(kept, settled)
    return Kept(kept=kept, broken=broken, share=kept / settled, low=low, high=high)


def wilson(good: int, n: int, *, z: float = 1.959964) -> tuple[float, float]:
    """The score interval of a share, at 95% unless `z` says otherwise. n is at least 1."""
    share = good / n
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def mean(values: Iterable[float]) -> float | None:
    """The mean, None of nothing."""
    held = list(values)
    return sum(held) / len(held) if held else None
