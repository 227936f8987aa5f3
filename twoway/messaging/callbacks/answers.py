"""What somebody means who answers which of some times suits. Pure; English and Spanish.

Every word of a text must be understood, or it isn't: "2" chooses, "I have 2 kids" does not. A bare number is the
number of a choice; "at 2", "2pm" and "2:20" are times of day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from twoway.sms.keywords import folded

LONGEST = 60
"""Characters of an answer; a longer text is something else."""
LONGEST_CALL = 40
MOST = 3
"""The most choices one text offers: a higher number is a time of day."""
HALF_A_DAY = 12

CALL_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": ("CALL", "CALL ME", "CALL BACK", "CALLBACK", "CALL ME BACK", "PHONE ME"),
    "es": ("LLAMAR", "LLAMADA", "LLAMAME", "LLAMENME", "QUIERO UNA LLAMADA"),
}
"""What asks for a call when it is the whole text, with words of courtesy around it at most."""
NO_CALL: Mapping[str, tuple[str, ...]] = {
    "en": ("NO CALL", "NO CALLS", "DONT CALL", "DON T CALL", "DO NOT CALL", "DONT CALL ME", "DON T CALL ME"),
    "es": ("NO LLAMAR", "SIN LLAMADA", "NO LLAME", "NO LLAMEN", "NO ME LLAME", "NO ME LLAMEN"),
}
CHANGE: Mapping[str, tuple[str, ...]] = {
    "en": ("CHANGE", "OTHER TIME", "ANOTHER TIME", "CHANGE TIME", "RESCHEDULE"),
    "es": ("CAMBIAR", "OTRA HORA"),
}
NO: Mapping[str, tuple[str, ...]] = {"en": ("NO", "NOPE", "NAH"), "es": ("NO",)}
"""To an offer it is no call; once a time is agreed on it answers something else."""
NONE_OF_THEM: Mapping[str, tuple[str, ...]] = {
    "en": ("NONE", "NONE OF THEM", "NEITHER"),
    "es": ("OTRO DIA", "CAMBIO", "NINGUNA", "NINGUNO"),
}
"""The same: said to an offer they ask for other times.

None of all these is a word that opts somebody out: `tests/rules/test_callback_words.py` asks.
"""

_COURTESY = frozenset(
    ("please", "pls", "plz", "thanks", "thank", "you", "thx", "ty", "now", "hi", "hello", "hey", "por", "favor",
     "gracias", "hola", "porfa", "ahora")
)  # fmt: skip
_FILLERS = _COURTESY | frozenset(
    ("the", "one", "option", "number", "no", "nr", "choice", "time", "slot", "works", "work", "is", "for", "me", "good",
     "great", "fine", "ok", "okay", "yes", "yep", "yeah", "sure", "best", "better", "would", "be", "i", "want", "ll",
     "take", "d", "like", "prefer", "lets", "let", "s", "do", "go", "with", "that", "it", "and", "on", "can", "call",
     "la", "el", "lo", "opcion", "numero", "hora", "si", "vale", "bien", "perfecto", "me", "viene", "va", "mejor",
     "prefiero", "quiero", "esta", "de", "con", "y", "para", "mi", "un", "una", "llamar", "llamame", "en", "por")
)  # fmt: skip
_NOT = frozenset(("not", "dont", "don", "cant", "except", "but", "isnt", "never", "excepto", "menos", "pero",
                  "tampoco", "nunca", "or", "o"))  # fmt: skip
_WORDS: Mapping[str, int] = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "two": 2, "three": 3,
    "primero": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercero": 3, "tercera": 3, "dos": 2, "tres": 3,
    "1ro": 1, "1ra": 1, "2do": 2, "2da": 2, "3ro": 3, "3ra": 3, "uno": 1,
}  # fmt: skip
_LAST = frozenset(("last", "latest", "ultimo", "ultima"))
_ANY = frozenset(("any", "anytime", "whichever", "whenever", "either", "asap", "soonest", "earliest", "cualquiera",
                  "cuanto", "antes"))  # fmt: skip
_TODAY = frozenset(("today", "hoy"))
_TOMORROW = frozenset(("tomorrow", "tmrw", "tomorow", "manana"))
_DAYS: Mapping[str, int] = {
    "monday": 0, "mon": 0, "tuesday": 1, "tue": 1, "tues": 1, "wednesday": 2, "wed": 2, "thursday": 3, "thu": 3,
    "thurs": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6, "sun": 6,
    "lunes": 0, "lun": 0, "martes": 1, "mar": 1, "miercoles": 2, "mie": 2, "jueves": 3, "jue": 3, "viernes": 4,
    "vie": 4, "sabado": 5, "sab": 5, "domingo": 6, "dom": 6,
}  # fmt: skip
_ORDINAL = re.compile(r"\b([123])(?:st|nd|rd|ro|ra|do|da)\b")
_HALVES = (
    re.compile(r"\b(?:in the morning|de la ma(?:ñ|n)ana|por la ma(?:ñ|n)ana)\b"),
    re.compile(r"\b(?:in the (?:afternoon|evening)|de la (?:tarde|noche)|por la (?:tarde|noche))\b"),
)
_TIME = re.compile(
    r"(?:(?P<at>\bat|\ba las|\ba la|@)\s*)?\b(?P<hour>[01]?\d|2[0-3])(?:[:.h](?P<minute>[0-5]\d))?\s*"
    r"(?P<half>a\.?m\.?|p\.?m\.?)?(?![\w:])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Meant:
    """What an answer means: `kind` is choice (with `index` from 0), no_call, change or unclear."""

    kind: str
    index: int = -1


UNCLEAR = Meant("unclear")


def _is_one_of(text: str, words: Mapping[str, Collection[str]]) -> bool:
    plain = _polite(folded(text))
    return any(folded(word) == plain for listed in words.values() for word in listed)


def _polite(plain: str) -> str:
    """Without words of courtesy; as it was when nothing would be left."""
    return " ".join(word for word in plain.split() if word not in _COURTESY) or plain


def asks_for_call(text: str, words: Collection[str]) -> str:
    """The listed word this whole text is, "" when it is none: a sentence with the word in it asks for nothing."""
    if len(text) > LONGEST_CALL:
        return ""
    plain = folded(text)
    candidates = {plain, _polite(plain)}
    return next((word for word in words if folded(word) in candidates), "")


def language_of(word: str) -> str:
    """The language a word for a call belongs to; "" for one of the workspace's own."""
    return next((language for language, listed in CALL_WORDS.items() if word in listed), "")


def read(text: str, options: Sequence[datetime], *, today: date) -> Meant:
    """What a text means when these times were offered, each in the zone of whoever answers, where it is `today`."""
    if len(text) > LONGEST:
        return UNCLEAR
    if _is_one_of(text, NO_CALL):
        return Meant("no_call")
    if options and _is_one_of(text, NO):
        return Meant("no_call")
    if _is_one_of(text, CHANGE) or (options and _is_one_of(text, NONE_OF_THEM)):
        return Meant("change")
    plain = folded(text)
    if not plain or any(word in _NOT for word in plain.split()):
        return UNCLEAR
    found = _candidates(text.casefold(), options, today)
    if found is None or len(found) != 1:
        return UNCLEAR
    return Meant("choice", next(iter(found)))


@dataclass(frozen=True, slots=True)
class _Number:
    """A number in a text: `is_time` when it is one of the clock and no number of a choice."""

    value: int
    minute: int | None
    half: str
    is_time: bool


def _candidates(text: str, options: Sequence[datetime], today: date) -> set[int] | None:
    """The choices that fit everything in the text; None when a word of it is not understood."""
    rest, numbers = _numbers_of(text)
    limits = [
        _at(options, one.value, one.minute, one.half) if one.is_time else _numbered(one.value, options)
        for one in numbers
    ]
    words = folded(rest).split()
    for word in words:
        if word not in _FILLERS:
            limit = _limit(word, options, today)
            if limit is None:
                return None
            limits.append(limit)
    if not limits:
        return {0} if len(options) == 1 and words else None
    fits = set(range(len(options))).intersection(*limits)
    return {min(fits)} if fits and any(word in _ANY for word in words) else fits


def _limit(word: str, options: Sequence[datetime], today: date) -> set[int] | None:
    """The choices one word leaves; None for a word that says nothing here."""
    every = set(range(len(options)))
    if word in _WORDS:
        return _numbered(_WORDS[word], options)
    if word in _LAST:
        return {len(options) - 1}
    if word in _ANY:
        return every
    if word in _TODAY or word in _TOMORROW:
        day = today + timedelta(days=word in _TOMORROW)
        return {i for i in every if options[i].date() == day}
    if word in _DAYS:
        return {i for i in every if options[i].weekday() == _DAYS[word]}
    return None


def _numbers_of(text: str) -> tuple[str, list[_Number]]:
    """The text without its numbers, and the numbers."""
    found: list[_Number] = []

    def noted(match: re.Match[str]) -> str:
        half = (match["half"] or "")[:1].lower()
        minute = None if match["minute"] is None else int(match["minute"])
        hour = int(match["hour"])
        found.append(_Number(hour, minute, half, bool(match["at"] or half or minute is not None or hour > MOST)))
        return " "

    cleaned = text.replace("\N{COMBINING ENCLOSING KEYCAP}", "").replace("\ufe0f", "").replace("#", " ")
    cleaned = _HALVES[0].sub(" am ", _HALVES[1].sub(" pm ", cleaned))
    cleaned = _ORDINAL.sub(r"\1", cleaned)
    return _TIME.sub(noted, cleaned), found


def _numbered(number: int, options: Sequence[datetime]) -> set[int]:
    return {number - 1} & set(range(len(options)))


def _at(options: Sequence[datetime], hour: int, minute: int | None, half: str) -> set[int]:
    """Those that begin at this time; without a half of the day both are meant, without minutes the full hour first."""
    same = {i for i, one in enumerate(options) if _is_hour(one, hour, half)}
    exact = {i for i in same if options[i].minute == (minute or 0)}
    return exact if exact or minute is not None else same


def _is_hour(option: datetime, hour: int, half: str) -> bool:
    if half:
        return option.hour == hour % 12 + (12 if half == "p" else 0)
    return option.hour == hour or (0 < hour <= HALF_A_DAY and option.hour % HALF_A_DAY == hour % HALF_A_DAY)
