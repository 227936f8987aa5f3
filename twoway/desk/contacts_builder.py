"""The form that builds a filter: blocks of conditions, each said by a field, a way to compare, and a value.

It is a form sent by GET: each button sends what is typed and gets the form back, changed; nothing is kept until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import Any

from django.http import QueryDict

from twoway.lib.conditions import MOST_RULES, OPS, Field, Group, Node, Rule, read, written
from twoway.lib.conditions_words import phrase
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t

HOWS = (("all", noted("all of these")), ("any", noted("any of these")), ("none", noted("none of these")))
MOST_BLOCKS = 6


@dataclass(kw_only=True, slots=True)
class Line:
    """One condition of the form: its parts as they were typed, and what may be chosen."""

    number: int
    field: str
    op: str
    values: list[str]
    shape: str = "none"
    ops: list[tuple[str, str]] = made_by(default_factory=list)
    choices: list[tuple[str, str]] = made_by(default_factory=list)

    @property
    def first(self) -> str:
        """What stands in its first input."""
        return self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        """What stands in its second input."""
        return self.values[1] if len(self.values) > 1 else ""


@dataclass(kw_only=True, slots=True)
class Block:
    """Conditions of which all, any or none must hold."""

    number: int
    how: str
    lines: list[Line]


@dataclass(kw_only=True, slots=True)
class Builder:
    """The whole form. `how` joins the blocks. `is_deep`: the filter has more levels than the form can show."""

    how: str
    blocks: list[Block]
    fields: list[tuple[str, str]]
    is_deep: bool = False
    error: str = ""


def from_tree(tree: Group, *, fields: Mapping[str, Field]) -> Builder:
    """The form that says the same as a filter; an empty one has one condition to begin with."""
    is_flat = all(isinstance(part, Rule) for part in tree.parts)
    groups = [tree] if is_flat else [part if isinstance(part, Group) else Group("all", (part,)) for part in tree.parts]
    how = "all" if is_flat else tree.how
    if any(isinstance(part, Group) for group in groups for part in group.parts):
        return Builder(how=how, blocks=[], fields=_choices(fields), is_deep=True)
    numbers = iter(range(MOST_RULES))
    blocks = [
        Block(number=place, how=group.how, lines=[_line(next(numbers), part, fields) for part in group.parts])
        for place, group in enumerate(groups)
    ]
    if not tree.parts:
        blocks[0].lines.append(_empty(0, fields))
    return Builder(how=how, blocks=blocks, fields=_choices(fields))


def from_form(given: QueryDict, *, fields: Mapping[str, Field]) -> Builder:
    """The form as it was sent, after the button that sent it."""
    blocks = [
        Block(number=place, how=_how(given.get(f"b{place}", "")), lines=[])
        for place in range(MOST_BLOCKS)
        if f"b{place}" in given
    ] or [Block(number=0, how="all", lines=[])]
    by_number = {block.number: block for block in blocks}
    verb, _, about = given.get("do", "").partition(":")
    for number in range(MOST_RULES):
        block = by_number.get(_number(given.get(f"r{number}", "")))
        if block is not None and f"f{number}" in given and (verb, about) != ("remove", str(number)):
            block.lines.append(_sent(number, given, fields))
    _press(blocks, verb, about, fields)
    return _numbered(Builder(how=_how(given.get("how", "")), blocks=blocks, fields=_choices(fields)))


def tree_of(builder: Builder, *, fields: Mapping[str, Field]) -> Group:
    """The filter a form says. Raises `Invalid`."""
    blocks = [{block.how: [_told(line) for line in block.lines]} for block in builder.blocks if block.lines]
    if not blocks:
        return Group("all")
    return read(blocks[0] if len(blocks) == 1 and builder.how != "none" else {builder.how: blocks}, fields=fields)


def _press(blocks: list[Block], verb: str, about: str, fields: Mapping[str, Field]) -> None:
    if verb == "add":
        block = next((one for one in blocks if str(one.number) == about), blocks[0])
        block.lines.append(_empty(0, fields))
    elif verb == "block" and len(blocks) < MOST_BLOCKS:
        blocks.append(Block(number=len(blocks), how="any", lines=[_empty(0, fields)]))
    if verb == "remove":
        blocks[:] = [block for block in blocks if block.lines] or blocks[:1]


def _numbered(builder: Builder) -> Builder:
    numbers = iter(range(MOST_RULES))
    for place, block in enumerate(builder.blocks):
        block.number = place
        block.lines = [line for line, number in zip(block.lines, numbers, strict=False) if _put(line, number)]
    return builder


def _put(line: Line, number: int) -> bool:
    line.number = number
    return True


def _sent(number: int, given: QueryDict, fields: Mapping[str, Field]) -> Line:
    values = [value[:200] for value in given.getlist(f"v{number}")[:60]]
    return _made(number, str(given[f"f{number}"]), given.get(f"o{number}", ""), values, fields)


def _line(number: int, part: Node, fields: Mapping[str, Field]) -> Line:
    told = written(part)
    value = told.get("value", [])
    values = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return _made(number, str(told["field"]), str(told["is"]), values, fields)


def _empty(number: int, fields: Mapping[str, Field]) -> Line:
    return _made(number, next(iter(fields)), "", [], fields)


def _made(number: int, key: str, op: str, values: list[str], fields: Mapping[str, Field]) -> Line:
    about = fields.get(key) or next(iter(fields.values()))
    ops = OPS[about.kind]
    chosen = op if op in ops else next(iter(ops))
    return Line(
        number=number,
        field=about.key,
        op=chosen,
        values=values,
        shape=ops[chosen].shape,
        ops=[(word, t(one.words)) for word, one in ops.items()],
        choices=list(about.choices),
    )


def _told(line: Line) -> dict[str, Any]:
    rule: dict[str, Any] = {"field": line.field, "is": line.op}
    if line.shape == "none":
        return rule
    return rule | {"value": line.values if line.shape in {"texts", "numbers", "dates"} else line.first}


def words_of(tree: Group, *, fields: Mapping[str, Field]) -> list[str]:
    """A filter in words, a phrase for each of its parts."""
    return [phrase(part, fields) for part in tree.parts]


def _choices(fields: Mapping[str, Field]) -> list[tuple[str, str]]:
    return [(one.key, one.label) for one in fields.values()]


def _how(word: str) -> str:
    return word if word in dict(HOWS) else "all"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else -1


def problem_of(builder: Builder, *, fields: Mapping[str, Field]) -> str:
    """Why the form says no filter yet; "" when it does."""
    try:
        tree_of(builder, fields=fields)
    except Invalid as refused:
        return refused.sentence
    return ""
