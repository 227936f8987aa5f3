"""Compliance, Purposes and caps: where we are, and how far texts of each purpose go."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.channels.queries import Channel, access_channel, visible_channels
from twoway.compliance.purposes.queries import listed
from twoway.compliance.purposes.rules import FIXED, called
from twoway.compliance.relevance import actions
from twoway.compliance.relevance.queries import OurPlace, access_limits, access_places
from twoway.desk.compliance_pacing import page
from twoway.desk.forms_near import LimitForm, PlaceForm
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Where the workspace is, or with `number` that number of ours; POST says so."""
    actor = actor_of(request)
    channel = _channel(actor, request.GET.get("number", ""))
    known = next((one for one in access_places(actor) if one.channel_id == (channel.pk if channel else None)), None)
    form = PlaceForm(request.POST or None, numbers=_numbers(actor), initial=_told(channel, known))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        about = None if given["number"] is None else access_channel(actor, given["number"])
        try:
            row = actions.set_our_place(
                channel=about, label=given["label"], where=given["where"], at=timezone.now(), by=actor
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=row.label))
            return redirect("desk:compliance_pacing")
    return page(request, form=form, panel="place", placed=known, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def place_forget(request: HttpRequest) -> HttpResponse:
    """Forget where the workspace is, or with `number` that number of ours."""
    actor = actor_of(request)
    channel = _channel(actor, request.POST.get("number", ""))
    try:
        actions.forget_our_place(channel=channel, at=timezone.now(), by=actor)
    except Invalid as refused:
        warn(request, refused.sentence)
    else:
        say(request, t("The place is forgotten."))
    return redirect("desk:compliance_pacing")


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def limit_add(request: HttpRequest) -> HttpResponse:
    """A limit for a purpose that has none."""
    actor = actor_of(request)
    limited = {row.purpose for row in access_limits(actor)}
    free = [
        (rule.slug, called(rule))
        for rule in listed(actor.workspace_id)
        if rule.slug not in FIXED and rule.slug not in limited
    ]
    initial = {"purpose": "promotion", "within": 25, "unit": "mi"}
    form = LimitForm(request.POST or None, purposes=free, initial=initial)
    if request.method == "POST" and form.is_valid() and _saved(request, form, form.cleaned_data):
        return redirect("desk:compliance_pacing")
    return page(request, form=form, panel="limit", status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def limit(request: HttpRequest, slug: str) -> HttpResponse:
    """The limit of one purpose; POST changes it."""
    actor = actor_of(request)
    row = next((row for row in access_limits(actor) if row.purpose == slug), None)
    if row is None:
        raise Http404
    initial = {"within": row.within, "unit": row.unit, "holds_unknown": row.holds_unknown}
    form = LimitForm(request.POST or None, purposes=None, initial=initial)
    if request.method == "POST" and form.is_valid() and _saved(request, form, {**form.cleaned_data, "purpose": slug}):
        return redirect("desk:compliance_pacing")
    chosen = {
        "slug": slug,
        "label": next((called(rule) for rule in listed(actor.workspace_id) if rule.slug == slug), slug),
    }
    return page(request, form=form, panel="limit", chosen=chosen, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def limit_remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Texts of this purpose go however far people are again."""
    actions.remove_limit(purpose=slug, at=timezone.now(), by=actor_of(request))
    say(request, t("The limit is gone."))
    return redirect("desk:compliance_pacing")


def _saved(request: HttpRequest, form: LimitForm, values: dict[str, Any]) -> bool:
    try:
        actions.set_limit(**values, at=timezone.now(), by=actor_of(request))
    except Refused as refused:
        form.refuse(refused)
        return False
    say(request, t("The limit is set."))
    return True


def _channel(actor: Actor, number: str) -> Channel | None:
    """The number of ours an address or a form names; None for all. Raises `NotFound`, `Http404`."""
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise Http404
    return access_channel(actor, int(number))


def _numbers(actor: Actor) -> list[tuple[str, str]]:
    return [(str(channel.pk), str(channel)) for channel in visible_channels(actor).filter(is_active=True)]


def _told(channel: Channel | None, known: OurPlace | None) -> dict[str, Any]:
    number = channel.pk if channel else ""
    if known is None:
        return {"number": number}
    return {"number": number, "where": known.typed, "label": "" if known.label == known.typed else known.label}
