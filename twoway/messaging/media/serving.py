"""What is answered to somebody who may have a file: headers that keep it from doing harm, and the part of it asked for.

Nothing but pictures, videos and sounds is shown by a browser itself; everything else is saved as a file. A page that
was smuggled in as one could do nothing: its type is not guessed again (`nosniff`), and it would run in a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import quote

from twoway.lib import file_types
from twoway.messaging.media import files
from twoway.messaging.media.addresses import Copy
from twoway.messaging.models import MediaFile

PIECE = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Accept-Ranges": "bytes",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a request says of how it wants the file."""

    range: str = ""
    if_none_match: str = ""
    is_head: bool = False


@dataclass(kw_only=True, slots=True)
class Answer:
    """Status, headers, and what of the open file is the body. `close` it whatever happens."""

    status: int
    headers: dict[str, str]
    file: IO[Any] | None = None
    length: int = 0
    _left: int = field(default=-1, repr=False)

    def piece(self) -> bytes:
        """The next piece of the body; b"" at its end."""
        if self.file is None:
            return b""
        if self._left < 0:
            self._left = self.length
        got: bytes = self.file.read(min(PIECE, self._left)) if self._left else b""
        self._left -= len(got)
        return got

    def __iter__(self) -> Iterator[bytes]:
        """All of the body."""
        while got := self.piece():
            yield got

    def close(self) -> None:
        """Let go of the file."""
        file, self.file = self.file, None
        if file is not None:
            file.close()


def answer(row: MediaFile, copy: Copy, asked: Asked, *, cache: str, is_public: bool) -> Answer:
    """Raises what the store raises when the file is not there."""
    tag = f'"{row.key.hex}-{copy}-{row.sent_size if copy == "sent" else 0}"'
    headers = {**_SAFE, "Cache-Control": cache, "ETag": tag}
    if is_public:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if tag in (one.strip() for one in asked.if_none_match.split(",")):
        return Answer(status=304, headers=headers)
    file = files.opened(row.key, copy)
    try:
        content_type = _type_of(row, copy, file)
        size = int(getattr(file, "size", 0)) or row.size
        headers |= {"Content-Type": content_type, "Content-Disposition": _disposition(row, content_type)}
        span = _span(asked.range, size)
        if span is None:
            file.close()
            return Answer(status=416, headers={**headers, "Content-Range": f"bytes */{size}", "Content-Length": "0"})
        first, last = span
        headers["Content-Length"] = str(last - first + 1)
        if asked.range and (first, last) != (0, size - 1):
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        file.seek(first)
    except BaseException:
        file.close()
        raise
    found = Answer(
        status=206 if "Content-Range" in headers else 200, headers=headers, file=file, length=last - first + 1
    )
    if asked.is_head:
        found.close()
    return found


def _type_of(row: MediaFile, copy: Copy, file: IO[Any]) -> str:
    """The type a browser is told: our own small copies are looked at; what is not shown inline is only bytes."""
    if copy == "small":
        told = file_types.told_by(file.read(64)).content_type
        file.seek(0)
        return told
    told = row.sent_type if copy == "sent" else row.content_type
    if told in file_types.INLINE or told in {"application/pdf", "text/vcard", "text/calendar", "application/zip"}:
        return told
    return "text/plain; charset=utf-8" if told == "text/plain" else file_types.UNKNOWN


def _disposition(row: MediaFile, content_type: str) -> str:
    """Shown in the browser or saved, with a name (RFC 6266)."""
    way = "inline" if content_type in file_types.INLINE else "attachment"
    name = row.name or "file"
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for (RFC 9110, 14.2); all when it asks for none or in another way; None is 416."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or not size:
        return (0, max(size - 1, 0))
    start, end = found.groups()
    if not start and not end:
        return (0, size - 1)
    if not start:
        return (max(size - int(end), 0), size - 1) if int(end) else None
    first = int(start)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return (0, size - 1)
    return (first, last) if first < size else None
