"""Scheduled texts and the picker of their times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterRow:
    """A scheduled text: `#later-<id>`. `when` is its time on the reader's clock, `theirs` on the customer's when that
    differs. `stopped` says why it was not sent; `warning` what will stop it as things stand."""

    id: int
    when: str
    words: str
    writer: str
    theirs: str = ""
    files: int = 0
    waits_for_answer: bool = False
    stopped: str = ""
    warning: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterStrip:
    """`#later`, above the reply form: what is scheduled, soonest first."""

    conversation_id: int
    rows: tuple[LaterRow, ...] = ()
    may_change: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterChoice:
    """A time to pick: posts `due_at`, an ISO time with offset. `quiet` is what speaks against it."""

    label: str
    value: str
    words: str
    icon: str = "clock"
    mine: str = ""
    quiet: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterMenu:
    """`desk/inbox/later_menu.html`. `clock` names the clock the times are on; `zones` are those one may pick a time in.

    `is_quick`: it is in the popover, beside a form to send from. `later_id` is the scheduled text that
    gets another time, 0 for a new one; `body` its words where there is no script.
    """

    conversation_id: int
    clock: str
    choices: tuple[LaterChoice, ...]
    zones: tuple[tuple[str, str], ...]
    earliest: str
    latest: str
    later_id: int = 0
    person: str = ""
    body: str = ""
    key: str = ""
    seen_id: int = 0
    files: str = ""
    error: str = ""
    is_quick: bool = False
