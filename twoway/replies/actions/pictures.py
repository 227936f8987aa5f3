"""Keeping pictures to send them again, sending one, and letting go of one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from twoway.conversations.queries import Conversation
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import t
from twoway.messaging.media import actions as media
from twoway.messaging.media import files as store
from twoway.messaging.models import MediaFile
from twoway.replies import picture_queries as queries
from twoway.replies.models import Picture
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_NAME = 120
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('kept pictures', %s))"


def add_picture(*, path: Path, name: str, is_shared: bool, by: Actor, at: datetime) -> Picture:
    """Keep a picture for oneself, or for everybody; `path` is used up. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.REPLY)
    if is_shared:
        require(by, Right.MANAGE_REPLIES)
    if by.member_id is None:
        raise NotAllowed(t("Only members keep pictures."))
    size = path.stat().st_size
    if not size:
        raise Invalid(t("This file is empty."), field="file", code="empty")
    if size > settings.MEDIA_MOST_BYTES:
        raise Invalid(media.too_big(), field="file", code="too_big")
    owner_id = None if is_shared else by.member_id
    file = media.keep(path=path, name=name, workspace_id=by.workspace_id, conversation_id=None, by_id=owner_id, at=at)
    try:
        if file.kind != "image":
            raise Invalid(t("Only pictures and GIFs can be kept here. Send other files with the clip."), field="file")
        return _keep(file, owner_id=owner_id, by=by, at=at)
    except Refused:
        media.remove(media=file)
        raise


@transaction.atomic
def _keep(file: MediaFile, *, owner_id: int | None, by: Actor, at: datetime) -> Picture:
    """The row beside the file, if there is room. One after the other in a workspace."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [by.workspace_id])
    most = queries.MOST_SHARED if owner_id is None else queries.MOST_OWN
    if Picture.objects.filter(workspace_id=by.workspace_id, owner_id=owner_id).count() >= most:
        raise Invalid(
            t("There are {most} pictures already. Remove one first.", most=most), field="file", code="too_many"
        )
    MediaFile.objects.filter(id=file.pk).update(is_kept=True)
    row = Picture.objects.create(
        workspace_id=by.workspace_id, owner_id=owner_id, media_id=file.pk, name=_name(file.name), added_at=at
    )
    _record(by, "picture.added", row, at)
    return row


def _name(told: str) -> str:
    """The file's name as people read it: "price_list-2026.png" is "price list 2026"."""
    stem = told.rpartition(".")[0] or told
    return " ".join(stem.replace("_", " ").replace("-", " ").split())[:LONGEST_NAME] or "Picture"


def use_picture(*, picture: Picture, conversation: Conversation, by: Actor, at: datetime) -> None:
    """Put a copy of it beside the text this member writes. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.REPLY)
    file = MediaFile.objects.filter(id=picture.media_id).first()
    try:
        if file is None:
            raise FileNotFoundError
        with store.on_disk(file.key) as path:
            media.add_upload(conversation=conversation, path=path, name=file.name, by=by, at=at)
    except OSError as error:
        raise Refused(t("This picture is gone. Add it again."), code="media_gone") from error
    Picture.objects.filter(id=picture.pk).update(uses=F("uses") + 1, last_used_at=at)


def remove_picture(*, picture: Picture, by: Actor, at: datetime) -> None:
    """Let go of it; texts it was sent with keep their copies. Raises `NotAllowed`."""
    if not queries.may_remove(by, picture):
        raise NotAllowed(t("Managers remove the pictures of everybody."))
    file = MediaFile.objects.filter(id=picture.media_id).first()
    with transaction.atomic():
        Picture.objects.filter(id=picture.pk).delete()
        MediaFile.objects.filter(id=picture.media_id).update(is_kept=False)
        _record(by, "picture.removed", picture, at)
    if file is not None:
        media.remove(media=file)


def _record(by: Actor, action: str, row: Picture, at: datetime) -> None:
    told = {"name": row.name, "for": "one member" if row.owner_id else "everybody"}
    subject = f"picture {row.pk}"
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=told, at=at)
