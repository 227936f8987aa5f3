"""`twoway prices`, as an operator gives it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.ops.test_commands_setup import Operator, operator
from twoway.messaging.models import OwnPrice

__all__ = ["Path", "Settings", "operator"]


def number(operator: Operator) -> int:
    made = operator.json("channel", "add", "simulator", "--address", "+15035550142")
    return int(made["channel_id"])


def test_the_list_names_the_providers_in_use(operator: Operator) -> None:
    assert operator.json("prices", "list") == {"listed": [], "own": []}
    number(operator)
    found = operator.json("prices", "list")
    assert {line["provider"] for line in found["listed"]} == {"simulator"}
    assert all(line["source"] and line["since"] for line in found["listed"])
    assert "list: out sms simulator: 0.0083 USD a segment since" in operator.run("prices", "list").out


def test_an_own_price_is_set_replaced_and_forgotten(operator: Operator) -> None:
    channel = number(operator)
    words = ("prices", "set", "0.0051", "usd", "--country", "us", "--channel", str(channel), "--since", "2026-03-01")
    made = operator.json(*words)
    assert made == {
        "id": made["id"],
        "channel_id": channel,
        "provider": "",
        "direction": "out",
        "kind": "sms",
        "country": "US",
        "sender": "",
        "per": "segment",
        "amount": "0.0051",
        "currency": "USD",
        "since": "2026-03-01",
    }
    assert operator.json(*(word.replace("0.0051", "0.005") for word in words))["id"] == made["id"]
    (own,) = operator.json("prices", "list")["own"]
    assert own["amount"] == "0.005"
    assert operator.run("prices", "forget", str(made["id"])).out == f"Price {made['id']} is forgotten.\n"
    assert not OwnPrice.objects.exists()


def test_mms_is_per_message_unless_told(operator: Operator) -> None:
    made = operator.json("prices", "set", "0.02", "USD", "--kind", "mms")
    assert made["per"] == "message"
    assert date.fromisoformat(made["since"]) >= date(2026, 1, 1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("0.01", "dollars"), "Write the currency in three letters, such as USD."),
        (("0.01", "USD", "--country", "USA"), "Write the country in two letters, such as US, or leave it empty."),
        (("1001", "USD"), "Write a price from 0 to 1000, such as 0.0075."),
        (("0.01", "USD", "--channel", "999"), "There is no such number of ours."),
    ],
)
def test_what_can_not_be_is_one_clear_line(operator: Operator, words: tuple[str, ...], why: str) -> None:
    assert operator.refused("prices", "set", *words) == f"twoway: {why}"


def test_an_amount_that_is_none_is_wrong_usage(operator: Operator) -> None:
    line = operator.refused("prices", "set", "cheap", "USD", status=2)
    assert "'cheap' is not an amount" in line


def test_a_price_that_is_not_there_is_not_forgotten(operator: Operator) -> None:
    assert operator.refused("prices", "forget", "7") == "twoway: There is no such price."
