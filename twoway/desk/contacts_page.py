"""One person: who they are, how to reach them, what was said over every channel, and what they agreed to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.consent.queries import states_of
from twoway.compliance.optin.queries import memberships_of_contact
from twoway.compliance.purposes.queries import rules_of
from twoway.compliance.purposes.rules import called
from twoway.compliance.retention.rules import LAWS
from twoway.contacts import actions
from twoway.contacts import queries as contacts
from twoway.contacts.fields.queries import usual
from twoway.contacts.outside.queries import latest
from twoway.contacts.queries import BlockReason, Contact
from twoway.conversations.queries import conversations_of
from twoway.desk import audit_words
from twoway.desk.approvals_asked import ask
from twoway.desk.builders import chips, consents, files, people
from twoway.desk.builders.panels import blocked_words
from twoway.desk.contact_panel import SPANS, spans
from twoway.desk.contacts_frame import people_page, person_of
from twoway.desk.contacts_writing import change_address, change_line, created, erase_now
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.desk.words import clock_words
from twoway.events.queries import AuditSearch, search_audit
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.messaging.merging import queries as merging
from twoway.messaging.retention.actions import CONFIRMATION
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may, require

PAGE, ADD = "desk/contacts/contact.html", "desk/contacts/add.html"
MOST_SHOWN = 30


@guard(Right.READ)
@require_safe
def contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Everything about a person; a merged one leads to who they turned out to be."""
    actor = actor_of(request)
    try:
        found = contacts.access_contact(actor, contact_id)
    except NotFound:
        kept = contacts.merged_into(actor, contact_id)
        if kept is None:
            raise
        return redirect("desk:contact", kept)
    return _page(request, found)


def _page(request: HttpRequest, found: Contact, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    region = workspace_of(actor).region
    may_edit = may(actor, Right.REPLY)
    reader = people.Reader(to=actor, region=region, may_edit=may_edit)
    held = contacts.identities(found)
    labels = {rule.slug: called(rule) for rule in rules_of(actor.workspace_id).values() if not rule.is_conversational}
    context = {
        "contact": found,
        "person": person_of(found, to=actor, region=region),
        "local": _local(found, held[0].value if held else "", now=now),
        "blocked_words": blocked_words(found, now=now),
        "lines": people.lines(found, usual(actor.workspace_id), reader=reader, whole=True),
        "addresses": people.addresses(found, held, reader=reader),
        "notes": contacts.notes(found),
        "talks": [_talk(one, region) for one in conversations_of(actor, found.pk, limit=MOST_SHOWN)],
        "states": consents.state_rows(states_of([one.pk for one in held]), labels=labels, now=now),
        "topics": memberships_of_contact(found.pk),
        "files": _files(actor, found.pk),
        "outside": people.outside(latest(found, limit=MOST_SHOWN), this_year=timezone.localtime(now).year),
        "audit": _audit(actor, found),
        "merges": merging.merges_of(actor, found.pk, at=now),
        "may_edit": may_edit,
        "may_manage": may(actor, Right.MANAGE_CONTACTS),
        "may_erase": may(actor, Right.MANAGE_COMPLIANCE),
        "sees_compliance": may(actor, Right.SEE_COMPLIANCE),
        "reasons": BlockReason.choices,
        "spans": spans(),
        "laws": [(law.slug, t(law.label)) for law in LAWS],
        "confirmation": CONFIRMATION,
        "here": "everybody",
    }
    return people_page(request, PAGE, context | extra, status=status)


def _local(found: Contact, address: str, *, now: Any) -> str:
    zones = phone.time_zones(address)
    zone = found.time_zone or (zones[0] if len(zones) == 1 else "")
    return t("{time} local", time=clock_words(now.astimezone(ZoneInfo(zone)))) if zone else ""


def _talk(one: Any, region: str) -> tuple[Any, Any]:
    return one, chips.channel_chip(one.channel, region=region)


def _files(actor: Actor, contact_id: int) -> list[tuple[str, str, Any]]:
    rows = merging.files_of(actor, contact_id, limit=MOST_SHOWN)
    shown = [(files.item(row, at=timezone.now()), row.created_at) for row in rows]
    return [(one.url or one.map_url, one.name, at) for one, at in shown if one.url or one.map_url]


def _audit(actor: Actor, found: Contact) -> list[tuple[str, str, Any]]:
    """What teammates did with this person: words, who, when."""
    if not may(actor, Right.SEE_COMPLIANCE):
        return []
    rows = search_audit(actor.workspace_id, AuditSearch(action="contact", subject=f"contact {found.pk}"))
    own = [row for row in rows[:MOST_SHOWN] if row.subject == f"contact {found.pk}"]
    return [(audit_words.sentence(row.action).capitalize(), audit_words.actor(row.actor), row.at) for row in own[:10]]


@guard(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a person by hand."""
    actor = actor_of(request)
    fields = usual(actor.workspace_id)
    error, known = "", None
    if request.method == "POST":
        try:
            return redirect("desk:contact", created(request.POST, fields=fields, by=actor, at=timezone.now()).pk)
        except phone.NotANumber as wrong:
            error = str(wrong)
        except Refused as refused:
            error = refused.sentence
            known = _known(actor, request.POST.get("number", "")) if refused.code == "number_taken" else None
    context = {
        "given": request.POST,
        "lines": [(field, request.POST.get(f"property:{field.key}", "")) for field in fields],
        "error": error,
        "known": known,
        "close_url": reverse("desk:contacts"),
    }
    return people_page(request, ADD, context, status=422 if error else 200)


def _known(actor: Actor, typed: str) -> Contact | None:
    try:
        address = phone.parse_typed(typed, region=workspace_of(actor).region)
        row = contacts.find_identity(actor.workspace_id, address)
        return contacts.access_contact(actor, row.contact_id) if row else None
    except (phone.NotANumber, NotFound):
        return None


def _changing(
    request: HttpRequest, contact_id: int, act: Callable[[Contact, Actor], str], *, right: Right = Right.REPLY
) -> HttpResponse:
    """Do something with a person and come back to their page, with what is to be said."""
    actor = actor_of(request)
    require(actor, right)
    found = contacts.access_contact(actor, contact_id)
    try:
        words = act(found, actor)
    except (phone.NotANumber, Invalid) as wrong:
        warn(request, wrong.sentence if isinstance(wrong, Invalid) else str(wrong))
    else:
        say(request, words)
    return redirect("desk:contact", contact_id)


@guard(Right.REPLY)
@require_POST
def change(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Change one line: the name, a property, the language or the time zone."""

    def act(found: Contact, by: Actor) -> str:
        change_line(found, request.POST.get("key", ""), request.POST.get("value", ""), by=by, at=timezone.now())
        return t("Saved.")

    return _changing(request, contact_id, act)


@guard(Right.REPLY)
@require_POST
def note(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write a remark about the person."""

    def act(found: Contact, by: Actor) -> str:
        actions.add_note(contact=found, body=request.POST.get("body", ""), by=by, at=timezone.now())
        return t("Note added.")

    return _changing(request, contact_id, act)


@guard(Right.REPLY)
@require_POST
def block(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Hear no more of somebody, or hear of them again."""

    def act(found: Contact, by: Actor) -> str:
        at, days = timezone.now(), request.POST.get("days", "")
        if request.POST.get("unblock"):
            actions.unblock(contact=found, by=by, at=at)
            return t("Unblocked.")
        until = at + timedelta(days=int(days)) if days and days in dict(SPANS) else None
        reason, words = request.POST.get("reason", BlockReason.OTHER), request.POST.get("note", "")
        actions.block(contact=found, by=by, at=at, reason=reason, note=words, until=until)
        return t("Blocked.")

    return _changing(request, contact_id, act)


@guard(Right.MANAGE_CONTACTS)
@require_POST
def address(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Give a person one more number or address, take one away, or make one the first."""

    def act(found: Contact, by: Actor) -> str:
        return change_address(found, request.POST, by=by)

    return _changing(request, contact_id, act, right=Right.MANAGE_CONTACTS)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def erase(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Erase a person: logged as their request, and begun at once when it is confirmed."""
    actor, at = actor_of(request), timezone.now()
    found = contacts.access_contact(actor, contact_id)
    try:
        erase_now(
            found,
            law=request.POST.get("law", ""),
            confirmation=request.POST.get("confirmation", ""),
            by=actor,
            at=at,
        )
    except SecondPersonNeeded:
        wanted = {"contact": found.pk, "law": request.POST.get("law", ""), "asked_at": at.isoformat()}
        return ask(request, "erase", wanted, contact_id=found.pk)
    except Refused as refused:
        warn(request, refused.sentence)
        return redirect("desk:contact", contact_id)
    say(request, t("They are being erased. What the law wants kept stays in the ledger."))
    return redirect("desk:contacts")
