"""The views column, the list and its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from twoway.channels.queries import Channel
from twoway.conversations.queries import FEW, Conversation, Counts, ListItem, Totals
from twoway.conversations.rules import Group, View, due_sort
from twoway.conversations.views.queries import SavedView
from twoway.desk.builders import chips
from twoway.desk.context import (
    ConsentState,
    ConversationList,
    ListGroupHead,
    ListRow,
    ViewItem,
    ViewsColumn,
    row_sort,
)
from twoway.lib.words import noted, t
from twoway.sla.queries import Clock
from twoway.sms import phone
from twoway.teams.actor import Actor, system

LABELS: Mapping[str, str] = {
    "mine": noted("Mine"),
    "unassigned": noted("Unassigned"),
    "open": noted("All open"),
    "unread": noted("Unread"),
    "unanswered": noted("No answer yet"),
    "mentions": noted("Mentions"),
    "snoozed": noted("Snoozed"),
    "done": noted("Done"),
}
ICONS: Mapping[str, str] = {
    "mine": "user",
    "unassigned": "user-none",
    "open": "inbox",
    "unread": "mail",
    "unanswered": "hourglass",
    "mentions": "at",
    "snoozed": "moon",
    "done": "check",
}
_GROUP_LABELS: Mapping[Group, str] = {
    "reply": noted("Needs a reply"),
    "customer": noted("Waiting on the customer"),
    "all": "",
}
_EMPTY: Mapping[str, tuple[str, str]] = {
    "mine": (noted("Nothing assigned to you."), noted("Take one from Unassigned.")),
    "unassigned": (noted("Everything has someone."), noted("New texts land here.")),
    "unread": (noted("You've read everything."), noted("What you haven't seen waits here.")),
    "unanswered": (noted("Everyone has had an answer."), noted("Who has heard nothing from us yet waits here.")),
    "mentions": (noted("Nobody needs you here."), noted("Conversations with a note that names you are kept here.")),
    "queue": (noted("Nobody is waiting."), noted("Who comes into this queue waits here until somebody has them.")),
    "saved": (noted("Nothing is like this now."), noted("What matches this view lands here.")),
    "quick": (noted("Nothing is like this now."), noted("Take a filter off to see more.")),
    "snoozed": (noted("Nothing is put away."), noted("Snooze a conversation and it waits here.")),
    "done": (noted("Nothing is done yet."), noted("Conversations you mark done are kept here.")),
    "waiting": (noted("Nobody is waiting on us."), noted("New texts land here.")),
    "other": (noted("Everyone has an answer."), noted("New texts land here.")),
}
SEARCHED = ("unread", "unanswered", "mentions")
"""Boxes whose counts come on their own, because they take a search."""
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What the channels, teams, queues and saved views of the views column are called, by id, in order."""

    channels: Mapping[int, str]
    teams: Mapping[int, str]
    queues: Mapping[int, str] = field(default_factory=dict)
    saved: Mapping[int, SavedView] = field(default_factory=dict)


NO_NAMES = Names(channels={}, teams={})


def names_of(
    channels: Iterable[Channel],
    teams: Iterable[tuple[int, str]],
    saved: Iterable[SavedView] = (),
    *,
    queues: Iterable[tuple[int, str]] = (),
    region: str,
) -> Names:
    """The names of active channels, of teams, of queues and of saved views."""
    return Names(
        channels={one.pk: one.name or phone.pretty(one.address, region=region) for one in channels if one.is_active},
        teams=dict(teams),
        queues=dict(queues),
        saved={one.pk: one for one in saved},
    )


def views_column(counts: Counts, *, current: View | None = None, names: Names | None = None) -> ViewsColumn:
    """Every view with its count. Without `names` only the counts are good: for a refresh of what is on screen."""
    slug = current.slug if current else ""
    left_out = SEARCHED if names is None else ()
    boxes = tuple(
        _view_item(key, t(LABELS[key]), ICONS[key], _box_count(counts, key), slug, counts)
        for key in LABELS
        if key not in left_out
    )
    told = names or Names(
        channels=dict.fromkeys(counts.channels, ""),
        teams=dict.fromkeys(counts.teams, ""),
        queues=dict.fromkeys(counts.queues, ""),
    )
    channels = tuple(
        _view_item(f"channel-{key}", name, "phone", counts.channels.get(key, 0), slug)
        for key, name in told.channels.items()
    )
    teams = tuple(
        _view_item(f"team-{key}", name, "users", counts.teams.get(key, 0), slug) for key, name in told.teams.items()
    )
    queues = tuple(
        _view_item(f"queue-{key}", name, "hourglass", counts.queues.get(key, 0), slug)
        for key, name in told.queues.items()
    )
    saved = tuple(_view_item(f"saved-{key}", one.name, one.icon, "", slug) for key, one in told.saved.items())
    return ViewsColumn(boxes=boxes, channels=channels, teams=teams, queues=queues, saved=saved)


def _view_item(
    key: str, label: str, icon: str, count: int | str, current: str, counts: Counts | None = None
) -> ViewItem:
    is_hot = key == "mine" and counts is not None and counts.mine_unread > 0
    return ViewItem(key=key, label=label, icon=icon, count=count, is_current=key == current, is_hot=is_hot)


def count_words(count: int | None) -> str:
    """How a count of a searched view is shown: nothing where counting takes too long, "99+" beyond."""
    return "" if count is None else f"{FEW}+" if count > FEW else str(count)


def _box_count(counts: Counts, key: str) -> int | str:
    by_key = {
        "mine": counts.mine,
        "unassigned": counts.unassigned,
        "open": counts.open,
        "snoozed": counts.snoozed,
        "done": counts.done,
    }
    return by_key.get(key, "")


def title_of(view: View, names: Names) -> str:
    """What the list is called."""
    if view.box == "channel":
        return names.channels.get(view.key, t("Number"))
    if view.box == "team":
        return names.teams.get(view.key, t("Team"))
    if view.box == "queue":
        return names.queues.get(view.key, t("Queue"))
    if view.box == "saved":
        kept = names.saved.get(view.key)
        return kept.name if kept else t("Saved view")
    return t(LABELS[view.box])


def conversation_list(
    view: View,
    *,
    totals: Totals,
    waiting: int,
    rows: tuple[ListRow, ...] = (),
    names: Names = NO_NAMES,
    following: str = "",
    folded: Iterable[str] = (),
    problem: str = "",
    has_next: bool = False,
) -> ConversationList:
    """The list pane; without rows and names it is good for its numbers only. `problem` is why there are no rows."""
    sizes = {"reply": totals.reply, "customer": totals.customer, "all": totals.all}
    heads = tuple(
        ListGroupHead(
            key=group,
            label=t(_GROUP_LABELS[group]),
            total=_size_words(view, totals, sizes[group]),
            is_folded=bool(_GROUP_LABELS[group]) and group in folded,
        )
        for group in view.groups
    )
    empty_title, empty_words = (t("This view takes too long."), problem) if problem else _empty_words(view)
    return ConversationList(
        view=view.slug,
        title=title_of(view, names),
        total=_size_words(view, totals, sum(sizes[group] for group in view.groups)),
        groups=heads,
        rows=rows,
        status=view.status,
        waiting=_size_words(view, totals, waiting),
        next=following,
        has_status=view.has_status,
        empty_title=empty_title,
        empty_words=empty_words,
        quick=view.quick.text,
        filters=view.quick.filters,
        is_ordered=bool(view.quick.order),
        has_next=has_next,
    )


def _size_words(view: View, totals: Totals, size: int) -> int | str:
    """A number, or for a searched view also "99+", or nothing where counting took too long."""
    if not view.is_searched:
        return size
    return count_words(None if totals.is_partial and not size else size)


def _empty_words(view: View) -> tuple[str, str]:
    key = view.status if view.has_status and view.status != "open" else view.box
    title, words = _EMPTY["quick"] if view.quick.filters else _EMPTY.get(key, _EMPTY["other"])
    return t(title), t(words)


def row(
    item: ListItem,
    *,
    view: View,
    actor: Actor,
    region: str,
    consent: ConsentState,
    is_current: bool = False,
    clock: Clock | None = None,
) -> ListRow:
    """One conversation of the list."""
    conversation = item.conversation
    return ListRow(
        id=conversation.pk,
        person=chips.person(conversation, region=region, to=actor),
        channel=chips.channel_chip(conversation.channel, region=region),
        preview=conversation.preview or (t("Empty text") if conversation.last_message_id else t("No texts yet")),
        preview_by=_said_by(conversation, actor),
        at=conversation.last_message_at,
        group=item.group,
        sort=sort_of(conversation, view=view, group=item.group, clock=clock),
        wait=chips.wait_of(conversation, clock, to=actor),
        unread=item.unread,
        assignee=chips.member_chip(conversation.assignee),
        tags=chips.tag_chips(list(conversation.tags.all())),
        consent=consent,
        status=chips.status_of(conversation),
        snoozed_until=conversation.snoozed_until,
        is_current=is_current,
    )


def sort_of(conversation: Conversation, *, view: View, group: Group, clock: Clock | None = None) -> str:
    """Where the row stands, as the pages of `conversations.queries` are ordered."""
    if view.box == "snoozed":
        return row_sort(at=conversation.snoozed_until or _NEVER, key=conversation.pk, newest_first=False)
    if view.is_due_first(group):
        due = due_sort(clock.due_at if clock and clock.kind != "wrap_up" else None, conversation.sort_at)
        return row_sort(at=due, key=conversation.pk, newest_first=False)
    return row_sort(at=conversation.sort_at, key=conversation.pk, newest_first=view.newest_first(group))


def _said_by(conversation: Conversation, actor: Actor) -> str:
    """Who said the last thing: "" for the customer, "You", "Automatic" for Twoway itself, else a first name."""
    name = conversation.preview_by
    if name == actor.name:
        return t("You")
    return t("Automatic") if name == system(actor.workspace_id).name else chips.short(name)
