"""Reading pictures and files. Who may see a message may see its files; what is being written, only its writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from twoway.conversations.queries import access_conversation
from twoway.lib.refusal import NotFound
from twoway.messaging.media import addresses
from twoway.messaging.media.rules import location_of, why
from twoway.messaging.models import MediaFile, MediaState, Message
from twoway.messaging.queries import access_message
from twoway.teams.actor import Actor

__all__ = [
    "MediaFile",
    "MediaState",
    "Sent",
    "access_draft",
    "access_media",
    "api_url",
    "by_id",
    "drafts",
    "location",
    "of_messages",
    "sent_in",
    "why",
]


def of_messages(messages: Iterable[Message]) -> Mapping[int, Sequence[MediaFile]]:
    """The files of each of these messages that has any, in order. No query when none has."""
    ids = [message.pk for message in messages if message.media]
    found: dict[int, list[MediaFile]] = defaultdict(list)
    if ids:
        for row in MediaFile.objects.filter(message_id__in=ids).order_by("message_id", "position"):
            found[row.message_id or 0].append(row)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A file with what its text says about it."""

    file: MediaFile
    message_id: int
    conversation_id: int
    at: datetime
    is_ours: bool
    by_name: str


_SENT = """
    SELECT f.id, m.id, m.conversation_id, m.created_at, m.direction, m.by_name
    FROM message m JOIN media f ON f.message_id = m.id
    WHERE m.conversation_id = ANY(%(threads)s) AND m.media <> '[]'::jsonb
      AND (%(kinds)s::text[] = '{}' OR f.kind = ANY(%(kinds)s)) AND f.state = 'ready'
      AND (%(before)s::bigint IS NULL OR (m.id, f.id) < (
          SELECT b.message_id, b.id FROM media b WHERE b.id = %(before)s))
    ORDER BY m.id DESC, f.id DESC LIMIT %(limit)s
"""


def sent_in(threads: Sequence[int], *, kinds: Sequence[str], before_id: int | None, limit: int) -> list[Sent]:
    """The files of these conversations' texts that are here, the newest first, before one of them.

    Whoever asks may see the conversations.
    """
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"threads": list(threads), "kinds": list(kinds), "before": before_id, "limit": limit}
        cursor.execute(_SENT, asked)
        rows = cursor.fetchall()
    files = MediaFile.objects.in_bulk([row[0] for row in rows])
    return [
        Sent(
            file=files[row[0]],
            message_id=row[1],
            conversation_id=row[2],
            at=row[3],
            is_ours=row[4] == "out",
            by_name=row[5],
        )
        for row in rows
        if row[0] in files
    ]


def drafts(actor: Actor, conversation_id: int) -> Sequence[MediaFile]:
    """What this member has put beside the text they are writing, in the order it came."""
    if actor.member_id is None:
        return ()
    rows = MediaFile.objects.filter(message=None, conversation_id=conversation_id, by_id=actor.member_id, is_kept=False)
    return list(rows.order_by("id"))


def names_of_own(actor: Actor, media_ids: Sequence[int]) -> list[tuple[int, str]]:
    """The ids and names of files this member keeps beside a text that has no conversation yet, in their order."""
    if not media_ids or actor.member_id is None:
        return []
    rows = MediaFile.objects.filter(
        id__in=media_ids, message=None, workspace_id=actor.workspace_id, by_id=actor.member_id
    ).in_bulk()
    return [(key, rows[key].name) for key in media_ids if key in rows]


def access_media(actor: Actor, media_id: int) -> MediaFile:
    """One file, if this actor may see its message, or is writing it. Raises `NotFound`."""
    row = MediaFile.objects.filter(id=media_id, workspace_id=actor.workspace_id).first()
    if row is None:
        raise NotFound("file", media_id)
    if row.message_id is not None:
        access_message(actor, row.message_id)
    elif _is_recording(row):
        access_conversation(actor, row.conversation_id or 0)
    elif not _is_everybodys(row) and (row.by_id is None or row.by_id != actor.member_id):
        raise NotFound("file", media_id)
    return row


def _is_recording(row: MediaFile) -> bool:
    """Whether it is a message somebody left by voice, which belongs to its conversation."""
    return row.is_kept and row.by_id is None and row.conversation_id is not None


def _is_everybodys(row: MediaFile) -> bool:
    """Whether it is kept for the whole workspace, to be sent by anybody in it."""
    return row.is_kept and row.by_id is None and row.conversation_id is None


def access_draft(actor: Actor, conversation_id: int, media_id: int) -> MediaFile:
    """A file beside a text this member is writing in this conversation. Raises `NotFound`."""
    access_conversation(actor, conversation_id)
    row = access_media(actor, media_id)
    if row.message_id is not None or row.conversation_id != conversation_id:
        raise NotFound("file", media_id)
    return row


def by_id(media_id: int) -> MediaFile | None:
    """A file whose address was signed by us; nobody else may ask for one like this."""
    return MediaFile.objects.filter(id=media_id, state=MediaState.READY).first()


def api_url(row: MediaFile, *, at: datetime) -> str:
    """Where a program can fetch it for a day, "" while it is not here."""
    if row.state != MediaState.READY or row.kind == "location":
        return ""
    return addresses.public_url(row.pk, copy="whole", at=at, good_for=addresses.FOR_API)


def location(row: MediaFile) -> tuple[float, float] | None:
    """Latitude and longitude, when it is a place."""
    return location_of(row.source_url) if row.kind == "location" else None
