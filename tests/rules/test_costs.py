"""What a text costs, in words, and whether a budget lets it leave: tables and properties."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.messaging.cost import listed, rules
from twoway.messaging.cost.rules import Asking, Billed, BudgetState, Rate
from twoway.providers.base import Price

DAY = date(2026, 3, 12)
MONEY = json.loads((Path(__file__).parents[1] / "vectors" / "money.json").read_text())


def usd(amount: str) -> Price:
    return Price(amount=Decimal(amount), currency="USD")


def rate(amount: str, **fields: Any) -> Rate:
    told: dict[str, Any] = {"direction": "out", "kind": "sms", "per": "segment", "currency": "USD"}
    return Rate(amount=Decimal(amount), **{**told, "since": date(2025, 1, 1), **fields})


def billed(**fields: Any) -> Billed:
    told: dict[str, Any] = {"provider": "twilio", "direction": "out", "kind": "sms", "country": "US"}
    return Billed(**{**told, "sender": "long_code", "segments": 1, "on": DAY, **fields})


def budget(spent: str, **fields: Any) -> BudgetState:
    told: dict[str, Any] = {"id": 1, "period": "day", "amount": Decimal(10), "currency": "USD", "stops": True}
    return BudgetState(spent=Decimal(spent), **{**told, **fields})


# Prices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "asked", "price"),
    [
        ([], billed(), None),
        ([rate("0.01")], billed(segments=3), "0.03"),
        ([rate("0.02", per="message")], billed(segments=3), "0.02"),
        ([rate("0.01", country="CA")], billed(), None),
        ([rate("0.01", kind="mms")], billed(), None),
        ([rate("0.01", direction="in")], billed(), None),
        ([rate("0.01", provider="plivo")], billed(), None),
        ([rate("0.05"), rate("0.01", country="US")], billed(), "0.01"),
        ([rate("0.01", country="US"), rate("0.02", country="US", sender="toll_free")], billed(), "0.01"),
        (
            [rate("0.01", country="US"), rate("0.02", country="US", sender="toll_free")],
            billed(sender="toll_free"),
            "0.02",
        ),
        ([rate("0.01"), rate("0.02", since=date(2026, 3, 12))], billed(), "0.02"),
        ([rate("0.01"), rate("0.02", since=date(2026, 3, 13))], billed(), "0.01"),
        ([rate("0.01", since=date(2026, 3, 13))], billed(), None),
        ([rate("0.01", country="US", sender="long_code"), rate("0.5", level=rules.OWN)], billed(), "0.5"),
        ([rate("0.5", level=rules.OWN, country="US"), rate("0.7", level=rules.OWN_OF_NUMBER)], billed(), "0.7"),
        ([rate("0")], billed(), "0"),
    ],
)
def test_the_line_that_prices_a_text(lines: list[Rate], asked: Billed, price: str | None) -> None:
    assert rules.price_of(lines, asked) == (None if price is None else usd(price))
    assert rules.price_of(lines[::-1], asked) == rules.price_of(lines, asked)


@given(segments=st.integers(1, 255), amount=st.decimals(0, 10, places=6))
def test_segments_multiply_exactly(segments: int, amount: Decimal) -> None:
    line = rate("0", per="segment")
    line = Rate(**{name: getattr(line, name) for name in line.__dataclass_fields__} | {"amount": amount})
    assert rules.cost(line, segments).amount == amount * segments


def test_every_listed_line_is_dated_and_has_a_source() -> None:
    for line in listed.rates():
        assert line.source
        assert line.amount > 0
        assert line.provider
        assert line.direction in rules.DIRECTIONS
        assert line.kind in rules.KINDS
        assert line.per == ("segment" if line.kind == "sms" else "message")
        assert line.since < date(2026, 12, 31)
    assert {line.provider for line in listed.rates()} >= {"twilio", "simulator"}


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("+15035550142", "long_code"),
        ("+18005550142", "toll_free"),
        ("whatsapp:+15035550142", "long_code"),
        ("28849", "short_code"),
        ("RIDGEWAY", "name"),
    ],
)
def test_the_kind_of_our_number(address: str, sender: str) -> None:
    assert rules.sender_of(address) == sender


@pytest.mark.parametrize(
    ("kind", "media", "billed_as"),
    [("sms", 0, "sms"), ("sms", 2, "mms"), ("whatsapp", 0, "whatsapp"), ("whatsapp", 1, "whatsapp")],
)
def test_what_a_text_is_billed_as(kind: str, media: int, billed_as: str) -> None:
    assert rules.kind_of(channel_kind=kind, media=media) == billed_as


# Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", MONEY, ids=lambda vector: str(vector["words"]))
def test_money_reads_as_in_the_browser(vector: dict[str, str]) -> None:
    price = Price(amount=Decimal(vector["amount"]), currency=vector["currency"])
    assert rules.words(price) == vector["words"]


def test_less_than_nothing_says_so() -> None:
    assert rules.words(usd("-0.5")) == "-$0.50"


@given(amount=st.decimals(0, 10_000_000, places=6))
def test_words_are_never_off_by_more_than_they_leave_out(amount: Decimal) -> None:
    said = Decimal(rules.words(Price(amount=amount, currency="USD")).removeprefix("$").replace(",", ""))
    assert abs(said - amount) <= (Decimal("0.00005") if amount < 1 else Decimal("0.005"))


def test_currencies_are_never_added() -> None:
    found = rules.total([usd("1.5"), Price(amount=Decimal(2), currency="EUR"), usd("0.5"), usd("0.25")])
    assert found == (usd("2.25"), Price(amount=Decimal(2), currency="EUR"))


# Budgets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "asking", "stops"),
    [
        (budget("9.99"), Asking(price=usd("0.01")), False),
        (budget("9.99"), Asking(price=usd("0.02")), True),
        (budget("10"), Asking(price=usd("0")), False),
        (budget("10"), Asking(price=None), True),
        (budget("9.99"), Asking(price=None), False),
        (budget("10"), Asking(price=Price(amount=Decimal(1), currency="EUR")), False),
        (budget("10", stops=False), Asking(price=usd("1")), False),
        (budget("10"), Asking(price=usd("1"), is_reply=True), False),
        (budget("10", replies_always=False), Asking(price=usd("1"), is_reply=True), True),
        (budget("10", replies_always=False), Asking(price=usd("1"), is_notice=True), False),
        (budget("10", team_id=2), Asking(price=usd("1"), team_id=3), False),
        (budget("10", team_id=2), Asking(price=usd("1"), team_id=2), True),
        (budget("10", channel_id=2), Asking(price=usd("1"), channel_id=3), False),
        (budget("10", channel_id=2), Asking(price=usd("1"), channel_id=2), True),
    ],
)
def test_whether_a_budget_stops_a_text(state: BudgetState, asking: Asking, stops: bool) -> None:
    assert (rules.stopped_by([state], asking) is state) is stops


@pytest.mark.parametrize(
    ("spent", "share", "level"),
    [
        ("7.99", 80, ""),
        ("8", 80, "warn"),
        ("9.999999", 80, "warn"),
        ("9.999999", 0, ""),
        ("10", 80, "reached"),
        ("10", 0, "reached"),
    ],
)
def test_levels(spent: str, share: int, level: str) -> None:
    assert budget(spent, warn_share=share).level == level


def test_what_is_admitted_is_spent_for_those_after_it() -> None:
    state = budget("9")
    verdicts = rules.admitted([state], [Asking(price=usd("0.6")), Asking(price=usd("0.6")), Asking(price=usd("0.4"))])
    assert [verdict is None for verdict in verdicts] == [True, False, True]


@given(
    spent=st.decimals(0, 20, places=2),
    prices=st.lists(st.one_of(st.none(), st.decimals(0, 5, places=4)), max_size=30),
    replies=st.lists(st.booleans(), min_size=30, max_size=30),
    always=st.booleans(),
)
def test_a_stopping_budget_is_never_overspent(
    spent: Decimal, prices: list[Decimal | None], replies: list[bool], always: bool
) -> None:
    state = budget(str(spent), replies_always=always)
    askings = [
        Asking(price=None if amount is None else Price(amount=amount, currency="USD"), is_reply=reply)
        for amount, reply in zip(prices, replies, strict=False)
    ]
    verdicts = rules.admitted([state], askings)
    held_to_it = sum(
        (
            asking.price.amount
            for asking, verdict in zip(askings, verdicts, strict=True)
            if verdict is None and asking.price and not (always and asking.is_reply)
        ),
        Decimal(),
    )
    assert spent >= 10 or spent + held_to_it <= 10
    assert spent < 10 or held_to_it == 0


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [("day", DAY, DAY), ("month", date(2026, 3, 1), date(2026, 3, 31))],
)
def test_periods(period: str, start: date, end: date) -> None:
    assert (rules.period_start(period, DAY), rules.period_end(period, DAY)) == (start, end)


def test_months_end_where_they_end() -> None:
    ends = [rules.period_end("month", date(2028, month, 5)).day for month in range(1, 13)]
    assert ends == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
