"""The set-up as a checklist: eight steps that know what is done."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from twoway.desk import setup_rules
from twoway.desk.forms import DeskForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.setup_facts import facts_of
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.sla import actions as clocks
from twoway.sla.queries import goal_of
from twoway.teams import queries
from twoway.teams.actions import steps
from twoway.teams.rules import Right

TEMPLATE = "desk/setup/steps.html"
_GOALS = (
    (5, noted("5 minutes")),
    (15, noted("15 minutes")),
    (30, noted("30 minutes")),
    (60, noted("1 hour")),
    (240, noted("4 hours")),
    (1440, noted("1 day")),
)
_ARGUMENTS = {"inbox": ["open"]}


class GoalForm(DeskForm):
    """Within how many minutes a customer should be answered; empty for no goal."""

    minutes = forms.IntegerField(
        required=False, min_value=1, max_value=clocks.LONGEST_GOAL, label=gettext_lazy("Answer within, in minutes")
    )


@guard(Right.MANAGE_WORKSPACE)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The eight steps."""
    return _page(request, GoalForm(initial={"minutes": goal_of(actor_of(request).workspace_id)}))


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def goal(request: HttpRequest) -> HttpResponse:
    """Keep the goal for answers."""
    form = GoalForm(request.POST)
    if form.is_valid():
        try:
            clocks.set_goal(by=actor_of(request), minutes=form.cleaned_data["minutes"], at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:setup_steps")
    return _page(request, form)


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def apart(request: HttpRequest, key: str) -> HttpResponse:
    """Say that a step is not for us, or that it is after all."""
    if key not in setup_rules.KEYS:
        raise Http404
    is_apart = request.POST.get("apart") == "1"
    steps.set_apart(by=actor_of(request), step=key, is_apart=is_apart, at=timezone.now())
    return redirect(f"{reverse('desk:setup_steps')}#step-{key}")


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """Leave the checklist out of the menu, or put it back."""
    is_hidden = request.POST.get("hidden") == "1"
    steps.hide(by=actor_of(request), is_hidden=is_hidden, at=timezone.now())
    say(
        request,
        t("Get started is out of the menu. It stays in the settings.")
        if is_hidden
        else t("Get started is in the menu again."),
    )
    return redirect("desk:settings" if is_hidden else "desk:setup_steps")


def _page(request: HttpRequest, form: GoalForm) -> HttpResponse:
    actor = actor_of(request)
    workspace = queries.workspace_of(actor)
    found = setup_rules.standing(facts_of(actor, workspace, at=timezone.now()), apart=workspace.steps_apart)
    following = next((one.step.key for one in found if one.is_open), "")
    context = {
        "steps": [
            {
                "key": one.step.key,
                "title": t(one.step.title),
                "words": t(one.step.words),
                "icon": one.step.icon,
                "is_done": one.is_done,
                "is_apart": one.is_apart,
                "is_next": one.step.key == following,
                "tasks": [
                    {"words": t(task.words), "is_done": is_done, "needed": task.needed, "url": _url(task.url_name)}
                    for task, is_done in one.tasks
                ],
            }
            for one in found
        ],
        "done": sum(not one.is_open for one in found),
        "is_finished": setup_rules.is_finished(found),
        "is_hidden": workspace.are_steps_hidden,
        "form": form,
        "goals": [(minutes, t(words)) for minutes, words in _GOALS],
    }
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _url(name: str) -> str:
    return "" if name == "setup_steps" else reverse(f"desk:{name}", args=_ARGUMENTS.get(name))
