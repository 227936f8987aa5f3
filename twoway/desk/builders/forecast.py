"""The staffing forecast in words and figures: days, the half hours of one, and its chart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from twoway.analytics.forecast.queries import Day, Forecast, Half, Was
from twoway.desk.words import clock_words, effort_words
from twoway.lib.days import dated, short_date, short_day
from twoway.lib.words import t

HIGH, STEP = 160, 20
COLUMNS = (
    "start",
    "open",
    "expected",
    "most",
    "carried",
    "people",
    "scheduled",
    "within_target",
    "arrivals",
    "answered",
    "answered_within_target",
    "people_there",
    "median_seconds",
)


def days(told: Forecast, *, chosen: date) -> list[dict[str, Any]]:
    """A line for each day."""
    today = told.at.astimezone(told.calendar.zone).date()
    return [
        {
            "day": one.day,
            "label": day_words(one.day, today=today),
            "is_chosen": one.day == chosen,
            "is_today": one.day == today,
            "is_over": one.day < today,
            "is_closed": not any(half.expected.is_open for half in one.halves),
            "expected": round(one.arrivals),
            "came": one.was.arrivals if one.was else None,
            "peak": one.peak,
            "hours": hour_words(one.hours),
            "there": hour_words(one.was.staff) if one.was and one.was.staff else "",
            "share": _share(one.was),
        }
        for one in told.days
    ]


def day_words(day: date, *, today: date) -> str:
    """ "Today", or "Mon, Mar 12"."""
    if day == today:
        return t("Today")
    return f"{short_day(day)}, {short_date(day) if day.year == today.year else dated(day)}"


def hour_words(hours: float) -> str:
    """ "12.5 h", or "12 h"."""
    return t("{n} h", n=f"{hours:.1f}".removesuffix(".0"))


def _share(was: Was | None) -> int | None:
    """Percent answered within the target of those who came; None where nobody did."""
    return round(100 * was.in_time / was.arrivals) if was and was.arrivals else None


def halves(day: Day, told: Forecast) -> list[dict[str, Any]]:
    """A line for each half hour that is open or in which somebody came."""
    return [_half(half, told) for half in day.halves if _is_shown(half)]


def _is_shown(half: Half) -> bool:
    return half.expected.is_open or bool(half.was and half.was.arrivals)


def _half(half: Half, told: Forecast) -> dict[str, Any]:
    return {
        "time": clock_words(half.start.astimezone(told.calendar.zone)),
        "is_open": half.expected.is_open,
        "expected": _figure(half.expected.arrivals),
        "most": round(half.expected.most),
        "carried": _figure(half.expected.carried) if half.expected.carried else "",
        "people": half.needs.people if half.needs else None,
        "scheduled": half.needs.scheduled if half.needs else None,
        "level": round(100 * half.needs.level) if half.needs else None,
        "came": half.was.arrivals if half.was else None,
        "there": f"{half.was.staff:.1f}".removesuffix(".0") if half.was else "",
        "share": _share(half.was),
    }


def _figure(number: float) -> str:
    """Small numbers with a tenth, as half a customer is half of nothing."""
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"


def chart(day: Day, told: Forecast) -> dict[str, Any] | None:
    """Expected and real arrivals as bars and the people it takes as a line; None for a day with nothing to draw."""
    shown = [number for number, half in enumerate(day.halves) if _is_shown(half)]
    if not shown:
        return None
    drawn = day.halves[shown[0] : shown[-1] + 1]
    came = [half.was.arrivals if half.was else 0 for half in drawn]
    most = max(1.0, *(half.expected.load for half in drawn), *(float(one) for one in came))
    people = [half.needs.people if half.needs else 0 for half in drawn]
    width = STEP * len(drawn)
    return {
        "box": f"0 -6 {width} {HIGH + 8}",
        "width": width,
        "high": HIGH,
        "expected": [_bar(n, half.expected.load, most) for n, half in enumerate(drawn) if half.expected.load],
        "came": [_bar(n, one, most) for n, one in enumerate(came) if one],
        "line": " ".join(_steps(people, max(1, *people))),
        "peak": max(people),
        "times": [clock_words(drawn[len(drawn) * n // 4].start.astimezone(told.calendar.zone)) for n in range(4)],
    }


def _bar(number: int, count: float, most: float) -> dict[str, Any]:
    high = round(HIGH * count / most, 1)
    return {"x": number * STEP, "y": round(HIGH - high, 1), "high": high}


def _steps(people: list[int], most: int) -> Iterator[str]:
    """The line of people: level through each half hour, at most the upper nine tenths of the drawing."""
    for number, count in enumerate(people):
        y = round(HIGH - 0.9 * HIGH * count / most, 1)
        yield f"{number * STEP},{y} {(number + 1) * STEP},{y}"


def reckoned(told: Forecast) -> dict[str, Any]:
    """What it reckons with, in words."""
    sources = {"effort": t("measured: time texting"), "gaps": t("measured: time between replies"), "": t("assumed")}
    return {
        "target": effort_words(told.terms.target),
        "share": told.terms.share,
        "handle": effort_words(round(told.terms.handle)),
        "handle_from": t("set by you") if told.is_handle_own else sources[told.handle_from],
        "concurrency": told.terms.concurrency,
        "shrinkage": told.terms.shrinkage,
        "weeks": told.weeks,
    }


def rows(told: Forecast) -> Iterator[list[object]]:
    """Every half hour as a row of `COLUMNS`; moments in UTC, what is not known empty."""
    for day in told.days:
        for half in day.halves:
            yield [
                half.start.astimezone(UTC).isoformat(),
                int(half.expected.is_open),
                round(half.expected.arrivals, 2),
                round(half.expected.most, 2),
                round(half.expected.carried, 2),
                half.needs.people if half.needs else 0,
                half.needs.scheduled if half.needs else 0,
                round(half.needs.level, 4) if half.needs else "",
                *_was(half.was),
            ]


def _was(was: Was | None) -> list[object]:
    if was is None:
        return [""] * 5
    return [was.arrivals, was.answered, was.in_time, was.staff, "" if was.median is None else round(was.median)]
