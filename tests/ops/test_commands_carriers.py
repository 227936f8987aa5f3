"""`twoway channel add` and `check` for Plivo, Vonage and Sinch, as their pages say."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.fakes.http_server import Answer, Request
from tests.ops.test_commands_setup import Operator, operator
from tests.providers.cases.vonage import PEM
from tests.providers.recorded_cases import ACCOUNTS
from tests.providers.serving import Server, serving
from twoway.channels import queries
from twoway.channels.models import Channel

__all__ = ["operator"]

SLUGS = ("plivo", "sinch", "vonage", "vonage_sms")
FOUND = {
    "plivo": {"objects": []},
    "sinch": {"count": 0, "inbounds": []},
    "vonage": {"capabilities": {"messages": {"webhooks": {"inbound_url": {"address": "https://old.example.com/"}}}}},
    "vonage_sms": {"numbers": [{"msisdn": "14155550199", "features": ["SMS"]}]},
}


@pytest.fixture
def api() -> Iterator[Server]:
    def answer(request: Request) -> Answer:
        slug = next(slug for slug in SLUGS if f"/{slug}/" in request.path)
        return Answer(200, json.dumps(FOUND[slug]).encode())

    with serving(answer) as server:
        yield server


def add(operator: Operator, slug: str, *more: str, stdin: str = "", **changes: str) -> int:
    told = {**ACCOUNTS[slug].credentials, **changes}
    pairs = [word for key, value in told.items() for word in ("--set", f"{key}={value}")]
    words = ("channel", "add", slug, "--address", "+14155550199", *pairs, *more)
    return int(operator.json(*words, stdin=stdin)["channel_id"])


@pytest.mark.parametrize(("slug", "ok", "words"), [
    ("plivo", False, "?key=YOUR_URL_SECRET"),
    ("sinch", True, "?key=YOUR_URL_SECRET"),
    ("vonage", False, "Set it to https://desk.example.com/hooks/vonage/"),
    ("vonage_sms", True, "the account's default is used"),
])  # fmt: skip
def test_a_number_is_added_and_checked(
    operator: Operator, settings: Settings, api: Server, slug: str, ok: bool, words: str
) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    made = add(operator, slug, "--set", f"api_base={api.url}/{slug}")
    done = operator.run("channel", "check", str(made), "--json")
    found = json.loads(done.out)
    assert (found["ok"], done.status == 0) == (ok, ok)
    assert words in found["detail"]
    for key, value in ACCOUNTS[slug].credentials.items():
        assert key == "api_key" or value not in done.out + done.err


@pytest.mark.parametrize("slug", ["plivo", "sinch", "vonage_sms"])
def test_the_address_to_paste_has_a_place_for_the_secret(operator: Operator, slug: str) -> None:
    told = ACCOUNTS[slug].credentials
    pairs = [word for key, value in told.items() for word in ("--set", f"{key}={value}")]
    done = operator.run("channel", "add", slug, "--address", "+14155550199", *pairs)
    assert "/inbound?key=YOUR_URL_SECRET" in done.out
    assert told["url_secret"] not in done.out


def test_a_private_key_is_read_whole_from_standard_input(operator: Operator) -> None:
    made = add(operator, "vonage", stdin=PEM, private_key="-")
    kept = queries.account(Channel.objects.get(id=made)).credentials
    assert kept["private_key"] == PEM.replace("\n", "")


def test_what_follows_a_key_file_is_the_next_value(operator: Operator) -> None:
    made = add(operator, "vonage", stdin=f"{PEM}the-next-secret\n", private_key="-", signature_secret="-")
    kept = queries.account(Channel.objects.get(id=made)).credentials
    assert (kept["private_key"], kept["signature_secret"]) == (PEM.replace("\n", ""), "the-next-secret")
