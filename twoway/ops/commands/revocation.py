"""`twoway revocation TEXT`: whether a text asks to stop texting, and why."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from twoway.compliance.revocation.judgement import judge
from twoway.ops import printing

BATCH = 256
"""Lines judged together."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("text", metavar="TEXT", help="the text, or - to read one text a line from standard input")


def run(args: argparse.Namespace) -> int:
    """Print the verdict. With - one JSON document a line, an `error` in it for a line that is not text."""
    if args.text == "-":
        printing.stream(documents(sys.stdin.buffer))
        return 0
    if any("\ud800" <= char <= "\udfff" for char in args.text):
        return printing.fail("The text is not valid UTF-8.")
    found = next(documents([args.text.encode()]))
    return printing.show(args, found, lambda: [f"{found['verdict']}: {found['why']}"])


def documents(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One document for every line, whatever is in it."""
    numbered = enumerate(lines, start=1)
    while batch := list(islice(numbered, BATCH)):
        texts = [_text(line) for _, line in batch]
        verdicts = iter(judge([text for text in texts if text is not None]))
        for (number, _), text in zip(batch, texts, strict=True):
            if text is None:
                yield {"error": f"Line {number} is not valid UTF-8."}
            else:
                verdict = next(verdicts)
                yield {"verdict": verdict.kind, "why": verdict.why}


def _text(line: bytes) -> str | None:
    try:
        return line.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return None
