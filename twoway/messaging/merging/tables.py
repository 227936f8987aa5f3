"""Which tables point at a contact or a conversation, and moving their rows: by what the models say, not by a list.

A table that a later version adds is moved like the others. Rows that a constraint doesn't let move are kept as JSON and
put back by an undo. Names of tables and columns come from the models; every value is a parameter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation, Episode
from twoway.events.models import Event
from twoway.messaging.merging.models import JoinedConversation, Merge, NotTheSame

Row = dict[str, Any]
_OWN_WAY = (Identity, Conversation, Contact, Merge, NotTheSame, JoinedConversation, Episode)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A column that names a contact or a conversation, and the table's key."""

    table: str
    column: str
    key: str
    where: str = ""

    @property
    def name(self) -> str:
        """How it is called where moved rows are noted."""
        return f"{self.table}.{self.column}"


@cache
def pointers(to: type[models.Model]) -> tuple[Pointer, ...]:
    """Every column that points at this table, but those a merge treats in a way of their own."""
    found = []
    plain = f"{to._meta.model_name}_id"
    for model in apps.get_models(include_auto_created=True):
        if model in _OWN_WAY or not model._meta.managed:
            continue
        for field in model._meta.local_concrete_fields:
            is_link = field.remote_field is not None and field.remote_field.model is to
            if is_link or (field.name == plain and isinstance(field, models.BigIntegerField)):
                found.append(_pointer(model, field))
    return tuple(pointer for pointer in found if pointer.name != "event.contact_id")


def _pointer(model: type[models.Model], field: models.Field[Any, Any]) -> Pointer:
    where = " AND is_shown" if model is Event else ""
    return Pointer(model._meta.db_table, str(field.column), str(model._meta.pk.column), where)


def rows(table: str, column: str, values: Iterable[int]) -> list[Row]:
    """Whole rows as JSON, in order of what they are found by."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t) FROM {_q(table)} t WHERE {_q(column)} = ANY(%s) ORDER BY 1",  # noqa: S608
            [list(values)],
        )
        return [_json(row[0]) for row in cursor.fetchall()]


def put(table: str, stored: Sequence[Row]) -> int:
    """Put rows back as they were; those that are there already stay as they are. How many were put."""
    made = 0
    for row in stored:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_q(table)} SELECT * FROM jsonb_populate_record(NULL::{_q(table)}, %s)"  # noqa: S608
                " ON CONFLICT DO NOTHING",
                [_dumped(row)],
            )
            made += cursor.rowcount
    return made


def restore(table: str, row: Row, *, key: str = "id") -> None:
    """Give a row that is there the values it had."""
    columns = [name for name in row if name != key]
    sets = ", ".join(f"{_q(name)} = b.{_q(name)}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_q(table)} t SET {sets} FROM jsonb_populate_record(NULL::{_q(table)}, %s) b"  # noqa: S608
            f" WHERE t.{_q(key)} = b.{_q(key)}",
            [_dumped(row)],
        )


def delete(table: str, column: str, values: Sequence[Any]) -> None:
    """Delete rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_q(table)} WHERE {_q(column)} = ANY(%s)", [list(values)])  # noqa: S608


def move(pointer: Pointer, *, old: int, new: int) -> tuple[list[Any], list[Row]]:
    """Let the rows that point at `old` point at `new`; the keys of those, and the rows that could not.

    What could not is deleted here, and returned whole.
    """
    if pointer.key == pointer.column:
        return _move_only(pointer, old, new)
    try:
        with transaction.atomic():
            return _moved(pointer, old, new), []
    except IntegrityError:
        pass
    moved, left = [], []
    for row in rows(pointer.table, pointer.column, [old]):
        key = row[pointer.key]
        try:
            with transaction.atomic():
                moved += _moved(pointer, old, new, keys=[key])
        except IntegrityError:
            left.append(row)
            delete(pointer.table, pointer.key, [key])
    return moved, left


def _moved(pointer: Pointer, old: int, new: int, *, keys: Sequence[Any] | None = None) -> list[Any]:
    only = "" if keys is None else f" AND {_q(pointer.key)} = ANY(%s)"
    values: list[Any] = [new, old] if keys is None else [new, old, list(keys)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_q(pointer.table)} SET {_q(pointer.column)} = %s WHERE {_q(pointer.column)} = %s"  # noqa: S608
            f"{pointer.where}{only} RETURNING {_q(pointer.key)}",
            values,
        )
        return [row[0] for row in cursor.fetchall()]


def _move_only(pointer: Pointer, old: int, new: int) -> tuple[list[Any], list[Row]]:
    """A table with one row for each: the old row is kept whole, and copied unless there is one."""
    held = rows(pointer.table, pointer.column, [old])
    delete(pointer.table, pointer.column, [old])
    made = put(pointer.table, [{**row, pointer.column: new} for row in held])
    return ([new] if made else []), held


def move_back(pointer: Pointer, *, old: int, new: int, keys: Sequence[Any]) -> None:
    """Take a move back for the rows that are still where they were put."""
    if not keys:
        return
    if pointer.key == pointer.column:
        delete(pointer.table, pointer.key, list(keys))
    else:
        _moved(pointer, new, old, keys=keys)


def _q(name: str) -> str:
    return connection.ops.quote_name(name)


def _json(value: Any) -> Row:
    found: Row = value if isinstance(value, dict) else json.loads(value)
    return found


def _dumped(row: Row) -> str:
    return json.dumps(row)
