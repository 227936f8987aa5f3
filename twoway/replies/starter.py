"""The starter set: replies to common questions, in English, each one segment when it is filled in.

Written for any business: what only the business knows is a variable with a fallback, or a blank to fill in. The words
are in starter.json, with values of a usual length beside them, to count segments with.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("starter.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """One reply of the set."""

    folder: str
    name: str
    word: str
    body: str


@cache
def starter_set() -> tuple[Prepared, ...]:
    """The replies, in the order of their folders."""
    return tuple(Prepared(**one) for one in _read()["replies"])


def sample() -> dict[str, str]:
    """Values of a usual length for every variable of the set."""
    return dict(_read()["sample"])


def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found
