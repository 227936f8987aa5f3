"""The form of a saved view: groups of conditions, each of a field, a way to compare, and what it is compared with.

The whole form is drawn again by the server after every change, so it works without a script; with one it is swapped.
Inputs are named `g0-how` for a group, and `g0-r1-field`, `g0-r1-op` and `g0-r1-value` for its rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from twoway.conversations.views.queries import SavedView, stored_tree
from twoway.lib.conditions import OPS, Field, Group, Node, Rule, written
from twoway.lib.words import noted, t

MOST_GROUPS = 6
MOST_RULES = 10
HOWS = (("all", noted("All of these")), ("any", noted("Any of these")), ("none", noted("None of these")))


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleRow:
    """One condition as inputs. `shape` says which; `values` are what is in them or chosen."""

    name: str
    field: str = ""
    op: str = ""
    values: tuple[str, ...] = ()
    ops: tuple[tuple[str, str], ...] = ()
    shape: str = "none"
    choices: tuple[tuple[str, str, bool], ...] = ()

    @property
    def value(self) -> str:
        """The first, or for words without choices all of them."""
        return ", ".join(self.values) if self.shape == "texts" else self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        """The other end of a span."""
        return self.values[1] if len(self.values) > 1 else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRow:
    """Conditions under one heading."""

    name: str
    how: str
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What is in the form now."""

    name: str = ""
    scope: str = "private"
    team: str = ""
    order: str = "waiting"
    icon: str = "star"
    how: str = "all"
    groups: tuple[GroupRow, ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, object]:
        """The conditions as JSON; rules nobody has chosen a field for are left out, and so are groups of none."""
        groups = [(group.how, [_rule_json(rule) for rule in group.rules if rule.field]) for group in self.groups]
        return {self.how: [{how: rules} for how, rules in groups if rules]}


def _rule_json(rule: RuleRow) -> dict[str, object]:
    told: dict[str, object] = {"field": rule.field, "is": rule.op}
    match rule.shape:
        case "none":
            return told
        case "texts" if not rule.choices:
            words = [word.strip() for value in rule.values for word in value.split(",")]
            return told | {"value": [word for word in words if word]}
        case "texts" | "numbers" | "dates":
            return told | {"value": list(rule.values)}
        case _:
            return told | {"value": rule.values[0] if rule.values else ""}


def posted(data: QueryDict, fields: Mapping[str, Field]) -> Form:
    """What a form says, after the button that was pressed (`do`): a rule or a group more or less."""
    do = data.get("do", "")
    groups = []
    for g in range(MOST_GROUPS):
        name = f"g{g}"
        if f"{name}-how" not in data or do == f"drop-{name}":
            continue
        rules = [
            _row(f"{name}-r{r}", data, fields)
            for r in range(MOST_RULES)
            if f"{name}-r{r}-field" in data and do != f"drop-{name}-r{r}"
        ]
        if do == f"add-{name}" or not rules:
            rules.append(RuleRow(name=""))
        groups.append((data.get(f"{name}-how", "all"), rules))
    if do == "add-group" or not groups:
        groups.append(("all", [RuleRow(name="")]))
    return Form(
        name=data.get("name", "")[:80],
        scope=data.get("scope", "private"),
        team=data.get("team", ""),
        order=data.get("order", "waiting"),
        icon=data.get("icon", "star"),
        how="any" if data.get("how") == "any" else "all",
        groups=_named(groups, fields),
    )


def _row(name: str, data: QueryDict, fields: Mapping[str, Field]) -> RuleRow:
    values = tuple(value[:200] for value in data.getlist(f"{name}-value"))
    return RuleRow(name=name, field=data.get(f"{name}-field", ""), op=data.get(f"{name}-op", ""), values=values[:60])


def _named(groups: list[tuple[str, list[RuleRow]]], fields: Mapping[str, Field]) -> tuple[GroupRow, ...]:
    """Numbered from nought again, each rule with the inputs its field asks for."""
    return tuple(
        GroupRow(
            name=f"g{g}",
            how=how if how in dict(HOWS) else "all",
            rules=tuple(filled(f"g{g}-r{r}", rule, fields) for r, rule in enumerate(rules[:MOST_RULES])),
        )
        for g, (how, rules) in enumerate(groups[:MOST_GROUPS])
    )


def filled(name: str, rule: RuleRow, fields: Mapping[str, Field]) -> RuleRow:
    """A rule with the ways to compare its field, and the inputs of the chosen one."""
    about = fields.get(rule.field)
    if about is None:
        return RuleRow(name=name)
    ops = OPS[about.kind]
    op = rule.op if rule.op in ops else next(iter(ops))
    shape = ops[op].shape
    chosen = set(rule.values)
    choices = tuple((value, label, value in chosen) for value, label in about.choices) if shape == "texts" else ()
    return RuleRow(
        name=name,
        field=rule.field,
        op=op,
        values=rule.values if shape != "none" else (),
        ops=tuple((key, t(one.words)) for key, one in ops.items()),
        shape=shape,
        choices=choices,
    )


def form_of(view: SavedView, fields: Mapping[str, Field]) -> Form:
    """The form of a view that is kept."""
    tree = stored_tree(view)
    return Form(
        name=view.name,
        scope=view.scope,
        team=str(view.team_id or ""),
        order=view.order,
        icon=view.icon,
        how="any" if tree.how == "any" else "all",
        groups=groups_of(tree, fields),
    )


def groups_of(tree: Group, fields: Mapping[str, Field]) -> tuple[GroupRow, ...]:
    """The groups of a tree as inputs; rules that stand alone get a group."""
    alone = [part for part in tree.parts if isinstance(part, Rule)]
    groups: list[tuple[str, list[RuleRow]]] = [(tree.how, [_row_of(one) for one in alone])] if alone else []
    groups += [
        (part.how, [_row_of(one) for one in part.parts if isinstance(one, Rule)])
        for part in tree.parts
        if isinstance(part, Group)
    ]
    return _named(groups or [("all", [RuleRow(name="")])], fields)


def _row_of(node: Node) -> RuleRow:
    told = written(node)
    value = told.get("value", ())
    values = value if isinstance(value, list) else [value] if "value" in told else []
    return RuleRow(name="", field=str(told["field"]), op=str(told["is"]), values=tuple(str(one) for one in values))
