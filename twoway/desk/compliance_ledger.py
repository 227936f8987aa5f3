"""Compliance, Consent ledger: what changed and how it was proven, one person's standing, and the proof to hand out."""

from __future__ import annotations

from typing import Any, cast

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import Channel, visible_channels
from twoway.compliance.consent import actions
from twoway.compliance.consent.listing import queries as listing
from twoway.compliance.consent.listing.queries import MOST_COUNTED, Which
from twoway.compliance.consent.proof import actions as proofs
from twoway.compliance.consent.queries import ConsentEntry, entries_of, is_intact, states_of
from twoway.compliance.consent.wording import disclosed
from twoway.compliance.purposes.queries import rules_of
from twoway.compliance.purposes.rules import called
from twoway.contacts.actions import find_or_create
from twoway.contacts.queries import access_contact, identities, shown_address, shown_name
from twoway.desk.approvals_asked import ask
from twoway.desk.builders import consents
from twoway.desk.forms_consent import ConsentForm, NumberForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/ledger.html"
PAGE = 50
TABS = (
    ("all", noted("All")),
    ("granted", noted("Granted")),
    ("withdrawn", noted("Withdrawn")),
    ("requested", noted("Requested")),
    ("missing", noted("Missing")),
)


@guard(Right.SEE_COMPLIANCE)
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """The entries, newest first; `?which=` filters, `?before=` goes on."""
    return _page(request)


@guard(Right.SEE_COMPLIANCE)
@require_safe
def entry(request: HttpRequest, position: int) -> HttpResponse:
    """One entry with its proof and whether it is as it was written."""
    actor = actor_of(request)
    found = listing.access_entry(actor, position)
    return _page(
        request,
        panel="entry",
        chosen=_row(found, actor, _known(actor)),
        entry=found,
        written_by=found.by_name.removeprefix("system: ").removeprefix("token: "),
        is_intact=is_intact(found),
        proof=consents.proof_lines(found),
    )


@guard(Right.SEE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Find a number. Sent as a form, so that no number stands in an address or a log."""
    actor = actor_of(request)
    form = NumberForm(request.POST or None)
    looked = None
    if request.method == "POST" and form.is_valid():
        try:
            address = phone.parse_typed(form.cleaned_data["number"], region=workspace_of(actor).region)
        except phone.NotANumber as wrong:
            form.add_error("number", str(wrong))
        else:
            looked = listing.look_up(actor, address)
            if looked.identity is not None:
                return redirect("desk:compliance_ledger_person", looked.identity.contact_id)
    return _page(request, panel="look_up", form=form, looked=looked, status=422 if form.errors else 200)


@guard(Right.SEE_COMPLIANCE)
@require_safe
def person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """How one person's consent stands, and every entry about them."""
    actor = actor_of(request)
    contact = access_contact(actor, contact_id)
    addresses = identities(contact)
    region = workspace_of(actor).region
    known = _known(actor)
    return _page(
        request,
        panel="person",
        contact=contact,
        name=shown_name(contact),
        addresses=[shown_address(contact, one.value, to=actor, region=region) for one in addresses],
        states=consents.state_rows(
            states_of([one.id for one in addresses]), labels=known["labels"], now=timezone.now()
        ),
        history=[_row(one, actor, known) for one in reversed(entries_of(addresses))],
    )


@guard(Right.SEE_COMPLIANCE)
@require_POST
def proof_json(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The proof as JSON."""
    return _proof(request, contact_id, "json")


@guard(Right.SEE_COMPLIANCE)
@require_POST
def proof_pdf(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The proof as a PDF file."""
    return _proof(request, contact_id, "pdf")


def _proof(request: HttpRequest, contact_id: int, form: str) -> HttpResponse:
    try:
        return taken(actor_of(request), contact_id, form)
    except SecondPersonNeeded:
        return ask(request, "proof", {"contact": contact_id, "form": form}, contact_id=contact_id)


def taken(actor: Actor, contact_id: int, form: str) -> HttpResponse:
    """The proof as a file, "json" or "pdf". Raises `NotAllowed`, `NotFound`, `SecondPersonNeeded`."""
    if form == "pdf":
        paper = proofs.export_pdf(contact_id=contact_id, by=actor, at=timezone.now())
        return _file(paper, "application/pdf", contact_id, "pdf")
    made = proofs.export(contact_id=contact_id, by=actor, at=timezone.now())
    return _file(orjson.dumps(made, option=orjson.OPT_INDENT_2), "application/json", contact_id, "json")


def _file(content: bytes, content_type: str, contact_id: int, ending: str) -> HttpResponse:
    name = slugify(f"consent-contact-{contact_id}")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record consent, or its end for one purpose, that came on paper, by voice or to a teammate."""
    actor = actor_of(request)
    labels = _known(actor)["labels"]
    form = ConsentForm(request.POST or None, purposes=labels.items())
    if request.method == "POST" and form.is_valid():
        try:
            contact_id = _record(form.cleaned_data, actor)
        except phone.NotANumber as wrong:
            form.add_error("number", str(wrong))
        except Refused as refused:
            form.refuse(refused, fields=[("proof", "note")])
        else:
            say(request, t("Written into the ledger."))
            return redirect("desk:compliance_ledger_person", contact_id)
    return _page(request, panel="record", form=form, status=422 if form.errors else 200)


@transaction.atomic
def _record(given: dict[str, Any], actor: Actor) -> int:
    """Write what the form says; the contact it is about."""
    at = timezone.now()
    address = phone.parse_typed(given["number"], region=workspace_of(actor).region)
    identity, _ = find_or_create(identity=address, by=actor, at=at)
    if identity.contact.is_anonymous:
        words = t("This person stays anonymous here. Nothing can be recorded by their number.")
        raise Invalid(words, field="number")
    proof = {"note": given["note"], "agent_id": actor.member_id, **disclosed(given["disclosure"])}
    about: dict[str, Any] = {"identity": identity, "purpose": given["purpose"], "method": given["method"]}
    if given["change"] == "granted":
        actions.grant(**about, level=given["level"] or "express", proof=proof, at=at, by=actor)
    else:
        actions.withdraw(**about, proof=proof, at=at, by=actor)
    return identity.contact_id


def _known(actor: Actor) -> dict[str, Any]:
    """What lines are worded with: the purposes' names and our numbers."""
    labels = {rule.slug: called(rule) for rule in rules_of(actor.workspace_id).values() if not rule.is_conversational}
    channels: dict[int, Channel] = {channel.pk: channel for channel in visible_channels(actor)}
    return {"labels": labels, "channels": channels, "region": workspace_of(actor).region}


def _row(found: ConsentEntry, actor: Actor, known: dict[str, Any]) -> consents.EntryRow:
    return consents.entry_row(found, to=actor, **known)


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    asked = request.GET.get("which", "all")
    which = asked if asked in dict(TABS) else "all"
    before = request.GET.get("before", "")
    older = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    known = _known(actor)
    context: dict[str, Any] = {
        "figures": listing.figures(actor, at=timezone.now()),
        "most": MOST_COUNTED,
        "which": which,
        "tabs": [(key, t(label)) for key, label in TABS],
        "may_record": may(actor, Right.MANAGE_COMPLIANCE),
        "close_url": reverse("desk:compliance_ledger"),
    }
    if which == "missing":
        people = list(listing.missing(actor, before=older)[: PAGE + 1])
        context["missing"] = [
            (consents.who(one, to=actor, region=known["region"]), one.created_at) for one in people[:PAGE]
        ]
        context["next"] = people[PAGE - 1].pk if len(people) > PAGE else None
    else:
        rows = list(listing.changes(actor, which=cast(Which, which), before=older)[: PAGE + 1])
        context["rows"] = [_row(one, actor, known) for one in rows[:PAGE]]
        context["next"] = rows[PAGE - 1].position if len(rows) > PAGE else None
    return render(request, TEMPLATE, context | extra, status=status)


def recent(actor: Actor, *, limit: int) -> list[consents.EntryRow]:
    """The newest changes, for the overview."""
    known = _known(actor)
    return [_row(one, actor, known) for one in listing.changes(actor, which="all", before=None)[:limit]]
