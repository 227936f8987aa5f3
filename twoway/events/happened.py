"""What every event has in common: the columns of the `event` table, and how the rest becomes JSON and back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from pydantic import TypeAdapter


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One thing that happened. `is_shown` marks the ones a thread shows as a line."""

    type: ClassVar[str] = ""
    is_shown: ClassVar[bool] = False

    workspace_id: int
    conversation_id: int | None = None
    contact_id: int | None = None
    message_id: int | None = None
    member_id: int | None = None

    def data(self) -> dict[str, Any]:
        """The event's own fields as JSON values."""
        dumped: dict[str, Any] = adapter(type(self)).dump_python(self, mode="json")
        return {name: value for name, value in dumped.items() if name not in COLUMNS}


COLUMNS = frozenset(field.name for field in fields(Happened))


@dataclass(frozen=True, kw_only=True)
class HappenedBy(Happened):
    """What a member may have done. Their name is kept beside their id: a line reads right when the member is gone."""

    by_name: str = ""


_adapters: dict[str, TypeAdapter[Any]] = {}


def adapter(event: type[Happened]) -> TypeAdapter[Any]:
    """The reader and writer of one class, made on first use."""
    if event.type not in _adapters:
        _adapters[event.type] = TypeAdapter(event)
    return _adapters[event.type]
