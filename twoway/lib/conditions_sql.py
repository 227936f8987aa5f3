"""Conditions as SQL: the same tree that `conditions.holds` judges one by one, as one expression for a WHERE.

Every value is a parameter. An expression of a text or choice gives text or NULL, of a number numeric, of a date date,
of a moment timestamptz, of yes/no boolean. A set gives a subquery of one text column, without its parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from twoway.lib.conditions import Clock, Field, Group, Node, Rule, day_range, moment_range

Column = Callable[["Params"], str]
"""The SQL expression of a field; it may put values of its own into the parameters."""


@dataclass(slots=True)
class Params:
    """The named parameters of one statement, such as %(c3)s."""

    values: dict[str, Any] = field(default_factory=dict)

    def put(self, value: object) -> str:
        """Add a value; its place in the SQL."""
        name = f"c{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


def compiled(
    node: Node, *, columns: Mapping[str, Column], fields: Mapping[str, Field], clock: Clock, params: Params
) -> str:
    """The expression that is true where the condition holds, and never NULL."""
    if isinstance(node, Group):
        parts = [compiled(part, columns=columns, fields=fields, clock=clock, params=params) for part in node.parts]
        return _group(node, parts)
    return _rule(node, fields[node.field].kind, columns[node.field](params), clock, params)


def _group(node: Group, parts: list[str]) -> str:
    if not parts:
        return "FALSE" if node.how == "any" else "TRUE"
    joined = f"({(' AND ' if node.how == 'all' else ' OR ').join(parts)})"
    return f"(NOT {joined})" if node.how == "none" else joined


def _rule(rule: Rule, kind: str, column: str, clock: Clock, params: Params) -> str:
    if kind == "set":
        return _set(rule, column, params)
    if rule.op in {"set", "empty"}:
        there = f"(({column}) IS NOT NULL)" if kind not in {"text", "choice"} else f"(COALESCE({column}, '') <> '')"
        return there if rule.op == "set" else f"(NOT {there})"
    if kind == "yes_no":
        return f"(({column}) IS {'TRUE' if rule.op == 'yes' else 'FALSE'})"
    if kind == "text":
        return _words(rule, column, params)
    if kind == "choice":
        among = f"(COALESCE({column}, '') = ANY({params.put(list(_texts(rule)))}::text[]))"
        return among if rule.op == "one_of" else f"(NOT {among})"
    if kind == "number":
        return _amount(rule, column, params)
    if kind == "date":
        return _range(column, *day_range(rule, today=clock.today), params=params, type_name="date", last="<=")
    inside = _range(column, *moment_range(rule, clock=clock), params=params, type_name="timestamptz", last="<")
    return f"(NOT {inside})" if rule.op == "not_last_days" else inside


def _texts(rule: Rule) -> tuple[str, ...]:
    return tuple(str(one) for one in rule.value) if isinstance(rule.value, tuple) else ()


def _set(rule: Rule, column: str, params: Params) -> str:
    if rule.op in {"set", "empty"}:
        return f"({'NOT ' if rule.op == 'empty' else ''}EXISTS ({column}))"
    words = _texts(rule)
    if rule.op == "all_of":
        return f"({' AND '.join(f'{params.put(word)}::text IN ({column})' for word in words)})"
    shared = f"({' OR '.join(f'{params.put(word)}::text IN ({column})' for word in words)})"
    return shared if rule.op == "any_of" else f"(NOT {shared})"


def _words(rule: Rule, column: str, params: Params) -> str:
    has, wanted = f"lower(COALESCE({column}, ''))", str(rule.value).lower()
    if rule.op in {"is", "is_not"}:
        return f"({has} {'=' if rule.op == 'is' else '<>'} {params.put(wanted)}::text)"
    if rule.op == "begins":
        return f"(starts_with({has}, {params.put(wanted)}::text))"
    return f"(strpos({has}, {params.put(wanted)}::text) {'>' if rule.op == 'contains' else '='} 0)"


def _amount(rule: Rule, column: str, params: Params) -> str:
    if isinstance(rule.value, tuple):
        low, high = rule.value
        return f"(COALESCE(({column}) BETWEEN {params.put(low)}::numeric AND {params.put(high)}::numeric, FALSE))"
    value = f"{params.put(rule.value)}::numeric"
    if rule.op in {"equal", "not_equal"}:
        same = f"(COALESCE(({column}) = {value}, FALSE))"
        return same if rule.op == "equal" else f"(NOT {same})"
    return f"(COALESCE(({column}) {'<' if rule.op == 'less' else '>'} {value}, FALSE))"


def _range(
    column: str,
    low: date | datetime | None,
    high: date | datetime | None,
    *,
    params: Params,
    type_name: str,
    last: str,
) -> str:
    parts = []
    if low is not None:
        parts.append(f"({column}) >= {params.put(low)}::{type_name}")
    if high is not None:
        parts.append(f"({column}) {last} {params.put(high)}::{type_name}")
    return f"(COALESCE({' AND '.join(parts)}, FALSE))" if parts else f"(({column}) IS NOT NULL)"
