"""What kinds of numbers may do: the data is whole, dated, and read as it stands on a day."""

from __future__ import annotations

import json
from datetime import date

import pytest

from twoway.sms import number_types
from twoway.sms.number_types import FILE, KINDS, country_of, kind_of, of_address, type_of

TODAY = date(2026, 11, 21)
FACTS = {
    *("label", "registration", "blocks_unregistered", "rate", "needs_keywords", "has_media", "can_receive", "steps"),
}


@pytest.mark.parametrize(
    ("address", "kind", "country"),
    [
        ("+15035550142", "local", "US"),
        ("+18005550142", "toll_free", "US"),
        ("+14165550142", "local", "CA"),
        ("72345", "short_code", "US"),
        ("MYBRAND", "name", "US"),
        ("+353850123456", "mobile", "IE"),
    ],
)
def test_kind_and_country_of_an_address(address: str, kind: str, country: str) -> None:
    assert (kind_of(address), country_of(address, region="us")) == (kind, country)


@pytest.mark.parametrize(
    ("address", "label", "registration", "rate", "needs_keywords", "has_media"),
    [
        ("+15035550142", "10DLC", "10dlc", 1.0, True, True),
        ("+18335550142", "Toll-free", "toll_free", 3.0, True, True),
        ("72345", "Short code", "short_code", 100.0, True, True),
        ("+14165550142", "Local", "", 0.25, True, True),
        ("+353850123456", "Mobile", "", 1.0, False, False),
    ],
)
def test_the_rules_of_an_address(
    address: str, label: str, registration: str, rate: float, needs_keywords: bool, has_media: bool
) -> None:
    found = of_address(address, region="US", on=TODAY)
    assert (found.label, found.registration, found.rate) == (label, registration, rate)
    assert (found.needs_keywords, found.has_media) == (needs_keywords, has_media)
    assert found.blocks_unregistered is bool(registration)
    assert bool(found.steps) is bool(registration)


def test_a_rule_holds_from_its_day_on() -> None:
    before = type_of(kind="toll_free", country="US", on=date(2024, 1, 30))
    after = type_of(kind="toll_free", country="US", on=date(2024, 1, 31))
    assert (before.registration, after.registration) == ("", "toll_free")
    assert after.facts["registration"].since == date(2024, 1, 31)
    assert "30032" in after.facts["registration"].source


def test_names_can_not_be_answered() -> None:
    assert not of_address("MYBRAND", region="GB", on=TODAY).can_receive


def test_every_entry_of_the_data_says_who_says_so_and_nothing_unknown() -> None:
    entries = json.loads(FILE.read_text())["entries"]
    for entry in entries:
        assert entry["kind"] in {*KINDS, number_types.ANYWHERE}
        assert entry["country"] == number_types.ANYWHERE or len(entry["country"]) == 2
        assert entry["source"]
        assert set(entry["says"]) <= FACTS
        if entry["since"]:
            date.fromisoformat(entry["since"])
    assert any(set(entry["says"]) == FACTS for entry in entries), "one entry holds a default of every fact"
