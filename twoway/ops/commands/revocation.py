"""`twoway revocation TEXT`: whether a text asks to stop texting, and why."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from twoway.compliance.revocation.judgement import judge
from twoway.ops import lines, printing

BATCH = 256
"""Lines judged together."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    lines.add_text(parser)


def run(args: argparse.Namespace) -> int:
    """Print the verdict. With - one JSON document a line, an `error` in it for a line that is not text."""
    if args.text == "-":
        printing.stream(documents(sys.stdin.buffer))
        return 0
    if not lines.is_text(args.text):
        return printing.fail(lines.NOT_TEXT)
    found = next(documents([args.text.encode()]))
    return printing.show(args, found, lambda: [f"{found['verdict']}: {found['why']}"])


def documents(given: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One document for every line, whatever is in it."""
    numbered = enumerate(given, start=1)
    while batch := list(islice(numbered, BATCH)):
        texts = [lines.read(line) for _, line in batch]
        verdicts = iter(judge([text for text in texts if text is not None]))
        for (number, _), text in zip(batch, texts, strict=True):
            if text is None:
                yield lines.unreadable(number)
            else:
                verdict = next(verdicts)
                yield {"verdict": verdict.kind, "why": verdict.why}
