"""twoway number, as an operator gives it: on the simulated carrier, and on a server that speaks Twilio's API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.fakes.numbers.twilio import Twilio
from tests.ops.test_commands_setup import Operator, operator
from tests.providers.carrier_world import running
from tests.providers.serving import serving
from twoway.channels.models import Channel, NumberRecord
from twoway.providers.simulator_carrier import Carrier

__all__ = ["operator"]

SID, TOKEN = "AC" + "1" * 32, "0123456789abcdef0123456789abcdef"
HERE = ("--workspace", "Ridgeway Carshare")


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[str]:
    """The simulated carrier on a port of its own."""
    with running(Carrier(tmp_path / "numbers.sqlite3", settings.CARRIER_KEY, prefix="/carrier", seed=1)) as base:
        yield base


@pytest.fixture
def twilio() -> Iterator[tuple[Twilio, tuple[str, ...]]]:
    """Twilio's number API, and what names the account."""
    fake = Twilio(credentials={"account_sid": SID, "auth_token": TOKEN})
    with serving(fake.answer) as server:
        pairs = (f"account_sid={SID}", f"auth_token={TOKEN}", f"api_base={server.url}")
        yield fake, tuple(word for pair in pairs for word in ("--set", pair))


def test_a_number_of_the_simulated_carrier_from_search_to_release(operator: Operator, carrier: str) -> None:
    at = ("--set", f"api_base={carrier}", *HERE)
    found = operator.json("number", "search", "simulator", "--area", "212", "--limit", "3", *at)["items"]
    assert [one["number"] for one in found] == ["+12125550100", "+12125550101", "+12125550102"]
    assert found[0]["monthly"] == {"amount": "1.00", "currency": "USD"}
    price = operator.refused("number", "buy", "simulator", "+12125550101", *at)
    assert price == "twoway: +12125550101 costs 1.00 USD a month. Add --yes to buy it."
    assert not Channel.objects.filter(address="+12125550101").exists()

    made = operator.json("number", "buy", "simulator", "+12125550101", "--yes", "--name", "Uptown", *at)
    assert (made["webhook"], made["registration"], made["warning"]) == ("ours", "not_needed", None)
    assert made["monthly"] == {"amount": "1.00", "currency": "USD"}
    assert operator.refused("number", "buy", "simulator", "+12125550101", "--yes", *at).endswith("connected already.")
    listed = operator.json("number", "list", "simulator", *at)["items"]
    assert {one["number"]: one["channel_id"] for one in listed} == {"+12125550101": made["channel_id"]}

    channel = str(made["channel_id"])
    assert "last four digits" in operator.refused("number", "release", channel, "--confirm", "9999", *HERE)
    assert operator.json("number", "release", channel, "--confirm", "0101", *HERE)["released"] is True
    assert operator.json("number", "list", "simulator", *at)["items"] == []
    assert not Channel.objects.get(id=made["channel_id"]).is_active


def test_a_landline_is_text_enabled_at_the_simulated_carrier(operator: Operator, carrier: str) -> None:
    words = ("number", "host", "simulator", "+15035550177", "--set", f"api_base={carrier}", *HERE)
    assert "Who authorized it" in operator.refused(*words)
    asked = operator.json(*words, "--answer", "signer=Ana")
    assert (asked["state"], asked["channel_id"]) == ("waiting", None)


def test_what_is_missing_of_a_registration_and_who_may_say_otherwise(
    operator: Operator, twilio: tuple[Twilio, tuple[str, ...]]
) -> None:
    fake, account = twilio
    fake.registration = "missing"
    made: dict[str, Any] = operator.json("number", "buy", "twilio", "+15035550142", "--yes", *account, *HERE)
    assert (made["registration"], made["webhook"]) == ("missing", "ours")
    channel = str(made["channel_id"])
    told = operator.json("number", "registration", channel, *HERE)
    assert told["registration_detail"] == "The number is in no 10DLC campaign."
    assert [part["name"] for part in told["registration_parts"]] == ["Brand", "Number"]
    assert len(told["steps"]) == 3
    assert operator.json("number", "registration", channel, "--waive", "yes", *HERE)["is_waived"] is True
    lines = operator.run("number", "registration", channel, *HERE).out
    assert "1. Register the business as a brand" in lines
    fake.registration = "approved"
    assert operator.json("number", "registration", channel, *HERE)["registration"] == "approved"


def test_somebody_changed_it_is_in_doctor_and_set_right_by_configure(
    operator: Operator, twilio: tuple[Twilio, tuple[str, ...]]
) -> None:
    fake, account = twilio
    made = operator.json("number", "buy", "twilio", "+15035550142", "--yes", *account, *HERE)
    fake.owned["+15035550142"] = "https://other.example.com/in"
    NumberRecord.objects.update(webhook="elsewhere", webhook_detail="Someone changed it. Texts go elsewhere.")
    found = [line for line in operator.run("doctor").out.splitlines() if "Someone changed it" in line]
    assert len(found) == 1
    assert f"twoway number configure {made['channel_id']}" in operator.run("doctor").out
    assert operator.json("number", "configure", str(made["channel_id"]), *HERE)["webhook"] == "ours"


def test_the_account_is_remembered_and_its_secrets_are_not_shown(
    operator: Operator, twilio: tuple[Twilio, tuple[str, ...]]
) -> None:
    _, account = twilio
    assert operator.refused("number", "search", "twilio", *HERE).startswith("twoway: Give the account's credentials")
    operator.json("number", "search", "twilio", *account, *HERE)
    again = operator.run("number", "search", "twilio", "--json", *HERE)
    assert again.status == 0
    assert TOKEN not in again.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("search", "pigeon"), "There is no provider"),
        (("search", "simulator", "--area", "abc"), "Write digits only."),
        (("registration", "999999"), "There is no such number of ours."),
    ],
)
def test_what_can_not_be_is_refused_in_one_line(operator: Operator, words: tuple[str, ...], why: str) -> None:
    assert why in operator.refused("number", *words, *HERE)
