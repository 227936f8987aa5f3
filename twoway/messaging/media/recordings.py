"""Messages people left by voice: files of a conversation, fetched, kept and shown like those of a text."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from twoway.messaging.models import MediaFile, MediaState

LONGEST_ADDRESS = 4_000


def expect(*, workspace_id: int, conversation_id: int, url: str, source_id: str, due_at: datetime, at: datetime) -> int:
    """Write down a recording that is to be fetched from its provider at a time; its id."""
    row = MediaFile.objects.create(
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        state=MediaState.WAITING,
        kind="audio",
        content_type="audio/mpeg",
        name="voicemail.mp3",
        source_url=url[:LONGEST_ADDRESS],
        source_id=source_id[:200],
        next_try_at=due_at,
        is_kept=True,
        created_at=at,
    )
    _wake()
    return row.pk


def sooner(*, media_id: int, url: str, at: datetime) -> None:
    """The same file is ready now, at this address."""
    known = MediaFile.objects.filter(id=media_id, state=MediaState.WAITING, attempts=0)
    if known.update(next_try_at=at, source_url=url[:LONGEST_ADDRESS]):
        _wake()


def _wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_media', '')")
