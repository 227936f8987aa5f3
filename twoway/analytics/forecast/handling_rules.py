"""How long an answer takes somebody, from what is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Literal

Source = Literal["effort", "gaps", ""]
"""Where it is from: time members spent with texts, the time between their replies, or "" where nothing is known."""
FEWEST = 50
"""Answers to go by; with fewer nothing is said."""
LONGEST_GAP = timedelta(minutes=15)
"""Who writes no reply for longer has done something else meanwhile."""
LEAST, MOST = 10.0, 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Handling:
    """Seconds of attention for one answer; None while too little is known."""

    seconds: float | None
    source: Source


def handling(*, spent: int, answered: int, gaps: Iterable[float], concurrency: int) -> Handling:
    """From seconds `spent` on so many that were `answered`, else from the `gaps` between one member's replies.

    Somebody with several conversations at once replies that much more often than one of them takes.
    """
    if spent > 0 and answered >= FEWEST:
        return Handling(seconds=_within(spent / answered), source="effort")
    known = list(gaps)
    if len(known) >= FEWEST:
        return Handling(seconds=_within(median(known) * max(1, concurrency)), source="gaps")
    return Handling(seconds=None, source="")


def _within(seconds: float) -> float:
    return min(MOST, max(LEAST, seconds))


def gaps_between(replies: Iterable[tuple[int, datetime]]) -> list[float]:
    """Seconds between the replies of one member, from (member, moment) in that order; long ones are left out."""
    found = []
    for _, own in groupby(replies, key=lambda one: one[0]):
        for (_, before), (_, after) in pairwise(own):
            if timedelta(0) < after - before <= LONGEST_GAP:
                found.append((after - before).total_seconds())
    return found
