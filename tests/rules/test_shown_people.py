"""Aliases of anonymous people and masks of numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.contacts.rules import alias, contact_of_alias, masked, may_search, without_numbers

KEY = "installation-one"


@given(st.integers(min_value=1, max_value=10**11), st.text(min_size=1, max_size=40))
def test_an_alias_leads_back_to_its_person_with_the_key(contact_id: int, key: str) -> None:
    told = alias(contact_id, key=key)
    assert re.fullmatch(r"Guest [A-Z][a-z]+ (\d{4}|\d{7}|\d{10})", told)
    assert contact_of_alias(told, key=key) == contact_id
    assert contact_of_alias(told.removeprefix("Guest ").upper(), key=key) == contact_id


def test_aliases_differ_and_are_in_no_order() -> None:
    told = [alias(contact_id, key=KEY) for contact_id in range(1, 5001)]
    assert len(set(told)) == 5000
    assert sorted(told) != told
    assert [alias(contact_id, key="installation-two") for contact_id in range(1, 20)] != told[:19]


@pytest.mark.parametrize("text", ["", "heron", "Guest Dana 4821", "Heron 48", "4821", "Guest Heron 4821 x"])
def test_what_is_no_alias_is_nobody(text: str) -> None:
    assert contact_of_alias(text, key=KEY) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+15035550133", "(•••) •••-0133"),
        ("+447911123456", "••••• ••3456"),
        ("447911123456789", "•••••••••••6789"),
        ("US.13491208655302741918", "US.••••••••••••••••1918"),
        ("dana@example.com", "•••@example.com"),
        ("72727", "72727"),
        ("BRIGHTSIDE", "BRIGHTSIDE"),
    ],
)
def test_a_mask_keeps_the_last_four_digits(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_a_mask_looks_like_the_number_at_home() -> None:
    assert masked("+15035550133", region="US") == "(•••) •••-0133"
    assert masked("+447911123456", region="US") == "+•• •••• ••3456"


@pytest.mark.parametrize(
    "written",
    ["+15035550133", "5035550133", "(503) 555-0133", "503.555.0133", "%2B15035550133", '"5550133"', "1 503 555 0133"],
)
def test_any_notation_of_a_number_is_hidden_in_running_text(written: str) -> None:
    assert "555" not in without_numbers(f"From={written}&To=x")
    assert without_numbers(f"From={written}", shown=0).count("0133") == 0
    assert "0133" in without_numbers(f"From={written}")


def test_ids_that_carry_a_number_are_hidden_too() -> None:
    assert "HBgL" not in without_numbers('{"id": "wamid.HBgLMTUwMzU1NTAxMzM="}')
    assert without_numbers("order 4417, in 3 days") == "order 4417, in 3 days"


@pytest.mark.parametrize(
    ("words", "is_fine"),
    [("0133", True), ("50133", False), ("+1 503 555 0133", False), ("Dana", True), ("Heron 4821731", True)],
)
def test_who_sees_four_digits_searches_by_four(words: str, is_fine: bool) -> None:
    assert may_search(words, sees_numbers=False) is is_fine
    assert may_search(words, sees_numbers=True)
