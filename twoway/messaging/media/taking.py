"""Taking a file into the store: what it is by its content, a small copy of a picture, and its rows' words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from twoway.lib import file_types, images
from twoway.lib.file_types import Kind
from twoway.messaging.media import files

MOST_CARD = 64 * 1024
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^(?:[A-Za-z0-9]+\.)?(FN|TEL)(?:;[^:]*)?:(.*)$", re.I | re.M)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a file turned out to be. `detail` is what a contact card says besides its name."""

    kind: Kind
    content_type: str
    size: int
    name: str
    detail: str = ""
    width: int = 0
    height: int = 0
    has_thumbnail: bool = False


def take(*, key: UUID, path: Path, name: str, is_ours: bool) -> Taken:
    """Put a file of the disk into the store. Of our own pictures, what the camera wrote about us is taken out first.

    Raises what the store raises when it can't be used.
    """
    with path.open("rb") as file:
        head = file.read(file_types.HEAD)
    found = file_types.told_by(head, name=name)
    seen, small = _picture(path, is_ours=is_ours) if found.kind == "image" else (None, None)
    kind: Kind = "file" if found.kind == "image" and seen is None else found.kind
    title, detail = _card(path) if kind == "contact" else ("", "")
    size = path.stat().st_size
    if small is not None:
        files.keep_bytes(key, "small", small.data)
    files.keep(key, "whole", path)
    return Taken(
        kind=kind,
        content_type=found.content_type,
        size=size,
        name=(f"{title}.vcf" if title else file_types.safe_name(name, found.content_type))[:200],
        detail=detail[:300],
        width=seen.width if seen else 0,
        height=seen.height if seen else 0,
        has_thumbnail=small is not None,
    )


def _picture(path: Path, *, is_ours: bool) -> tuple[images.Seen | None, images.Picture | None]:
    """Its measures and a small copy; neither when it can't be read. Ours is cleaned in place."""
    try:
        if is_ours:
            clean = images.cleaned(path)
            if clean is not None:
                path.write_bytes(clean.data)
        return images.look(path), images.thumbnail(path)
    except images.NotAPicture:
        return None, None


def _card(path: Path) -> tuple[str, str]:
    """The name and the first number of a contact card (RFC 6350)."""
    with path.open("rb") as file:
        text = _FOLDED.sub("", file.read(MOST_CARD).decode("utf-8", "replace"))
    found: dict[str, str] = {}
    for field, value in _LINE.findall(text):
        plain = value.strip().replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").removeprefix("tel:")
        found.setdefault(field.upper(), "".join(char for char in plain if char.isprintable()))
    name = file_types.safe_name(found.get("FN", ""), "")
    return (name if found.get("FN") else ""), found.get("TEL", "")
