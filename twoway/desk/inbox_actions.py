"""Changing a conversation from the inbox: who has it, when it comes back, done, tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.conversations import actions
from twoway.conversations import queries as conversations
from twoway.conversations.actions import UNCHANGED, Choice
from twoway.conversations.queries import Conversation
from twoway.conversations.together import queries as together
from twoway.desk import inbox_reads as reads
from twoway.desk.builders import handovers, menus
from twoway.desk.builders.chips import short
from twoway.desk.context import AssignMenu, Patch, SnoozeMenu, TagMenu, Toast
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, id_of, patched, require_right, shown, written
from twoway.desk.middleware import DeskRequest
from twoway.desk.words import until_words
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.messaging import handing
from twoway.teams import queries as teams
from twoway.teams.rules import Right

ASSIGN, SNOOZE, TAG = "desk/inbox/assign_menu.html", "desk/inbox/snooze_menu.html", "desk/inbox/tag_menu.html"
SHOWN_AFTER = 30
"""Texts of the log an answer to a change brings, with the lines between them."""


def after_change(
    request: DeskRequest, conversation_id: int, *, toasts: Sequence[Toast] = (), with_panel: bool = False
) -> HttpResponse:
    """What a change moved: counts, the row or that it is gone, and of the open conversation head and log."""
    words = toasts[0].words if toasts else ""
    asked = asked_of(request)
    try:
        found = conversations.access_conversation(asked.actor, conversation_id)
    except NotFound:
        return _out_of_sight(request, asked, conversation_id, toasts)
    return written(
        request, conversation_id, lambda: change_patch(asked, found, toasts=toasts, with_panel=with_panel), words=words
    )


def change_patch(asked: Asked, found: Conversation, *, toasts: Sequence[Toast] = (), with_panel: bool = False) -> Patch:
    """The same as a patch."""
    read = reads.opened(asked, found)
    views, head = reads.list_numbers(asked)
    row = reads.own_row(asked, found, consent=read.standing.consent, clock=read.clock)
    patch = Patch(
        open_id=found.pk,
        views=views,
        list_head=head,
        rows=(row,) if row else (),
        gone=() if row else (found.pk,),
        toasts=tuple(toasts),
    )
    if asked.open_id != found.pk:
        return patch
    stretch = reads.stretch_of(read, limit=SHOWN_AFTER)
    return replace(
        patch,
        head=reads.head_of(asked, read),
        items=reads.items_of(asked, stretch, read),
        panel=reads.panel_of(asked, read) if with_panel else None,
    )


def _out_of_sight(request: DeskRequest, asked: Asked, conversation_id: int, toasts: Sequence[Toast]) -> HttpResponse:
    """It was given to others and this member sees it no more: back to the list."""
    if request.htmx and asked.open_id != conversation_id:
        views, head = reads.list_numbers(asked)
        told = tuple(replace(toast, undo_url="", undo_fields=()) for toast in toasts)
        return patched(request, Patch(views=views, list_head=head, gone=(conversation_id,), toasts=told))
    url = reverse("desk:inbox", args=[asked.view.slug])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponse(status=302, headers={"Location": url})


def _url(name: str, conversation_id: int) -> str:
    return reverse(f"desk:{name}", args=[conversation_id])


# Who has it -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def assign(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The menu of who could have it, and giving it to somebody."""
    found = conversations.access_conversation(request.actor, conversation_id)
    if request.method != "POST":
        require_right(request.actor, Right.ASSIGN)
        return _menu(request, ASSIGN, _assign_menu(request, found))
    before = (("member", str(found.assignee_id or "")), ("team", str(found.team_id or "")))
    given = {name: _choice(request, name) for name in ("member", "team")}
    changed = actions.assign(
        conversation=found, member_id=given["member"], team_id=given["team"], by=request.actor, at=timezone.now()
    )
    if changed.assignee_id == request.actor.member_id != found.assignee_id:
        _brief(request, changed)
    undo = tuple((name, value) for name, value in before if given[name] is not UNCHANGED)
    toast = Toast(words=_assigned_words(request, changed), undo_url=_url("assign", found.pk), undo_fields=undo)
    return after_change(request, conversation_id, toasts=[toast])


def _brief(request: DeskRequest, taken: Conversation) -> None:
    """Where it stands, for a member who took up what others have worked on."""
    now = timezone.now()
    facts = handing.facts(taken, at=now)
    if not facts.is_new:
        summary = handovers.summary(facts, now=now)
        actions.pick_up(conversation=taken, summary=summary, by=request.actor, at=now)


def _choice(request: DeskRequest, name: str) -> Choice:
    """What a field of the form says: somebody's id, "me", nobody, or nothing at all."""
    told = request.POST.get(name)
    if told is None:
        return UNCHANGED
    if told == "":
        return None
    if told == "me" and name == "member":
        return request.actor.member_id
    chosen = id_of(told)
    if chosen is None:
        raise Invalid(t("Choose somebody from the list."), field=name)
    return chosen


def _assigned_words(request: DeskRequest, changed: Conversation) -> str:
    if "member" not in request.POST:
        return t("Moved to {name}.", name=changed.team.name) if changed.team else t("Taken from its team.")
    if changed.assignee_id is None:
        return t("Assigned to nobody.")
    is_me = changed.assignee_id == request.actor.member_id
    return t("Assigned to you.") if is_me else t("Assigned to {name}.", name=short(str(changed.assignee)))


def _assign_menu(request: DeskRequest, found: Conversation) -> AssignMenu:
    actor = request.actor
    return menus.assign_menu(
        found,
        members=[member for member in teams.members(actor) if menus.can_answer(member)],
        teams=teams.teams(actor).values_list("id", "name"),
        open_counts=conversations.open_of_members(actor),
        me=actor.member_id,
        is_followed=together.follows(actor, found.pk),
        trail=handovers.trail_words(together.held_by(found, since=None, at=timezone.now())),
    )


def _menu(
    request: DeskRequest, template: str, menu: AssignMenu | SnoozeMenu | TagMenu, *, status: int = 200
) -> HttpResponse:
    """A menu for the popover, or as a page of its own."""
    if request.htmx:
        return shown(request, template, {"menu": menu}, status=status)
    return shown(request, "desk/inbox/menu_page.html", {"menu": menu, "menu_template": template}, status=status)


# When it comes back -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def snooze(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The times to choose from, and putting it away until one."""
    found = conversations.access_conversation(request.actor, conversation_id)
    now = timezone.now()
    if request.method != "POST":
        require_right(request.actor, Right.REPLY)
        return _menu(request, SNOOZE, menus.snooze_menu(found.pk, now=now))
    try:
        until = until_of(request.POST.get("until", ""))
        actions.snooze(conversation=found, until=until, by=request.actor, at=now)
    except Invalid as refused:
        return _menu(request, SNOOZE, menus.snooze_menu(found.pk, now=now, error=refused.sentence), status=422)
    words = t("Snoozed until they reply.")
    if until is not None:
        moment = until_words(timezone.localtime(until), now=timezone.localtime(now))
        words = t("Snoozed until {moment}.", moment=moment)
    toast = Toast(words=words, undo_url=_url("reopen", found.pk))
    return after_change(request, conversation_id, toasts=[toast])


def until_of(told: str) -> datetime | None:
    """A moment, or None for "reply". A time without an offset is the workspace's. Raises `Invalid`."""
    if told == "reply":
        return None
    try:
        until = datetime.fromisoformat(told)
        aware = until if until.tzinfo else timezone.make_aware(until)
        aware.timestamp()
    except (ValueError, OverflowError):
        raise Invalid(t("Choose a day and a time."), field="until") from None
    return aware


@require_POST
@desk_view
def done(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """It is done."""
    found = conversations.access_conversation(request.actor, conversation_id)
    actions.done(conversation=found, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id, toasts=[done_toast(conversation_id)])


def done_toast(conversation_id: int, words: str = "") -> Toast:
    """Said once, with the way back."""
    return Toast(words=words or t("Marked done."), undo_url=_url("reopen", conversation_id))


@require_POST
@desk_view
def reopen(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """It is open again."""
    found = conversations.access_conversation(request.actor, conversation_id)
    actions.reopen(conversation=found, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id, toasts=[Toast(words=t("Open again."))])


# Tags -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def tag(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The workspace's tags, and putting one on."""
    found = conversations.access_conversation(request.actor, conversation_id)
    if request.method != "POST":
        require_right(request.actor, Right.TAG)
        return _menu(request, TAG, menus.tag_menu(found, conversations.tags(request.actor)))
    try:
        actions.tag(
            conversation=found,
            tag_id=_tag_id(request),
            name=request.POST.get("name", ""),
            by=request.actor,
            at=timezone.now(),
        )
    except Invalid as refused:
        menu = menus.tag_menu(found, conversations.tags(request.actor), error=refused.sentence)
        return _menu(request, TAG, menu, status=422)
    return after_change(request, conversation_id, with_panel=True)


@require_POST
@desk_view
def untag(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Taking one off."""
    found = conversations.access_conversation(request.actor, conversation_id)
    actions.untag(conversation=found, tag_id=_tag_id(request) or 0, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id, with_panel=True)


def _tag_id(request: DeskRequest) -> int | None:
    """The tag a form names by id. Raises `NotFound` for what is no id."""
    told = request.POST.get("tag", "")
    found = id_of(told)
    if told and found is None:
        raise NotFound("tag", told)
    return found
