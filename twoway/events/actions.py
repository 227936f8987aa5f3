"""Writing what happened: the outbox, the live notice and the audit trail. All of it in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import orjson
from django.db import connection, transaction

from twoway.events.models import AuditEntry, Event
from twoway.events.types import REACTIVE_TYPES, Happened

LIVE_CHANNEL = "twoway_live"
LONGEST_NOTICE = 7_900
"""Bytes: PostgreSQL refuses a payload of 8,000 or more."""
LONGEST_TAB = 40
FIRST_HASH = "0" * 64

Audience = tuple[int, int | None, int | None]
"""A conversation's id, its team and its assignee: who may be told that it changed."""
Detail = str | int | bool | None | Sequence[str] | Sequence[int]
"""What an audit entry may hold: values that read back from JSON exactly as they were written (no floats)."""


def publish(event: Happened, *, at: datetime, trace: str = "") -> int:
    """Write one event and return its id."""
    row = _row(event, at=at, trace=trace)
    row.save(force_insert=True)
    return row.id


def publish_many(events: Iterable[Happened], *, at: datetime, trace: str = "") -> None:
    """Write several events in one statement."""
    Event.objects.bulk_create([_row(event, at=at, trace=trace) for event in events])


def _row(event: Happened, *, at: datetime, trace: str) -> Event:
    return Event(
        workspace_id=event.workspace_id,
        type=event.type,
        conversation_id=event.conversation_id,
        contact_id=event.contact_id,
        message_id=event.message_id,
        member_id=event.member_id,
        data=event.data(),
        trace=trace,
        at=at,
        is_pending=event.type in REACTIVE_TYPES,
        is_shown=event.is_shown,
    )


def notify(*, workspace_id: int, conversations: Iterable[Audience]) -> None:
    """Tell every web process which conversations changed, when this transaction commits.

    The payload on `twoway_live` is `{"w": workspace, "c": [[conversation, team or 0, assignee or 0], ...]}`. A
    conversation that moves from one audience to another is given twice: with the old one and with the new one.
    """
    payloads = list(notices(workspace_id=workspace_id, conversations=conversations))
    if payloads:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, line) FROM unnest(%s::text[]) AS line", [LIVE_CHANNEL, payloads])


def notify_draft(*, workspace_id: int, member_id: int, conversation_id: int, tab: str = "") -> None:
    """Tell a member's other windows that they wrote in a conversation, when this transaction commits; never what.

    `tab` is the window they write in, which knows. On `twoway_live` it is `{"w": workspace, "c": [], "d": [member,
    conversation, tab]}`.
    """
    payload = orjson.dumps({"w": workspace_id, "c": [], "d": [member_id, conversation_id, tab[:LONGEST_TAB]]}).decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [LIVE_CHANNEL, payload])


def notices(*, workspace_id: int, conversations: Iterable[Audience]) -> Iterator[str]:
    """The payloads of one notice, each short enough for PostgreSQL; repeated entries are left out."""
    entries = dict.fromkeys((key, team or 0, assignee or 0) for key, team, assignee in conversations)
    head = b'{"w":%d,"c":[' % workspace_id
    line = head
    for entry in entries:
        part = orjson.dumps(entry)
        if len(line) + len(part) + 3 > LONGEST_NOTICE:
            yield (line[:-1] + b"]}").decode()
            line = head
        line += part + b","
    if line != head:
        yield (line[:-1] + b"]}").decode()


def audit(
    *, workspace_id: int, actor: str, action: str, subject: str, data: Mapping[str, Detail], at: datetime
) -> AuditEntry:
    """Add one entry to the workspace's audit trail, chained to the one before it.

    Entries of one workspace are written one after the other: the lock is held until the transaction ends.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('audit', %s))", [workspace_id])
        last = AuditEntry.objects.filter(workspace_id=workspace_id).order_by("-id").values_list("hash", flat=True)
        entry = AuditEntry(
            workspace_id=workspace_id,
            at=at,
            actor=actor[:120],
            action=action,
            subject=subject[:120],
            data=dict(data),
            previous_hash=last.first() or FIRST_HASH,
        )
        entry.hash = audit_hash(entry)
        entry.save(force_insert=True)
    return entry


def audit_hash(entry: AuditEntry) -> str:
    """SHA-256 over the hash before it and the entry as canonical JSON (sorted keys, no blanks, times in UTC)."""
    told = {
        "workspace_id": entry.workspace_id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "data": entry.data,
    }
    return hashlib.sha256(entry.previous_hash.encode() + orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
