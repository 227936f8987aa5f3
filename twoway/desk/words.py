"""How times and waits are worded. The browser words waits the same way (`assets/js/waits.js`).

Times of day follow `clock`, how the reader reads them; without it, whoever is being written for (`lib.clocks`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from twoway.lib import clocks
from twoway.lib.clocks import Clock

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def clock_words(local: datetime, *, clock: Clock | None = None) -> str:
    """A time of day: "2:31 PM", or "14:31" for those who read it so."""
    return (clock or clocks.current()).time_of(local)


def date_words(local: date, *, this_year: int) -> str:
    """A date: "Mar 12", or "Mar 12, 2025" in another year."""
    words = f"{local:%b} {local.day}"
    return words if local.year == this_year else f"{words}, {local.year}"


def when_words(local: datetime, *, now: datetime, clock: Clock | None = None) -> str:
    """The clock time today, "Yesterday", or the date. Both times are in the reader's zone."""
    if local.date() == now.date():
        return clock_words(local, clock=clock)
    if local.date() == now.date() - timedelta(days=1):
        return "Yesterday"
    return date_words(local, this_year=now.year)


def until_words(local: datetime, *, now: datetime, clock: Clock | None = None) -> str:
    """A moment to come: "3:38 PM" today, "Fri 8:00 AM" within a week, "Dec 4, 8:00 AM" later."""
    if local.date() == now.date():
        return clock_words(local, clock=clock)
    if local.date() - now.date() < timedelta(days=7):
        return f"{local:%a} {clock_words(local, clock=clock)}"
    return f"{date_words(local, this_year=now.year)}, {clock_words(local, clock=clock)}"


def span_words(seconds: float) -> str:
    """A span in its largest whole unit: "now", "5m", "3h", "2d"."""
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}m"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)}h"
    return f"{int(seconds // _DAY)}d"


def wait_level(waited: float, *, goal: int | None) -> Literal["plain", "soon", "over"]:
    """How bad a wait of `waited` seconds is against a goal in minutes: "soon" from two thirds of it, "over" past it."""
    if goal is None:
        return "plain"
    return "over" if waited > goal * _MINUTE else "soon" if waited * 3 >= goal * _MINUTE * 2 else "plain"


def effort_words(seconds: int) -> str:
    """A length of time: "0 min", "40 s", "12 min", "3 h 5 min"."""
    if 0 < seconds < _MINUTE:
        return f"{seconds} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
