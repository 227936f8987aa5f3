"""Compliance, Modes and privacy: what is special about each number, who sees whole numbers, and who is blocked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import Channel, access_channel, visible_channels
from twoway.compliance.modes import actions
from twoway.compliance.modes.queries import ChannelMode, mode_of, modes_of
from twoway.compliance.modes.rules import hours_words
from twoway.contacts import actions as contacts
from twoway.contacts import queries
from twoway.contacts.queries import Contact
from twoway.desk.forms_modes import NUMBERS_FROM, ModeForm, RolesForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

MODES, BLOCKS = "desk/compliance/modes.html", "desk/compliance/blocks.html"
PAGE = 50
LONGEST_SEARCH = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """One of our numbers in the list. `request` says how long a request lasts where it is reply-only."""

    id: int
    name: str
    address: str
    request: str
    is_anonymous: bool
    was_anonymous: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """Somebody on the block list, as its reader may see them."""

    id: int
    name: str
    address: str
    reason: str
    note: str
    by: str
    at: datetime
    until: datetime | None


@guard(Right.SEE_COMPLIANCE)
@require_safe
def modes(request: HttpRequest) -> HttpResponse:
    """Every number with its modes, and who sees whole numbers."""
    return _modes(request)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def number(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One number beside the list; POST sets its modes."""
    actor = actor_of(request)
    found = access_channel(actor, channel_id)
    form = ModeForm(request.POST or None, initial=_told(mode_of(found)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_mode(channel=found, by=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=found))
            return redirect("desk:compliance_modes")
    return _modes(request, panel="number", chosen=found, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def roles(request: HttpRequest) -> HttpResponse:
    """Choose who sees whole numbers."""
    form = RolesForm(request.POST)
    if form.is_valid():
        try:
            actions.set_numbers_from(role=form.cleaned_data["numbers_from"], by=actor_of(request), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved. It holds from the next page on."))
            return redirect("desk:compliance_modes")
    return _modes(request, roles=form, status=422)


@guard(Right.SEE_COMPLIANCE)
@require_safe
def blocks(request: HttpRequest) -> HttpResponse:
    """Who is blocked, why, by whom and until when."""
    actor, at = actor_of(request), timezone.now()
    region = teams.workspace_of(actor).region
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    rows = list(queries.blocked(actor, at=at, words=words, region=region)[: PAGE + 1])
    context = {
        "rows": [_blocked(row, to=actor, region=region) for row in rows[:PAGE]],
        "has_more": len(rows) > PAGE,
        "words": words,
        "panel": "",
        "now": at,
    }
    return render(request, BLOCKS, context)


@guard(Right.SEE_COMPLIANCE)
@require_POST
def unblock(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Take a block back."""
    actor = actor_of(request)
    found = queries.access_contact(actor, contact_id)
    contacts.unblock(contact=found, by=actor, at=timezone.now())
    say(request, t("Unblocked."))
    return redirect("desk:compliance_blocks")


def _modes(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    workspace = teams.workspace_of(actor)
    channels = list(visible_channels(actor).filter(is_active=True).order_by("id"))
    known = modes_of(channel.pk for channel in channels)
    context = {
        "rows": [_number(channel, known.get(channel.pk), region=workspace.region) for channel in channels],
        "roles": RolesForm(initial={"numbers_from": workspace.numbers_from}),
        "seen_by": t(str(dict(NUMBERS_FROM)[workspace.numbers_from])),
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "blocked": queries.blocked(actor, at=at).count(),
        "panel": "",
        "close_url": reverse("desk:compliance_modes"),
        **extra,
    }
    return render(request, MODES, context, status=status)


def _told(mode: ChannelMode) -> dict[str, Any]:
    names = ("is_reply_only", "request_hours", "ends_when_done", "is_anonymous")
    return {name: getattr(mode, name) for name in names}


def _number(channel: Channel, mode: ChannelMode | None, *, region: str) -> Number:
    address = phone.pretty(channel.address, region=region)
    return Number(
        id=channel.pk,
        name=channel.name or address,
        address=address if channel.name else "",
        request=hours_words(mode.request_hours) if mode is not None and mode.is_reply_only else "",
        is_anonymous=mode is not None and mode.is_anonymous,
        was_anonymous=mode is not None and not mode.is_anonymous and mode.anonymous_at is not None,
    )


def _blocked(contact: Contact, *, to: Actor, region: str) -> Blocked:
    addresses = [queries.shown_address(contact, one.value, to=to, region=region) for one in contact.identities.all()]
    name = queries.shown_name(contact) or (addresses[0] if addresses else t("Nobody"))
    return Blocked(
        id=contact.pk,
        name=name,
        address=", ".join(one for one in addresses if one != name),
        reason=contact.get_block_reason_display() if contact.block_reason else "",
        note=contact.block_note,
        by=contact.blocked_by,
        at=contact.blocked_at or contact.created_at,
        until=contact.blocked_until,
    )
