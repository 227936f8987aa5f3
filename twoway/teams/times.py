"""How a member reads times: their zone and clock, as they chose them or as their workspace has them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from twoway.lib.clocks import Clock, usual
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.models import Hours, Member, User, WeekStart


def zone_of(member: Member) -> tzinfo:
    """The zone in which this member reads times; `member` comes with its user and workspace.

    UTC for a name that this machine's zone data has not.
    """
    name = member.user.time_zone or member.workspace.time_zone
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def clock_of(member: Member) -> Clock:
    """12 or 24 hours and the first day of the week, as this member reads them."""
    habit, user = usual(member.workspace.region), member.user
    return Clock(
        is_24=user.hours == Hours.TWENTY_FOUR if user.hours else habit.is_24,
        first_day=int(user.week_start) if user.week_start else habit.first_day,
    )


def choose(*, user: User, time_zone: str, hours: str, week_start: str) -> None:
    """A person's own zone and clock; "" is as the workspace has it. Raises `Invalid`."""
    if time_zone and time_zone not in available_timezones():
        raise Invalid(t("Choose one of the time zones."), field="time_zone")
    if hours and hours not in Hours.values:
        raise Invalid(t("Choose 12 or 24 hours."), field="hours")
    if week_start and week_start not in WeekStart.values:
        raise Invalid(t("Choose the day a week begins with."), field="week_start")
    user.time_zone, user.hours, user.week_start, user.was_asked_zone = time_zone, hours, week_start, True
    user.save(update_fields=["time_zone", "hours", "week_start", "was_asked_zone"])


def answer_zone(*, user: User, time_zone: str) -> None:
    """What a person said when their browser's zone was suggested: that one, or "" to leave it. Raises `Invalid`."""
    if time_zone and time_zone not in available_timezones():
        raise Invalid(t("Choose one of the time zones."), field="time_zone")
    user.time_zone, user.was_asked_zone = time_zone or user.time_zone, True
    user.save(update_fields=["time_zone", "was_asked_zone"])
