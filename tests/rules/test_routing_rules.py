"""Which routing rule matches: every kind of condition, the order, and why the others don't."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.lib.conditions import Clock, Fact, Field, Group, read
from twoway.lib.refusal import Invalid
from twoway.routing.matching_rules import (
    Facts,
    Names,
    RuleFacts,
    asked,
    cleaned,
    decide,
    fields_of,
    found_words,
    priority_of,
    team_of,
)
from twoway.routing.sentiment import mood_of

NOW = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
CLOCK = Clock(at=NOW, zone=ZoneInfo("America/Los_Angeles"))
NAMES = Names(
    channels=(("1", "Support"), ("2", "Billing")),
    audiences=(("4", "VIP"),),
    topics=(("5", "Offers"),),
    purposes=(("promotion", "Promotion"),),
    tags=(("6", "fleet"),),
    properties={"property.plan": Field(key="property.plan", label="Plan", kind="text")},
)
FIELDS = fields_of(NAMES)


def rule(*conditions: dict[str, Any], key: int = 1, how: str = "all", **fields: Any) -> RuleFacts:
    tree = cleaned(read({how: list(conditions)}, fields=FIELDS))
    return RuleFacts(id=key, name=f"Rule {key}", queue_id=key * 10, conditions=tree, **fields)


def matches(condition: dict[str, Any], text: str = "", values: Mapping[str, Fact] | None = None) -> bool:
    facts = Facts(text=text, values=values or {})
    return decide([rule(condition)], facts, fields=FIELDS, clock=CLOCK).rule is not None


@pytest.mark.parametrize(
    ("condition", "text", "values", "is_match"),
    [
        ({"field": "channel", "is": "one_of", "value": ["2"]}, "", {"channel": "2"}, True),
        ({"field": "channel", "is": "one_of", "value": ["2"]}, "", {"channel": "1"}, False),
        ({"field": "channel", "is": "none_of", "value": ["2"]}, "", {"channel": "1"}, True),
        ({"field": "channel_kind", "is": "one_of", "value": ["whatsapp"]}, "", {"channel_kind": "sms"}, False),
        ({"field": "words", "is": "any_of", "value": ["Refund", "money  back"]}, "a REFUND!", {}, True),
        ({"field": "words", "is": "any_of", "value": ["Refund", "money  back"]}, "My money\nback now", {}, True),
        ({"field": "words", "is": "any_of", "value": ["fun"]}, "refund", {}, False),
        ({"field": "words", "is": "all_of", "value": ["lost", "key"]}, "I lost my key.", {}, True),
        ({"field": "words", "is": "all_of", "value": ["lost", "key"]}, "I lost it", {}, False),
        ({"field": "words", "is": "none_of", "value": ["lost"]}, "found", {}, True),
        ({"field": "words", "is": "any_of", "value": ["¿dónde"]}, "¿DÓNDE está?", {}, True),
        ({"field": "text", "is": "begins", "value": "help"}, "Help me", {}, True),
        ({"field": "text", "is": "contains", "value": "??"}, "what??", {}, True),
        ({"field": "language", "is": "one_of", "value": ["es"]}, "", {"language": "es"}, True),
        ({"field": "language", "is": "one_of", "value": ["es"]}, "", {"language": None}, False),
        ({"field": "property.plan", "is": "is", "value": "gold"}, "", {"property.plan": "Gold"}, True),
        ({"field": "property.plan", "is": "is", "value": "gold"}, "", {}, False),
        ({"field": "audience", "is": "any_of", "value": ["4"]}, "", {"audience": frozenset({"4"})}, True),
        ({"field": "audience", "is": "any_of", "value": ["4"]}, "", {"audience": frozenset()}, False),
        ({"field": "topic", "is": "any_of", "value": ["5"]}, "", {"topic": frozenset({"5"})}, True),
        ({"field": "consent", "is": "none_of", "value": ["promotion"]}, "", {"consent": frozenset()}, True),
        ({"field": "tag", "is": "any_of", "value": ["6"]}, "", {"tag": frozenset({"6"})}, True),
        ({"field": "is_new", "is": "yes"}, "", {"is_new": True}, True),
        ({"field": "is_new", "is": "yes"}, "", {"is_new": False}, False),
        ({"field": "texts_7", "is": "more", "value": 5}, "", {"texts_7": Decimal(6)}, True),
        ({"field": "talks_30", "is": "more", "value": 1}, "", {"talks_30": Decimal(1)}, False),
        ({"field": "last_done", "is": "last_days", "value": 2}, "", {"last_done": NOW - timedelta(days=1)}, True),
        ({"field": "last_done", "is": "last_days", "value": 2}, "", {"last_done": NOW - timedelta(days=3)}, False),
        ({"field": "last_done", "is": "last_days", "value": 2}, "", {"last_done": None}, False),
        ({"field": "is_open", "is": "no"}, "", {"is_open": False}, True),
        ({"field": "is_open", "is": "no"}, "", {}, False),
        ({"field": "weekday", "is": "one_of", "value": ["5", "6"]}, "", {"weekday": "5"}, True),
        ({"field": "hour", "is": "between", "value": [18, 23]}, "", {"hour": Decimal(20)}, True),
        ({"field": "sentiment", "is": "one_of", "value": ["upset"]}, "", {"sentiment": "upset"}, True),
        ({"field": "sentiment", "is": "one_of", "value": ["upset"]}, "", {"sentiment": None}, False),
    ],
)
def test_conditions(condition: dict[str, Any], text: str, values: Mapping[str, Fact], is_match: bool) -> None:
    assert matches(condition, text, values) is is_match


def test_the_first_that_matches_and_why_not_the_ones_before() -> None:
    upset = {"field": "sentiment", "is": "one_of", "value": ["upset"]}
    refund = {"field": "words", "is": "any_of", "value": ["refund"]}
    gold = {"field": "property.plan", "is": "is", "value": "gold"}
    rules = [rule(refund, gold, key=1), rule(upset, gold, key=2, how="any"), rule(refund, key=3), rule(refund, key=4)]
    facts = Facts(text="Refund, please", values={"sentiment": "neutral"})
    found = decide(rules, facts, fields=FIELDS, clock=CLOCK)
    assert found.rule == rules[2]
    assert [one.is_match for one in found.tried] == [False, False, True]
    assert found.tried[0].failed == rules[0].conditions.parts[1:]
    assert found.tried[1].failed == (rules[1].conditions,)
    assert decide(rules, Facts(text="hello"), fields=FIELDS, clock=CLOCK).rule is None


def test_a_rule_about_what_is_gone_matches_nothing() -> None:
    gone = rule({"field": "property.plan", "is": "is_not", "value": "gold"})
    left = {key: field for key, field in FIELDS.items() if key != "property.plan"}
    assert decide([gone], Facts(), fields=left, clock=CLOCK).rule is None
    assert decide([gone], Facts(), fields=FIELDS, clock=CLOCK).rule == gone


def test_only_what_is_there_can_be_asked() -> None:
    with pytest.raises(Invalid, match="no such value"):
        rule({"field": "channel", "is": "one_of", "value": ["3"]})
    with pytest.raises(Invalid, match="isn't there"):
        rule({"field": "password", "is": "is", "value": "x"})
    assert asked([rule({"field": "is_new", "is": "yes"}), rule({"field": "hour", "is": "less", "value": 9})]) == {
        "is_new",
        "hour",
    }


def test_priority_and_team_of_a_rule_come_before_the_queues() -> None:
    own = rule({"field": "is_new", "is": "yes"}, priority=5, team_id=7)
    assert (priority_of(own, 3), priority_of(rule({"field": "is_new", "is": "yes"}), 3), priority_of(None, 2)) == (
        5,
        3,
        2,
    )
    assert (team_of(own, 8, 9), team_of(None, 8, 9), team_of(None, None, 9), team_of(None, None, None)) == (
        7,
        8,
        9,
        None,
    )


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("", "neutral"),
        ("Where is my car?", "neutral"),
        ("This is UNACCEPTABLE", "upset"),
        ("I am still waiting and this is awful", "upset"),
        ("I am annoyed", "neutral"),
        ("I am annoyed!!!", "upset"),
        ("WHERE IS MY CAR ALREADY", "neutral"),
        ("NOBODY ANSWERS ME HERE", "upset"),
        ("Thanks so much!", "pleased"),
        ("Thanks for nothing, worst service", "upset"),
        ("Estoy harta, es una estafa", "upset"),
        ("¡Muchas gracias!", "pleased"),
        ("What an issue with the tissue", "neutral"),
    ],
)
def test_how_they_sound(text: str, mood: str) -> None:
    assert mood_of(text) == mood


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=8), max_size=4))
def test_words_found_are_words_of_the_text(text: str, wanted: list[str]) -> None:
    plain = " ".join(text.casefold().split())
    for word in found_words(text, wanted):
        assert word in plain


@given(st.text(max_size=200))
def test_any_text_has_a_mood(text: str) -> None:
    assert mood_of(text) in {"upset", "neutral", "pleased"}


def test_a_tree_is_cleaned_at_every_depth() -> None:
    tree = read(
        {"any": [{"none": [{"field": "words", "is": "any_of", "value": ["Lost  KEY", "lost key"]}]}]}, fields=FIELDS
    )
    inner = cleaned(tree).parts[0]
    assert isinstance(inner, Group)
    assert inner.parts[0] == read({"field": "words", "is": "any_of", "value": ["lost key"]}, fields=FIELDS).parts[0]
