"""Pictures and files, in words and addresses for the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from django.urls import reverse

from twoway.conversations.queries import Conversation
from twoway.desk.context.files import Attached, AttachedFile, FileItem, FileKind
from twoway.lib import file_types
from twoway.lib.words import noted, t, tn
from twoway.messaging.media import addresses, queries, sending
from twoway.messaging.media.queries import MediaFile

_LABELS: dict[str, tuple[str, str]] = {
    "image": (noted("Photo"), "image"),
    "video": (noted("Video"), "play"),
    "audio": (noted("Voice message"), "mega"),
    "pdf": (noted("PDF"), "book"),
    "contact": (noted("Contact"), "user"),
    "location": (noted("Location"), "pin"),
    "file": (noted("File"), "clip"),
}
_SHORT = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "application/pdf": "PDF", "text/vcard": "vCard"}
_LARGEST_MOVING = 3_000_000
"""Bytes above which a moving picture is shown by its still copy until it is opened."""
MAP = "https://www.openstreetmap.org/?"


def item(row: MediaFile, *, at: datetime, conversation_id: int = 0) -> FileItem:
    """One file of a text of this conversation."""
    said, icon = _LABELS.get(row.kind, _LABELS["file"])
    label = t(said)
    place = queries.location(row)
    is_here = row.state == "ready" and place is None
    small: addresses.Copy = "whole" if _moves(row) else "small"
    return FileItem(
        id=row.pk,
        kind=cast(FileKind, row.kind),
        state=row.state,  # type: ignore[arg-type]
        name=row.name or label,
        label="GIF" if row.content_type == "image/gif" else label,
        icon=icon,
        words=_words(row, label, place),
        url=_url(row, "whole", at) if is_here else "",
        small_url=_url(row, small, at) if is_here and row.has_thumbnail else "",
        width=row.width,
        height=row.height,
        why=queries.why(row.error) if row.state == "failed" else "",
        map_url=map_url(*place) if place else "",
        retry_url=reverse("desk:file_retry", args=[conversation_id, row.pk]) if row.state == "failed" else "",
    )


def attached(rows: Sequence[MediaFile], *, conversation: Conversation, at: datetime) -> Attached:
    """What stands beside a text that is being written, and how each would leave now."""
    if not rows:
        return Attached()
    limits = sending.limits_of(conversation.channel, conversation.identity.value)
    planned = sending.plan(rows, limits=limits, at=at)
    files = tuple(_attached(one, at) for one in planned)
    sent = [one for one in planned if not one.link]
    total = tn("{n} file, {size}", "{n} files, {size}", len(sent), size=size(sum(one.size for one in sent)))
    links = "\n".join(one.link for one in planned if one.link)
    return Attached(files=files, links=links, words=total if sent else "")


def _attached(one: sending.Planned, at: datetime) -> AttachedFile:
    row = one.row
    if one.link:
        words = f"{_kind_word(row.content_type, row)}, {size(row.size)}"
    else:
        words = f"{_kind_word(one.content_type, row)}, {size(one.size)}"
        if one.copy == "sent" and one.size < row.size:
            words = t("{what}, was {size}", what=words, size=size(row.size))
    return AttachedFile(file=item(row, at=at), words=words, link=one.link, why=one.why)


def size(count: int) -> str:
    """Bytes as people say them: 412 KB, 3.1 MB."""
    if count < 1024 * 1024:
        return t("{n} KB", n=max(round(count / 1024), 1))
    return t("{n} MB", n=f"{count / 1024 / 1024:.1f}")


def _words(row: MediaFile, label: str, place: tuple[float, float] | None) -> str:
    if place is not None:
        return f"{place[0]:.5f}, {place[1]:.5f}"
    kind = _kind_word(row.content_type, row) if row.state == "ready" else label
    parts = [row.detail if row.kind == "contact" else kind, size(row.size) if row.state == "ready" else ""]
    return ", ".join(part for part in parts if part)


def _kind_word(content_type: str, row: MediaFile) -> str:
    if content_type in _SHORT:
        return _SHORT[content_type]
    ending = row.name.rpartition(".")[2] if "." in row.name else ""
    return ending.upper() if 0 < len(ending) <= 4 else t(_LABELS.get(row.kind, _LABELS["file"])[0])


def _moves(row: MediaFile) -> bool:
    return row.content_type == "image/gif" and row.size <= _LARGEST_MOVING


def _url(row: MediaFile, copy: addresses.Copy, at: datetime) -> str:
    token = addresses.desk_token(row.pk, copy=copy, at=at)
    return reverse("desk:file", args=[token, file_types.safe_name(row.name, row.content_type)])


def map_url(latitude: float, longitude: float) -> str:
    """Where a map shows a place; nothing asks for it before somebody does."""
    north, east = f"{latitude:.6f}", f"{longitude:.6f}"
    return f"{MAP}{urlencode({'mlat': north, 'mlon': east})}#map=16/{north}/{east}"
