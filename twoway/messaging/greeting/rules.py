"""Which automatic text goes, if any. Pure: everything it needs to know is in `Facts`.

A text nobody answered yet gets one of three: after hours, a welcome, or the wait. None is sent on top of an answer,
twice in an episode, to a program, or to somebody who doesn't want it. `dropped` is a stable word for why nothing goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from twoway.lib.words import noted
from twoway.sms import keywords, phone, tapbacks

Kind = Literal["welcome", "after_hours", "wait", "late"]
Why = Literal[
    "",
    "nothing_on",
    "nobody_waits",
    "too_late",
    "brought_in",
    "keyword",
    "reaction",
    "opted_out",
    "no_reply_possible",
    "own_number",
    "machine",
    "too_many",
    "answered",
    "in_talk",
    "had_one",
    "just_had_one",
    "wait_unknown",
    "refused",
]

STALE = timedelta(minutes=15)
"""A text this old when it is looked at gets no automatic text: whatever kept us, it would surprise."""
IN_TALK = timedelta(minutes=30)
"""Somebody who got an answer so recently is being talked with."""
BETWEEN = timedelta(hours=1)
"""A wait is not told this soon after another automatic text."""
MOST_TEXTS = 6
"""Texts of one person within a minute; more is a machine."""
MOST_AUTOMATIC = 5
"""Automatic texts to one address in a day, over all its conversations with us."""

WORDS: Mapping[str, str] = {
    "nothing_on": noted("No automatic text is switched on for this."),
    "nobody_waits": noted("Nobody waits for an answer."),
    "too_late": noted("The text is too old for an automatic one."),
    "brought_in": noted("The text was brought in later; it did not come just now."),
    "keyword": noted("The text is a keyword with an answer of its own."),
    "reaction": noted("The text is only a reaction to another."),
    "opted_out": noted("They opted out, or are blocked."),
    "no_reply_possible": noted("The sender is a short code or a name; programs write from those."),
    "own_number": noted("The sender is a number of ours."),
    "machine": noted("The text reads like an automatic answer."),
    "too_many": noted("Too many texts in a short time: it looks like a program."),
    "answered": noted("Somebody, or something, has answered already."),
    "in_talk": noted("Somebody is talking with them."),
    "had_one": noted("They had this text already since the conversation was opened."),
    "just_had_one": noted("They had an automatic text within the hour."),
    "wait_unknown": noted("Not enough is known about how long it will take, so nothing is said."),
    "refused": noted("Compliance or a budget does not let it go."),
}

_MACHINE = re.compile(
    r"\b(auto(matic|mated|m[aá]tic[ao])?[\s-]*(re(ply|sponse|spuesta|sponder)|message|mensaje)"
    r"|out of (the )?office|do not reply|don'?t reply|no[\s-]?reply"
    r"|(is|are) not monitored|unmonitored|i('m| am) driving|driving with (focus|do not disturb)"
    r"|respuesta autom[aá]tica|mensaje autom[aá]tico|no responda a este|fuera de la oficina"
    r"|estoy (conduciendo|manejando))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known about a customer's text when its automatic text is due.

    `is_on` names the kinds that are switched on, `had` those sent in this episode. Ages are of the moment: `age` of
    their text, `last_answer` of the newest text of a person or program, or talk on the phone, in this episode,
    `last_automatic` of the newest automatic one in the conversation; None is never. `is_answered`: anything of ours
    went out since their text.
    """

    body: str
    kind: phone.Kind = "phone"
    age: timedelta = timedelta(0)
    is_first: bool = False
    is_open: bool = True
    is_waiting: bool = True
    is_brought_in: bool = False
    is_keyword: bool = False
    is_opted_out: bool = False
    is_own_number: bool = False
    is_answered: bool = False
    texts_in_minute: int = 1
    automatic_in_day: int = 0
    last_answer: timedelta | None = None
    last_automatic: timedelta | None = None
    is_wait_known: bool = False
    is_on: frozenset[str] = field(default_factory=frozenset)
    had: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The kind of text that goes, or why none does."""

    kind: Kind | None = None
    dropped: Why = ""


def choose(facts: Facts) -> Choice:
    """Which one text goes, if any. Who may not get one comes first, then what was said already, then what fits."""
    why = _never(facts) or _not_now(facts)
    if why:
        return Choice(dropped=why)
    if not facts.is_open and "after_hours" in facts.is_on:
        return Choice(dropped="had_one") if "after_hours" in facts.had else Choice(kind="after_hours")
    if facts.last_answer is not None:
        return Choice(dropped="in_talk")
    if facts.is_first and "welcome" in facts.is_on:
        return Choice(dropped="had_one") if "welcome" in facts.had else Choice(kind="welcome")
    return _wait(facts)


def _wait(facts: Facts) -> Choice:
    if not facts.is_open or "wait" not in facts.is_on:
        return Choice(dropped="nothing_on")
    if "wait" in facts.had:
        return Choice(dropped="had_one")
    if facts.last_automatic is not None and facts.last_automatic < BETWEEN:
        return Choice(dropped="just_had_one")
    return Choice(kind="wait") if facts.is_wait_known else Choice(dropped="wait_unknown")


def _never(facts: Facts) -> Why:
    """Why this person or this text gets no automatic one at any time."""
    checks: tuple[tuple[bool, Why], ...] = (
        (not facts.is_on, "nothing_on"),
        (facts.is_opted_out, "opted_out"),
        (facts.is_own_number, "own_number"),
        (is_program(facts.kind), "no_reply_possible"),
        (facts.is_keyword or keywords.match(facts.body) is not None, "keyword"),
        (tapbacks.asks_nothing(facts.body), "reaction"),
        (is_machine(facts.body), "machine"),
        (facts.texts_in_minute > MOST_TEXTS or facts.automatic_in_day >= MOST_AUTOMATIC, "too_many"),
        (facts.is_brought_in, "brought_in"),
    )
    return next((why for holds, why in checks if holds), "")


def _not_now(facts: Facts) -> Why:
    """Why not at this moment."""
    if facts.is_answered:
        return "answered"
    if not facts.is_waiting:
        return "nobody_waits"
    if facts.age > STALE:
        return "too_late"
    is_in_talk = facts.last_answer is not None and facts.last_answer < IN_TALK
    return "in_talk" if is_in_talk else ""


def is_program(kind: phone.Kind) -> bool:
    """Whether programs write from such an address: a short code, or a name that can't be answered."""
    return kind == "short_code" or not phone.can_reply(kind)


def is_machine(body: str) -> bool:
    """Whether a text says of itself that nobody wrote it."""
    return _MACHINE.search(body) is not None
