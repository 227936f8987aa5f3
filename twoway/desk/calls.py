"""Calling a customer from their conversation, ending the call, and saying what came of it."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.builders.chips import person
from twoway.desk.context import Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import asked_of, desk_view, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import NotAllowed, Refused
from twoway.lib.words import t
from twoway.messaging.calls import actions, queries, setting
from twoway.sms import phone as phones
from twoway.teams.rules import Right

MENU, PAGE = "desk/inbox/call_menu.html", "desk/inbox/menu_page.html"


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def menu(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Who is called from which phone; POST rings the member's own phone, and then the customer."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.CALL)
    if request.method != "POST":
        return _menu(request, found)
    try:
        number = request.POST.get("number", "")
        if number.strip():
            region = request.signed.member.workspace.region
            setting.set_phone(number=number, region=region, by=request.actor, at=timezone.now())
        confirmed = request.POST.get("confirmed") == "1"
        actions.start_call(conversation=found, by=request.actor, at=timezone.now(), is_confirmed=confirmed)
    except Refused as refused:
        return _menu(request, found, refused=refused)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Your phone rings first."))])


def _menu(request: DeskRequest, found: Conversation, *, refused: Refused | None = None) -> HttpResponse:
    own, running = queries.phone_of(request.actor.member_id), queries.call_of_member(request.actor.member_id)
    region = asked_of(request).region
    context = {
        "conversation_id": found.pk,
        "who": person(found, region=region, to=request.actor),
        "own": phones.pretty(own, region=region) if own else "",
        "ours": phones.pretty(found.channel.address, region=region),
        "can_call": queries.can_call(found.channel),
        "running_url": reverse("desk:conversation", args=[running.conversation_id]) if running else "",
        "hour": queries.unusual_hour(found, at=timezone.now()),
        "error": refused.sentence if refused else "",
        "may_insist": refused is not None and refused.code == "opted_out",
    }
    status = 422 if refused else 200
    if request.htmx:
        return shown(request, MENU, context, status=status)
    return shown(request, PAGE, {**context, "menu_template": MENU, "is_page": True}, status=status)


@require_POST
@desk_view
def end(request: DeskRequest, call_id: int) -> HttpResponse:
    """Hang up."""
    call = queries.access_call(request.actor, call_id)
    try:
        actions.end_call(call=call, by=request.actor, at=timezone.now())
    except NotAllowed:
        raise
    except Refused as refused:
        return after_change(request, call.conversation_id, toasts=[Toast(words=refused.sentence)])
    return after_change(request, call.conversation_id)


@require_POST
@desk_view
def outcome(request: DeskRequest, call_id: int) -> HttpResponse:
    """What came of it, with a note where there are words."""
    call = queries.access_call(request.actor, call_id)
    actions.set_outcome(
        call=call,
        outcome=request.POST.get("outcome", ""),
        note=request.POST.get("note", ""),
        by=request.actor,
        at=timezone.now(),
    )
    return after_change(request, call.conversation_id, toasts=[Toast(words=t("Noted."))])


@guard(Right.CALL)
@require_POST
def own_phone(request: HttpRequest) -> HttpResponse:
    """The phone on which this member is rung, from their profile."""
    region = cast(DeskRequest, request).signed.member.workspace.region
    number = request.POST.get("number", "")
    try:
        setting.set_phone(number=number, region=region, by=actor_of(request), at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        say(request, t("Saved."))
    return redirect("desk:profile")
