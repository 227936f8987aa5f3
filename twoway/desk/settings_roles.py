"""Settings, Roles: what each may see and do, and roles of the workspace's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk.approvals_asked import ask
from twoway.desk.forms import DeskForm
from twoway.desk.role_words import GROUPS
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.roles import actions, queries
from twoway.teams.rules import BASES, RIGHTS, Right, covers, may

TEMPLATE = "desk/settings/roles.html"
_COLUMNS = (*BASES, "owner")


class OwnRoleForm(DeskForm):
    """A role's name, the built-in role it is based on, and its rights."""

    name = forms.CharField(max_length=40, label=gettext_lazy("Name"))
    base = forms.ChoiceField(
        label=gettext_lazy("Based on"),
        help_text=gettext_lazy(
            "Its rank: they give others at most roles of this rank. When you delete the role, they get this one."
        ),
    )
    rights = forms.MultipleChoiceField(
        required=False, choices=[(right.value, right.value) for right in Right], label=gettext_lazy("What they may do")
    )

    def __init__(self, *args: object, bases: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["base"].choices = list(bases)  # type: ignore[attr-defined]


@guard(Right.MANAGE_ROLES)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.MANAGE_ROLES)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make a role, starting from a built-in one: `?base=` names it."""
    actor = actor_of(request)
    base = request.GET.get("base", "agent")
    base = base if base in BASES else "agent"
    form = _form(request, actor, initial={"base": base, "rights": sorted(RIGHTS[base])})
    if request.method == "POST" and form.is_valid():
        try:
            role = actions.add_role(by=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is there. Give it to people on the People page.", name=role.name))
            return redirect("desk:settings_role", role.pk)
    return _page(request, panel="add", form=form, start=base, status=422 if form.errors else 200)


@guard(Right.MANAGE_ROLES)
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, role_id: int) -> HttpResponse:
    """One role of the workspace's own beside the list; POST changes it."""
    actor = actor_of(request)
    found = queries.access_role(actor, role_id)
    form = _form(request, actor, initial={"name": found.name, "base": found.base, "rights": found.rights})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_role(by=actor, role=found, at=timezone.now(), **form.cleaned_data)
        except SecondPersonNeeded:
            return ask(request, "role_change", {"role": role_id, **form.cleaned_data})
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved. It applies at once."))
            return redirect("desk:settings_role", role_id)
    return _page(request, panel="role", form=form, chosen=found, status=422 if form.errors else 200)


@guard(Right.MANAGE_ROLES)
@require_POST
def delete(request: HttpRequest, role_id: int) -> HttpResponse:
    """Delete a role; its members get its base."""
    actor = actor_of(request)
    found = queries.access_role(actor, role_id)
    try:
        actions.delete_role(by=actor, role=found, at=timezone.now())
    except SecondPersonNeeded:
        return ask(request, "role_delete", {"role": role_id})
    say(
        request,
        t(
            "{name} is deleted. Whoever had it is {base} now.",
            name=found.name,
            base=queries.built_in(found.base).name,
        ),
    )
    return redirect("desk:settings_roles")


def _form(request: HttpRequest, actor: Actor, *, initial: dict[str, Any]) -> OwnRoleForm:
    bases = [(base, queries.built_in(base).name) for base in BASES if covers(actor, base, ())]
    return OwnRoleForm(request.POST or None, bases=bases, initial=initial)


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    many = queries.counts(actor)
    context: dict[str, Any] = {
        "panel": "",
        "columns": [(queries.built_in(one), many.get(one, 0)) for one in _COLUMNS],
        "table": [
            (t(label), [(t(words), t(about), _ticks(right)) for right, words, about in rows]) for label, rows in GROUPS
        ],
        "own": [(one, many.get(queries.of(one).word, 0)) for one in queries.custom_roles(actor)],
        "close_url": reverse("desk:settings_roles"),
        **extra,
    }
    if "form" in extra:
        form = extra["form"]
        ticked = form.data.getlist("rights") if form.is_bound else form.initial["rights"]
        context["boxes"] = _boxes(actor, ticked)
        context["starts"] = [base for base in BASES if covers(actor, base)]
    if chosen := extra.get("chosen"):
        context["may_change"] = covers(actor, chosen.base, chosen.rights)
        context["base_name"] = queries.built_in(chosen.base).name
    return render(request, TEMPLATE, context, status=status)


def _ticks(right: Right) -> list[bool]:
    return [right in RIGHTS[one] for one in _COLUMNS]


def _boxes(actor: Actor, ticked: Collection[str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The check boxes by group. Those of rights the actor lacks can't be ticked; reading can't be left out."""
    return [
        (
            t(label),
            [
                {
                    "right": right.value,
                    "words": t(words),
                    "about": t(about),
                    "is_ticked": right is Right.READ or right.value in ticked,
                    "is_still": right is Right.READ or not may(actor, right),
                }
                for right, words, about in rows
            ],
        )
        for label, rows in GROUPS
    ]
