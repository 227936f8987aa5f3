"""What stands in or beside a log, over and above texts, notes and lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from twoway.desk.context.files import FileItem
from twoway.lib.words import t


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Another conversation with the same person: its line in words, its icon, and its address."""

    name: str
    icon: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """What somebody thought of a text: a sign, who, the text that said so as it came, and its id."""

    sign: str
    words: str
    raw: str
    message_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceCard:
    """A place that a text names: coordinates in words, and where a map shows it once somebody asks for it."""

    words: str
    coordinates: str
    map_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldItem:
    """An earlier episode as one line: `#fold-<number>`. What it holds sorts between `sort` and `until`.

    `first_id` is its first text, 0 when it has none; `url` brings all of it.
    """

    number: int
    words: str
    url: str
    page_url: str
    at: datetime
    sort: str
    until: str
    kind: Literal["fold"] = "fold"


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryMenu:
    """What can be done with a whole conversation: find a day in it, look at its files, take a copy."""

    conversation_id: int
    today: date
    first_day: date
    last_week: date
    others: int
    shows_all: bool
    may_export: bool
    has_address: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One picture or file of the gallery with who sent it, when, and where it stands in the log."""

    file: FileItem
    who: str
    at: datetime
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """The files of one month, the newest first."""

    label: str
    files: tuple[Shown, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gallery:
    """All pictures and files of a conversation or a person. `more` is the cursor of older ones, "" at the end."""

    conversation_id: int
    person: str
    months: tuple[Month, ...]
    kind: str
    shows_all: bool
    others: int
    more: str = ""
    is_first: bool = True

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """What may be shown, by the word of its address."""
        return (("", t("All")), ("pictures", t("Pictures")), ("files", t("Files")))
