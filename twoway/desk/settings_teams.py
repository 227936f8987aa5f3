"""Settings, Teams: who shares work."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk.forms_hours import TeamHoursForm, hours_choices
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams import actions, queries
from twoway.teams.actor import Actor
from twoway.teams.hours.actions import set_team_hours
from twoway.teams.hours.queries import hours_of_team
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/teams.html"


@guard(Right.MANAGE_TEAMS)
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.MANAGE_TEAMS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new team."""
    actor = actor_of(request)
    form = TeamHoursForm(request.POST or None, members=_member_choices(actor), hours=_hours_choices(actor))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        at = timezone.now()
        try:
            with transaction.atomic():
                team = actions.create_team(by=actor, name=given["name"], at=at, member_ids=given["members"])
                set_team_hours(by=actor, team=team, hours_id=given["hours"], at=at)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is there.", name=team))
            return redirect("desk:settings_teams")
    return _page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_TEAMS)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """One team beside the list; POST changes its name and members."""
    actor = actor_of(request)
    found = queries.access_team(actor, team_id)
    inside = found.members.filter(is_active=True).values_list("id", flat=True)
    form = TeamHoursForm(
        request.POST or None,
        members=_member_choices(actor),
        hours=_hours_choices(actor),
        initial={"name": found.name, "members": list(inside), "hours": hours_of_team(found) or ""},
    )
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            with transaction.atomic():
                actions.rename_team(by=actor, team=found, name=form.cleaned_data["name"], at=at)
                actions.set_members(by=actor, team=found, member_ids=form.cleaned_data["members"], at=at)
                set_team_hours(by=actor, team=found, hours_id=form.cleaned_data["hours"], at=at)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=found))
            return redirect("desk:settings_teams")
    return _page(request, form=form, panel="team", chosen=found, status=422 if form.errors else 200)


@guard(Right.MANAGE_TEAMS)
@require_POST
def delete(request: HttpRequest, team_id: int) -> HttpResponse:
    """Remove a team."""
    actor = actor_of(request)
    found = queries.access_team(actor, team_id)
    actions.delete_team(by=actor, team=found, at=timezone.now())
    say(request, t("{name} is gone. Its conversations belong to no team now.", name=found.name))
    return redirect("desk:settings_teams")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "teams": queries.teams(actor_of(request)).prefetch_related("members__user"),
        "panel": "",
        "close_url": reverse("desk:settings_teams"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _member_choices(actor: Actor) -> list[tuple[int, str]]:
    return [(member.pk, str(member)) for member in queries.members(actor)]


def _hours_choices(actor: Actor) -> list[tuple[object, str]]:
    return hours_choices(actor, otherwise=t("As the workspace"))
