"""What kinds of numbers may do, country by country: read from `number_types.json`, where each fact has its date.

Carriers change these rules several times a year, so they are data: an installation can be brought up to date by a new
file without a change of the program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers

from twoway.lib.words import noted
from twoway.sms import phone

FILE = Path(__file__).with_name("number_types.json")
KINDS = ("local", "mobile", "national", "toll_free", "short_code", "name")
ANYWHERE = "*"
_TOLL_FREE = phonenumbers.PhoneNumberType.TOLL_FREE
_KINDS = {
    phonenumbers.PhoneNumberType.TOLL_FREE: "toll_free",
    phonenumbers.PhoneNumberType.MOBILE: "mobile",
    phonenumbers.PhoneNumberType.SHARED_COST: "national",
    phonenumbers.PhoneNumberType.UAN: "national",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One rule: its value, since when it holds (None: longer than anybody remembers), and who says so."""

    value: Any
    since: date | None
    source: str


IN_THE_FILE = (
    noted("Number"),
    noted("Local"),
    noted("Mobile"),
    noted("National"),
    noted("Toll-free"),
    noted("Short code"),
    noted("Name"),
    noted("10DLC"),
    noted("Register the business as a brand: legal name, tax number (EIN), address, website, contact."),
    noted(
        "Register a campaign: what you text about, how people opt in, sample texts with the business's name and STOP."
    ),
    noted("Put this number into the campaign."),
    noted(
        "Have the number verified: business details, website, what you text about and how much, "
        "pictures that show how people opt in, a sample text."
    ),
    noted("Wait for the review; it usually takes some days."),
    noted(
        "Lease the code and have its program approved by the carriers: purpose, opt-in, sample texts, "
        "answers to HELP and STOP."
    ),
    noted("Wait until each carrier has provisioned it; it usually takes 6 to 10 weeks."),
    noted("Register the business, its sender names and its templates with an operator's DLT platform."),
)
"""The labels and steps of `FILE`, named here so that catalogues have them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberType:
    """What numbers of one kind in one country may do, as it stands on a day.

    `registration` is "" when none is needed, else its kind: 10dlc, toll_free or short_code. `blocks_unregistered` says
    whether carriers refuse texts until then. `rate` is a careful default in segments a second before a provider says
    more. `needs_keywords`: STOP and HELP must be answered. `has_media`: pictures can be sent. `can_receive`: people
    can answer.
    """

    kind: str
    country: str
    label: str
    registration: str
    blocks_unregistered: bool
    rate: float
    needs_keywords: bool
    has_media: bool
    can_receive: bool
    steps: Sequence[str]
    facts: Mapping[str, Fact]


def kind_of(address: str) -> str:
    """The kind of one of our own addresses. In the US and Canada, mobile can't be told from local: it is local."""
    if not address.startswith("+"):
        return "short_code" if address.isdigit() else "name"
    try:
        return _KINDS.get(phonenumbers.number_type(phonenumbers.parse(address)), "local")
    except phonenumbers.NumberParseException:
        return "local"


def country_of(address: str, *, region: str) -> str:
    """The two-letter country of an address of ours; a short code or a name is of the workspace's `region`."""
    if not address.startswith("+"):
        return region.upper()
    if phone.is_toll_free_us(address):
        return "US"
    try:
        parsed = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return ""
    found = phonenumbers.region_code_for_number(parsed)
    return found or ("US" if parsed.country_code == 1 else "")


def type_of(*, kind: str, country: str, on: date) -> NumberType:
    """The rules for numbers of this kind in this country, as they stand `on` a day."""
    facts: dict[str, Fact] = {}
    for entry in _entries():
        if entry["kind"] not in {kind, ANYWHERE} or entry["country"] not in {country, ANYWHERE}:
            continue
        since = date.fromisoformat(entry["since"]) if entry.get("since") else None
        if since is not None and since > on:
            continue
        for name, value in entry["says"].items():
            facts[name] = Fact(value=value, since=since, source=entry["source"])
    return NumberType(
        kind=kind,
        country=country,
        label=facts["label"].value,
        registration=facts["registration"].value,
        blocks_unregistered=facts["blocks_unregistered"].value,
        rate=facts["rate"].value,
        needs_keywords=facts["needs_keywords"].value,
        has_media=facts["has_media"].value,
        can_receive=facts["can_receive"].value,
        steps=tuple(facts["steps"].value),
        facts=facts,
    )


def of_address(address: str, *, region: str, on: date) -> NumberType:
    """The rules for one of our own addresses."""
    return type_of(kind=kind_of(address), country=country_of(address, region=region), on=on)


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    """The file's entries, the more special and the later ones last, so that they win."""
    entries = json.loads(FILE.read_text())["entries"]
    return tuple(
        sorted(
            entries,
            key=lambda one: (one["kind"] != ANYWHERE, one["country"] != ANYWHERE, one.get("since") or ""),
        )
    )
