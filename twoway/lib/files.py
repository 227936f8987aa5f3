"""Files that are private, whole, and owned by whom their folder belongs to."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def open_private(path: Path, flags: int) -> int:
    """Open `path`, made for its owner alone (0600) when missing; never through a symbolic link. Returns a descriptor.

    What root makes in a folder of someone else is given to that person, who may run the next command.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    _give_to_owner_of(path.parent, descriptor)
    return descriptor


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a crash, finds the old content or the new, never a part."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            _give_to_owner_of(path.parent, file.fileno())
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _give_to_owner_of(folder: Path, descriptor: int) -> None:
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0 and os.fstat(descriptor).st_uid == 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
