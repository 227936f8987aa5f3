"""Calls that were promised, and callers who text instead, as events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.events.happened import Happened, HappenedBy


@dataclass(frozen=True, kw_only=True)
class CallbackChanged(HappenedBy):
    """A step of a promised call. `what` is offered, asked_again, booked, reminded, reached, no_answer, wrong_number,
    cancelled, left (to a person) or assigned; `starts_at` and `ends_at` are its window where there is one.

    `caller_id` and `caller_name`: who calls. `source`: who asked for it: text, agent, api. `why` explains an end.
    """

    type = "callback_changed"
    is_shown = True
    callback_id: int
    what: str
    source: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    caller_id: int | None = None
    caller_name: str = ""
    attempt: int = 1
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class CallbackDue(Happened):
    """A promised call is to be made now (`why` "due"), was not made in its window ("overdue"), or needs a person who
    finds a time ("left"). `assignee_id` is who calls, None while nobody does; `mentioned_ids` are told."""

    type = "callback_due"
    callback_id: int
    why: str
    assignee_id: int | None = None
    mentioned_ids: tuple[int, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PhoneDeflected(Happened):
    """Somebody who waited on the phone asked for a text instead: in which `queue`, how long they had waited, how many
    waited, and why they called in `words`, where the phone system said so."""

    type = "phone_deflected"
    is_shown = True
    deflection_id: int
    queue: str
    waited_seconds: int | None = None
    waiting: int | None = None
    words: str = ""
