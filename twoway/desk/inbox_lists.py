"""What belongs to the list on screen: its filter, its order, folded groups, and marking as unread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations import actions
from twoway.conversations import queries as conversations
from twoway.conversations.views.actions import keep_habit
from twoway.conversations.views.rules import ME, NOBODY, ORDER_WORDS, ORDERS, Quick, quick_of
from twoway.desk.context import Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import channels_of, desk_view, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams import queries as teams

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Select:
    """One field of the filter."""

    name: str
    label: str
    choices: Choices
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterMenu:
    """`desk/inbox/list_filter.html`: asks for the list at `url` with what is chosen."""

    url: str
    status: str
    quick: Quick
    fields: tuple[Select, ...]
    clear_url: str
    save_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """One order of the list."""

    label: str
    url: str
    is_current: bool


@require_safe
@desk_view
def list_filter(request: DeskRequest, view: str) -> HttpResponse:
    """What the list can be narrowed by, with what is chosen now."""
    quick, status = quick_of(request.GET.dict()), request.GET.get("status", "open")
    url = reverse("desk:inbox", args=[view])
    menu = FilterMenu(
        url=url,
        status=status,
        quick=quick,
        fields=(
            Select(name="assignee", label=t("Assigned to"), choices=_people(request), value=quick.assignee),
            Select(name="channel", label=t("Number"), choices=_numbers(request), value=str(quick.channel or "")),
            Select(name="tag", label=t("Tag"), choices=_tags(request), value=str(quick.tag or "")),
        ),
        clear_url=_address(url, status, Quick(order=quick.order)),
        save_url=f"{reverse('desk:view_new')}?{quick.text}",
    )
    return _popover(request, "desk/inbox/list_filter.html", menu)


@require_safe
@desk_view
def list_order(request: DeskRequest, view: str) -> HttpResponse:
    """The orders the list can have."""
    quick, status = quick_of(request.GET.dict()), request.GET.get("status", "open")
    url = reverse("desk:inbox", args=[view])
    lines = tuple(
        OrderLine(
            label=t(ORDER_WORDS[order]),
            url=_address(url, status, replace(quick, order=order)),
            is_current=order == (quick.order or "waiting"),
        )
        for order in ORDERS
    )
    return _popover(request, "desk/inbox/list_order.html", {"lines": lines})


def _popover(request: DeskRequest, template: str, menu: object) -> HttpResponse:
    if request.htmx:
        return shown(request, template, {"menu": menu})
    return shown(request, "desk/inbox/menu_page.html", {"menu": menu, "menu_template": template})


def _address(url: str, status: str, quick: Quick) -> str:
    parts = [f"status={status}" if status in {"waiting", "done"} else "", quick.text]
    asked = "&".join(part for part in parts if part)
    return f"{url}?{asked}" if asked else url


def _people(request: DeskRequest) -> Choices:
    others = tuple((str(one.pk), str(one)) for one in teams.members(request.actor) if one.pk != request.actor.member_id)
    return (("", t("Anybody")), (ME, t("Me")), (NOBODY, t("Nobody")), *others)


def _numbers(request: DeskRequest) -> Choices:
    region = request.signed.member.workspace.region
    shown_numbers = tuple(
        (str(one.pk), one.name or phone.pretty(one.address, region=region)) for one in channels_of(request)
    )
    return (("", t("Any number")), *shown_numbers)


def _tags(request: DeskRequest) -> Choices:
    return (("", t("Any tag")), *((str(one.pk), one.name) for one in conversations.tags(request.actor)))


@require_POST
@desk_view
def fold(request: DeskRequest) -> HttpResponse:
    """Remember that this member folded a group of the list, or opened it again."""
    keep_habit(by=request.actor, fold=request.POST.get("group", ""), is_folded=request.POST.get("folded") == "1")
    return HttpResponse(status=204) if request.htmx else redirect("desk:home")


@require_POST
@desk_view
def unread(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Their last text counts as unseen again."""
    found = conversations.access_conversation(request.actor, conversation_id)
    actions.mark_unread(conversation=found, by=request.actor)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Marked as unread."))])
