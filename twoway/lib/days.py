"""Days and months by name, in the language of whoever reads."""

from __future__ import annotations

from datetime import date

from twoway.lib.words import noted, t

DAYS = (
    noted("Monday"),
    noted("Tuesday"),
    noted("Wednesday"),
    noted("Thursday"),
    noted("Friday"),
    noted("Saturday"),
    noted("Sunday"),
)
SHORT_DAYS = (noted("Mon"), noted("Tue"), noted("Wed"), noted("Thu"), noted("Fri"), noted("Sat"), noted("Sun"))
_SHORT_MONTHS = (
    noted("Jan"),
    noted("Feb"),
    noted("Mar"),
    noted("Apr"),
    noted("May"),
    noted("Jun"),
    noted("Jul"),
    noted("Aug"),
    noted("Sep"),
    noted("Oct"),
    noted("Nov"),
    noted("Dec"),
)
_MONTHS = (
    noted("January {year}"),
    noted("February {year}"),
    noted("March {year}"),
    noted("April {year}"),
    noted("May {year}"),
    noted("June {year}"),
    noted("July {year}"),
    noted("August {year}"),
    noted("September {year}"),
    noted("October {year}"),
    noted("November {year}"),
    noted("December {year}"),
)


def day_name(day: date) -> str:
    """Such as "Friday"."""
    return t(DAYS[day.weekday()])


def short_day(day: date) -> str:
    """Such as "Fri"."""
    return t(SHORT_DAYS[day.weekday()])


def short_date(day: date) -> str:
    """Such as "Mar 12"."""
    return t("{month} {day}", month=t(_SHORT_MONTHS[day.month - 1]), day=day.day)


def dated(day: date) -> str:
    """Such as "Mar 12, 2025"."""
    return t("{month} {day}, {year}", month=t(_SHORT_MONTHS[day.month - 1]), day=day.day, year=day.year)


def month_name(day: date) -> str:
    """Such as "March 2025"."""
    return t(_MONTHS[day.month - 1], year=day.year)
