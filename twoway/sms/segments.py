"""How a text is encoded, how many parts it costs, and how to make it cheaper.

Source of the alphabet: 3GPP TS 23.038, default alphabet and its extension table. A text whose every character is in
them is sent as GSM-7 (an extension character costs two septets); one other character makes the whole text UCS-2,
where a character above U+FFFF costs two units.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from twoway.sms.plainer import plainer

Encoding = Literal["GSM-7", "UCS-2"]

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"

_ALL_BASIC = re.compile(f"[{re.escape(BASIC)}]*")
_NOT_GSM = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Segmented:
    """What a text costs. `units` are septets (GSM-7) or 16-bit units (UCS-2); `per_segment` adds up to them."""

    encoding: Encoding
    units: int
    segments: int
    per_segment: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Costly:
    """One character which forces UCS-2. `position` counts code points from 0.

    `replacement` is what could stand there instead, "" when it can simply go, None when nothing is equivalent.
    """

    char: str
    code_point: str
    name: str
    position: int
    replacement: str | None


def count(text: str, *, toll_free_us: bool = False) -> Segmented:
    """Encoding, units and parts of a text exactly as given; `prepare` it first.

    A part of many holds 153 septets or 67 units, because the header takes 6 octets of 140; from a toll-free number of
    the US or Canada 152 or 66, because there it takes 7. A character is never cut in two: one that does not fit opens
    the next part. The provider's own number, once known, is the truth: a few providers keep emoji sequences whole.
    """
    if _ALL_BASIC.fullmatch(text):
        return _plain("GSM-7", len(text), 160, 152 if toll_free_us else 153)
    if _NOT_GSM.search(text) is None:
        return _uneven("GSM-7", text, _EXTENDED, 160, 152 if toll_free_us else 153)
    if _ASTRAL.search(text) is None:
        return _plain("UCS-2", len(text), 70, 66 if toll_free_us else 67)
    return _uneven("UCS-2", text, _ASTRAL, 70, 66 if toll_free_us else 67)


def _plain(encoding: Encoding, units: int, single: int, limit: int) -> Segmented:
    """Every character costs one unit: the parts follow by division."""
    if units <= single:
        return Segmented(encoding, units, 1, (units,))
    full, rest = divmod(units, limit)
    parts = (limit,) * full + ((rest,) if rest else ())
    return Segmented(encoding, units, len(parts), parts)


def _uneven(encoding: Encoding, text: str, double: re.Pattern[str], single: int, limit: int) -> Segmented:
    """Characters matched by `double` cost two units, the others one."""
    units = len(text) + len(double.findall(text))
    if units <= single:
        return Segmented(encoding, units, 1, (units,))
    parts = tuple(_fill((2 if double.match(char) else 1 for char in text), limit))
    return Segmented(encoding, units, len(parts), parts)


def _fill(costs: Iterable[int], limit: int) -> Iterable[int]:
    """Sizes of the parts, filled one after the other."""
    used = 0
    for cost in costs:
        if used + cost > limit:
            yield used
            used = 0
        used += cost
    yield used


def costly(text: str) -> list[Costly]:
    """The characters that make this text UCS-2, in order; empty for a GSM-7 text."""
    return [
        Costly(
            char=found[0],
            code_point=f"U+{ord(found[0]):04X}",
            name=_name(found[0]),
            position=found.start(),
            replacement=plainer(found[0]),
        )
        for found in _NOT_GSM.finditer(text)
    ]


def _name(char: str) -> str:
    """The Unicode name, or a plain word for the ones without any."""
    if char == "\t":
        return "TAB"
    return unicodedata.name(char, "CONTROL CHARACTER" if unicodedata.category(char) == "Cc" else "UNNAMED CHARACTER")


def suggestion(text: str, *, toll_free_us: bool = False) -> str | None:
    """The same text in plainer characters, when that makes it GSM-7 and saves at least one part; otherwise None.

    Accented letters, other scripts and emoji are never changed, so a text that needs them gets no suggestion.
    """
    before = count(text, toll_free_us=toll_free_us)
    if before.encoding == "GSM-7" or before.segments == 1:
        return None
    plain = plain_text(text)
    after = count(plain, toll_free_us=toll_free_us)
    return plain if after.encoding == "GSM-7" and after.segments < before.segments else None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text and what stands there in plainer characters: the same, or `before` changed to `after`."""

    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether these characters would be others."""
        return self.before != self.after


def pieces(text: str) -> list[Piece]:
    """The text cut where plainer characters would change it: together the text before and after."""
    found: list[Piece] = []
    for char in prepare(text):
        replacement = plainer(char) if _NOT_GSM.match(char) else None
        piece = Piece(char, _or_itself(replacement, char))
        if found and found[-1].is_changed == piece.is_changed:
            found[-1] = Piece(found[-1].before + piece.before, found[-1].after + piece.after)
        else:
            found.append(piece)
    return found


def without_costly(text: str, *, toll_free_us: bool = False) -> Segmented:
    """What the text would cost in plainer characters and without those, such as emoji, that have no plainer equal."""
    return count(_NOT_GSM.sub("", plain_text(text)), toll_free_us=toll_free_us)


def plain_text(text: str) -> str:
    """The text with every character that has a plainer equal replaced, whatever comes out of it."""
    text = prepare(text)
    return _NOT_GSM.sub(lambda found: _or_itself(plainer(found[0]), found[0]), text)


def _or_itself(replacement: str | None, char: str) -> str:
    return char if replacement is None else replacement


def prepare(text: str) -> str:
    """The text as it will be sent: NFC, a tab as a space, no control characters but LF, CR and FF, no half characters.

    Half a surrogate pair becomes U+FFFD. Doing it twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _CONTROL.sub("", _whole(text)).replace("\t", " "))


def clean_inbound(text: str) -> str:
    """The text as it can be stored: NFC, no NUL and no half characters. Everything else is kept. Never fails."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return unicodedata.normalize("NFC", _whole(text).replace("\x00", ""))


def _whole(text: str) -> str:
    """Surrogate pairs joined, lone halves replaced by U+FFFD."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
