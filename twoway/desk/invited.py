"""The page an invitation leads to: joining with a new account, or with the one somebody is signed in with."""

from __future__ import annotations

from typing import Any

from allauth.core.internal.ratelimit import consume
from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from twoway.desk.forms import DeskForm
from twoway.desk.middleware import WORKSPACE_KEY
from twoway.desk.settings_frame import say
from twoway.desk.setup import BACKEND
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.inviting import actions, queries

TEMPLATE = "account/invited.html"
_GONE, _TOO_MANY = 410, 429


class JoinForm(DeskForm):
    """A new account. The address is asked for only when the invitation names none."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Your name"))
    email = forms.EmailField(label=gettext_lazy("Email"))
    password = forms.CharField(
        max_length=200,
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput,
        help_text=gettext_lazy("At least 10 characters."),
        strip=False,
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invited(request: HttpRequest, raw: str) -> HttpResponse:
    """Show what the invitation is, and on POST take it. Too many tries from one address have to wait."""
    if not consume(request, app="allauth.account", action="invitation", limit_get=True):
        return render(request, "429.html", status=_TOO_MANY)
    found = queries.of_link(raw, at=timezone.now())
    if found is None:
        return render(request, TEMPLATE, {"is_over": True}, status=_GONE)
    if request.user.is_authenticated:
        return _with_account(request, found)
    if found.email and queries.has_account(found.email):
        return _page(request, found, wants_sign_in=True)
    return _anew(request, found)


def _with_account(request: HttpRequest, found: queries.Invitation) -> HttpResponse:
    user: Any = request.user
    if found.email and found.email.casefold() != user.email.casefold():
        return _page(request, found, is_for_other=True, status=403 if request.method == "POST" else 200)
    if request.method == "POST":
        try:
            member = actions.join(invitation=found, user=user, at=timezone.now())
        except Refused as refused:
            return _page(request, found, error=refused.sentence, status=refused.status)
        return _in(request, member)
    return _page(request, found)


def _anew(request: HttpRequest, found: queries.Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"name": found.name, "email": found.email})
    if found.email:
        del form.fields["email"]
    if request.method == "POST" and not settings.SSO_ONLY and form.is_valid():
        given = {"email": found.email, **form.cleaned_data}
        try:
            member = actions.join_anew(invitation=found, at=timezone.now(), **given)
        except Refused as refused:
            form.refuse(refused)
        else:
            login(request, member.user, backend=BACKEND)
            return _in(request, member)
    return _page(request, found, form=form, status=422 if form.errors else 200)


def _in(request: HttpRequest, member: Any) -> HttpResponse:
    request.session[WORKSPACE_KEY] = member.workspace_id
    say(request, t("Welcome to {workspace}, {member}.", workspace=member.workspace.name, member=member))
    return redirect("desk:home")


def _page(request: HttpRequest, found: queries.Invitation, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "invitation": found,
        "workspace": found.workspace.name,
        "by": str(found.invited_by),
        "role": queries.role_of(found).name,
        "teams": [team.name for team in found.teams.all()],
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)
