"""What the menus and dialogs are given: assign, snooze, tags, new conversation, contact edit, palette."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from twoway.desk.context.chips import ChannelChip, MemberChip, Person, TagChip


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
    """`desk/inbox/assign_menu.html`: posts `member` (id, "me" or "" for nobody) or `team` (id or "")."""

    conversation_id: int
    members: tuple[MemberChoice, ...]
    teams: tuple[TeamChoice, ...] = ()
    is_assigned: bool = False


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
class NewConversation:
    """`desk/inbox/new_conversation.html`: posts `channel`, `to`, `body`, `key`. Errors are sentences.

    `asks_confirm`: the writer was warned and may send it all the same.
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
    """A conversation found by name or number. `detail` is the channel or the last activity."""

    conversation_id: int
    person: Person
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaletteLine:
    """A line that goes somewhere (`url`), or runs a command here (`command`, an id of `desk.commands`), or both."""

    label: str
    icon: str
    url: str = ""
    command: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaletteGroup:
    """Lines under one heading: "Do this here", "Go to"."""

    label: str
    lines: tuple[PaletteLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """`desk/inbox/palette.html` and, for `?q=`, `palette_results.html`. `here` names the open conversation's person."""

    q: str
    hits: tuple[PaletteHit, ...]
    groups: tuple[PaletteGroup, ...] = ()
    here: str = ""
