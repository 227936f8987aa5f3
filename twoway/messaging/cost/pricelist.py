"""The prices that hold for one number of ours: the provider's list with the workspace's own lines before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from twoway.channels.models import Channel
from twoway.lib.words import noted
from twoway.messaging.cost import listed
from twoway.messaging.cost.rules import (
    OWN,
    OWN_OF_NUMBER,
    Billed,
    Direction,
    Kind,
    Rate,
    kind_of,
    price_of,
    rate_for,
    sender_of,
)
from twoway.messaging.models import OwnPrice
from twoway.providers.base import Price
from twoway.sms import phone

COLUMNS = ("provider", "direction", "kind", "country", "sender", "per", "amount", "currency", "since", "channel_id")
"""What a row of `own_price` is read for; the directory reads the same as JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceList:
    """The rates of one number. `region` is the workspace's country, for recipients that are short codes."""

    provider: str
    channel_kind: str
    address: str
    region: str
    time_zone: str
    rates: tuple[Rate, ...]

    def day(self, at: datetime) -> date:
        """The day of this moment on the workspace's calendar."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def outgoing(self, recipient: str, *, segments: int, media: int, at: datetime) -> Price | None:
        """What a text of ours to this address will cost, or None when no price is known."""
        kind = kind_of(channel_kind=self.channel_kind, media=media)
        return price_of(self.rates, self._billed("out", kind, self._country(recipient), segments, at))

    def incoming_rate(self, *, media: int, at: datetime) -> Rate | None:
        """The line that prices a text sent to us, or None."""
        return self.rate("in", kind_of(channel_kind=self.channel_kind, media=media), recipient=self.address, at=at)

    def rate(self, direction: Direction, kind: Kind, *, recipient: str, at: datetime) -> Rate | None:
        """The line that prices such a text."""
        return rate_for(self.rates, self._billed(direction, kind, self._country(recipient), 1, at))

    def _billed(self, direction: Direction, kind: Kind, country: str, segments: int, at: datetime) -> Billed:
        return Billed(
            provider=self.provider,
            direction=direction,
            kind=kind,
            country=country,
            sender=sender_of(self.address),
            segments=segments,
            on=self.day(at),
        )

    def _country(self, recipient: str) -> str:
        return phone.country(recipient) or self.region


def of_channel(channel: Channel) -> PriceList:
    """The prices of one number, with one query for the workspace's own."""
    workspace = channel.workspace
    return of_number(channel, region=workspace.region, time_zone=workspace.time_zone)


def of_number(channel: Channel, *, region: str, time_zone: str, has_own: bool = True) -> PriceList:
    """The same where the workspace is not loaded. No query where it is known that it has no prices of its own."""
    its = Q(channel=None) | Q(channel_id=channel.pk)
    rows = OwnPrice.objects.filter(its, workspace_id=channel.workspace_id).values(*COLUMNS) if has_own else ()
    return PriceList(
        provider=channel.provider,
        channel_kind=channel.kind,
        address=channel.address,
        region=region,
        time_zone=time_zone,
        rates=with_own(channel.provider, rows),
    )


def day_of(channel: Channel, at: datetime) -> date:
    """The day of this moment on the calendar of the channel's workspace."""
    return at.astimezone(ZoneInfo(channel.workspace.time_zone)).date()


def with_own(provider: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Rate, ...]:
    """A provider's list and own lines, which come as rows with `COLUMNS`."""
    return (*listed.of(provider), *(own_rate(row) for row in rows))


def own_rate(row: Mapping[str, Any]) -> Rate:
    """One own line; from JSON its amount and its date are texts."""
    since = row["since"]
    return Rate(
        provider=row["provider"],
        direction=row["direction"],
        kind=row["kind"],
        country=row["country"],
        sender=row["sender"],
        per=row["per"],
        amount=Decimal(row["amount"]),
        currency=row["currency"],
        since=since if isinstance(since, date) else date.fromisoformat(since),
        source=noted("Your own price"),
        level=OWN if row["channel_id"] is None else OWN_OF_NUMBER,
    )
