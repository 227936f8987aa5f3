"""How a transcript is written: one line for each text or note, and the hash by which a copy can be checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

RULE = "-" * 72
HOW = (
    "To check a copy: take the lines between the two rules of the transcript as text, each with its line end (LF),"
    " in UTF-8. Their SHA-256 must be the one given. The same choices give the same lines, as long as nothing"
    " was removed or delivered since."
)
HOW_JSON = (
    "To check a copy: write each item as JSON with sorted keys, no blanks and no escapes beyond those JSON needs, in"
    " UTF-8, each with a line end (LF), one after the other. Their SHA-256 must be the one given."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which part of a conversation: from a moment (included) to another (left out), and whether private notes too."""

    after: datetime | None = None
    before: datetime | None = None
    with_notes: bool = False

    def holds(self, at: datetime) -> bool:
        """Whether something of this moment is in it."""
        return (self.after is None or at >= self.after) and (self.before is None or at < self.before)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One text or note. `marks` say what is not as it was written: what was removed, and that it never left.

    `record` is what a machine reads of it: provider ids, states with their times, decisions.
    """

    kind: Literal["text", "note"]
    id: int
    at: datetime
    who: str
    is_ours: bool
    body: str
    status: str = ""
    files: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    record: Mapping[str, Any]


def line(entry: Entry, *, zone: ZoneInfo) -> str:
    """An entry as text: its time with the offset, who, the words as they are, and in brackets what else is known.

    Lines of a body after its first are set in by four blanks, so that no body can pass for another entry.
    """
    head = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}  "
    who = f"{entry.who}, private note" if entry.kind == "note" else entry.who
    body = entry.body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\n    ")
    told = [*(f"[file: {name}]" for name in entry.files), *(f"[{mark}]" for mark in entry.marks)]
    status = f"({entry.status})" if entry.status else ""
    return head + f"{who}: " + " ".join(part for part in (body, *told, status) if part)


def canonical(record: Mapping[str, Any]) -> str:
    """JSON with sorted keys and without blanks."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def as_text(head: Sequence[str], entries: Iterable[Entry], *, zone: ZoneInfo) -> Iterator[str]:
    """The transcript as text, piece by piece: who and what, the lines, and their hash."""
    digest = hashlib.sha256()
    yield "".join(f"{words}\n" for words in head) + f"{RULE}\n"
    for entry in entries:
        words = f"{line(entry, zone=zone)}\n"
        digest.update(words.encode())
        yield words
    yield f"{RULE}\nSHA-256: {digest.hexdigest()}\n{HOW}\n"


def as_json(head: Mapping[str, Any], entries: Iterable[Entry]) -> Iterator[str]:
    """The transcript as one JSON object, piece by piece: `about`, `items`, `sha256` and how to check it."""
    digest = hashlib.sha256()
    yield f'{{"about":{canonical(head)},"items":['
    separator = "\n"
    for entry in entries:
        words = canonical(entry.record)
        digest.update(f"{words}\n".encode())
        yield separator + words
        separator = ",\n"
    yield f'\n],"sha256":"{digest.hexdigest()}","how_to_check":{json.dumps(HOW_JSON)}}}\n'


def digest_of(entries: Iterable[Entry], *, zone: ZoneInfo) -> str:
    """The hash that the transcript as text ends with."""
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(f"{line(entry, zone=zone)}\n".encode())
    return digest.hexdigest()


def until_day(at: datetime) -> datetime:
    """The end of the day that begins at a moment: what a form calls "to" is included."""
    return at + timedelta(days=1)
