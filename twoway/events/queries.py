"""Reading what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from twoway.events.actions import FIRST_HASH, audit_hash
from twoway.events.models import AuditEntry, Event
from twoway.events.types import Happened, from_row

__all__ = [
    "AuditEntry",
    "AuditSearch",
    "ChainCheck",
    "Recorded",
    "audit_entries",
    "follow_audit",
    "last_shown",
    "recorded",
    "search_audit",
    "shown_events",
    "verify_audit",
]


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
    return follow_audit(workspace_id).broken_id


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditSearch:
    """What to look for in the audit trail. Empty fields mean anything; the times are aware, `until` left out.

    `actor` and `subject` are parts of words, `action` is the beginning of one ("retention" or "contact.blocked").
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def search_audit(workspace_id: int, wanted: AuditSearch, *, before_id: int | None = None) -> QuerySet[AuditEntry]:
    """The entries that fit, newest first, older than `before_id` where that is given."""
    rows = audit_entries(workspace_id)
    if wanted.actor:
        rows = rows.filter(actor__icontains=wanted.actor)
    if wanted.action:
        rows = rows.filter(Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}."))
    if wanted.subject:
        rows = rows.filter(subject__icontains=wanted.subject)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return rows


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainCheck:
    """How far a chain was followed: `checked` entries up to `last_id`, whose hash is `last_hash`.

    `broken_id` is the first entry that was changed or follows a missing one, else None.
    """

    checked: int
    last_id: int
    last_hash: str
    broken_id: int | None = None


def follow_audit(
    workspace_id: int, *, after_id: int = 0, after_hash: str = FIRST_HASH, most: int | None = None
) -> ChainCheck:
    """Follow the chain from an entry that is known to be right, or from its beginning; `most` entries at most."""
    last_id, last_hash, checked = after_id, after_hash, 0
    rows = audit_entries(workspace_id).filter(id__gt=after_id).order_by("id")
    for entry in (rows if most is None else rows[:most]).iterator(chunk_size=2000):
        if entry.previous_hash != last_hash or audit_hash(entry) != entry.hash:
            return ChainCheck(checked=checked, last_id=last_id, last_hash=last_hash, broken_id=entry.id)
        last_id, last_hash, checked = entry.id, entry.hash, checked + 1
    return ChainCheck(checked=checked, last_id=last_id, last_hash=last_hash)
