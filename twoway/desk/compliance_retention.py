"""Compliance, Retention: how long data is kept, dry runs and reports, and legal holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.retention import actions, queries
from twoway.compliance.retention.queries import LegalHold, RetentionRun
from twoway.compliance.retention.rules import KINDS, LABELS
from twoway.contacts.queries import Contact, access_contact
from twoway.desk.forms_compliance_retention import HoldForm, RetentionForm
from twoway.desk.inbox_frame import id_of
from twoway.desk.people_named import person_words
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import t, tn
from twoway.messaging.retention import actions as sweeps
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/retention.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptRow:
    """One kind of data and how long it is kept."""

    label: str
    kept: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldRow:
    """A hold with whose it is."""

    hold: LegalHold
    whose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLine:
    """One kind in a report. `oldest` is a day, or None."""

    label: str
    days: int | None
    found: int
    gone: int
    held: int
    oldest: date | None


@guard(Right.SEE_COMPLIANCE)
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """The policy, holds and the last reports."""
    return _page(request)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change how long data is kept."""
    actor = actor_of(request)
    policy = queries.shown_policy(actor)
    initial = {"is_on": policy.is_on, **{f"{kind}_days": getattr(policy, f"{kind}_days") for kind in KINDS}}
    form = RetentionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        days = {kind: form.cleaned_data[f"{kind}_days"] for kind in KINDS}
        try:
            actions.set_policy(is_on=form.cleaned_data["is_on"], days=days, by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            is_on = form.cleaned_data["is_on"]
            say(request, t("Saved. What is past its time goes tonight.") if is_on else t("Saved."))
            return redirect("desk:compliance_retention")
    return _page(request, panel="change", form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Count what a sweep would delete, or with sweep=1 sweep now; a job does it."""
    is_dry = request.POST.get("sweep") != "1"
    try:
        sweeps.ask(is_dry=is_dry, by=actor_of(request), at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        counting = t("Counting. The report is below in a moment.")
        say(request, counting if is_dry else t("It runs. The report follows."))
    return redirect("desk:compliance_retention")


@guard(Right.SEE_COMPLIANCE)
@require_safe
def report(request: HttpRequest, run_id: int) -> HttpResponse:
    """One report beside the page."""
    found = queries.access_run(actor_of(request), run_id)
    return _page(request, panel="report", chosen=found, lines=_lines(found))


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def hold_add(request: HttpRequest) -> HttpResponse:
    """Place a hold on the workspace, or with ?contact= on one person."""
    actor = actor_of(request)
    contact_id = id_of(request.GET.get("contact", ""))
    contact = access_contact(actor, contact_id) if contact_id else None
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.place_hold(reason=form.cleaned_data["reason"], contact=contact, by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("On hold. Nothing of it is deleted until you lift it."))
            return redirect("desk:compliance_retention")
    whose = person_words(actor, contact) if contact else ""
    return _page(request, panel="hold", form=form, whose=whose, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def hold_lift(request: HttpRequest, hold_id: int) -> HttpResponse:
    """End a hold."""
    actor = actor_of(request)
    actions.lift_hold(hold=queries.access_hold(actor, hold_id), by=actor, at=timezone.now())
    say(request, t("The hold is lifted. What is past its time goes with the next sweep."))
    return redirect("desk:compliance_retention")


def days_words(days: int | None) -> str:
    """A number of days as people say it: 730 is "2 years"."""
    if days is None:
        return t("For good")
    if days >= 365 and days % 365 <= days // 365 // 4 + 1:
        return tn("{n} year", "{n} years", days // 365)
    return tn("{many} day", "{many} days", days, many=f"{days:,}")


def _lines(found: RetentionRun) -> list[ReportLine]:
    return [
        ReportLine(
            label=t(LABELS[line["kind"]]),
            days=line["days"],
            found=line["found"],
            gone=line["gone"],
            held=line["held"],
            oldest=date.fromisoformat(line["oldest"]) if line["oldest"] else None,
        )
        for line in found.lines
    ]


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    policy = queries.shown_policy(actor)
    context = {
        "policy": policy,
        "kept": [KeptRow(label=t(LABELS[kind]), kept=days_words(getattr(policy, f"{kind}_days"))) for kind in KINDS],
        "holds": [HoldRow(hold=one, whose=_whose(request, one.contact)) for one in queries.holds(actor)],
        "workspace_hold": queries.open_hold(workspace_id=actor.workspace_id, contact_id=None),
        "runs": [
            (one, sum(line["gone" if not one.is_dry else "found"] for line in one.lines)) for one in queries.runs(actor)
        ],
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "panel": "",
        "close_url": reverse("desk:compliance_retention"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _whose(request: HttpRequest, contact: Contact | None) -> str:
    return person_words(actor_of(request), contact) if contact else t("Everything in this workspace")
