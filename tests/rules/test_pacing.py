"""How many texts one person gets, and when nobody's answer is an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cast import NOW
from twoway.compliance.pacing.rules import STILL_WANTED, PacingFacts, per_day, verdict
from twoway.compliance.purposes.rules import GIVEN, INTERNAL, PurposeRule

NOBODY = PacingFacts(
    identity_id=1,
    channel_id=2,
    times=(),
    unanswered=0,
    was_asked=False,
    is_spared=False,
    guard_after=5,
    regions=("US-OH",),
)
FREE = PurposeRule(slug="news", label="News", level="express")
PROMOTION = GIVEN["promotion"]


def left(*ago: timedelta) -> tuple[int, ...]:
    """When texts left, the newest first."""
    return tuple(int((NOW - each).timestamp()) for each in sorted(ago))


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "ago", "opens_in"),
    [
        (replace(FREE, per_day=2), (HOUR,), None),
        (replace(FREE, per_day=2), (HOUR, 5 * HOUR), 19 * HOUR),
        (replace(FREE, per_day=2), (HOUR, 24 * HOUR), None),
        (replace(FREE, per_day=1), (HOUR, 5 * HOUR), 23 * HOUR),
        (replace(FREE, per_week=2), (30 * HOUR, 50 * HOUR), 118 * HOUR),
        (replace(FREE, per_day=1, per_week=2), (HOUR, 50 * HOUR), 118 * HOUR),
        (replace(FREE, per_day=1, per_week=9), (HOUR, 50 * HOUR), 23 * HOUR),
        (FREE, tuple(HOUR * hour for hour in range(1, 100)), None),
        (GIVEN["reply"], tuple(HOUR * hour for hour in range(1, 100)), None),
    ],
)
def test_caps_hold_until_the_next_is_due(
    rule: PurposeRule, ago: tuple[timedelta, ...], opens_in: timedelta | None
) -> None:
    facts = replace(NOBODY, times=left(*ago))
    answer = verdict(facts, rule=rule, at=NOW)
    if opens_in is None:
        assert answer.kind == "allow"
        return
    assert (answer.kind, answer.code) == ("hold", "cap_reached")
    assert answer.until == NOW + opens_in + timedelta(seconds=1)
    assert verdict(facts, rule=rule, at=answer.until).kind == "allow"


@pytest.mark.parametrize(
    ("regions", "rule", "most"),
    [
        (("US-FL",), replace(PROMOTION, per_day=6), 3),
        (("US-OH", "US-OK"), replace(PROMOTION, per_day=6), 3),
        (("US-OH",), replace(PROMOTION, per_day=6), 6),
        (("US-FL",), PROMOTION, 1),
        (("US-FL",), replace(PROMOTION, per_day=None), 3),
        (("US-FL",), GIVEN["transactional"], 6),
    ],
)
def test_florida_and_oklahoma_allow_three_solicitations_a_day(
    regions: tuple[str, ...], rule: PurposeRule, most: int
) -> None:
    facts = replace(NOBODY, regions=regions)
    assert per_day(facts, rule, NOW) == most


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"unanswered": 4}, ""),
        ({"unanswered": 5}, "never_responds"),
        ({"unanswered": 12, "was_asked": True}, "never_responds"),
        ({"unanswered": 12, "guard_after": 0}, ""),
        ({"unanswered": 12, "is_spared": True}, ""),
        ({"unanswered": 1, "guard_after": 1}, "never_responds"),
    ],
)
def test_who_never_answers_is_texted_no_more(changed: dict[str, int | bool], code: str) -> None:
    answer = verdict(replace(NOBODY, **changed), rule=GIVEN["reminder"], at=NOW)  # type: ignore[arg-type]
    assert (answer.kind, answer.code) == ("deny" if code else "allow", code)


def test_the_question_goes_once() -> None:
    rule = INTERNAL[STILL_WANTED]
    silent = replace(NOBODY, unanswered=9)
    assert verdict(silent, rule=rule, at=NOW).kind == "allow"
    assert verdict(replace(silent, was_asked=True), rule=rule, at=NOW).code == "never_responds"


def test_an_answer_within_an_exchange_is_never_guarded() -> None:
    silent = replace(NOBODY, unanswered=9, was_asked=True)
    assert verdict(silent, rule=GIVEN["reply"], at=NOW).kind == "allow"
