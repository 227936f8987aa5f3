"""What commands print: one JSON document, or lines for people, on standard output; why not, on standard error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import orjson


def show(args: argparse.Namespace, document: Any, lines: Callable[[], Iterable[str]]) -> int:
    """Print the document when --json was asked for, else the lines. Returns exit status 0."""
    if args.json:
        _write(orjson.dumps(document) + b"\n")
    else:
        _write("".join(f"{line}\n" for line in lines()).encode("utf-8", "replace"))
    return 0


def stream(documents: Iterable[Any]) -> None:
    """Print one JSON document a line, each as soon as it is there; end quietly when nobody reads on."""
    try:
        for document in documents:
            _write(orjson.dumps(document) + b"\n")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(sentence: str) -> int:
    """Say in one line on standard error why it was not done. Returns exit status 1."""
    line = " ".join(sentence.split())
    print(f"twoway: {line}", file=sys.stderr)
    return 1


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
