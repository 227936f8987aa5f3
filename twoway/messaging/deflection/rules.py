"""Phone queues that offer a text: when, to whom, and what it saved. Pure.

What counts as solved is SMS support's usual measure of deflection: the conversation is done, and the person neither
wrote again nor called again within 72 hours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from twoway.lib.words import noted
from twoway.sms import phone

SOLVED_WITHIN = timedelta(hours=72)
ASKED_FOR = timedelta(hours=2)
"""How long after an offer it may still be accepted; the same caller is not offered another one meanwhile."""
MOST_SECONDS = 24 * 3600
MOST_WAITING = 100_000
LONGEST_REASON = 200
LONGEST_CALL = 80
NO_TEXTS = frozenset({"landline", "fixed", "fixed_line", "fixedline", "voip_fixed", "invalid", "unreachable", "pager"})
"""Line types, as carriers and phone systems name them, that can't get texts."""


class Why(StrEnum):
    """Why nothing is offered, or that something is."""

    OFFER = "offer"
    OFF = "off"
    SHORT = "short"
    NO_CALLER = "no_caller"
    LANDLINE = "landline"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    ASKED = "asked_already"


WORDS: dict[str, str] = {
    Why.OFFER: noted("A text is offered."),
    Why.OFF: noted("This queue is switched off, so nothing is offered."),
    Why.SHORT: noted("The queue is short, so nothing is offered."),
    Why.NO_CALLER: noted("The caller's number is withheld or missing, so nobody can be texted."),
    Why.LANDLINE: noted("The caller's number is a landline and can't get texts."),
    Why.OPTED_OUT: noted("The caller opted out of texts."),
    Why.BLOCKED: noted("The caller is blocked."),
    Why.ASKED: noted("The caller was offered a text a moment ago."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a phone system says of its queue, and of the caller it asks about. Seconds; None: it didn't say.

    `caller` is as the phone system writes it; `call` its own name of the call.
    """

    waiting: int | None = None
    longest: int | None = None
    agents: int | None = None
    waited: int | None = None
    caller: str = ""
    line_type: str = ""
    call: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """From how many waiting calls on, or from which longest wait in seconds on, a text is offered. 0: not by this."""

    waiting: int = 5
    seconds: int = 180


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """What is known of whoever calls."""

    is_phone: bool
    reach: str = ""
    is_opted_out: bool = False
    is_blocked: bool = False
    offered_at: datetime | None = None


def is_over(told: Told, limits: Limits) -> bool:
    """Whether the queue is long: by the calls that wait, by the longest wait, or by how long this caller waits."""
    if limits.waiting and told.waiting is not None and told.waiting >= limits.waiting:
        return True
    waits = [one for one in (told.longest, told.waited) if one is not None]
    return bool(limits.seconds and waits and max(waits) >= limits.seconds)


def decide(told: Told, limits: Limits, caller: Caller, *, is_on: bool, at: datetime) -> Why:
    """Whether this caller is offered a text now."""
    if not is_on:
        return Why.OFF
    if not is_over(told, limits):
        return Why.SHORT
    if not caller.is_phone:
        return Why.NO_CALLER
    if told.line_type.lower().replace("-", "_").replace(" ", "_") in NO_TEXTS or caller.reach in NO_TEXTS:
        return Why.LANDLINE
    if caller.is_opted_out:
        return Why.OPTED_OUT
    if caller.is_blocked:
        return Why.BLOCKED
    if caller.offered_at is not None and at - caller.offered_at < ASKED_FOR:
        return Why.ASKED
    return Why.OFFER


_WITHHELD = re.compile(
    r"(?i)anonymous|restricted|unavailable|unknown|withheld|private|blocked|\+?266696687|\+?86282452253"
)


def caller_of(text: str, *, region: str) -> phone.Identity | None:
    """The phone number a phone system names; None when it is withheld, a name, a short code or nothing at all.

    266696687 spells "anonymous" and is what Twilio sends for a withheld number.
    """
    told = text.strip().removeprefix("sip:").partition("@")[0]
    if not told or _WITHHELD.fullmatch(told):
        return None
    try:
        found = phone.identify(told, region=region)
    except ValueError:
        return None
    return found if found.kind == "phone" else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What became of one accepted offer. `done_at`: its conversation was first marked done; `wrote_at`: their first
    text after that; `called_at`: the person called again, or was called."""

    accepted_at: datetime
    first_text_at: datetime | None = None
    done_at: datetime | None = None
    wrote_at: datetime | None = None
    called_at: datetime | None = None


def is_solved(course: Course, *, at: datetime) -> bool | None:
    """Whether it was solved without a call within 72 hours; None while that isn't known yet.

    Solved: marked done, and within 72 hours of being accepted no call and no text after it was done.
    """
    until = course.accepted_at + SOLVED_WITHIN
    if course.called_at is not None and course.accepted_at < course.called_at <= until:
        return False
    if course.done_at is None or course.done_at > until:
        return None if at < until else False
    if course.wrote_at is not None and course.done_at < course.wrote_at <= until:
        return False
    return True if at >= until else None


def saved_seconds(waits: Sequence[tuple[int | None, int | None]]) -> int:
    """Seconds nobody had to wait any more: for each accepted offer how long the longest waiter waited beyond this one
    already. A phone system that says only one of the two saves nothing that is known."""
    return sum(max(0, longest - waited) for longest, waited in waits if longest is not None and waited is not None)
