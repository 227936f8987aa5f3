"""A member's own page: name, language, theme, keys, and the devices they are signed in on."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.desk.forms import ProfileForm
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.calls import queries as calls
from twoway.messaging.scheduling import queries as scheduling
from twoway.messaging.scheduling import undoing
from twoway.teams import actions, languages, queries, sessions
from twoway.teams.rules import Right, may
from twoway.teams.streams import end_streams

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
            languages.choose(user=user, language=given["language"])
            if given["undo_seconds"] is not None:
                undoing.choose(seconds=given["undo_seconds"], by=actor_of(request))
        except Refused as refused:
            form.refuse(refused)
        else:
            usual = cast(DeskRequest, request).signed.member.workspace.language
            with languages.worded_in(languages.spoken(given["language"] or usual)):
                say(request, t("Saved."))
            return redirect("desk:profile")
    return _page(request, form=form)


@guard()
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every other session of this account, on every device."""
    actor, user = actor_of(request), _own(request)
    sessions.end_all(user, but=request.session.session_key)
    update_session_auth_hash(request, user)
    end_streams(actor.workspace_id, [actor.member_id or 0])
    say(request, t("Signed out everywhere else."))
    return redirect("desk:profile")


@guard()
@require_POST
def sign_out_device(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one session of this account."""
    actor = actor_of(request)
    sessions.end_one(_own(request), session_id)
    end_streams(actor.workspace_id, [actor.member_id or 0])
    say(request, t("That device is signed out."))
    return redirect("desk:profile")


def _page(request: HttpRequest, *, form: ProfileForm) -> HttpResponse:
    user = _own(request)
    sessions.note(request, at=timezone.now())
    context = {
        "form": form,
        "email": user.email,
        "devices": sessions.devices(user, here=request.session.session_key),
        "may_call": may(actor_of(request), Right.CALL),
        "own_phone": calls.phone_of(actor_of(request).member_id),
    }
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _own(request: HttpRequest) -> Any:
    """The account of whoever looks."""
    actor = actor_of(request)
    return queries.access_member(actor, actor.member_id or 0).user


def _initial(request: HttpRequest) -> dict[str, object]:
    user = _own(request)
    return {
        "name": user.name,
        "language": user.language,
        "theme": user.theme,
        "uses_single_keys": user.uses_single_keys,
        "undo_seconds": scheduling.undo_seconds(actor_of(request)),
    }
