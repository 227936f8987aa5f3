"""A reply-only number answers an open request and begins nothing (CTIA Messaging Principles 5.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from twoway.compliance.modes.rules import ModeFacts, ended, expires_at, hours_words, verdict
from twoway.compliance.purposes.rules import GIVEN

NOW = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def ago(**how: float) -> str:
    return (NOW - timedelta(**how)).isoformat()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"asked_at": ago(hours=1)}, ""),
        ({"asked_at": ago(hours=71, minutes=59)}, ""),
        ({"asked_at": ago(hours=72)}, "expired"),
        ({"asked_at": ago(hours=2), "request_hours": 1}, "expired"),
        ({"asked_at": ago(hours=100), "request_hours": 168}, ""),
        ({}, "never"),
        ({"asked_at": ago(hours=1), "done_at": ago(minutes=20)}, "done"),
        ({"asked_at": ago(hours=1), "done_at": ago(minutes=5)}, ""),
        ({"asked_at": ago(hours=1), "done_at": ago(minutes=20), "ends_when_done": False}, ""),
        ({"asked_at": ago(hours=1), "done_at": ago(hours=2)}, ""),
        ({"asked_at": ago(hours=1), "stopped_at": ago(hours=1)}, "stopped"),
        ({"asked_at": ago(hours=2), "stopped_at": ago(hours=1)}, "stopped"),
        ({"asked_at": ago(hours=1), "stopped_at": ago(hours=2)}, ""),
    ],
)
def test_a_request_is_open_until_something_ends_it(facts: dict[str, object], why: str) -> None:
    found = ModeFacts(is_reply_only=True, **facts)  # type: ignore[arg-type]
    assert ended(found, at=NOW) == why
    answer = verdict(found, rule=GIVEN["reply"], at=NOW)
    assert (answer.kind, answer.code) == (("deny", "no_open_request") if why else ("allow", ""))


@pytest.mark.parametrize("purpose", sorted(GIVEN))
def test_no_purpose_passes_without_a_request(purpose: str) -> None:
    assert verdict(ModeFacts(is_reply_only=True), rule=GIVEN[purpose], at=NOW).kind == "deny"
    assert verdict(ModeFacts(), rule=GIVEN[purpose], at=NOW).kind == "allow"


def test_the_sentence_says_how_long_a_request_lasts() -> None:
    old = ModeFacts(is_reply_only=True, asked_at=ago(days=9), request_hours=168)
    words = verdict(old, rule=GIVEN["reply"], at=NOW).for_agent
    assert words == (
        "This number only answers, and they last texted it more than 7 days ago. "
        "They can open a new request by texting it."
    )
    assert expires_at(old) == NOW - timedelta(days=2)
    assert [hours_words(hours) for hours in (1, 72, 96)] == ["1 hour", "72 hours", "4 days"]
