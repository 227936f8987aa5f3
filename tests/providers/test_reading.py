"""Small readings of what providers send: whatever comes, a plain value and no error."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from twoway.providers import reading
from twoway.providers.base import Price

ODD: list[Any] = [None, True, [], {}, "", "x", "²", -1, 1.5, "-1", "1e9", float("nan"), b"1", "é" * 99]


@pytest.mark.parametrize("value", ODD)
def test_nothing_raises(value: Any) -> None:
    assert isinstance(reading.word(value), str)
    assert reading.count(value) in (None, 1)
    assert reading.moment(value) is None
    assert reading.price(value, "USD") is None or value in (-1, 1.5, "-1", "1e9")
    assert isinstance(reading.plus(value), str)
    assert reading.thing(value) == {}
    assert reading.things(value) == []


@pytest.mark.parametrize(
    ("value", "expected"), [("3", 3), (3, 3), (" 2 ", 2), ("0", None), (0, None), ("10000", None), (True, None)]
)
def test_a_count_is_a_number_of_parts(value: object, expected: int | None) -> None:
    assert reading.count(value) == expected


@pytest.mark.parametrize(
    "value",
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05.000+00:00"],
)
def test_a_moment_is_in_utc(value: str) -> None:
    found = reading.moment(value)
    assert found == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "99999-01-01"])
def test_a_moment_out_of_range_is_none(value: str) -> None:
    assert reading.moment(value) is None


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.0040", "USD", Price(amount=Decimal("0.0040"), currency="USD")),
        ("-0.0075", "usd", Price(amount=Decimal("0.0075"), currency="USD")),
        (0, "EUR", Price(amount=Decimal(0), currency="EUR")),
        ("Infinity", "USD", None),
        ("NaN", "USD", None),
        ("0.1", "", None),
        ("0.1", "US$", None),
        (None, "USD", None),
    ],
)
def test_a_price_is_positive_and_has_a_currency(amount: object, currency: str, expected: Price | None) -> None:
    assert reading.price(amount, currency) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", ()), ("a", ("a",)), (" a , b,", ("a", "b")), (",", ())],
)
def test_secrets_are_separated_by_commas(given: str, expected: tuple[str, ...]) -> None:
    assert reading.secrets(given) == expected
    assert reading.first(given) == (expected[0] if expected else "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("14155550101", "+14155550101"),
        (14155550101, "+14155550101"),
        ("+14155550101", "+14155550101"),
        ("32665", "32665"),
        ("PARCELS", "PARCELS"),
        ("0151234567", "0151234567"),
        ("", ""),
    ],
)
def test_a_number_gets_its_plus_and_nothing_else_does(value: object, expected: str) -> None:
    assert reading.plus(value) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Media.Example.com/1", "media.example.com"),
        ("https://media.example.com:443/1", "media.example.com"),
        ("https://media.example.com:8443/1", ""),
        ("http://media.example.com/1", ""),
        ("https://media.example.com@evil.example.com/1", "evil.example.com"),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_a_host_is_one_that_credentials_may_be_sent_to(url: str, expected: str) -> None:
    assert reading.host(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://d/s", "https://d/s?m=41"),
        ("https://d/s?a=1", "https://d/s?a=1&m=41"),
        ("https://d/s?m=7", "https://d/s?m=7"),
        ("", ""),
    ],
)
def test_a_query_parameter_is_added_once(url: str, expected: str) -> None:
    assert reading.with_query(url, "m", "41") == expected


@pytest.mark.parametrize(
    ("url", "is_below"),
    [
        ("https://d/users/1/media/x", True),
        ("https://d/users/1/media", False),
        ("https://d/users/1/mediaX", False),
        ("https://d/users/1/media/../../2/media/x", False),
    ],
)
def test_an_address_is_below_another(url: str, is_below: bool) -> None:
    assert reading.is_under(url, "https://d/users/1/media") is is_below
