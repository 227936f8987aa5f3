"""What the lexicon knows of the words somebody typed: how common they are, how they may go on, what is near them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from django.db import connection

from twoway.messaging.search.rules import Query, Term, distance, errors_allowed
from twoway.messaging.search.words import LAST, Wanted, counted

MOST_ENDINGS = 24
"""Words a beginning may stand for, the most common first."""
NEAR_AT_MOST = 40
UNCOUNTED = 10
"""In how many texts a long number is taken to be."""

_KNOWN: LiteralString = (
    "SELECT word, texts FROM search_word WHERE workspace_id = %(workspace)s AND word = ANY(%(words)s) AND texts > 0"
)
_BEGINS: LiteralString = """
    SELECT word, texts FROM search_word WHERE workspace_id = %(workspace)s AND word LIKE %(begins)s
    ORDER BY texts DESC, word LIMIT %(limit)s
"""
_NEAR: LiteralString = """
    (SELECT word, texts FROM search_word WHERE workspace_id = %(workspace)s AND word %% %(word)s
     ORDER BY similarity(word, %(word)s) DESC, texts DESC LIMIT %(limit)s)
    UNION
    (SELECT word, texts FROM search_word WHERE workspace_id = %(workspace)s AND word LIKE %(begins)s
     AND length(word) BETWEEN %(shortest)s AND %(longest)s ORDER BY texts DESC LIMIT %(limit)s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """A term as it is looked for. `groups` are its words one after another, each with all it may stand for.

    `texts` is in about how many texts it is; `used` is the word taken in place of `term.typed`, "" when it stands.
    """

    term: Term
    groups: tuple[tuple[str, ...], ...]
    texts: int
    used: str = ""

    @property
    def tsquery(self) -> str:
        """The term in the language of PostgreSQL. Words hold letters and figures only."""
        said = " <-> ".join(_either(group) for group in self.groups)
        return f"!({said})" if self.term.is_excluded else f"({said})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A query with all its terms looked up."""

    query: Query
    terms: tuple[Looked, ...]

    @property
    def positive(self) -> tuple[Looked, ...]:
        """The terms that must be there."""
        return tuple(one for one in self.terms if not one.term.is_excluded)

    @property
    def texts(self) -> int | None:
        """In how many texts at most all terms can be; None where no word is asked for."""
        return min((one.texts for one in self.positive), default=None)

    @property
    def corrections(self) -> tuple[tuple[str, str], ...]:
        """What was typed and what was looked for in its place."""
        return tuple((one.term.typed, one.used) for one in self.terms if one.used)

    @property
    def corrected_text(self) -> str:
        """The whole query with its corrections, as it would be typed."""
        text = self.query.text
        for typed, used in self.corrections:
            text = text.replace(typed, used)
        return text

    @property
    def wanted(self) -> Wanted:
        """What to mark in a text."""
        prefixes = tuple(one.term.words[-1] for one in self.positive if one.term.is_prefix)
        groups = [group for one in self.positive for group in (one.groups[:-1] if one.term.is_prefix else one.groups)]
        typed = [word for one in self.positive if not one.term.is_prefix for word in one.term.words]
        return Wanted(words=frozenset([word for group in groups for word in group] + typed), prefixes=prefixes)


def look_up(workspace_id: int, query: Query, *, is_exact: bool = False) -> Known:
    """Look every word up; those nobody ever wrote are replaced by near ones, unless `is_exact`. Two queries or more."""
    words = {word for term in query.terms for word in term.words}
    texts = _texts(workspace_id, words)
    terms = []
    for term in query.terms:
        found = _looked(workspace_id, term, texts)
        if found.texts == 0 and not is_exact and not term.is_excluded:
            found = _corrected(workspace_id, found, texts)
        terms.append(found)
    return Known(query=query, terms=tuple(terms))


def _texts(workspace_id: int, words: Iterable[str]) -> dict[str, int]:
    wanted = sorted(word for word in words if counted(word))
    return dict(_rows(_KNOWN, {"workspace": workspace_id, "words": wanted})) if wanted else {}


def _looked(workspace_id: int, term: Term, texts: dict[str, int]) -> Looked:
    if term.is_number:
        return Looked(term=term, groups=(term.words,), texts=UNCOUNTED)
    groups: list[tuple[str, ...]] = [(word,) for word in term.words]
    counts = [texts.get(word, 0) if counted(word) else UNCOUNTED for word in term.words]
    if term.is_prefix:
        last = term.words[-1]
        begun = _rows(_BEGINS, {"workspace": workspace_id, "begins": f"{last}%", "limit": MOST_ENDINGS})
        groups[-1] = tuple(dict.fromkeys([last, *(word for word, _ in begun)]))
        counts[-1] = max(sum(count for _, count in begun), counts[-1])
    return Looked(term=term, groups=tuple(groups), texts=min(counts))


def _corrected(workspace_id: int, found: Looked, texts: dict[str, int]) -> Looked:
    """The same with every word nobody wrote replaced by the nearest; as it was where one has none."""
    words, counts = [], []
    for group in found.groups:
        word = group[0]
        best = (word, texts[word]) if texts.get(word) else near(workspace_id, word)
        if best is None:
            return found
        words.append(best[0])
        counts.append(best[1])
    if tuple(words) == found.term.words:
        return found
    term = replace(found.term, words=tuple(words), is_prefix=False)
    return Looked(term=term, groups=tuple((word,) for word in words), texts=min(counts), used=" ".join(words))


def near(workspace_id: int, word: str) -> tuple[str, int] | None:
    """The nearest word of the lexicon and in how many texts it is; the commoner of two that are as near."""
    most = errors_allowed(word)
    if not most or (len(word) <= LAST and any(char.isdigit() for char in word)) or not counted(word):
        return None
    names = {
        "workspace": workspace_id,
        "word": word,
        "limit": NEAR_AT_MOST,
        "begins": f"{word[0]}%",
        "shortest": len(word) - most,
        "longest": len(word) + most,
    }
    found = [(distance(word, other, most=most), -count, other) for other, count in _rows(_NEAR, names)]
    best = min((one for one in found if one[0] <= most), default=None)
    return (best[2], -best[1]) if best else None


def _either(words: Sequence[str]) -> str:
    said = " | ".join(f"'{word}'" for word in words)
    return f"({said})" if len(words) > 1 else said


def _rows(statement: LiteralString, names: dict[str, Any]) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())
