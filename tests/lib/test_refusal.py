"""What is said where something does not exist: a whole sentence for each thing, so that it can be translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from twoway.lib.refusal import NO_SUCH, NotFound

ROOT = Path(__file__).resolve().parents[2] / "twoway"


def _things() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        source = path.read_text()
        if "NotFound(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"NotFound", "_missing"}
            ):
                thing = node.args[0] if node.args else None
                if isinstance(thing, ast.Constant) and isinstance(thing.value, str):
                    yield thing.value


def test_every_thing_that_may_be_missing_has_its_sentence() -> None:
    things = set(_things())
    assert len(things) > 50
    assert {f"There is no such {thing}." for thing in things} == set(NO_SUCH)


def test_what_is_missing_is_named() -> None:
    gone = NotFound("team", 7)
    assert (gone.sentence, gone.what, gone.key, gone.status) == ("There is no such team.", "team", 7, 404)
