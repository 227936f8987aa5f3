"""Statements of the send path that PostgreSQL plans once a connection: planning them costs more than running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

PREPARE_AFTER = 2
"""How often a connection runs a statement before PostgreSQL keeps its plan."""
ONE_PLAN = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"


def fetch(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement, inside the transaction that is open; each value needs a type in the SQL."""
    with _cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())


def keep_plans() -> None:
    """Until the transaction ends, take the kept plan also where PostgreSQL, seeing the values, would plan again."""
    with _cursor() as cursor:
        cursor.execute(ONE_PLAN)


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """A cursor that sends values beside the statement, which a kept plan needs; Django's own puts them into it."""
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = PREPARE_AFTER
    bound: Any = psycopg.Cursor(raw)
    wrapped = connection.make_debug_cursor(bound) if connection.queries_logged else connection.make_cursor(bound)
    with wrapped as cursor:
        yield cursor
