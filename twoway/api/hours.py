"""Hours: the sets of a workspace, and whether it is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.db import transaction
from ninja import Path, Query, Router, Schema, Status
from pydantic import BeforeValidator, ConfigDict, Field, StrictStr, StringConstraints
from pydantic.json_schema import WithJsonSchema

from twoway.api import errors, problems
from twoway.api.auth import ApiRequest
from twoway.api.fields import Flag, PathId, QueryId, Time, TimeOut
from twoway.channels import queries as channels
from twoway.lib.refusal import Invalid
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.hours import actions, queries
from twoway.teams.hours.actions import DayWish, HoursWish
from twoway.teams.hours.queries import Hours, Standing
from twoway.teams.hours.rules import MINUTES, Stretch
from twoway.teams.hours.week_rules import LONGEST_DAY_NAME, LONGEST_NAME, MOST_DAYS, MOST_STRETCHES
from twoway.teams.rules import Right, require

router = Router(tags=["Hours"])

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _day(value: Any) -> Any:
    """A date as RFC 3339 writes it."""
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("Write a day such as 2026-12-24.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("Write a day such as 2026-12-24.") from None


Clock = Annotated[StrictStr, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Holiday = Annotated[StrictStr, StringConstraints(max_length=actions.LONGEST_WORKED)]


class StretchIn(Schema):
    """Open from and until, by the clock there. An end not after the start is on the day after, so 00:00 is midnight."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: Clock = Field(alias="from")
    until: Clock


Stretches = Annotated[list[StretchIn], Field(max_length=MOST_STRETCHES)]


class WeekIn(Schema):
    """When it is open on each day; a day that is left out is closed."""

    model_config = ConfigDict(extra="forbid")

    monday: Stretches = Field(default_factory=list)
    tuesday: Stretches = Field(default_factory=list)
    wednesday: Stretches = Field(default_factory=list)
    thursday: Stretches = Field(default_factory=list)
    friday: Stretches = Field(default_factory=list)
    saturday: Stretches = Field(default_factory=list)
    sunday: Stretches = Field(default_factory=list)


class OwnDayIn(Schema):
    """A date on which it differs; without `open` it is closed."""

    model_config = ConfigDict(extra="forbid")

    day: Day
    name: Annotated[StrictStr, StringConstraints(max_length=LONGEST_DAY_NAME)] = ""
    open: Stretches = Field(default_factory=list)


class HoursIn(Schema):
    """All of a set of hours. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[StrictStr, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
    week: WeekIn
    zone: Annotated[StrictStr, StringConstraints(max_length=64)] = Field(
        default="", description="An IANA time zone; empty is the workspace's."
    )
    country: Annotated[StrictStr, StringConstraints(max_length=2)] = Field(
        default="", description="Two letters: its public holidays are closed. Empty for none."
    )
    subdivision: Annotated[StrictStr, StringConstraints(max_length=10)] = Field(
        default="", description="A state or region of the country, for its holidays."
    )
    worked: Annotated[list[Holiday], Field(max_length=actions.MOST_WORKED)] = Field(
        default_factory=list, description="Public holidays that are open, by name."
    )
    days: Annotated[list[OwnDayIn], Field(max_length=MOST_DAYS)] = Field(default_factory=list)
    is_usual: Flag = Field(default=False, description="Whether everybody keeps them who has no others.")


class StretchOut(Schema):
    model_config = ConfigDict(populate_by_name=True)

    since: str = Field(alias="from")
    until: str


class OwnDayOut(Schema):
    day: date
    name: str
    open: list[StretchOut]


class OpenOut(Schema):
    """Whether it is open at a moment."""

    is_open: bool
    opens_at: TimeOut | None = Field(description="The first open moment from then on; null: none within 400 days.")
    closes_at: TimeOut | None = Field(description="When that stretch ends; null: it does not close.")
    zone: str = Field(description="The time zone of the hours.")


class HoursOut(Schema):
    """A set of hours, and how it stands now."""

    id: int
    name: str
    zone: str
    week: dict[str, list[StretchOut]]
    country: str
    subdivision: str
    worked: list[str]
    days: list[OwnDayOut]
    is_usual: bool
    team_ids: list[int]
    channel_ids: list[int] = Field(description="Of those you may use.")
    now: OpenOut


class HoursList(Schema):
    items: list[HoursOut]


class Asked(Schema):
    """For which team and number, and when: now unless it is said."""

    team_id: QueryId | None = None
    channel_id: QueryId | None = None
    at: Time | None = None


@router.get("", response={200: HoursList, **errors.READ}, operation_id="list_hours", by_alias=True)
def list_hours(request: ApiRequest) -> dict[str, Any]:
    """The sets of hours by name."""
    require(request.actor, Right.READ)
    return {"items": [_document(row, request.actor, request.at) for row in queries.every_hours(request.actor)]}


@router.post("", response={201: HoursOut, **errors.WRITE_ONE}, operation_id="add_hours", by_alias=True)
def add_hours(request: ApiRequest, body: HoursIn) -> Status[dict[str, Any]]:
    """Add a set of hours. For roles that may change the workspace."""
    return Status(201, _kept(request, None, body))


@router.get("/open", response={200: OpenOut, **errors.READ_ONE}, operation_id="get_open")
def get_open(request: ApiRequest, query: Annotated[Asked, Query()]) -> dict[str, Any]:
    """Whether it is open: by the number's hours, else the team's, else the workspace's, else always."""
    actor, at = request.actor, query.at or request.at
    require(actor, Right.READ)
    if not FIRST <= at < LAST:
        raise problems.invalid_field("at", "Ask about a moment between 1970 and 2099.")
    team = None if query.team_id is None else teams.access_team(actor, query.team_id)
    channel = None if query.channel_id is None else channels.access_channel(actor, query.channel_id)
    team_id = team.pk if team else channel.team_id if channel else None
    calendar = channels.calendar_for(
        actor.workspace_id, team_id=team_id, channel_id=channel.pk if channel else None, at=at
    )
    return _open(queries.standing(calendar, at), calendar.zone.key)


@router.get("/{int:hours_id}", response={200: HoursOut, **errors.READ_ONE}, operation_id="get_hours", by_alias=True)
def get_hours(request: ApiRequest, hours_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """One set of hours."""
    require(request.actor, Right.READ)
    return _document(queries.access_hours(request.actor, hours_id), request.actor, request.at)


@router.put("/{int:hours_id}", response={200: HoursOut, **errors.WRITE_ONE}, operation_id="put_hours", by_alias=True)
def put_hours(request: ApiRequest, hours_id: Annotated[PathId, Path()], body: HoursIn) -> dict[str, Any]:
    """Put all of a set of hours anew: what is left out is empty then. For roles that may change the workspace."""
    return _kept(request, queries.access_hours(request.actor, hours_id), body)


def _kept(request: ApiRequest, found: Hours | None, body: HoursIn) -> dict[str, Any]:
    actor, at = request.actor, request.at
    wish = HoursWish(
        name=body.name,
        week=tuple(_read(getattr(body.week, day)) for day in WEEKDAYS),
        zone=body.zone,
        country=body.country,
        subdivision=body.subdivision,
        worked=tuple(body.worked),
        days=tuple(DayWish(day=one.day, name=one.name, stretches=_read(one.open)) for one in body.days),
    )
    try:
        with transaction.atomic():
            if found is None:
                kept = actions.create_hours(by=actor, wish=wish, at=at)
            else:
                kept = actions.save_hours(by=actor, hours=found, wish=wish, at=at)
            if (queries.usual_hours(actor.workspace_id) == kept.pk) != body.is_usual:
                actions.set_usual(by=actor, hours_id=kept.pk if body.is_usual else None, at=at)
    except Invalid as refused:
        raise Invalid(refused.sentence, field=_field(refused.field)) from None
    return _document(queries.access_hours(actor, kept.pk), actor, at)


def _field(name: str) -> str:
    """The action's name of a field as the body has it."""
    what, _, number = name.partition("_")
    if number.isdecimal():
        return f"week.{WEEKDAYS[int(number)]}" if what == "week" else f"days.{number}"
    return name


def _read(given: Iterable[StretchIn]) -> tuple[Stretch, ...]:
    found = []
    for one in given:
        start, end = _minutes(one.since), _minutes(one.until)
        found.append((start, end if end > start else end + MINUTES))
    return tuple(found)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _document(row: Hours, actor: Actor, at: datetime) -> dict[str, Any]:
    calendar = queries.calendar_of(row, zone=queries.workspace_zone(actor.workspace_id), year=at.year)
    used = channels.visible_channels(actor).filter(hours_id=row.pk).order_by("id")
    return {
        "id": row.pk,
        "name": row.name,
        "zone": row.zone,
        "week": {day: _written(hours) for day, hours in zip(WEEKDAYS, row.week, strict=True)},
        "country": row.country,
        "subdivision": row.subdivision,
        "worked": row.worked,
        "days": [
            {"day": one.day, "name": one.name, "open": _written(one.stretches)}
            for one in sorted(row.days.all(), key=lambda one: one.day)
        ],
        "is_usual": queries.usual_hours(actor.workspace_id) == row.pk,
        "team_ids": sorted(team.pk for team in queries.teams_of(actor).get(row.pk, [])),
        "channel_ids": list(used.values_list("id", flat=True)),
        "now": _open(queries.standing(calendar, at), calendar.zone.key),
    }


def _written(kept: Iterable[Iterable[int]]) -> list[dict[str, str]]:
    return [{"from": _clock(start), "until": _clock(end)} for start, end in queries.stretches(kept)]


def _clock(minute: int) -> str:
    return f"{minute % MINUTES // 60:02d}:{minute % 60:02d}"


def _open(standing: Standing, zone: str) -> dict[str, Any]:
    return {
        "is_open": standing.is_open,
        "opens_at": standing.opens,
        "closes_at": standing.closes,
        "zone": zone,
    }
