"""Settings, Answering: who may answer what somebody has, and whether answering claims what nobody has."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.conversations.together import answering
from twoway.desk.inbox_frame import id_of
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import NotFound, Refused
from twoway.lib.words import t
from twoway.teams.rules import Right, may

TEMPLATE = "desk/settings/answering.html"
_OWN = {"": None, "yes": True, "no": False}


@guard(Right.REPLY)
@require_http_methods(["GET"])
def page(request: HttpRequest) -> HttpResponse:
    """What holds now: for the workspace, for each team, and for whoever looks."""
    return _page(request)


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def workspace(request: HttpRequest) -> HttpResponse:
    """Choose for everybody."""
    try:
        answering.choose(
            answering=request.POST.get("answering", ""),
            claims=request.POST.get("claims") == "1",
            by=actor_of(request),
            at=timezone.now(),
        )
    except Refused as refused:
        return _page(request, error=refused.sentence)
    say(request, t("Saved."))
    return redirect("desk:settings_answering")


@guard(Right.MANAGE_TEAMS)
@require_POST
def team(request: HttpRequest) -> HttpResponse:
    """Choose for one team."""
    team_id = id_of(request.POST.get("team", ""))
    if team_id is None:
        raise NotFound("team", request.POST.get("team", ""))
    try:
        answering.choose_for_team(
            team_id=team_id, answering=request.POST.get("answering", ""), by=actor_of(request), at=timezone.now()
        )
    except NotFound:
        raise
    except Refused as refused:
        return _page(request, error=refused.sentence)
    say(request, t("Saved."))
    return redirect("desk:settings_answering")


@guard(Right.REPLY)
@require_POST
def own(request: HttpRequest) -> HttpResponse:
    """Choose for oneself whether answering claims."""
    told = request.POST.get("claims", "")
    if told not in _OWN:
        return _page(request, error=t("Choose one of the three."))
    answering.choose_own(claims=_OWN[told], by=actor_of(request))
    say(request, t("Saved."))
    return redirect("desk:settings_answering")


def _page(request: HttpRequest, *, error: str = "") -> HttpResponse:
    actor = actor_of(request)
    own_choice = answering.own_choice(actor)
    context = {
        "choices": answering.choices(actor),
        "words": list(answering.WORDS.items()),
        "own": next(word for word, meant in _OWN.items() if meant is own_choice),
        "may_workspace": may(actor, Right.MANAGE_WORKSPACE),
        "may_teams": may(actor, Right.MANAGE_TEAMS),
        "error": error,
    }
    return render(request, TEMPLATE, context, status=422 if error else 200)
