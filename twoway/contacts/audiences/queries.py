"""Finding contacts by conditions, words and order, a page at a time; and the audiences a workspace saved."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import connection

from twoway.contacts import queries as contacts
from twoway.contacts.audiences.columns import STANDING, columns_for
from twoway.contacts.audiences.models import Audience
from twoway.contacts.models import Contact
from twoway.lib.conditions import ALWAYS, Clock, Field, Group
from twoway.lib.conditions_sql import Params, compiled
from twoway.lib.refusal import NotFound
from twoway.lib.words import noted
from twoway.teams.actor import Actor

__all__ = ["Audience", "Found", "Wanted", "access_audience", "among", "audiences", "count", "ids", "page", "people"]

Order = Literal["newest", "oldest", "name", "heard"]
ORDERS: tuple[tuple[Order, str], ...] = (
    ("newest", noted("Newest first")),
    ("oldest", noted("Oldest first")),
    ("name", noted("By name")),
    ("heard", noted("Last heard from")),
)
MOST_COUNTED = 100_000
AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which contacts: those for whom `conditions` hold, by `fields` and `clock`, and whom `words` are about."""

    fields: Mapping[str, Field]
    clock: Clock
    conditions: Group = ALWAYS
    words: str = ""
    order: Order = "newest"
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A page of contacts with their addresses, when each was last heard from, and the cursor of the next one."""

    rows: tuple[Contact, ...]
    heard: Mapping[int, datetime]
    following: str


def clock_of(*, at: datetime, zone: str) -> Clock:
    """Now, in the workspace's days."""
    return Clock(at=at, zone=ZoneInfo(zone))


def page(actor: Actor, wanted: Wanted, *, cursor: str = "", limit: int = 50) -> Found:
    """A page in the wanted order; a cursor nobody made means the first page."""
    keys = _ids(actor, wanted, cursor=_decoded(cursor), limit=limit + 1)
    shown = keys[:limit]
    following = _encoded(shown[-1]) if len(keys) > limit else ""
    rows = people([key for key, _ in shown])
    return Found(rows=rows, heard=last_heard(actor, [row.pk for row in rows]), following=following)


def newest(actor: Actor, wanted: Wanted, *, below: int | None, limit: int) -> list[Contact]:
    """The newest contacts that are wanted, of those with a lower id than `below`, with their addresses."""
    found = _ids(actor, replace(wanted, order="newest"), cursor=None if below is None else (below, None), limit=limit)
    return list(people([key for key, _ in found]))


def ids(actor: Actor, wanted: Wanted) -> Iterator[int]:
    """The id of every contact that is wanted, oldest first, read in stretches."""
    asked, cursor = replace(wanted, order="oldest"), None
    while True:
        found = _ids(actor, asked, cursor=cursor, limit=AT_ONCE)
        yield from (key for key, _ in found)
        if len(found) < AT_ONCE:
            return
        cursor = found[-1]


def count(actor: Actor, wanted: Wanted, *, most: int = MOST_COUNTED) -> int:
    """How many contacts are wanted, counted up to `most`."""
    params, condition = _condition(actor, wanted)
    sql = f"SELECT count(*) FROM (SELECT FROM contact c WHERE {condition} LIMIT {int(most)}) x"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params.values)
        found: int = cursor.fetchone()[0]
    return found


def among(actor: Actor, wanted: Wanted, keys: Collection[int]) -> frozenset[int]:
    """Which of these contacts are wanted."""
    if not keys:
        return frozenset()
    params, condition = _condition(actor, wanted)
    listed = params.put(sorted(keys))
    sql = f"SELECT c.id FROM contact c WHERE c.id = ANY({listed}::bigint[]) AND {condition}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params.values)
        return frozenset(row[0] for row in cursor.fetchall())


def people(keys: Sequence[int]) -> tuple[Contact, ...]:
    """Contacts with their addresses, in the order of their ids."""
    rows = {row.pk: row for row in Contact.objects.filter(id__in=keys).prefetch_related("identities")}
    return tuple(rows[key] for key in keys if key in rows)


def last_heard(actor: Actor, keys: Sequence[int]) -> dict[int, datetime]:
    """When each of these was last heard from, in conversations this actor may see."""
    if not keys:
        return {}
    params = Params()
    listed = params.put(list(keys))
    seen = ""
    if actor.sees_own_teams_only:
        teams, me = params.put(sorted(actor.team_ids)), params.put(actor.member_id or 0)
        seen = f" AND (team_id = ANY({teams}::bigint[]) OR assignee_id = {me}::bigint)"
    sql = (
        f"SELECT contact_id, max(last_inbound_at) FROM conversation WHERE contact_id = ANY({listed}::bigint[])"  # noqa: S608
        f" AND last_inbound_at IS NOT NULL{seen} GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params.values)
        return dict(cursor.fetchall())


def standing(actor: Actor, keys: Sequence[int], *, at: datetime) -> dict[int, tuple[str, frozenset[str]]]:
    """Of each of these contacts how consent stands (a word of `columns.CONSENT`) and the ids of their tags."""
    if not keys:
        return {}
    params = Params(values={"at": at, "ids": list(keys)})
    columns = columns_for(actor, {field.key: field for field in STANDING})
    consent, tags = (columns[field.key](params) for field in STANDING)
    sql = f"SELECT c.id, {consent}, ARRAY({tags}) FROM contact c WHERE c.id = ANY(%(ids)s::bigint[])"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params.values)
        return {key: (word, frozenset(held)) for key, word, held in cursor.fetchall()}


def audiences(actor: Actor) -> list[Audience]:
    """The saved audiences of a workspace, by name."""
    rows = Audience.objects.filter(workspace_id=actor.workspace_id)
    return sorted(rows, key=lambda row: (row.name.casefold(), row.pk))


def access_audience(actor: Actor, audience_id: int) -> Audience:
    """One audience. Raises `NotFound`."""
    found = Audience.objects.filter(workspace_id=actor.workspace_id, id=audience_id).first()
    if found is None:
        raise NotFound("audience", audience_id)
    return found


# In SQL ---------------------------------------------------------------------------------------------------------------

_NOT_GONE = "c.workspace_id = %(workspace)s AND c.merged_into_id IS NULL"
# Of each person the conversation they wrote in last, and of two of the same moment the later one.
_HEARD = """
SELECT c.id, v.last_inbound_at FROM conversation v JOIN contact c ON c.id = v.contact_id
WHERE v.workspace_id = %(workspace)s AND v.last_inbound_at IS NOT NULL{seen}{after} AND {condition}
  AND NOT EXISTS (SELECT FROM conversation w WHERE w.contact_id = v.contact_id{later}
                  AND (w.last_inbound_at, w.id) > (v.last_inbound_at, v.id))
ORDER BY v.last_inbound_at DESC, v.contact_id DESC
"""
_UNHEARD = """
SELECT c.id, NULL FROM contact c
WHERE {condition}{after}
  AND NOT EXISTS (SELECT FROM conversation v WHERE v.contact_id = c.id AND v.last_inbound_at IS NOT NULL{seen})
ORDER BY c.id DESC
"""
Place = tuple[int, Any]
"""A contact's id with what it is ordered by, if anything."""


def _condition(actor: Actor, wanted: Wanted) -> tuple[Params, str]:
    params = Params(values={"workspace": actor.workspace_id, "at": wanted.clock.at})
    parts = [_NOT_GONE]
    if actor.sees_own_teams_only:
        parts.append(f"EXISTS (SELECT FROM conversation v WHERE v.contact_id = c.id{_seen(actor, params)})")
    if wanted.conditions != ALWAYS:
        columns = columns_for(actor, wanted.fields)
        parts.append(
            compiled(wanted.conditions, columns=columns, fields=wanted.fields, clock=wanted.clock, params=params)
        )
    if wanted.words.strip():
        meant = contacts.matching(actor, wanted.words, region=wanted.region)
        if meant is not None:
            sql, values = Contact.objects.filter(meant).values("id").query.sql_with_params()
            parts.append(f"c.id IN ({_named(sql, values, params)})")
    return params, " AND ".join(parts)


def _seen(actor: Actor, params: Params) -> str:
    teams, me = params.put(sorted(actor.team_ids)), params.put(actor.member_id or 0)
    return f" AND (v.team_id = ANY({teams}::bigint[]) OR v.assignee_id = {me}::bigint)"


def _named(sql: str, values: Sequence[Any], params: Params) -> str:
    """A statement of Django's with named parameters in place of its positional ones."""
    pieces = sql.split("%s")
    return "".join(
        piece + (params.put(values[number]) if number < len(values) else "") for number, piece in enumerate(pieces)
    )


def _ids(actor: Actor, wanted: Wanted, *, cursor: Place | None, limit: int) -> list[Place]:
    if wanted.order == "name":
        return _by_name(actor, wanted, cursor=cursor, limit=limit)
    params, condition = _condition(actor, wanted)
    if wanted.order == "heard":
        return _by_heard(actor, wanted, cursor=cursor, limit=limit)
    sign, direction = ("<", "DESC") if wanted.order == "newest" else (">", "ASC")
    after = f" AND c.id {sign} {params.put(cursor[0])}::bigint" if cursor else ""
    sql = f"SELECT c.id, NULL FROM contact c WHERE {condition}{after} ORDER BY c.id {direction}"  # noqa: S608
    return _run(sql, params, limit)


def _by_name(actor: Actor, wanted: Wanted, *, cursor: Place | None, limit: int) -> list[Place]:
    """Who has a name comes first, by name; then the others, the newest first. Aliases stand with the others."""
    found: list[Place] = []
    if cursor is None or cursor[1] is not None:
        params, condition = _condition(actor, wanted)
        after = ""
        if cursor is not None:
            after = (
                f" AND (lower(c.name), c.id) > ({params.put(str(cursor[1]))}::text, {params.put(cursor[0])}::bigint)"
            )
        found = _run(
            f"SELECT c.id, lower(c.name) FROM contact c WHERE {condition} AND c.name <> ''{after}"  # noqa: S608
            " ORDER BY lower(c.name), c.id",
            params,
            limit,
        )
        cursor = None
    if len(found) < limit:
        params, condition = _condition(actor, wanted)
        after = f" AND c.id < {params.put(cursor[0])}::bigint" if cursor else ""
        sql = f"SELECT c.id, NULL FROM contact c WHERE {condition} AND c.name = ''{after} ORDER BY c.id DESC"  # noqa: S608
        found += _run(sql, params, limit - len(found))
    return found


def _by_heard(actor: Actor, wanted: Wanted, *, cursor: Place | None, limit: int) -> list[Place]:
    """Who was heard from last comes first, in a walk along the index of when; those who never wrote come last."""
    found: list[Place] = []
    if cursor is None or cursor[1] is not None:
        params, condition = _condition(actor, wanted)
        seen = _seen(actor, params) if actor.sees_own_teams_only else ""
        after = ""
        if cursor is not None:
            at, key = params.put(str(cursor[1])), params.put(cursor[0])
            after = f" AND (v.last_inbound_at, v.contact_id) < ({at}::timestamptz, {key}::bigint)"
        rows = _run(
            _HEARD.format(condition=condition, seen=seen, later=seen.replace("v.", "w."), after=after), params, limit
        )
        found = [(key, at.isoformat()) for key, at in rows]
        cursor = None
    if len(found) < limit:
        params, condition = _condition(actor, wanted)
        seen = _seen(actor, params) if actor.sees_own_teams_only else ""
        after = f" AND c.id < {params.put(cursor[0])}::bigint" if cursor else ""
        found += _run(_UNHEARD.format(condition=condition, seen=seen, after=after), params, limit - len(found))
    return found


def _run(sql: str, params: Params, limit: int) -> list[Place]:
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {int(limit)}", params.values)
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _encoded(place: Place) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> Place | None:
    if not cursor or len(cursor) > 600:
        return None
    try:
        found = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key, value = found
        if value is not None and not isinstance(value, str):
            return None
        return int(key), value
    except (ValueError, TypeError):
        return None
