"""Settings, API tokens: made once, shown once, revoked for good."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk.forms import TokenForm, role_choices
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams import actions, queries
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/tokens.html"


@guard(Right.MANAGE_TOKENS)
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.MANAGE_TOKENS)
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make a token; the answer shows its text, and nothing ever does again."""
    actor = actor_of(request)
    form = TokenForm(request.POST or None, roles=role_choices(actor))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            token, raw = actions.create_token(by=actor, name=given["name"], role=given["role"], at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            return _page(request, panel="made", token=token, raw=raw)
    return _page(request, panel="add", form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_TOKENS)
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token for good."""
    actor = actor_of(request)
    found = queries.access_token(actor, token_id)
    actions.revoke_token(by=actor, token=found, at=timezone.now())
    say(request, t("{name} is revoked.", name=found.name))
    return redirect("desk:settings_tokens")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "tokens": queries.tokens(actor_of(request)),
        "panel": "",
        "close_url": reverse("desk:settings_tokens"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)
