"""The frame of every signed-in page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from twoway.desk.commands import Group as CommandGroup
from twoway.desk.context.chips import MemberChip
from twoway.lib.words import t

Theme = Literal["system", "light", "dark"]
Nav = Literal["inbox", "people", "compliance", "settings", "simulator", "profile", "callbacks", "board", ""]


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceMenu:
    """`desk/presence/menu.html`. `choices` are (state, words); `said` is read out once, after a change.

    `missed` is a sentence for who is away while queues of theirs are given out; "" when there is nothing to say.
    """

    state: str
    words: str
    since: datetime | None
    choices: tuple[tuple[str, str], ...]
    sees_others: bool = False
    said: str = ""
    missed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """The frame of every signed-in page: context variable `desk`.

    `unread` is how many open conversations assigned to this member have unread texts (the dot on the rail).
    `may_write` is false for those who only read; their pages leave out what would be refused. `elsewhere` are the other
    workspaces this person is in, by id and name.
    `keys` is false when the member turned single-key shortcuts off (WCAG 2.1.4). `commands` is the table of
    `desk.commands` with this member's own keys; `goes_on`: after done or snooze comes the next conversation.
    `calls`: whether some are to be made now, None where customers can't ask for any.
    `zone` is the one times are shown in; `asks_zone`: the browser's may be suggested.
    `sets_up`: the set-up stands in the menu, until it is finished or put away. `presence`: whether they are there, None
    where no conversations are given out.
    """

    member: MemberChip
    email: str
    role: str
    workspace: str
    nav: Nav
    theme: Theme = "system"
    keys: bool = True
    commands: tuple[CommandGroup, ...] = ()
    goes_on: bool = False
    has_simulator: bool = False
    may_manage: bool = False
    sees_compliance: bool = False
    may_write: bool = True
    unread: int = 0
    calls: bool | None = None
    elsewhere: tuple[tuple[int, str], ...] = ()
    zone: str = ""
    asks_zone: bool = False
    sets_up: bool = False
    sees_board: bool = False
    presence: PresenceMenu | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Toast:
    """One line said once. With `undo_url`, an Undo button posts `undo_fields` there. `seconds` is how long it stays.

    The button has another `label` where it goes on instead of back.
    """

    words: str
    undo_url: str = ""
    undo_fields: tuple[tuple[str, str], ...] = ()
    seconds: int = 0
    label: str = field(default_factory=lambda: t("Undo"))
