"""Who a text comes from: phone numbers in E.164, short codes, names, and what can be said about them.

E.164 is `+`, country code and number, at most 15 digits. A short code is national, a name (alphanumeric sender) is
one-way. A number that is possible is accepted even when the numbering plan does not know it yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult, shortnumberinfo, timezone

from twoway.lib.words import noted, t

Kind = Literal["phone", "short_code", "alpha", "email", "whatsapp"]

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"[0-9]+")
_DECORATION = re.compile(r"[\s().\-\u2010-\u2015\u00a0\u200b-\u200f\u202a-\u202e/]+")
_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]+\.[^@\s\x00]+")
_TOLL_FREE_US = re.compile(r"\+18(?:00|22|33|44|55|66|77|88)[0-9]{7}")
_UNWANTED = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
_LONGEST_NAME = 64
_LONGEST_SHORT_CODE = 8
_MOST_ZONES_OF_A_PLACE = 20

_WHY_NOT = {
    ValidationResult.INVALID_COUNTRY_CODE: noted("No country has the code this number begins with."),
    ValidationResult.TOO_SHORT: noted("This number has too few digits."),
    ValidationResult.TOO_LONG: noted("This number has too many digits."),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: noted("The area code of this number is missing."),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """One way to reach or recognise a person: E.164 for `phone`, digits for `short_code`, else the plain name."""

    kind: Kind
    value: str


class NotANumber(ValueError):
    """What was typed is not a phone number; the text is a sentence for the person who typed it."""


def identify(raw: str, *, region: str | None = None) -> Identity:
    """Who a provider says a text is from. Never raises: what is nothing else becomes a name of at most 64 characters.

    Digits without a plus are read in `region` first when there is one, otherwise as an international number; three to
    eight digits are a short code.
    """
    if _E164.fullmatch(raw):
        return Identity("phone", _as_dialled(raw))
    text = _UNWANTED.sub("", raw).strip()
    if text[:9].lower() == "whatsapp:":
        return Identity("whatsapp", _whatsapp(text[9:].strip()))
    if _EMAIL.fullmatch(text):
        return Identity("email", text.lower()[:254])
    bare = _DECORATION.sub("", text.removeprefix("tel:"))
    if _E164.fullmatch(bare):
        return Identity("phone", _as_dialled(bare))
    if bare.isascii() and _DIGITS.fullmatch(bare):
        return _from_digits(bare, region) or Identity("alpha", text[:_LONGEST_NAME])
    return Identity("alpha", text[:_LONGEST_NAME])


def _whatsapp(name: str) -> str:
    """WhatsApp's name of a person as it gave it, since it may differ from the dialled number (Brazil, Mexico)."""
    return f"+{name}" if _E164.fullmatch(f"+{name}") else name[:_LONGEST_NAME]


def _from_digits(digits: str, region: str | None) -> Identity | None:
    """A short code or a number that came without its plus; None when it is neither."""
    if 3 <= len(digits) <= 8:
        return Identity("short_code", digits)
    if region and (parsed := _parse(digits, region)) and phonenumbers.is_valid_number(parsed):
        return Identity("phone", _as_dialled(phonenumbers.format_number(parsed, PhoneNumberFormat.E164)))
    international = "+" + digits.removeprefix("00")
    return Identity("phone", _as_dialled(international)) if _E164.fullmatch(international) else None


def _as_dialled(e164: str) -> str:
    """The number without the mobile 1 that Mexico dropped in 2019: one person, one identity."""
    return "+52" + e164[4:] if len(e164) == 14 and e164.startswith("+521") else e164


def _parse(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def parse_typed(text: str, *, region: str | None) -> Identity:
    """The number a person typed, national in `region` (two letters) or international; an extension is dropped.

    Raises `NotANumber` with a sentence saying what is wrong.
    """
    cleaned = _UNWANTED.sub("", text).strip()
    if not cleaned:
        raise NotANumber(t("Write a phone number."))
    parsed = _parse(cleaned, region)
    if parsed is None:
        raise NotANumber(_unreadable(cleaned, region))
    why = phonenumbers.is_possible_number_with_reason(parsed)
    if why == ValidationResult.IS_POSSIBLE:
        return Identity("phone", _as_dialled(phonenumbers.format_number(parsed, PhoneNumberFormat.E164)))
    as_dialled = _as_dialled(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))
    if (again := _parse(as_dialled, None)) and phonenumbers.is_possible_number(again) and as_dialled[:3] == "+52":
        return Identity("phone", as_dialled)
    return _short_code(parsed, region, why)


def _short_code(parsed: phonenumbers.PhoneNumber, region: str | None, why: int) -> Identity:
    """The short code this is in its region. Raises `NotANumber` with the reason it is not a number."""
    digits = phonenumbers.national_significant_number(parsed)
    if region and shortnumberinfo.is_emergency_number(digits, region):
        raise NotANumber(t("Emergency numbers can't be texted from here."))
    if region and 5 <= len(digits) <= 6 and shortnumberinfo.is_possible_short_number_for_region(parsed, region):
        return Identity("short_code", digits)
    raise NotANumber(t(_WHY_NOT.get(why, noted("This is not a phone number."))))


def _unreadable(text: str, region: str | None) -> str:
    if region is None and not text.startswith("+"):
        return t("Write the number with its country code, such as +1 503 555 0178.")
    return t("This is not a phone number.")


@lru_cache(maxsize=8192)
def pretty(value: str, *, region: str | None = None) -> str:
    """A number as people write it: (503) 555-0178 at home, +44 7911 123456 abroad. Anything else comes back."""
    number = value.removeprefix("whatsapp:")
    parsed = _parse(number, None) if _E164.fullmatch(number) else None
    if parsed is None:
        return number
    at_home = region is not None and parsed.country_code == phonenumbers.country_code_for_region(region)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def is_toll_free_us(value: str) -> bool:
    """Whether this E.164 number is toll-free in the US and Canada, where parts of a long text are smaller."""
    return _TOLL_FREE_US.fullmatch(value) is not None


@lru_cache(maxsize=8192)
def country(value: str) -> str:
    """The country of an E.164 number in two letters (ISO 3166), such as US or CA; "" for what is no such number.

    A number the plan does not know yet counts as one of the main country of its code. It may have been ported since.
    """
    number = value.removeprefix("whatsapp:")
    parsed = _parse(number, None) if _E164.fullmatch(number) else None
    if parsed is None:
        return ""
    found = phonenumbers.region_code_for_number(parsed)
    found = found or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return found if found and found.isalpha() and found != "ZZ" else ""


def is_country(code: str) -> bool:
    """Whether two letters (ISO 3166) name a country whose numbers are known."""
    return code in phonenumbers.SUPPORTED_REGIONS


_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


def is_costly(value: str) -> bool:
    """Whether calling this E.164 number costs more than a call: premium rate, such as +1 900, and shared cost."""
    parsed = _parse(value, None) if _E164.fullmatch(value) else None
    return parsed is not None and phonenumbers.number_type(parsed) in _COSTLY


_MMS_COUNTRIES = frozenset({"US", "CA", "PR", "VI"})


def has_mms(value: str) -> bool:
    """Whether a number can be part of an MMS: one of the US or Canada, toll-free too, or a short code."""
    if value.isascii() and value.isdigit():
        return len(value) <= _LONGEST_SHORT_CODE
    if is_toll_free_us(value):
        return True
    parsed = _parse(value, None) if _E164.fullmatch(value) and value.startswith("+1") else None
    return parsed is not None and phonenumbers.region_code_for_number(parsed) in {*_MMS_COUNTRIES, None}


def can_reply(kind: Kind) -> bool:
    """Whether a text can go back: a name is one-way."""
    return kind != "alpha"


def time_zones(value: str) -> tuple[str, ...]:
    """Every time zone this number may be in, by its area and exchange; empty when it says nothing about a place.

    Toll-free and personal numbers say nothing. A number that was ported or travels may be elsewhere.
    """
    parsed = _parse(value, None) if _E164.fullmatch(value) else None
    if parsed is None:
        return ()
    zones: tuple[str, ...] = timezone.time_zones_for_number(parsed)
    return () if zones == ("Etc/Unknown",) or len(zones) > _MOST_ZONES_OF_A_PLACE else zones


@lru_cache(maxsize=4096)
def place(value: str) -> str:
    """City or country of this number in English, such as "San Francisco, CA"; "" when unknown.

    The first call loads the world's prefixes: 0.4 s and 100 MB, which is why they are not loaded before.
    """
    parsed = _parse(value, None) if _E164.fullmatch(value) else None
    return str(_geocoder().description_for_number(parsed, "en")) if parsed else ""


def _geocoder() -> Any:
    return import_module("phonenumbers.geocoder")
