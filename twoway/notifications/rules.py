"""Who is told what, how, and when not: kinds of notifications, quiet times and pauses, as pure functions.

A kind of its own is one line in `KINDS` and, if it follows from an event, one branch in `told`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from twoway.lib.words import noted

Way = Literal["app", "push", "email", "sound"]
WAYS: tuple[Way, ...] = ("app", "push", "email", "sound")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of notification: its words in the settings, and by which ways it is told unless a member says otherwise.

    `is_direct`: it is meant for this member in person, so muting a conversation does not silence it. Direct kinds are
    also the ones that may come through quiet times.
    """

    id: str
    label: str
    icon: str
    ways: frozenset[Way]
    is_direct: bool = False


_ALL: frozenset[Way] = frozenset(WAYS)
_APP: frozenset[Way] = frozenset({"app"})

KINDS: tuple[Kind, ...] = (
    Kind(id="mentioned", label=noted("Somebody mentions me in a note"), icon="at", ways=_ALL, is_direct=True),
    Kind(id="assigned", label=noted("A conversation is given to me"), icon="user", ways=_ALL, is_direct=True),
    Kind(id="failed", label=noted("A text of mine wasn't delivered"), icon="alert", ways=_ALL, is_direct=True),
    Kind(
        id="later_stopped", label=noted("A text of mine for later wasn't sent"), icon="clock", ways=_ALL, is_direct=True
    ),
    Kind(id="callback_due", label=noted("A call back of mine is due"), icon="phone", ways=_ALL, is_direct=True),
    Kind(
        id="agree_asked",
        label=noted("Somebody needs my yes as a second person"),
        icon="shield",
        ways=_ALL,
        is_direct=True,
    ),
    Kind(
        id="agree_answered",
        label=noted("A second person answered what I asked for"),
        icon="shield",
        ways=_APP | {"push"},
        is_direct=True,
    ),
    Kind(id="escalated", label=noted("A rule calls for a manager"), icon="flag", ways=_ALL, is_direct=True),
    Kind(
        id="clock_breached",
        label=noted("An answer is late"),
        icon="alert",
        ways=_APP | {"push", "sound"},
        is_direct=True,
    ),
    Kind(id="clock_warned", label=noted("An answer is nearly due"), icon="clock", ways=_APP | {"sound"}),
    Kind(id="wrap_up", label=noted("A quiet conversation of mine could be closed"), icon="check", ways=_APP),
    Kind(id="message", label=noted("A new text in a conversation of mine"), icon="sms", ways=_ALL),
    Kind(id="followed", label=noted("A new text in a conversation I follow"), icon="eye", ways=_APP),
    Kind(
        id="missed_call", label=noted("A missed call or voicemail in a conversation of mine"), icon="phone", ways=_ALL
    ),
    Kind(
        id="missed_call_followed",
        label=noted("A missed call or voicemail in a conversation I follow"),
        icon="phone",
        ways=_APP,
    ),
    Kind(id="team", label=noted("A conversation is given to my team"), icon="users", ways=_APP | {"email"}),
    Kind(id="waiting", label=noted("Somebody waits and nobody has the conversation"), icon="hourglass", ways=_APP),
)
BY_ID: Mapping[str, Kind] = {kind.id: kind for kind in KINDS}

EVENTS = frozenset(
    {
        "message_received",
        "conversation_assigned",
        "conversation_escalated",
        "member_mentioned",
        "message_failed",
        "later_stopped",
        "callback_due",
        "call_missed",
    }
)
"""The types of events somebody may be told of; `told` knows each."""


_OF_CUSTOMERS: Mapping[str, tuple[str, str]] = {
    "message_received": ("message", "followed"),
    "call_missed": ("missed_call", "missed_call_followed"),
}
"""What a customer did, and of which kind it is for who has the conversation and for who follows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """What of a member decides whether they are told."""

    id: int
    sees_own_teams_only: bool = False
    team_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A conversation as it is now: who has it, who follows it, who muted it."""

    id: int
    assignee_id: int | None = None
    team_id: int | None = None
    follower_ids: frozenset[int] = frozenset()
    muted_ids: frozenset[int] = frozenset()
    is_blocked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """An event, as far as it matters here. `by_id` did it; `given_to`, `given_team`: an assignment; `named_ids`: a
    mention; `writer_id`: whose text failed or was not sent."""

    type: str
    by_id: int | None = None
    given_to: int | None = None
    given_team: int | None = None
    named_ids: frozenset[int] = frozenset()
    writer_id: int | None = None


def told(happening: Happening, talk: Talk, people: Mapping[int, Person]) -> dict[int, str]:
    """Which members are told, and of which kind. Nobody is told of their own act, or of what they may not see."""
    found = _meant(happening, talk, people)
    return {
        member_id: kind
        for member_id, kind in found.items()
        if member_id != happening.by_id
        and member_id in people
        and may_see(people[member_id], talk)
        and (BY_ID[kind].is_direct or member_id not in talk.muted_ids)
    }


def _meant(happening: Happening, talk: Talk, people: Mapping[int, Person]) -> dict[int, str]:
    if happening.type in _OF_CUSTOMERS:
        if talk.is_blocked:
            return {}
        own, followed = _OF_CUSTOMERS[happening.type]
        mine = {talk.assignee_id: own} if talk.assignee_id else {}
        return dict.fromkeys(talk.follower_ids, followed) | mine
    if happening.type == "conversation_assigned":
        if happening.given_to:
            return {happening.given_to: "assigned"}
        if talk.assignee_id:
            return {}
        return {one.id: "team" for one in people.values() if happening.given_team in one.team_ids}
    if happening.type == "member_mentioned":
        return dict.fromkeys(happening.named_ids, "mentioned")
    if happening.type == "conversation_escalated":
        return dict.fromkeys(happening.named_ids, "escalated")
    if happening.type == "callback_due":
        return dict.fromkeys(happening.named_ids, "callback_due")
    kind = "failed" if happening.type == "message_failed" else "later_stopped"
    return {happening.writer_id: kind} if happening.writer_id else {}


def kind_of_clock(event_type: str, clock: str) -> str:
    """Of which kind it is told that a clock was warned of or breached; `clock` is the clock's own kind."""
    return "wrap_up" if clock == "wrap_up" else event_type


def may_see(person: Person, talk: Talk) -> bool:
    """Whether this conversation exists for a member (as `conversations.queries.visible_condition` says it)."""
    if not person.sees_own_teams_only or talk.assignee_id == person.id:
        return True
    return talk.team_id is not None and talk.team_id in person.team_ids


# What one member wants ------------------------------------------------------------------------------------------------

SOUNDS: Mapping[str, str] = {
    "drop": noted("Drop"),
    "chime": noted("Chime"),
    "knock": noted("Knock"),
    "bell": noted("Bell"),
}
DIGESTS: Mapping[int, str] = {
    0: noted("No emails"),
    15: noted("Every 15 minutes"),
    60: noted("Every hour"),
    240: noted("Every 4 hours"),
    1440: noted("Once a day"),
}
WAIT_LEAST, WAIT_MOST = 1, 1440
"""Minutes somebody may wait unassigned before a member is told."""
PAUSES: Mapping[str, str] = {
    "30": noted("30 minutes"),
    "60": noted("1 hour"),
    "tomorrow": noted("Until tomorrow, 8 AM"),
}
MORNING = time(8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """How one member wants to be told. `own` names the ways of kinds they changed. Times of day are in `zone`.

    `quiet_days` are days of the week, Monday 0; quiet from `quiet_from` to `quiet_to`, past midnight when the end is
    not after the beginning, counted by the day it begins. With `direct_through` direct kinds come through.
    """

    own: Mapping[str, frozenset[Way]] = field(default_factory=dict)
    zone: str = "UTC"
    quiet_days: frozenset[int] = frozenset()
    quiet_from: time | None = None
    quiet_to: time | None = None
    direct_through: bool = True
    paused_until: datetime | None = None


def ways_of(kind: str, wishes: Wishes) -> frozenset[Way]:
    """By which ways a member wants this kind."""
    return wishes.own.get(kind, BY_ID[kind].ways)


def ways_now(kind: str, wishes: Wishes, *, at: datetime) -> frozenset[Way]:
    """By which ways they are told at this moment: in a quiet time or a pause neither by push nor by sound.

    The list and the next email keep it for later.
    """
    ways = ways_of(kind, wishes)
    return ways - {"push", "sound"} if is_silent(kind, wishes, at=at) else ways


def is_silent(kind: str, wishes: Wishes, *, at: datetime) -> bool:
    """Whether a kind must make no noise now. A pause silences all, a quiet time all but what may come through."""
    if is_paused(wishes, at=at):
        return True
    return is_quiet(wishes, at=at) and not (wishes.direct_through and BY_ID[kind].is_direct)


def is_paused(wishes: Wishes, *, at: datetime) -> bool:
    """Whether they paused all notifications."""
    return wishes.paused_until is not None and at < wishes.paused_until


def is_quiet(wishes: Wishes, *, at: datetime) -> bool:
    """Whether this moment is in one of their quiet times."""
    begins, ends = wishes.quiet_from, wishes.quiet_to
    if begins is None or ends is None or not wishes.quiet_days:
        return False
    local = at.astimezone(ZoneInfo(wishes.zone))
    now, today = local.time(), local.weekday()
    if begins < ends:
        return today in wishes.quiet_days and begins <= now < ends
    yesterday = (today - 1) % 7
    return (today in wishes.quiet_days and now >= begins) or (yesterday in wishes.quiet_days and now < ends)


def pause_until(choice: str, *, zone: str, at: datetime) -> datetime | None:
    """When a pause chosen now is over; None for "", which ends it. Raises `KeyError` for another word."""
    if choice == "":
        return None
    PAUSES[choice]
    if choice != "tomorrow":
        return at + timedelta(minutes=int(choice))
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), MORNING, tzinfo=ZoneInfo(zone))


def own_ways(told_by: Mapping[str, Any]) -> dict[str, frozenset[Way]]:
    """What is stored of a member's choices, without kinds and ways nobody knows any more."""
    return {
        kind: frozenset(way for way in WAYS if way in ways)
        for kind, ways in told_by.items()
        if kind in BY_ID and isinstance(ways, list)
    }


# Push -----------------------------------------------------------------------------------------------------------------

PUSH_AFTER = timedelta(seconds=3)
PUSH_AFTER_AT_DESK = timedelta(seconds=45)
"""So long a device waits when the desk was in use a moment ago: what is read meanwhile isn't pushed."""
AT_DESK_FOR = timedelta(seconds=90)
PUSH_EVERY = timedelta(seconds=60)
"""One notification that grows is pushed anew once in this time, at most."""
FRESH_FOR = timedelta(hours=1)
"""What is found later than this, after an outage, say, is in the list and makes no noise."""


def push_due(*, at: datetime, active_at: datetime | None, pushed_at: datetime | None) -> datetime:
    """When a device is told of something that happened at `at`."""
    is_at_desk = active_at is not None and at - active_at < AT_DESK_FOR
    due = at + (PUSH_AFTER_AT_DESK if is_at_desk else PUSH_AFTER)
    return due if pushed_at is None else max(due, pushed_at + PUSH_EVERY)


def push_again_after(tries: int, *, said: float | None = None) -> timedelta:
    """How long to wait after a push that failed `tries` times: half a minute, doubling up to an hour, or as long as the
    service said, up to a day."""
    if said is not None:
        return timedelta(seconds=min(max(said, 1.0), 86_400.0))
    return timedelta(seconds=min(30 * 2 ** (tries - 1), 3600))


# Email ----------------------------------------------------------------------------------------------------------------

AWAY_FOR = timedelta(minutes=5)
"""Somebody who used the desk within this time reads it there; nothing is mailed."""


def is_digest_due(
    wishes: Wishes, *, every: int, sent_at: datetime | None, active_at: datetime | None, oldest: datetime, at: datetime
) -> bool:
    """Whether unseen notifications, the oldest from `oldest`, are mailed now; `every` is in minutes."""
    if every <= 0 or is_paused(wishes, at=at) or is_quiet(wishes, at=at):
        return False
    if active_at is not None and at - active_at < AWAY_FOR:
        return False
    since = oldest if sent_at is None else max(oldest, sent_at)
    return at - since >= timedelta(minutes=every)
