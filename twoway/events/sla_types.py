"""What can happen to promises about time, as events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, kw_only=True)
class ReplyLost(Happened):
    """A reply will never arrive: it failed for good, or was refused when it was to leave.

    `since` is when the customer began to wait, who waits again; None when another reply, `other_id` of `other_at`,
    answers them, or nobody waited.
    """

    type = "reply_lost"
    since: datetime | None = None
    other_id: int | None = None
    other_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerGiven(Happened):
    """A customer has an answer, since `given_at`, that no new text tells of: they talked with us on the phone, or a
    reply that had failed arrived after all. `since` is when they began to wait anew after it, None when they don't."""

    type = "answer_given"
    given_at: datetime
    since: datetime | None = None
