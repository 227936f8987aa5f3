"""What counts as time spent texting, and what of it others may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_AT_ONCE = timedelta(minutes=10)
"""The longest stretch one report can cover; browsers report every half minute."""
SLACK = timedelta(seconds=2)
"""What the clocks of a browser and of the server may differ by over one stretch."""
FEWEST_PEOPLE = 3
"""A sum that fewer people made up would be one person's time."""
KEPT = timedelta(days=400)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """Whole seconds on one conversation: with the thread in front, and writing in the composer."""

    conversation_id: int
    reading: int
    writing: int

    @property
    def seconds(self) -> int:
        """Both together."""
        return self.reading + self.writing


def credited(told: Iterable[Spent], *, since: datetime | None, at: datetime) -> tuple[Spent, ...]:
    """What of a report can be true: no more than has passed since the last one, cut down evenly when it is more.

    Two windows of one member thus never make more than one. Without an earlier report `MOST_AT_ONCE` is the most.
    """
    claims = [spent for spent in told if spent.reading >= 0 and spent.writing >= 0 and spent.seconds > 0]
    passed = MOST_AT_ONCE if since is None else min(MOST_AT_ONCE, at - since + SLACK)
    room = max(0, int(passed.total_seconds()))
    total = sum(spent.seconds for spent in claims)
    if total <= room:
        return tuple(claims)
    cut = (
        Spent(
            conversation_id=spent.conversation_id,
            reading=spent.reading * room // total,
            writing=spent.writing * room // total,
        )
        for spent in claims
    )
    return tuple(spent for spent in cut if spent.seconds > 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """What several people spent under one heading, and how many texts they sent in that time."""

    label: str
    reading: int
    writing: int
    people: int
    replies: int

    @property
    def is_shown(self) -> bool:
        """Whether it tells nothing about one person."""
        return self.people >= FEWEST_PEOPLE

    @property
    def per_reply(self) -> int | None:
        """Seconds for each text sent, or None when none was."""
        return round((self.reading + self.writing) / self.replies) if self.replies else None


def shown(sums: Sequence[Sum]) -> tuple[Sum, ...]:
    """Those that enough people made up. Where exactly one falls away, the next smallest goes too.

    Otherwise the one that is missing could be worked out from the total.
    """
    kept = [one for one in sums if one.is_shown]
    if len(sums) - len(kept) == 1 and kept:
        least = min(kept, key=lambda one: (one.people, one.reading + one.writing))
        kept.remove(least)
    return tuple(kept)
