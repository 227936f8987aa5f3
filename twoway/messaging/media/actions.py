"""Changing what there is of pictures and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import connection, transaction

from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging.media import files, taking
from twoway.messaging.media.rules import MOST_FILES
from twoway.messaging.models import MediaFile, MediaState, Message
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

KEEP_UNSENT = timedelta(days=2)
KEEP_INCOMING = timedelta(hours=6)
AT_ONCE = 500

ORPHANS = """
    SELECT f.id FROM media f WHERE f.message_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM message m WHERE m.id = f.message_id) LIMIT %s
"""


def add_upload(*, conversation: Conversation, path: Path, name: str, by: Actor, at: datetime) -> MediaFile:
    """Put a file of the disk beside the text a member is writing. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.REPLY)
    size = path.stat().st_size
    if not size:
        raise Invalid(t("This file is empty."), field="file", code="empty")
    if size > settings.MEDIA_MOST_BYTES:
        raise Invalid(too_big(), field="file", code="too_big")
    mine = MediaFile.objects.filter(message=None, conversation_id=conversation.pk, by_id=by.member_id, is_kept=False)
    if mine.count() >= MOST_FILES:
        raise Invalid(t("Send up to {most} files at once.", most=MOST_FILES), field="file", code="too_many")
    return keep(
        path=path, name=name, workspace_id=by.workspace_id, conversation_id=conversation.pk, by_id=by.member_id, at=at
    )


def keep(
    *,
    path: Path,
    name: str,
    workspace_id: int,
    conversation_id: int | None,
    by_id: int | None,
    at: datetime,
    source_url: str = "",
) -> MediaFile:
    """Keep a file that is going to be sent. Its row is written first, so that no file is ever without one."""
    row = MediaFile.objects.create(
        key=uuid4(),
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        by_id=by_id,
        state=MediaState.WAITING,
        name=name[:200],
        source_url=source_url,
        created_at=at,
    )
    try:
        taken = taking.take(key=row.key, path=path, name=name, is_ours=True)
    except Exception as error:  # a store may raise anything; the row goes with what was written
        log.exception("media_not_kept", media_id=row.pk)
        remove(media=row)
        raise Refused(t("The file could not be kept. Try again in a moment."), code="no_store") from error
    for field in ("kind", "content_type", "size", "name", "detail", "width", "height", "has_thumbnail"):
        setattr(row, field, getattr(taken, field))
    row.state = MediaState.READY
    row.save()
    return row


def use_again(*, message: Message, conversation: Conversation, by: Actor, at: datetime) -> None:
    """Put copies of a text's files beside the next text. Raises `NotAllowed`, `Invalid`, `Refused`."""
    rows = list(MediaFile.objects.filter(message=message, state=MediaState.READY).order_by("position"))
    for row in rows:
        try:
            with files.on_disk(row.key) as path:
                add_upload(conversation=conversation, path=path, name=row.name, by=by, at=at)
        except OSError as error:
            raise Refused(t("One of its files is gone. Add it again."), code="media_gone") from error


def too_big() -> str:
    """Why a file is not taken, in a sentence."""
    return t("This file is too big. Send up to {most} MB.", most=settings.MEDIA_MOST_BYTES // 1_048_576)


def remove(*, media: MediaFile) -> None:
    """Delete one file and its row. When the store can't be used, the sweep does it later."""
    _delete([media])


def retry(*, media: MediaFile, by: Actor, at: datetime) -> None:
    """Try again to fetch a file that was given up. Raises `NotAllowed`."""
    require(by, Right.REPLY)
    changed = MediaFile.objects.filter(id=media.pk, state=MediaState.FAILED).update(
        state=MediaState.WAITING, error="", attempts=0, next_try_at=at
    )
    if changed:
        _wake()


def delete_media(*, message_ids: Sequence[int]) -> int:
    """Delete the files of these messages, for retention and erasure; how many. The messages forget them too.

    Call it with messages that are about to be deleted, or that keep their row without their content. What a store in
    trouble keeps back is deleted by the next sweep.
    """
    ids = list(message_ids)
    gone = _delete_all(lambda: list(MediaFile.objects.filter(message_id__in=ids).order_by("id")[:AT_ONCE]))
    Message.objects.filter(id__in=ids).exclude(media=[]).update(media=[])
    return gone


def sweep(*, at: datetime) -> int:
    """Delete what nobody needs: files of messages that are gone, files that were never sent, halves of downloads.

    How many rows went.
    """
    gone = _delete_all(partial(_unsent, at)) + _delete_all(_orphans)
    _clear_incoming(at)
    return gone


def _delete_all(find: Callable[[], Sequence[MediaFile]]) -> int:
    """Delete what is found until nothing is, or until the store keeps something back; how many rows went."""
    gone = 0
    while rows := find():
        deleted = _delete(rows)
        gone += deleted
        if deleted < len(rows):
            break
    return gone


def _unsent(at: datetime) -> list[MediaFile]:
    rows = MediaFile.objects.filter(message=None, created_at__lt=at - KEEP_UNSENT, is_kept=False)
    return list(rows.order_by("id")[:AT_ONCE])


def _orphans() -> list[MediaFile]:
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, [AT_ONCE])
        ids = [row[0] for row in cursor.fetchall()]
    return list(MediaFile.objects.filter(id__in=ids))


def _delete(rows: Sequence[MediaFile]) -> int:
    """First the files, then the rows: a row that is left says that its file may be left too."""
    gone = []
    for row in rows:
        try:
            files.delete(row.key)
        except Exception:  # a store may raise anything
            log.exception("media_not_deleted", media_id=row.pk)
        else:
            gone.append(row.pk)
    MediaFile.objects.filter(id__in=gone).delete()
    return len(gone)


def _clear_incoming(at: datetime) -> None:
    folder = settings.MEDIA_ROOT / "incoming"
    before = (at - KEEP_INCOMING).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_media', '')")


def attach(*, media_ids: Sequence[int], message: Message) -> None:
    """Give files to the message they are sent with. Raises `Refused` when one is gone or was sent already."""
    with transaction.atomic():
        for position, media_id in enumerate(media_ids):
            free = MediaFile.objects.filter(id=media_id, workspace_id=message.workspace_id, message=None)
            if not free.update(message=message, position=position):
                raise Refused(t("One of the files is gone. Add it again."), code="media_gone")
