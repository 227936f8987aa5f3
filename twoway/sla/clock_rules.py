"""One clock: what a policy promises, how its time is counted, and how it stands. Pure, like `rules`, which moves it.

Seconds are real ones that lie in the hours of the calendar a clock is counted by (`teams.hours.rules`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from twoway.lib.words import noted
from twoway.teams.hours.rules import Calendar, due_after, next_closing, next_opening, open_seconds

Kind = Literal["first", "next", "same_day", "resolution", "wrap_up"]
KINDS: tuple[Kind, ...] = ("first", "next", "same_day", "resolution", "wrap_up")
KIND_WORDS: dict[str, str] = {
    "first": noted("First reply"),
    "next": noted("Next reply"),
    "same_day": noted("Reply the same day"),
    "resolution": noted("Resolution"),
    "wrap_up": noted("Wrap up"),
}
REPLIES: frozenset[Kind] = frozenset({"first", "next", "same_day"})
"""Clocks a reply meets."""
Outcome = Literal["", "met", "late", "stopped"]
What = Literal["text", "reply", "undone", "lost", "given", "done", "reopened", "snoozed", "woken"]

SAME_DAY_WARNING = timedelta(hours=1)
"""So long before the day closes a text is warned of, or halfway when it came later than twice that."""


@dataclass(frozen=True, slots=True)
class Goal:
    """After how many seconds that count something is due, and after how many it is warned of; `None` for never."""

    seconds: float
    warn: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a policy promises, in seconds. `hours` are the business hours; goals count in them with `in_hours`."""

    policy_id: int
    first: Goal | None = None
    next: Goal | None = None
    resolution: Goal | None = None
    same_day: bool = False
    wrap_up: float | None = None
    in_hours: bool = True
    pauses_snoozed: bool = False
    programs_count: bool = False

    def goal_of(self, kind: Kind) -> Goal | None:
        """The goal of a clock that counts seconds."""
        return {"first": self.first, "next": self.next, "resolution": self.resolution}.get(kind)

    def has(self, kind: Kind) -> bool:
        """Whether it promises this at all."""
        if kind == "same_day":
            return self.same_day
        if kind == "wrap_up":
            return self.wrap_up is not None
        return self.goal_of(kind) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """One clock; `models.Clock` explains the fields. `id` is 0 until it is stored."""

    kind: Kind
    started_at: datetime
    episode: int = 1
    policy_id: int | None = None
    goal: float | None = None
    warn: float | None = None
    used: float = 0.0
    since: datetime | None = None
    pause: str = ""
    warn_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: int | None = None
    outcome: Outcome = ""
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    id: int = 0

    @property
    def is_live(self) -> bool:
        """Whether it has not come to an end."""
        return self.ended_at is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Thread:
    """Where a conversation stands (`models.Track`), with its clocks, those that ended among them."""

    event_id: int = 0
    episode: int = 1
    state: str = "open"
    waiting_since: datetime | None = None
    answered_at: datetime | None = None
    heard_at: datetime | None = None
    done_at: datetime | None = None
    clocks: tuple[Running, ...] = ()

    def live(self, kind: Kind) -> Running | None:
        """The clock of a kind that has not ended."""
        return next((one for one in self.clocks if one.kind == kind and one.is_live), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something that happened. `episode` is the conversation's as it is now, `message_id` the text it is about.

    `since` is when somebody whose answer was lost, or who has one, began to wait; None when they don't. `instead` is
    what answered them in place of a lost reply.
    """

    id: int
    what: What
    at: datetime
    episode: int = 0
    message_id: int | None = None
    since: datetime | None = None
    instead: Fact | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What clocks are counted by: the terms, the calendar their goals count in, and the business hours."""

    terms: Terms
    calendar: Calendar
    hours: Calendar


# Counting -------------------------------------------------------------------------------------------------------------


def begun(kind: Kind, at: datetime, rule: Rule, *, episode: int = 1) -> Running:
    """A clock that begins now."""
    one = Running(kind=kind, started_at=at, since=at, episode=episode)
    return counted(with_terms(one, rule), rule)


def with_terms(one: Running, rule: Rule) -> Running:
    goal = rule.terms.goal_of(one.kind)
    one = replace(one, policy_id=rule.terms.policy_id)
    return one if goal is None else replace(one, goal=goal.seconds, warn=goal.warn)


def counted(one: Running, rule: Rule) -> Running:
    """With the times at which it is warned of and due, as it runs now."""
    if one.since is None:
        return replace(one, warn_at=None, due_at=None)
    if one.kind == "wrap_up":
        return replace(one, due_at=one.started_at + timedelta(seconds=rule.terms.wrap_up or 0))
    if one.kind == "same_day":
        due = closing_of_day(rule.hours, one.started_at)
        return replace(one, due_at=due, warn_at=_before_closing(one.started_at, due))
    due = due_after(rule.calendar, one.since, (one.goal or 0) - one.used)
    warn = None if one.warn is None else due_after(rule.calendar, one.since, one.warn - one.used)
    return replace(one, due_at=due, warn_at=warn)


def _before_closing(start: datetime, due: datetime | None) -> datetime | None:
    return None if due is None else max(due - SAME_DAY_WARNING, start + (due - start) / 2)


def closing_of_day(hours: Calendar, at: datetime) -> datetime | None:
    """When the business day of a text ends: the last closing of the day it came on, or of the next one that opens.

    Breaks do not end a day. Where it never closes, a day ends at midnight.
    """
    opens = next_opening(hours, at)
    if opens is None:
        return None
    day = opens.astimezone(hours.zone).date()
    midnight = (opens.astimezone(hours.zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    closes = next_closing(hours, opens)
    while closes is not None and closes < midnight:
        opens = next_opening(hours, closes)
        if opens is None or opens.astimezone(hours.zone).date() != day:
            return closes
        closes = next_closing(hours, opens)
    if closes is None or closes.astimezone(hours.zone).date() > midnight.date():
        return midnight.astimezone(opens.tzinfo)
    return closes


def used_by(one: Running, at: datetime, calendar: Calendar) -> float:
    """How many seconds of a clock's goal are used up at a moment."""
    end = at if one.ended_at is None else min(at, one.ended_at)
    return one.used + (0.0 if one.since is None else open_seconds(calendar, one.since, end))


def banked(one: Running, at: datetime, rule: Rule) -> Running:
    """With what it has used until then put aside; it stands still."""
    if one.since is None:
        return one
    return replace(one, used=one.used + open_seconds(rule.calendar, one.since, at), since=None)


def resumed(one: Running, at: datetime, rule: Rule) -> Running:
    """Going on from now, after it had ended."""
    return counted(replace(one, since=at, pause="", ended_at=None, ended_by=None, outcome=""), rule)


def revived(one: Running, rule: Rule) -> Running:
    """As if it had not ended."""
    return counted(replace(one, ended_at=None, ended_by=None, outcome=""), rule)


# What is shown --------------------------------------------------------------------------------------------------------

State = Literal["running", "paused", "warned", "breached"]


def state_of(one: Running, *, at: datetime) -> State:
    """How a clock that has not ended stands. It is breached from the moment it is due, told or not."""
    if one.breached_at is not None or (one.due_at is not None and at >= one.due_at):
        return "breached"
    if one.pause:
        return "paused"
    return "warned" if one.warned_at is not None or (one.warn_at is not None and at >= one.warn_at) else "running"


def front(clocks: Iterable[Running]) -> Running | None:
    """The most urgent clock of a conversation for a list: for a reply before others, what runs before what stands."""
    live = [one for one in clocks if one.is_live and one.kind != "wrap_up"]
    far = datetime.max.replace(tzinfo=live[0].started_at.tzinfo) if live else None
    return min(live, key=lambda one: (one.due_at is None, one.due_at or far, one.started_at), default=None)


def attainment(met: int, breached: int) -> float | None:
    """Met of those that were decided, 0 to 1; None while none is. Open and past due counts as breached."""
    return None if met + breached == 0 else met / (met + breached)
