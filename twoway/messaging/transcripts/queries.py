"""Reading a conversation for its transcript, a stretch at a time, so that a long one needs no more memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from typing import Any

from twoway.compliance.deciding.queries import Decision, decisions_of
from twoway.contacts.queries import shown_name
from twoway.conversations.queries import Conversation, Note, notes_from
from twoway.lib.words import ENGLISH, reading_in
from twoway.messaging import threads
from twoway.messaging.cost.queries import message_price
from twoway.messaging.media import queries as media
from twoway.messaging.queries import Message
from twoway.messaging.transcripts.rules import Entry, Wanted
from twoway.messaging.words import why_not

AT_ONCE = 500
_STATES = {
    "received": "",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "scheduled": "scheduled",
    "canceled": "not sent",
    "failed": "not delivered",
    "undelivered": "not delivered",
}


def entries(conversation: Conversation, wanted: Wanted, *, person: str) -> Iterator[Entry]:
    """The texts, and notes where they are wanted, in order of time. `person` is what the customer is called.

    Whoever asks may see the conversation.
    """
    texts = _texts(conversation, wanted, person)
    if not wanted.with_notes:
        return texts
    return merge(texts, _notes(conversation, wanted), key=lambda entry: entry.at)


def count(conversation: Conversation, wanted: Wanted, *, most: int) -> int:
    """How many texts it has, `most` at most."""
    found = 0
    for _ in _rows(conversation, wanted):
        found += 1
        if found == most:
            break
    return found


def person_of(conversation: Conversation, *, address: str) -> str:
    """What a transcript calls the customer: their name, or the address as the reader may see it."""
    return shown_name(conversation.contact) or address


def _rows(conversation: Conversation, wanted: Wanted) -> Iterator[Message]:
    start = threads.first_from((conversation.pk,), at=wanted.after) if wanted.after else 0
    while start is not None:
        rows = threads.texts_from((conversation.pk,), from_id=start, limit=AT_ONCE)
        yield from (row for row in rows if wanted.holds(row.created_at))
        start = rows[-1].pk + 1 if len(rows) == AT_ONCE else None


def _texts(conversation: Conversation, wanted: Wanted, person: str) -> Iterator[Entry]:
    stretch: list[Message] = []
    for row in _rows(conversation, wanted):
        stretch.append(row)
        if len(stretch) == AT_ONCE:
            yield from _entries(stretch, person)
            stretch = []
    yield from _entries(stretch, person)


def _entries(rows: Sequence[Message], person: str) -> Iterator[Entry]:
    if not rows:
        return
    files = media.of_messages(rows)
    decided: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions_of([row.pk for row in rows if row.direction == "out"]):
        decided[decision.message_id or 0].append(decision)
    for row in rows:
        names = tuple(one.name or one.content_type or one.kind for one in files.get(row.pk, ()))
        yield _entry(row, person, names, decided.get(row.pk, ()))


def _entry(row: Message, person: str, files: tuple[str, ...], decided: Sequence[Decision]) -> Entry:
    is_ours = row.direction == "out"
    who = _ours(row) if is_ours else person
    status = _STATES.get(row.status, row.status) if is_ours else ""
    if row.status in {"failed", "undelivered", "canceled"}:
        with reading_in(ENGLISH):
            status = f"{status}: {why_not(row)}"
    if row.is_uncertain:
        status = "the carrier has not said whether it was sent"
    marks = _marks(row)
    return Entry(
        kind="text",
        id=row.pk,
        at=row.created_at,
        who=who,
        is_ours=is_ours,
        body=row.body,
        status=status,
        files=files,
        marks=marks,
        record=_record(row, who=who, files=files, marks=marks, decided=decided),
    )


def _ours(row: Message) -> str:
    if row.author == "member":
        return row.by_name or "Somebody who left"
    return "API" if row.author == "api" else "Automatic"


def _marks(row: Message) -> tuple[str, ...]:
    found = [f"{word} removed before it was kept" for word in row.shielded.split()]
    if row.redacted_at is not None:
        what = "its files were" if row.body else "words were"
        found.append(f"{what} removed on {row.redacted_at.astimezone(UTC):%Y-%m-%d}")
    return tuple(found)


def _record(
    row: Message, *, who: str, files: tuple[str, ...], marks: tuple[str, ...], decided: Sequence[Decision]
) -> dict[str, Any]:
    """For machines. WhatsApp's ids carry the person's number, which the reader may not be allowed to see: left out."""
    price = message_price(row)
    return {
        "kind": "text",
        "id": row.pk,
        "at": _time(row.created_at),
        "direction": row.direction,
        "who": who,
        "author": row.author,
        "body": row.body,
        "files": list(files),
        "marks": list(marks),
        "status": "uncertain" if row.is_uncertain else row.status,
        "error": row.error,
        "error_code": row.error_code,
        "sent_at": _time(row.sent_at),
        "delivered_at": _time(row.delivered_at),
        "encoding": row.encoding,
        "segments": row.segments,
        "price": str(price.amount) if price else None,
        "currency": price.currency if price else None,
        "provider_id": "" if row.provider_id.startswith("wamid.") else row.provider_id,
        "purpose": row.purpose,
        "decisions": [_decision(one) for one in decided],
    }


def _decision(one: Decision) -> Mapping[str, Any]:
    return {
        "at": _time(one.at),
        "stage": one.stage,
        "verdict": one.verdict,
        "reason": one.reason,
        "purpose": one.purpose,
        "said": one.for_agent,
    }


def _notes(conversation: Conversation, wanted: Wanted) -> Iterator[Entry]:
    for note in notes_from(conversation, after=wanted.after, before=wanted.before):
        yield _note(note)


def _note(note: Note) -> Entry:
    who = note.by_name or "Somebody who left"
    record = {"kind": "note", "id": note.pk, "at": _time(note.created_at), "who": who, "body": note.body}
    return Entry(kind="note", id=note.pk, at=note.created_at, who=who, is_ours=True, body=note.body, record=record)


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None
