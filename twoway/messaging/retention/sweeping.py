"""Deleting what a workspace keeps no longer, in small transactions, and counting it without deleting.

What goes: words of texts with their template's values, notes, drafts and scheduled texts; pictures and files, from the
store too; raw webhooks in quarantine; decisions about sends. What stays: the row of each text with its receipts and its
price, the totals, the consent ledger and the audit trail. Texts that still have to leave are left alone. A legal hold
is asked in each transaction, under a lock that placing a hold takes too: once a hold is placed, nothing of what it
covers goes any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, LiteralString

from django.db import connection, transaction

from twoway.compliance.retention import queries
from twoway.compliance.retention.actions import lock_holds
from twoway.compliance.retention.models import RetentionPolicy
from twoway.compliance.retention.queries import HELD_CONTACT, HELD_RAW
from twoway.compliance.retention.rules import KINDS, Kind, Line, cutoff
from twoway.messaging.media.actions import delete_media, remove
from twoway.messaging.models import MediaFile, Message

AT_ONCE = 500
FILES_AT_ONCE = 50
MOST_BATCHES = 400
"""Of each kind in one run, so that a first sweep of years doesn't work all night; the next one goes on."""

_OF_THREAD = HELD_CONTACT.format(contact="c.contact_id")
_OF_CONTACT = HELD_CONTACT.format(contact="p.id")
_HAS_WORDS = "(m.body <> '' OR m.template IS NOT NULL) AND m.status NOT IN ('queued', 'scheduled', 'sending')"

_PAST: Mapping[Kind, tuple[LiteralString, ...]] = {
    "body": (
        f"""FROM message m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.created_at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.created_at < %(before)s AND m.id > %(through)s
              AND {_HAS_WORDS}""",
        f"""FROM note m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.created_at AS at, {_OF_THREAD} AS is_held) x
            WHERE c.workspace_id = %(workspace)s AND m.created_at < %(before)s""",
        f"""FROM draft m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.updated_at AS at, {_OF_THREAD} AS is_held) x
            WHERE c.workspace_id = %(workspace)s AND m.updated_at < %(before)s""",
        f"""FROM scheduled_text m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.created_at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.created_at < %(before)s AND m.state <> 'waiting'""",
        f"""FROM contact_note m JOIN contact p ON p.id = m.contact_id CROSS JOIN LATERAL
            (SELECT m.created_at AS at, {_OF_CONTACT} AS is_held) x
            WHERE p.workspace_id = %(workspace)s AND m.created_at < %(before)s""",
        f"""FROM handover m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.at AS at, {_OF_THREAD} AS is_held) x
            WHERE c.workspace_id = %(workspace)s AND m.at < %(before)s""",
        f"""FROM phone_call m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.started_at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.started_at < %(before)s AND m.ended_at IS NOT NULL""",
        f"""FROM callback m JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.changed_at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.changed_at < %(before)s""",
        f"""FROM deflection m LEFT JOIN conversation c ON c.id = m.conversation_id CROSS JOIN LATERAL
            (SELECT m.offered_at AS at, c.id IS NOT NULL AND {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.offered_at < %(before)s""",
    ),
    "media": (
        f"""FROM media m JOIN message t ON t.id = m.message_id JOIN conversation c ON c.id = t.conversation_id
            CROSS JOIN LATERAL (SELECT m.created_at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.created_at < %(before)s
              AND t.status NOT IN ('queued', 'scheduled', 'sending')""",
        f"""FROM media m JOIN conversation c ON c.id = m.conversation_id
            CROSS JOIN LATERAL (SELECT m.created_at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.created_at < %(before)s AND m.message_id IS NULL
              AND m.is_kept AND m.by_id IS NULL""",
    ),
    "raw": (
        f"""FROM quarantine_entry q CROSS JOIN LATERAL (SELECT q.received_at AS at, {HELD_RAW} AS is_held) x
            WHERE q.workspace_id = %(workspace)s AND q.received_at < %(before)s""",
    ),
    "decision": (
        f"""FROM send_decision m LEFT JOIN message t ON t.id = m.message_id
            LEFT JOIN conversation c ON c.id = t.conversation_id
            CROSS JOIN LATERAL (SELECT m.at AS at, {_OF_THREAD} AS is_held) x
            WHERE m.workspace_id = %(workspace)s AND m.at < %(before)s""",
    ),
}
"""What is past its time, by kind; `x.is_held` says that a hold keeps it."""

_WRITTEN: tuple[LiteralString, ...] = (
    "note",
    "draft",
    "scheduled_text",
    "contact_note",
    "handover",
    "phone_call",
    "callback",
    "deflection",
)
"""The tables of `_PAST["body"]` after the texts, whose rows go whole."""

_WALK = """SELECT id, created_at FROM message WHERE workspace_id = %(workspace)s AND id > %(through)s
    ORDER BY id LIMIT %(limit)s"""
_EMPTY = f"""
    UPDATE message m SET body = '', template = NULL, redacted_at = %(at)s
    FROM conversation c
    WHERE c.id = m.conversation_id AND m.workspace_id = %(workspace)s AND m.id > %(through)s AND m.id <= %(last)s
      AND m.created_at < %(before)s AND {_HAS_WORDS} AND NOT {_OF_THREAD}
    RETURNING m.id, m.conversation_id
"""  # noqa: S608 - of constants
_NO_WARNINGS = "UPDATE content_warning SET warnings = '[]' WHERE message_id = ANY(%(ids)s)"
_NO_PREVIEW = """UPDATE conversation SET preview = '', preview_by = ''
    WHERE id = ANY(%(threads)s) AND last_message_id = ANY(%(ids)s)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    """One kind of one workspace: what is older than `before` goes, at the time `at`."""

    workspace_id: int
    kind: Kind
    before: datetime
    at: datetime
    through: int = 0

    @property
    def names(self) -> dict[str, Any]:
        return {"workspace": self.workspace_id, "before": self.before, "at": self.at, "through": self.through}


def count(*, workspace_id: int, at: datetime) -> list[Line]:
    """What is past its time now, what of it a hold keeps, and the oldest; nothing is changed."""
    kept = queries.policy(workspace_id)
    return [_counted(kept, kind, at=at) for kind in KINDS]


def sweep(*, workspace_id: int, at: datetime, most_batches: int = MOST_BATCHES) -> list[Line]:
    """Delete what is past its time and not held; a line for each kind. What is left over the next sweep takes."""
    kept = queries.policy(workspace_id)
    lines = []
    for kind in KINDS:
        line = _counted(kept, kind, at=at)
        task = _task(kept, kind, at=at)
        if task is not None and line.found > line.held:
            line = replace(line, gone=_DELETE[kind](task, most_batches))
        lines.append(line)
    return lines


def _task(kept: RetentionPolicy, kind: Kind, *, at: datetime) -> _Task | None:
    before = cutoff(getattr(kept, f"{kind}_days"), at=at)
    if before is None:
        return None
    return _Task(workspace_id=kept.workspace_id, kind=kind, before=before, at=at, through=kept.bodies_through)


def _counted(kept: RetentionPolicy, kind: Kind, *, at: datetime) -> Line:
    days: int | None = getattr(kept, f"{kind}_days")
    task = _task(kept, kind, at=at)
    if task is None:
        return Line(kind=kind, days=None)
    found, held, oldest = 0, 0, None
    with connection.cursor() as cursor:
        for past in _PAST[kind]:
            cursor.execute(f"SELECT count(*), count(*) FILTER (WHERE x.is_held), min(x.at) {past}", task.names)
            many, kept_back, first = cursor.fetchone() or (0, 0, None)
            found, held = found + many, held + kept_back
            oldest = min((one for one in (oldest, first) if one is not None), default=None)
    return Line(kind=kind, days=days, found=found, held=held, oldest=_day(oldest))


def _day(at: datetime | None) -> str:
    day: date | None = at.astimezone(UTC).date() if at else None
    return day.isoformat() if day else ""


# One kind each --------------------------------------------------------------------------------------------------------


def _bodies(task: _Task, most_batches: int) -> int:
    gone = 0
    for _ in range(most_batches):
        walked, emptied = _empty_next(task)
        gone += emptied
        if walked == task.through:
            break
        task = replace(task, through=walked)
    for table, past in zip(_WRITTEN, _PAST["body"][1:], strict=True):
        statement = f"""DELETE FROM {table} WHERE id IN
            (SELECT m.id {past} AND NOT x.is_held ORDER BY m.id LIMIT %(limit)s)"""  # noqa: S608 - of constants
        gone += _in_batches(task, statement, most_batches)
    return gone


def _empty_next(task: _Task) -> tuple[int, int]:
    """Empty the texts after `task.through`, up to a batch of them; how far it came, and how many were emptied."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_holds(task.workspace_id, is_shared=True)
        cursor.execute(_WALK, {**task.names, "limit": AT_ONCE})
        last = task.through
        for message_id, created_at in cursor.fetchall():
            if created_at >= task.before:
                break
            last = message_id
        if last == task.through:
            return last, 0
        cursor.execute(_EMPTY, {**task.names, "last": last})
        rows = cursor.fetchall()
        names = {"ids": [row[0] for row in rows], "threads": [row[1] for row in rows]}
        cursor.execute(_NO_PREVIEW, names)
        cursor.execute(_NO_WARNINGS, names)
        RetentionPolicy.objects.filter(workspace_id=task.workspace_id).update(bodies_through=last)
    return last, len(rows)


def _raw(task: _Task, most_batches: int) -> int:
    statement = f"""DELETE FROM quarantine_entry WHERE id IN
        (SELECT q.id {_PAST["raw"][0]} AND NOT x.is_held ORDER BY q.id LIMIT %(limit)s)"""  # noqa: S608 - of constants
    return _in_batches(task, statement, most_batches)


def _decisions(task: _Task, most_batches: int) -> int:
    statement = f"""DELETE FROM send_decision WHERE id IN
        (SELECT m.id {_PAST["decision"][0]} AND NOT x.is_held ORDER BY m.id LIMIT %(limit)s)"""  # noqa: S608 - of constants
    return _in_batches(task, statement, most_batches)


def _in_batches(task: _Task, statement: LiteralString, most_batches: int) -> int:
    gone = 0
    for _ in range(most_batches):
        with transaction.atomic(), connection.cursor() as cursor:
            lock_holds(task.workspace_id, is_shared=True)
            cursor.execute(statement, {**task.names, "limit": AT_ONCE})
            many = cursor.rowcount
        gone += many
        if many < AT_ONCE:
            break
    return gone


def _media(task: _Task, most_batches: int) -> int:
    """Files go from the store first, so that a row that is left says that its file may be left too."""
    gone = 0
    for _ in range(most_batches):
        with transaction.atomic():
            lock_holds(task.workspace_id, is_shared=True)
            message_ids = _messages_with_files(task)
            many = delete_media(message_ids=message_ids) if message_ids else 0
            mark_redacted(message_ids, at=task.at)
            many += _recordings(task)
        gone += many
        if not many:
            break
    return gone


def _recordings(task: _Task) -> int:
    """Messages people left by voice: files of a conversation, and of no text."""
    statement = f"""SELECT m.id {_PAST["media"][1]} AND NOT x.is_held ORDER BY m.id LIMIT %(limit)s"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {**task.names, "limit": FILES_AT_ONCE})
        ids = [row[0] for row in cursor.fetchall()]
    for row in MediaFile.objects.filter(id__in=ids):
        remove(media=row)
    return len(ids) - MediaFile.objects.filter(id__in=ids).count()


def _messages_with_files(task: _Task) -> list[int]:
    statement = f"""SELECT m.message_id {_PAST["media"][0]} AND NOT x.is_held ORDER BY m.id LIMIT %(limit)s"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {**task.names, "limit": FILES_AT_ONCE})
        return sorted({row[0] for row in cursor.fetchall()})


def mark_redacted(message_ids: Iterable[int], *, at: datetime) -> None:
    """Say on these texts that something of theirs was taken away, where nothing says so yet."""
    Message.objects.filter(id__in=list(message_ids), redacted_at=None).update(redacted_at=at)


_DELETE = {"raw": _raw, "body": _bodies, "media": _media, "decision": _decisions}
