"""How the tests of money read and set it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from tests.conftest import Player
from twoway.channels.models import Channel
from twoway.messaging.cost import actions
from twoway.messaging.cost.actions import BudgetTerms
from twoway.messaging.models import Message, Spend
from twoway.providers.base import Price


def usd(amount: str) -> tuple[Price, ...]:
    return (Price(amount=Decimal(amount), currency="USD"),)


def spent(channel: Channel, *, direction: str = "out", currency: str = "USD") -> tuple[Decimal | None, int | None]:
    rows = Spend.objects.filter(channel=channel, direction=direction, currency=currency)
    found = rows.aggregate(amount=Sum("amount"), texts=Sum("texts"))
    return found["amount"], found["texts"]


def priced(message: Message) -> tuple[Decimal | None, str, bool]:
    message.refresh_from_db()
    return message.price, message.price_currency, message.price_is_reported


def budget(by: Player, amount: str, **fields: Any) -> None:
    terms = BudgetTerms(amount=Decimal(amount), currency="USD", **fields)
    actions.add_budget(by=by.actor, terms=terms, at=datetime.now(UTC))
