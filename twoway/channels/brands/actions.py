"""Changing brands and campaigns, and what happens when a day's limit comes near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from django.db import IntegrityError, connection, transaction

from twoway.channels.brands import rules
from twoway.channels.models import Brand, BrandDay, Campaign, Channel
from twoway.events.actions import Detail, audit, publish
from twoway.events.types import BrandCapReached
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_NAME = 60
MOST = 100_000_000
KEEP_DAYS = timedelta(days=400)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandWish:
    """What an owner writes of a brand. `daily_cap` is in segments; None takes the tier's."""

    name: str
    tier: str = ""
    daily_cap: int | None = None
    zone: str = rules.RESET_ZONE


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignWish:
    """What an owner writes of a campaign. `per_minute` is in segments; None takes the carrier class's."""

    name: str
    brand_id: int | None = None
    carrier_class: str = ""
    per_minute: int | None = None
    channel_ids: Sequence[int] = ()


@transaction.atomic
def save_brand(*, by: Actor, wish: BrandWish, at: datetime, brand: Brand | None = None) -> Brand:
    """Make a brand, or change this one. Raises `NotAllowed`, and `Invalid` naming the field."""
    require(by, Right.MANAGE_CHANNELS)
    row = Brand(workspace_id=by.workspace_id, created_at=at) if brand is None else _brand(by, brand)
    row.name = _clean_name(wish.name)
    if wish.tier and wish.tier not in rules.TIERS:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(rules.TIERS)), field="tier")
    row.tier, row.daily_cap = wish.tier, _clean_number(wish.daily_cap, "daily_cap")
    if wish.zone not in available_timezones():
        raise Invalid(t("There is no such time zone."), field="zone")
    row.zone = wish.zone
    _save(row)
    _record(by, "brand.added" if brand is None else "brand.changed", f"brand {row.pk}", at, name=row.name)
    _tell_workers()
    return row


@transaction.atomic
def save_campaign(*, by: Actor, wish: CampaignWish, at: datetime, campaign: Campaign | None = None) -> Campaign:
    """Make a campaign, or change this one, with the numbers that are in it. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_CHANNELS)
    row = Campaign(workspace_id=by.workspace_id, created_at=at) if campaign is None else _campaign(by, campaign)
    row.name = _clean_name(wish.name)
    if wish.carrier_class and wish.carrier_class not in rules.CLASSES:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(rules.CLASSES)), field="carrier_class")
    row.carrier_class, row.per_minute = wish.carrier_class, _clean_number(wish.per_minute, "per_minute")
    if wish.brand_id is not None and not Brand.objects.filter(id=wish.brand_id, workspace_id=by.workspace_id).exists():
        raise Invalid(t("There is no such brand."), field="brand")
    row.brand_id = wish.brand_id
    _save(row)
    ours = Channel.objects.filter(workspace_id=by.workspace_id)
    wanted = set(ours.filter(id__in=list(wish.channel_ids)).values_list("id", flat=True))
    if wanted != set(wish.channel_ids):
        raise Invalid(t("One of these numbers is not in this workspace."), field="channels")
    ours.filter(campaign=row).exclude(id__in=wanted).update(campaign=None)
    ours.filter(id__in=wanted).update(campaign=row)
    action = "campaign.added" if campaign is None else "campaign.changed"
    _record(by, action, f"campaign {row.pk}", at, name=row.name, channels=sorted(wanted))
    _tell_workers()
    return row


@transaction.atomic
def delete_brand(*, by: Actor, brand: Brand, at: datetime) -> None:
    """Forget a brand; its campaigns stay, without a limit of the day. Raises `NotAllowed`."""
    row = _brand(by, brand)
    _record(by, "brand.deleted", f"brand {row.pk}", at, name=row.name)
    row.delete()
    _tell_workers()


@transaction.atomic
def delete_campaign(*, by: Actor, campaign: Campaign, at: datetime) -> None:
    """Forget a campaign; its numbers keep their own rates. Raises `NotAllowed`."""
    row = _campaign(by, campaign)
    _record(by, "campaign.deleted", f"campaign {row.pk}", at, name=row.name)
    row.delete()
    _tell_workers()


@transaction.atomic
def hold_for(*, channel_id: int, at: datetime) -> Brand | None:
    """A carrier says that the day's limit is reached: send nothing for the brand of this number until the reset."""
    held = Brand.objects.select_for_update().filter(campaigns__channels=channel_id).first()
    if held is None:
        return None
    until = rules.next_reset(at, held.zone)
    if held.held_until is not None and held.held_until >= until:
        return held
    held.held_until = until
    held.save(update_fields=["held_until"])
    _warn(held, level=100, at=at)
    _tell_workers()
    return held


def warn(*, at: datetime) -> list[tuple[int, int]]:
    """Tell of brands that have passed a share of their limit today, each share once: (brand, percent)."""
    told = []
    for brand in Brand.objects.filter(days__day__gte=(at - timedelta(days=2)).date()).distinct():
        with transaction.atomic():
            day = BrandDay.objects.select_for_update().filter(brand=brand, day=rules.day_of(at, brand.zone)).first()
            cap = rules.cap_of(tier=brand.tier, written=brand.daily_cap)
            reached = rules.level(day.segments, cap) if day else 0
            if day is not None and reached > day.warned:
                _warn(brand, level=reached, at=at)
                told.append((brand.pk, reached))
    return told


def prune(*, at: datetime) -> int:
    """Forget days that are more than a year old; how many."""
    gone, _ = BrandDay.objects.filter(day__lt=(at - KEEP_DAYS).date()).delete()
    return gone


def _warn(brand: Brand, *, level: int, at: datetime) -> None:
    day, _ = BrandDay.objects.get_or_create(brand=brand, day=rules.day_of(at, brand.zone))
    if level <= day.warned:
        return
    BrandDay.objects.filter(id=day.id).update(warned=level)
    publish(
        BrandCapReached(
            workspace_id=brand.workspace_id,
            brand_id=brand.pk,
            level=level,
            segments=day.segments,
            cap=rules.cap_of(tier=brand.tier, written=brand.daily_cap) or 0,
        ),
        at=at,
    )


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        raise Invalid(t("Give it a name."), field="name")
    if len(cleaned) > LONGEST_NAME:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NAME), field="name")
    return cleaned


def _clean_number(number: int | None, field: str) -> int | None:
    if number is not None and not 1 <= number <= MOST:
        raise Invalid(t("Write a number of segments from 1 to {most:,}.", most=MOST), field=field)
    return number


def _brand(by: Actor, brand: Brand) -> Brand:
    require(by, Right.MANAGE_CHANNELS)
    found = Brand.objects.select_for_update().filter(id=brand.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotAllowed(t("This brand is not in this workspace."))
    return found


def _campaign(by: Actor, campaign: Campaign) -> Campaign:
    require(by, Right.MANAGE_CHANNELS)
    found = Campaign.objects.select_for_update().filter(id=campaign.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotAllowed(t("This campaign is not in this workspace."))
    return found


def _save(row: Brand | Campaign) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("There is one of this name."), field="name", code="name_taken") from None


def _tell_workers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_channels', '')")


def _record(by: Actor, action: str, subject: str, at: datetime, **data: Detail) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
