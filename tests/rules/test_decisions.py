"""One answer per send, by table: every code there is, what comes first, and what a purpose may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.compliance.consent.rules import ConsentFacts
from twoway.compliance.deciding.rules import (
    EXCHANGE,
    LOOK_AGAIN,
    VERDICTS,
    Known,
    decide,
    expiry,
    held_until,
    in_time,
    is_exchange,
)
from twoway.compliance.modes.rules import ModeFacts
from twoway.compliance.pacing.rules import PacingFacts
from twoway.compliance.purposes import rules as purposes
from twoway.compliance.purposes.rules import BUILT_IN, GIVEN, INTERNAL, PurposeRule
from twoway.compliance.quiet.rules import QuietFacts
from twoway.compliance.relevance.rules import RelevanceFacts
from twoway.compliance.rules import NOTICES, SendFacts
from twoway.compliance.verdict import hold

AT = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
"""A Tuesday, 10 in the morning in Los Angeles."""
NIGHT = AT + timedelta(hours=12)
MORNING = datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
FINE = SendFacts(
    purpose="promotion",
    author="api",
    kind="phone",
    reach="",
    is_opted_out=False,
    is_blocked=False,
    is_channel_active=True,
)
AGREED = ConsentFacts(level="written", given_at=(AT - timedelta(days=30)).isoformat())
HERE = QuietFacts(kind="phone", zones=("America/Los_Angeles",), regions=("US-CA",))
CALM = PacingFacts(
    identity_id=1,
    channel_id=1,
    times=(),
    unanswered=0,
    was_asked=False,
    is_spared=False,
    guard_after=5,
    regions=("US-CA",),
)
FAR = RelevanceFacts(within=25, unit="mi", place="Mission shop", distance_km=400.0, source="postcode")
ALL = {"consent": AGREED, "pacing": CALM, "quiet": HERE}
JUST_NOW = int((AT - timedelta(hours=1)).timestamp())


def known(*, purpose: str = "promotion", first: bool = False, send: dict[str, Any] | None = None, **more: Any) -> Known:
    return Known(
        send=replace(FINE, purpose=purpose, **(send or {})),
        rule=BUILT_IN[purpose],
        subjects={**ALL, **more},
        is_first_text=first,
    )


@pytest.mark.parametrize(
    ("asked", "at", "kind", "code"),
    [
        (known(), AT, "allow", ""),
        (known(relevance=FAR), AT, "deny", "too_far"),
        (known(relevance=FAR, consent=ConsentFacts()), AT, "deny", "no_consent"),
        (known(relevance=FAR), NIGHT, "deny", "too_far"),
        (known(send={"is_opted_out": True}), AT, "deny", "opted_out"),
        (known(send={"is_blocked": True}), AT, "deny", "blocked"),
        (known(send={"kind": "alpha"}), AT, "deny", "cannot_reply"),
        (known(send={"reach": "landline"}), AT, "deny", "landline"),
        (known(send={"reach": "unreachable"}), AT, "deny", "unreachable"),
        (known(send={"is_channel_active": False}), AT, "deny", "channel_inactive"),
        (known(send={"registration": "missing"}), AT, "deny", "sender_unregistered"),
        (known(send={"needs_template": True}), AT, "deny", "window_closed"),
        (known(send={"is_in_doubt": True}), AT, "hold", "in_doubt"),
        (known(consent=ConsentFacts()), AT, "deny", "no_consent"),
        (known(consent=replace(AGREED, level="express")), AT, "deny", "no_consent"),
        (known(consent=replace(AGREED, expires_at=AT.isoformat())), AT, "deny", "consent_expired"),
        (known(consent=replace(AGREED, given_at="2020-01-01T00:00:00+00:00")), AT, "deny", "consent_expired"),
        (known(pacing=replace(CALM, times=(JUST_NOW,))), AT, "hold", "cap_reached"),
        (known(pacing=replace(CALM, unanswered=5)), AT, "deny", "never_responds"),
        (known(), NIGHT, "hold", "quiet_hours"),
        (known(quiet=replace(HERE, zones=())), AT, "hold", "zone_unknown"),
        (known(mode=ModeFacts(is_reply_only=True)), AT, "deny", "no_open_request"),
        (known(purpose="emergency", consent=ConsentFacts()), NIGHT, "allow", ""),
        (known(purpose="broadcast", consent=ConsentFacts(level="express")), AT, "deny", "no_consent"),
        (known(purpose="first_text", consent=ConsentFacts()), AT, "deny", "no_consent"),
    ],
)
def test_every_code_has_its_facts(asked: Known, at: datetime, kind: str, code: str) -> None:
    verdict = decide(asked, at=at).verdict
    assert (verdict.kind, verdict.code) == (kind, code)
    assert bool(verdict.for_agent) == (kind != "allow")


def test_quiet_hours_say_until_when() -> None:
    assert decide(known(), at=NIGHT).verdict.until == MORNING


def test_a_denial_comes_before_a_hold_and_an_opt_out_before_everything() -> None:
    night = known(consent=ConsentFacts(), send={"is_in_doubt": True})
    assert decide(night, at=NIGHT).verdict.code == "no_consent"
    gone = known(consent=ConsentFacts(), send={"is_in_doubt": True, "is_opted_out": True})
    assert decide(gone, at=NIGHT).verdict.code == "opted_out"
    doubted = known(send={"is_in_doubt": True})
    assert decide(doubted, at=NIGHT).verdict.code == "in_doubt"  # it has no end, so it lasts longest


def test_an_answer_within_an_exchange_asks_nothing_of_the_subjects() -> None:
    reply = Known(send=replace(FINE, purpose="reply", author="member"), rule=GIVEN["reply"])
    assert decide(reply, at=NIGHT).verdict.kind == "allow"
    assert set(reply.as_json()) == set(reply.send.as_json())


def test_a_first_text_is_warned_of_and_goes() -> None:
    answer = decide(known(purpose="reply", first=True, consent=ConsentFacts()), at=NIGHT)
    assert answer.verdict.kind == "allow"
    assert [one.code for one in answer.warnings] == ["no_consent", "quiet_hours"]
    alone = decide(known(purpose="reply", first=True, mode=ModeFacts(is_reply_only=True)), at=AT)
    assert alone.verdict.code == "no_open_request"


def test_only_the_question_passes_a_doubt_and_only_our_notices_pass_an_opt_out() -> None:
    for purpose in BUILT_IN:
        doubted = known(purpose=purpose, send={"is_in_doubt": True, "author": "system"})
        is_free = purpose == "consent_question" or purpose in NOTICES
        assert (decide(doubted, at=AT).verdict.kind == "allow") == is_free, purpose
        out = known(purpose=purpose, send={"is_opted_out": True, "author": "system"})
        assert (decide(out, at=AT).verdict.kind == "allow") == (purpose in NOTICES), purpose


@given(
    st.sampled_from(sorted(BUILT_IN)),
    st.sampled_from(["member", "api", "system"]),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=365)),
    st.booleans(),
)
def test_nobody_who_opted_out_is_ever_sent_more_than_a_notice(
    purpose: str, author: str, later: timedelta, is_first: bool
) -> None:
    asked = known(purpose=purpose, first=is_first, send={"is_opted_out": True, "author": author})
    assert decide(asked, at=AT + later).verdict.kind == "deny" or (purpose in NOTICES and author == "system")


def test_a_hold_beyond_the_end_of_validity_is_a_denial() -> None:
    answer = decide(known(), at=NIGHT)
    assert in_time(answer, expires_at=MORNING + timedelta(seconds=1)) is answer
    assert in_time(answer, expires_at=None) is answer
    late = in_time(answer, expires_at=MORNING).verdict
    assert (late.kind, late.code) == ("deny", "quiet_hours")
    allowed = decide(known(), at=AT)
    assert in_time(allowed, expires_at=AT) is allowed


def test_a_hold_without_an_end_is_looked_at_again() -> None:
    assert held_until(hold("in_doubt", "", until=None), at=AT) == AT + LOOK_AGAIN
    assert held_until(hold("quiet_hours", "", until=MORNING), at=AT) == MORNING
    assert held_until(hold("quiet_hours", "", until=AT), at=MORNING) == MORNING


def test_how_long_an_exchange_and_a_text_last() -> None:
    assert not is_exchange(None, at=AT)
    assert is_exchange(AT - EXCHANGE, at=AT)
    assert not is_exchange(AT - EXCHANGE - timedelta(seconds=1), at=AT)
    for purpose, asked, ends in (
        ("reply", None, AT + timedelta(hours=1)),
        ("promotion", None, AT + timedelta(hours=24)),
        ("reply", MORNING, MORNING),
    ):
        assert expiry(starts=AT, rule=GIVEN[purpose], reply_seconds=3600, asked=asked) == ends


def test_each_subject_has_a_rule_and_every_fact_is_kept() -> None:
    assert set(VERDICTS) == {"mode", "consent", "relevance", "pacing", "quiet"}
    kept = known(first=True, purpose="reply", relevance=FAR).as_json()
    assert set(kept) >= {"consent", "pacing", "quiet", "relevance", "rule", "is_first_text", "is_opted_out"}


OWN = PurposeRule(slug="parking", label="Parking", level="express")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (OWN, ""),
        (replace(OWN, is_promotional=True, level="written"), ""),
        (replace(OWN, is_promotional=True), "level"),
        (replace(OWN, level="implied"), "level"),
        (replace(OWN, keeps_quiet_hours=False), "keeps_quiet_hours"),
        (replace(OWN, is_conversational=True), "is_conversational"),
        (replace(OWN, slug="Parking"), "slug"),
        (replace(OWN, slug="help_notice"), "slug"),
        (replace(OWN, slug="reply"), "slug"),
        (replace(OWN, slug="x" * 21), "slug"),
        (replace(OWN, label=" "), "label"),
        (replace(OWN, per_day=0), "per_day"),
        (replace(OWN, validity_hours=0), "validity_hours"),
        (replace(GIVEN["promotion"], per_day=1, per_week=2), ""),
        (replace(GIVEN["promotion"], per_week=5), "per_week"),
        (replace(GIVEN["promotion"], per_day=None), "per_day"),
        (replace(GIVEN["promotion"], max_age_days=None), "max_age_days"),
        (replace(GIVEN["promotion"], is_promotional=False), "is_promotional"),
        (replace(GIVEN["service"], level="written"), ""),
    ],
)
def test_a_purpose_may_be_stricter_and_never_looser(rule: PurposeRule, field: str) -> None:
    found, sentence = purposes.objection(rule)
    assert found == field
    assert bool(sentence) == bool(field)


def test_what_a_workspace_changed_takes_the_place_of_what_was_given() -> None:
    stricter = replace(GIVEN["promotion"], per_week=1)
    rules = purposes.merged([stricter, OWN])
    assert rules["promotion"] is stricter
    assert rules["parking"] is OWN
    assert rules["reply"] is GIVEN["reply"]
    assert set(INTERNAL) <= set(rules)
