"""What the menus and dialogs are given: assign, snooze, tags, new conversation, contact edit, palette."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from twoway.desk.context.chips import ChannelChip, MemberChip, Person, TagChip
from twoway.desk.context.search import FoundLine
from twoway.desk.context.threads import Care, Meter
from twoway.messaging.search.words import Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamChoice:
    """A team a conversation can be given to."""

    id: int
    name: str
    is_current: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberChoice:
    """A teammate a conversation can be given to; `open_count` is how many they have open."""

    member: MemberChip
    open_count: int = 0
    is_me: bool = False
    is_current: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignMenu:
    """`desk/inbox/assign_menu.html`: posts `member` (id, "me" or "" for nobody) or `team` (id or "").

    `trail` says who had it for how long, "" where nobody had. `is_followed` is whether the reader follows it.
    """

    conversation_id: int
    members: tuple[MemberChoice, ...]
    teams: tuple[TeamChoice, ...] = ()
    is_assigned: bool = False
    is_followed: bool = False
    trail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SnoozeChoice:
    """One line of the snooze menu, chosen by its number key. `until` is None for "Until they reply".

    `words` is the time as shown: "3:38 PM", "Fri 8:00 AM".
    """

    label: str
    until: datetime | None
    words: str = ""
    icon: str = "clock"


@dataclass(frozen=True, kw_only=True, slots=True)
class SnoozeMenu:
    """`desk/inbox/snooze_menu.html`: posts `until`, an ISO time with offset, "reply", or a local "YYYY-MM-DDTHH:MM".

    The local form comes from "Pick a time" and is read in the member's time zone. `earliest` is its lower limit.
    """

    conversation_id: int
    choices: tuple[SnoozeChoice, ...]
    earliest: datetime
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TagChoice:
    """A tag and whether the conversation has it."""

    tag: TagChip
    is_on: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TagMenu:
    """`desk/inbox/tag_menu.html`: posts `tag` (id) to tag or untag, or `name` to tag with a new one."""

    conversation_id: int
    tags: tuple[TagChoice, ...]
    may_create: bool = True
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFacts:
    """`#new-facts`: what a first text meets. `known_id` is the conversation there is already, 0 for none.

    `refused` says why nothing may go, `quiet` and `consent` what it would wait for; `care` and `meter` are as in the
    reply form. `seen_id` is the newest text of that conversation.
    """

    who: str = ""
    known_id: int = 0
    seen_id: int = 0
    refused: str = ""
    quiet: str = ""
    consent: str = ""
    care: Care | None = None
    meter: Meter | None = None


NO_FACTS = NewFacts()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConversation:
    """`desk/inbox/new_conversation.html`: posts `channel`, `to`, `body`, `key`. Errors are sentences.

    `asks_confirm`: the writer was warned and may send it all the same. `files` are kept already, by id and name.
    `asks_seen`: somebody was first, and with this mark it goes all the same.
    """

    channels: tuple[ChannelChip, ...]
    key: str
    channel_id: int = 0
    to: str = ""
    body: str = ""
    to_error: str = ""
    body_error: str = ""
    error: str = ""
    asks_confirm: bool = False
    facts: NewFacts = NO_FACTS
    files: tuple[tuple[int, str], ...] = ()
    asks_seen: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactField:
    """One input of the contact form. `name` is the form field, `kind` its HTML input type."""

    name: str
    label: str
    value: str
    kind: Literal["text", "email", "tel"] = "text"
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactForm:
    """`desk/inbox/contact_edit.html`: posts each field by name."""

    conversation_id: int
    person: Person
    fields: tuple[ContactField, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaletteHit:
    """A person found by name or number. `detail` is our number and the last activity; `name` is marked."""

    conversation_id: int
    person: Person
    detail: str = ""
    name: tuple[Piece, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PaletteLine:
    """A line that goes somewhere (`url`), or runs a command here (`command`, an id of `desk.commands`), or both.

    `also` are words it is found by which it doesn't show.
    """

    label: str
    icon: str
    url: str = ""
    command: str = ""
    detail: str = ""
    also: str = ""
    macro: int = 0
    """The id of a macro it runs in the open conversation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaletteGroup:
    """Lines under one heading: "Do this here", "Go to"."""

    label: str
    lines: tuple[PaletteLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """`desk/inbox/palette.html` and, for `?q=`, `palette_results.html`. `here` names the open conversation's person.

    `words` are what was typed without a leading ">". `all_url` is the search page for the same words.
    """

    q: str
    hits: tuple[PaletteHit, ...]
    words: str = ""
    lines: tuple[FoundLine, ...] = ()
    all_url: str = ""
    groups: tuple[PaletteGroup, ...] = ()
    here: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the file: its heading, some of its cells, and what it becomes."""

    number: int
    heading: str
    samples: tuple[str, ...]
    becomes: str
