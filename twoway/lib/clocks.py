"""How one person reads times: 12 or 24 hours, and the day a week begins with.

`reading` sets it for what is worded in this thread of work, as Django's `timezone.override` sets the zone; the desk
does so for each request, and whatever writes an email does so for its reader. Nothing that decides reads it.

Where a person chose nothing, their country's habit counts: Unicode CLDR 46, supplemental data, timeData (the preferred
hours) and weekData (firstDay), https://cldr.unicode.org, read on 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from twoway.lib.words import t

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
_TWELVE_WORDS = """
    AE AG AU BB BD BH BM BS CA CN CO CY DJ DM DZ EG ER ET FJ FM GD GH GM GR GU GY HK IN IQ JM JO KI KN KR KW KY LB LC
    LR LY MH MO MP MR MW MY NA NZ OM PA PG PH PK PR PS PW QA SA SB SD SG SL SO SS SY SZ TC TD TN TO TT TW UM US VC VE
    VG VI VU WS YE ZM
"""
_SUNDAY_WORDS = """
    AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK
    PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW
"""
_TWELVE, _SUNDAY = frozenset(_TWELVE_WORDS.split()), frozenset(_SUNDAY_WORDS.split())
_SATURDAY = frozenset(("AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY"))


@dataclass(frozen=True, slots=True)
class Clock:
    """`is_24`: 14:31 rather than 2:31 PM. `first_day`: the day a week begins with, Monday 0."""

    is_24: bool = False
    first_day: int = SUNDAY

    def time_of(self, local: datetime) -> str:
        """A time of day: "2:31 PM" or "14:31"."""
        if self.is_24:
            return f"{local.hour:02d}:{local.minute:02d}"
        return f"{local.hour % 12 or 12}:{local.minute:02d} {t('AM') if local.hour < 12 else t('PM')}"

    def week_of(self, day: date) -> date:
        """The day on which this day's week begins."""
        return day - timedelta(days=(day.weekday() - self.first_day) % 7)


def usual(region: str) -> Clock:
    """The habit of a country, by its two letters."""
    first = SUNDAY if region in _SUNDAY else SATURDAY if region in _SATURDAY else MONDAY
    return Clock(is_24=region not in _TWELVE, first_day=first)


USUAL = Clock()
_reader: ContextVar[Clock] = ContextVar("reader_clock", default=USUAL)


def current() -> Clock:
    """How whoever is being written for reads times; 12 hours and Sunday where nobody said."""
    return _reader.get()


@contextmanager
def reading(clock: Clock) -> Iterator[None]:
    """Word times for this reader until the end of the block."""
    token = _reader.set(clock)
    try:
        yield
    finally:
        _reader.reset(token)
