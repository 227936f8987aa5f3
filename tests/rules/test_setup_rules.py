"""The steps of the set-up, each as a rule over facts; and how bad a wait is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from twoway.desk.setup_rules import KEYS, STEPS, Facts, is_finished, standing
from twoway.desk.words import wait_level

DONE = Facts(
    reply_goal=15,
    teams_with_people=1,
    people=2,
    practised=True,
    shared_replies=1,
    has_tone=True,
    has_quiet_hours=True,
    has_answers=True,
    numbers=1,
    received=True,
    answered=True,
    published_forms=1,
    topics=1,
    budgets=1,
    is_told=True,
)


def done(facts: Facts) -> set[str]:
    return {one.step.key for one in standing(facts) if one.is_done}


def test_nothing_is_done_on_the_first_day() -> None:
    assert done(Facts()) == set()
    assert len(STEPS) == 8


@pytest.mark.parametrize(
    ("missing", "step"),
    [
        ({"numbers": 0}, "channels"),
        ({"received": False}, "channels"),
        ({"answered": False}, "channels"),
        ({"reply_goal": None}, "goals"),
        ({"teams_with_people": 0}, "procedures"),
        ({"people": 1}, "training"),
        ({"practised": False}, "training"),
        ({"shared_replies": 0}, "templates"),
        ({"has_tone": False}, "templates"),
        ({"has_quiet_hours": False}, "automation"),
        ({"has_answers": False}, "automation"),
        ({"published_forms": 0}, "promotion"),
        ({"topics": 0}, "promotion"),
        ({"budgets": 0}, "monitoring"),
        ({"is_told": False}, "monitoring"),
    ],
)
def test_each_step_needs_its_facts(missing: dict[str, Any], step: str) -> None:
    assert done(DONE) == KEYS
    assert done(replace(DONE, **missing)) == KEYS - {step}


@pytest.mark.parametrize("extra", [{"shared_views": 0}, {"own_words": 0}, {"real_numbers": 0}])
def test_what_is_only_offered_holds_nothing_up(extra: dict[str, Any]) -> None:
    assert done(replace(DONE, **extra)) == KEYS


def test_a_step_may_be_left_out_but_never_marked_done() -> None:
    facts = replace(DONE, topics=0)
    assert not is_finished(standing(facts))
    left_out = standing(facts, apart=["promotion", "goals"])
    assert is_finished(left_out)
    by_key = {one.step.key: one for one in left_out}
    assert by_key["promotion"].is_apart
    assert not by_key["promotion"].is_done
    assert by_key["goals"].is_done
    assert not by_key["goals"].is_apart


@pytest.mark.parametrize(
    ("waited", "goal", "level"),
    [
        (0, 15, "plain"),
        (599, 15, "plain"),
        (600, 15, "soon"),
        (900, 15, "soon"),
        (901, 15, "over"),
        (10_000_000, None, "plain"),
    ],
)
def test_how_bad_a_wait_is(waited: int, goal: int | None, level: str) -> None:
    assert wait_level(waited, goal=goal) == level
