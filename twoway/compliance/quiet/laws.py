"""The hours each law leaves open, from `windows.json`: dated rows, so that a state or a year changes data, not code.

Source: the rows name theirs. 47 CFR 64.1200(c)(1) is the federal one. Where sources disagree the stricter is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

Window = tuple[int, int]
"""Minutes of the local day: from the first up to, and without, the second."""
_FILE = Path(__file__).with_name("windows.json")
_SUNDAY, _SATURDAY = 6, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """When texts may go on each kind of day; None is closed. `on_holidays`: public holidays are days like others."""

    weekdays: Window | None
    saturday: Window | None
    sunday: Window | None
    on_holidays: bool = True

    def on(self, day: date) -> Window | None:
        """The window of one day of the week; holidays are asked elsewhere."""
        return {_SATURDAY: self.saturday, _SUNDAY: self.sunday}.get(day.weekday(), self.weekdays)


@dataclass(frozen=True, kw_only=True, slots=True)
class Law:
    """One row: where, since when (None: long since), the hours, and who says so.

    `per_day` is how many solicitations on one subject a person may get in 24 hours, None for no limit.
    """

    region: str
    name: str
    since: date | None
    hours: Hours
    per_day: int | None
    source: str
    disagree: str


def minutes(words: str) -> int:
    """Minutes since midnight of `HH:MM`, 24:00 included."""
    hour, minute = words.split(":")
    return int(hour) * 60 + int(minute)


@cache
def every() -> tuple[Law, ...]:
    """All rows as the file has them."""
    return tuple(_law(row) for row in json.loads(_FILE.read_text("utf-8"))["rows"])


def _law(row: Mapping[str, Any]) -> Law:
    return Law(
        region=row["region"],
        name=row["name"],
        since=date.fromisoformat(row["from"]) if row["from"] else None,
        hours=Hours(
            weekdays=_window(row["weekdays"]),
            saturday=_window(row["saturday"]),
            sunday=_window(row["sunday"]),
            on_holidays=row["holidays"],
        ),
        per_day=row["per_day"],
        source=row["source"],
        disagree=row["disagree"],
    )


def _window(told: list[str] | None) -> Window | None:
    return (minutes(told[0]), minutes(told[1])) if told else None


@lru_cache(maxsize=4096)
def in_force(regions: tuple[str, ...], day: date) -> tuple[Law, ...]:
    """The rows that hold on a day for these regions: each one's newest, and that of its country."""
    wanted = dict.fromkeys(place for region in regions for place in (region, region.partition("-")[0]))
    found = (newest(every(), region, day) for region in wanted)
    return tuple(law for law in found if law is not None)


def newest(laws: Iterable[Law], region: str, day: date) -> Law | None:
    """The row of one region that began last before or on a day."""
    begun = [law for law in laws if law.region == region and (law.since is None or law.since <= day)]
    return max(begun, key=lambda law: law.since or date.min, default=None)


def most_per_day(regions: tuple[str, ...], day: date) -> int | None:
    """How many solicitations on one subject these regions allow in 24 hours; None: no law says."""
    return min((law.per_day for law in in_force(regions, day) if law.per_day is not None), default=None)


@lru_cache(maxsize=512)
def _calendar(region: str) -> Mapping[date, str] | None:
    """The calendar of a state or a country. The library comes in with the first, and only the countries asked for."""
    holidays = import_module("holidays")
    country, _, state = region.partition("-")
    known = getattr(holidays, country, None) if len(country) == 2 else None
    if known is None:
        return None
    found: Mapping[date, str] = known(subdiv=state if state in known.subdivisions else None)
    return found


def holiday(regions: tuple[str, ...], day: date) -> str:
    """What public holiday it is in any of these regions, its observed day included; "" on other days."""
    for region in regions:
        calendar = _calendar(region)
        if calendar is not None and (name := calendar.get(day)):
            return name
    return ""


def days_from(day: date, *, many: int) -> Iterable[date]:
    """So many days, this one first."""
    return (day + timedelta(days=number) for number in range(many))
