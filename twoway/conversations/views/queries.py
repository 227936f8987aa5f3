"""Reading saved views, what their conditions may name, and how a member likes to work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db import connection
from django.db.models import Q, QuerySet

from twoway.channels.queries import visible_channels
from twoway.conversations.models import Tag
from twoway.conversations.views.models import Habit, SavedView, ViewPlace
from twoway.conversations.views.rules import MOST_PINNED, Names, fields_of, properties_in
from twoway.lib.conditions import Field, Group, read
from twoway.lib.refusal import NotFound
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import members, own_teams
from twoway.teams.rules import Right, may

__all__ = [
    "Habit",
    "SavedView",
    "access_view",
    "fields_for",
    "habit_of",
    "may_change",
    "pinned_views",
    "stored_tree",
    "visible_views",
]

_RECENT_PROPERTIES = """
SELECT DISTINCT jsonb_object_keys(p.properties) FROM (
    SELECT properties FROM contact WHERE workspace_id = %s ORDER BY id DESC LIMIT 500) AS p ORDER BY 1 LIMIT 40
"""


def visible_views(actor: Actor) -> QuerySet[SavedView]:
    """The saved views this actor may use: their own, those of their teams and those of everybody, by name."""
    shared = Q(scope="all") | Q(scope="team", team_id__in=sorted(actor.team_ids))
    own = Q(owner_id=actor.member_id or 0)
    rows = SavedView.objects.filter(own | shared, workspace_id=actor.workspace_id)
    return rows.order_by("name", "id")


def access_view(actor: Actor, view_id: int) -> SavedView:
    """A saved view. Raises `NotFound` also for one that is not for this actor."""
    found = visible_views(actor).select_related("team", "owner__user").filter(id=view_id).first()
    if found is None:
        raise NotFound("view", view_id)
    return found


def may_change(actor: Actor, view: SavedView) -> bool:
    """Whether they may change or delete it: their own, and what is shared where they may share views."""
    if view.workspace_id != actor.workspace_id:
        return False
    if view.scope == "private":
        return view.owner_id == actor.member_id
    return may(actor, Right.SHARE_VIEWS)


def pinned_views(actor: Actor) -> list[SavedView]:
    """Those in this member's views column, in their order. What is shared is there until they take it out."""
    rows = list(visible_views(actor))
    places = {row.view_id: row for row in ViewPlace.objects.filter(member_id=actor.member_id or 0)} if rows else {}
    shown = [row for row in rows if row.pk not in places or places[row.pk].is_pinned]
    last = len(rows) + 1

    def place(row: SavedView) -> tuple[int, str, int]:
        kept = places.get(row.pk)
        return (kept.position if kept and kept.position else last, row.name.casefold(), row.pk)

    return sorted(shown, key=place)[:MOST_PINNED]


def stored_tree(view: SavedView) -> Group:
    """Its conditions. What they name may be gone since: nothing is found by it, and the rest still holds."""
    fields = fields_of(Names(), also=properties_in(view.conditions))
    return read(view.conditions, fields={key: replace(one, choices=()) for key, one in fields.items()})


def fields_for(actor: Actor, *, region: str, also: Iterable[str] = ()) -> dict[str, Field]:
    """What conditions may be about and what they may name, as this actor sees the workspace."""
    people = [(str(one.pk), str(one)) for one in members(actor) if one.is_active]
    teams = [(str(key), name) for key, name in own_teams(actor).values_list("id", "name")]
    numbers = [(str(one.pk), one.name or phone.pretty(one.address, region=region)) for one in visible_channels(actor)]
    tags = Tag.objects.filter(workspace_id=actor.workspace_id).values_list("id", "name")
    with connection.cursor() as cursor:
        cursor.execute(_RECENT_PROPERTIES, [actor.workspace_id])
        properties = tuple(str(row[0]) for row in cursor.fetchall())
    names = Names(
        members=tuple(people),
        teams=tuple(teams),
        channels=tuple(numbers),
        tags=tuple(sorted(((str(key), name) for key, name in tags), key=lambda one: one[1].casefold())),
        properties=properties,
    )
    return fields_of(names, also=also)


def habit_of(actor: Actor) -> Habit:
    """How this member likes to work, as it is kept or as it is for everybody."""
    found = Habit.objects.filter(member_id=actor.member_id).first() if actor.member_id else None
    return found or Habit(member_id=actor.member_id or 0)
