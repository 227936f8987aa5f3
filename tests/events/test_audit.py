"""The audit trail can only grow, and shows when somebody tampered with it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, connection, transaction

from twoway.events.actions import FIRST_HASH, audit
from twoway.events.models import AuditEntry
from twoway.events.queries import audit_entries, verify_audit


def entry(
    at: datetime, *, workspace_id: int = 1, action: str = "team.created", **data: str | int | bool | None
) -> AuditEntry:
    return audit(workspace_id=workspace_id, actor="Ana", action=action, subject="team 1", data=data, at=at)


def forge(sql: str, *values: int) -> None:
    """Change the table as only somebody with the database in their hands could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_append_only")


def test_entries_are_chained_per_workspace(db: None, now: datetime) -> None:
    first, second = entry(now), entry(now)
    other = entry(now, workspace_id=2)
    assert first.previous_hash == other.previous_hash == FIRST_HASH
    assert second.previous_hash == first.hash
    assert [row.id for row in audit_entries(1)] == [second.id, first.id]


def test_a_whole_chain_holds(db: None, now: datetime) -> None:
    pacific = now.astimezone(timezone(timedelta(hours=-8)))
    entry(pacific, name="Zoë ☃ “quoted”", count=2**40, flag=True, nothing=None)
    audit(workspace_id=1, actor="Ana", action="x", subject="y", data={"b": ["1", "2"], "a": [3]}, at=now)
    entry(now.replace(microsecond=7))
    assert verify_audit(1) is None


def test_an_empty_chain_holds(db: None) -> None:
    assert verify_audit(99) is None


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'Ben'",
        "action = 'team.deleted'",
        "subject = 'team 2'",
        "data = '{}'",
        "at = at + interval '1 second'",
        "workspace_id = 1, hash = repeat('0', 64)",
    ],
)
def test_a_changed_entry_is_found(db: None, now: datetime, change: str) -> None:
    rows = [entry(now, n=n) for n in range(4)]
    forge(f"UPDATE audit_entry SET {change} WHERE id = %s", rows[2].id)
    assert verify_audit(1) == rows[2].id


def test_a_missing_entry_is_found(db: None, now: datetime) -> None:
    rows = [entry(now, n=n) for n in range(4)]
    forge("DELETE FROM audit_entry WHERE id = %s", rows[1].id)
    assert verify_audit(1) == rows[2].id


def test_an_entry_moved_to_another_workspace_is_found(db: None, now: datetime) -> None:
    row = entry(now, workspace_id=2)
    forge("UPDATE audit_entry SET workspace_id = 1 WHERE id = %s", row.id)
    assert verify_audit(1) == row.id


@pytest.mark.parametrize(
    "sql", ["UPDATE audit_entry SET actor = 'Ben'", "DELETE FROM audit_entry", "DELETE FROM audit_entry WHERE false"]
)
def test_the_database_refuses_changes(db: None, now: datetime, sql: str) -> None:
    entry(now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_entries_written_at_once_make_one_chain() -> None:
    at = datetime(2026, 3, 10, tzinfo=UTC)

    def write() -> None:
        for _ in range(10):
            entry(at)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit_entries(1).count() == 40
    assert verify_audit(1) is None
