"""Settings, People: who works here, what they may do, and how they get in."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk import accounts
from twoway.desk.approvals_asked import ask
from twoway.desk.forms import MemberForm, RoleForm, role_choices
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams import queries
from twoway.teams.actions import members as actions
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.inviting.queries import open_ones, role_of
from twoway.teams.rules import Right, covers

TEMPLATE = "desk/settings/members.html"


@guard(Right.MANAGE_MEMBERS)
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return show(request)


@guard(Right.MANAGE_MEMBERS)
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; without a mail server the answer holds a link to hand over, shown once."""
    actor = actor_of(request)
    form = MemberForm(request.POST or None, teams=team_choices(actor), roles=role_choices(actor))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            member = actions.add_member(
                by=actor,
                email=given["email"],
                name=given["name"],
                role=given["role"],
                password=None,
                at=timezone.now(),
                sees_own_teams_only=given["sees_own_teams_only"],
                team_ids=given["teams"],
            )
        except SecondPersonNeeded:
            given["team_ids"] = given.pop("teams")
            return ask(request, "member_add", given)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is in.", name=member))
            if accounts.sends_mail() or not accounts.may_hand_over(actor, member.pk):
                return redirect("desk:settings_member", member.pk)
            link = accounts.make_password_link(actor, member.pk, at=timezone.now())
            return show(request, member_id=member.pk, link=link)
    return show(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, member_id: int) -> HttpResponse:
    """One member beside the list; POST changes role and sight."""
    actor = actor_of(request)
    found = queries.access_member(actor, member_id)
    form = RoleForm(
        request.POST or None,
        roles=role_choices(actor),
        initial={"role": found.role_word, "sees_own_teams_only": found.sees_own_teams_only},
    )
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            with transaction.atomic():
                actions.change_role(by=actor, member=found, role=form.cleaned_data["role"], at=at)
                actions.limit_to_own_teams(
                    by=actor, member=found, sees_own_teams_only=form.cleaned_data["sees_own_teams_only"], at=at
                )
        except SecondPersonNeeded:
            return ask(request, "member_role", {"member": found.pk, **form.cleaned_data})
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=found))
            return redirect("desk:settings_member", member_id)
    return show(request, member_id=member_id, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_MEMBERS)
@require_POST
def deactivate(request: HttpRequest, member_id: int) -> HttpResponse:
    """End a membership."""
    actor = actor_of(request)
    found = queries.access_member(actor, member_id)
    actions.deactivate_member(by=actor, member=found, at=timezone.now())
    say(request, t("{name} can't sign in here any more. What they wrote stays.", name=found))
    return redirect("desk:settings_members")


@guard(Right.MANAGE_MEMBERS)
@require_POST
def sign_out(request: HttpRequest, member_id: int) -> HttpResponse:
    """End every session of a member."""
    actor = actor_of(request)
    found = queries.access_member(actor, member_id)
    actions.sign_out_member(by=actor, member=found, at=timezone.now())
    say(request, t("{name} is signed out on every device.", name=found))
    return redirect("desk:settings_member", member_id)


@guard(Right.MANAGE_MEMBERS)
@require_POST
def restore(request: HttpRequest, member_id: int) -> HttpResponse:
    """Bring back someone who was a member."""
    actor = actor_of(request)
    found = queries.access_member(actor, member_id)
    as_before: dict[str, Any] = {
        "email": found.user.email,
        "name": found.user.name,
        "role": found.role_word,
        "sees_own_teams_only": found.sees_own_teams_only,
        "team_ids": list(found.teams.values_list("id", flat=True)),
    }
    try:
        actions.add_member(by=actor, password=None, at=timezone.now(), **as_before)
    except SecondPersonNeeded:
        return ask(request, "member_add", as_before)
    say(request, t("{name} is back.", name=found))
    return redirect("desk:settings_member", member_id)


@guard(Right.MANAGE_MEMBERS)
@never_cache
@require_POST
def password_link(request: HttpRequest, member_id: int) -> HttpResponse:
    """A one-time address where this member sets a password, shown once."""
    link = accounts.make_password_link(actor_of(request), member_id, at=timezone.now())
    return show(request, member_id=member_id, link=link)


def show(request: HttpRequest, *, member_id: int = 0, status: int = 200, **extra: Any) -> HttpResponse:
    """The list of people and open invitations, with whatever is beside it."""
    actor = actor_of(request)
    context: dict[str, Any] = {
        "members": queries.members(actor, with_inactive=True),
        "invitations": [(one, role_of(one).name) for one in open_ones(actor)],
        "now": timezone.now(),
        "panel": "",
        **extra,
    }
    if member_id:
        found = queries.access_member(actor, member_id)
        context |= {
            "panel": "member",
            "chosen": found,
            "is_me": found.pk == actor.member_id,
            "may_hand_over": accounts.may_hand_over(actor, found.pk),
            "sends_mail": accounts.sends_mail(),
            "may_change": covers(actor, found.role, found.rights),
        }
        context.setdefault(
            "form",
            RoleForm(
                roles=role_choices(actor),
                initial={"role": found.role_word, "sees_own_teams_only": found.sees_own_teams_only},
            ),
        )
    context["close_url"] = reverse("desk:settings_members")
    return render(request, TEMPLATE, context, status=status)


def team_choices(actor: Actor) -> list[tuple[int, str]]:
    """The teams there are, as choices."""
    return [(team.pk, team.name) for team in queries.teams(actor)]
