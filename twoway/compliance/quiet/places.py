"""Where a person may be: the zones and the states a number, and an address, allow. Pure; the tables are JSON beside it.

A number that was ported, or a phone that moved, keeps its area code, so a number never says where somebody is, only
where they may be: every place it allows counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from twoway.sms import phone

_HERE = Path(__file__).parent
TOLD_BY_THEM = "customer"
"""Who said where somebody is, when it was themselves: their word counts alone."""


@cache
def region_zones() -> Mapping[str, tuple[str, ...]]:
    """Every IANA zone of each state and province, such as `US-FL`."""
    told = json.loads((_HERE / "region_zones.json").read_text("utf-8"))["zones"]
    return {region: tuple(zones) for region, zones in told.items()}


@cache
def region_names() -> Mapping[str, str]:
    """What each state and province is called in English."""
    told: dict[str, str] = json.loads((_HERE / "region_zones.json").read_text("utf-8"))["names"]
    return told


@cache
def _area_codes() -> Mapping[str, str]:
    told = json.loads((_HERE / "area_codes.json").read_text("utf-8"))["regions"]
    return {code: region for region, codes in told.items() for code in codes}


@lru_cache(maxsize=16384)
def zones_of_number(value: str) -> tuple[str, ...]:
    """Every zone the number may be in, sorted; empty for toll-free and other numbers that say nothing about a place."""
    return tuple(sorted(phone.time_zones(value.removeprefix("whatsapp:"))))


@lru_cache(maxsize=16384)
def region_of_number(value: str) -> str:
    """The state by its area code (`US-FL`), else the country (`GB`); "" when it says nothing, as toll-free does.

    Florida, Oklahoma and Washington presume that somebody is where their area code is.
    """
    number = value.removeprefix("whatsapp:")
    if not number.startswith("+"):
        return ""
    if number.startswith("+1"):
        region = _area_codes().get(number[2:5])
        if region is not None or not phone.time_zones(number):
            return region or ""
    return phone.country(number)


def region_name(country: str, state: str) -> str:
    """`US-FL` of US and FL, `GB` of GB and nothing."""
    return f"{country}-{state}" if country and state else country


def zones(value: str, *, known_zone: str, told_by: str, region: str) -> tuple[str, ...]:
    """Every zone that must be inside the hours, sorted.

    A zone they told us counts alone. Otherwise what is known of their address and what their number allows count
    together: a text goes only when all of them agree.
    """
    if known_zone and told_by == TOLD_BY_THEM:
        return (known_zone,)
    of_address = (known_zone,) if known_zone else region_zones().get(region, ())
    return tuple(sorted({*of_address, *zones_of_number(value)}))


def regions(value: str, *, region: str) -> tuple[str, ...]:
    """Every state or country whose law may count: by the address and by the area code; both, sorted."""
    return tuple(sorted({region, region_of_number(value)} - {""}))
