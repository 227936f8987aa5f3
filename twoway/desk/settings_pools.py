"""Settings, Pools: several numbers behind one purpose."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels import queries
from twoway.channels.health import queries as health
from twoway.channels.pools import actions
from twoway.channels.pools import queries as pools
from twoway.channels.pools.queries import Pool
from twoway.desk.builders import numbers
from twoway.desk.forms_numbers import PoolForm, PoolNumberForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging import pooling
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/pools.html"


@guard(Right.MANAGE_CHANNELS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new pool; afterwards its page, to put numbers into it."""
    form = PoolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_pool(by=actor_of(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is there. Put numbers into it.", name=made))
            return redirect("desk:settings_pool", made.pk)
    return _page(request, panel="add", form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def pool(request: HttpRequest, pool_id: int) -> HttpResponse:
    """One pool beside the list; POST changes its name and how numbers are chosen."""
    actor = actor_of(request)
    found = pools.access_pool(actor, pool_id)
    form = PoolForm(request.POST or None, initial={"name": found.name, "prefers_local": found.prefers_local})
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_pool(by=actor, pool=found, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_pool", pool_id)
    return _page(request, chosen=found, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def join(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Put a number into a pool."""
    actor = actor_of(request)
    found = pools.access_pool(actor, pool_id)
    form = PoolNumberForm(request.POST, numbers=_free(actor))
    if form.is_valid():
        channel = queries.access_channel(actor, form.cleaned_data["channel"])
        try:
            pooling.add_number(by=actor, pool=found, channel=channel, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{number} is in {pool}.", number=channel, pool=found))
            return redirect("desk:settings_pool", pool_id)
    return _page(request, chosen=found, number_form=form, status=422)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def leave(request: HttpRequest, pool_id: int, channel_id: int) -> HttpResponse:
    """Take a number out of a pool."""
    actor = actor_of(request)
    found = pools.access_pool(actor, pool_id)
    channel = queries.access_channel(actor, channel_id)
    if channel.pool_id == found.pk:
        pooling.remove_number(by=actor, channel=channel, at=timezone.now())
        say(request, t("{number} is on its own again.", number=channel))
    return redirect("desk:settings_pool", pool_id)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def delete(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Remove an empty pool."""
    actor = actor_of(request)
    found = pools.access_pool(actor, pool_id)
    actions.delete_pool(by=actor, pool=found, at=timezone.now())
    say(request, t("{name} is gone.", name=found.name))
    return redirect("desk:settings_pools")


def _free(actor: Actor) -> list[tuple[int, str]]:
    """The numbers that are in no pool yet."""
    rows = queries.visible_channels(actor).filter(is_active=True, pool=None)
    return numbers.options(rows, region=teams.workspace_of(actor).region)


def _page(request: HttpRequest, *, chosen: Pool | None = None, status: int = 200, **extra: Any) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    region = teams.workspace_of(actor).region
    context: dict[str, Any] = {
        "rows": [
            {"pool": row, "numbers": [numbers.label(one, region=region) for one in row.channels.all()]}
            for row in pools.pools(actor)
        ],
        "panel": "",
        "close_url": reverse("desk:settings_pools"),
    }
    if chosen is not None:
        free = _free(actor)
        context |= {
            "panel": "pool",
            "chosen": chosen,
            "form": PoolForm(initial={"name": chosen.name, "prefers_local": chosen.prefers_local}),
            "members": [
                {
                    "id": one.pk,
                    "label": numbers.label(one, region=region),
                    "badge": numbers.badge(one, health.state_of(one), at=now),
                }
                for one in chosen.channels.all()
            ],
            "number_form": PoolNumberForm(numbers=free),
            "has_free": bool(free),
        }
    return render(request, TEMPLATE, context | extra, status=status)
