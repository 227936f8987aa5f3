"""What the templates of the search are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.desk.context.chips import Person, TagChip
from twoway.messaging.search.words import Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPerson:
    """Somebody whose name or number was found; `detail` is our number and when they last wrote or were written to."""

    url: str
    person: Person
    name: tuple[Piece, ...]
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundLine:
    """A text or a private note that was found. `who` wrote it; `side` is in, out or note."""

    url: str
    person: Person
    pieces: tuple[Piece, ...]
    who: str
    side: str
    channel: str
    at: datetime
    files: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTag:
    """A tag whose name begins with what was typed, and the search for what it is on."""

    url: str
    tag: TagChip


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterChip:
    """A filter in use, with the search without it; or one to be added: `adds` is what is typed for it."""

    label: str
    url: str
    adds: str = ""
    needs_value: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPage:
    """`desk/search/page.html`, and its results alone. `next` is the address of further texts, "" after the last.

    `corrected` was looked for in place of what was typed; `exact_url` looks for just that. `looked_to` says that the
    search ended there for lack of time.
    """

    q: str
    people: tuple[FoundPerson, ...] = ()
    tags: tuple[FoundTag, ...] = ()
    texts: tuple[FoundLine, ...] = ()
    notes: tuple[FoundLine, ...] = ()
    used: tuple[FilterChip, ...] = ()
    offered: tuple[FilterChip, ...] = ()
    problems: tuple[str, ...] = ()
    corrected: str = ""
    exact_url: str = ""
    next: str = ""
    looked_to: datetime | None = None
    kind: str = "text"
    is_asked: bool = False
    is_further: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether something was asked and nothing found."""
        return self.is_asked and not (self.people or self.tags or self.texts or self.notes or self.next)
