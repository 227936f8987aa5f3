"""`twoway hours`: when somebody answers."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from twoway.channels import queries as channels
from twoway.lib.refusal import Invalid
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.hours import queries
from twoway.teams.hours.queries import Calendar, Hours
from twoway.teams.hours.week_rules import day_words, summary

FIRST_YEAR, LAST_YEAR = 1970, 2099


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    add_workspace(action("list", "the sets of hours there are, and how each stands now", _list))
    show = action("show", "one set of hours, with the days on which it differs", _show)
    show.add_argument("hours", type=int, metavar="HOURS-ID")
    add_workspace(show)
    is_open = action("is-open", "whether it is open, and when it opens next", _is_open)
    is_open.add_argument("--at", metavar="TIME", help="a moment such as 2026-12-24T09:00:00-08:00; now without it")
    is_open.add_argument("--team", type=int, metavar="TEAM-ID", help="by the hours this team keeps")
    is_open.add_argument("--number", type=int, metavar="CHANNEL-ID", help="by the hours this number keeps")
    add_workspace(is_open)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _list(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    found = [_document(row, by, at) for row in queries.every_hours(by)]
    return printing.show(args, {"items": found}, lambda: [_line(one) for one in found])


def _show(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    row = queries.access_hours(by, args.hours)
    found = _document(row, by, at)
    found["days"] = [
        {"day": one.day.isoformat(), "name": one.name, "hours": day_words(queries.stretches(one.stretches))}
        for one in sorted(row.days.all(), key=lambda one: one.day)
    ]
    lines = [f"       {one['day']}  {one['hours']}  {one['name']}" for one in found["days"]]
    return printing.show(args, found, lambda: [_line(found), *(f"       {line}" for line in found["week"]), *lines])


def _is_open(args: argparse.Namespace) -> int:
    by, at = operator_of(args), _moment(args.at)
    team = None if args.team is None else teams.access_team(by, args.team)
    channel = None if args.number is None else channels.access_channel(by, args.number)
    team_id = team.pk if team else channel.team_id if channel else None
    calendar = channels.calendar_for(
        by.workspace_id, team_id=team_id, channel_id=channel.pk if channel else None, at=at
    )
    found = {"at": at.isoformat(), **_standing(calendar, at)}
    return printing.show(args, found, lambda: [_words(found)])


def _moment(typed: str | None) -> datetime:
    """A moment with its zone. Raises `Invalid`."""
    if typed is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        at = datetime.min.replace(tzinfo=UTC)
    if at.tzinfo is None or not FIRST_YEAR < at.year < LAST_YEAR:
        raise Invalid("Write a moment such as 2026-12-24T09:00:00-08:00, with its zone.", field="at")
    return at


def _document(row: Hours, by: Actor, at: datetime) -> dict[str, Any]:
    calendar = queries.calendar_of(row, zone=queries.workspace_zone(by.workspace_id), year=at.year)
    return {
        "hours_id": row.pk,
        "name": row.name,
        "week": summary([queries.stretches(day) for day in row.week]),
        "country": row.country,
        "is_usual": queries.usual_hours(by.workspace_id) == row.pk,
        **_standing(calendar, at),
    }


def _standing(calendar: Calendar, at: datetime) -> dict[str, Any]:
    now = queries.standing(calendar, at)
    return {
        "zone": calendar.zone.key,
        "is_open": now.is_open,
        "opens_at": now.opens.astimezone(calendar.zone).isoformat() if now.opens else None,
        "closes_at": now.closes.astimezone(calendar.zone).isoformat() if now.closes else None,
    }


def _line(one: dict[str, Any]) -> str:
    usual = "  (the whole workspace)" if one["is_usual"] else ""
    return f"{one['hours_id']:>5}  {one['name']}{usual}: {_words(one)}"


def _words(one: dict[str, Any]) -> str:
    if one["is_open"]:
        return f"open until {one['closes_at']}" if one["closes_at"] else "always open"
    return f"closed until {one['opens_at']}" if one["opens_at"] else "closed, with no opening ahead"
