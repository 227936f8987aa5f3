"""Card numbers that come in pieces: "4111 1111" in one text and "1111 1111" in the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from twoway.compliance.shield import cards
from twoway.compliance.shield.rules import folded_alike

WITHIN = timedelta(minutes=2)
"""Pieces of one number follow each other at most this far apart."""
CODE_WITHIN = timedelta(hours=1)
"""Three or four digits by themselves are a security code this long after a card number."""
MOST_TEXTS = 6

_LEAD = r"^[^\w+]*(?:(?:and|then|rest|next|the|is|last|y|luego|et|puis|und|dann|e|poi)\b\W+){0,4}"
_BEGINS = re.compile(rf"{_LEAD}(?=[0-9])", re.IGNORECASE)
_GOES_ON = re.compile(rf"{_LEAD}[0-9][^0-9a-z]{{0,3}}[0-9]{{2}}|{_LEAD}[0-9]{{1,2}}\W*$", re.IGNORECASE)
_LONG_END = re.compile(r"[0-9](?:[^0-9a-zA-Z]{0,3}[0-9]){5,17}\W{0,3}$")
_END = re.compile(r"\W{1,6}$")
_LONE_CODE = re.compile(r"^\W*([0-9]{3,4})\W*$")


def may_continue(body: str) -> bool:
    """Whether a text may be a piece of a number, or a security code: it begins with digits, or ends with many."""
    if body.isascii() and body.isalpha():
        return False
    text = folded_alike(body)
    return _GOES_ON.search(text) is not None or _LONG_END.search(text) is not None


@dataclass(frozen=True, slots=True)
class Joined:
    """The texts as they may be kept, in the order given, and what each held; "" where it held nothing."""

    bodies: tuple[str, ...]
    kinds: tuple[str, ...]


def join(bodies: Sequence[str], *, follows_card: bool = False) -> Joined:
    """Look at consecutive texts of one person, oldest first, as if they were one.

    The digits of a number that is spread over them become stars, all but its first six and last four.
    `follows_card`: the text before the last one held a card number, so three or four digits alone are its code.
    """
    kept = [list(body) for body in bodies]
    kinds = ["" for _ in bodies]
    backwards = tuple(reversed(range(len(bodies))))
    for order in (tuple(range(len(bodies))), backwards[:2]):  # two that overtook each other on their way
        for places in _spread([bodies[number] for number in order]):
            for number, place in places[6:-4]:
                kept[order[number]][place] = "*"
            for number, _ in places:
                kinds[order[number]] = "card"
        if any(kinds):
            break
    lone = _LONE_CODE.match(folded_alike(bodies[-1])) if follows_card and not kinds[-1] else None
    if lone is not None:
        kept[-1][lone.start(1) : lone.end(1)] = "***"
        kinds[-1] = "cvv"
    return Joined(tuple("".join(chars) for chars in kept), tuple(kinds))


def _spread(bodies: Sequence[str]) -> list[list[tuple[int, int]]]:
    """For each number that is spread over several texts: the text and the place of each of its digits."""
    text, places = "", list[tuple[int, int]]()
    for number, body in enumerate(bodies):
        plain = folded_alike(body)
        begins = _BEGINS.match(plain)
        start = begins.end() if begins and number else 0
        tail = _END.search(plain, start)
        end = tail.start() if tail and tail.start() > start else len(plain)
        text += plain[start:end] + "\n"
        places += [(number, place) for place in range(start, end)] + [(number, -1)]
    found = []
    for first, last in cards.find(text):
        digits = [places[place] for place in range(first, last) if text[place].isdigit()]
        if len({number for number, _ in digits}) > 1:
            found.append(digits)
    return found
