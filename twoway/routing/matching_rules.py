"""What routing rules may be about, and which of them matches: the first one all of whose conditions are true.

A rule is a tree of `lib.conditions` over the fields here. What is asked of a text is told as `Facts`; a fact nobody
knows is None, so no rule that asks for it matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from twoway.lib.conditions import ALWAYS, Clock, Fact, Field, Group, Node, Rule, holds, rules_in
from twoway.lib.words import noted, t
from twoway.routing.rules import Skills

WORDS, TEXT = "words", "text"
PROPERTY = "property."
DAYS = (
    ("0", noted("Monday")), ("1", noted("Tuesday")), ("2", noted("Wednesday")), ("3", noted("Thursday")),
    ("4", noted("Friday")), ("5", noted("Saturday")), ("6", noted("Sunday")),
)  # fmt: skip
MOODS = (("upset", noted("Upset")), ("neutral", noted("Neutral")), ("pleased", noted("Pleased")))
KINDS = (
    ("sms", noted("Text messages")), ("whatsapp", noted("WhatsApp")), ("email", noted("Email")),
    ("chat", noted("Chat")), ("voice", noted("Voice")),
)  # fmt: skip

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What conditions can name in one workspace, each as (value, label); `properties` as conditions know them."""

    channels: Choices = ()
    audiences: Choices = ()
    topics: Choices = ()
    purposes: Choices = ()
    tags: Choices = ()
    properties: Mapping[str, Field] = field(default_factory=dict)


def fields_of(names: Names) -> dict[str, Field]:
    """Every field a rule may be about, in order."""
    fixed = (
        Field(key="channel", label=t("Number"), kind="choice", choices=names.channels or (("0", t("No number")),)),
        Field(key="channel_kind", label=t("Kind of number"), kind="choice", choices=_worded(KINDS)),
        Field(key=WORDS, label=t("Words in their text"), kind="set"),
        Field(key=TEXT, label=t("Their text"), kind="text"),
        Field(key="language", label=t("Their language"), kind="choice"),
        Field(key="sentiment", label=t("How they sound"), kind="choice", choices=_worded(MOODS)),
        Field(key="audience", label=t("Audience"), kind="set", choices=names.audiences or (("0", t("No audience")),)),
        Field(key="topic", label=t("Joined topic"), kind="set", choices=names.topics or (("0", t("No topic")),)),
        Field(key="consent", label=t("Agreed to"), kind="set", choices=names.purposes or (("0", t("No purpose")),)),
        Field(key="tag", label=t("Tags"), kind="set", choices=names.tags or (("0", t("No tag")),)),
        Field(key="is_new", label=t("Writes for the first time"), kind="yes_no"),
        Field(key="texts_7", label=t("Texts from them in 7 days"), kind="number"),
        Field(key="talks_30", label=t("Conversations in 30 days"), kind="number"),
        Field(key="last_done", label=t("Their last conversation ended"), kind="moment"),
        Field(key="is_open", label=t("Within business hours"), kind="yes_no"),
        Field(key="weekday", label=t("Day of the week"), kind="choice", choices=_worded(DAYS)),
        Field(key="hour", label=t("Hour of the day, 0 to 23"), kind="number"),
    )
    return {one.key: one for one in fixed} | dict(names.properties)


def _worded(choices: Choices) -> Choices:
    return tuple((key, t(words)) for key, words in choices)


def cleaned(tree: Group) -> Group:
    """The tree with the words it looks for in small letters and single blanks, as texts are compared."""
    return Group(tree.how, tuple(_cleaned(part) for part in tree.parts))


def _cleaned(node: Node) -> Node:
    if isinstance(node, Group):
        return cleaned(node)
    if node.field != WORDS or not isinstance(node.value, tuple):
        return node
    return Rule(node.field, node.op, tuple(dict.fromkeys(_plain(str(word)) for word in node.value)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleFacts:
    """One rule as it is decided by. `priority` and `team_id` None leave both to the queue."""

    id: int
    name: str
    queue_id: int
    conditions: Group = ALWAYS
    priority: int | None = None
    team_id: int | None = None
    skills: Skills = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One conversation as the rules see it. `text` are the texts they wait with; the rest by the field's key."""

    text: str = ""
    values: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A rule that was looked at: whether it matched, and else the conditions that were not true."""

    rule: RuleFacts
    is_match: bool
    failed: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The rule that matched, None when none did; and every rule looked at until then, in order."""

    rule: RuleFacts | None
    tried: tuple[Tried, ...] = ()


def decide(rules: Sequence[RuleFacts], facts: Facts, *, fields: Mapping[str, Field], clock: Clock) -> Decision:
    """Which of the rules, in their order, matches first. A rule about a field that is gone matches nothing."""
    tried: list[Tried] = []
    words = found_words(facts.text, wanted_words(rules))
    values: dict[str, Fact] = {**facts.values, TEXT: facts.text, WORDS: words}
    for rule in rules:
        if any(one.field not in fields for one in rules_in(rule.conditions)):
            tried.append(Tried(rule=rule, is_match=False, failed=(rule.conditions,)))
            continue
        failed = _failed(rule.conditions, values, fields, clock)
        tried.append(Tried(rule=rule, is_match=not failed, failed=failed))
        if not failed:
            return Decision(rule=rule, tried=tuple(tried))
    return Decision(rule=None, tried=tuple(tried))


def _failed(tree: Group, values: Mapping[str, Fact], fields: Mapping[str, Field], clock: Clock) -> tuple[Node, ...]:
    """The parts of a tree because of which it is not true."""
    if tree.how != "all":
        return () if holds(tree, fact=values.get, fields=fields, clock=clock) else (tree,)
    return tuple(part for part in tree.parts if not holds(part, fact=values.get, fields=fields, clock=clock))


def wanted_words(rules: Iterable[RuleFacts]) -> frozenset[str]:
    """Every word and phrase the rules look for in texts."""
    return frozenset(
        _plain(str(word))
        for rule in rules
        for one in rules_in(rule.conditions)
        if one.field == WORDS and isinstance(one.value, tuple)
        for word in one.value
    )


def found_words(text: str, wanted: Iterable[str]) -> frozenset[str]:
    """Which of these words and phrases a text has, as whole words whatever their capitals."""
    plain = _plain(text)
    return frozenset(word for word in wanted if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain))


def asked(rules: Iterable[RuleFacts]) -> frozenset[str]:
    """The fields the rules are about: only these facts need to be looked up."""
    return frozenset(one.field for rule in rules for one in rules_in(rule.conditions))


def team_of(rule: RuleFacts | None, queue_team_id: int | None, team_id: int | None) -> int | None:
    """The team a conversation goes to with a queue: the rule's, else the queue's, else the one it is with."""
    return (rule.team_id if rule else None) or queue_team_id or team_id


def priority_of(rule: RuleFacts | None, queue_priority: int) -> int:
    """The rule's priority, else the queue's."""
    return rule.priority if rule and rule.priority is not None else queue_priority
