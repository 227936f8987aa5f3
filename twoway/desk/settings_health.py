"""Settings, Number health: what becomes of each number's texts; pausing, resuming and retiring numbers."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.channels import queries
from twoway.channels.health import actions as health_actions
from twoway.channels.health import queries as health
from twoway.channels.pools import actions as pool_actions
from twoway.channels.queries import Channel
from twoway.desk.builders import numbers
from twoway.desk.forms_numbers import PauseForm, RetireForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging import pooling
from twoway.messaging.forwarding import FORWARDING_TEXT
from twoway.messaging.queues import Waiting, waiting
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/health.html"


@guard(Right.MANAGE_CHANNELS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every number with its last 24 hours."""
    return _page(request)


@guard(Right.MANAGE_CHANNELS)
@require_safe
def one(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One number beside the list."""
    return _page(request, channel_id=channel_id)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def pause(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Send nothing from a number for a while."""
    actor, now = actor_of(request), timezone.now()
    found = queries.access_channel(actor, channel_id)
    form = PauseForm(request.POST)
    if form.is_valid():
        hours = form.cleaned_data["hours"]
        until = now + timedelta(hours=int(hours)) if hours else None
        try:
            health_actions.pause_channel(by=actor, channel=found, at=now, words=form.cleaned_data["words"], until=until)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is paused.", name=found))
            return redirect("desk:settings_health_one", channel_id)
    return _page(request, channel_id=channel_id, pause_form=form, status=422)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def resume(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Send from a paused number again."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    health_actions.resume_channel(by=actor, channel=found, at=timezone.now())
    say(request, t("{name} sends again.", name=found))
    return redirect("desk:settings_health_one", channel_id)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def retire(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Give a number a last day and another one to follow it."""
    actor, now = actor_of(request), timezone.now()
    found = queries.access_channel(actor, channel_id)
    form = RetireForm(request.POST, numbers=_successors(actor, found))
    if form.is_valid():
        given = form.cleaned_data
        after = given["retires_at"] + timedelta(days=1)
        try:
            pooling.retire_number(
                by=actor,
                channel=found,
                successor=queries.access_channel(actor, given["successor"]),
                retires_at=max(_midnight(datetime.combine(after, time())), now),
                at=now,
                forwarding=given["forwarding"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} retires.", name=found))
            return redirect("desk:settings_health_one", channel_id)
    return _page(request, channel_id=channel_id, retire_form=form, status=422)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def keep(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Keep a number that was to retire."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    pool_actions.cancel_retirement(by=actor, channel=found, at=timezone.now())
    say(request, t("{name} stays.", name=found))
    return redirect("desk:settings_health_one", channel_id)


def _midnight(naive: datetime) -> datetime:
    return timezone.make_aware(naive, timezone.get_current_timezone())


def _successors(actor: Actor, channel: Channel) -> list[tuple[int, str]]:
    region = teams.workspace_of(actor).region
    rows = queries.visible_channels(actor).filter(is_active=True, kind=channel.kind).exclude(id=channel.pk)
    return numbers.options(rows, region=region)


def _page(request: HttpRequest, *, channel_id: int = 0, status: int = 200, **extra: Any) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    region = teams.workspace_of(actor).region
    channels = list(queries.visible_channels(actor).select_related("pool"))
    context: dict[str, Any] = {
        "rows": numbers.rows(channels, at=now, region=region),
        "panel": "",
        "close_url": reverse("desk:settings_health"),
    }
    if channel_id:
        context |= _one(actor, queries.access_channel(actor, channel_id), now=now, region=region)
    return render(request, TEMPLATE, context | extra, status=status)


def _one(actor: Actor, found: Channel, *, now: datetime, region: str) -> dict[str, Any]:
    state = health.state_of(found)
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    queue = waiting([found.pk]).get(found.pk, Waiting())
    successors = _successors(actor, found)
    return {
        "panel": "health",
        "chosen": found,
        "number": phone.pretty(found.address, region=region),
        "state": state,
        "stand": health.stand_of(found, state, at=now),
        "badge": numbers.badge(found, state, at=now),
        "row": numbers.rows([found], at=now, region=region)[0],
        "queue": queue,
        "charts": (
            numbers.chart(t("Last 24 hours"), health.hours(found, at=now), by_hour=True),
            numbers.chart(t("Last 14 days"), health.days(found, midnight=midnight), by_hour=False),
        ),
        "successor": numbers.label(state.successor, region=region) if state.successor else "",
        "has_successors": bool(successors),
        "pause_form": PauseForm(),
        "retire_form": RetireForm(
            numbers=successors,
            initial={"forwarding": FORWARDING_TEXT, "retires_at": local.date() + timedelta(days=14)},
        ),
    }
