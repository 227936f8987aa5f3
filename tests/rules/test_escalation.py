"""Escalation: which rule acts, why, and which manager gets it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.lib.conditions import Clock, Fact, Group, Rule, read, written
from twoway.routing.escalation import rules
from twoway.routing.escalation.rules import Manager, choose_manager
from twoway.routing.matching_rules import Facts, Names, RuleFacts, cleaned, fields_of

FIELDS = rules.fields_of(fields_of(Names(tags=(("7", "VIP"), ("8", "Late")))))
CLOCK = Clock(at=datetime(2026, 3, 10, 17, tzinfo=UTC), zone=UTC)
LAWYER = RuleFacts(
    id=1,
    name="Lawyer",
    queue_id=0,
    conditions=cleaned(Group("all", (Rule("words", "any_of", ("Lawyer", "small claims")),))),
)
VIP = RuleFacts(id=2, name="VIP", queue_id=0, conditions=Group("all", (Rule("tag", "any_of", ("7",)),)))
LATE = RuleFacts(id=3, name="Late", queue_id=0, conditions=Group("all", (Rule("breached", "one_of", ("first",)),)))
BIG = RuleFacts(id=4, name="Often", queue_id=0, conditions=Group("all", (Rule("talks_30", "more", Decimal(3)),)))
ALL = [LAWYER, VIP, LATE, BIG]


def facts(text: str = "", **values: Fact) -> Facts:
    return Facts(text=text, values=values)


@pytest.mark.parametrize(
    ("told", "is_breach", "acted", "expected"),
    [
        (facts("I will call my LAWYER today"), False, (), 1),
        (facts("lawyers are fine"), False, (), None),
        (facts("see you in Small  Claims"), False, (), 1),
        (facts("hello", tag=frozenset({"7"})), False, (), 2),
        (facts("my lawyer", tag=frozenset({"7"})), False, (), 1),
        (facts("my lawyer", tag=frozenset({"7"})), False, (1,), None),
        (facts("hello", talks_30=Decimal(4)), False, (), 4),
        (facts("hello", talks_30=Decimal(3)), False, (), None),
        (facts("my lawyer", breached="first"), True, (), 3),
        (facts("my lawyer", breached="next"), True, (), None),
        (facts("", breached="first"), True, (3,), None),
        (facts("", breached="first"), False, (), None),
    ],
)
def test_the_first_that_matches_acts_once(
    told: Facts, is_breach: bool, acted: tuple[int, ...], expected: int | None
) -> None:
    asked = rules.considered(ALL, is_breach=is_breach)
    found = rules.decide(asked, told, fields=FIELDS, clock=CLOCK, acted=acted)
    assert (found.id if found else None) == expected


def test_why_names_only_what_was_there() -> None:
    assert rules.why(LAWYER, facts("my lawyer says"), fields=FIELDS, clock=CLOCK) == (
        "Words in their text has any of lawyer"
    )
    assert rules.why(VIP, facts("", tag=frozenset({"7"})), fields=FIELDS, clock=CLOCK) == "Tags has any of VIP"
    assert "small claims" in rules.stored_words(written(LAWYER.conditions), fields=FIELDS)
    gone = {"all": [{"field": "property.gone", "is": "is", "value": "x"}]}
    assert rules.stored_words(gone, fields=FIELDS) == "about something that isn't there any more"


@pytest.mark.parametrize(
    ("managers", "but", "expected"),
    [
        ([], (), None),
        ([Manager(id=1)], (1,), None),
        ([Manager(id=1, held=0), Manager(id=2, is_online=True, held=9)], (), 2),
        ([Manager(id=1, is_online=True, held=3), Manager(id=2, is_online=True, held=2)], (), 2),
        ([Manager(id=1, is_online=True, held=3), Manager(id=2, is_online=True, held=2)], (2,), 1),
        ([Manager(id=2, held=1), Manager(id=1, held=1)], (), 1),
    ],
)
def test_present_first_then_the_least_busy(managers: list[Manager], but: tuple[int, ...], expected: int | None) -> None:
    found = choose_manager(managers, but=but)
    assert (found.id if found else None) == expected


@given(st.lists(st.builds(Manager, id=st.integers(1, 9), is_online=st.booleans(), held=st.integers(0, 5)), min_size=1))
def test_nobody_absent_gets_it_while_somebody_is_there(managers: list[Manager]) -> None:
    found = choose_manager(managers)
    assert found is not None
    assert found.is_online or not any(one.is_online for one in managers)
    assert all(found.held <= one.held for one in managers if one.is_online == found.is_online)


def test_what_is_offered_can_be_kept() -> None:
    fields = rules.fields_of(fields_of(Names()), with_clocks=False)
    for one in rules.SUGGESTED_HINTS:
        assert read(written(one.conditions), fields=fields) == one.conditions
        assert len(one.sentence) <= rules.LONGEST_SENTENCE
    assert "breached" not in fields


def test_hints_stand_beside_one_another() -> None:
    found = rules.shown([LAWYER, VIP, BIG], facts("my lawyer", tag=frozenset({"7"})), fields=FIELDS, clock=CLOCK)
    assert [one.id for one in found] == [1, 2]
