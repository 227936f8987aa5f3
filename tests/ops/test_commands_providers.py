"""`twoway channel add` for Telnyx, Bandwidth, Bird's three generations and a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.ops.test_commands_setup import Operator, operator
from tests.providers.recorded_cases import ACCOUNTS
from twoway.channels.models import Channel
from twoway.channels.queries import account

__all__ = ["Path", "Settings", "operator"]

SLUGS = ("android", "bandwidth", "bird", "bird_channels", "messagebird", "telnyx")


def words(slug: str) -> list[str]:
    given = ACCOUNTS[slug].credentials
    return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]


@pytest.mark.parametrize("slug", SLUGS)
def test_it_is_connected_and_says_what_to_enter_at_the_provider(operator: Operator, slug: str) -> None:
    made = operator.json("channel", "add", slug, "--address", "+14155550199", *words(slug))
    channel = Channel.objects.get(id=made["channel_id"])
    assert dict(account(channel).credentials) == dict(ACCOUNTS[slug].credentials)
    assert made["inbound_url"].endswith(f"/hooks/{slug}/{channel.hook}/inbound")
    assert made["status_url"].endswith(f"/hooks/{slug}/{channel.hook}/status")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_field_that_is_missing_is_named(operator: Operator, slug: str) -> None:
    assert "Enter the" in operator.refused("channel", "add", slug, "--address", "+14155550199")


def test_a_phone_in_the_shops_network_is_named_by_the_command(operator: Operator) -> None:
    local = ("--set", "api_base=http://192.168.1.50:8080", "--set", "rate=0.5")
    made = operator.json("channel", "add", "android", "--address", "+14155550199", *words("android"), *local)
    channel = Channel.objects.get(id=made["channel_id"])
    assert (account(channel).api_base, channel.rate) == ("http://192.168.1.50:8080", 0.5)
