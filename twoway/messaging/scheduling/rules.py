"""When a text may be scheduled for, and how long a send can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from twoway.lib.words import t

UNDO_CHOICES = (0, 5, 10, 20)
"""Seconds a member may choose from."""
NEAREST = timedelta(minutes=1)
FURTHEST = timedelta(days=35)
EVENING, NIGHT, MORNING = time(18), time(21, 30), time(8)
_MONDAY = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A time to pick, on the clock it is worded by."""

    label: str
    at: datetime
    icon: str = "clock"


def offers(local: datetime) -> tuple[Offer, ...]:
    """The times one mostly wants, on the clock of `local`: this evening, tonight, tomorrow, Monday; later ones only.

    Days are counted by the calendar there, whatever its clocks do in between.
    """
    ahead = (_MONDAY - local.weekday()) % 7 or 7
    monday = t("Monday morning") if ahead > 1 else t("Monday in a week")
    wanted = (
        (t("This evening"), 0, EVENING, "clock"),
        (t("Tonight"), 0, NIGHT, "moon"),
        (t("Tomorrow morning"), 1, MORNING, "sun"),
        (t("Tomorrow evening"), 1, EVENING, "clock"),
        (monday, ahead if ahead > 1 else ahead + 7, MORNING, "cal"),
    )
    made = (
        Offer(
            label=label, at=datetime.combine(local.date() + timedelta(days=days), hour, tzinfo=local.tzinfo), icon=icon
        )
        for label, days, hour, icon in wanted
    )
    return tuple(one for one in made if one.at - local >= NEAREST)


def problem(due_at: datetime, *, at: datetime) -> str:
    """Why a text can't be scheduled for then, as a sentence, or ""."""
    if due_at - at < NEAREST:
        return t("That time has passed. Choose a later one.")
    if due_at - at > FURTHEST:
        return t("Choose a time within the next 35 days.")
    return ""


def is_too_late(due_at: datetime, *, at: datetime, valid_seconds: int) -> bool:
    """Whether so much time went by, with Twoway not running, that the text says nothing any more."""
    return at - due_at > timedelta(seconds=valid_seconds)
