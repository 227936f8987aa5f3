"""What carriers allow a registered brand and its campaigns, as dated data, and how a day's use is judged.

Sources: T-Mobile's daily limits per brand and AT&T's message classes as the providers publish them (Twilio and
Bandwidth, "10DLC throughput"), read 2025-06. They change several times a year: an owner may always write other figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from twoway.lib.words import noted

READ_ON = date(2025, 6, 1)
RESET_ZONE = "America/Los_Angeles"
"""T-Mobile's day begins at midnight US Pacific time."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A brand's tier at T-Mobile. `cap` is in segments a day, over every number and every provider of the brand."""

    label: str
    cap: int


TIERS: dict[str, Tier] = {
    "top": Tier(noted("Top (score 75-100)"), 200_000),
    "high_mid": Tier(noted("High-mid (score 50-74)"), 40_000),
    "low_mid": Tier(noted("Low-mid (score 25-49)"), 10_000),
    "low": Tier(noted("Low (score 1-24)"), 2_000),
    "sole": Tier(noted("Sole proprietor"), 1_000),
}


@dataclass(frozen=True, slots=True)
class CarrierClass:
    """A campaign's class at AT&T. `per_minute` is in segments over all numbers of the campaign."""

    label: str
    per_minute: int


CLASSES: dict[str, CarrierClass] = {
    "A": CarrierClass(noted("A or B (score 75-100)"), 4_500),
    "C": CarrierClass(noted("C or D (score 50-74)"), 2_400),
    "E": CarrierClass(noted("E or F (score 1-49)"), 240),
    "T": CarrierClass(noted("T (low volume)"), 75),
    "sole": CarrierClass(noted("Sole proprietor"), 15),
}

LEVELS = (50, 70, 100)
"""Percent of a day's limit at which people are told; carriers warn at the same points."""


def cap_of(*, tier: str, written: int | None) -> int | None:
    """The limit of a day in segments: what the owner wrote, else what the tier allows, else none."""
    if written is not None:
        return written
    return TIERS[tier].cap if tier in TIERS else None


def rate_of(*, carrier_class: str, written: int | None) -> float | None:
    """The rate of a campaign in segments a second; None is no limit of its own."""
    per_minute = written if written is not None else None
    if per_minute is None and carrier_class in CLASSES:
        per_minute = CLASSES[carrier_class].per_minute
    return None if per_minute is None else per_minute / 60


def day_of(at: datetime, zone: str = RESET_ZONE) -> date:
    """The carrier's day a time belongs to."""
    return at.astimezone(ZoneInfo(zone)).date()


def next_reset(at: datetime, zone: str = RESET_ZONE) -> datetime:
    """When the next day begins."""
    there = ZoneInfo(zone)
    return datetime.combine(day_of(at, zone) + timedelta(days=1), time(), tzinfo=there)


def level(segments: int, cap: int | None) -> int:
    """The highest of `LEVELS` that is reached, or 0."""
    if cap is None or cap <= 0:
        return 0
    return max((one for one in LEVELS if segments * 100 >= cap * one), default=0)


def room(segments: int, cap: int | None) -> int | None:
    """How many segments may still leave today; None is no limit."""
    return None if cap is None else max(cap - segments, 0)
