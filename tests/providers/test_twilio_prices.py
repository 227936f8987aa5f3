"""Twilio's prices: asked page by page, read as positive amounts, and never believed when they are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.providers import registry
from twoway.providers.base import Account, HttpResponse, Price, PricePage, SendError
from twoway.providers.twilio_prices import of

ACCOUNT = Account(
    address="+14155550199",
    credentials={"account_sid": "AC" + "2" * 32, "auth_token": "0" * 32},
    settings={"api_base": "https://api.example.com"},
)
SINCE, UNTIL = datetime(2026, 3, 12, 8, tzinfo=UTC), datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
TWILIO = registry.get("twilio")


def asked(cursor: str = "") -> str:
    request = TWILIO.list_prices(ACCOUNT, since=SINCE, until=UNTIL, cursor=cursor)
    assert request is not None
    assert request.method == "GET"
    assert request.headers["authorization"].startswith("Basic ")
    return request.url


def page(*messages: dict[str, Any], following: str | None = None) -> PricePage:
    body = json.dumps({"messages": messages, "next_page_uri": following}).encode()
    return TWILIO.read_prices(HttpResponse(status=200, body=body))


def test_the_list_of_what_this_number_sent_is_asked_for() -> None:
    url = urlsplit(asked())
    assert (url.netloc, url.path) == ("api.example.com", f"/2010-04-01/Accounts/AC{'2' * 32}/Messages.json")
    query = dict(parse_qsl(url.query))
    assert query["From"] == "+14155550199"
    assert (query["DateSent>"], query["DateSent<"]) == ("2026-03-12T08:00:00Z", "2026-03-12T09:30:00Z")


def test_the_next_page_is_asked_of_the_same_api() -> None:
    url = asked(f"/2010-04-01/Accounts/AC{'2' * 32}/Messages.json?Page=1&PageToken=x")
    assert url == f"https://api.example.com/2010-04-01/Accounts/AC{'2' * 32}/Messages.json?Page=1&PageToken=x"


def test_an_address_of_another_kind_is_not_followed() -> None:
    cursor = "https://elsewhere.example.com/secrets"
    assert TWILIO.list_prices(ACCOUNT, since=SINCE, until=UNTIL, cursor=cursor) is None


def test_a_page_of_prices() -> None:
    found = page(
        {"sid": "SM1", "price": "-0.00830", "price_unit": "USD", "direction": "outbound-api"},
        {"sid": "SM2", "price": None, "price_unit": "USD", "direction": "outbound-reply"},
        {"sid": "SM3", "price": "-0.0083", "price_unit": "USD", "direction": "inbound"},
        {"price": "-1"},
        following="/2010-04-01/Accounts/AC/Messages.json?Page=1",
    )
    assert [(one.provider_id, one.price) for one in found.items] == [
        ("SM1", Price(amount=Decimal("0.00830"), currency="USD")),
        ("SM2", None),
    ]
    assert found.cursor.endswith("Page=1")


@pytest.mark.parametrize("body", [b"{}", b'{"messages": null}', b'{"messages": [1, "x"]}'])
def test_a_page_with_nothing_in_it(body: bytes) -> None:
    assert TWILIO.read_prices(HttpResponse(status=200, body=body)) == PricePage(items=[])


@pytest.mark.parametrize("status", [401, 429, 500])
def test_an_answer_that_is_none_is_an_error(status: int) -> None:
    with pytest.raises(SendError):
        TWILIO.read_prices(HttpResponse(status=status, body=b"{}"))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"price": "-0.01"},
        {"price": "", "price_unit": "USD"},
        {"price": "free", "price_unit": "USD"},
        {"price": "NaN", "price_unit": "USD"},
        {"price": "Infinity", "price_unit": "USD"},
        {"price": "1e30", "price_unit": "USD"},
        {"price": "-0.01", "price_unit": "dollars"},
        {"price": "-0.01", "price_unit": "ÜSD"},
    ],
)
def test_what_is_no_price_is_none(told: dict[str, str]) -> None:
    assert of(told) is None


@given(st.dictionaries(st.sampled_from(["price", "price_unit"]), st.one_of(st.none(), st.text(), st.floats())))
def test_nothing_a_provider_writes_breaks_it(told: dict[str, Any]) -> None:
    found = of(told)
    assert found is None or (found.amount >= 0 and len(found.currency) == 3)
