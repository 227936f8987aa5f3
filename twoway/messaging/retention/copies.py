"""A copy of everything about one person, as a zip in the media store: person.json, messages.json and their files.

Of somebody anonymous it holds the alias: whoever makes it must not learn by it who they are.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

import orjson
import structlog
from django.core.files.base import File
from django.db.models import Q, QuerySet

from twoway.compliance.consent.queries import entries_of
from twoway.compliance.models import Decision, OptOut
from twoway.compliance.retention.models import RequestKind, RightsRequest
from twoway.contacts.models import Contact, Identity
from twoway.contacts.queries import alias_of
from twoway.conversations.models import Conversation, Note
from twoway.conversations.together.models import Handover
from twoway.events.models import Event
from twoway.messaging.callbacks.models import Callback
from twoway.messaging.calls.models import Call
from twoway.messaging.deflection.models import Deflection
from twoway.messaging.media import files
from twoway.messaging.models import MediaFile, MediaState, Message

log = structlog.get_logger(__name__)

FORMAT = "twoway-person-1"
PIECE = 256 * 1024
READ_AT_ONCE = 1000
Row = dict[str, Any]

_MESSAGE = (
    "id conversation_id channel__address direction status author by_name sender recipient body purpose segments error "
    "created_at sent_at delivered_at redacted_at price price_currency"
)
_CONVERSATION = "id channel__address state created_at last_message_at episode"
_DECISION = "message_id stage verdict reason purpose at"
_CONSENT = "position channel_id purpose change level method by_name at expires_at proof hash"
_OPT_OUT = "identity__value channel__address source keyword opted_out_at lifted_at lifted_by"
_CALLBACK = "state source zone starts_at ends_at attempt outcome note created_at changed_at"
_DEFLECTION = "queue_name state waiting waited reason offered_at answered_at"
_CALL = "id direction state phone started_at ended_at seconds outcome recording_id transcript by_name"
_FILE = "id message_id name content_type size created_at state"


def name_of(key: UUID) -> str:
    """Where a copy lies in the media store."""
    return f"exports/{key.hex}.zip"


def make(*, contact_id: int, at: datetime) -> tuple[UUID, int]:
    """Write the copy of one person into the store; its key and its size in bytes. Raises what the store raises."""
    key = uuid4()
    with files.scratch() as path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            covered = _covered(contact_id)
            archive.writestr("person.json", covered(_dumped(_person(contact_id, at=at)).decode()))
            with archive.open("messages.json", "w") as target:
                _write_list(target, _messages(contact_id, covered))
            missing = [row for row in _media(contact_id) if not _put(archive, row)]
            if missing:
                archive.writestr("missing-files.json", _dumped([{"id": row.pk, "name": row.name} for row in missing]))
        size = path.stat().st_size
        with path.open("rb") as content:
            files.store().save(name_of(key), File(content))
    return key, size


def opened(row: RightsRequest) -> IO[Any]:
    """The copy, for reading. Raises `OSError` when it is not there."""
    return files.store().open(name_of(row.file or UUID(int=0)), "rb")


def delete_of(contact_id: int) -> None:
    """Delete every copy made of this person. Raises what the store raises."""
    for row in RightsRequest.objects.filter(contact_id=contact_id, file__isnull=False):
        delete(row)


def expire(*, at: datetime) -> int:
    """Delete copies whose time is over; how many. One the store keeps back is tried again by the next sweep."""
    gone = 0
    for row in RightsRequest.objects.filter(file__isnull=False, file_until__lt=at).order_by("id"):
        try:
            delete(row)
        except Exception:  # a store may raise anything
            log.exception("copy_not_deleted", request_id=row.pk)
        else:
            gone += 1
    return gone


def delete(row: RightsRequest) -> None:
    """Delete one copy, first the file, then what names it."""
    if row.file is not None:
        files.store().delete(name_of(row.file))
    RightsRequest.objects.filter(id=row.pk, kind=RequestKind.EXPORT).update(file=None, file_size=0, file_until=None)


# What is in it --------------------------------------------------------------------------------------------------------


def _person(contact_id: int, *, at: datetime) -> Row:
    contact = Contact.objects.get(id=contact_id)
    people = Identity.objects.filter(contact=contact).order_by("id")
    talks = Conversation.objects.filter(contact=contact).order_by("id")
    texts = Message.objects.filter(conversation__in=talks.values("id"))
    return {
        "format": FORMAT,
        "made_at": at,
        "contact": _plain(
            Contact.objects.filter(id=contact_id)
            .values("id", "name", "properties", "time_zone", "language", "blocked_at", "created_at")
            .get()
        ),
        "addresses": _rows(people, "id kind value reach reach_at created_at"),
        "conversations": [
            {**row, "tags": sorted(talk.tags.values_list("name", flat=True))}
            for row, talk in zip(_rows(talks, _CONVERSATION), talks, strict=True)
        ],
        "consent": _consent(list(people)),
        "opt_outs": _rows(OptOut.objects.filter(identity__in=people).order_by("id"), _OPT_OUT),
        "notes": _rows(Note.objects.filter(conversation__in=talks).order_by("id"), "body by_name created_at"),
        "handovers": _rows(Handover.objects.filter(conversation__in=talks).order_by("id"), "summary by_name at"),
        "outside_events": _rows(contact.outside_events.order_by("id"), "key kind title url data at"),
        "callbacks": _rows(Callback.objects.filter(conversation__in=talks).order_by("id"), _CALLBACK),
        "phone_queues": _rows(Deflection.objects.filter(contact_id=contact_id).order_by("id"), _DEFLECTION),
        "calls": _rows(Call.objects.filter(conversation__in=talks).order_by("id"), _CALL),
        "contact_notes": _rows(contact.notes.order_by("id"), "body created_at"),
        "decisions": _rows(Decision.objects.filter(message_id__in=texts.values("id")).order_by("id"), _DECISION),
        "events": _rows(Event.objects.filter(contact_id=contact_id).order_by("id"), "type data at"),
        "files": _rows(
            MediaFile.objects.filter(Q(message__in=texts.values("id")) | Q(id__in=_recordings(contact_id))).order_by(
                "id"
            ),
            _FILE,
        ),
    }


def _covered(contact_id: int) -> Callable[[str], str]:
    """What puts the alias of somebody anonymous in place of their name and addresses; the same text for others."""
    contact = Contact.objects.get(id=contact_id)
    if not contact.is_anonymous:
        return lambda text: text
    told = [value for value in (contact.name, *contact.identities.values_list("value", flat=True)) if value]
    pattern = re.compile(
        "|".join(re.escape(orjson.dumps(one).decode()[1:-1]) for one in sorted(told, key=len, reverse=True))
    )
    alias = alias_of(contact_id)
    return lambda text: pattern.sub(alias, text)


def _consent(people: list[Identity]) -> list[Row]:
    return [{name: getattr(entry, name) for name in _CONSENT.split()} for entry in entries_of(people)]


def _rows(rows: QuerySet[Any], fields: str) -> list[Row]:
    return [_plain(row) for row in rows.values(*fields.split())]


def _plain(row: Mapping[str, Any]) -> Row:
    """Names as people read them: `channel__address` is `channel`."""
    return {name.replace("__value", "").replace("__address", ""): value for name, value in row.items()}


def _messages(contact_id: int, covered: Callable[[str], str]) -> Iterator[Row]:
    rows = Message.objects.filter(conversation__contact_id=contact_id).order_by("id").values(*_MESSAGE.split())
    for row in rows.iterator(chunk_size=READ_AT_ONCE):
        yield _plain(row) | {name: covered(row[name]) for name in ("sender", "recipient")}


def _recordings(contact_id: int) -> list[int]:
    """The messages this person left by voice."""
    calls = Call.objects.filter(conversation__contact_id=contact_id, recording_id__isnull=False)
    return [found for found in calls.values_list("recording_id", flat=True) if found is not None]


def _media(contact_id: int) -> Iterator[MediaFile]:
    mine = Q(message__conversation__contact_id=contact_id) | Q(id__in=_recordings(contact_id))
    rows = MediaFile.objects.filter(mine, state=MediaState.READY).order_by("id")
    yield from rows.exclude(kind="location").iterator(chunk_size=READ_AT_ONCE)


def _put(archive: zipfile.ZipFile, row: MediaFile) -> bool:
    """Add one file; False when the store has it no more."""
    try:
        with files.opened(row.key, "whole") as source, archive.open(f"files/{row.pk}-{_safe(row.name)}", "w") as target:
            while piece := source.read(PIECE):
                target.write(piece)
    except OSError:
        return False
    return True


def _safe(name: str) -> str:
    """A file's name without folders, and with nothing a shell or an unzipper could take for something else."""
    kept = "".join(char if char.isalnum() or char in "-_. " else "_" for char in Path(name).name)
    return kept.strip(". ")[-100:] or "file"


def _write_list(target: IO[bytes], rows: Iterator[Row]) -> None:
    target.write(b"[")
    for number, row in enumerate(rows):
        target.write((b",\n" if number else b"\n") + _dumped(row))
    target.write(b"\n]\n")


def _dumped(value: object) -> bytes:
    return orjson.dumps(value, default=_other, option=orjson.OPT_INDENT_2)


def _other(value: object) -> str:
    return str(value)
