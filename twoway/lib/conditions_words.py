"""Conditions in words: what a tree says, and which of its parts are true of one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twoway.lib.conditions import OPS, Clock, Fact, Field, Group, Node, holds, written
from twoway.lib.words import t


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a tree in words, and whether it is true."""

    words: str
    holds: bool


def phrase(node: Node, fields: Mapping[str, Field]) -> str:
    """A condition as people read it: "Tags has any of VIP", "not (… or …)"."""
    if isinstance(node, Group):
        word = t("and") if node.how == "all" else t("or")
        joined = f" {word} ".join(phrase(part, fields) for part in node.parts)
        return t("not ({what})", what=joined) if node.how == "none" else joined
    about = fields[node.field]
    value = written(node).get("value")
    labels = dict(about.choices)
    many = value if isinstance(value, list) else [] if value is None else [value]
    either = t("or")
    shown = f" {either} ".join(labels.get(str(one), str(one)) for one in many)
    return " ".join(part for part in (about.label, t(OPS[about.kind][node.op].words), shown) if part)


def reasons(
    tree: Group, *, fact: Callable[[str], Fact], fields: Mapping[str, Field], clock: Clock
) -> tuple[Reason, ...]:
    """Every part of a tree with whether it is true; groups of one kind inside "all" are taken apart."""
    found: list[Reason] = []
    for part in tree.parts:
        if isinstance(part, Group) and part.how == "all" and tree.how == "all":
            found += reasons(part, fact=fact, fields=fields, clock=clock)
        else:
            found.append(Reason(phrase(part, fields), holds(part, fact=fact, fields=fields, clock=clock)))
    return tuple(found)


def because(tree: Group, *, fact: Callable[[str], Fact], fields: Mapping[str, Field], clock: Clock) -> str:
    """What of a tree is true, in one line: why it holds. "" for one that always does."""
    true = [one.words for one in reasons(tree, fact=fact, fields=fields, clock=clock) if one.holds]
    return "; ".join(true if tree.how != "none" else [phrase(tree, fields)] if tree.parts else [])
