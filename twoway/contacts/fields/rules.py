"""What a property may hold: each kind has one written form, in which it is stored, found and compared.

Stored as text: a number as 12.5, a date as 2026-02-11, yes or no, a choice as the list has it, a link with its scheme,
a phone number as E.164, an email address in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal
from urllib.parse import urlsplit

from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.sms import phone

Kind = Literal["text", "number", "date", "yes_no", "choice", "link", "phone", "email"]

LONGEST_VALUE = 500
MOST_FIELDS = 60
MOST_CHOICES = 60
LONGEST_CHOICE = 60
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y/%m/%d")
_YES = frozenset({"yes", "y", "true", "1", "on", "x", "sí", "si"})
_NO = frozenset({"no", "n", "false", "0", "off"})
_KEY = re.compile(r"[^a-z0-9]+")


def key_of(name: str) -> str:
    """The key a new property gets from its name: small letters, digits and underscores."""
    return _KEY.sub("_", name.casefold()).strip("_")[:60]


def clean(kind: str, value: str, *, name: str, choices: Sequence[str] = (), region: str | None = None) -> str:
    """The written form of a value; "" for none. Raises `Invalid` with a sentence that names the property."""
    text = value.replace("\0", "").strip()
    if not text:
        return ""
    if len(text) > LONGEST_VALUE:
        raise _wrong(t("“{name}” has at most {most} characters.", name=name, most=LONGEST_VALUE))
    if kind == "number":
        return _number(text, name)
    if kind == "date":
        found = day(text)
        if found is None:
            raise _wrong(t("“{name}” is a date, such as 2026-02-11.", name=name))
        return found.isoformat()
    if kind == "yes_no":
        return _yes_no(text, name)
    if kind == "choice":
        return _choice(text, name, choices)
    if kind == "link":
        return _link(text, name)
    if kind == "phone":
        return _phone(text, name, region)
    return _email(text, name) if kind == "email" else text


def clean_choices(typed: Sequence[str]) -> list[str]:
    """The words of a list, each once. Raises `Invalid`."""
    words = list(dict.fromkeys(" ".join(word.replace("\0", "").split()) for word in typed))
    words = [word for word in words if word]
    if not words:
        raise Invalid(t("Write the choices, one a line."), field="choices")
    if len(words) > MOST_CHOICES or any(len(word) > LONGEST_CHOICE for word in words):
        raise Invalid(
            t("Use at most {most} choices of {length} characters.", most=MOST_CHOICES, length=LONGEST_CHOICE),
            field="choices",
        )
    if len({word.casefold() for word in words}) < len(words):
        raise Invalid(t("Two choices differ in capital letters only."), field="choices")
    return words


def day(text: str) -> date | None:
    """A date as people write it; None for what can't be read."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for style in _DATES:
        try:
            return datetime.strptime(text, style).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _number(text: str, name: str) -> str:
    bare = text.replace("\u00a0", "").replace(" ", "").lstrip("$€£")
    bare = bare.replace(",", "") if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", bare) else bare
    try:
        found = Decimal(bare)
    except InvalidOperation:
        raise _wrong(t("“{name}” is a number, such as 12.5.", name=name)) from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15 or found != round(found, 6):
        raise _wrong(t("“{name}” has at most 15 digits and 6 decimals.", name=name))
    plain = f"{found:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in {"-0", ""} else plain


def _yes_no(text: str, name: str) -> str:
    low = text.casefold()
    if low in _YES or low in _NO:
        return "yes" if low in _YES else "no"
    raise _wrong(t("“{name}” is yes or no.", name=name))


def _choice(text: str, name: str, choices: Sequence[str]) -> str:
    found = next((word for word in choices if word.casefold() == text.casefold()), None)
    if found is None:
        shown = ", ".join(choices[:10]) + (" …" if len(choices) > 10 else "")
        raise _wrong(t("“{name}” is one of: {shown}.", name=name, shown=shown))
    return found


def _link(text: str, name: str) -> str:
    whole = text if "://" in text or "." not in text else f"https://{text}"
    try:
        parts = urlsplit(whole)
        is_link = parts.scheme in {"http", "https"} and bool(parts.hostname) and "." in (parts.hostname or "")
    except ValueError:
        is_link = False
    if not is_link or any(char.isspace() for char in whole):
        raise _wrong(t("“{name}” is a link, such as https://example.com.", name=name))
    return whole


def _phone(text: str, name: str, region: str | None) -> str:
    try:
        found = phone.parse_typed(text, region=region)
    except phone.NotANumber as error:
        raise _wrong(f"“{name}”: {error}") from None
    if found.kind != "phone":
        raise _wrong(t("“{name}” is a phone number.", name=name))
    return found.value


def _email(text: str, name: str) -> str:
    found = phone.identify(text)
    if found.kind != "email":
        raise _wrong(t("“{name}” is an email address, such as dana@example.com.", name=name))
    return found.value


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, field="properties", code="bad_property")
