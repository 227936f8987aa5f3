"""How times and waits are worded. The browser words waits the same way (`assets/js/waits.js`).

Times of day follow `clock`, how the reader reads them; without it, whoever is being written for (`lib.clocks`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from twoway.lib import clocks
from twoway.lib.clocks import Clock
from twoway.lib.days import dated, short_date, short_day
from twoway.lib.words import t

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def clock_words(local: datetime, *, clock: Clock | None = None) -> str:
    """A time of day: "2:31 PM", or "14:31" for those who read it so."""
    return (clock or clocks.current()).time_of(local)


def date_words(local: date, *, this_year: int) -> str:
    """A date: "Mar 12", or "Mar 12, 2025" in another year."""
    return short_date(local) if local.year == this_year else dated(local)


def when_words(local: datetime, *, now: datetime, clock: Clock | None = None) -> str:
    """The clock time today, "Yesterday", or the date. Both times are in the reader's zone."""
    if local.date() == now.date():
        return clock_words(local, clock=clock)
    if local.date() == now.date() - timedelta(days=1):
        return t("Yesterday")
    return date_words(local, this_year=now.year)


def until_words(local: datetime, *, now: datetime, clock: Clock | None = None) -> str:
    """A moment to come: "3:38 PM" today, "Fri 8:00 AM" within a week, "Dec 4, 8:00 AM" later."""
    if local.date() == now.date():
        return clock_words(local, clock=clock)
    if local.date() - now.date() < timedelta(days=7):
        return f"{short_day(local)} {clock_words(local, clock=clock)}"
    return f"{date_words(local, this_year=now.year)}, {clock_words(local, clock=clock)}"


def span_words(seconds: float) -> str:
    """A span in its largest whole unit: "now", "5m", "3h", "2d"."""
    if seconds < _MINUTE:
        return t("now")
    if seconds < _HOUR:
        return t("{n}m", n=int(seconds // _MINUTE))
    if seconds < _DAY:
        return t("{n}h", n=int(seconds // _HOUR))
    return t("{n}d", n=int(seconds // _DAY))


def wait_level(waited: float, *, goal: int | None) -> Literal["plain", "soon", "over"]:
    """How bad a wait of `waited` seconds is against a goal in minutes: "soon" from two thirds of it, "over" past it."""
    if goal is None:
        return "plain"
    return "over" if waited > goal * _MINUTE else "soon" if waited * 3 >= goal * _MINUTE * 2 else "plain"


def effort_words(seconds: int) -> str:
    """A length of time: "0 min", "40 s", "12 min", "3 h 5 min"."""
    if 0 < seconds < _MINUTE:
        return t("{n} s", n=seconds)
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return t("{n} min", n=minutes)
    return t("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
