"""Settings, Carrier limits: what a brand may send in a day, and what the numbers of a campaign share a minute."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels import queries
from twoway.channels.brands import actions, rules
from twoway.channels.brands import queries as brands
from twoway.channels.brands.actions import BrandWish, CampaignWish
from twoway.channels.brands.queries import Brand, Campaign
from twoway.desk.builders import numbers
from twoway.desk.forms import time_zones
from twoway.desk.forms_numbers import BrandForm, CampaignForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/limits.html"


@guard(Right.MANAGE_CHANNELS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Brands with today's use, and campaigns."""
    return _page(request)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def brand(request: HttpRequest, brand_id: int = 0) -> HttpResponse:
    """A brand beside the list, or a new one; POST saves it."""
    actor = actor_of(request)
    found = brands.access_brand(actor, brand_id) if brand_id else None
    form = _brand_form(found, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            wish = BrandWish(**form.cleaned_data)
            made = actions.save_brand(by=actor, wish=wish, at=timezone.now(), brand=found)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=made))
            return redirect("desk:settings_brand", made.pk)
    return _page(request, panel="brand", chosen=found, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def campaign(request: HttpRequest, campaign_id: int = 0) -> HttpResponse:
    """A campaign beside the list, or a new one; POST saves it."""
    actor = actor_of(request)
    found = brands.access_campaign(actor, campaign_id) if campaign_id else None
    form = _campaign_form(actor, found, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wish = CampaignWish(
            name=given["name"],
            brand_id=given["brand"],
            carrier_class=given["carrier_class"],
            per_minute=given["per_minute"],
            channel_ids=given["channels"],
        )
        try:
            made = actions.save_campaign(by=actor, wish=wish, at=timezone.now(), campaign=found)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=made))
            return redirect("desk:settings_campaign", made.pk)
    return _page(request, panel="campaign", chosen=found, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def delete_brand(request: HttpRequest, brand_id: int) -> HttpResponse:
    """Forget a brand."""
    actor = actor_of(request)
    found = brands.access_brand(actor, brand_id)
    actions.delete_brand(by=actor, brand=found, at=timezone.now())
    say(request, t("{name} is gone.", name=found.name))
    return redirect("desk:settings_limits")


@guard(Right.MANAGE_CHANNELS)
@require_POST
def delete_campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Forget a campaign."""
    actor = actor_of(request)
    found = brands.access_campaign(actor, campaign_id)
    actions.delete_campaign(by=actor, campaign=found, at=timezone.now())
    say(request, t("{name} is gone.", name=found.name))
    return redirect("desk:settings_limits")


def _brand_form(found: Brand | None, *, data: Any = None) -> BrandForm:
    initial = {} if found is None else {name: getattr(found, name) for name in ("name", "tier", "daily_cap", "zone")}
    zones = time_zones(current=found.zone if found else rules.RESET_ZONE)
    return BrandForm(data, initial=initial, zones=zones)


def _campaign_form(actor: Actor, found: Campaign | None, *, data: Any = None) -> CampaignForm:
    initial: dict[str, Any] = {}
    if found is not None:
        initial = {
            "name": found.name,
            "brand": found.brand_id or "",
            "carrier_class": found.carrier_class,
            "per_minute": found.per_minute,
            "channels": [one.pk for one in found.channels.all()],
        }
    rows = queries.visible_channels(actor).filter(is_active=True)
    return CampaignForm(
        data,
        initial=initial,
        brand_choices=[(one.pk, one.name) for one in brands.brands(actor)],
        numbers=numbers.options(rows, region=teams.workspace_of(actor).region),
    )


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    region = teams.workspace_of(actor).region
    context: dict[str, Any] = {
        "brands": [numbers.brand_row(one, brands.usage(one, at=now), at=now) for one in brands.brands(actor)],
        "campaigns": [_campaign_row(one, region) for one in brands.campaigns(actor)],
        "read_on": rules.READ_ON,
        "panel": "",
        "chosen": None,
        "close_url": reverse("desk:settings_limits"),
    }
    return render(request, TEMPLATE, context | extra, status=status)


def _campaign_row(campaign: Campaign, region: str) -> dict[str, Any]:
    rate = rules.rate_of(carrier_class=campaign.carrier_class, written=campaign.per_minute)
    return {
        "campaign": campaign,
        "per_minute": None if rate is None else round(rate * 60),
        "numbers": [numbers.label(one, region=region) for one in campaign.channels.all()],
    }
