"""The clocks of one conversation: which run, by when, why one stands still; and putting off what is to be closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations.queries import access_conversation
from twoway.desk.context import Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.words import effort_words, span_words
from twoway.lib.words import noted, t
from twoway.sla import actions, queries
from twoway.sla.clock_rules import KIND_WORDS
from twoway.sla.queries import Detail
from twoway.teams.rules import Right, may

MENU, PAGE = "desk/inbox/clocks.html", "desk/inbox/menu_page.html"
_PAUSES = {
    "customer": noted("Stands still while we wait for them"),
    "snoozed": noted("Stands still while it is snoozed"),
}
_ICONS = {"running": "clock", "warned": "clock", "paused": "pause", "breached": "alert"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockLine:
    """One clock in words."""

    label: str
    state: str
    icon: str
    words: str
    due_at: datetime | None
    used: str
    policy: str
    policy_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """The clocks of a conversation as the popover shows them."""

    conversation_id: int
    lines: tuple[ClockLine, ...]
    asks_to_wrap_up: bool
    may_reply: bool
    may_manage: bool


@require_safe
@desk_view
def clocks(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Every clock that counts here."""
    found = access_conversation(request.actor, conversation_id)
    now = timezone.now()
    details = queries.details_of(found, at=now)
    is_mine = found.assignee_id is not None and found.assignee_id == request.actor.member_id
    menu = Clocks(
        conversation_id=found.pk,
        lines=tuple(line_of(one, now=now) for one in details if one.clock.kind != "wrap_up"),
        asks_to_wrap_up=is_mine and any(one.clock.asks_to_wrap_up for one in details),
        may_reply=may(request.actor, Right.REPLY),
        may_manage=may(request.actor, Right.MANAGE_WORKSPACE),
    )
    context = {"menu": menu, "menu_template": MENU, "title": t("Reply times")}
    return shown(request, MENU if request.htmx else PAGE, context)


@require_POST
@desk_view
def later(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Ask again later whether it can be closed."""
    found = access_conversation(request.actor, conversation_id)
    actions.remind_later(conversation=found, by=request.actor, at=timezone.now())
    if not request.htmx:
        return redirect("desk:conversation", conversation_id)
    return after_change(request, conversation_id, toasts=[Toast(words=t("You'll be asked again later."))])


def line_of(one: Detail, *, now: datetime) -> ClockLine:
    """A clock in words: how much is left, how late it is, or why it stands still."""
    clock = one.clock
    if clock.state == "breached" and clock.due_at is not None:
        words = t("{time} late", time=span_words((now - clock.due_at).total_seconds()))
    elif clock.pause:
        words = t(_PAUSES[clock.pause])
    elif clock.due_at is not None:
        left = (clock.due_at - now).total_seconds()
        words = t("{time} left", time=span_words(left)) if left >= 60 else t("Due now")
    else:
        words = t("No open hours ahead")
    used = ""
    if one.goal is not None:
        used = t("{used} of {goal} used", used=effort_words(int(one.used)), goal=effort_words(int(one.goal)))
    return ClockLine(
        label=t(KIND_WORDS[clock.kind]),
        state=clock.state,
        icon=_ICONS[clock.state],
        words=words,
        due_at=clock.due_at,
        used=used,
        policy=one.policy,
        policy_id=one.policy_id,
    )
