"""Decisions about numbers of ours: which registration, when to ask, and whether somebody changed where texts go."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from twoway.channels.numbers import rules
from twoway.providers.numbers import Owned

OURS = ["https://desk.example.com/hooks/twilio/abc/inbound", "https://desk.example.com/hooks/twilio/def/inbound"]
NOW = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def owned(inbound: str, **changes: str) -> Owned:
    return Owned(number="+15035550142", id="PN1", inbound=inbound, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("provider", "kind", "address", "needed"),
    [
        ("twilio", "sms", "+15035550142", "10dlc"),
        ("twilio", "sms", "+18335550142", "toll_free"),
        ("twilio", "sms", "72345", "short_code"),
        ("twilio", "sms", "+14165550142", ""),
        ("twilio", "whatsapp", "+15035550142", ""),
        ("simulator", "sms", "+15035550142", ""),
    ],
)
def test_which_registration_a_number_needs(provider: str, kind: str, address: str, needed: str) -> None:
    found = rules.needed_registration(provider=provider, kind=kind, address=address, region="US", on=date(2026, 3, 10))
    assert found == needed


@pytest.mark.parametrize(
    ("registration", "ago", "due"),
    [
        ("unknown", None, True),
        ("pending", timedelta(minutes=30), True),
        ("pending", timedelta(minutes=10), False),
        ("approved", timedelta(hours=2), False),
        ("approved", timedelta(days=1), True),
    ],
)
def test_when_a_registration_is_asked_for_again(registration: str, ago: timedelta | None, due: bool) -> None:
    asked_at = None if ago is None else NOW - ago
    assert rules.is_due(registration=registration, asked_at=asked_at, at=NOW) is due


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        (None, "gone", "isn't in the account any more"),
        (owned(""), "nowhere", "go nowhere"),
        (owned("", via="a TwiML App"), "nowhere", "a TwiML App, which has no address of ours"),
        (owned(OURS[0]), "ours", "come here"),
        (owned(OURS[0] + "#rc=3&rp=5xx"), "ours", "come here"),
        (owned(OURS[1]), "ours", "come here"),
        (owned(OURS[0], inbound_method="GET"), "elsewhere", "by GET"),
        (owned("https://other.example.com/in?token=secret"), "elsewhere", "https://other.example.com/in."),
        (owned("https://other.example.com/in", via="the profile Shop"), "elsewhere", "the profile Shop"),
    ],
)
def test_where_texts_go(found: Owned | None, state: str, words: str) -> None:
    seen = rules.pointing(found, ours=OURS, credentials={})
    assert seen.state == state
    assert words in seen.detail
    assert "secret" not in seen.detail + seen.url


def test_somebody_changed_it_is_said_only_when_it_was_right_once() -> None:
    elsewhere = owned("https://other.example.com/in")
    first = rules.pointing(elsewhere, ours=OURS, credentials={}, was_ours=False)
    later = rules.pointing(elsewhere, ours=OURS, credentials={}, was_ours=True)
    assert later.detail == f"Someone changed it. {first.detail}"


@pytest.mark.parametrize(
    ("query", "state"), [("?key=made-up-secret", "ours"), ("", "elsewhere"), ("?key=x", "elsewhere")]
)
def test_an_address_without_its_secret_is_not_ours(query: str, state: str) -> None:
    seen = rules.pointing(owned(OURS[0] + query), ours=OURS, credentials={"url_secret": "made-up-secret"})
    assert seen.state == state
    assert "made-up" not in seen.detail
