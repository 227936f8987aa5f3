"""What somebody typed into the search, taken apart: words, phrases, numbers and filters. Never raises.

refund "late fee" -deposit from:dana before:2026-03 has:photo
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from twoway.lib.words import t
from twoway.messaging.search.words import fold, forms, plain_words

LONGEST = 400
MOST_TERMS = 20
Key = Literal["from", "to", "with", "by", "number", "tag", "team", "before", "after", "on", "has", "is"]
KEYS: tuple[Key, ...] = get_args(Key)
HAS = ("photo", "file", "link", "note")
IS = ("open", "done", "snoozed", "unread")
_CHOICES: dict[str, tuple[str, ...]] = {"has": HAS, "is": IS}
_DAYS: tuple[Key, ...] = ("before", "after", "on")

_FILTER = re.compile(r'(-?)([A-Za-z]+):("([^"]*)"?|(\+?[(]?\d[\d\s().\-]{5,}\d)(?=\s|$)|\S*)')
_PHRASE = re.compile(r'(-?)"([^"]*)(?:"|$)')
_TYPED_NUMBER = re.compile(r"(-?)(\+?\(?\d(?:[\s().\-/\u2010-\u2015]{0,3}\d){6,})(?=\s|$)")
_PLAIN = re.compile(r'(-?)([^\s"]+)')
_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")
_AGO = re.compile(r"([0-9]{1,4})([dwmy])")
_IN_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """Words that stand one after another (one, or a phrase), a beginning of a word, or a number in several forms."""

    words: tuple[str, ...]
    typed: str
    is_prefix: bool = False
    is_excluded: bool = False
    is_number: bool = False
    is_quoted: bool = False

    @property
    def is_phrase(self) -> bool:
        """Whether its words must stand one after another."""
        return len(self.words) > 1 and not self.is_number


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One filter; `typed` is all of it as it was written. `days` are the first day and the day after the last."""

    key: Key
    value: str
    typed: str
    is_excluded: bool = False
    days: tuple[date, date] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What was asked. `problems` are sentences about filters that were left out because nobody can follow them."""

    text: str
    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked that could be found."""
        return not self.filters and all(term.is_excluded for term in self.terms)

    @property
    def said(self) -> str:
        """The plain words, as somebody would type a name."""
        return " ".join(term.typed for term in self.terms if not term.is_excluded)


def parse(text: str, *, today: date, is_typing: bool = False) -> Query:
    """Take apart what was typed; at most 400 characters of it. `today` is the day where the member is.

    While they are still typing, the last word is a beginning of a word.
    """
    text = " ".join(text.replace("\0", "")[:LONGEST].split())
    terms: list[Term] = []
    filters: list[Filter] = []
    problems: list[str] = []
    at = 0
    while at < len(text) and len(terms) + len(filters) < MOST_TERMS:
        if text[at].isspace():
            at += 1
            continue
        at = _take(text, at, terms, filters, problems, today)
    if is_typing and terms and at >= len(text):
        terms[-1] = _begun(terms[-1], text)
    return Query(text=text, terms=tuple(terms), filters=tuple(filters), problems=tuple(problems))


def _take(
    text: str, at: int, terms: list[Term], filters: list[Filter], problems: list[str], today: date
) -> int:  # fmt: skip
    """Read what begins here into one of the lists; where it ends."""
    found = _FILTER.match(text, at)
    if found and (key := _key(found[2])):
        _read_filter(found, key, filters, problems, today)
        return found.end()
    found = _PHRASE.match(text, at)
    if found:
        words = tuple(plain_words(found[2]))
        if words:
            terms.append(Term(words=words, typed=found[2], is_excluded=bool(found[1]), is_quoted=True))
        return found.end()
    found = _TYPED_NUMBER.match(text, at)
    if found:
        written = tuple(sorted(forms(found[2])))
        if written:
            terms.append(Term(words=written, typed=found[2], is_excluded=bool(found[1]), is_number=True))
            return found.end()
    found = _PLAIN.match(text, at)
    if found is None:
        return at + 1
    terms.extend(_plain(found))
    return found.end()


def _key(word: str) -> Key | None:
    return next((key for key in KEYS if key == word.lower()), None)


def _plain(found: re.Match[str]) -> list[Term]:
    """The words of something without blanks: an address such as a@b.example is a phrase, so are words with a hyphen."""
    words = tuple(plain_words(found[2]))
    if not words:
        return []
    return [Term(words=words, typed=found[2], is_excluded=bool(found[1]))]


def _begun(term: Term, text: str) -> Term:
    """The last word as a beginning, unless it is finished: quoted, a number, or left out."""
    if term.is_quoted or term.is_number or term.is_excluded or not text.endswith(term.typed):
        return term
    return Term(words=term.words, typed=term.typed, is_prefix=True)


def _read_filter(
    found: re.Match[str], key: Key, filters: list[Filter], problems: list[str], today: date
) -> None:  # fmt: skip
    value = (found[4] if found[4] is not None else found[3]).strip()
    if not value:
        return
    days = None
    if key in _DAYS:
        days = days_of(value, today=today)
        if days is None:
            wanted = t("{key}: takes a day such as 2026-03-14, a month, a year, today, yesterday or 7d.", key=key)
            problems.append(wanted)
            return
    choices = _CHOICES.get(key)
    if choices:
        value = fold(value).removesuffix("s") if key == "has" else fold(value)
        if value not in choices:
            many, last = ", ".join(choices[:-1]), choices[-1]
            problems.append(t("{key}: takes {choices} or {last}.", key=key, choices=many, last=last))
            return
    filters.append(Filter(key=key, value=value[:120], typed=found[0].strip(), is_excluded=bool(found[1]), days=days))


def days_of(text: str, *, today: date) -> tuple[date, date] | None:
    """The first day meant and the day after the last; None for what is no time. `7d` is the day a week ago."""
    word = text.strip().lower()
    if word in {"today", "yesterday"}:
        first = today - timedelta(days=word == "yesterday")
        return first, first + timedelta(days=1)
    try:
        if ago := _AGO.fullmatch(word):
            first = today - timedelta(days=int(ago[1]) * _IN_DAYS[ago[2]])
            return first, first + timedelta(days=1)
        if day := _DAY.fullmatch(word):
            return _stretch(int(day[1]), day[2], day[3])
    except (ValueError, OverflowError):
        return None
    return None


def _stretch(year: int, month: str | None, day: str | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    if day is None:
        first = date(year, int(month), 1)
        return first, (first + timedelta(days=32)).replace(day=1)
    one = date(year, int(month), int(day))
    return one, one + timedelta(days=1)


def is_number(text: str) -> bool:
    """Whether somebody typed a number, whole or its end: no letters, and at least three digits."""
    return sum(char.isdigit() for char in text) >= 3 and not any(char.isalpha() for char in text)


def distance(one: str, other: str, *, most: int) -> int:
    """How many letters differ: put in, left out, changed, or two swapped; `most` + 1 where it is more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, row, older = row, [i] + [0] * len(other), before
        for j, b in enumerate(other, start=1):
            row[j] = min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], older[j - 2] + 1)
        if min(row) > most:
            return most + 1
        before = last
    return min(row[-1], most + 1)


def errors_allowed(word: str) -> int:
    """How many typing errors a word of this length may have; none below four letters."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2
