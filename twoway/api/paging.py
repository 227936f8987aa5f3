"""Lists in pages: newest first, continued from the last item seen, so that new items never shift a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar

from pydantic import Field, StringConstraints

CURSOR_PATTERN = "^[0-7][0-9a-f]{15}$"

Cursor = Annotated[
    str,
    StringConstraints(pattern=CURSOR_PATTERN),
    Field(description="The `next` of the page before. What it contains is nobody's business and may change."),
]


class HasId(Protocol):
    """A row of a list."""

    @property
    def pk(self) -> int: ...


Row = TypeVar("Row", bound=HasId)


def before_id(cursor: str | None) -> int | None:
    """The id that every item of the page is below, or None for the first page."""
    return None if cursor is None else int(cursor, 16)


def page(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], str | None]:
    """The first `limit` of rows that were read one beyond it, and the cursor of what follows."""
    if len(rows) <= limit:
        return rows, None
    shown = rows[:limit]
    return shown, f"{shown[-1].pk:016x}"
