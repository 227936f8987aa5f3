"""What can happen to promises about time, as events."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.events.happened import Happened


@dataclass(frozen=True, kw_only=True)
class ClockWarned(Happened):
    """A goal is about to be missed. `kind` is first, next, same_day or resolution, or wrap_up for a quiet one."""

    type = "clock_warned"
    clock_id: int
    kind: str
    policy_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClockBreached(Happened):
    """A goal was missed: its time is over and the clock still runs."""

    type = "clock_breached"
    clock_id: int
    kind: str
    policy_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReplyUndone(Happened):
    """A text to a customer was taken back by its writer before it left: it was never written."""

    type = "reply_undone"
