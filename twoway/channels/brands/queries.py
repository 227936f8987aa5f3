"""Reading brands, campaigns and what was sent for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from twoway.channels.brands import rules
from twoway.channels.models import Brand, BrandDay, Campaign
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor

__all__ = ["Brand", "Campaign", "Usage", "access_brand", "access_campaign", "brands", "campaigns", "usage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a brand has sent today, of what it may. `percent` and `left` are None without a limit."""

    segments: int
    cap: int | None
    resets_at: datetime
    held_until: datetime | None = None

    @property
    def percent(self) -> int | None:
        return None if not self.cap else min(self.segments * 100 // self.cap, 100)

    @property
    def left(self) -> int | None:
        return rules.room(self.segments, self.cap)

    @property
    def level(self) -> int:
        """The highest of the warning points that is reached, or 0."""
        return rules.level(self.segments, self.cap)

    @property
    def is_held(self) -> bool:
        """Whether nothing leaves until the reset: the limit is reached, or a carrier said so."""
        return self.left == 0 or self.held_until is not None


def brands(actor: Actor) -> QuerySet[Brand]:
    """Every brand of the workspace by name, with its campaigns and their numbers."""
    rows = Brand.objects.filter(workspace_id=actor.workspace_id).order_by("name", "id")
    return rows.prefetch_related("campaigns__channels")


def campaigns(actor: Actor) -> QuerySet[Campaign]:
    """Every campaign of the workspace by name, with its brand and its numbers."""
    rows = Campaign.objects.filter(workspace_id=actor.workspace_id).order_by("name", "id")
    return rows.select_related("brand").prefetch_related("channels")


def access_brand(actor: Actor, brand_id: int) -> Brand:
    """One brand of the workspace. Raises `NotFound`."""
    brand = brands(actor).filter(id=brand_id).first()
    if brand is None:
        raise NotFound("brand", brand_id)
    return brand


def access_campaign(actor: Actor, campaign_id: int) -> Campaign:
    """One campaign of the workspace. Raises `NotFound`."""
    campaign = campaigns(actor).filter(id=campaign_id).first()
    if campaign is None:
        raise NotFound("campaign", campaign_id)
    return campaign


def usage(brand: Brand, *, at: datetime) -> Usage:
    """What was sent for a brand since its day began."""
    day = BrandDay.objects.filter(brand=brand, day=rules.day_of(at, brand.zone)).first()
    held = brand.held_until if brand.held_until is not None and at < brand.held_until else None
    return Usage(
        segments=day.segments if day else 0,
        cap=rules.cap_of(tier=brand.tier, written=brand.daily_cap),
        resets_at=rules.next_reset(at, brand.zone),
        held_until=held,
    )
