"""A member's own page: name, theme, keys, and signing out everywhere else."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ReauthenticateForm
from django import forms
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from twoway.desk.forms import ProfileForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.messaging.scheduling import queries as scheduling
from twoway.messaging.scheduling import undoing
from twoway.teams import actions, queries

TEMPLATE = "desk/profile/page.html"


@guard()
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what is one's own."""
    user = _own(request)
    form = ProfileForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.update_profile(user=user, name=given["name"], uses_single_keys=given["uses_single_keys"])
            actions.set_theme(user=user, theme=given["theme"])
            if given["undo_seconds"] is not None:
                undoing.choose(seconds=given["undo_seconds"], by=actor_of(request))
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, "Saved.")
            return redirect("desk:profile")
    return _page(request, form=form, password_form=ReauthenticateForm(user=user))


@guard()
@sensitive_post_parameters("password")
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every other session of this account.

    A session holds a digest of the password's hash; the same password hashed anew ends the sessions that hold the old
    one.
    """
    user = _own(request)
    form = ReauthenticateForm(request.POST, user=user)
    if form.is_valid():
        user.set_password(form.cleaned_data["password"])
        user.save(update_fields=["password"])
        update_session_auth_hash(request, user)
        say(request, "Signed out everywhere else.")
        return redirect("desk:profile")
    return _page(request, form=ProfileForm(initial=_initial(request)), password_form=form)


def _page(request: HttpRequest, *, form: ProfileForm, password_form: forms.Form) -> HttpResponse:
    context = {"form": form, "password_form": password_form, "email": _own(request).email}
    return render(request, TEMPLATE, context, status=422 if form.errors or password_form.errors else 200)


def _own(request: HttpRequest) -> Any:
    """The account of whoever looks."""
    actor = actor_of(request)
    return queries.access_member(actor, actor.member_id or 0).user


def _initial(request: HttpRequest) -> dict[str, object]:
    user = _own(request)
    return {
        "name": user.name,
        "theme": user.theme,
        "uses_single_keys": user.uses_single_keys,
        "undo_seconds": scheduling.undo_seconds(actor_of(request)),
    }
