"""`twoway segments TEXT`: how a text is encoded, how many parts it costs, and how to make it cheaper."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson

from twoway.ops import lines, printing
from twoway.sms import segments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    lines.add_text(parser)
    parser.add_argument("--toll-free", action="store_true", help="from a toll-free number of the US or Canada")


def run(args: argparse.Namespace) -> int:
    """Print what it costs. With - one JSON document a line, an `error` in it for a line that is not text."""
    if args.text == "-":
        printing.stream(lines.documents(sys.stdin.buffer, partial(document, toll_free_us=args.toll_free)))
        return 0
    if not lines.is_text(args.text):
        return printing.fail(lines.NOT_TEXT)
    found = document(args.text, toll_free_us=args.toll_free)
    return printing.show(args, found, lambda: _lines(found))


def document(text: str, *, toll_free_us: bool = False) -> dict[str, Any]:
    """The costs of this text exactly as given."""
    counted = segments.count(text, toll_free_us=toll_free_us)
    return {
        "encoding": counted.encoding,
        "segments": counted.segments,
        "units": counted.units,
        "per_segment": list(counted.per_segment),
        "costly": [
            {
                "char": costly.char,
                "code_point": costly.code_point,
                "name": costly.name,
                "position": costly.position,
                "replacement": costly.replacement,
            }
            for costly in segments.costly(text)
        ],
        "suggestion": segments.suggestion(text),
    }


def _lines(found: dict[str, Any]) -> Iterator[str]:
    many = "" if found["segments"] == 1 else "s"
    yield f"{found['encoding']}, {found['units']} units, {found['segments']} segment{many}"
    for costly in found["costly"]:
        yield f"  {costly['char']!r} at {costly['position']} ({costly['code_point']} {costly['name']}) makes it UCS-2"
    if found["suggestion"] is not None:
        cheaper = orjson.dumps(found["suggestion"]).decode()
        yield f"Cheaper: {cheaper}"
