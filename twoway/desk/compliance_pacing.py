"""Compliance, Purposes and caps: what each purpose demands, the guard for people who never answer, what it saved.

Who is near enough, on the same page: `compliance_pacing_near`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.pacing import actions as pacing_actions
from twoway.compliance.pacing import queries as pacing
from twoway.compliance.pacing.rules import QUESTION
from twoway.compliance.purposes import actions, queries
from twoway.compliance.purposes.rules import FIXED, GIVEN, PurposeRule, called
from twoway.desk import near_shown
from twoway.desk.forms_quiet import GuardForm, PurposeForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t, tn
from twoway.messaging.cost.rules import words as price_words
from twoway.messaging.guarding import saved
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/pacing.html"
DAYS = 30
LEVELS = {
    "none": noted("None"),
    "implied": noted("Their own text"),
    "express": noted("Express"),
    "written": noted("Written"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PurposeRow:
    """One purpose in words. `kind` is given, changed or own; a fixed one can't be changed."""

    slug: str
    label: str
    kind: str
    level: str
    caps: str
    is_promotional: bool
    keeps_quiet_hours: bool
    is_conversational: bool
    age: str
    validity: str
    is_fixed: bool


@guard(Right.SEE_COMPLIANCE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The purposes, the guard and its report."""
    return page(request)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A purpose of the workspace's own."""
    actor = actor_of(request)
    form = PurposeForm(request.POST or None, is_new=True, initial={"validity_hours": 24})
    if request.method == "POST" and form.is_valid():
        rule = PurposeRule(**form.cleaned_data)
        if rule.slug in {known.slug for known in queries.listed(actor.workspace_id)}:
            form.add_error("slug", t("There is a purpose of this name already."))
        elif _saved(form, rule, by=actor):
            say(request, t("{name}: added.", name=called(rule)))
            return redirect("desk:compliance_pacing")
    return page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def purpose(request: HttpRequest, slug: str) -> HttpResponse:
    """One purpose beside the list; POST changes it."""
    actor = actor_of(request)
    rule = _access(actor, slug)
    form = PurposeForm(request.POST or None, is_new=False, initial=asdict(rule))
    if request.method == "POST" and form.is_valid():
        changed = replace(rule, **form.cleaned_data)
        if _saved(form, changed, by=actor):
            say(request, t("{name}: changed.", name=called(changed)))
            return redirect("desk:compliance_pacing")
    row = _row(rule, _changed(actor))
    return page(request, form=form, panel="purpose", chosen=row, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a purpose of the workspace's own out of use, or a given one back to what it was."""
    actions.retire_purpose(slug=slug, at=timezone.now(), by=actor_of(request))
    said = t("The purpose is as Twoway gave it again.") if slug in GIVEN else t("The purpose is out of use.")
    say(request, said)
    return redirect("desk:compliance_pacing")


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def guard_settings(request: HttpRequest) -> HttpResponse:
    """When texting somebody who never answers ends."""
    actor = actor_of(request)
    row = pacing.access_pacing(actor)
    initial = {"guard_after": row.guard_after, "spared": row.spared, "question": row.question}
    form = GuardForm(request.POST or None, purposes=_sparable(actor), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            pacing_actions.set_guard(**form.cleaned_data, at=timezone.now(), by=actor)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("The guard is set."))
            return redirect("desk:compliance_pacing")
    return page(request, form=form, panel="guard", status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def policy(request: HttpRequest) -> HttpResponse:
    """Whether a person's first text to somebody needs their consent, or only warns."""
    needs = request.POST.get("first_text_needs_consent") == "yes"
    actions.change_policy(first_text_needs_consent=needs, at=timezone.now(), by=actor_of(request))
    say(request, t("First texts need consent now.") if needs else t("First texts warn now."))
    return redirect("desk:compliance_pacing")


def _saved(form: PurposeForm, rule: PurposeRule, *, by: Actor) -> bool:
    try:
        actions.save_purpose(rule=rule, at=timezone.now(), by=by)
    except Refused as refused:
        form.refuse(refused)
        return False
    return True


def _access(actor: Actor, slug: str) -> PurposeRule:
    found = next((rule for rule in queries.listed(actor.workspace_id) if rule.slug == slug), None)
    if found is None or slug in FIXED:
        raise Http404
    return found


def _sparable(actor: Actor) -> list[tuple[str, str]]:
    """The purposes the guard may be told to leave alone; a reply and an emergency it never stops."""
    return [(rule.slug, called(rule)) for rule in queries.listed(actor.workspace_id) if rule.slug not in FIXED]


def _changed(actor: Actor) -> frozenset[str]:
    return frozenset(row.slug for row in queries.stored(actor.workspace_id) if row.retired_at is None)


def page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The whole page; `extra` has what stands in its panel."""
    actor = actor_of(request)
    now = timezone.now()
    changed = _changed(actor)
    row = pacing.access_pacing(actor)
    listed = queries.listed(actor.workspace_id)
    found = saved(actor, since=now - timedelta(days=DAYS), until=now)
    context = {
        "purposes": [_row(rule, changed) for rule in listed],
        "row": row,
        "question": row.question or QUESTION,
        "spared": [called(rule) for rule in listed if rule.slug in {*row.spared, "emergency"}],
        "saved": found,
        "prices": [price_words(price) for price in found.prices],
        "days": DAYS,
        "needs_consent": queries.first_text_needs_consent(actor.workspace_id),
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "near": near_shown.card(actor, labels={rule.slug: called(rule) for rule in listed}),
        "panel": "",
        "close_url": reverse("desk:compliance_pacing"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _row(rule: PurposeRule, changed: frozenset[str]) -> PurposeRow:
    kind = "own" if rule.slug not in GIVEN else "changed" if rule.slug in changed else "given"
    return PurposeRow(
        slug=rule.slug,
        label=called(rule),
        kind=kind,
        level=t(LEVELS[rule.level]),
        caps=_caps(rule),
        is_promotional=rule.is_promotional,
        keeps_quiet_hours=rule.keeps_quiet_hours,
        is_conversational=rule.is_conversational,
        age=t("{n} days", n=rule.max_age_days) if rule.max_age_days else t("Doesn't age"),
        validity=_validity(rule.validity_hours),
        is_fixed=rule.slug in FIXED,
    )


def _caps(rule: PurposeRule) -> str:
    """Such as 3 a day, 10 a week."""
    told = [] if rule.per_day is None else [t("{n} a day", n=rule.per_day)]
    told += [] if rule.per_week is None else [t("{n} a week", n=rule.per_week)]
    return ", ".join(told) or t("No cap")


def _validity(hours: int | None) -> str:
    if hours is None:
        return t("As replies")
    if hours >= 48 and hours % 24 == 0:
        return tn("{n} day", "{n} days", hours // 24)
    return t("{n} h", n=hours)
