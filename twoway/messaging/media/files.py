"""Files in the media store, whatever store that is: names, writing, opening and deleting.

A file's names follow from the key of its row, so a row that is there is enough to find and to delete its files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

COPIES = ("whole", "small", "sent")
_ENDINGS = {"whole": "", "small": ".small", "sent": ".sent"}


class _Moved(File):  # type: ignore[type-arg]
    """A file on the disk which a store in a folder may take as it is, instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def store() -> Storage:
    """The media store of this installation."""
    return storages["media"]


def name(key: UUID, copy: str) -> str:
    """The name of one copy: two folders deep, so that no folder gets too full."""
    plain = key.hex
    return f"{plain[:2]}/{plain[2:4]}/{plain}{_ENDINGS[copy]}"


def keep(key: UUID, copy: str, path: Path) -> None:
    """Put a file of the disk into the store; afterwards it is not on the disk any more."""
    with path.open("rb") as content:
        store().save(name(key, copy), _Moved(content, name=str(path)))
    path.unlink(missing_ok=True)


def keep_bytes(key: UUID, copy: str, data: bytes) -> None:
    """Put bytes into the store."""
    store().save(name(key, copy), ContentFile(data))


def opened(key: UUID, copy: str) -> IO[Any]:
    """A copy, for reading. Raises `OSError` when it is not there."""
    return store().open(name(key, copy), "rb")


def delete(key: UUID) -> None:
    """Delete every copy; what is not there is deleted already. Raises what the store raises when it can't be used."""
    for copy in COPIES:
        store().delete(name(key, copy))


@contextmanager
def on_disk(key: UUID, copy: str = "whole") -> Iterator[Path]:
    """A copy as a file of the disk, for as long as it is needed."""
    with scratch() as path:
        with opened(key, copy) as content, path.open("wb") as file:
            while piece := content.read(1024 * 1024):
                file.write(piece)
        yield path


@contextmanager
def scratch() -> Iterator[Path]:
    """A file of our own to write to. It is beside a store in a folder, so that moving it there costs nothing."""
    folder = settings.MEDIA_ROOT / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as made:
        path = Path(made.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
