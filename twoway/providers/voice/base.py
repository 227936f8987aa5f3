"""What is said about calls, to every provider alike: instructions to them, and what they tell us.

A call is told what to do by a few instructions. The provider asks again, at the same address with another `s` in its
query, when a step ends: the dialled phone answered or not, the caller has left a message, the call is over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account, HttpRequest, HttpResponse, Malformed, RawRequest

STEP, REF = "s", "c"
LONGEST_RING, LONGEST_MESSAGE = 60, 300  # seconds
END_OF_MESSAGE = "#"
KEYS_WITHIN = 8
"""Seconds to press the first key. Vonage takes up to 10."""
MOST_KEYS = 8
SILENCE = 6
"""Seconds without a word after which a message is over. Vonage takes 3 to 10."""


class Step(StrEnum):
    """Why a provider calls us."""

    CALLED = "called"
    AGENT = "agent"
    KEYED = "keyed"
    DIALLED = "dialled"
    RECORDED = "recorded"
    RECORDING = "recording"
    TRANSCRIBED = "transcribed"
    STATUS = "status"


class Stage(StrEnum):
    """How far a call, or the phone it was passed on to, has come."""

    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What one webhook says. `ref` is our own name of the call, where the address carries it; `seconds` the length of
    the call, the dialled call or the recording, by the step; `digits` the keys that were pressed. `is_inbound`: it says
    of the call that somebody rings us, whatever its step."""

    step: Step
    provider_id: str = ""
    ref: str = ""
    caller: str = ""
    called: str = ""
    stage: Stage = Stage.UNKNOWN
    seconds: int | None = None
    recording_url: str = ""
    recording_id: str = ""
    transcript: str = ""
    digits: str = ""
    is_inbound: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Words to speak, in a language such as en-US."""

    words: str
    language: str = "en-US"


@dataclass(frozen=True, slots=True)
class Play:
    """A sound to play, at a public address."""

    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Speak and wait for so many keys; they are told as `Step.KEYED`. Without any the next instruction follows."""

    words: str
    language: str = "en-US"
    keys: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Dial:
    """Ring another phone for some seconds and show it a number; what comes of it is asked as `Step.DIALLED`."""

    number: str
    caller_id: str
    ring: int = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """Take a message of at most so many seconds. It is told as `RECORDED`, `RECORDING` and `TRANSCRIBED`."""

    most: int = 120
    is_transcribed: bool = False


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Instruction = Say | Play | Ask | Dial | Record | Hangup


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A call to place: `url` is our door for calls, `ref` our name of the call, `ring` in seconds."""

    to: str
    sender: str
    url: str
    ref: str
    ring: int = 30


class Voice(Protocol):
    """One provider's calls. Every method is pure."""

    slug: str

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the provider of this account signed this request. Constant time."""

    def parse(self, request: RawRequest) -> Heard:
        """What a verified request says. Raises `Malformed`."""

    def write(self, account: Account, told: Sequence[Instruction], *, url: str, ref: str) -> HttpResponse:
        """The instructions in the provider's own language; none is a polite nothing."""

    def place(self, account: Account, call: Outgoing) -> HttpRequest:
        """The request that rings somebody; when they answer we are asked as `Step.AGENT`."""

    def read_place(self, response: HttpResponse) -> str:
        """The provider's id of that call. Raises a `SendError`."""

    def end(self, account: Account, provider_id: str) -> HttpRequest:
        """The request that ends a call."""


def door(url: str, step: Step, ref: str) -> str:
    """Our address for one step of one call."""
    return f"{url}?{urlencode({STEP: step.value, REF: ref})}"


def asked(request: RawRequest) -> tuple[Step | None, str]:
    """The step and the call our address names; None and "" when it names none. Raises `Malformed`."""
    query = dict(request.query)
    named = query.get(STEP, "")
    try:
        return (Step(named) if named else None), query.get(REF, "")[:64]
    except ValueError:
        raise Malformed(noted("This address names a step of a call that doesn't exist.")) from None


def seconds(value: object) -> int | None:
    """Whole seconds, or None when it says nothing usable."""
    text = str(value or "").strip().partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def keys(value: object) -> str:
    """The keys that were pressed, or "" when it says nothing usable."""
    text = str(value or "").strip()
    return text if len(text) <= MOST_KEYS and all(one in "0123456789*#" for one in text) else ""


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def speakable(words: str) -> str:
    """Words without what XML 1.0 cannot hold."""
    return _NOT_XML.sub(" ", words)


def lower(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Parameters by name in small letters."""
    return {name.lower(): value for name, value in pairs}
