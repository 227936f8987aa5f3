"""What the picker of saved replies and the menu of macros are given."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.desk.context.threads import Meter
from twoway.replies.rules import Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyOption:
    """One saved reply in the picker, filled in for the person. `end` stands at the end of its line: "1 seg".

    `searched` is what the browser looks through while the server answers. `link` is an article's.
    """

    id: int
    name: str
    searched: str
    end: str
    is_unicode: bool
    pieces: tuple[Piece, ...]
    text: str
    filled: tuple[str, ...]
    blanks: tuple[str, ...]
    used: str
    meter: Meter
    wording: str = "a"
    language: str = ""
    link: str = ""
    files: int = 0
    word: str = ""
    folder: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyTab:
    """One of the picker's tabs."""

    key: str
    label: str
    is_current: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyPicker:
    """`desk/replies/picker.html`, or its results alone once something was typed."""

    conversation_id: int
    options: tuple[ReplyOption, ...]
    tabs: tuple[ReplyTab, ...]
    q: str = ""
    is_empty: bool = False
    """There are no saved replies at all."""
    may_start: bool = False
    """Whether this member may add the starter set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MacroLine:
    """One macro in the menu: what it does, and its shortcut in caps."""

    id: int
    name: str
    words: str
    keys: tuple[str, ...] = ()
    sends: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MacroMenu:
    """`desk/replies/macro_menu.html`."""

    conversation_id: int
    lines: tuple[MacroLine, ...]
    seen_id: int = 0
    key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureCard:
    """One picture of the grid. `is_shared`: it is everybody's."""

    id: int
    name: str
    url: str
    is_moving: bool = False
    is_shared: bool = False
    may_remove: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureGrid:
    """`desk/replies/pictures.html`, or `pictures_found.html` alone."""

    conversation_id: int
    cards: tuple[PictureCard, ...]
    q: str = ""
    is_empty: bool = False
    error: str = ""
