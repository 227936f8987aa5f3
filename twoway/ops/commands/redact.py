"""`twoway redact TEXT`: card numbers, SSNs, security codes, passwords and one-time codes taken out of a text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from twoway.compliance.shield.rules import LABELS, redact
from twoway.ops import lines, printing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    lines.add_text(parser)


def run(args: argparse.Namespace) -> int:
    """Print the text without its secrets. With - one JSON document a line, an `error` in it for what is not text."""
    if args.text == "-":
        printing.stream(lines.documents(sys.stdin.buffer, document))
        return 0
    if not lines.is_text(args.text):
        return printing.fail(lines.NOT_TEXT)
    found = document(args.text)
    return printing.show(args, found, lambda: _lines(found))


def document(text: str) -> dict[str, Any]:
    """The text as it may be kept, and what was taken out: kind, and start and end in the text as given."""
    kept, found = redact(text)
    return {"text": kept, "found": [{"kind": one.kind, "start": one.start, "end": one.end} for one in found]}


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield found["text"]
    for one in found["found"]:
        yield f"  {LABELS[one['kind']]} at {one['start']}"
