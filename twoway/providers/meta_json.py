"""Reading JSON that may be anything: Meta adds fields and types without notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text_of(value: object, key: str) -> str:
    """A text or a whole number as text; "" for anything else, also when `value` is no object."""
    found = value.get(key) if isinstance(value, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return str(found)


def listed(value: object, key: str) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing when it is missing or something else."""
    found = value.get(key) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
