"""What customers are told about a callback: the workspace's own words, with defaults in English and Spanish. Pure.

A text fits one segment: where the business's name makes it longer, the name is cut, and left out at the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from twoway.lib.words import noted
from twoway.sms import segments

LONGEST_WORDS = 320
LANGUAGES = ("en", "es")

DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "offer": {
            "en": "{business}: When may we call? {times}. Reply {numbers}, or NO CALL.",
            "es": "{business}: ¿A qué hora le llamamos? {times}. Responda {numbers}, o NO LLAMAR.",
        },
        "again": {
            "en": "{business}: Sorry, which time? {times}. Reply {numbers}, or NO CALL.",
            "es": "{business}: Perdone, ¿a qué hora? {times}. Responda {numbers}, o NO LLAMAR.",
        },
        "booked": {
            "en": "{business}: We will call {day} between {start} and {end}. Reply CHANGE for another time or NO CALL.",
            "es": "{business}: Le llamamos {day} entre las {start} y las {end}. Responda CAMBIAR o NO LLAMAR.",
        },
        "remind": {
            "en": "{business}: We will call you {day} between {start} and {end}. Reply CHANGE for another time.",
            "es": "{business}: Le llamamos {day} entre las {start} y las {end}. Responda CAMBIAR para otra hora.",
        },
        "missed": {
            "en": "{business}: We called and missed you. Try again? {times}. Reply {numbers}, or NO CALL.",
            "es": "{business}: Le llamamos sin éxito. ¿Otra vez? {times}. Responda {numbers}, o NO LLAMAR.",
        },
        "gave_up": {
            "en": "{business}: We called and missed you again. Text us CALL whenever it suits you.",
            "es": "{business}: Le llamamos otra vez sin éxito. Escriba LLAMAR cuando le venga bien.",
        },
        "cancelled": {
            "en": "{business}: All right, we won't call. Text CALL if you want a call after all.",
            "es": "{business}: De acuerdo, no le llamamos. Escriba LLAMAR si quiere una llamada.",
        },
        "full": {
            "en": "{business}: There is no free time for a call in the next days. A person will text you here.",
            "es": "{business}: No quedan horas libres para llamarle. Le escribe una persona.",
        },
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "offer": noted("Times are offered"),
        "again": noted("An answer nobody understood"),
        "booked": noted("A time is agreed"),
        "remind": noted("Shortly before the call"),
        "missed": noted("They didn't pick up, and there are other times"),
        "gave_up": noted("They didn't pick up the last time"),
        "cancelled": noted("They don't want the call"),
        "full": noted("Nothing is free"),
    }
)
NEEDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "offer": frozenset({"times", "numbers"}),
        "again": frozenset({"times", "numbers"}),
        "missed": frozenset({"times", "numbers"}),
        "booked": frozenset({"start", "end"}),
        "remind": frozenset({"start", "end"}),
        "gave_up": frozenset(),
        "cancelled": frozenset(),
        "full": frozenset(),
    }
)
"""What a workspace's own words must keep."""
MAY = frozenset({"business", "times", "numbers", "day", "start", "end"})
_FIELD = re.compile(r"\{([^{}]*)\}")
_SHORT_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sab", "dom"),
}
_NEAR = {"en": ("today", "tomorrow"), "es": ("hoy", "mañana")}
_OR = {"en": "or", "es": "o"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who reads: their language (`en` or `es`), whether their clock has 24 hours, and what day it is there."""

    language: str
    is_24: bool
    today: date


def language_for(*asked: str) -> str:
    """The first of these languages (ISO 639, a region may follow) that there are words in; else English."""
    spoken = (one.split("-")[0].split("_")[0].lower() for one in asked)
    return next((one for one in spoken if one in LANGUAGES), "en")


def problem(key: str, words: str) -> str:
    """What is wrong with a workspace's own words, in English for `noted`; "" when nothing is."""
    if len(words) > LONGEST_WORDS:
        return TOO_LONG
    named = set(_FIELD.findall(words))
    if named - MAY or "{" in _FIELD.sub("", words) or "}" in _FIELD.sub("", words):
        return UNKNOWN
    return MISSING if words and NEEDS[key] - named else ""


TOO_LONG = noted("These words are too long for a text.")
UNKNOWN = noted("Only these stand for something: {business}, {times}, {numbers}, {day}, {start} and {end}.")
MISSING = noted(
    "Without the times nobody knows when they are called: keep {times} and {numbers}, or {start} and {end}."
)


def clock(local: datetime, *, is_24: bool) -> str:
    """A time of day, short: "2:20 PM", "9 AM", "14:20"."""
    if is_24:
        return f"{local.hour}:{local.minute:02d}"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes} {'AM' if local.hour < 12 else 'PM'}"


def day(local: datetime, *, reader: Reader) -> str:
    """ "today", "tomorrow", or a short weekday, as no time lies a week ahead."""
    days = (local.date() - reader.today).days
    near = _NEAR[reader.language]
    return near[days] if 0 <= days < len(near) else _SHORT_DAYS[reader.language][local.weekday()]


def times(options: Sequence[datetime], *, reader: Reader) -> str:
    """The choices: "1: today 2 PM, 2: today 3:20 PM, 3: tomorrow 9 AM"."""
    told = (f"{n}: {day(one, reader=reader)} {clock(one, is_24=reader.is_24)}" for n, one in enumerate(options, 1))
    return ", ".join(told)


def numbers(count: int, *, language: str) -> str:
    """ "1, 2 or 3"."""
    every = [str(n) for n in range(1, count + 1)]
    return every[0] if count == 1 else f"{', '.join(every[:-1])} {_OR[language]} {every[-1]}"


def asked(key: str, *, own: str, business: str, options: Sequence[datetime], reader: Reader) -> str:
    """A text that offers times."""
    values = {"times": times(options, reader=reader), "numbers": numbers(len(options), language=reader.language)}
    return _fitting(own or DEFAULTS[key][reader.language], business, values)


def told(key: str, *, own: str, business: str, reader: Reader, start: datetime | None = None, minutes: int = 0) -> str:
    """A text that says something, about a window from `start` on where there is one."""
    values: dict[str, str] = {}
    if start is not None:
        values = {
            "day": day(start, reader=reader),
            "start": clock(start, is_24=reader.is_24),
            "end": clock(start + timedelta(minutes=minutes), is_24=reader.is_24),
        }
    return _fitting(own or DEFAULTS[key][reader.language], business, values)


def _fitting(words: str, business: str, values: Mapping[str, str]) -> str:
    """The words filled in, the business's name as long as one segment allows."""
    name = business.strip()
    while True:
        text = _filled(words, {**values, "business": name})
        if segments.count(text).segments <= 1 or not name:
            return text
        name = name[:-1].rstrip()


def _filled(words: str, values: Mapping[str, str]) -> str:
    filled = _FIELD.sub(lambda match: values.get(match[1], ""), words)
    return re.sub(r"^\s*:\s*", "", segments.prepare(filled)).strip()
