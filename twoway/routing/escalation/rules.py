"""When a conversation must not go on as it is, what is done then, and which manager gets it: plain values only.

The first rule that matches acts, and each once in an episode. Rules that name a clock are asked when a clock was
breached, the others when a text came. So a rule lower down acts only where those above do not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from twoway.lib.conditions import Clock, Fact, Field, Group, Rule, read, rules_in
from twoway.lib.conditions_words import because, phrase
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.routing import matching_rules as matching
from twoway.routing.matching_rules import Decision, Facts, RuleFacts

Gives = Literal["", "manager", "member", "team", "queue"]
BREACHED, WAITING, TEXTS_1 = "breached", "waiting", "texts_1"
CLOCKS = (
    ("first", noted("First reply")),
    ("next", noted("Next reply")),
    ("same_day", noted("Reply the same day")),
    ("resolution", noted("Resolution")),
    ("wrap_up", noted("Wrap up")),
)
MOST_RULES = 50
LONGEST_NAME = 60
LONGEST_SENTENCE = 160
LONGEST_WHY = 300


def fields_of(base: Mapping[str, Field], *, with_clocks: bool = True) -> dict[str, Field]:
    """What a rule may be about: which clock was breached, and all that routing rules know.

    Hints, without clocks, may be about how long they wait: they are asked whenever somebody looks.
    """
    clocks = tuple((key, t(words)) for key, words in CLOCKS)
    breached = Field(key=BREACHED, label=t("Breached clock"), kind="choice", choices=clocks)
    own = (
        breached if with_clocks else Field(key=WAITING, label=t("Waiting for us, in minutes"), kind="number"),
        Field(key=TEXTS_1, label=t("Texts from them in 24 hours"), kind="number"),
    )
    return {one.key: one for one in own} | dict(base)


def is_about_clocks(tree: Group) -> bool:
    """Whether a rule is asked when a clock was breached, and not when a text came."""
    return any(one.field == BREACHED for one in rules_in(tree))


def considered(rules: Iterable[RuleFacts], *, is_breach: bool) -> list[RuleFacts]:
    """Those of the rules that are asked now, in their order."""
    return [one for one in rules if is_about_clocks(one.conditions) == is_breach]


def decide(
    rules: Sequence[RuleFacts], facts: Facts, *, fields: dict[str, Field], clock: Clock, acted: Collection[int] = ()
) -> RuleFacts | None:
    """The rule that acts: the first that matches, if it has not acted in this episode already."""
    found = matching.decide(rules, facts, fields=fields, clock=clock).rule
    return None if found is None or found.id in acted else found


def tried(rules: Sequence[RuleFacts], facts: Facts, *, fields: dict[str, Field], clock: Clock) -> Decision:
    """Every rule that was looked at until one matched, and why the others did not."""
    return matching.decide(rules, facts, fields=fields, clock=clock)


def shown(rules: Sequence[RuleFacts], facts: Facts, *, fields: dict[str, Field], clock: Clock) -> list[RuleFacts]:
    """Every rule that matches, in order: hints may stand beside one another."""
    return [one for one in rules if matching.decide([one], facts, fields=fields, clock=clock).rule is not None]


def why(rule: RuleFacts, facts: Facts, *, fields: dict[str, Field], clock: Clock) -> str:
    """Which of its conditions hold, in the words of its form."""
    values: dict[str, Fact] = {**facts.values, matching.TEXT: facts.text}
    words = matching.found_words(facts.text, matching.wanted_words([rule]))
    values[matching.WORDS] = words
    told = because(_narrowed(rule.conditions, words), fact=values.get, fields=fields, clock=clock)
    return told[:LONGEST_WHY]


def _narrowed(tree: Group, words: frozenset[str]) -> Group:
    """The same with only those of the looked-for words that are there: that is why it holds."""

    def of(node: Rule | Group) -> Rule | Group:
        if isinstance(node, Group):
            return _narrowed(node, words)
        if node.field != matching.WORDS or node.op != "any_of" or not isinstance(node.value, tuple):
            return node
        there = tuple(str(word) for word in node.value if word in words)
        return Rule(node.field, node.op, there) if there else node

    return Group(tree.how, tuple(of(part) for part in tree.parts))


def stored_words(conditions: object, *, fields: Mapping[str, Field]) -> str:
    """What a rule asks, in words; that it is about something gone, when it is."""
    try:
        return phrase(read(conditions, fields=fields), fields)
    except Invalid:
        return t("about something that isn't there any more")


# Which manager --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Manager:
    """Somebody with the manager role up. `held` are the open conversations that are theirs."""

    id: int
    is_online: bool = False
    held: int = 0


def choose_manager(managers: Iterable[Manager], *, but: Collection[int] = ()) -> Manager | None:
    """Who of them gets it: who is there before who is not, then who has the fewest. None when there is nobody."""
    free = [one for one in managers if one.id not in but]
    return min(free, key=lambda one: (not one.is_online, one.held, one.id)) if free else None


# What is offered ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggested:
    """A hint a workspace may take over: its key, its sentence and when it shows."""

    key: str
    sentence: str
    conditions: Group


SUGGESTED_HINTS = (
    Suggested(
        key="often",
        sentence=noted("They texted 3 times or more today. Calling may be quicker."),
        conditions=Group("all", (Rule(TEXTS_1, "more", Decimal(2)),)),
    ),
    Suggested(
        key="upset",
        sentence=noted("They sound upset. A call may calm things sooner than texts."),
        conditions=Group("all", (Rule("sentiment", "one_of", ("upset",)),)),
    ),
    Suggested(
        key="again",
        sentence=noted("They have come back several times this month. Call and settle it."),
        conditions=Group("all", (Rule("talks_30", "more", Decimal(2)),)),
    ),
    Suggested(
        key="urgent",
        sentence=noted("This may be urgent. Call before you write."),
        conditions=Group(
            "all", (Rule(matching.WORDS, "any_of", ("accident", "emergency", "hurt", "accidente", "emergencia")),)
        ),
    ),
)
"""Offered in the settings; none of them holds until somebody takes it over."""
