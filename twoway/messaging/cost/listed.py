"""The providers' list prices that come with Twoway: `prices.json`, read once. Each line has a date and a source."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from twoway.messaging.cost.rules import Rate


@cache
def rates() -> tuple[Rate, ...]:
    """Every line of the file."""
    told = json.loads(files("twoway.messaging.cost").joinpath("prices.json").read_text("utf-8"))
    return tuple(_rate(line) for line in told["rates"])


@cache
def of(provider: str) -> tuple[Rate, ...]:
    """The lines of one provider."""
    return tuple(rate for rate in rates() if rate.provider == provider)


def _rate(line: dict[str, Any]) -> Rate:
    return Rate(
        provider=line["provider"],
        direction=line["direction"],
        kind=line["kind"],
        country=line.get("country", ""),
        sender=line.get("sender", ""),
        per=line["per"],
        amount=Decimal(line["amount"]),
        currency=line["currency"],
        since=date.fromisoformat(line["since"]),
        source=line["source"],
    )
