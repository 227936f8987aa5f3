"""What filters mean for one actor: marks in the index, conditions about conversations, days, and people's threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any

from twoway.channels.queries import visible_channels
from twoway.conversations.queries import tags, visible_sql
from twoway.lib.words import t
from twoway.messaging.search import people
from twoway.messaging.search.rules import Filter, Query
from twoway.messaging.search.words import fold
from twoway.teams import queries as teams
from twoway.teams.actor import Actor

MOST_THREADS = 300
"""Conversations a filter about people looks through, those with the latest texts."""
_STATES = ("open", "done", "snoozed")
_UNREAD = """(v.state <> 'done' AND v.last_inbound_id > coalesce(
    (SELECT r.message_id FROM read_mark r WHERE r.conversation_id = v.id AND r.member_id = %(me)s), 0))"""
_OF_TEXTS = frozenset({"from", "to", "number"})
"""Filters that no private note can fulfil; `has:photo` and `has:file` are others."""


@dataclass(kw_only=True, slots=True)
class Scope:
    """Where to look. `marks` are parts of a tsquery; `conditions` are about a table `conversation v`.

    `threads` are the only conversations looked through, or None for all. `is_nothing`: a filter names nothing we know.
    """

    workspace_id: int
    values: dict[str, Any]
    marks: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    threads: list[int] | None = None
    is_nothing: bool = False
    has_notes: bool = True
    problems: list[str] = field(default_factory=list)


def scope_of(actor: Actor, query: Query, *, zone: tzinfo, region: str) -> Scope:
    """What may be seen at all, and of that what the filters let through. A query or two for each filter."""
    visible, values = visible_sql(actor)
    scope = Scope(workspace_id=actor.workspace_id, values=values)
    if actor.sees_own_teams_only:
        scope.conditions.append(visible)
    for number, one in enumerate(query.filters):
        if one.key in {"before", "after", "on"}:
            _days(scope, one, zone)
        elif one.key in {"from", "to", "with"}:
            _person(scope, one, actor, region)
        else:
            _READ[one.key](scope, one, actor, number)
        if one.key in _OF_TEXTS or (one.value in {"photo", "file"} and one.key == "has"):
            scope.has_notes = scope.has_notes and one.is_excluded
    return scope


def _days(scope: Scope, one: Filter, zone: tzinfo) -> None:
    """A stretch of days where the member is. Leaving a stretch out is only said for "on" by its neighbours."""
    if one.days is None or one.is_excluded:
        return
    first, last = (_midnight(day, zone) for day in one.days)
    if one.key == "before":
        scope.until = min(scope.until or first, first)
    elif one.key == "after":
        scope.since = max(scope.since or last, last)
    else:
        scope.since = max(scope.since or first, first)
        scope.until = min(scope.until or last, last)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _person(scope: Scope, one: Filter, actor: Actor, region: str) -> None:
    found = people.threads(actor, one.value, region=region, limit=MOST_THREADS + 1)
    if len(found) > MOST_THREADS:
        scope.problems.append(
            t(
                "Many people match {wanted}. Only the {most} latest conversations are looked through.",
                wanted=f"{one.key}:{one.value}",
                most=MOST_THREADS,
            )
        )
    ids = found[:MOST_THREADS]
    if one.is_excluded:
        scope.values[f"not_{one.key}"] = ids
        scope.conditions.append(f"NOT v.id = ANY(%(not_{one.key})s)")
        return
    scope.threads = ids if scope.threads is None else sorted(set(ids) & set(scope.threads))
    scope.is_nothing = scope.is_nothing or not scope.threads
    if one.key != "with":
        scope.marks.append("'#in'" if one.key == "from" else "'#out'")


def _mark(scope: Scope, one: Filter, marks: list[str]) -> None:
    """One of these marks must be there, or none of them."""
    if marks:
        said = " | ".join(f"'{mark}'" for mark in marks)
        scope.marks.append(f"!({said})" if one.is_excluded else f"({said})")
    elif not one.is_excluded:
        scope.is_nothing = True


def _condition(scope: Scope, one: Filter, said: str) -> None:
    scope.conditions.append(f"NOT ({said})" if one.is_excluded else said)


def _by(scope: Scope, one: Filter, actor: Actor, number: int) -> None:
    """Written by a member: their name, its beginning, or "me"."""
    wanted = fold(one.value)
    if wanted == "me":
        found = [actor.member_id] if actor.member_id is not None else []
    else:
        every = teams.members(actor, with_inactive=True)
        found = [row.pk for row in every if _begins(str(row), wanted)]
    _mark(scope, one, [f"#u{key}" for key in found])


def _begins(name: str, wanted: str) -> bool:
    said = fold(name)
    return bool(wanted) and (said.startswith(wanted) or any(word.startswith(wanted) for word in said.split()))


def _number(scope: Scope, one: Filter, actor: Actor, number: int) -> None:
    """One of our numbers: its digits, their end, or its name."""
    digits = "".join(char for char in one.value if char.isdigit())
    wanted = fold(one.value)
    is_digits = len(digits) >= 3 and not any(char.isalpha() for char in one.value)
    found = [
        row.pk
        for row in visible_channels(actor)
        if (is_digits and row.address.endswith(digits[-10:])) or (not is_digits and wanted in fold(row.name))
    ]
    _mark(scope, one, [f"#n{key}" for key in found])


def _tag(scope: Scope, one: Filter, actor: Actor, number: int) -> None:
    wanted = fold(one.value)
    found = [row.pk for row in tags(actor) if fold(row.name) == wanted]
    if not found:
        scope.is_nothing = scope.is_nothing or not one.is_excluded
        return
    scope.values[f"tag{number}"] = found
    _condition(
        scope,
        one,
        f"EXISTS (SELECT FROM conversation_tag g WHERE g.conversation_id = v.id AND g.tag_id = ANY(%(tag{number})s))",
    )


def _team(scope: Scope, one: Filter, actor: Actor, number: int) -> None:
    wanted = fold(one.value)
    scope.values[f"team{number}"] = [row.pk for row in teams.own_teams(actor) if fold(row.name) == wanted]
    if not scope.values[f"team{number}"]:
        scope.is_nothing = scope.is_nothing or not one.is_excluded
        return
    _condition(scope, one, f"coalesce(v.team_id, 0) = ANY(%(team{number})s)")


def _has(scope: Scope, one: Filter, actor: Actor, number: int) -> None:
    if one.value == "note":
        _condition(scope, one, "EXISTS (SELECT FROM note n WHERE n.conversation_id = v.id)")
    else:
        _mark(scope, one, [f"#{one.value}"])


def _is(scope: Scope, one: Filter, actor: Actor, number: int) -> None:
    _condition(scope, one, f"v.state = '{one.value}'" if one.value in _STATES else _UNREAD)


_READ: dict[str, Callable[[Scope, Filter, Actor, int], None]] = {
    "by": _by,
    "number": _number,
    "tag": _tag,
    "team": _team,
    "has": _has,
    "is": _is,
}
