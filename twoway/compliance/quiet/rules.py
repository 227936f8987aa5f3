"""Quiet hours: when a text that answers nobody may go, by the clock where the recipient is.

Sources: 47 CFR 64.1200(c)(1) and the states' laws (`laws.py`), the strictest of every zone and state that may be
theirs. An answer within a conversation is no solicitation and is not asked here. DST is right because times are local
times of IANA zones, computed when a text would leave and not when it was planned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.quiet import laws
from twoway.compliance.quiet.laws import Hours, Window
from twoway.compliance.verdict import ALLOW, Verdict, hold
from twoway.lib import clocks
from twoway.lib.days import day_name
from twoway.lib.words import noted, t

Profile = Literal["safe", "legal"]
SAFE = Hours(weekdays=(9 * 60, 20 * 60), saturday=(9 * 60, 20 * 60), sunday=(12 * 60, 20 * 60), on_holidays=False)
"""The safe profile every workspace begins with; it lies inside the federal hours and those of most states."""
LEGAL = Hours(weekdays=(8 * 60, 21 * 60), saturday=(8 * 60, 21 * 60), sunday=(8 * 60, 21 * 60))
"""The federal hours, used everywhere: where no law of a country is known, these still hold."""
HAVE_HOURS = frozenset({"phone", "whatsapp", "short_code"})
FARTHEST = timedelta(days=15)
"""How far ahead an opening is looked for. Longer than any run of holidays and Sundays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietFacts:
    """What is known of the recipient's clock. `zones`: every zone they may be in; `regions`: every law that may count.

    `profile`, and the workspace's own hours in minutes of the local day; None is closed.
    """

    kind: str
    zones: tuple[str, ...]
    regions: tuple[str, ...]
    profile: str = "safe"
    weekdays: Window | None = SAFE.weekdays
    saturday: Window | None = SAFE.saturday
    sunday: Window | None = SAFE.sunday
    on_holidays: bool = False

    @property
    def house(self) -> Hours:
        """The hours the workspace chose. With the legal minimum they are the federal ones."""
        if self.profile == "legal":
            return LEGAL
        return Hours(weekdays=self.weekdays, saturday=self.saturday, sunday=self.sunday, on_holidays=self.on_holidays)


def verdict(facts: QuietFacts, *, rule: PurposeRule, at: datetime) -> Verdict:
    """Whether a text of this purpose may go at `at` (aware), else until when it waits.

    Codes: `quiet_hours` with the time the hours open everywhere it must be; `zone_unknown` without one, when nothing
    says where they are or no moment suits every zone they may be in.
    """
    if rule.is_conversational or not rule.keeps_quiet_hours or facts.kind not in HAVE_HOURS:
        return ALLOW
    if not facts.zones:
        return hold("zone_unknown", t(UNKNOWN), until=None)
    opens = next_open(facts, at)
    if opens is None:
        return hold("zone_unknown", t(FAR_APART), until=None)
    return ALLOW if opens <= at else hold("quiet_hours", _words(facts, at, opens), until=opens)


UNKNOWN = noted("This number doesn't say where they are. Set their time zone or state, and it goes out by their clock.")
FAR_APART = noted("They may be in zones too far apart for one hour that suits. Set their time zone, and it goes out.")


def next_open(facts: QuietFacts, at: datetime) -> datetime | None:
    """The first moment from `at` on that is inside the hours in every zone, in UTC; None when none comes soon.

    Each zone can only move the moment on, so it ends at the earliest that suits all.
    """
    moment, last = at.astimezone(UTC), at + FARTHEST
    while moment <= last:
        later = max((_opens(facts, zone, moment) for zone in facts.zones), default=moment)
        if later == moment:
            return moment
        moment = later
    return None


def is_open(facts: QuietFacts, zone: str, at: datetime) -> bool:
    """Whether it is inside the hours in one zone."""
    local = at.astimezone(ZoneInfo(zone))
    window = window_on(facts, local.date())
    return window is not None and _starts(window[0]) <= local.time() and _is_before(local.time(), window[1])


def window_on(facts: QuietFacts, day: date) -> Window | None:
    """What the workspace's hours and every law in force leave open on one local day; None: nothing."""
    return _window(facts.house, facts.regions, day)


@lru_cache(maxsize=8192)
def _window(house: Hours, regions: tuple[str, ...], day: date) -> Window | None:
    every = [house, LEGAL, *(law.hours for law in laws.in_force(regions, day))]
    if any(not hours.on_holidays for hours in every) and laws.holiday(regions, day):
        return None
    return _shared(hours.on(day) for hours in every)


def _shared(windows: Iterable[Window | None]) -> Window | None:
    opens, closes = 0, 24 * 60
    for window in windows:
        if window is None:
            return None
        opens, closes = max(opens, window[0]), min(closes, window[1])
    return (opens, closes) if opens < closes else None


def _opens(facts: QuietFacts, zone: str, moment: datetime) -> datetime:
    """The first moment from `moment` on inside the hours of one zone; beyond `FARTHEST` it says that moment."""
    if is_open(facts, zone, moment):
        return moment
    clock = ZoneInfo(zone)
    for day in laws.days_from(moment.astimezone(clock).date(), many=FARTHEST.days + 2):
        window = window_on(facts, day)
        if window is None:
            continue
        opens = datetime.combine(day, _starts(window[0]), tzinfo=clock).astimezone(UTC)
        if opens > moment and is_open(facts, zone, opens):
            return opens
    return moment + FARTHEST + timedelta(days=1)


def _starts(minute: int) -> time:
    return time(minute // 60, minute % 60) if minute < 24 * 60 else time.max


def _is_before(now: time, minute: int) -> bool:
    return minute >= 24 * 60 or now < _starts(minute)


def clock(at: datetime) -> str:
    """Such as 9:42 PM, or as whoever is being written for reads times."""
    return clocks.current().time_of(at)


def shut_zone(facts: QuietFacts, at: datetime) -> str:
    """The zone that keeps a text waiting at `at`; the first one when none does."""
    return next((zone for zone in facts.zones if not is_open(facts, zone, at)), facts.zones[0])


def _words(facts: QuietFacts, at: datetime, opens: datetime) -> str:
    zone = ZoneInfo(shut_zone(facts, at))
    local, then = at.astimezone(zone), opens.astimezone(zone)
    why = "" if facts.house.on_holidays else laws.holiday(facts.regions, local.date())
    now = _now(clock(local), is_sure=len(facts.zones) == 1, why=why)
    if local.date() == then.date():
        return f"{now} " + t("It goes out at {time}, by their clock.", time=clock(then))
    told = t("It goes out at {time} on {day}, by their clock.", time=clock(then), day=day_name(then))
    return f"{now} {told}"


def _now(time: str, *, is_sure: bool, why: str) -> str:
    """What time it is, and the holiday that is `why` nothing goes out, if one is."""
    if is_sure:
        return (
            t("It's {time} for them, and {why}.", time=time, why=why) if why else t("It's {time} for them.", time=time)
        )
    if why:
        return t("It's {time} where they may be, and {why}.", time=time, why=why)
    return t("It's {time} where they may be.", time=time)
