"""Many conversations at once: the menus of the bar, the change, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations import actions
from twoway.conversations import queries as conversations
from twoway.conversations.actions import UNCHANGED, Choice, Deed, Outcome
from twoway.conversations.actions.bulk import KINDS, MOST_AT_ONCE, Kind
from twoway.desk import inbox_reads as reads
from twoway.desk.builders import menus
from twoway.desk.context import Patch, SnoozeMenu, Toast
from twoway.desk.inbox_actions import until_of
from twoway.desk.inbox_frame import asked_of, desk_view, id_of, patched, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t, tn
from twoway.teams import queries as teams
from twoway.teams.rules import Right, may

Menu = Literal["assign", "tag", "snooze", "more"]
MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuLine:
    """One thing to do with all that are selected: posts `do` and, where there is one, `name`=`value`."""

    label: str
    verb: str
    icon: str = ""
    name: str = ""
    value: str = ""
    words: str = ""
    color: str = ""
    heading: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkMenu:
    """`desk/inbox/bulk_menu.html`. `choices` is set for snoozing, whose lines have number keys."""

    label: str
    lines: tuple[MenuLine, ...]
    choices: SnoozeMenu | None = None
    takes_tag: bool = False


@require_safe
@desk_view
def bulk_menu(request: DeskRequest, verb: str) -> HttpResponse:
    """Who, which tag, or until when; and what has no button of its own."""
    if verb == "assign":
        menu = _assign_menu(request)
    elif verb == "tag":
        menu = _tag_menu(request)
    elif verb == "snooze":
        menu = _snooze_menu(request)
    elif verb == "more":
        menu = _more_menu(request)
    else:
        raise NotFound("menu", verb)
    if request.htmx:
        return shown(request, "desk/inbox/bulk_menu.html", {"menu": menu})
    template = "desk/inbox/bulk_menu.html"
    return shown(request, "desk/inbox/menu_page.html", {"menu": menu, "menu_template": template})


def _assign_menu(request: DeskRequest) -> BulkMenu:
    require_right(request.actor, Right.ASSIGN)
    people = [one for one in teams.members(request.actor) if menus.can_answer(one)]
    mine = [one for one in people if one.pk == request.actor.member_id]
    others = [one for one in people if one.pk != request.actor.member_id]
    lines = [
        MenuLine(
            label=t("Me") if one in mine else str(one), verb="assign", icon="user", name="member", value=str(one.pk)
        )
        for one in (*mine, *others)
    ]
    lines.append(MenuLine(label=t("Nobody"), verb="assign", icon="user-none", name="member"))
    for number, (key, name) in enumerate(teams.teams(request.actor).values_list("id", "name")):
        heading = t("Teams") if number == 0 else ""
        lines.append(MenuLine(label=name, verb="assign", icon="users", name="team", value=str(key), heading=heading))
    return BulkMenu(label=t("Assign to"), lines=tuple(lines))


def _tag_menu(request: DeskRequest) -> BulkMenu:
    require_right(request.actor, Right.TAG)
    every = conversations.tags(request.actor)
    on = [MenuLine(label=one.name, verb="tag", color=one.color, name="tag", value=str(one.pk)) for one in every]
    off = [
        MenuLine(
            label=one.name,
            verb="untag",
            color=one.color,
            name="tag",
            value=str(one.pk),
            heading=t("Take off") if number == 0 else "",
        )
        for number, one in enumerate(every)
    ]
    return BulkMenu(label=t("Tags"), lines=(*on, *off), takes_tag=True)


def _snooze_menu(request: DeskRequest) -> BulkMenu:
    require_right(request.actor, Right.REPLY)
    choices = menus.snooze_menu(0, now=timezone.now())
    lines = tuple(
        MenuLine(
            label=one.label,
            verb="snooze",
            icon=one.icon,
            name="until",
            value=one.until.isoformat() if one.until else "reply",
            words=one.words,
        )
        for one in choices.choices
    )
    return BulkMenu(label=t("Snooze until"), lines=lines, choices=choices)


def _more_menu(request: DeskRequest) -> BulkMenu:
    lines = [
        MenuLine(label=t("Mark as read"), verb="read", icon="eye"),
        MenuLine(label=t("Mark as unread"), verb="unread", icon="mail"),
    ]
    if may(request.actor, Right.REPLY):
        lines.append(MenuLine(label=t("Reopen"), verb="reopen", icon="undo"))
    return BulkMenu(label=t("More"), lines=tuple(lines))


@require_POST
@desk_view
def bulk(request: DeskRequest) -> HttpResponse:
    """Change all that are selected, or with `all` the whole view on screen up to its limit."""
    asked = asked_of(request)
    now = timezone.now()
    deed = _deed(request)
    if request.POST.get("all") == "1":
        ids = conversations.ids_in_view(request.actor, asked.view, limit=MOST_AT_ONCE)
    else:
        ids = [key for key in map(id_of, request.POST.get("ids", "").split(",")[: MOST_AT_ONCE + 1]) if key]
    outcome = actions.change_many(conversation_ids=ids, deed=deed, by=request.actor, at=now)
    undo = reverse("desk:bulk_undo", args=[outcome.change_id]) if outcome.change_id else ""
    toast = Toast(words=_words(deed.kind, outcome), undo_url=undo, seconds=60 if undo else 0)
    return answer(request, outcome, toast)


@require_POST
@desk_view
def bulk_undo(request: DeskRequest, change_id: int) -> HttpResponse:
    """Take it back for those nobody has changed since."""
    outcome = actions.undo_many(change_id=change_id, by=request.actor, at=timezone.now())
    count = len(outcome.changed)
    said = [tn("{n} conversation is as it was.", "{n} conversations are as they were.", count)]
    said += _left_words(outcome)
    return answer(request, outcome, Toast(words=" ".join(said)))


def answer(request: DeskRequest, outcome: Outcome, toast: Toast) -> HttpResponse:
    """The counts, and the rows that were changed as they are in the view on screen; the rest comes when it is paged."""
    if not request.htmx:
        messages.success(request, toast.words)
        return redirect("desk:home")
    asked = asked_of(request)
    conversations.forget_counts()
    views, head = reads.list_numbers(asked)
    changed = outcome.changed[:MOST_SHOWN]
    items = conversations.rows_in_view(request.actor, asked.view, changed)
    patch = Patch(
        views=views,
        list_head=head,
        rows=reads.rows_of(asked, items.values(), has_queues=bool(views.queues)),
        gone=tuple(key for key in outcome.changed if key not in items),
        toasts=(toast,),
    )
    if asked.open_id in outcome.changed:
        found = conversations.access_conversation(request.actor, asked.open_id)
        patch = replace(patch, open_id=found.pk, head=reads.head_of(asked, reads.opened(asked, found)))
    return patched(request, patch)


def _deed(request: DeskRequest) -> Deed:
    """What a form asks for. Raises `Invalid`, `NotFound`."""
    kind = request.POST.get("do", "")
    if kind not in KINDS:
        raise Invalid(t("Choose what to do."), field="do")
    told = Deed(kind=cast(Kind, kind))
    if kind == "assign":
        return replace(told, member_id=_choice(request, "member"), team_id=_choice(request, "team"))
    if kind in {"tag", "untag"}:
        return replace(told, tag_id=_tag(request))
    return replace(told, until=_until(request)) if kind == "snooze" else told


def _choice(request: DeskRequest, name: str) -> Choice:
    told = request.POST.get(name)
    if told is None:
        return UNCHANGED
    if told == "me" and name == "member":
        return request.actor.member_id
    chosen = id_of(told)
    if told and chosen is None:
        raise Invalid(t("Choose somebody from the list."), field=name)
    return chosen


def _tag(request: DeskRequest) -> int:
    """By id, or by a name, which is made where there is none."""
    name = request.POST.get("name", "")
    if name and "tag" not in request.POST:
        return actions.tag_named(by=request.actor, name=name).pk
    return id_of(request.POST.get("tag", "")) or 0


def _until(request: DeskRequest) -> datetime | None:
    return until_of(request.POST.get("until", ""))


def _words(kind: str, outcome: Outcome) -> str:
    count = len(outcome.changed)
    said = [_done_words(kind, count) if count else t("Nothing was changed.")]
    if outcome.same:
        said.append(tn("{n} was so already.", "{n} were so already.", outcome.same))
    return " ".join(said + _left_words(outcome))


def _done_words(kind: str, n: int) -> str:
    return {
        "assign": tn("{n} conversation assigned.", "{n} conversations assigned.", n),
        "tag": tn("{n} conversation tagged.", "{n} conversations tagged.", n),
        "untag": tn("Tag taken off {n} conversation.", "Tag taken off {n} conversations.", n),
        "snooze": tn("{n} conversation snoozed.", "{n} conversations snoozed.", n),
        "done": tn("{n} conversation marked done.", "{n} conversations marked done.", n),
        "reopen": tn("{n} conversation is open again.", "{n} conversations are open again.", n),
        "read": tn("{n} conversation marked as read.", "{n} conversations marked as read.", n),
        "unread": tn("{n} conversation marked as unread.", "{n} conversations marked as unread.", n),
    }[kind]


def _left_words(outcome: Outcome) -> list[str]:
    """What was not changed, by reason."""
    return [t("{n} left out: {sentence}", n=count, sentence=sentence) for sentence, count in outcome.refused.items()]
