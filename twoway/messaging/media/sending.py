"""Pictures and files on their way out: what of them the carrier gets, and what becomes a link in the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from urllib.parse import quote

from twoway.channels.models import Channel
from twoway.lib import file_types, images
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.media import addresses, files, rules
from twoway.messaging.media.rules import Choice, Facts
from twoway.messaging.models import MediaFile, MediaState
from twoway.providers import registry
from twoway.providers.adapter import MediaLimits
from twoway.providers.base import Attachment
from twoway.teams.actor import Actor

RESIZED = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"})
REMOTE = "twoway.messaging.media.remote"
"""Brought in when a program first names a file by its address: the client it fetches with delays the start."""
SENT_TYPES = frozenset({"image/jpeg", "image/png", "image/gif"})
"""What a picture may become: every phone shows these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """How one file leaves: which copy of it, of what type and size; or as a `link`, and the sentence why."""

    row: MediaFile
    copy: addresses.Copy = "whole"
    content_type: str = ""
    size: int = 0
    link: str = ""
    why: str = ""

    def as_item(self) -> dict[str, Any]:
        """What the message remembers of it."""
        item: dict[str, Any] = {
            "media": self.row.pk,
            "type": self.content_type or self.row.content_type,
            "name": self.row.name,
            "size": self.size or self.row.size,
            "copy": self.copy,
        }
        if self.row.source_url:
            item["from"] = self.row.source_url
        return item | ({"link": self.link} if self.link else {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The files of one text, ready to go with it."""

    items: tuple[dict[str, Any], ...] = ()

    @property
    def ids(self) -> list[int]:
        """Their rows."""
        return [int(item["media"]) for item in self.items]

    @property
    def links(self) -> list[str]:
        """What is added to the text for those that can't go with it."""
        return [str(item["link"]) for item in self.items if item.get("link")]

    @property
    def attached(self) -> int:
        """How many the carrier gets."""
        return len(self.items) - len(self.links)

    @property
    def words(self) -> str:
        """What a list says when there is no text, such as "2 photos"."""
        return rules.words([str(item["type"]) for item in self.items])


NOTHING = Prepared()


def prepare(
    *,
    by: Actor,
    channel: Channel,
    recipient: str,
    at: datetime,
    media_ids: Sequence[int] = (),
    media_urls: Sequence[str] = (),
) -> Prepared:
    """Fetch what is only named, make pictures small enough, and choose links where nothing else is possible.

    Not in a transaction: it may take seconds. Raises `Refused` with code `media_gone`, `media_unreachable`,
    `too_many_files` or `no_store`.
    """
    if not media_ids and not media_urls:
        return NOTHING
    if len(media_ids) + len(media_urls) > rules.MOST_FILES:
        raise Refused(t("Send up to {most} files at once.", most=rules.MOST_FILES), code="too_many_files")
    named: list[MediaFile] = import_module(REMOTE).fetched(media_urls, by=by, at=at) if media_urls else []
    rows = [*_own(by, media_ids), *named]
    planned = plan(rows, limits=limits_of(channel, recipient), at=at)
    return Prepared(items=tuple(one.as_item() for one in planned))


def limits_of(channel: Channel, recipient: str) -> MediaLimits:
    """What may go from this number of ours to them."""
    adapter = registry.get(channel.provider)
    return rules.limits_for(adapter.limits, kind=channel.kind, ours=channel.address, theirs=recipient)


def plan(rows: Sequence[MediaFile], *, limits: MediaLimits, at: datetime) -> list[Planned]:
    """How each of these would leave now; smaller copies are made where they are missing."""
    facts = [
        Facts(id=row.pk, content_type=row.content_type, size=row.size, is_picture=_is_picture(row)) for row in rows
    ]
    chosen = {choice.id: choice for choice in rules.choices(facts, limits)}
    return [_planned(row, chosen[row.pk], limits, at) for row in rows]


def is_same(items: Sequence[Mapping[str, Any]], *, media_ids: Sequence[int], media_urls: Sequence[str]) -> bool:
    """Whether a message has just these files."""
    if media_urls:
        return [item.get("from") for item in items] == list(media_urls)
    return [item.get("media") for item in items] == list(media_ids)


def attachments(items: Sequence[Mapping[str, Any]], *, at: datetime) -> tuple[Attachment, ...]:
    """What a provider is given: addresses it can fetch from for three days, without cookies."""
    return tuple(
        Attachment(
            url=carrier_url(int(item["media"]), item.get("copy", "whole"), name=str(item["name"]), at=at),
            content_type=str(item["type"]),
            name=str(item["name"]),
            size=int(item["size"]),
        )
        for item in items
        if "media" in item and not item.get("link")
    )


def carrier_url(media_id: int, copy: addresses.Copy, *, name: str, at: datetime) -> str:
    """With the file's name at the end, which some carriers go by."""
    url = addresses.public_url(media_id, copy=copy, at=at, good_for=addresses.FOR_CARRIER)
    return f"{url}/{quote(name, safe='')}" if name else url


def _own(by: Actor, media_ids: Sequence[int]) -> list[MediaFile]:
    """What this member put beside their text, in the order they want it."""
    if not media_ids:
        return []
    found = MediaFile.objects.filter(
        id__in=media_ids,
        message=None,
        workspace_id=by.workspace_id,
        by_id=by.member_id,
        state=MediaState.READY,
    ).in_bulk()
    if by.member_id is None or set(found) != set(media_ids) or len(found) != len(media_ids):
        raise Refused(t("One of the files is gone. Add it again."), code="media_gone")
    return [found[media_id] for media_id in media_ids]


def _is_picture(row: MediaFile) -> bool:
    return row.kind == "image" and row.content_type in RESIZED


def _planned(row: MediaFile, choice: Choice, limits: MediaLimits, at: datetime) -> Planned:
    if choice.way == "as_is":
        return Planned(row=row, content_type=row.content_type, size=row.size)
    if choice.way == "smaller":
        types = frozenset(one for one in SENT_TYPES if rules.matches(one, limits.types))
        if _has_sent(row, choice.budget, types) or _make_sent(row, choice.budget, types):
            return Planned(row=row, copy="sent", content_type=row.sent_type, size=row.sent_size)
    return Planned(row=row, link=addresses.link(row.pk, at=at), why=t(rules.LINK_WORDS[choice.why or "too_big"]))


def _has_sent(row: MediaFile, budget: int, types: frozenset[str]) -> bool:
    """Whether there is a smaller copy already: small enough, and not much smaller than it needs to be."""
    return row.sent_type in types and budget // 4 < row.sent_size <= budget


def _make_sent(row: MediaFile, budget: int, types: frozenset[str]) -> bool:
    try:
        with files.on_disk(row.key) as path:
            smaller = images.fitted(path, limit=budget, types=types)
        if smaller is None:
            return False
        files.keep_bytes(row.key, "sent", smaller.data)
    except images.NotAPicture:
        return False
    except Exception as error:  # a store may raise anything
        raise Refused(t("The file can't be read. Try again in a moment."), code="no_store") from error
    row.sent_type, row.sent_size = smaller.content_type, len(smaller.data)
    row.name = file_types.safe_name(row.name, row.sent_type) if row.sent_type != row.content_type else row.name
    row.save(update_fields=["sent_type", "sent_size", "name"])
    return True
