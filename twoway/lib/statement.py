"""An SQL statement with named parameters, written in PostgreSQL's own $1, $2 once instead of at every execution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor

_PARAMETER = re.compile(r"%\(([a-z_]+)\)s")


class Statement:
    """One statement; parameters are written `%(name)s`, as for psycopg, and a percent sign is just that."""

    __slots__ = ("_names", "_text")

    def __init__(self, text: str) -> None:
        self._names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
        places = {name: f"${number}" for number, name in enumerate(self._names, 1)}
        self._text = _PARAMETER.sub(lambda found: places[found[1]], text).encode()

    async def execute(self, connection: AsyncConnection[Any], values: Mapping[str, object]) -> AsyncCursor[Any]:
        """Run it, prepared. `values` may hold more than it needs. Raises `KeyError` and what psycopg raises."""
        cursor = AsyncRawCursor(connection)
        return await cursor.execute(self._text, [values[name] for name in self._names], prepare=True)
