"""Numbers the simulated carrier sells: all of the block set aside for fiction (555-0100 to 555-0199), free of charge.

It also text-enables any number within moments, so that both can be tried without a phone company.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import phonenumbers

from twoway.providers.simulator_carrier.store import CarrierStore

AREAS = ("503", "212", "312", "415", "512", "617", "702", "808", "919")
TOLL_FREE_AREAS = ("800", "833", "844", "855", "866", "877", "888")
MONTHLY = {"local": "1.00", "toll_free": "2.00"}
CURRENCY = "USD"
MOST = 50
HOSTING_TAKES = timedelta(seconds=2)


def available(store: CarrierStore, query: dict[str, str]) -> list[dict[str, Any]]:
    """What can be bought: `country` (US only), `kind`, `area`, `contains`, `limit`."""
    kind = query.get("kind", "local")
    if query.get("country", "US") != "US" or kind not in MONTHLY:
        return []
    limit = int(query["limit"]) if query.get("limit", "").isdigit() else 20
    taken = set(store.numbers())
    found = (one for one in _candidates(kind, query.get("area", "")) if query.get("contains", "") in one)
    free = (one for one in found if one not in taken)
    return [_shown(number, kind) for number, _ in zip(free, range(min(limit, MOST)), strict=False)]


def is_sold(number: str) -> bool:
    """Whether the carrier sells this number at all."""
    return len(number) == 12 and number[:2] == "+1" and number[2:].isdigit() and number[5:10] == "55501"


def hosting(asked_at: datetime, at: datetime) -> str:
    """How a text-enabling order stands at a time."""
    return "done" if at - asked_at >= HOSTING_TAKES else "working"


def kind_of(number: str) -> str:
    """What kind a number of the US is."""
    return "toll_free" if number[2:5] in TOLL_FREE_AREAS else "local"


def _candidates(kind: str, area: str) -> Iterator[str]:
    """Numbers in an area code, or in several; they alternate, so that a short list shows each."""
    some = TOLL_FREE_AREAS if kind == "toll_free" else AREAS
    is_area = len(area) == 3 and area.isdigit() and (area in TOLL_FREE_AREAS) == (kind == "toll_free")
    if area and not is_area:
        return
    areas = (area,) if area else some
    for line in range(100, 200):
        yield from (f"+1{one}5550{line}" for one in areas)


def _shown(number: str, kind: str) -> dict[str, Any]:
    return {
        "number": number,
        "kind": kind,
        "place": "" if kind == "toll_free" else _place(number),
        "abilities": ["sms", "mms"],
        "monthly": {"amount": MONTHLY[kind], "currency": CURRENCY},
    }


def _place(number: str) -> str:
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return f"Area code {number[2:5]}" if region == "US" else ""
