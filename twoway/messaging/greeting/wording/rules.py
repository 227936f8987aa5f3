"""The words of automatic texts: what a workspace begins with, what may stand in them, and filling them in.

They go to customers, so they are no part of the desk's translations: a workspace words them in each language. The
given ones keep to the letters of GSM 03.38, as one other letter more than halves what a segment holds. What is said
about time is Twoway's own sentence, so that it never says more than is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from twoway.lib.words import noted, t

LANGUAGES = ("en", "es")
KINDS = ("welcome", "after_hours", "wait", "late")
LONGEST = 480

LABELS: Mapping[str, str] = {
    "welcome": noted("Welcome"),
    "after_hours": noted("After hours"),
    "wait": noted("Expected wait"),
    "late": noted("It takes longer"),
}
WHEN: Mapping[str, str] = {
    "welcome": noted("Sent to somebody who texts this number for the first time."),
    "after_hours": noted("Sent to somebody who texts while you are closed."),
    "wait": noted("Sent when somebody begins to wait, if enough is known about how long."),
    "late": noted("Sent once, shortly before what was said turns out wrong."),
}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "welcome": {
        "en": "Thanks for texting {business}! We got your message and a person will answer you here. {wait}",
        "es": "Gracias por escribir a {business}. Recibimos su mensaje y le responde una persona. {wait}",
    },
    "after_hours": {
        "en": "Thanks for texting {business}. We're closed right now. We're back {opens} and will answer you then.",
        "es": "Gracias por escribir a {business}. Ahora estamos cerrados. Volvemos {opens} y le respondemos entonces.",
    },
    "wait": {
        "en": "Thanks, we got your text. {wait}",
        "es": "Gracias, recibimos su mensaje. {wait}",
    },
    "late": {
        "en": "This takes longer than we said, sorry. You're not forgotten: we'll answer as soon as we can.",
        "es": "Perdone, tardamos algo de lo previsto. No le hemos olvidado: le respondemos en cuanto podamos.",
    },
}
WITHIN: Mapping[str, str] = {
    "en": "Most people hear back within {minutes} minutes.",
    "es": "Por lo general respondemos en {minutes} minutos o menos.",
}
OVER_AN_HOUR: Mapping[str, str] = {
    "en": "Answers take more than an hour right now.",
    "es": "Por ahora la espera supera una hora.",
}
PLACES: Mapping[str, tuple[str, ...]] = {
    "welcome": ("business", "first_name", "wait"),
    "after_hours": ("business", "first_name", "opens"),
    "wait": ("business", "first_name", "wait"),
    "late": ("business", "first_name"),
}
"""What may stand in braces in each kind."""
_PLACE = re.compile(r"\{([^{}]*)\}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """What a text is filled with; what is empty is not known."""

    business: str
    first_name: str = ""
    wait: str = ""
    opens: str = ""


def language_of(told: str, *, usual: str) -> str:
    """The language to write in: that of the person ("es-MX" counts as "es"), else the usual one."""
    short = told.strip().lower().replace("_", "-").split("-")[0]
    if short in LANGUAGES:
        return short
    return usual if usual in LANGUAGES else LANGUAGES[0]


def words_for(kind: str, language: str, texts: Mapping[str, str]) -> str:
    """The words of a kind: the workspace's own in this language, else the given ones."""
    return texts.get(language) or TEXTS[kind][language]


def objection(kind: str, text: str) -> str:
    """Why these words can't be used, in a sentence for whoever wrote them; "" when they can. Empty: the given ones."""
    if not text:
        return ""
    if len(text) > LONGEST:
        return t("Use at most {most} characters.", most=LONGEST)
    allowed = PLACES[kind]
    names = _PLACE.findall(text)
    shown = ", ".join(f"{{{name}}}" for name in allowed)
    unknown = next((name for name in names if name not in allowed), None)
    if unknown is not None:
        return t("There is no {name} in this text. You can use {places}.", name=f"{{{unknown}}}", places=shown)
    if any(brace in _PLACE.sub("", text) for brace in "{}"):
        return t("A brace is open or closed alone. Write placeholders such as {example}.", example="{business}")
    if kind == "wait" and "wait" not in names:
        return t("This text says how long it takes: put {place} into it.", place="{wait}")
    return ""


def wait_words(language: str, minutes: int | None) -> str:
    """The sentence about time; None is more than an hour."""
    return OVER_AN_HOUR[language] if minutes is None else WITHIN[language].format(minutes=minutes)


def fill(text: str, filling: Filling) -> str:
    """The text with its places filled. A sentence that names an opening nobody knows is left out; a name or a wait
    that is not known leaves its sentence whole, without it."""
    if not filling.opens:
        text = " ".join(part for part in _SENTENCE.split(text) if "{opens}" not in part)
    for name in ("business", "first_name", "wait", "opens"):
        value = getattr(filling, name)
        mark = f"{{{name}}}"
        text = text.replace(mark, value) if value else re.sub(rf"[ ]*{re.escape(mark)}", "", text)
    return re.sub(r"[ ]{2,}", " ", text).strip()
