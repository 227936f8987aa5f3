"""How a test that commits leaves the database as it found it: what it wrote is deleted, and nothing else is touched.

Django empties every table and makes content types and permissions anew after each such test. Most tests write to a
few tables only, so this looks which have rows and deletes them, without triggers. It waits for whoever still writes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

_KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""What belongs to the tables themselves, as `migrate` made it."""
_LARGE = 4 * 1024 * 1024
"""From this size on, in bytes, a table is truncated: deleted rows keep their room, and every later scan reads it."""

_TEAR_DOWN = "_fixture_teardown"
_by_flush = getattr(TransactionTestCase, _TEAR_DOWN)


def install() -> None:
    """From now on tests that commit are cleared up after in this way."""
    setattr(TransactionTestCase, _TEAR_DOWN, _clear_up)


def _clear_up(case: TransactionTestCase) -> None:
    if not _may_leave_out_triggers():
        _by_flush(case)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_statement("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", _tables()))
        cursor.execute(_which_have_rows())
        written = cursor.fetchall()
        if large := [name for name, size in written if size > _LARGE]:
            cursor.execute(_statement("TRUNCATE {} CASCADE", large))
        for name in {name for name, _ in written}.difference(large):
            cursor.execute(_statement("DELETE FROM {}", [name]))


@cache
def _may_leave_out_triggers() -> bool:
    """A server that was named for the tests may have given us less than the embedded one does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (found,) = cursor.fetchone()
    return bool(found)


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(names) - _KEPT))


@cache
def _which_have_rows() -> sql.Composed:
    one = "SELECT {name}, pg_relation_size({name}::regclass) WHERE EXISTS (SELECT FROM {table})"
    return sql.SQL(" UNION ALL ").join(
        sql.SQL(one).format(name=sql.Literal(name), table=sql.Identifier(name)) for name in _tables()
    )


def _statement(words: Any, names: Any) -> sql.Composed:
    return sql.SQL(words).format(sql.SQL(", ").join(sql.Identifier(name) for name in names))
