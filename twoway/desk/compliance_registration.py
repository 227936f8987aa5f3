"""Compliance, Registration: how our numbers and brands stand with the carriers, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.channels.brands import queries as brands
from twoway.channels.brands.queries import Brand
from twoway.channels.numbers import queries as numbers
from twoway.channels.queries import Channel, visible_channels
from twoway.desk import numbers_shown
from twoway.desk.numbers_shown import Badge
from twoway.desk.settings_frame import actor_of, guard
from twoway.lib.words import t, tn
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/registration.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberRow:
    """One active number. `missing` is what a carrier still wants, in a sentence; `is_held`: its texts are held."""

    name: str
    number: str
    type_label: str
    badge: Badge
    missing: str
    campaign: str
    url: str
    is_held: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandRow:
    """One brand with what a registration asks for and nobody has written yet."""

    name: str
    detail: str
    missing: tuple[str, ...]
    url: str


@guard(Right.SEE_COMPLIANCE)
@require_safe
def registration(request: HttpRequest) -> HttpResponse:
    """Every active number that texts, and every brand."""
    actor = actor_of(request)
    context = {
        "numbers": number_rows(actor),
        "brands": [_brand(actor, one) for one in brands.brands(actor)],
        "may_change": may(actor, Right.MANAGE_CHANNELS),
    }
    return render(request, TEMPLATE, context)


def number_rows(actor: Actor) -> list[NumberRow]:
    """The active numbers, those that carriers hold back first."""
    at, region = timezone.now(), workspace_of(actor).region
    rows = visible_channels(actor).filter(is_active=True, kind="sms").select_related("campaign__brand", "workspace")
    channels = list(rows.order_by("id"))
    shown = numbers_shown.of_rows(channels, region=region, on=at)
    known = numbers.records(channels)
    found = [_number(actor, one, shown[one.pk], known.get(one.pk), region=region) for one in channels]
    return sorted(found, key=lambda row: not row.is_held)


def _number(
    actor: Actor,
    channel: Channel,
    shown: numbers_shown.Shown,
    record: numbers.NumberRecord | None,
    *,
    region: str,
) -> NumberRow:
    is_held = record is not None and record.registration in numbers.HELD and not record.is_waived
    needed = numbers.registration_needed(channel, on=timezone.now())
    campaign = channel.campaign
    return NumberRow(
        name=channel.name,
        number=phone.pretty(channel.address, region=region),
        type_label=shown.type_label,
        badge=shown.badge or _unsaid(is_needed=bool(needed)),
        missing=record.registration_detail if record is not None and is_held else "",
        campaign=f"{campaign.name}, {campaign.brand.name}" if campaign and campaign.brand else str(campaign or ""),
        url=reverse("desk:settings_channel", args=[channel.pk]) if may(actor, Right.MANAGE_CHANNELS) else "",
        is_held=is_held,
    )


def _unsaid(*, is_needed: bool) -> Badge:
    """What stands for a number whose provider has said nothing."""
    if is_needed:
        return Badge(tone="", icon="info", words=t("Not known yet"))
    return Badge(tone="line", icon="check", words=t("No registration needed"))


def _brand(actor: Actor, brand: Brand) -> BrandRow:
    campaigns = list(brand.campaigns.all())
    many = sum(len(one.channels.all()) for one in campaigns)
    missing = [] if campaigns else [t("No campaign yet")]
    missing += [t("{campaign}: no number yet", campaign=one.name) for one in campaigns if not one.channels.all()]
    counted = tn("{n} campaign", "{n} campaigns", len(campaigns)), tn("{n} number", "{n} numbers", many)
    return BrandRow(
        name=brand.name,
        detail=", ".join(counted),
        missing=tuple(missing),
        url=reverse("desk:settings_brand", args=[brand.pk]) if may(actor, Right.MANAGE_CHANNELS) else "",
    )
