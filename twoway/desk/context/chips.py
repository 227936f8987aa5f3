"""The small things every screen shows: people, teammates, addresses, tags, waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

ConsentState = Literal["in", "out", "none"]
ConversationStatus = Literal["open", "snoozed", "done"]
WaitLevel = Literal["plain", "soon", "over"]
Hue = Literal[0, 1, 2, 3, 4, 5, 6, 7]
TagColor = Literal["accent", "spark", "bot", "ok", "warn", "danger", "ink"]

UNKNOWN_HUE: Hue = 7
_HUES: tuple[Hue, ...] = (0, 1, 2, 3, 4, 5, 6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 10**17
_LAST_KEY = 10**15


def hue_of(key: int) -> Hue:
    """The avatar hue of a contact or member id: id modulo 7. Unknown numbers take `UNKNOWN_HUE` instead."""
    return _HUES[key % 7]


def log_sort(*, at: datetime, kind: str, key: int) -> str:
    """Where an item stands in the log: text that sorts by time, then kind, then id (microseconds, UTC)."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{kind[:1]}-{key:012d}"


def row_sort(*, at: datetime, key: int, newest_first: bool) -> str:
    """Where a row stands in its group: ascending text.

    "Needs a reply" sorts by when the wait began (`newest_first=False`); every other group by last activity,
    newest first. Exact to the microsecond, then by id, as the pages of the inbox are ordered.
    """
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    if newest_first:
        return f"{_LAST - micros:017d}-{_LAST_KEY - key:015d}"
    return f"{micros:017d}-{key:015d}"


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberChip:
    """A teammate's round avatar. `short` is the first name used in running text."""

    id: int
    name: str
    short: str
    hue: Hue


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelChip:
    """One of our addresses. `short` is its last four digits.

    `icon` and `mark` are sprite names: what this line is for ("car", "phone", "mobile") and its kind ("sms").
    """

    id: int
    name: str
    address: str
    short: str
    icon: str = "phone"
    mark: str = "sms"


@dataclass(frozen=True, kw_only=True, slots=True)
class TagChip:
    """A tag on a conversation."""

    id: int
    name: str
    color: TagColor = "accent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A contact as the list and the thread show it. `name` falls back to the formatted number."""

    id: int
    name: str
    address: str
    hue: Hue
    is_known: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """How long a customer has been waiting, and how bad that is. The browser ticks the words.

    With `due` the words say how much time is left ("8m left") or how late it is ("16m late"), and `label` what is due;
    from `warn` on it is "soon". `is_quiet`: nobody waits, and it is to be closed ("Wrap up?").
    """

    since: datetime
    level: WaitLevel = "plain"
    due: datetime | None = None
    warn: datetime | None = None
    label: str = ""
    is_quiet: bool = False
