"""`twoway redact TEXT`: card numbers, SSNs, security codes, passwords and one-time codes taken out of a text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from twoway.compliance.shield.rules import LABELS, redact
from twoway.ops import printing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("text", metavar="TEXT", help="the text, or - to read one text a line from standard input")


def run(args: argparse.Namespace) -> int:
    """Print the text without its secrets. With - one JSON document a line, an `error` in it for what is not text."""
    if args.text == "-":
        printing.stream(documents(sys.stdin.buffer))
        return 0
    if any("\ud800" <= char <= "\udfff" for char in args.text):
        return printing.fail("The text is not valid UTF-8.")
    found = document(args.text)
    return printing.show(args, found, lambda: _lines(found))


def document(text: str) -> dict[str, Any]:
    """The text as it may be kept, and what was taken out: kind, and start and end in the text as given."""
    kept, found = redact(text)
    return {"text": kept, "found": [{"kind": one.kind, "start": one.start, "end": one.end} for one in found]}


def documents(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One document for every line, whatever is in it."""
    for number, line in enumerate(lines, start=1):
        try:
            text = line.removesuffix(b"\n").removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            yield {"error": f"Line {number} is not valid UTF-8."}
        else:
            yield document(text)


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield found["text"]
    for one in found["found"]:
        yield f"  {LABELS[one['kind']]} at {one['start']}"
