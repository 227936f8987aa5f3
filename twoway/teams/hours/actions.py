"""Writing sets of hours and saying who keeps them. Every change ends what is kept in memory (`calendars.touch`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.teams.accounts import clean_name
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.hours.calendars import touch
from twoway.teams.hours.models import Hours, Kept, OwnDay, TeamHours
from twoway.teams.hours.public_days import is_country, subdivisions
from twoway.teams.hours.rules import FIRST_DAY, LAST_DAY, Stretch
from twoway.teams.hours.week_rules import LONGEST_DAY_NAME, LONGEST_NAME, MOST_DAYS, wrong_in, wrong_with
from twoway.teams.models import Team
from twoway.teams.rules import Right, require

MOST_SETS = 100
MOST_WORKED, LONGEST_WORKED = 60, 200
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class DayWish:
    """A date that differs; no stretches: closed."""

    day: date
    name: str = ""
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HoursWish:
    """A set of hours as somebody writes it; see `models.Hours` for what each is."""

    name: str
    week: tuple[tuple[Stretch, ...], ...]
    zone: str = ""
    country: str = ""
    subdivision: str = ""
    worked: tuple[str, ...] = ()
    days: tuple[DayWish, ...] = ()


@transaction.atomic
def create_hours(*, by: Actor, wish: HoursWish, at: datetime) -> Hours:
    """A new set of hours; nobody keeps it yet.

    Raises `NotAllowed`, and `Invalid` naming name, zone, country, subdivision, worked, `week_0`..`week_6`, or
    `day_0`.. for one of the own days in their order.
    """
    require(by, Right.MANAGE_WORKSPACE)
    if Hours.objects.filter(workspace_id=by.workspace_id).count() >= MOST_SETS:
        raise Invalid(t("There can be {most} sets of hours.", most=MOST_SETS))
    row = Hours(workspace_id=by.workspace_id, created_at=at)
    _write(row, wish)
    record(by, "hours.created", f"hours {row.pk}", at, name=row.name)
    return row


@transaction.atomic
def save_hours(*, by: Actor, hours: Hours, wish: HoursWish, at: datetime) -> Hours:
    """Put all of a set of hours anew. Clocks that ended already stay as they are. Raises as `create_hours`."""
    row = _open(by, hours)
    before = _told(row)
    _write(row, wish)
    changed = sorted(key for key, value in _told(row).items() if value != before[key])
    if changed:
        record(by, "hours.changed", f"hours {row.pk}", at, name=row.name, changed=changed)
    return row


@transaction.atomic
def delete_hours(*, by: Actor, hours: Hours, at: datetime) -> None:
    """Remove a set of hours; who kept it goes by the next wider ones. Raises `NotAllowed`."""
    row = _open(by, hours)
    record(by, "hours.deleted", f"hours {row.pk}", at, name=row.name)
    row.delete()
    touch(by.workspace_id)


@transaction.atomic
def set_usual(*, by: Actor, hours_id: int | None, at: datetime) -> None:
    """Which hours everybody keeps who has no others; None: open always. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_WORKSPACE)
    chosen = hours_wanted(by=by, hours_id=hours_id)
    touch(by.workspace_id)
    kept = Kept.objects.select_for_update().get(workspace_id=by.workspace_id)
    if kept.usual_id != hours_id:
        kept.usual = chosen
        kept.save(update_fields=["usual"])
        record(by, "hours.usual_set", f"workspace {by.workspace_id}", at, hours=_name(chosen))


@transaction.atomic
def set_team_hours(*, by: Actor, team: Team, hours_id: int | None, at: datetime) -> None:
    """Which hours a team keeps; None: the workspace's. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    if team.workspace_id != by.workspace_id:
        raise NotFound("team", team.pk)
    chosen = hours_wanted(by=by, hours_id=hours_id)
    before = TeamHours.objects.filter(team=team).values_list("hours_id", flat=True).first()
    if before == hours_id:
        return
    if chosen is None:
        TeamHours.objects.filter(team=team).delete()
    else:
        TeamHours.objects.update_or_create(team=team, defaults={"hours": chosen})
    touch(by.workspace_id)
    record(by, "team.hours_set", f"team {team.pk}", at, hours=_name(chosen))


def hours_wanted(*, by: Actor, hours_id: int | None) -> Hours | None:
    """The set of hours meant, None for none. Raises `NotFound`."""
    if hours_id is None:
        return None
    found = Hours.objects.filter(workspace_id=by.workspace_id, id=hours_id).first()
    if found is None:
        raise NotFound("set of hours", hours_id)
    return found


def _open(by: Actor, hours: Hours) -> Hours:
    """The set as it is now, locked against other changes."""
    require(by, Right.MANAGE_WORKSPACE)
    row = Hours.objects.select_for_update().filter(workspace_id=by.workspace_id, id=hours.pk).first()
    if row is None:
        raise NotFound("set of hours", hours.pk)
    return row


def _write(row: Hours, wish: HoursWish) -> None:
    row.name = clean_name(wish.name, longest=LONGEST_NAME)
    row.zone, row.week = _zone(wish.zone), _week(wish.week)
    row.country, row.subdivision = _place(wish.country, wish.subdivision)
    row.worked = _worked(wish.worked) if row.country else []
    days = _days(wish.days)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("There are hours with this name."), field="name", code="taken") from None
    row.days.all().delete()
    for one in days:
        one.hours = row
    OwnDay.objects.bulk_create(days)
    touch(row.workspace_id)


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise Invalid(t("Choose one of the time zones."), field="zone")
    return name


def _week(week: Sequence[Sequence[Stretch]]) -> list[list[list[int]]]:
    if len(week) != DAYS_OF_A_WEEK:
        raise Invalid(t("A week has seven days, from Monday on."), field="week")
    for number, words in sorted(wrong_in(week).items()):
        raise Invalid(words, field=f"week_{number}")
    return [[list(one) for one in sorted(day)] for day in week]


def _place(country: str, subdivision: str) -> tuple[str, str]:
    country = country.strip().upper()
    if country and not is_country(country):
        raise Invalid(t("The holidays of this country aren't known."), field="country")
    if subdivision and not any(subdivision == code for code, _ in subdivisions(country)):
        raise Invalid(t("Choose a state or region of this country."), field="subdivision")
    return country, subdivision


def _worked(names: Sequence[str]) -> list[str]:
    kept = sorted({name.replace("\0", "").strip() for name in names} - {""})
    if len(kept) > MOST_WORKED or any(len(name) > LONGEST_WORKED for name in kept):
        raise Invalid(t("Those are not names of holidays."), field="worked")
    return kept


def _days(days: Sequence[DayWish]) -> list[OwnDay]:
    if len(days) > MOST_DAYS:
        raise Invalid(t("There can be {most} days of your own.", most=MOST_DAYS), field="days")
    seen: set[date] = set()
    rows = []
    for number, one in enumerate(days):
        field = f"day_{number}"
        if one.day in seen:
            raise Invalid(t("This date is there twice."), field=field)
        if not FIRST_DAY <= one.day <= LAST_DAY:
            years = {"first": FIRST_DAY.year, "last": LAST_DAY.year}
            raise Invalid(t("Choose a date in the years from {first} to {last}.", **years), field=field)
        if words := wrong_with(one.stretches):
            raise Invalid(words, field=field)
        name = " ".join(one.name.replace("\0", "").split())
        if len(name) > LONGEST_DAY_NAME:
            raise Invalid(t("Use at most {most} characters.", most=LONGEST_DAY_NAME), field=field)
        seen.add(one.day)
        rows.append(OwnDay(day=one.day, name=name, stretches=[list(stretch) for stretch in sorted(one.stretches)]))
    return rows


def _told(row: Hours) -> dict[str, object]:
    """What the audit trail tells changes of."""
    days = sorted((one.day.isoformat(), one.name, str(one.stretches)) for one in OwnDay.objects.filter(hours=row))
    fields = ("name", "zone", "week", "country", "subdivision", "worked")
    return {**{name: getattr(row, name) for name in fields}, "days": days}


def _name(hours: Hours | None) -> str:
    return "" if hours is None else hours.name
