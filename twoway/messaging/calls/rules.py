"""What happens to a call: what the caller hears, and what each webhook changes. Pure.

Webhooks come twice, late and in any order. A call only ever moves forward (`RANK`), a message that was left counts
whenever it comes, and the same question always gets the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from twoway.providers.voice.base import Ask, Dial, Hangup, Heard, Instruction, Record, Say, Stage, Step

Does = Literal["greet", "forward", "voicemail", "text"]
DOES = ("greet", "forward", "voicemail", "text")
THEN = ("voicemail", "text", "greet")
SHORTEST_RING, LONGEST_RING = 5, 60
SHORTEST_MESSAGE, LONGEST_MESSAGE = 10, 300  # seconds
FEWEST_MINUTES, MOST_MINUTES = 1, 10_080
CODE_KEYS = 4
PRESS = "1"
"""The key a member presses on their own phone to be connected: a voicemail that picks up presses none."""
MOST_AN_HOUR, MOST_TO_ONE, MOST_UNVERIFIED = 40, 6, 5
"""Calls of one member in an hour, those to one person, and in a day those of a phone nobody showed to be theirs."""
TOO_LATE = timedelta(hours=6)
"""A call in vain that comes to light later than this, after an outage, say, is not texted back any more."""
LEAST_HEARD = 1
"""Seconds: a recording that is shorter holds nobody's words."""
RANK: Mapping[str, int] = {"ringing": 0, "missed": 1, "failed": 1, "answered": 2, "completed": 3, "voicemail": 4}
GRACE = timedelta(seconds=4)
"""A caller who hangs up while the tone sounds and one who spoke are told apart by what comes after the end."""
FORGOTTEN = {"in": timedelta(minutes=12), "out": timedelta(minutes=5), "answered": timedelta(hours=4)}
"""After how long a call that nobody ended is closed: a webhook was lost, or the number tells no end of calls."""

WITHHELD = frozenset(
    {
        "",
        "anonymous",
        "restricted",
        "unavailable",
        "unknown",
        "private",
        "blocked",
        "+266696687",
        "+7378742883",
        "+2562533",
        "+8656696",
        "+86282452253",
    }
)
"""What providers put in place of a number that is withheld; the digits spell the words on a phone's keys."""
NOBODY = "Withheld number"
"""The name under which calls without a number are gathered: it can't be texted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a number does with calls at an hour, as in `models.NumberCalls`."""

    does: str = "greet"
    words: str = ""
    forward_to: str = ""
    ring_seconds: int = 20
    then: str = "voicemail"
    message_seconds: int = 120
    is_transcribed: bool = False
    texts_missed: bool = False
    text_every_minutes: int = 1440

    @property
    def records(self) -> bool:
        """Whether a caller may come to leave a message."""
        return self.does == "voicemail" or (self.does == "forward" and self.then == "voicemail")

    @property
    def texts(self) -> bool:
        """Whether somebody nobody talked to is texted."""
        if self.does == "text" or (self.does == "forward" and self.then == "text"):
            return True
        return self.texts_missed


NO_PLAN = Plan()
"""A number nobody set up: the caller is told to text, and hears no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Voiced:
    """What is spoken, ready: the words of each kind in one language, such as en-US."""

    words: Mapping[str, str]
    language: str = "en-US"

    def say(self, kind: str, own: str = "") -> Say:
        """One of them, or a number's own words in its place."""
        return Say(own or self.words[kind], self.language)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A call as it stands. `has_agent`: the member of a call to a customer has picked up and pressed `code`."""

    direction: str
    state: str = "ringing"
    is_over: bool = False
    has_agent: bool = False
    recording_seconds: int | None = None
    code: str = PRESS


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a webhook makes of a call. None and False: nothing new. `error` is a word of `ERRORS`."""

    state: str
    is_over: bool
    has_agent: bool = False
    answers: bool = False
    seconds: int | None = None
    error: str = ""


def change(known: Known, heard: Heard) -> Change:
    """The call after a webhook. Hearing it again changes nothing more."""
    if heard.step in (Step.CALLED, Step.AGENT, Step.TRANSCRIBED):
        return Change(state=known.state, is_over=known.is_over, has_agent=known.has_agent)
    if heard.step == Step.KEYED:
        return _keyed(known, heard)
    if heard.step in (Step.RECORDED, Step.RECORDING):
        return _recorded(known, heard)
    if heard.step == Step.DIALLED:
        return _dialled(known, heard)
    return _status(known, heard)


def _moved(known: Known, state: str, **more: object) -> Change:
    best = state if RANK[state] > RANK[known.state] else known.state
    kept = Change(state=best, is_over=known.is_over, has_agent=known.has_agent)
    return replace(kept, **more)  # type: ignore[arg-type]


def _keyed(known: Known, heard: Heard) -> Change:
    """The member's own phone was picked up: by them, when the right keys were pressed."""
    if known.direction != "out" or known.is_over or known.has_agent:
        return _moved(known, known.state)
    if heard.digits == known.code:
        return _moved(known, known.state, has_agent=True)
    return _moved(known, "failed", is_over=True, error="agent_no_key")


def _recorded(known: Known, heard: Heard) -> Change:
    """A message was left, unless it is too short to hold a word; then the end of the call decides."""
    has_words = bool(heard.recording_url or heard.recording_id) and (
        heard.seconds is None or heard.seconds >= LEAST_HEARD
    )
    if known.direction == "out" or not has_words:
        return _moved(known, known.state)
    return _moved(known, "voicemail")


def _dialled(known: Known, heard: Heard) -> Change:
    """What the phone it was passed on to did."""
    if heard.stage == Stage.ANSWERED:
        return _moved(known, "completed" if known.is_over else "answered", answers=True)
    if heard.stage == Stage.COMPLETED:
        return _moved(known, "completed", answers=True, is_over=True, seconds=heard.seconds)
    if heard.stage == Stage.RINGING or heard.stage == Stage.UNKNOWN:
        return _moved(known, known.state)
    if known.direction == "out":
        is_broken = heard.stage == Stage.FAILED
        error = "not_connected" if is_broken else "no_answer"
        return _moved(known, "failed" if is_broken else "missed", is_over=True, error=error)
    return _moved(known, known.state)


def _status(known: Known, heard: Heard) -> Change:
    """How the whole call, or a member's own phone, ended."""
    if heard.stage in (Stage.RINGING, Stage.ANSWERED, Stage.UNKNOWN):
        return _moved(known, known.state)
    if known.state == "answered":
        return _moved(known, "completed", is_over=True, seconds=heard.seconds)
    if known.direction == "out" and not known.has_agent and not known.is_over:
        words = {Stage.FAILED: "agent_not_reached", Stage.COMPLETED: "agent_no_key"}
        error = words.get(heard.stage, "agent_no_answer")
        return _moved(known, "failed", is_over=True, error=error)
    if known.direction == "out":
        return _moved(known, "missed", is_over=True, error="" if known.is_over else "no_answer")
    seconds = heard.seconds if known.state == "completed" else None
    return _moved(known, "missed", is_over=True, seconds=seconds)


def forgotten(known: Known) -> Change:
    """The same for a call whose end nobody told."""
    if known.state == "answered":
        return _moved(known, "completed", is_over=True)
    state = "failed" if known.direction == "out" and not known.has_agent else "missed"
    return _moved(known, state, is_over=True)


def refused(known: Known) -> Change:
    """The same for one the provider would not place."""
    return _moved(known, "failed", is_over=True)


def tell(heard: Heard, plan: Plan, voiced: Voiced, *, caller_id: str, is_over: bool) -> tuple[Instruction, ...]:
    """What somebody who calls us hears now; nothing where no answer is expected."""
    if heard.step == Step.CALLED:
        return (Hangup(),) if is_over else _greeting(plan, voiced, caller_id)
    if heard.step == Step.DIALLED:
        if heard.stage in (Stage.ANSWERED, Stage.RINGING, Stage.UNKNOWN):
            return ()
        if heard.stage in (Stage.COMPLETED, Stage.CANCELED):
            return (Hangup(),)
        return _nobody(plan, voiced)
    if heard.step == Step.RECORDED:
        return (voiced.say("thanks"), Hangup())
    return ()


def _greeting(plan: Plan, voiced: Voiced, caller_id: str) -> tuple[Instruction, ...]:
    if plan.does == "forward" and plan.forward_to:
        dial = Dial(number=plan.forward_to, caller_id=caller_id, ring=plan.ring_seconds)
        return (Say(plan.words, voiced.language), dial) if plan.words else (dial,)
    if plan.does in ("voicemail", "forward"):
        return (voiced.say("voicemail", plan.words), *_record(plan))
    if plan.does == "text":
        return (voiced.say("texting", plan.words), Hangup())
    return (voiced.say("greeting", plan.words), Hangup())


def _nobody(plan: Plan, voiced: Voiced) -> tuple[Instruction, ...]:
    """Nobody picked up the call that was passed on."""
    if plan.then == "voicemail":
        return (voiced.say("voicemail"), *_record(plan))
    return (voiced.say("texting" if plan.then == "text" else "greeting"), Hangup())


def _record(plan: Plan) -> tuple[Instruction, ...]:
    return (Record(most=plan.message_seconds, is_transcribed=plan.is_transcribed), Hangup())


def tell_agent(
    heard: Heard, voiced: Voiced, *, known: Known, customer: str, caller_id: str, ring: int
) -> tuple[Instruction, ...]:
    """What a member hears who is rung to call a customer: whoever picks up presses a key before anybody else is rung,
    so that no voicemail of theirs talks to a customer. `known` is the call after this webhook."""
    if heard.step in (Step.AGENT, Step.KEYED) and (known.is_over or not customer):
        return (Hangup(),)
    if heard.step == Step.AGENT:
        kind = "key" if known.code == PRESS else "code"
        return (Ask(words=voiced.words[kind], language=voiced.language, keys=len(known.code)), Hangup())
    if heard.step == Step.KEYED:
        if not known.has_agent:
            return (Hangup(),)
        return (voiced.say("connecting"), Dial(number=customer, caller_id=caller_id, ring=ring))
    if heard.step == Step.DIALLED and heard.stage not in (Stage.ANSWERED, Stage.RINGING, Stage.UNKNOWN):
        return (Hangup(),)
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TextBack:
    """What is known when somebody who called in vain might be texted."""

    state: str
    kind: str
    is_blocked: bool
    texts: bool
    called_at: datetime
    texted_at: datetime | None
    every_minutes: int


def why_no_text(facts: TextBack, *, at: datetime) -> str:
    """Why somebody is not texted, as a word of `NO_TEXT`; "" when they are. What the law says is asked at the door."""
    if facts.state != "missed" or not facts.texts:
        return "not_wanted"
    if facts.kind != "phone":
        return "no_number"
    if facts.is_blocked:
        return "blocked"
    if at - facts.called_at > TOO_LATE:
        return "too_late"
    if facts.texted_at is not None and at - facts.texted_at < timedelta(minutes=facts.every_minutes):
        return "told_already"
    return ""


_DIALLABLE = re.compile(r"\+[1-9][0-9]{6,14}")


def is_withheld(caller: str) -> bool:
    """Whether a caller shows no number."""
    return caller.strip().lower() in WITHHELD


def why_not_again(*, last_hour: int, to_one: int, unverified: int, is_verified: bool) -> str:
    """Why a member can't call now, as a code; "" when they can. Counts are of calls they asked for: in the last hour,
    in the last hour to this person, and in the last day from a phone that was not theirs for certain."""
    if last_hour >= MOST_AN_HOUR or to_one >= MOST_TO_ONE:
        return "too_many_calls"
    return "phone_not_verified" if not is_verified and unverified >= MOST_UNVERIFIED else ""


def is_diallable(number: str) -> bool:
    """Whether a number can be rung: E.164, no short code and no name."""
    return _DIALLABLE.fullmatch(number) is not None
