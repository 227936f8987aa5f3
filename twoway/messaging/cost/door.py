"""What the door out asks about money: the price a message is written with, and whether a budget refuses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twoway.channels.models import Channel
from twoway.compliance.rules import Refusal
from twoway.messaging.cost import budgets, pricelist
from twoway.providers.base import Price
from twoway.sms import phone, segments


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A text somebody wants sent: from a number of ours, with so many files. `team_id` is its conversation's."""

    channel: Channel
    recipient: str
    body: str
    media: int
    at: datetime
    team_id: int | None = None
    is_reply: bool = False
    is_notice: bool = False


def price(text: Text) -> Price | None:
    """What it will cost, or None when no price is known."""
    counted = segments.count(text.body, toll_free_us=phone.is_toll_free_us(text.channel.address))
    prices = pricelist.of_channel(text.channel)
    return prices.outgoing(text.recipient, segments=counted.segments, media=text.media, at=text.at)


def refusal(text: Text) -> Refusal | None:
    """Why the money is not there, or None."""
    ids = budgets.that_stop(text.channel)
    if not ids or text.is_notice:
        return None
    stopper = budgets.stops_at_door(
        ids,
        channel=text.channel,
        price=price(text),
        team_id=text.team_id,
        is_reply=text.is_reply,
        day=pricelist.day_of(text.channel, text.at),
    )
    return None if stopper is None else budgets.BUDGET_REACHED


def columns(text: Text) -> dict[str, Any]:
    """The price columns of a new message."""
    found = price(text)
    return {"price": found.amount, "price_currency": found.currency} if found else {}
