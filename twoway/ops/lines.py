"""A text as an argument, or one a line from standard input: what `segments`, `redact` and `revocation` share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import Any

NOT_TEXT = "The text is not valid UTF-8."


def add_text(parser: argparse.ArgumentParser) -> None:
    """The argument itself."""
    parser.add_argument("text", metavar="TEXT", help="the text, or - to read one text a line from standard input")


def is_text(argument: str) -> bool:
    """Whether this argument was UTF-8: Python keeps other bytes as halves of surrogate pairs."""
    return not any("\ud800" <= char <= "\udfff" for char in argument)


def read(line: bytes) -> str | None:
    """The text of a line without its end, or None when it is not UTF-8."""
    try:
        return line.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return None


def unreadable(number: int) -> dict[str, Any]:
    """The document of a line that is not text."""
    return {"error": f"Line {number} is not valid UTF-8."}


def documents(lines: Iterable[bytes], document: Callable[[str], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One document for every line, whatever is in it."""
    for number, line in enumerate(lines, start=1):
        text = read(line)
        yield unreadable(number) if text is None else document(text)
