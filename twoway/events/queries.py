"""Reading what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from twoway.events.actions import FIRST_HASH, audit_hash
from twoway.events.models import AuditEntry, Event
from twoway.events.types import Happened, from_row


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """An event as it was written: its id, its time, and what happened."""

    id: int
    at: datetime
    event: Happened
    trace: str = ""


def recorded(row: Event) -> Recorded:
    """A row of the outbox with its typed event."""
    event = from_row(
        event_type=row.type,
        data=row.data,
        workspace_id=row.workspace_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        message_id=row.message_id,
        member_id=row.member_id,
    )
    return Recorded(id=row.id, at=row.at, event=event, trace=row.trace)


def shown_events(
    conversation_id: int, *, after: datetime | None = None, before: datetime | None = None, limit: int = 200
) -> list[Recorded]:
    """The lines of one thread from `after` (included) to `before` (left out), the newest `limit`, in order of time."""
    rows = Event.objects.filter(conversation_id=conversation_id, is_shown=True)
    if after is not None:
        rows = rows.filter(at__gte=after)
    if before is not None:
        rows = rows.filter(at__lt=before)
    newest = [recorded(row) for row in rows.order_by("-id")[:limit]]
    return sorted(newest, key=lambda line: (line.at, line.id))


def last_shown(conversation_id: int, *, event_type: str) -> Recorded | None:
    """The newest line of one kind in a thread."""
    row = Event.objects.filter(conversation_id=conversation_id, is_shown=True, type=event_type).order_by("-id").first()
    return recorded(row) if row else None


def audit_entries(workspace_id: int) -> QuerySet[AuditEntry]:
    """The audit trail, newest first."""
    return AuditEntry.objects.filter(workspace_id=workspace_id).order_by("-id")


def verify_audit(workspace_id: int) -> int | None:
    """The id of the first entry that was changed or follows a missing one, or None when the chain holds."""
    previous = FIRST_HASH
    for entry in audit_entries(workspace_id).order_by("id").iterator(chunk_size=2000):
        if entry.previous_hash != previous or audit_hash(entry) != entry.hash:
            return entry.id
        previous = entry.hash
    return None
