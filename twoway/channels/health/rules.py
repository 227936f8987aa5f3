"""When a number is paused by itself: thresholds as data, decisions as pure functions over counters.

Carriers judge a number by what it sends. One whose texts they filter loses every text after that too, and sending on
makes it worse, so it rests until a person has looked. The shares are ours, below what carriers act on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

Measure = Literal["filtered", "failing", "opt_outs", "refused"]

REFUSALS = ("account", "auth", "config", "sender_invalid", "sender_unregistered")
"""Canonical reasons for which a provider takes nothing from a number until somebody has changed something."""

SLOT = timedelta(minutes=10)
"""Counters are kept in slots this long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What happened to one number's texts over a time. `judged` are those whose end is known."""

    sent: int = 0
    segments: int = 0
    delivered: int = 0
    failed: int = 0
    filtered: int = 0
    refused: int = 0
    opted_out: int = 0

    @property
    def judged(self) -> int:
        return self.delivered + self.failed

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    @property
    def delivered_share(self) -> float | None:
        """Of those whose end is known, from 0 to 1; None when none is."""
        return _share(self.delivered, self.judged)

    @property
    def failed_share(self) -> float | None:
        return _share(self.failed, self.judged)

    @property
    def filtered_share(self) -> float | None:
        return _share(self.filtered, self.judged)

    @property
    def opted_out_share(self) -> float | None:
        """Of those that were sent."""
        return _share(self.opted_out, max(self.sent, self.opted_out))


def _share(part: int, whole: int) -> float | None:
    return max(part, 0) / whole if whole > 0 else None


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of several."""
    summed = Counts()
    for one in counts:
        summed = summed.plus(one)
    return summed


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """Pause when at least `least` texts went this way within `window` and they are at least `share` of the whole.

    `rest` is how long the number rests before it is tried again by itself; None leaves that to a person.
    """

    measure: Measure
    share: float
    least: int
    window: timedelta
    rest: timedelta | None
    words: str


THRESHOLDS: tuple[Threshold, ...] = (
    Threshold(
        measure="refused",
        share=0.9,
        least=5,
        window=timedelta(minutes=30),
        rest=None,
        words="The provider refused {part} of {whole} texts: credentials, funds or the number's registration.",
    ),
    Threshold(
        measure="filtered",
        share=0.10,
        least=10,
        window=timedelta(hours=1),
        rest=timedelta(hours=4),
        words="Carriers blocked {part} of {whole} texts as unwanted within an hour.",
    ),
    Threshold(
        measure="failing",
        share=0.50,
        least=20,
        window=timedelta(hours=1),
        rest=timedelta(minutes=30),
        words="{part} of {whole} texts did not arrive within an hour.",
    ),
    Threshold(
        measure="opt_outs",
        share=0.05,
        least=10,
        window=timedelta(hours=24),
        rest=None,
        words="{part} people opted out after {whole} texts within a day.",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Why a number should rest, in a code and in words, and until when; None is until a person resumes it."""

    code: Measure
    words: str
    until: datetime | None


def parts_of(counts: Counts, measure: Measure) -> tuple[int, int]:
    """How many went this way, and of how many."""
    if measure == "refused":
        return counts.refused, counts.refused + counts.sent
    if measure == "opt_outs":
        return counts.opted_out, max(counts.sent, counts.opted_out)
    part = counts.filtered if measure == "filtered" else counts.failed - counts.refused
    return max(part, 0), counts.judged


def should_pause(
    windows: dict[timedelta, Counts], *, at: datetime, thresholds: Iterable[Threshold] = THRESHOLDS
) -> Pause | None:
    """The first threshold that is crossed. `windows` has the counts of each window since the last resumption."""
    for one in thresholds:
        part, whole = parts_of(windows.get(one.window, Counts()), one.measure)
        if part >= one.least and whole > 0 and part / whole >= one.share:
            return Pause(
                code=one.measure,
                words=one.words.format(part=part, whole=whole),
                until=None if one.rest is None else at + one.rest,
            )
    return None


def windows(thresholds: Iterable[Threshold] = THRESHOLDS) -> tuple[timedelta, ...]:
    """The windows that must be summed, shortest first."""
    return tuple(sorted({one.window for one in thresholds}))


def slot_of(at: datetime) -> datetime:
    """The beginning of the slot a time is in."""
    return at.replace(minute=at.minute - at.minute % 10, second=0, microsecond=0)


def counted_from(at: datetime, window: timedelta, resumed_at: datetime | None) -> datetime:
    """From which slot on a window counts: what happened before somebody resumed the number is forgiven."""
    start = slot_of(at - window)
    if resumed_at is None:
        return start
    return max(start, slot_of(resumed_at) + SLOT)


Grade = Literal["good", "watch", "bad", "quiet"]


def grade(counts: Counts) -> Grade:
    """One word for a day: half of a threshold is worth watching."""
    if counts.sent + counts.judged == 0:
        return "quiet"
    worst = 0.0
    for one in THRESHOLDS:
        part, whole = parts_of(counts, one.measure)
        if whole and part >= max(one.least // 4, 1):
            worst = max(worst, part / whole / one.share)
    return "bad" if worst >= 1 else "watch" if worst >= 0.5 else "good"
