"""Lines that were judged by hand, for training and for measuring: a table of kind, language and text.

`out` asks to stop, `hint` may ask to stop (asking back is right), `hard` looks like it and is not, `plain` is ordinary.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

KINDS = ("out", "hint", "hard", "plain")
HELD_OUT = 5
"""One line in so many is never trained on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its kind, its language (ISO 639), and the text."""

    kind: str
    language: str
    text: str


def read(path: Path) -> list[Line]:
    """The lines of a file with a heading, in order."""
    rows = [row.split("\t") for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [Line(kind=kind, language=language, text=text) for kind, language, text in rows]


def is_held_out(text: str) -> bool:
    """Whether a line is only for measuring; its own words decide, so that adding lines moves none."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % HELD_OUT == 0
