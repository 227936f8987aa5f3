"""Things people put in order: all as they wish, or one of them a place up or down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def as_wished(rows: Mapping[int, T], wished: Sequence[int]) -> list[T]:
    """Those whose ids are wished, in that order, then the others as they are. An id that comes twice counts once; one
    that is none of theirs raises `KeyError`."""
    first = dict.fromkeys(wished)
    return [rows[key] for key in first] + [row for key, row in rows.items() if key not in first]


def moved(keys: Sequence[int], key: int, *, step: int) -> list[int] | None:
    """The ids with this one in the place `step` further on, and who stood there in its place; None beyond either
    end."""
    order = list(keys)
    place = order.index(key)
    other = place + step
    if not 0 <= other < len(order):
        return None
    order[place], order[other] = order[other], order[place]
    return order
