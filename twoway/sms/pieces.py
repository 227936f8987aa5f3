"""Cutting a long text into the parts it is sent in, and joining the parts of one that came in.

The cut agrees with `segments.count`: what is counted is what leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twoway.sms import gsm
from twoway.sms.segments import EXTENSION, Encoding, count

MOST_PARTS = 255


def split(text: str, *, long_header: bool = False, as_ucs2: bool = False) -> tuple[Encoding, Sequence[str]]:
    """The encoding of a text and its parts; a character is never cut in two.

    Parts of many hold 153 septets or 67 units, and with a header of 7 octets (`long_header`: a reference of 16 bits)
    152 or 66. `as_ucs2` is for a text that must leave as UCS-2 whatever its characters.
    """
    encoding: Encoding = "UCS-2" if as_ucs2 else count(text).encoding
    single, limit = (160, 153) if encoding == "GSM-7" else (70, 67)
    costs = [_cost(char, encoding) for char in text]
    if sum(costs) <= single:
        return encoding, (text,)
    parts, start, used = [], 0, 0
    for place, cost in enumerate(costs):
        if used + cost > limit - long_header:
            parts.append(text[start:place])
            start, used = place, 0
        used += cost
    return encoding, [*parts, text[start:]]


def _cost(char: str, encoding: Encoding) -> int:
    return 2 if (char in EXTENSION if encoding == "GSM-7" else ord(char) > 0xFFFF) else 1


def join(parts: Mapping[int, str], total: int) -> str:
    """The text of these parts, numbered from 1, in order; a missing one is named in its place.

    A character that its sender cut in two (a surrogate pair, or ESC and its code) is made whole where both halves came.
    """
    if len(parts) >= total:
        return _whole("".join(parts[number] for number in range(1, total + 1)))
    pieces, run = [], ""
    for number in range(1, total + 1):
        if number in parts:
            run += parts[number]
            continue
        pieces += [_whole(run), f"[part {number} of {total} is missing]"]
        run = ""
    return " ".join(piece for piece in (one.strip() for one in [*pieces, _whole(run)]) if piece)


def late(text: str, number: int, total: int) -> str:
    """A part that came after its text was shown without it."""
    return f"[part {number} of {total}, came late] {_whole(text).strip()}"


def _whole(text: str) -> str:
    healed = gsm.heal(text)
    return healed.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")
