"""Conditions as data: a tree of "all of", "any of" and "none of" over named fields, that is kept as JSON.

As JSON a group is {"all": [...]}, {"any": [...]} or {"none": [...]}, and a rule {"field": "language", "is": "one_of",
"value": ["es"]}. `read` checks one against the fields there are; `holds` says whether it is true of one thing;
`conditions_sql.compiled` says the same as SQL. An empty group "all" or "none" is true, an empty "any" is not.

What isn't there (None, or no word of a set) is never equal to, in or after anything, so that the rules that deny, such
as `is_not`, `none_of` and `not_last_days`, hold for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Literal

from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t

Kind = Literal["text", "number", "date", "moment", "yes_no", "choice", "set"]
Shape = Literal["none", "text", "texts", "number", "numbers", "date", "dates", "days"]
How = Literal["all", "any", "none"]
Value = str | int | Decimal | date | tuple[str, ...] | tuple[Decimal, ...] | tuple[date, ...] | None
Fact = str | Decimal | date | datetime | bool | frozenset[str] | None
"""What one thing has: text or choice str, number Decimal, date, moment an aware datetime, yes/no bool, set of words."""

MOST_RULES = 40
MOST_DEPTH = 4
MOST_WORDS = 60
LONGEST_TEXT = 200
MOST_DAYS = 36_500
MOST_NUMBER = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Op:
    """One way to compare: how people read it, and what it is compared with."""

    words: str
    shape: Shape = "none"


_THERE = {"set": Op(noted("has a value")), "empty": Op(noted("has no value"))}
OPS: Mapping[Kind, Mapping[str, Op]] = {
    "text": {
        "is": Op(noted("is"), "text"),
        "is_not": Op(noted("is not"), "text"),
        "contains": Op(noted("contains"), "text"),
        "not_contains": Op(noted("doesn't contain"), "text"),
        "begins": Op(noted("begins with"), "text"),
        **_THERE,
    },
    "number": {
        "equal": Op(noted("is"), "number"),
        "not_equal": Op(noted("is not"), "number"),
        "less": Op(noted("is less than"), "number"),
        "more": Op(noted("is more than"), "number"),
        "between": Op(noted("is between"), "numbers"),
        **_THERE,
    },
    "date": {
        "on": Op(noted("is on"), "date"),
        "before": Op(noted("is before"), "date"),
        "after": Op(noted("is after"), "date"),
        "between": Op(noted("is between"), "dates"),
        "last_days": Op(noted("is in the last days"), "days"),
        "next_days": Op(noted("is in the next days"), "days"),
        **_THERE,
    },
    "moment": {
        "on": Op(noted("was on"), "date"),
        "before": Op(noted("was before"), "date"),
        "after": Op(noted("was after"), "date"),
        "between": Op(noted("was between"), "dates"),
        "last_days": Op(noted("was in the last days"), "days"),
        "not_last_days": Op(noted("was not in the last days"), "days"),
        **_THERE,
    },
    "yes_no": {"yes": Op(noted("is yes")), "no": Op(noted("is no")), **_THERE},
    "choice": {"one_of": Op(noted("is one of"), "texts"), "none_of": Op(noted("is none of"), "texts"), **_THERE},
    "set": {
        "any_of": Op(noted("has any of"), "texts"),
        "all_of": Op(noted("has all of"), "texts"),
        "none_of": Op(noted("has none of"), "texts"),
        **_THERE,
    },
}
"""The ways to compare each kind of field. Text is compared without regard to capital letters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """Something a condition may be about. `choices` are (value, label), none where any word may be written."""

    key: str
    label: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One comparison; `value` has the shape its `op` asks for."""

    field: str
    op: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions of which all, any or none must hold."""

    how: How
    parts: tuple[Node, ...] = ()


Node = Rule | Group
ALWAYS = Group("all")


def read(data: object, *, fields: Mapping[str, Field]) -> Group:
    """The tree that this JSON is; a single rule becomes a group. Raises `Invalid` with a sentence for people."""
    count = [0]
    node = _node(data, fields, 1, count)
    return node if isinstance(node, Group) else Group("all", (node,))


def written(node: Node) -> dict[str, object]:
    """The tree as JSON values; `read` makes the same tree of it."""
    if isinstance(node, Group):
        return {node.how: [written(part) for part in node.parts]}
    told: dict[str, object] = {"field": node.field, "is": node.op}
    return told if node.value is None else told | {"value": _plain(node.value)}


def rules_in(node: Node) -> tuple[Rule, ...]:
    """Every rule of a tree, in order."""
    if isinstance(node, Rule):
        return (node,)
    return tuple(rule for part in node.parts for rule in rules_in(part))


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value.isoformat() if isinstance(value, date) else value


# Reading --------------------------------------------------------------------------------------------------------------


def _node(data: object, fields: Mapping[str, Field], depth: int, count: list[int]) -> Node:
    if not isinstance(data, dict):
        raise _wrong(t("A condition is a group or a rule."))
    if depth > MOST_DEPTH:
        raise _wrong(t("Groups can be {most} deep.", most=MOST_DEPTH))
    if "field" not in data:
        return _group(data, fields, depth, count)
    count[0] += 1
    if count[0] > MOST_RULES:
        raise _wrong(t("Use at most {most} conditions.", most=MOST_RULES))
    return _rule(data, fields)


def _group(data: dict[object, object], fields: Mapping[str, Field], depth: int, count: list[int]) -> Group:
    how = next((word for word in ("all", "any", "none") if list(data) == [word]), None)
    parts = data.get(how)
    if how is None or not isinstance(parts, list):
        raise _wrong(t("A group is all, any or none of a list of conditions."))
    if len(parts) > MOST_RULES:
        raise _wrong(t("Use at most {most} conditions.", most=MOST_RULES))
    if how == "all":
        return Group("all", tuple(_node(part, fields, depth + 1, count) for part in parts))
    return Group("any" if how == "any" else "none", tuple(_node(part, fields, depth + 1, count) for part in parts))


def _rule(data: dict[object, object], fields: Mapping[str, Field]) -> Rule:
    field = fields.get(str(data.get("field")))
    if field is None:
        raise _wrong(t("A condition is about something that isn't there any more."))
    op = OPS[field.kind].get(str(data.get("is")))
    if op is None:
        raise _wrong(t("Choose how to compare “{label}”.", label=field.label))
    if extra := set(data) - {"field", "is", "value"}:
        raise _wrong(t("A condition has no “{name}”.", name=sorted(map(str, extra))[0][:40]))
    value = _value(op.shape, data.get("value"), field)
    return Rule(field.key, str(data["is"]), value)


def _value(shape: Shape, given: object, field: Field) -> Value:
    about = f"“{field.label}”"
    if shape == "none":
        return None
    if shape == "text":
        return _text(given, t("Write what {about} is compared with.", about=about))
    if shape == "texts":
        return _texts(given, field)
    if shape in {"number", "date"}:
        return _number(given, about) if shape == "number" else _date(given, about)
    if shape == "days":
        return _days(given, about)
    if not isinstance(given, (list, tuple)) or len(given) != 2:
        raise _wrong(t("Write two values for {about}.", about=about))
    if shape == "numbers":
        return (_number(given[0], about), _number(given[1], about))
    return (_date(given[0], about), _date(given[1], about))


def _text(given: object, sentence: str) -> str:
    if not isinstance(given, str) or not given.replace("\0", "").strip():
        raise _wrong(sentence)
    if len(given) > LONGEST_TEXT:
        raise _wrong(t("Use at most {most} characters.", most=LONGEST_TEXT))
    return given.replace("\0", "").strip()


def _texts(given: object, field: Field) -> tuple[str, ...]:
    many = given if isinstance(given, (list, tuple)) else [given]
    if not 1 <= len(many) <= MOST_WORDS:
        raise _wrong(t("Choose from 1 to {most} values for “{label}”.", most=MOST_WORDS, label=field.label))
    words = tuple(dict.fromkeys(_text(one, t("Choose a value for “{label}”.", label=field.label)) for one in many))
    known = {value for value, _ in field.choices}
    if known and not known.issuperset(words):
        raise _wrong(t("“{label}” has no such value any more.", label=field.label))
    return words


def _number(given: object, about: str) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, (str, int, float, Decimal)):
        raise _wrong(t("Write a number for {about}.", about=about))
    try:
        found = Decimal(str(given).strip())
    except InvalidOperation:
        raise _wrong(t("Write a number for {about}.", about=about)) from None
    if not found.is_finite() or abs(found) >= MOST_NUMBER or found != round(found, 6):
        raise _wrong(t("Write a number for {about}, with at most 6 decimals.", about=about))
    return found


def _date(given: object, about: str) -> date:
    try:
        found = date.fromisoformat(str(given).strip()[:10])
    except ValueError:
        raise _wrong(t("Write a date for {about}, such as 2026-02-11.", about=about)) from None
    if not 1900 <= found.year <= 2200:
        raise _wrong(t("Write a date from 1900 to 2200 for {about}.", about=about))
    return found


def _days(given: object, about: str) -> int:
    days = int(given) if isinstance(given, (int, str)) and str(given).strip().isdecimal() else 0
    if not 1 <= days <= MOST_DAYS:
        raise _wrong(t("Write how many days for {about}.", about=about))
    return days


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, field="conditions")


# Evaluating -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """What now is, and whose midnight counts."""

    at: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day it is there."""
        return self.at.astimezone(self.zone).date()

    def starts(self, day: date) -> datetime:
        """When a day begins there."""
        return datetime.combine(day, time(), self.zone)


def holds(node: Node, *, fact: Callable[[str], Fact], fields: Mapping[str, Field], clock: Clock) -> bool:
    """Whether a condition is true of one thing, whose facts `fact` tells by the field's key."""
    if isinstance(node, Rule):
        return _true(fields[node.field].kind, node, fact(node.field), clock)
    found = (holds(part, fact=fact, fields=fields, clock=clock) for part in node.parts)
    if node.how == "all":
        return all(found)
    return any(found) if node.how == "any" else not any(found)


def is_there(fact: Fact) -> bool:
    """Whether there is a value at all."""
    return fact is not None and fact != "" and fact != frozenset()


def _true(kind: Kind, rule: Rule, fact: Fact, clock: Clock) -> bool:
    if rule.op in {"set", "empty"}:
        return is_there(fact) == (rule.op == "set")
    if kind == "moment":
        return _moment(rule, fact, clock)
    if kind == "date":
        return _day(rule, fact, clock)
    if kind == "number":
        return _amount(rule, fact)
    if kind == "yes_no":
        return fact is (rule.op == "yes")
    if kind == "text":
        return _words(rule, str(fact or "").lower())
    return _among(rule, fact)


def _words(rule: Rule, has: str) -> bool:
    wanted = str(rule.value).lower()
    if rule.op in {"is", "is_not"}:
        return (has == wanted) == (rule.op == "is")
    if rule.op == "begins":
        return has.startswith(wanted)
    return (wanted in has) == (rule.op == "contains")


def _among(rule: Rule, fact: Fact) -> bool:
    wanted = set(rule.value) if isinstance(rule.value, tuple) else set()
    has = fact if isinstance(fact, frozenset) else frozenset({fact} if is_there(fact) else ())
    if rule.op == "all_of":
        return wanted <= has
    return bool(wanted & has) == (rule.op in {"one_of", "any_of"})


def _amount(rule: Rule, fact: Fact) -> bool:
    if not isinstance(fact, Decimal):
        return rule.op == "not_equal"
    if isinstance(rule.value, tuple):
        low, high = rule.value
        return isinstance(low, Decimal) and isinstance(high, Decimal) and low <= fact <= high
    wanted = rule.value
    if not isinstance(wanted, Decimal):
        return False
    if rule.op in {"equal", "not_equal"}:
        return (fact == wanted) == (rule.op == "equal")
    return fact < wanted if rule.op == "less" else fact > wanted


def _day(rule: Rule, fact: Fact, clock: Clock) -> bool:
    if not isinstance(fact, date):
        return False
    low, high = day_range(rule, today=clock.today)
    return (low is None or fact >= low) and (high is None or fact <= high)


def day_range(rule: Rule, *, today: date) -> tuple[date | None, date | None]:
    """The first and the last day a rule about a date means; None where it is open."""
    value = rule.value
    if isinstance(value, tuple):
        return next(one for one in value[:1] if isinstance(one, date)), next(
            one for one in value[1:] if isinstance(one, date)
        )
    if isinstance(value, int):
        span = timedelta(days=value)
        return (today - span, today) if rule.op == "last_days" else (today, today + span)
    if not isinstance(value, date):
        return None, None
    one = timedelta(days=1)
    return {"on": (value, value), "before": (None, value - one)}.get(rule.op, (value + one, None))


def moment_range(rule: Rule, *, clock: Clock) -> tuple[datetime | None, datetime | None]:
    """From when (included) to when (left out) a rule about a moment means; of `not_last_days`, what it denies."""
    if isinstance(rule.value, int):
        return clock.at - timedelta(days=rule.value), None
    first, last = day_range(rule, today=clock.today)
    ends = clock.starts(last + timedelta(days=1)) if last is not None else None
    return (clock.starts(first) if first is not None else None), ends


def _moment(rule: Rule, fact: Fact, clock: Clock) -> bool:
    is_denied = rule.op == "not_last_days"
    if not isinstance(fact, datetime):
        return is_denied
    low, high = moment_range(rule, clock=clock)
    return ((low is None or fact >= low) and (high is None or fact < high)) != is_denied
