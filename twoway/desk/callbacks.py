"""The callbacks of a member's conversations: what is to be called now, and what a conversation's menu offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.contacts.queries import shown_address
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.builders import chips
from twoway.desk.builders.calls import why_no_call
from twoway.desk.builders.chips import member_chip
from twoway.desk.context import Toast
from twoway.desk.context.callbacks import CallbackList, CallbackRow
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, id_of, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import say, warn
from twoway.desk.words import clock_words, until_words
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.messaging.callbacks import actions, queries
from twoway.messaging.callbacks.queries import Callback
from twoway.messaging.callbacks.rules import REACHABLE
from twoway.messaging.calls import actions as calls
from twoway.messaging.calls.queries import phone_of
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

MENU = "desk/callbacks/menu.html"
BOXES = {
    "due": noted("Now"),
    "mine": noted("Mine"),
    "booked": noted("Later"),
    "left": noted("No time yet"),
    "ended": noted("Over"),
}
EMPTY = {
    "due": noted("Nobody is to be called now."),
    "mine": noted("No call is yours."),
    "booked": noted("No calls are agreed on."),
    "left": noted("Everybody who wants a call has a time."),
    "ended": noted("No call was made in the last 30 days."),
}
OUTCOMES = {
    "reached": noted("Reached"),
    "no_answer": noted("No answer"),
    "wrong_number": noted("Wrong number"),
    "cancelled": noted("Not wanted any more"),
}
LONGEST_NOTE = actions.LONGEST_NOTE


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """The menu of one conversation: its open callback, or what may be offered. `times` are (ISO time, words)."""

    conversation_id: int
    row: CallbackRow | None
    times: tuple[tuple[str, str], ...]
    is_on: bool
    error: str = ""


@require_safe
@desk_view
def page(request: DeskRequest) -> HttpResponse:
    """One of the lists."""
    context = {
        "list": listed(request.actor, request.GET.get("box", ""), now=timezone.now()),
        "is_on": queries.is_on(request.actor.workspace_id),
        "may_manage": may(request.actor, Right.MANAGE_WORKSPACE),
    }
    return shown(request, "desk/callbacks/page.html", context)


def listed(actor: Actor, box: str, *, now: datetime) -> CallbackList:
    """One of the lists as this member sees it; a word that is none is the list with something to do."""
    counts = queries.counts(actor, at=now)
    if box not in BOXES:
        box = "due" if counts["due"] else "mine" if counts["mine"] else "booked"
    return CallbackList(
        rows=tuple(row_of(one, to=actor, now=now) for one in queries.listed(actor, box, at=now)),
        box=box,
        boxes=tuple((key, t(label), counts.get(key)) for key, label in BOXES.items()),
        empty=t(EMPTY[box]),
        outcomes=tuple((value, t(label)) for value, label in OUTCOMES.items()),
        members=tuple(_members(actor)),
        may_write=may(actor, Right.REPLY),
        has_phone=bool(phone_of(actor.member_id)),
    )


def _members(actor: Actor) -> list[tuple[int, str]]:
    return [(one.pk, str(one)) for one in teams.members(actor) if teams.member_may(one, Right.CALL)]


def row_of(callback: Callback, *, to: Actor, now: datetime) -> CallbackRow:
    """A callback as a line, for this member."""
    thread = callback.conversation
    region = thread.channel.workspace.region
    sees = to.sees_numbers and not thread.contact.is_anonymous
    starts, ends = callback.starts_at, callback.ends_at
    return CallbackRow(
        id=callback.pk,
        conversation_id=thread.pk,
        person=chips.person(thread, region=region, to=to),
        window=window_words(starts, ends, now=now),
        day=starts,
        state=callback.state,
        state_words=str(queries.State(callback.state).label),
        is_overdue=callback.state == "due" and ends is not None and ends <= now,
        is_held=callback.state in ("booked", "reminded", "due"),
        is_open=callback.state not in ("done", "cancelled"),
        caller=member_chip(callback.member) if callback.member else None,
        tel=callback.identity.value if sees and callback.identity.kind in REACHABLE else "",
        note=callback.note,
        attempt=callback.attempt,
        context=_context(callback, to=to, region=region),
        call_why=why_no_call(thread, by=to),
    )


def _context(callback: Callback, *, to: Actor, region: str) -> str:
    """Why they want a call, as far as their last text says so; else their address."""
    thread = callback.conversation
    said = "" if thread.preview_by else thread.preview
    return said or shown_address(thread.contact, thread.identity.value, to=to, region=region)


def window_words(starts: datetime | None, ends: datetime | None, *, now: datetime) -> str:
    """Such as "2:00 PM to 2:20 PM", with the day when it is another one."""
    if starts is None or ends is None:
        return ""
    start = until_words(timezone.localtime(starts), now=timezone.localtime(now))
    return t("{start} to {end}", start=start, end=clock_words(timezone.localtime(ends)))


@require_POST
@desk_view
def outcome(request: DeskRequest, callback_id: int) -> HttpResponse:
    """What came of a call."""
    callback = queries.access_callback(request.actor, callback_id)
    told = request.POST.get("outcome", "")
    note = request.POST.get("note", "").replace("\0", "").strip()
    actions.record(callback=callback, outcome=told, by=request.actor, at=timezone.now(), note_=note)
    return _back(request, callback, t("Saved."))


@require_POST
@desk_view
def caller(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Who calls: "me", a member's id, or nobody yet."""
    callback = queries.access_callback(request.actor, callback_id)
    require_right(request.actor, Right.REPLY)
    told = request.POST.get("member", "")
    member_id = request.actor.member_id if told == "me" else id_of(told)
    if told and member_id is None:
        raise Invalid(t("Choose somebody."), field="member")
    actions.assign(callback=callback, member_id=member_id, by=request.actor, at=timezone.now())
    return _back(request, callback, t("Saved."))


@require_POST
@desk_view
def move(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Another time; "" offers the customer new ones by text."""
    callback = queries.access_callback(request.actor, callback_id)
    now = timezone.now()
    told = request.POST.get("time", "")
    if told:
        actions.book(callback=callback, starts_at=_moment(told), by=request.actor, at=now)
        return _back(request, callback, t("They are told the new time."))
    actions.offer(conversation=callback.conversation, by=request.actor, at=now, source="agent")
    return _back(request, callback, t("New times were offered."))


@require_POST
@desk_view
def call(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Ring the member's own phone, and then the customer, from the number they text with."""
    callback = queries.access_callback(request.actor, callback_id)
    require_right(request.actor, Right.REPLY)
    try:
        calls.start_call(conversation=callback.conversation, by=request.actor, at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
        return redirect("desk:conversation", callback.conversation_id)
    return _back(request, callback, t("Your phone rings first."))


def _back(request: DeskRequest, callback: Callback, words: str) -> HttpResponse:
    """To where it was asked: the list, or the conversation."""
    if request.htmx:
        return after_change(request, callback.conversation_id, toasts=[Toast(words=words)])
    say(request, words)
    box = request.POST.get("box", "")
    return redirect(f"{reverse('desk:callbacks')}?box={box}" if box in BOXES else "desk:callbacks")


@require_http_methods(["GET", "POST"])
@desk_view
def menu(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The menu of a conversation; POST offers times by text, or agrees on the one that is named."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return _menu(request, found)
    told = request.POST.get("time", "")
    now = timezone.now()
    try:
        if told:
            at = _moment(told)
            actions.begin(conversation=found, starts_at=at, by=request.actor, at=now, source="agent")
        else:
            actions.offer(conversation=found, by=request.actor, at=now, source="agent")
    except Refused as refused:
        return _menu(request, found, error=refused.sentence, status=422)
    words = t("They are told the time.") if told else t("They can choose a time now.")
    return after_change(request, conversation_id, toasts=[Toast(words=words)])


def _menu(request: DeskRequest, found: Conversation, *, error: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    open_one = queries.open_callback(found.pk)
    row = row_of(queries.access_callback(request.actor, open_one.pk), to=request.actor, now=now) if open_one else None
    is_on = queries.is_on(request.actor.workspace_id)
    local = timezone.localtime(now)
    free = queries.free_in(found, at=now) if is_on else []
    shows = Menu(
        conversation_id=found.pk,
        row=row,
        times=tuple((one.isoformat(), until_words(timezone.localtime(one), now=local)) for one in free),
        is_on=is_on,
        error=error,
    )
    outcomes = [(value, t(label)) for value, label in OUTCOMES.items()]
    context = {"menu": shows, "outcomes": outcomes, "may_manage": may(request.actor, Right.MANAGE_WORKSPACE)}
    if request.htmx:
        return shown(request, MENU, context, status=status)
    return shown(request, "desk/inbox/menu_page.html", {**context, "menu_template": MENU}, status=status)


def _moment(told: str) -> datetime:
    """A time with its offset. Raises `Invalid`."""
    try:
        moment = datetime.fromisoformat(told)
        moment.timestamp()
    except (ValueError, OverflowError):
        raise Invalid(t("Choose one of the times."), field="time") from None
    if moment.tzinfo is None:
        raise Invalid(t("Choose one of the times."), field="time")
    return moment
