"""Compliance, Requests: what people asked for under their rights, until when, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.retention import actions, queries, rules
from twoway.compliance.retention.queries import RequestState, RightsRequest
from twoway.contacts.queries import access_contact, search
from twoway.desk.approvals_asked import ask
from twoway.desk.forms_compliance_retention import ConfirmForm, RefuseForm, RequestForm
from twoway.desk.inbox_frame import id_of
from twoway.desk.people_named import person_words
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.retention import actions as rights
from twoway.messaging.retention import copies
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/requests.html"
PAGE = 50
MOST_HITS = 8
LONGEST = 120
_PIECE = 256 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A request as the page shows it. `is_late`: it waits and its day is over."""

    request: RightsRequest
    whose: str
    law: str
    is_late: bool
    may_download: bool


@guard(Right.SEE_COMPLIANCE)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """The log, and with ?q= the people who fit."""
    return _page(request)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Log what one person asked for."""
    actor, at = actor_of(request), timezone.now()
    contact = access_contact(actor, contact_id)
    zone = ZoneInfo(workspace_of(actor).time_zone)
    form = RequestForm(request.POST or None, today=at.astimezone(zone).date())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = actions.log_request(
                contact=contact,
                kind=given["kind"],
                law=given["law"],
                asked_at=datetime.combine(given["asked_at"], time(), tzinfo=zone),
                by=actor,
                at=at,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("desk:compliance_request", row.pk)
    held = queries.open_hold(workspace_id=actor.workspace_id, contact_id=contact.pk)
    extra = {"form": form, "contact": contact, "whose": person_words(actor, contact), "held": held}
    return _page(request, panel="add", status=422 if form.errors else 200, **extra)


@guard(Right.SEE_COMPLIANCE)
@require_safe
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request beside the log."""
    return _one(request, request_id)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def begin(request: HttpRequest, request_id: int) -> HttpResponse:
    """Make the copy, or erase; an erasure needs its word typed."""
    actor = actor_of(request)
    found = queries.access_request(actor, request_id)
    form = ConfirmForm(request.POST)
    word = request.POST.get("confirmation", "")
    try:
        rights.start(request=found, by=actor, at=timezone.now(), confirmation=word)
    except SecondPersonNeeded:
        return ask(request, "erase_request", {"request": found.pk}, contact_id=found.contact_id)
    except Refused as refused:
        form.is_valid()
        form.errors.clear()
        form.refuse(refused)
        return _one(request, request_id, confirm=form, status=422)
    say(request, t("It is under way. Open the request again in a moment."))
    return redirect("desk:compliance_request", request_id)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def refuse(request: HttpRequest, request_id: int) -> HttpResponse:
    """Close a request without doing it."""
    actor = actor_of(request)
    found = queries.access_request(actor, request_id)
    form = RefuseForm(request.POST)
    if form.is_valid():
        try:
            actions.refuse_request(request=found, why=form.cleaned_data["reason"], by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("The request is closed."))
            return redirect("desk:compliance_requests")
    return _one(request, request_id, refusal=form, status=422)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def download(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Take the copy away; where it takes two people, it is asked for."""
    actor = actor_of(request)
    found = queries.access_request(actor, request_id)
    try:
        return taken(actor, request_id, at=timezone.now())
    except SecondPersonNeeded:
        return ask(request, "copy", {"request": found.pk}, contact_id=found.contact_id)
    except Refused as refused:
        warn(request, refused.sentence)
        return redirect("desk:compliance_request", request_id)
    except OSError:
        warn(request, t("The copy is not in the store. Make it again."))
        return redirect("desk:compliance_request", request_id)


def taken(actor: Actor, request_id: int, *, at: datetime) -> StreamingHttpResponse:
    """The copy; it is noted who took it. Raises `NotFound`, `Refused`, `SecondPersonNeeded`, `OSError`."""
    found = queries.access_request(actor, request_id)
    rights.fetched(request=found, by=actor, at=at)
    content = copies.opened(found)
    answer = StreamingHttpResponse(_pieces(content), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="person-{found.contact_id}.zip"'
    answer["Content-Length"] = str(found.file_size)
    answer["Cache-Control"] = "no-store"
    return answer


def _pieces(content: IO[Any]) -> Iterator[bytes]:
    with content:
        while piece := content.read(_PIECE):
            yield piece


def _one(request: HttpRequest, request_id: int, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    found = queries.access_request(actor, request_id)
    rule = rules.law(found.law, on=found.asked_at.date())
    context = {
        "chosen": _row(actor, found),
        "rule": rule,
        "held": queries.open_hold(workspace_id=actor.workspace_id, contact_id=found.contact_id),
        "confirm": ConfirmForm(),
        "refusal": RefuseForm(),
        "is_open": found.state in {RequestState.OPEN, RequestState.FAILED},
        **extra,
    }
    return _page(request, panel="one", status=status, **context)


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    before = request.GET.get("before", "")
    last = id_of(before)
    rows = queries.requests(actor, before_id=last, limit=PAGE + 1)
    found = search(actor, q, region=workspace_of(actor).region, limit=MOST_HITS) if q else []
    context = {
        "rows": [_row(actor, one) for one in rows[:PAGE]],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "q": q,
        "hits": [(one.pk, person_words(actor, one)) for one in found if one.erased_at is None],
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "panel": "",
        "close_url": reverse("desk:compliance_requests"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _row(actor: Actor, found: RightsRequest) -> Row:
    at = timezone.now()
    rule = rules.law(found.law, on=found.asked_at.date())
    waits = found.state in {RequestState.OPEN, RequestState.DOING, RequestState.FAILED}
    return Row(
        request=found,
        whose=person_words(actor, found.contact),
        law=t(rule.label) if rule else found.law,
        is_late=waits and found.due_at < at,
        may_download=found.file is not None and found.file_until is not None and found.file_until > at,
    )
