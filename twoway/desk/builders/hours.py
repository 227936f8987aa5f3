"""How hours are shown: how they stand now, the holidays of a year, and who keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from twoway.lib import clocks
from twoway.lib.days import short_date, short_day
from twoway.lib.words import t
from twoway.teams.hours.queries import Calendar, Holiday, Standing, standing

_WEEK = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """How a calendar stands, in words."""

    is_open: bool
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HolidayLine:
    """A public holiday with its dates in the coming year, which are mostly one."""

    name: str
    label: str
    days: str
    is_off: bool


def standing_of(calendar: Calendar, *, at: datetime) -> Shown:
    """Such as "Open now, closes at 6:00 PM" or "Closed now, opens Mon 9:00 AM", on the calendar's own clock."""
    now = standing(calendar, at)
    return Shown(is_open=now.is_open, words=_words(now, at=at, zone=calendar.zone))


def _words(now: Standing, *, at: datetime, zone: ZoneInfo) -> str:
    if now.is_open:
        if now.closes is None:
            return t("Always open")
        return t("Open now, closes {when}", when=_when(now.closes, at=at, zone=zone))
    if now.opens is None:
        return t("Closed, with no opening ahead")
    return t("Closed now, opens {when}", when=_when(now.opens, at=at, zone=zone))


def _when(moment: datetime, *, at: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    clock = clocks.current().time_of(local)
    days = (local.date() - at.astimezone(zone).date()).days
    if days == 0:
        return t("at {time}", time=clock)
    return t("{day} {time}", day=short_day(local) if days < _WEEK else short_date(local), time=clock)


def holiday_lines(found: Iterable[Holiday]) -> list[HolidayLine]:
    """Holidays by name in the order of their first dates."""
    by_name: dict[str, list[Holiday]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    return [
        HolidayLine(
            name=name,
            label=several[0].label or name,
            days=", ".join(_date(one.day) for one in several),
            is_off=not several[0].is_worked,
        )
        for name, several in by_name.items()
    ]


def _date(day: date) -> str:
    return t("{day}, {date}", day=short_day(day), date=short_date(day))
