"""One form for routing rules, escalation rules and hints: conditions as in saved views, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.desk import views_form
from twoway.desk.forms import DeskForm
from twoway.desk.rule_sorts import SORTS, Sort
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.views_form import Form
from twoway.lib.conditions import Field, Group, read
from twoway.lib.conditions_words import phrase
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.teams.rules import Right

PAGE, FORM = "desk/settings/rule_page.html", "desk/settings/rule_form.html"


@guard(Right.MANAGE_TEAMS)
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, sort: str, rule_id: int | None = None) -> HttpResponse:
    """A new rule, or one that is kept; POST keeps it."""
    kind, actor = SORTS[sort], actor_of(request)
    found = kind.load(actor, rule_id) if rule_id else None
    fields = kind.fields(actor)
    if request.method != "POST":
        form = kind.form(actor=actor, initial=kind.initial(found) if found else {"is_active": True})
        return _page(request, kind, form, _kept(found, fields), fields, found)
    given = views_form.posted(request.POST, fields)
    if request.POST.get("do"):
        return _page(request, kind, _unchecked(kind, request), given, fields, found)
    form = kind.form(request.POST, actor=actor)
    if form.is_valid():
        try:
            kind.save(actor, form, given.conditions, rule_id, timezone.now())
        except Refused as refused:
            field = refused.field if isinstance(refused, Invalid) else ""
            if field not in {"conditions", ""}:
                form.refuse(refused)
            else:
                given = replace(given, wrong={"conditions": refused.sentence})
        else:
            say(request, t("Saved."))
            return redirect(kind.back)
    return _page(request, kind, form, given, fields, found, status=422)


@guard(Right.MANAGE_TEAMS)
@require_POST
def redraw(request: HttpRequest, sort: str) -> HttpResponse:
    """The form after a change in its conditions. Nothing is kept."""
    if sort not in SORTS:
        raise NotFound("rule", sort)
    kind, actor = SORTS[sort], actor_of(request)
    key = request.POST.get("rule", "")
    found = kind.load(actor, int(key)) if key.isdecimal() and len(key) < 19 else None
    fields = kind.fields(actor)
    given = views_form.posted(request.POST, fields)
    return _page(request, kind, _unchecked(kind, request), given, fields, found)


@guard(Right.MANAGE_TEAMS)
@require_POST
def delete(request: HttpRequest, sort: str, rule_id: int) -> HttpResponse:
    """Delete it."""
    kind, actor = SORTS[sort], actor_of(request)
    found = kind.load(actor, rule_id)
    name = str(found)
    kind.delete(actor, found, timezone.now())
    say(request, t("Deleted {name}.", name=name))
    return redirect(kind.back)


def _unchecked(kind: Sort, request: HttpRequest) -> DeskForm:
    """The inputs as they are, without complaints about what isn't written yet."""
    empty = kind.form(actor=actor_of(request))
    return kind.form(actor=actor_of(request), initial={name: _given(request.POST, name) for name in empty.fields})


def _given(data: QueryDict, name: str) -> Any:
    if name in {"is_active", "tells_managers"}:
        return name in data
    return data.getlist(name) if name == "skills" else data.get(name, "")


def _kept(found: Any, fields: dict[str, Field]) -> Form:
    """The conditions of a row as inputs; of what is gone nothing is left to show."""
    try:
        tree = read(found.conditions, fields=fields) if found else Group("all")
    except Invalid as refused:
        return Form(groups=views_form.groups_of(Group("all"), fields), wrong={"conditions": refused.sentence})
    return Form(how="any" if tree.how == "any" else "all", groups=views_form.groups_of(tree, fields))


def _page(
    request: HttpRequest,
    kind: Sort,
    form: DeskForm,
    given: Form,
    fields: dict[str, Field],
    found: Any,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "sort": kind,
        "title": t(kind.title),
        "lede": t(kind.lede),
        "inputs": form,
        "form": given,
        "found": found,
        "fields": [(key, one.label) for key, one in fields.items()],
        "hows": [(how, t(words)) for how, words in views_form.HOWS],
        "most_groups": views_form.MOST_GROUPS,
        "count": _said(given, fields),
    }
    is_part = bool(getattr(request, "htmx", False))
    return render(request, FORM if is_part else PAGE, context, status=status)


def _said(given: Form, fields: dict[str, Field]) -> str:
    """The conditions in one sentence, or what is wrong with them while they aren't whole."""
    if not any(row.field for group in given.groups for row in group.rules):
        return t("Add a condition.")
    try:
        return t("When: {what}.", what=phrase(read(given.conditions, fields=fields), fields))
    except Refused as refused:
        return refused.sentence
