"""What a file is, told by its content and never by what somebody says about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import puremagic

Kind = Literal["image", "video", "audio", "pdf", "contact", "location", "file"]

HEAD = 8192
"""Bytes of the beginning that are enough to tell."""

# By the ending puremagic calls it: what we call it. Endings that are not here are files we know nothing about.
_KNOWN: dict[str, str] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tiff": "image/tiff",
    ".tif": "image/tiff",
    ".heif": "image/heic",
    ".heic": "image/heic",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mpg": "video/mpeg",
    ".avi": "video/x-msvideo",
    ".3gp": "video/3gpp",
    ".3ga": "video/3gpp",
    ".3g2": "video/3gpp2",
    ".m4a": "audio/mp4",
    ".f4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mpga": "audio/mpeg",
    ".aac": "audio/aac",
    ".amr": "audio/amr",
    ".wav": "audio/wav",
    ".caf": "audio/x-caf",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".pdf": "application/pdf",
    ".gcrd": "text/vcard",
    ".ics": "text/calendar",
    ".html": "text/html",
    ".htm": "text/html",
    ".xml": "application/xml",
    ".zip": "application/zip",
    ".docx": "application/zip",
    ".rtf": "application/rtf",
    ".exe": "application/octet-stream",
}
_OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/3gpp": ".3gp",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/amr": ".amr",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "application/pdf": ".pdf",
    "text/vcard": ".vcf",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "application/zip": ".zip",
}
_WORDS = {".jpg": "Photo", ".png": "Picture", ".gif": "GIF", ".pdf": "Document", ".vcf": "Contact"}

UNKNOWN = "application/octet-stream"

INLINE = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("video/mp4", "video/quicktime", "video/webm", "video/3gpp"),
        *("audio/mp4", "audio/mpeg", "audio/aac", "audio/ogg", "audio/wav", "audio/flac", "audio/amr"),
    }
)
"""Types a browser may show by itself. Nothing with a script in it: no SVG, no HTML, no XML, no PDF."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A content type and the kind of thing it is."""

    content_type: str
    kind: Kind


def told_by(head: bytes, *, name: str = "") -> FileType:
    """What the first `HEAD` bytes of a file say it is. `name` only tells office documents from other archives."""
    found = _magic(head)
    if found == "application/zip":
        found = _OFFICE.get(PurePath(name).suffix.lower(), found)
    if found == "audio/ogg" and (b"theora" in head or b"video" in head):
        found = "video/ogg"
    return FileType(found, kind_of(found))


def kind_of(content_type: str) -> Kind:
    """The kind of a content type, such as the one a provider declares before a file is here."""
    word = content_type.partition(";")[0].strip().lower()
    if word == "application/pdf":
        return "pdf"
    if word in {"text/vcard", "text/x-vcard", "text/directory"}:
        return "contact"
    if word == "image/svg+xml":
        return "file"
    family = word.partition("/")[0]
    return family if family in {"image", "video", "audio"} else "file"  # type: ignore[return-value]


def ending(content_type: str) -> str:
    """The ending a file of this type should have, with its dot, or ""."""
    return _ENDINGS.get(content_type, "")


def safe_name(name: str, content_type: str) -> str:
    """A file name to save it under: no folders, no control characters, and an ending that fits the content."""
    bare = "".join(char for char in name.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    bare = bare.strip(" .\"'<>|:*?")[:120]
    wanted = ending(content_type)
    if not bare:
        return f"{_WORDS.get(wanted, 'File').lower()}{wanted}"
    has = PurePath(bare).suffix.lower()
    if not wanted or has == wanted or _KNOWN.get(has) == content_type:
        return bare
    return f"{PurePath(bare).stem or 'file'}{wanted}"


def _magic(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith(b"begin:vcard"):
        return "text/vcard"
    if b"<svg" in start:
        return "image/svg+xml"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "text/html"
    try:
        guesses = puremagic.magic_string(head) if head else []
    except (puremagic.PureError, ValueError):
        guesses = []
    for guess in guesses:
        if guess.extension in _KNOWN:
            return _KNOWN[guess.extension]
    return "text/plain" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """Whether it reads as UTF-8 without control characters; a character cut at the end is forgiven."""
    if not head:
        return False
    text = head.decode("utf-8", "ignore")
    lost = len(head) - len(text.encode())
    return lost <= 3 and all(char.isprintable() or char in "\r\n\t" for char in text)
