"""A week and its own days as somebody types them: read from the form, changed by its buttons, turned into hours.

Whatever is typed stays as it was typed until it can be used, with what is wrong beside the day it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from twoway.lib.days import DAYS
from twoway.lib.words import t
from twoway.teams.hours.actions import DayWish
from twoway.teams.hours.queries import Hours, stretches
from twoway.teams.hours.rules import MINUTES, Stretch
from twoway.teams.hours.week_rules import (
    MOST_DAYS,
    MOST_STRETCHES,
    SUGGESTED,
    WORKDAY,
    with_break,
    wrong_in,
    wrong_with,
)

KINDS = ("closed", "open", "all")
WHOLE: tuple[Stretch, ...] = ((0, MINUTES),)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?")
_LONGEST = 40
_LONGEST_NAME = 120
_WORKDAYS = range(5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """From and until as typed, "09:00"; `over`: until is on the day after."""

    start: str = ""
    end: str = ""
    over: bool = False


@dataclass(kw_only=True, slots=True)
class Day:
    """A day of the week (`d0`.. from Monday on) or a date of its own (`x0`..)."""

    key: str
    kind: str = "closed"
    lines: list[Line] = field(default_factory=list)
    day: str = ""
    name: str = ""
    error: str = ""

    @property
    def label(self) -> str:
        """The day of the week, or the date as it is typed."""
        return t(DAYS[int(self.key[1:])]) if self.key[0] == "d" else self.day or t("New day")

    def put(self, hours: Sequence[Stretch]) -> None:
        """Take over stretches that are right."""
        self.kind = "closed" if not hours else "all" if tuple(hours) == WHOLE else "open"
        self.lines = [_line(start, end) for start, end in hours] if self.kind == "open" else []

    def read(self) -> tuple[Stretch, ...]:
        """The stretches; what is wrong is kept in `error`, and what can't be used left out."""
        if self.kind != "open":
            return WHOLE if self.kind == "all" else ()
        told = [line for line in self.lines if line.start or line.end]
        if not told:
            self.error = self.error or t("Write when it opens and closes.")
        found = tuple(stretch for line in told if (stretch := self._stretch(line)) is not None)
        self.error = self.error or wrong_with(found)
        return found

    def _stretch(self, line: Line) -> Stretch | None:
        start, end = _minute(line.start), _minute(line.end)
        words = ""
        if start is None or end is None:
            words = t("Write both times, such as 09:00 and 17:00.")
        elif line.over and end > start:
            words = t("{start} to {end} of the next day is longer than a day.", start=line.start, end=line.end)
        elif not line.over and 0 < end <= start:
            words = t(
                "{start} to {end} ends before it begins. If it runs past midnight, tick “next day”.",
                start=line.start,
                end=line.end,
            )
        if words or start is None or end is None:
            self.error = self.error or words
            return None
        return start, end + MINUTES if line.over or end == 0 else end


@dataclass(kw_only=True, slots=True)
class Draft:
    """Seven days, and the dates that differ. `worked`: the public holidays on which the week holds."""

    week: list[Day]
    days: list[Day]
    worked: tuple[str, ...] = ()

    def hours(self) -> tuple[tuple[Stretch, ...], ...]:
        """The week; errors are on its days."""
        found = tuple(day.read() for day in self.week)
        if not any(day.error for day in self.week):
            for number, words in wrong_in(found).items():
                self.week[number].error = words
        return found

    def wishes(self) -> tuple[DayWish, ...]:
        """The dates; errors are on them. A row in which nothing is typed is none."""
        found: list[DayWish] = []
        self.days = [day for day in self.days if day.day or day.name or day.kind != "closed"]
        for one in self.days:
            hours = one.read()
            try:
                on = date.fromisoformat(one.day)
            except ValueError:
                one.error = t("Choose a date.")
                continue
            if any(on == other.day for other in found):
                one.error = t("This date is there twice.")
            found.append(DayWish(day=on, name=one.name, stretches=hours))
        return tuple(found)

    @property
    def wrong(self) -> list[Day]:
        """The days on which something can't be used."""
        return [day for day in [*self.week, *self.days] if day.error]

    def refuse(self, named: str, words: str) -> bool:
        """Put what an action said of `week_2` or `day_0` on its day; False when it is about none."""
        what, _, number = named.partition("_")
        rows = {"week": self.week, "day": self.days}.get(what, [])
        if number.isdecimal() and int(number) < len(rows):
            rows[int(number)].error = words
            return True
        return False

    def press(self, words: str) -> None:
        """What a button of the form does: "add d0", "drop d0 1", "copy d0 work", "copy d0 all", "date", "undate x1"."""
        verb, *rest = words.split()
        if verb == "date" and len(self.days) < MOST_DAYS:
            self.days.append(Day(key=f"x{len(self.days)}"))
        for day in [*self.week, *self.days]:
            if day.key not in rest[:1]:
                continue
            if verb == "add":
                _add(day)
            elif verb == "drop":
                day.lines = [line for number, line in enumerate(day.lines) if rest[1:] != [str(number)]]
                day.kind = day.kind if day.lines else "closed"
            elif verb == "copy":
                self._copy(day, to=_WORKDAYS if rest[1:] == ["work"] else range(len(self.week)))
            elif verb == "undate":
                self.days = [one for one in self.days if one is not day]
        for number, one in enumerate(self.days):
            one.key = f"x{number}"
        for one in [*self.week, *self.days]:
            if one.kind == "open" and not one.lines:
                one.put(WORKDAY)

    def _copy(self, day: Day, *, to: Iterable[int]) -> None:
        for number in to:
            self.week[number] = replace(day, key=f"d{number}", lines=list(day.lines), error="")


def suggested() -> Draft:
    """What a new set of hours begins with."""
    draft = Draft(week=[Day(key=f"d{number}") for number in range(7)], days=[])
    for day, hours in zip(draft.week, SUGGESTED, strict=True):
        day.put(hours)
    return draft


def of_hours(hours: Hours, *, since: date) -> Draft:
    """What is kept; of its own days those from `since` on."""
    draft = suggested()
    for day, kept in zip(draft.week, hours.week, strict=True):
        day.put(stretches(kept))
    for number, row in enumerate(sorted(upcoming(hours, since=since), key=lambda one: one.day)):
        own = Day(key=f"x{number}", day=row.day.isoformat(), name=row.name)
        own.put(row.stretches)
        draft.days.append(own)
    draft.worked = tuple(hours.worked)
    return draft


def upcoming(hours: Hours, *, since: date) -> list[DayWish]:
    """The own days from a date on."""
    return [one for one in own_days(hours) if one.day >= since]


def own_days(hours: Hours) -> list[DayWish]:
    """Every own day of a set of hours."""
    return [DayWish(day=row.day, name=row.name, stretches=stretches(row.stretches)) for row in hours.days.all()]


def of_form(data: Mapping[str, str], *, marked: Sequence[str], shown: Sequence[str], kept: Sequence[str]) -> Draft:
    """What was typed. Of the holidays `shown` those `marked` are taken off; the others of `kept` stay."""
    draft = Draft(week=[_typed(data, f"d{number}") for number in range(7)], days=[])
    for number in range(MOST_DAYS + 1):
        if f"x{number}-is" not in data:
            break
        draft.days.append(_typed(data, f"x{number}"))
    worked = (set(kept) - set(shown)) | (set(shown) - set(marked))
    draft.worked = tuple(sorted(worked))
    return draft


def _typed(data: Mapping[str, str], key: str) -> Day:
    kind = data.get(f"{key}-is", "closed")
    day = Day(key=key, kind=kind if kind in KINDS else "closed")
    day.day = data.get(f"{key}-day", "").strip()[:_LONGEST]
    day.name = data.get(f"{key}-name", "").strip()[:_LONGEST_NAME]
    for number in range(MOST_STRETCHES + 1):
        if f"{key}-{number}-from" not in data:
            break
        day.lines.append(
            Line(
                start=data[f"{key}-{number}-from"].strip()[:_LONGEST],
                end=data.get(f"{key}-{number}-to", "").strip()[:_LONGEST],
                over=f"{key}-{number}-over" in data,
            )
        )
    return day


def _add(day: Day) -> None:
    """A break where it fits; where nothing fits or the times can't be read, an empty line."""
    if day.kind != "open":
        day.put(WORKDAY)
        return
    tried = replace(day, lines=list(day.lines), error="")
    hours = tried.read()
    split = () if tried.error else with_break(hours)
    if len(split) > len(hours):
        day.put(split)
    elif len(day.lines) < MOST_STRETCHES:
        day.lines.append(Line())


def _line(start: int, end: int) -> Line:
    over = end > MINUTES
    return Line(start=_clock(start), end=_clock(end % MINUTES), over=over)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(typed: str) -> int | None:
    found = _CLOCK.fullmatch(typed)
    return None if found is None else int(found[1]) * 60 + int(found[2])
