"""Settings, Macros: the list, and the editor with its steps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.conversations.queries import tags
from twoway.conversations.views.queries import habit_of
from twoway.desk import commands
from twoway.desk.builders.menus import can_answer
from twoway.desk.builders.replies import macro_line, used_words
from twoway.desk.replies_forms import MacroForm, told_place
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.replies import actions, macro_queries, macro_rules, queries
from twoway.replies.macro_queries import Macro
from twoway.teams.actor import Actor
from twoway.teams.queries import members, teams
from twoway.teams.rules import Right, may

TEMPLATE = "desk/replies/settings_macros.html"
MOST_CHOICES = 500


@guard(Right.REPLY)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new one beside the list; POST keeps it."""
    actor = actor_of(request)
    form = MacroForm(request.POST if request.method == "POST" else None, by=actor)
    if request.method == "POST" and form.is_valid():
        try:
            _check_own_keys(actor, form)
            kept = actions.add_macro(terms=form.terms(), by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused, fields=(("scope", "place"), ("team", "place")))
        else:
            say(request, t("{name}: saved.", name=kept.name))
            return redirect("desk:settings_macros")
    return _page(request, panel="add", form=form, status=422 if form.errors else 200)


@guard(Right.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, macro_id: int) -> HttpResponse:
    """One macro beside the list; POST changes it."""
    actor = actor_of(request)
    found = macro_queries.access_macro(actor, macro_id)
    form = MacroForm(request.POST if request.method == "POST" else None, by=actor, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            _check_own_keys(actor, form)
            changed = actions.change_macro(macro=found, terms=form.terms(), by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused, fields=(("scope", "place"), ("team", "place")))
        else:
            say(request, t("{name}: saved.", name=changed.name))
            return redirect("desk:settings_macros")
    return _page(request, panel="macro", form=form, chosen=found, status=422 if form.errors else 200)


@guard(Right.REPLY)
@require_POST
def archive(request: HttpRequest, macro_id: int) -> HttpResponse:
    """Put it away."""
    actor = actor_of(request)
    gone = actions.archive_macro(macro=macro_queries.access_macro(actor, macro_id), by=actor, at=timezone.now())
    say(request, t("{name} is archived, and its key is free.", name=gone.name))
    return redirect("desk:settings_macros")


@guard(Right.REPLY)
@require_POST
def restore(request: HttpRequest, macro_id: int) -> HttpResponse:
    """Bring it back."""
    actor = actor_of(request)
    back = actions.restore_macro(macro=macro_queries.access_macro(actor, macro_id), by=actor, at=timezone.now())
    say(request, t("{name} is back.", name=back.name))
    return redirect("desk:settings_macro", back.pk)


def _check_own_keys(actor: Actor, form: MacroForm) -> None:
    """Raises `Invalid` for a shortcut that this member has given to a command of the desk."""
    told = form.cleaned_data["key"].strip().lower().replace(" ", "")
    for name, keys in commands.keys_of(habit_of(actor).keys).items():
        if told and keys == told:
            words = t(
                "{key} is your key for “{command}”. Choose another one.",
                key=macro_rules.key_words(told),
                command=t(commands.BY_ID[name].label),
            )
            raise Invalid(words, field="key", code="key_taken")


def _initial(macro: Macro) -> dict[str, Any]:
    return {
        "name": macro.name,
        "key": macro.key,
        "when": macro.when,
        "place": told_place(macro.scope, macro.team_id),
        "steps": macro.steps,
    }


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    rows = list(macro_queries.macros(actor, with_archived=True))
    names = macro_queries.names_of(actor, [step for one in rows for step in one.steps])
    scopes = {"own": t("Only me"), "all": t("Everybody")}
    context: dict[str, Any] = {
        "rows": [
            {
                "macro": one,
                "line": macro_line(one, names),
                "used": used_words(one, now=now),
                "scope": scopes.get(one.scope) or (one.team.name if one.team else ""),
            }
            for one in sorted(rows, key=lambda row: row.archived_at is not None)
        ],
        "close_url": reverse("desk:settings_macros"),
        **extra,
    }
    if "form" in extra:
        context |= _choices(actor)
    chosen = extra.get("chosen")
    if chosen is not None:
        context["may_change"] = queries.may_change(actor, scope=chosen.scope, owner_id=chosen.owner_id)
    return render(request, TEMPLATE, context, status=status)


def _choices(actor: Actor) -> dict[str, Any]:
    """What steps may name."""
    replies = queries.usable(actor).order_by("name", "id").values_list("id", "name")[:MOST_CHOICES]
    return {
        "kinds": [(do, t(label)) for do, label in macro_rules.STEPS.items() if _may_do(actor, do)],
        "replies": [(str(key), name) for key, name in replies],
        "tags": [(str(one.pk), one.name) for one in tags(actor)],
        "members": [(str(one.pk), str(one)) for one in members(actor) if can_answer(one)],
        "teams": [(str(one.pk), one.name) for one in teams(actor)],
        "takes_reply": ("reply", "fill"),
        "takes_tag": ("tag", "untag"),
        "snoozes": [(minutes, t(label)) for minutes, label in macro_rules.SNOOZES.items()],
    }


def _may_do(actor: Actor, do: str) -> bool:
    """Whether this member has the right a step asks for."""
    right = {"tag": Right.TAG, "untag": Right.TAG, "assign_member": Right.ASSIGN, "assign_team": Right.ASSIGN}
    return may(actor, right.get(do, Right.REPLY))
