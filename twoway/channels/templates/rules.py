"""Templates as pure functions: which can be sent, what their places are called, and what a filled-in one says.

Source of the limits on values: developers.facebook.com, WhatsApp Cloud API, template messages (no line breaks, no tabs,
at most four spaces in a row).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from twoway.lib.words import noted, t, tn

LONGEST_VALUE = 1024
LONGEST_ADDRESS = 2000
FILES = {"image": noted("picture"), "video": noted("video"), "document": noted("document")}
_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,60})\s*\}\}")
_UNWANTED = re.compile(r"[\r\n\t]| {5}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The texts of a template and its places: `header.NAME`, `body.NAME`, `button.INDEX`, or a bare NAME for all."""

    header: str = ""
    body: str = ""
    footer: str = ""
    places: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """What is wrong with the values: the number of the place from 0, or None for all of them, and a sentence."""

    place: int | None
    sentence: str


def can_be_sent(*, status: str, why_not: str) -> bool:
    """Whether WhatsApp and Twoway both can send it."""
    return status == "approved" and not why_not


def why_not_sent(*, status: str, why_not: str) -> str:
    """A sentence for a template that can't be sent now; "" for one that can."""
    if why_not:
        return t(why_not)
    words = {
        "approved": "",
        "pending": t("WhatsApp hasn't approved it yet."),
        "in_appeal": t("WhatsApp is looking at it again."),
        "received": t("WhatsApp hasn't approved it yet."),
        "unsubmitted": t("It wasn't given to WhatsApp for approval."),
        "rejected": t("WhatsApp rejected it."),
        "paused": t("WhatsApp paused it: too many people didn't want it."),
        "disabled": t("WhatsApp switched it off."),
    }
    if status in words:
        return words[status]
    return t("WhatsApp says: {status}.", status=status or t("no status"))


def label(place: str) -> str:
    """What a person is asked for at this place."""
    part, _, name = place.partition(".")
    if not name:
        return _called(part)
    if part == "button":
        return t("Code of the button") if name.endswith(".code") else t("End of the button's address")
    if part == "header" and name in FILES:
        return t("Address of the {file}", file=t(FILES[name]))
    return t("Heading: {value}", value=_called(name)) if part == "header" else _called(name)


def _called(name: str) -> str:
    return t("Value {number}", number=name) if name.isdigit() else name.replace("_", " ").capitalize()


def wrong(places: Sequence[str], values: Sequence[str]) -> Wrong | None:
    """The first thing that WhatsApp would refuse about these values, or None."""
    if len(places) != len(values):
        sentence = tn("This template has {n} value.", "This template has {n} values.", len(places))
        return Wrong(place=None, sentence=sentence)
    for number, (place, value) in enumerate(zip(places, values, strict=True)):
        sentence = _wrong_value(place, value)
        if sentence:
            return Wrong(place=number, sentence=sentence)
    return None


def _wrong_value(place: str, value: str) -> str:
    if not value.strip():
        return t("Fill in: {value}.", value=label(place))
    if is_file(place):
        return "" if _is_public(value) else t("Write an address that begins with https://.")
    if len(value) > LONGEST_VALUE:
        return t("{value} has at most {most} characters.", value=label(place), most=LONGEST_VALUE)
    if _UNWANTED.search(value):
        return t("WhatsApp takes no line breaks, no tabs and no long gaps in a value.")
    if place.startswith("button.") and " " in value.strip():
        return t("{value} can't have spaces.", value=label(place))
    return ""


def is_file(place: str) -> bool:
    """Whether this place takes the address of a picture, video or document."""
    part, _, name = place.partition(".")
    return part == "header" and name in FILES


def _is_public(value: str) -> bool:
    parts = urlsplit(value.strip())
    return parts.scheme == "https" and "." in (parts.hostname or "") and len(value) <= LONGEST_ADDRESS


def filled(words: Words, values: Sequence[str]) -> str:
    """What the person will read: header, body and footer with the values, with an empty line between."""
    parts = [
        _put(getattr(words, part), part, dict(zip(words.places, values, strict=False)))
        for part in ("header", "body", "footer")
    ]
    return "\n\n".join(part for part in parts if part)


def _put(text: str, part: str, values: dict[str, str]) -> str:
    """One text with its values; a place that has none yet stays as it is."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return values.get(f"{part}.{name}") or values.get(name) or found[0]

    return _PLACE.sub(value, text)
