"""What every view of the inbox shares: who asks, what is on their screen, how answers and refusals are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers

from twoway.channels.queries import Channel, visible_channels
from twoway.conversations.rules import View, narrowed, view_of
from twoway.conversations.views.queries import Habit, access_view, stored_tree
from twoway.conversations.views.rules import order_of, quick_of
from twoway.desk import errors
from twoway.desk.context import Patch, Toast
from twoway.desk.habits import habit_on
from twoway.desk.middleware import DeskRequest
from twoway.lib.conditions import Clock
from twoway.lib.refusal import NotAllowed, NotFound, Refused
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

P = ParamSpec("P")
PATCH = "desk/inbox/patch.html"
GONE = noted("That conversation is gone or was merged.")
_LONGEST_ID = 19
_LONGEST_QUICK = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Who asks, when, and what is on their screen: a view of the list, and the open conversation's id or 0.

    `seen_id` is the newest text of it they had seen when they began to write there, None while they write nothing.
    """

    actor: Actor
    region: str
    time_zone: str
    now: datetime
    view: View
    open_id: int
    channels: QuerySet[Channel]
    """The numbers they may use; asked for when first looked at, and then kept for the frame of the page."""
    habit: Callable[[], Habit]
    """How they like to work, as the frame of the page reads it too."""
    seen_id: int | None = None

    @property
    def may_reply(self) -> bool:
        """Whether they may write at all."""
        return may(self.actor, Right.REPLY)


def desk_view(
    view: Callable[Concatenate[DeskRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Answers a refusal in its own sentence, as a fragment or as a page, and keeps answers out of every cache."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = cast(DeskRequest, request)
        try:
            response = view(asked, *args, **kwargs)
        except Refused as refused:
            response = refuse(asked, refused)
        patch_vary_headers(response, ["HX-Request"])
        patch_cache_control(response, private=True, no_store=True)
        return response

    return answered


def refuse(request: DeskRequest, refused: Refused) -> HttpResponse:
    """A refusal nobody put into a form: one line in a toast, or its page."""
    if not request.htmx:
        return errors.refused(request, refused)
    is_conversation = isinstance(refused, NotFound) and refused.what == "conversation"
    toast = Toast(words=t(GONE) if is_conversation else refused.sentence)
    return patched(request, Patch(toasts=(toast,)), status=refused.status)


def asked_of(request: DeskRequest) -> Asked:
    """What the headers of a request say is on screen; a view that is none means all open ones."""
    return Asked(
        actor=request.actor,
        region=request.signed.member.workspace.region,
        time_zone=request.signed.member.workspace.time_zone,
        now=timezone.now(),
        view=_view(request),
        open_id=id_of(request.headers.get("X-Desk-Open", "")) or 0,
        channels=channels_of(request),
        habit=lambda: habit_on(request),
        seen_id=mark_of(request.headers.get("X-Desk-Seen", "")),
    )


def channels_of(request: DeskRequest) -> QuerySet[Channel]:
    """The numbers this member may use: one query for the whole request, at the first look."""
    if not hasattr(request, "channels"):
        request.channels = visible_channels(request.actor).select_related("state")
    return request.channels


def _view(request: DeskRequest) -> View:
    slug, status = request.headers.get("X-Desk-View", ""), request.headers.get("X-Desk-Status", "")
    try:
        return view_on_screen(request.actor, slug or "open", status, request.headers.get("X-Desk-Quick", ""))
    except NotFound:
        return View(box="open")


def view_on_screen(actor: Actor, slug: str, status: str, quick: str | QueryDict) -> View:
    """A view by its address, with the conditions of a saved one and what was chosen in the head of the list.

    Raises `NotFound` for no view, and for a saved one that is not for this actor.
    """
    view = view_of(slug, status)
    asked = QueryDict(quick[:_LONGEST_QUICK]) if isinstance(quick, str) else quick
    told = quick_of({name: str(value) for name, value in asked.items()})
    if view.box == "saved":
        kept = access_view(actor, view.key)
        view = replace(view, tree=stored_tree(kept), order=order_of(kept.order))
    if view.box != "saved" and not told.text:
        return view
    return narrowed(view, told, clock=Clock(at=timezone.now(), zone=timezone.get_current_timezone()))


def id_of(text: str) -> int | None:
    """A positive id as it came from outside, or None."""
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_ID:
        return None
    return int(text) if 0 < int(text) < 2**63 else None


def mark_of(text: str) -> int | None:
    """The newest text a writer has seen, 0 for none, as a browser tells it; None when it says nothing."""
    return 0 if text == "0" else id_of(text)


def require_right(actor: Actor, right: Right) -> None:
    """Raises `NotAllowed` where no action would: for a form somebody may not send."""
    if not may(actor, right):
        raise NotAllowed(t("Your role doesn't allow this. Ask an owner or an admin."))


def patched(request: DeskRequest, patch: Patch, *, status: int = 200) -> HttpResponse:
    """A patch. htmx is told to apply it whatever element asked, and also when it reports a refusal."""
    context = {"patch": patch, "now": timezone.now()}
    response = render(request, PATCH, context, status=status)
    response.headers["HX-Reswap"] = "patch"
    return response


def shown(request: DeskRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A template with the time it is worded at."""
    return render(request, template, {"now": timezone.now(), **context}, status=status)


def written(request: DeskRequest, conversation_id: int, make: Callable[[], Patch], *, words: str = "") -> HttpResponse:
    """After a change: what changed for htmx, and without it the conversation's page, which says `words` once."""
    if request.htmx:
        return patched(request, make())
    if words:
        messages.success(request, words)
    return redirect("desk:conversation", conversation_id)
