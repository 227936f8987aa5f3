"""Compliance, Opt-outs: who must not be texted, who holds the block, how it ends, and what a STOP covers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from twoway.channels.queries import access_channel, visible_channels
from twoway.compliance import actions
from twoway.compliance.consent import actions as consent
from twoway.compliance.consent.listing import queries as listing
from twoway.compliance.consent.queries import stop_scope
from twoway.contacts.actions import find_or_create
from twoway.desk.approvals_asked import ask
from twoway.desk.builders import consents
from twoway.desk.forms_consent import LiftForm, OptOutForm, ScopeForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may, require

TEMPLATE = "desk/compliance/optouts.html"
PAGE = 50


@guard(Right.SEE_COMPLIANCE)
@require_safe
def opt_outs(request: HttpRequest) -> HttpResponse:
    """The opt-outs that hold, newest first."""
    return _page(request)


@guard(Right.SEE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record an opt-out somebody made by another way than a text."""
    actor = actor_of(request)
    region = workspace_of(actor).region
    ours = [
        (channel.pk, f"{channel.name} {phone.pretty(channel.address, region=region)}".strip())
        for channel in visible_channels(actor).filter(is_active=True)
    ]
    form = OptOutForm(request.POST or None, channels=ours)
    if request.method == "POST" and form.is_valid():
        try:
            is_new = _record(form.cleaned_data, actor, region)
        except phone.NotANumber as wrong:
            form.add_error("number", str(wrong))
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Opted out. Nothing more is sent.") if is_new else t("They were opted out already."))
            return redirect("desk:compliance_optouts")
    return _page(request, panel="record", form=form, status=422 if form.errors else 200)


@transaction.atomic
def _record(given: dict[str, Any], actor: Actor, region: str) -> bool:
    """Write what the form says; whether that was new."""
    at = timezone.now()
    address = phone.parse_typed(given["number"], region=region)
    identity, _ = find_or_create(identity=address, by=actor, at=at)
    channel = access_channel(actor, given["channel"])
    added = actions.opt_out(identity=identity, channel=channel, source="member", note=given["note"], at=at, by=actor)
    return bool(added)


@guard(Right.SEE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def opt_out(request: HttpRequest, opt_out_id: int) -> HttpResponse:
    """One opt-out; POST lifts it, where that is ours to do, with a note."""
    actor = actor_of(request)
    found = listing.access_opt_out(actor, opt_out_id)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        require(actor, Right.MANAGE_COMPLIANCE)
        try:
            actions.lift(
                identity=found.identity,
                channel=found.channel,
                source="member",
                note=form.cleaned_data["note"],
                at=timezone.now(),
                by=actor,
            )
        except SecondPersonNeeded:
            wanted = {"opt_out": found.pk, "note": form.cleaned_data["note"]}
            return ask(request, "lift", wanted, contact_id=found.identity.contact_id)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Lifted. They can be answered again; other texts need consent of their own."))
            return redirect("desk:compliance_optouts")
    region = workspace_of(actor).region
    chosen = consents.opt_out_row(found, to=actor, region=region, may_lift=may(actor, Right.MANAGE_COMPLIANCE))
    return _page(request, panel="opt_out", chosen=chosen, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def scope(request: HttpRequest) -> HttpResponse:
    """What a STOP covers from now on."""
    actor = actor_of(request)
    form = ScopeForm(request.POST or None, initial={"scope": stop_scope(actor.workspace_id)})
    if request.method == "POST" and form.is_valid():
        consent.set_stop_scope(scope=form.cleaned_data["scope"], by=actor, at=timezone.now())
        say(request, t("Saved. Opt-outs that hold already stay as they are."))
        return redirect("desk:compliance_optouts")
    return _page(request, panel="scope", form=form, status=422 if form.errors else 200)


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    before = request.GET.get("before", "")
    older = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    region = workspace_of(actor).region
    may_lift = may(actor, Right.MANAGE_COMPLIANCE)
    found = list(listing.opt_outs(actor, before=older)[: PAGE + 1])
    context = {
        "rows": [consents.opt_out_row(one, to=actor, region=region, may_lift=may_lift) for one in found[:PAGE]],
        "next": found[PAGE - 1].pk if len(found) > PAGE else None,
        "covers_all": stop_scope(actor.workspace_id) == "all",
        "may_change": may_lift,
        "close_url": reverse("desk:compliance_optouts"),
    }
    return render(request, TEMPLATE, context | extra, status=status)
