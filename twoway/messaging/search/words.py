"""Words as they are indexed and looked for: without case and accents, with numbers in every notation.

The same functions make the words of a text and of what is typed, so that both always agree. Nothing here depends on a
locale of the database.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

LONGEST_WORD = 60
MOST_WORDS = 1500
"""Of one text; a text message has a few hundred at most."""
NATIONAL = 10
SHORTEST_NUMBER = 7
LAST = 4

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts without blanks between words: every character is a word, and words are phrases."""
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}](?:[^\W_{_ALONE}]|[\u0900-\u0963\u0966-\u0dff])*")
_NUMBER = re.compile(r"\+?\d(?:[\s().\-/\u2010-\u2015]{0,3}\d){6,}")
_MARKS = ((0x300, 0x36F), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670), (0x1AB0, 0x1AFF))
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
_SILENT = frozenset("'\u2019\u02bc\u00ad\u200b\u200c\u200d\u2060\ufeff\u0640")
"""Left out inside words: apostrophes, soft hyphens, joiners."""


class _Folds(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _SILENT or any(first <= code <= last for first, last in _MARKS):
            folded = ""
        else:
            plain = unicodedata.normalize("NFKD", char.casefold())
            kept = (one for one in plain if not any(first <= ord(one) <= last for first, last in _MARKS))
            folded = "".join(_LETTERS.get(one, one) for one in "".join(kept).casefold())
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """Small letters without accents and apostrophes: "Café O\u2019Brien" is "cafe obrien"."""
    return text.translate(_FOLDS)


class Word(NamedTuple):
    """A word of a folded text, and where it stands in it. Several may stand at one place: a number and its end."""

    text: str
    start: int
    end: int
    place: int


def words_in(folded: str) -> Iterator[Word]:
    """The words of a folded text in order; after a number's first figures also the number whole and its end."""
    numbers = {found.start() + found[0].startswith("+"): found for found in _NUMBER.finditer(folded)}
    for place, found in enumerate(_WORD.finditer(folded)):
        if place == MOST_WORDS:
            return
        yield Word(found[0][:LONGEST_WORD], found.start(), found.end(), place)
        number = numbers.get(found.start())
        if number is not None:
            for form in sorted(forms(number[0]) | {_digits(number[0])[-LAST:]}):
                yield Word(form, number.start(), number.end(), place)


def plain_words(text: str) -> list[str]:
    """The words of a text in order, numbers only in the pieces they are written in."""
    return [found[0][:LONGEST_WORD] for found in _WORD.finditer(fold(text))][:MOST_WORDS]


def forms(number: str) -> set[str]:
    """The ways a phone number is indexed: all its digits, and its last ten; none for fewer than seven digits."""
    digits = _digits(number)
    if len(digits) < SHORTEST_NUMBER:
        return set()
    return {digits[:LONGEST_WORD], digits[-NATIONAL:]}


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit() and unicodedata.digit(char, -1) >= 0)


def counted(word: str) -> bool:
    """Whether the lexicon keeps this word: not for long numbers, which are nobody's typing errors."""
    return len(word) <= 30 and (len(word) <= LAST or not any(char.isdigit() for char in word))


# Highlights -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What to mark: whole words, and beginnings of words, all folded."""

    words: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    def length_in(self, word: str) -> int:
        """How many letters of this folded word are to be marked: all, its beginning, or none."""
        if word in self.words:
            return len(word)
        return max((len(one) for one in self.prefixes if word.startswith(one)), default=0)


def marked(text: str, wanted: Wanted, *, length: int = 0) -> tuple[Piece, ...]:
    """The text in pieces, what was looked for marked; with `length`, about so many characters around the first."""
    spans = _spans(text, wanted)
    start, end = _window(text, spans, length) if length and len(text) > length else (0, len(text))
    pieces = [Piece("\u2026")] if start > 0 else []
    at = start
    for first, last in spans:
        if last <= start or first >= end:
            continue
        if first > at:
            pieces.append(Piece(text[at:first]))
        pieces.append(Piece(text[max(first, at) : min(last, end)], is_hit=True))
        at = min(last, end)
    if at < end:
        pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece("\u2026"))
    return tuple(piece for piece in pieces if piece.text)


def _spans(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Where in the text the hits are, in order, none over another."""
    folded, starts = [], []
    for index, char in enumerate(text):
        piece = _FOLDS[ord(char)]
        folded.append(piece)
        starts += [index] * len(piece)
    found = []
    for word in words_in("".join(folded)):
        length = wanted.length_in(word.text)
        if length:
            found.append((word.start, word.end if length == len(word.text) else word.start + length))
    spans: list[tuple[int, int]] = []
    for first, last in sorted(found):
        begin, end = starts[first], starts[last - 1] + 1
        while end < len(text) and not _FOLDS[ord(text[end])] and text[end] not in "'\u2019":
            end += 1
        if spans and begin < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


def _window(text: str, spans: list[tuple[int, int]], length: int) -> tuple[int, int]:
    """A stretch of about this length with as many hits as fit, begun at a blank."""
    begins = [first for first, _ in spans]
    best = max(spans, key=lambda span: bisect_right(begins, span[0] + length) - begins.index(span[0]), default=(0, 0))
    start = max(best[0] - length // 4, 0)
    if start:
        blank = text.rfind(" ", max(start - 12, 0), start + 1)
        start = blank + 1 if blank >= 0 else start
    return start, min(start + length, len(text))


def day_mark(workspace: int, day: datetime) -> str:
    """The mark of everything of one workspace on one day of UTC."""
    return f"#d{workspace}.{day:%Y%m%d}"


def month_mark(workspace: int, day: datetime) -> str:
    """The mark of everything of one workspace in one month of UTC."""
    return f"#m{workspace}.{day:%Y%m}"
