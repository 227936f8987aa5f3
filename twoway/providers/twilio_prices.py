"""Twilio's prices: GET Messages.json with From and DateSent, newest first, page by page.

Source: twilio.com/docs/messaging/api/message-resource. `price` is a negative decimal in `price_unit`; it is null until
Twilio has set it, some time after the text left, and stays null for a text that failed. It covers all segments; carrier
fees are billed apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from twoway.providers.base import Price, Priced, PricePage

PAGE = 500
MOST = Decimal(1_000_000)
_CURRENCY = re.compile("[A-Z]{3}")


def path(sender: str, *, since: datetime, until: datetime, cursor: str) -> str:
    """What to ask for below the account's address; `cursor` is Twilio's address of the next page."""
    if cursor:
        return cursor[cursor.index("/Messages.json") :] if "/Messages.json" in cursor else ""
    query = {"From": sender, "DateSent>": _moment(since), "DateSent<": _moment(until), "PageSize": str(PAGE)}
    return "/Messages.json?" + urlencode(query)


def read(told: Mapping[str, Any]) -> PricePage:
    """The outbound texts of one page."""
    messages = told.get("messages")
    found: Sequence[Any] = messages if isinstance(messages, list) else []
    items = [
        Priced(provider_id=str(one["sid"]), price=of(one))
        for one in found
        if isinstance(one, dict) and one.get("sid") and not str(one.get("direction") or "").startswith("inbound")
    ]
    return PricePage(items=items, cursor=str(told.get("next_page_uri") or ""))


def of(message: Mapping[str, Any]) -> Price | None:
    """The price in a Message resource, or None when it has none yet."""
    currency = str(message.get("price_unit") or "").strip().upper()
    try:
        amount = abs(Decimal(str(message.get("price"))))
    except InvalidOperation:
        return None
    if (
        not amount.is_finite()
        or amount > MOST
        or len(currency) != 3
        or not currency.isascii()
        or not currency.isalpha()
    ):
        return None
    return Price(amount=amount, currency=currency)


def _moment(at: datetime) -> str:
    """Twilio takes UTC without an offset."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
