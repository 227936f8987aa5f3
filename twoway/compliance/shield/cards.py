"""Card numbers in a text: digits with separators, the check digit, and a prefix and length some issuer uses.

Sources: ISO/IEC 7812-1 (13 to 19 digits, the Luhn check digit in annex B), the networks' published ranges of issuer
numbers, and PCI DSS v4.0 requirement 3.4.1: what is shown of a number is at most its first six and last four digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

SHORTEST, LONGEST = 13, 19
SEPARATOR = "\\s\\-._\u00ad\u00b7\u200b-\u200f\u2010-\u2015\u2212\u2028-\u202e\u2060\ufeff"
"""What people and phones put between the digits, as the inside of a character class."""

_RUN = re.compile(f"[0-9]+(?:[{SEPARATOR}]{{1,3}}[0-9]+)*")
_RAW_RUN = re.compile(f"[0-9]+(?:[{SEPARATOR}\0]{{1,3}}[0-9]+)*")
_GROUP = re.compile("[0-9]+")
_MASKED = re.compile(r"(?<![0-9])[0-9]{6}\*{3,9}[0-9]{4}(?![0-9])")
_DATE = re.compile(r"(?<![0-9])[0-9]{1,2}[-. ][0-9]{1,2}[-. ](?:19|20)[0-9]{2}(?![0-9])")
_PHONES = re.compile("34|343|334")


@dataclass(frozen=True, slots=True)
class Issuer:
    """A range of prefixes, all of the same length, and how long its numbers are. `since`: the year it is in use."""

    name: str
    first: str
    last: str
    lengths: frozenset[int]
    since: int


def _issuer(name: str, first: str, last: str, lengths: Sequence[int], since: int) -> Issuer:
    return Issuer(name, first, last, frozenset(lengths), since)


ISSUERS = (
    _issuer("Visa", "4", "4", (13, 16, 19), 1958),
    _issuer("Mastercard", "51", "55", (16,), 1966),
    _issuer("Mastercard", "2221", "2720", (16,), 2017),
    _issuer("American Express", "34", "34", (15,), 1958),
    _issuer("American Express", "37", "37", (15,), 1958),
    _issuer("Diners Club", "300", "305", (14, 16, 17, 18, 19), 1950),
    _issuer("Diners Club", "3095", "3095", (14, 16, 17, 18, 19), 1950),
    _issuer("Diners Club", "36", "36", (14, 15, 16, 17, 18, 19), 1950),
    _issuer("Diners Club", "38", "39", (14, 16, 17, 18, 19), 1950),
    _issuer("JCB", "3528", "3589", (16, 17, 18, 19), 1961),
    _issuer("Discover", "6011", "6011", (16, 17, 18, 19), 1985),
    _issuer("Discover", "644", "649", (16, 17, 18, 19), 1985),
    _issuer("Discover", "65", "65", (16, 17, 18, 19), 1985),
    _issuer("UnionPay", "62", "62", (16, 17, 18, 19), 2002),
    _issuer("UnionPay", "8100", "8171", (16, 17, 18, 19), 2013),
    _issuer("Maestro", "5018", "5018", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Maestro", "5020", "5020", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Maestro", "5038", "5038", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Maestro", "5893", "5893", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Maestro", "6304", "6304", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Maestro", "6759", "6759", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Maestro", "6761", "6763", (13, 14, 15, 16, 17, 18, 19), 1991),
    _issuer("Mir", "2200", "2204", (16, 17, 18, 19), 2015),
    _issuer("Elo", "636297", "636297", (16,), 2011),
    _issuer("Elo", "636368", "636368", (16,), 2011),
    _issuer("RuPay", "508500", "508999", (16,), 2012),
    _issuer("RuPay", "606985", "607984", (16,), 2012),
    _issuer("Troy", "9792", "9792", (16,), 2016),
)

_GROUPINGS = frozenset(
    ((4, 6, 5), (4, 6, 4), (4, 3, 3, 3), (6, 13), (8, 8), (4, 12), (12, 4), (6, 10), (4, 4, 8), (8, 4, 4), (4, 8, 4))
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def issuer_of(digits: str) -> Issuer | None:
    """Who issues numbers that begin like this and have this length."""
    for issuer in ISSUERS:
        begins = digits[: len(issuer.first)]
        if issuer.first <= begins <= issuer.last and len(digits) in issuer.lengths:
            return issuer
    return None


def is_card(digits: str) -> bool:
    """Whether these bare digits are the number of a card."""
    if not SHORTEST <= len(digits) <= LONGEST or digits.count(digits[0]) == len(digits):
        return False
    return luhn(digits) and issuer_of(digits) is not None


def masked(digits: str) -> str:
    """At most the first six and the last four: 411111******1111."""
    return f"{digits[:6]}{'*' * max(3, min(9, len(digits) - 10))}{digits[-4:]}"


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    end: int
    digits: str


def find(text: str, *, is_raw: bool = False) -> list[tuple[int, int]]:
    """Where card numbers are: start and end of each, in order, without overlap.

    A number may be one run or in groups, and may stand among other numbers. `text` has ASCII digits. What `masked`
    made is not looked at again. With `is_raw` NUL separates too, as in UTF-16 read byte by byte.
    """
    for shape in _MASKED.finditer(text):
        text = text[: shape.start()] + "x" * len(shape.group()) + text[shape.end() :]
    found: list[tuple[int, int]] = []
    for run in (_RAW_RUN if is_raw else _RUN).finditer(text):
        if run.end() - run.start() >= SHORTEST:
            found += _in_run(text, run.start(), run.end())
    return found


def _in_run(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    groups = [_Group(one.start(), one.end(), one.group()) for one in _GROUP.finditer(text, start, end)]
    first = 1 if start and text[start - 1] == "+" else 0
    while first < len(groups):
        last = _window(text, groups, first)
        if last is None:
            first += 1
            continue
        inner = first + 1
        while inner <= last:  # another one that begins inside is covered as well
            last = max(last, _window(text, groups, inner) or 0)
            inner += 1
        yield groups[first].start, groups[last].end
        first = last + 1


def _window(text: str, groups: Sequence[_Group], first: int) -> int | None:
    """The last group of a card number that begins with group `first`."""
    ends: dict[int, int] = {}
    digits = ""
    for last in range(first, min(len(groups), first + LONGEST)):
        digits += groups[last].digits
        if len(digits) > LONGEST:
            break
        ends[len(digits)] = last
    found = [
        last
        for last in ends.values()
        if is_card(digits_of(groups[first : last + 1]))
        and _is_grouped_like_one(text, groups[first : last + 1], is_all=last - first + 1 == len(groups))
    ]
    for shorter, longer in pairwise(found):
        if longer == shorter + 1 and len(groups[longer].digits) in {3, 4} and found[-1] == longer:
            return shorter  # a number and its security code may by chance be a number too
    return found[-1] if found else None


def digits_of(groups: Sequence[_Group]) -> str:
    """The digits of some groups."""
    return "".join(group.digits for group in groups)


def _is_grouped_like_one(text: str, groups: Sequence[_Group], *, is_all: bool) -> bool:
    """Whether its groups are as people write card numbers, and not a row of phone numbers or dates."""
    sizes = tuple(len(group.digits) for group in groups)
    if len(sizes) == 1 or sizes in _GROUPINGS:
        return True
    if sizes[0] in {1, 2, 4, 8} and set(sizes[:-1]) == {sizes[0]} and sizes[-1] <= sizes[0]:
        return True
    if any(after.start - before.end > 1 for before, after in pairwise(groups)):
        return False
    if _DATE.search(text, groups[0].start, groups[-1].end):
        return False
    return is_all or _PHONES.search("".join(str(size) if size < 10 else "x" for size in sizes)) is None
