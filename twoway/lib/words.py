"""The words people read, in the language of whoever reads them.

`t` and `tn` word a sentence now, `later` when it is read (class bodies, choices), and `noted` only marks a sentence
that is kept in a table or a constant and worded with `t` where it is shown. What is in the catalogues is found by
these names (`scripts/translations`), so what stands in their brackets is a literal. English is the source: where a
catalogue has nothing, the English words are shown.

`reading_in` sets the language for what is worded in this thread of work; the desk does so for each request, and
whatever writes an email does so for its reader. This knows no framework: rules may word their sentences with it. The
catalogues are GNU gettext's, the same files that the templates' tags read.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

ENGLISH = "en"
LANGUAGES = {"en": "English", "es": "Español"}
"""What the desk speaks, by ISO 639-1, each in its own words."""
FOLDER = Path(__file__).parents[1] / "locale"
_reader: ContextVar[str] = ContextVar("reader_language", default=ENGLISH)


def t(words: str, /, **values: object) -> str:
    """A sentence in the reader's language; {name} in it is replaced by the value of that name."""
    told = _catalogue(_reader.get()).gettext(words) if words else ""
    return told.format(**values) if values else told


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """A sentence that counts: `one` when n is 1, by the language's own rules else. {n} is the number."""
    return _catalogue(_reader.get()).ngettext(one, many, n).format(n=n, **values)


def noted(words: str, /) -> str:
    """The words as they are, marked for the catalogues: `t` words them where they are shown."""
    return words


def current() -> str:
    """The language of whoever is being written for, by ISO 639-1."""
    return _reader.get()


def closest(asked: str) -> str:
    """The language of an Accept-Language header (RFC 9110, 12.5.4) that is wanted most and known here; else English."""
    weighted = []
    for place, part in enumerate(asked[:500].split(",")):
        tag, _, weight = part.partition(";")
        try:
            weighted.append((-float(weight.strip().removeprefix("q=") or 1), place, tag.strip().split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for weight, _, tag in sorted(weighted) if weight < 0 and tag in LANGUAGES), ENGLISH)


@contextmanager
def reading_in(language: str) -> Iterator[None]:
    """Word everything for this reader until the end of the block."""
    token = _reader.set(language)
    try:
        yield
    finally:
        _reader.reset(token)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", FOLDER, [language], fallback=True)
