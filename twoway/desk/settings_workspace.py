"""Settings: the overview, and General, the options of the workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk.forms import WorkspaceForm
from twoway.desk.settings_frame import actor_of, column, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.keywords import HELP_TEXT, START_TEXT, STOP_TEXT
from twoway.sms import segments
from twoway.teams import actions, queries
from twoway.teams.rules import Right

OPTIONS = ("name", "language", "time_zone", "region", "reply_validity", "help_text", "stop_text", "start_text")
DEFAULTS = {"help_text": HELP_TEXT, "stop_text": STOP_TEXT, "start_text": START_TEXT}


@guard()
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every settings page this member may open."""
    return render(request, "desk/settings/index.html", {"groups": column(request)})


@guard(Right.MANAGE_WORKSPACE)
@require_http_methods(["GET", "POST"])
def general(request: HttpRequest) -> HttpResponse:
    """Name, time zone, country, answers to keywords, validity of replies."""
    actor = actor_of(request)
    workspace = queries.workspace_of(actor)
    form = WorkspaceForm(
        request.POST or None,
        time_zone=workspace.time_zone,
        reply_validity=workspace.reply_validity,
        initial={option: getattr(workspace, option) for option in OPTIONS},
    )
    if request.method == "POST" and form.is_valid():
        try:
            given = {**form.cleaned_data, "language": form.cleaned_data["language"] or workspace.language}
            actions.update_workspace(by=actor, at=timezone.now(), **given)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_workspace")
    answers = [
        {
            "field": form[name],
            "meter_url": f"{reverse('desk:settings_meter')}?kind={name}",
            "default": default.replace("{business}", workspace.name),
            "meter": _meter(str(form[name].value() or default), business=workspace.name),
        }
        for name, default in DEFAULTS.items()
    ]
    context = {"form": form, "answers": answers, "workspace": workspace}
    return render(request, "desk/settings/workspace.html", context, status=422 if form.errors else 200)


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def meter(request: HttpRequest) -> HttpResponse:
    """How many segments an answer will take: the fragment under its box."""
    workspace = queries.workspace_of(actor_of(request))
    kind = request.GET.get("kind", "")
    words = request.POST.get(kind, "").strip() or DEFAULTS.get(kind, "")
    return render(request, "desk/settings/segments.html", {"meter": _meter(words, business=workspace.name)})


def _meter(words: str, *, business: str) -> segments.Segmented:
    return segments.count(segments.prepare(words.replace("{business}", business)))
