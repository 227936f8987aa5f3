"""Settings, Wallboard: who sees it, and links for screens on the wall."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.analytics.wallboard import actions, queries
from twoway.desk.forms_wallboard import LinkForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/wallboard.html"


@guard(Right.MANAGE_WORKSPACE)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page alone."""
    return _page(request)


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def everybody(request: HttpRequest) -> HttpResponse:
    """Open it for everybody, or for managers alone."""
    is_for_all = request.POST.get("on") == "1"
    actions.open_for_all(by=actor_of(request), is_for_all=is_for_all, at=timezone.now())
    say(request, t("Everybody sees the wallboard.") if is_for_all else t("Managers and admins see the wallboard."))
    return redirect("desk:settings_wallboard")


@guard(Right.MANAGE_WORKSPACE)
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make a link; the answer shows its address, and nothing ever does again."""
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link, secret = actions.make_link(by=actor_of(request), name=form.cleaned_data["name"], at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            return _made(request, link, secret)
    return _page(request, panel="add", form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_WORKSPACE)
@never_cache
@require_POST
def renew(request: HttpRequest, link_id: int) -> HttpResponse:
    """Another address in place of this one."""
    link, secret = actions.rotate_link(by=actor_of(request), link_id=link_id, at=timezone.now())
    return _made(request, link, secret)


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def revoke(request: HttpRequest, link_id: int) -> HttpResponse:
    """End a link for good."""
    name = actions.revoke_link(by=actor_of(request), link_id=link_id, at=timezone.now())
    say(request, t("{name} is revoked.", name=name))
    return redirect("desk:settings_wallboard")


def _made(request: HttpRequest, link: Any, secret: str) -> HttpResponse:
    return _page(request, panel="made", link=link, address=request.build_absolute_uri(reverse("wall", args=[secret])))


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "links": queries.links(actor),
        "is_for_all": queries.is_for_all(actor.workspace_id),
        "panel": "",
        "close_url": reverse("desk:settings_wallboard"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)
