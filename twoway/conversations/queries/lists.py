"""Pages of the inbox: one view, its groups in order, from a cursor on. Each group is one walk along one index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, prefetch_related_objects

from twoway.channels.models import Channel
from twoway.contacts.queries import matching
from twoway.conversations.models import Conversation, State
from twoway.conversations.queries.patience import patiently
from twoway.conversations.queries.threads import SHARED, read_ids, with_person
from twoway.conversations.queries.visibility import visible_to
from twoway.conversations.rules import (
    UNDUE,
    UNDUE_FROM,
    Cursor,
    Group,
    Place,
    View,
    decode,
    due_sort,
    group_in,
    unread,
)
from twoway.conversations.views import filters
from twoway.conversations.views.filters import Asking
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor

MOST_ROWS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class ListItem:
    """One row: the conversation with contact, identity, channel, assignee, team and tags; its group; unread texts."""

    conversation: Conversation
    group: Group
    unread: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Rows in order, and the cursor of the next page, "" after the last."""

    rows: tuple[ListItem, ...]
    next: str


def in_view(actor: Actor, view: View) -> QuerySet[Conversation]:
    """The conversations of a view, in no order."""
    rows = _of_box(actor, view)
    if view.is_searched:
        rows = _searched(rows, actor, view)
    if view.names_state:
        return rows
    if view.box == "snoozed":
        return rows.filter(state=State.SNOOZED)
    if view.box == "done" or view.status == "done":
        return rows.filter(state=State.DONE, needs_reply=False)
    return rows.filter(state=State.OPEN)


def _of_box(actor: Actor, view: View) -> QuerySet[Conversation]:
    match view.box:
        case "mine" if actor.member_id is None:
            return Conversation.objects.none()
        case "mine":
            return visible_to(actor, through="assignee__").filter(assignee_id=actor.member_id)
        case "unassigned":
            return visible_to(actor).filter(assignee=None)
        case "channel":
            return visible_to(actor, through="channel__").filter(channel_id=view.key)
        case "team":
            return visible_to(actor, through="team__").filter(team_id=view.key)
        case _:
            return visible_to(actor)


def _searched(rows: QuerySet[Conversation], actor: Actor, view: View) -> QuerySet[Conversation]:
    """Those of them that the conditions of the view, and those in the head of the list, hold for."""
    if view.box == "unread":
        rows = rows.filter(filters.unread_by(actor))
    elif view.box == "unanswered":
        rows = rows.filter(filters.never_answered())
    elif view.box == "mentions":
        rows = rows.filter(filters.mentioned(actor))
    elif view.box == "queue":
        rows = rows.filter(filters.queued(view.key))
    for tree in (view.tree, view.quick.tree):
        if tree.parts and view.clock is not None:
            rows = rows.filter(filters.condition(tree, asking=Asking(actor=actor, clock=view.clock)))
    return rows


def page(actor: Actor, view: View, *, cursor: str = "", limit: int = 50, channels: Iterable[Channel] = ()) -> Page:
    """The rows of a view after `cursor`. At most eight queries, whatever the number of rows; one fewer where all their
    numbers are among `channels`, which were read with their states.

    Raises `Invalid`, and `TooSlow` for a searched view that looks through too much.
    """
    limit = max(1, min(limit, MOST_ROWS))
    last = decode(cursor)
    if last is not None and last.group not in view.groups:
        raise Invalid(t("This page can't be found. Begin at the first."), field="cursor")
    found: list[tuple[Group, Conversation]] = []
    with patiently(view):
        for group in view.groups[view.groups.index(last.group) if last else 0 :]:
            wanted = limit + 1 - len(found)
            if wanted > 0:
                start = last if last and last.group == group else None
                found += [(group, row) for row in _first(actor, view, group, start, wanted)]
    shown = found[:limit]
    following = _cursor(view, *shown[-1]).encode() if len(found) > limit else ""
    return Page(rows=tuple(_items(actor, shown, channels)), next=following)


def ids_in_view(actor: Actor, view: View, *, limit: int) -> list[int]:
    """The first of a view, in its order: what "select all" means. Raises `TooSlow`."""
    found: list[int] = []
    with patiently(view):
        for group in view.groups:
            if len(found) < limit:
                found += [row.pk for row in _first(actor, view, group, None, limit - len(found))]
    return found


def _first(actor: Actor, view: View, group: Group, start: Cursor | None, wanted: int) -> list[Conversation]:
    """The next rows of a group. Where both who waits and who doesn't are in one, each is a walk of its own."""
    rows = in_view(actor, view)
    if view.is_due_first(group):
        return _due_first(rows, actor, start, wanted)
    if group != "all" or not view.names_state:
        return list(_ordered(rows, view, group, start)[:wanted])
    halves = (_after(rows.filter(needs_reply=needs), view, group, start) for needs in (True, False))
    found = [row for half in halves for row in with_person(half)[:wanted]]
    return sorted(found, key=lambda row: (row.sort_at, row.pk), reverse=view.newest_first(group))[:wanted]


def rows_in_view(actor: Actor, view: View, conversation_ids: Iterable[int]) -> dict[int, ListItem]:
    """Those of these conversations that belong to the view now, by id."""
    rows = with_person(in_view(actor, view).filter(id__in=list(conversation_ids)[:MOST_ROWS]))
    with patiently(view):
        found = [(_group_of(view, row), row) for row in rows]
    return {item.conversation.id: item for item in _items(actor, [row for row in found if row[0] in view.groups])}


def item_in_view(actor: Actor, view: View, conversation: Conversation, *, read_id: int) -> ListItem | None:
    """The row of a conversation that is loaded already, or None when it is not in the view. No query, but for a view
    that is searched.

    It must have been loaded by `access_conversation`; `read_id` is the last text this member has seen.
    """
    if view.is_searched:
        with patiently(view):
            is_in = in_view(actor, view).filter(pk=conversation.pk).exists()
        found = _group_of(view, conversation)
        return _item(found, conversation, read_id) if is_in and found in view.groups else None
    place = Place(
        state=conversation.state,
        needs_reply=conversation.needs_reply,
        assignee_id=conversation.assignee_id,
        team_id=conversation.team_id,
        channel_id=conversation.channel_id,
    )
    group = group_in(view, place, member_id=actor.member_id)
    return _item(group, conversation, read_id) if group else None


def search(actor: Actor, text: str, *, region: str | None = None, limit: int = 20) -> list[Conversation]:
    """Conversations with a person of this name or number, in any notation; the latest first."""
    condition = matching(actor, text, region=region, contact="contact__")
    if condition is None:
        return []
    rows = visible_to(actor).filter(condition).prefetch_related("contact", "identity", "channel")
    return list(rows.order_by("-last_message_at", "-id")[: min(limit, MOST_ROWS)])


def recent(
    actor: Actor,
    *,
    state: str | None = None,
    assignee_id: int | None = None,
    team_id: int | None = None,
    channel_id: int | None = None,
    contact_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Conversation]:
    """Conversations for the API, the newest first by id, before `before_id`; each filter that is given must hold."""
    given = {
        "state": state,
        "assignee_id": assignee_id,
        "team_id": team_id,
        "channel_id": channel_id,
        "contact_id": contact_id,
        "id__lt": before_id,
    }
    rows = visible_to(actor).filter(**{name: value for name, value in given.items() if value is not None})
    return list(with_person(rows).prefetch_related(*SHARED).order_by("-id")[:limit])


def _ordered(rows: QuerySet[Conversation], view: View, group: Group, last: Cursor | None) -> QuerySet[Conversation]:
    """One group in its order, after the last row of the page before."""
    rows = with_person(rows)
    if view.box == "snoozed":
        return _snoozed_after(rows, last).order_by(F("snoozed_until").asc(nulls_last=True), "id")
    return _after(rows.filter(needs_reply=group == "reply"), view, group, last)


def _after(rows: QuerySet[Conversation], view: View, group: Group, last: Cursor | None) -> QuerySet[Conversation]:
    """Rows that all wait, or none, in the order of their group, after the last row of the page before."""
    if not view.newest_first(group):
        if last is not None:
            rows = rows.filter(Q(sort_at__gt=last.at) | Q(sort_at=last.at, id__gt=last.id), sort_at__gte=last.at)
        return rows.order_by("sort_at", "id")
    if last is not None:
        rows = rows.filter(Q(sort_at__lt=last.at) | Q(sort_at=last.at, id__lt=last.id), sort_at__lte=last.at)
    return rows.order_by("-sort_at", "-id")


def _due_first(rows: QuerySet[Conversation], actor: Actor, last: Cursor | None, wanted: int) -> list[Conversation]:
    """Those with an answer due, soonest first, in a walk along the index of that; then who waits without, longest
    first."""
    rows = with_person(rows.filter(needs_reply=True)).annotate(due_at=F("sla_track__due_at"))
    found: list[Conversation] = []
    if last is None or last.at is None or last.at < UNDUE_FROM:
        due = rows.filter(sla_track__workspace_id=actor.workspace_id, sla_track__due_at__isnull=False)
        if last is not None:
            same = Q(sla_track__due_at=last.at, id__gt=last.id)
            due = due.filter(Q(sla_track__due_at__gt=last.at) | same, sla_track__due_at__gte=last.at)
        found, last = list(due.order_by("sla_track__due_at", "id")[:wanted]), None
    if len(found) < wanted:
        rest = rows.filter(sla_track__due_at__isnull=True)
        if last is not None and last.at is not None:
            at = last.at - UNDUE
            rest = rest.filter(Q(sort_at__gt=at) | Q(sort_at=at, id__gt=last.id), sort_at__gte=at)
        found += list(rest.order_by("sort_at", "id")[: wanted - len(found)])
    return found


def _snoozed_after(rows: QuerySet[Conversation], last: Cursor | None) -> QuerySet[Conversation]:
    """By the time they wake; those that wait for the customer last."""
    if last is None:
        return rows
    if last.at is None:
        return rows.filter(snoozed_until=None, id__gt=last.id)
    later = Q(snoozed_until__gt=last.at) | Q(snoozed_until=last.at, id__gt=last.id)
    return rows.filter(later | Q(snoozed_until=None))


def _cursor(view: View, group: Group, row: Conversation) -> Cursor:
    if view.is_due_first(group):
        return Cursor(group=group, at=due_sort(getattr(row, "due_at", None), row.sort_at), id=row.id)
    return Cursor(group=group, at=row.snoozed_until if view.box == "snoozed" else row.sort_at, id=row.id)


def _group_of(view: View, row: Conversation) -> Group:
    if view.groups == ("all",):
        return "all"
    return "reply" if row.needs_reply else "customer"


def _items(
    actor: Actor, rows: Iterable[tuple[Group, Conversation]], channels: Iterable[Channel] = ()
) -> list[ListItem]:
    """The rows with all that belongs to them and unread counts."""
    shown = list(rows)
    known = {channel.pk: channel for channel in channels} if shown else {}
    for _, row in shown:
        if row.channel_id in known:
            row.channel = known[row.channel_id]
    prefetch_related_objects([row for _, row in shown], *SHARED)
    read = read_ids(actor, [row.id for _, row in shown]) if shown else {}
    return [_item(group, row, read.get(row.id, 0)) for group, row in shown]


def _item(group: Group, row: Conversation, read_id: int) -> ListItem:
    seen = unread(state=row.state, unanswered=row.unanswered, last_inbound_id=row.last_inbound_id, read_id=read_id)
    return ListItem(conversation=row, group=group, unread=seen)
