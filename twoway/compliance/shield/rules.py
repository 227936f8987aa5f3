"""What must never be kept of a text, and how it is taken out: card numbers, SSNs, CVVs, passwords, one-time codes.

Sources: PCI DSS v4.0 3.3.1 (a security code or PIN is not kept after authorisation, not even encrypted), 3.4.1 (at most
the first six and last four digits of a card number are shown), 4.2.2 (no card numbers over messaging without strong
cryptography, which texts don't have); the Social Security Administration's rules for the three groups of an SSN.

Everything here is a pure function. A text is looked at closely only when `is_suspect` says so, which costs about 1 µs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from twoway.compliance.shield import cards, words
from twoway.lib.words import noted, t

Kind = Literal["card", "ssn", "cvv", "password", "code"]
KINDS: tuple[Kind, ...] = ("card", "ssn", "cvv", "password", "code")
ALWAYS: frozenset[str] = frozenset({"card", "cvv"})
"""What PCI DSS forbids to keep; a workspace may not switch these off."""
EVERY: frozenset[str] = frozenset(KINDS)
LABELS = {
    "card": noted("Card number"),
    "ssn": noted("Social Security number"),
    "cvv": noted("Card security code"),
    "password": noted("Password or PIN"),
    "code": noted("One-time code"),
}
IN_A_SENTENCE = {
    "card": noted("card number"),
    "ssn": noted("Social Security number"),
    "cvv": noted("card security code"),
    "password": noted("password or PIN"),
    "code": noted("one-time code"),
}

LONGEST_SEEN = 1_100_000
"""Characters that are looked at; a request has at most 1 MiB."""


@dataclass(frozen=True, slots=True)
class Found:
    """One secret: what it is, and where in the text as it was given (code points, end excluded)."""

    kind: Kind
    start: int
    end: int


_DIGITS = re.compile(r"\d[^\da-z]{0,3}\d[^\da-z]{0,3}\d", re.IGNORECASE)
_ASCII_DIGITS = re.compile(r"[0-9][^0-9a-zA-Z]{0,3}[0-9][^0-9a-zA-Z]{0,3}[0-9]")


def is_suspect(text: str) -> bool:
    """Whether there may be a secret in it: the cheap question that settles most texts."""
    if text.isascii():
        low, digits = text.lower(), _ASCII_DIGITS
    else:
        low, digits = unicodedata.normalize("NFKC", text).lower(), _DIGITS
    if "pass" in low or "pw" in low or "clave" in low or "contrase" in low or "senha" in low or "mdp" in low:
        return True
    if "kennwort" in low or "parola" in low:
        return True
    return digits.search(low) is not None


def redact(text: str, *, kinds: Collection[str] = EVERY) -> tuple[str, tuple[Found, ...]]:
    """The text without its secrets, and what they were. A text without any comes back as it is.

    Doing it twice changes nothing. The time it takes grows with the text's length and no faster.
    """
    if not is_suspect(text):
        return text, ()
    found = find(text, kinds=kinds)
    return (_masked(text, found), found) if found else (text, ())


def find(text: str, *, kinds: Collection[str] = EVERY) -> tuple[Found, ...]:
    """Where the secrets are, in order and without overlap."""
    folded, places = _folded(text)
    taken: list[Found] = []
    low = folded.lower()
    for finder, needs in _FINDERS:
        if needs and not any(piece in low for piece in needs):
            continue
        for kind, start, end in finder(folded):
            if kind in kinds and not any(start < one.end and one.start < end for one in taken):
                taken.append(Found(kind, start, end))
    taken.sort(key=lambda one: one.start)
    return tuple(Found(one.kind, places(one.start), places(one.end - 1) + 1) for one in taken)


def describe(kinds: Iterable[str]) -> str:
    """The kinds as words in a sentence: "card number and card security code"."""
    wanted = set(kinds)
    names = [t(IN_A_SENTENCE[kind]) for kind in KINDS if kind in wanted]
    if len(names) < 2:
        return "".join(names)
    return t("{some} and {last}", some=", ".join(names[:-1]), last=names[-1])


def mask(kind: str, secret: str) -> str:
    """What is kept in place of a secret."""
    if kind == "card":
        return cards.masked("".join(_digit(char) for char in secret))
    return {"ssn": "***-**-****", "cvv": "***"}.get(kind, "******")


def _masked(text: str, found: Sequence[Found]) -> str:
    pieces, last = [], 0
    for one in found:
        pieces += [text[last : one.start], mask(one.kind, text[one.start : one.end])]
        last = one.end
    return "".join([*pieces, text[last:]])


# Folding -----------------------------------------------------------------------------------------------------------


def _folded(text: str) -> tuple[str, Callable[[int], int]]:
    """The text in plain characters, digits of every script as 0 to 9, and where a place in it was in the original."""
    text = text[:LONGEST_SEEN]
    if text.isascii():
        return text, _same
    plain = [char if char.isascii() else _plain(char) for char in text]
    folded = "".join(plain)
    if len(folded) == len(text):
        return folded, _same
    origin = [place for place, chars in enumerate(plain) for _ in chars]
    return folded, origin.__getitem__


def folded_alike(text: str) -> str:
    """The text with the digits of every script as 0 to 9, each character in its place."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() or len(_plain(char)) != 1 else _plain(char) for char in text)


def _same(place: int) -> int:
    return place


@cache
def _plain(char: str) -> str:
    """One character as NFKC has it, with ASCII digits; it never vanishes."""
    folded = unicodedata.normalize("NFKC", char) or char
    return "".join(str(unicodedata.decimal(one, None) if one.isdecimal() else one) for one in folded)


def _digit(char: str) -> str:
    """The digits a character stands for."""
    return "".join(one for one in (char if char.isascii() else _plain(char)) if "0" <= one <= "9")


# The finders, in the order in which they may claim a place ----------------------------------------------------------

Hit = tuple[Kind, int, int]
Finder = Callable[[str], Iterator[Hit]]

_EXPIRY = re.compile(
    r"[\s,;:/|.-]{0,3}(?:(?:exp\w*|valid\w*|cad\w*|val\w*)[\s.:]{0,3})?[0-9]{1,2}\s?[/-]\s?[0-9]{2,4}", re.IGNORECASE
)
_LONE = re.compile(r"[\s,;:/|-]{1,3}([0-9]{3,4})(?![0-9]|\*{3}|[.,:/-][0-9])")


def _cards(text: str) -> Iterator[Hit]:
    """Card numbers, and the three or four digits right after one or after its expiry date."""
    for start, end in cards.find(text):
        yield "card", start, end
        place = end
        for _ in range(2):
            expiry = _EXPIRY.match(text, place)
            place = expiry.end() if expiry else place
            lone = _LONE.match(text, place)
            if lone is None:
                break
            yield "cvv", lone.start(1), lone.end(1)
            place = lone.end(1)


_SSN = re.compile(
    r"(?<![0-9*])(?<![0-9][-. ])([0-9]{3})[-. \u2010-\u2015]([0-9]{2})[-. \u2010-\u2015]([0-9]{4})"
    r"(?![0-9])(?![-. ][0-9])"
)
_SSN_CUED = re.compile(
    rf"(?<!\w)(?:{words.SSN})[^0-9\n]{{0,30}}?([0-9]{{3}})[-.\s]{{0,2}}([0-9]{{2}})[-.\s]{{0,2}}([0-9]{{4}})(?![0-9])",
    re.IGNORECASE,
)
_SSN_THEN_CUE = re.compile(
    rf"(?<![0-9*])([0-9]{{3}})([0-9]{{2}})([0-9]{{4}})\W{{1,3}}(?:is\s+my\s+)(?:{words.SSN})", re.IGNORECASE
)


def _plain_ssns(text: str) -> Iterator[Hit]:
    return _ssns(text, _SSN)


def _named_ssns(text: str) -> Iterator[Hit]:
    """Also bare digits, beside their name."""
    return _ssns(text, _SSN_CUED, _SSN_THEN_CUE)


def _ssns(text: str, *patterns: re.Pattern[str]) -> Iterator[Hit]:
    for pattern in patterns:
        for hit in pattern.finditer(text):
            area, group, serial = hit.groups()
            if area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000":
                yield "ssn", hit.start(1), hit.end(3)


_JOIN = rf"(?:\s*[:=#]\s*|\s*-+>?\s*|\s+(?:{words.IS})\s*:?\s+|\s+)"
_CVV = re.compile(
    rf"(?<!\w)(?:{words.CVV})(?:\s+(?:number|code|no\.?))?{_JOIN}([0-9]{{3,4}})(?![0-9]|\*{{3}}|[.,:/-][0-9])",
    re.IGNORECASE,
)
_THEN_CVV = re.compile(
    rf"(?<![0-9*])([0-9]{{3,4}})\s+(?:{words.IS})\s+(?:my|the|mi|el|mon|le|mein|der|meu|o|il)\s+(?:mio\s+)?(?:{words.CVV})(?!\w)",
    re.IGNORECASE,
)


def _cvvs(text: str) -> Iterator[Hit]:
    for pattern in (_CVV, _THEN_CVV):
        for hit in pattern.finditer(text):
            yield "cvv", hit.start(1), hit.end(1)


_VALUE = r"[\"'“‘«]([^\"'”’»\n]{3,64})[\"'”’»]|([^\s\"'“”‘’«»]{3,64})"
_PASSWORD = re.compile(
    rf"(?<![\w-])(?:{words.LOGIN})(?:\s+(?:for|para|pour|für|per)\s+(?:\w+\s+)?\w+)?"
    rf"(?:(?P<sign>\s*[:=]\s*|\s*-+>\s*|\s+(?:{words.IS})\s*:\s*)|(?P<word>['’]s\s+|\s+(?:{words.IS})\s+)|\s+)(?:{_VALUE})",
    re.IGNORECASE,
)
_PIN = re.compile(
    rf"(?<!\w)(?:{words.PIN_OF})\s+pin(?:[\s-]*(?:code|number|nummer))?{_JOIN}([0-9]{{4,6}})(?![0-9*])", re.IGNORECASE
)
_TAIL = ".,;:!?)]}…"


def _passwords(text: str) -> Iterator[Hit]:
    for hit in _PASSWORD.finditer(text):
        place = 3 if hit.group(3) else 4
        value = hit.group(place).rstrip(_TAIL) or hit.group(place)
        ends_here = re.match(r"[.,;:!?)\]}…]*\s*(?:$|[\n])|[.,;!?]", text[hit.start(place) + len(value) :]) is not None
        link = "sign" if hit.group("sign") else "word" if hit.group("word") else ""
        if (place == 3 and link) or _is_password(value, link=link, ends_here=ends_here):
            yield "password", hit.start(place), hit.start(place) + len(value)
    for hit in _PIN.finditer(text):
        yield "password", hit.start(1), hit.end(1)


def _is_password(value: str, *, link: str, ends_here: bool) -> bool:
    """Whether what follows "password", "password is" or "password:" is one, and not the rest of a sentence."""
    low = value.lower()
    if low in words.ORDINARY or "***" in value or low.startswith(("http", "www.", "[")):
        return False
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    if not link:
        return has_digit and has_letter and len(value) >= 5
    if link == "sign" or has_digit:
        return True
    if any(not char.isalnum() and char not in "-'’" for char in value) or (value != low and value[1:] != low[1:]):
        return True
    return ends_here and len(value) >= 4 and not low.endswith(("ed", "ing"))


_DIGITS_OF_CODE = r"((?:[a-z]-)?[0-9]{3}[\s-][0-9]{3}|(?:[a-z]-)?[0-9]{4,8})(?![0-9]|\*{3}|[.,:/-][0-9])"
_CODE = re.compile(rf"(?<!\w)(?:{words.CODE})(?:\s+(?:number|nummer|code))?{_JOIN}{_DIGITS_OF_CODE}", re.IGNORECASE)
_THEN_CODE = re.compile(
    rf"(?<![\w*-]){_DIGITS_OF_CODE}\s+(?:{words.IS})\s+(?:{words.WHOSE_CODE}|{words.THE_CODE})\s+(?:\w+\s+){{0,2}}?"
    rf"(?:{words.CODE}|{words.PLAIN_CODE})(?!\w)",
    re.IGNORECASE,
)
_YOUR_CODE = re.compile(
    rf"(?<!\w)(?:{words.WHOSE_CODE})\s+(?:\w+\s+)?(?:{words.PLAIN_CODE}){_JOIN}{_DIGITS_OF_CODE}", re.IGNORECASE
)
_THE_CODE = re.compile(
    rf"(?:(?<!\w)(?:{words.THE_CODE})\s+|(?:^|[.!?,;\n])\s*)(?:{words.PLAIN_CODE}){_JOIN}"
    r"([0-9]{3}[\s-][0-9]{3}|[0-9]{6,8})(?![0-9]|\*{3}|[.,:/-][0-9])",
    re.IGNORECASE,
)
_HARMLESS = re.compile(rf"(?<!\w)(?:{words.HARMLESS_CODE})(?!\w)", re.IGNORECASE)


def _codes(text: str) -> Iterator[Hit]:
    """One-time codes by their name anywhere; "your code is ..." only where nothing speaks of a gate or an order."""
    for hit in _CODE.finditer(text):
        yield "code", hit.start(1), hit.end(1)
    if _HARMLESS.search(text):
        return
    for pattern in (_THEN_CODE, _YOUR_CODE, _THE_CODE):
        for hit in pattern.finditer(text):
            yield "code", hit.start(1), hit.end(1)


_FINDERS: tuple[tuple[Finder, tuple[str, ...]], ...] = (
    (_cards, ()),
    (_plain_ssns, ()),
    (_named_ssns, ("ssn", "social", "cial", "nss")),
    (
        _cvvs,
        ("cv", "ci", "cs", "secu", "segu", "code", "verif", "digit", "crypt", "nummer", "ziffer", "sicher", "sicur"),
    ),
    (_passwords, ("pass", "pw", "pin", "clave", "contrase", "senha", "mdp", "kennwort", "parola")),
    (_codes, ("cod", "c\u00f3d", "otp", "one")),
)
"""Each with the pieces of words, in small letters, without one of which it finds nothing."""
