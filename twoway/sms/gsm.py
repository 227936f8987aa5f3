"""Octets of the GSM default alphabet (3GPP TS 23.038), one character in an octet, as SMPP carries them.

A character of the extension table is two octets, ESC and its code.
"""

from __future__ import annotations

import re

from twoway.sms.segments import BASIC

ESC = 0x1B
EXTENSION_CODES = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_PLACES = [*BASIC[:ESC], "\x1b", *BASIC[ESC:]]
_OCTETS = {char: bytes([code]) for code, char in enumerate(_PLACES) if code != ESC} | {
    char: bytes([ESC, code]) for char, code in EXTENSION_CODES.items()
}
_TABLE = dict(enumerate(_PLACES))
_AFTER_ESC = {_PLACES[code]: char for char, code in EXTENSION_CODES.items()}
_ESCAPED = re.compile("\x1b(.)", re.DOTALL)


def encode(text: str) -> bytes:
    """The octets of a text. Raises `UnicodeEncodeError` at the first character that is in neither table."""
    try:
        return b"".join([_OCTETS[char] for char in text])
    except KeyError:
        place = next(number for number, char in enumerate(text) if char not in _OCTETS)
        raise UnicodeEncodeError("gsm", text, place, place + 1, "not in the GSM alphabet") from None


def decode(octets: bytes) -> str:
    """The text of some octets; it never fails.

    An octet above 0x7F, which this alphabet does not have, is read as Latin-1. An ESC that ends the text stays, so that
    `heal` can join it with the next piece of a longer text.
    """
    return heal(octets.decode("latin-1").translate(_TABLE))


def heal(text: str) -> str:
    """The text with each ESC and the character after it made one character of the extension table.

    What the table does not have is shown as the character alone, as phones do.
    """
    if "\x1b" not in text:
        return text
    return _ESCAPED.sub(lambda found: _AFTER_ESC.get(found[1], found[1]), text)
