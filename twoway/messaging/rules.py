"""Decisions about messages, as pure functions: the status machine, retries, previews and due times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RANKS = {
    "scheduled": 5,
    "queued": 10,
    "sending": 20,
    "sent": 30,
    "undelivered": 45,
    "failed": 45,
    "canceled": 45,
    "delivered": 50,
    "read": 60,
}
LOST = frozenset({"undelivered", "failed", "canceled"})
FINAL = LOST | {"delivered", "read"}
REPLIERS = frozenset({"member", "api"})
"""Authors of replies: a person, or a program that speaks for them."""
PREVIEW_LENGTH = 160
FIRST_RETRY = 1.0
LONGEST_RETRY = 120.0

PRIORITY_CONFIRMATION = 10
PRIORITY_PERSON = 20
PRIORITY_PROGRAM = 50
PRIORITY_BROADCAST = 80
"""Lanes, first to last: answers to STOP and HELP, a person, a program or a flow, a text to many."""
BROADCASTS = frozenset({"broadcast", "promotion", "survey"})
BESIDE = frozenset({"opt_in_request", "topic_notice", "missed_call", "auto_reply"})
"""Purposes that answer a wish about topics or a missed call, or greet: a person who waits for us goes on waiting."""
URGENT = frozenset({"emergency"})


def priority(*, author: str, purpose: str, is_promotional: bool = False) -> int:
    """The lane of a text: what it is for comes before who asked for it."""
    if purpose in BROADCASTS or is_promotional:
        return PRIORITY_BROADCAST
    return PRIORITY_PERSON if author == "member" or purpose in URGENT else PRIORITY_PROGRAM


def advance(current: str, heard: str) -> str:
    """The state after hearing `heard` while in `current`; receipts may come late, twice and in any order.

    A later positive receipt wins over a failure, and nothing else leaves a final state.
    """
    if heard == current or heard not in RANKS:
        return current
    if current == "delivered" and heard == "read":
        return heard
    if current in {"undelivered", "failed"} and heard in {"delivered", "read"}:
        return heard
    if current in FINAL:
        return current
    return heard if RANKS[heard] > RANKS[current] else current


def whole(parts: Sequence[str], total: int) -> str:
    """The state of a text in `total` parts, from the states of those that are known.

    It failed when any part failed and is delivered when all are; else it is as far as the part that is least far.
    """
    bad = [state for state in parts if state in LOST]
    if bad:
        return bad[0]
    if len(parts) < total:
        return "sending"
    return min(parts, key=lambda state: RANKS[state])


def retry_after(attempts: int, told: float | None) -> timedelta:
    """How long to wait before another try: what the provider said, or 1 s doubling to 2 minutes."""
    if told is not None:
        return timedelta(seconds=min(max(told, 0.5), LONGEST_RETRY))
    return timedelta(seconds=min(FIRST_RETRY * 2 ** max(attempts - 1, 0), LONGEST_RETRY))


def preview(body: str, files: str = "") -> str:
    """The one line a list shows: the text, or what came instead of one, such as "2 photos"."""
    return " ".join(body.split())[:PREVIEW_LENGTH] or files


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """The tokens of one sender, in segments; `rate` is segments per second."""

    tokens: float
    refilled_at: datetime
    rate: float

    @property
    def size(self) -> float:
        """What may leave in one burst: one second's worth, and never less than one segment."""
        return max(self.rate, 1.0)

    def at(self, now: datetime) -> Bucket:
        """The same bucket, refilled up to `now`. Workers' clocks differ: an earlier time changes nothing."""
        until = max(now, self.refilled_at)
        elapsed = (until - self.refilled_at).total_seconds()
        return Bucket(tokens=min(self.tokens + elapsed * self.rate, self.size), refilled_at=until, rate=self.rate)

    def covers(self, segments: int) -> bool:
        """Whether a text may leave now. One longer than the whole bucket leaves when it is full, on credit."""
        return self.tokens >= min(float(segments), self.size)

    def less(self, segments: int) -> Bucket:
        """After sending so many segments."""
        return Bucket(tokens=self.tokens - segments, refilled_at=self.refilled_at, rate=self.rate)

    def seconds_until(self, segments: int) -> float:
        """How long until `covers(segments)` holds."""
        return max(min(float(segments), self.size) - self.tokens, 0.0) / self.rate
