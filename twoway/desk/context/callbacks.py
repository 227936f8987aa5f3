"""What the list of callbacks is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.desk.context.chips import MemberChip, Person


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackRow:
    """One callback. `window` is "2:00 PM to 2:20 PM", `state` one word; `tel` is empty for who may not see numbers.

    `call_why` says why this reader can't ring them from our number; "" when they can.
    """

    id: int
    conversation_id: int
    person: Person
    window: str
    day: datetime | None
    state: str
    state_words: str
    is_overdue: bool
    is_held: bool
    is_open: bool
    caller: MemberChip | None
    tel: str
    note: str
    attempt: int
    context: str
    call_why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackList:
    """One list: `#callbacks`. `boxes` are (key, label, how many or None), `members` who may call.

    `has_phone`: this reader said on which phone they are rung.
    """

    rows: tuple[CallbackRow, ...]
    box: str
    boxes: tuple[tuple[str, str, int | None], ...]
    empty: str
    outcomes: tuple[tuple[str, str], ...]
    members: tuple[tuple[int, str], ...]
    may_write: bool
    has_phone: bool
