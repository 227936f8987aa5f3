"""What consent carries which text: a table for every level, with age, expiry and withdrawal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cast import NOW
from twoway.compliance.consent.rules import (
    CONVERSATION,
    ConsentFacts,
    Link,
    address_hash,
    chained,
    link_hash,
    minimised,
    verdict,
)
from twoway.compliance.purposes.rules import GIVEN, PurposeRule

DAY = timedelta(days=1)
ANSWER = PurposeRule(slug="follow_up", label="Follow-up", level="implied")


def before(gap: timedelta) -> str:
    return (NOW - gap).isoformat()


def asked(rule: PurposeRule, **facts: Any) -> str:
    return verdict(ConsentFacts(**facts), rule=rule, at=NOW).code


@pytest.mark.parametrize(
    ("purpose", "level", "code"),
    [
        ("emergency", "", ""),
        ("service", "", "no_consent"),
        ("service", "implied", "no_consent"),
        ("service", "express", ""),
        ("service", "written", ""),
        ("reminder", "express", ""),
        ("promotion", "implied", "no_consent"),
        ("promotion", "express", "no_consent"),
        ("promotion", "written", ""),
    ],
)
def test_a_purpose_takes_its_level_or_a_higher_one(purpose: str, level: str, code: str) -> None:
    assert asked(GIVEN[purpose], level=level, given_at=before(DAY)) == code


def test_consent_runs_out_at_its_end_and_with_its_age() -> None:
    promotion = GIVEN["promotion"]
    assert promotion.max_age_days is not None
    old = timedelta(days=promotion.max_age_days)
    assert asked(promotion, level="written", given_at=before(old - DAY)) == ""
    assert asked(promotion, level="written", given_at=before(old)) == "consent_expired"
    assert asked(promotion, level="written", given_at=before(DAY), expires_at=NOW.isoformat()) == "consent_expired"
    assert asked(promotion, level="written", given_at=before(DAY), expires_at=(NOW + DAY).isoformat()) == ""


@pytest.mark.parametrize(
    ("heard", "withdrawn", "code"),
    [
        (None, None, "no_consent"),
        (DAY, None, ""),
        (CONVERSATION, None, "no_consent"),
        (DAY, DAY, "no_consent"),
        (DAY, 2 * DAY, ""),
        (2 * DAY, DAY, "no_consent"),
    ],
)
def test_their_own_message_is_consent_for_a_while(
    heard: timedelta | None, withdrawn: timedelta | None, code: str
) -> None:
    facts = {
        "heard_at": before(heard) if heard else None,
        "withdrawn_at": before(withdrawn) if withdrawn else None,
    }
    assert asked(ANSWER, **facts) == code
    assert asked(GIVEN["service"], **facts) == "no_consent"


def test_a_workspace_may_make_the_while_shorter() -> None:
    strict = replace(ANSWER, max_age_days=1)
    assert asked(strict, heard_at=before(DAY)) == "no_consent"
    assert asked(strict, heard_at=before(DAY / 2)) == ""


def test_the_sentence_says_what_is_missing() -> None:
    def sentence(**facts: Any) -> str:
        return verdict(ConsentFacts(**facts), rule=GIVEN["promotion"], at=NOW).for_agent

    assert "haven't said yes" in sentence(is_requested=True)
    assert "don't want promotion" in sentence(withdrawn_at=before(DAY))
    assert "written agreement" in sentence(level="express", withdrawn_at=before(DAY))


LINK = Link(
    workspace_id=1,
    position=2,
    previous_hash="0" * 64,
    address_hash="a" * 64,
    channel_id=None,
    purpose="all",
    change="withdrawn",
    level="",
    method="keyword",
    by_name="Ana",
    at=NOW,
    expires_at=None,
    proof_hash="b" * 64,
)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("workspace_id", 2),
        ("position", 3),
        ("previous_hash", "1" * 64),
        ("address_hash", "c" * 64),
        ("channel_id", 5),
        ("purpose", "survey"),
        ("change", "granted"),
        ("level", "express"),
        ("method", "api"),
        ("by_name", "Änä"),
        ("at", NOW + timedelta(microseconds=1)),
        ("expires_at", NOW),
        ("proof_hash", "d" * 64),
    ],
)
def test_the_hash_covers_every_field(field: str, other: object) -> None:
    assert link_hash(replace(LINK, **{field: other})) != link_hash(LINK)  # type: ignore[arg-type]


def test_no_two_entries_are_written_alike() -> None:
    """Lengths stand before the fields, so that text can't move from one to the next."""
    assert chained(replace(LINK, level="ab", method="c")) != chained(replace(LINK, level="a", method="bc"))
    assert "4:Änä".encode() not in chained(replace(LINK, by_name="Änä")).encode()
    assert "5:Änä,".encode() in chained(replace(LINK, by_name="Änä")).encode()


def test_a_time_is_the_same_in_every_zone() -> None:
    elsewhere = datetime.fromisoformat("2026-03-10T10:00:00-07:00")
    assert link_hash(replace(LINK, at=elsewhere)) == link_hash(LINK)


def test_the_keyed_hash_of_an_address() -> None:
    told = {"key": b"k" * 32, "workspace_id": 1, "kind": "phone", "value": "+15035550133"}
    mine = address_hash(**told)  # type: ignore[arg-type]
    assert len(mine) == 64
    for changed in ({"key": b"l" * 32}, {"workspace_id": 2}, {"kind": "whatsapp"}, {"value": "+15035550134"}):
        assert address_hash(**{**told, **changed}) != mine  # type: ignore[arg-type]


def test_a_minimised_proof_names_nobody() -> None:
    proof = {"ip": "203.0.113.9", "user_agent": "x", "note": "Dana called", "form_version": 3, "disclosure_hash": "ab"}
    assert minimised(proof) == {"form_version": 3, "disclosure_hash": "ab"}
