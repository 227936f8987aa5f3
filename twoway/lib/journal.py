"""Entries kept on disk, in order, until somebody has dealt with them: durable when `append` returns, bounded in size.

A journal is a folder of numbered files. An entry is its length, its CRC-32 and its bytes; an entry that a crash cut
short was never acknowledged and ends its file. What was dealt with is forgotten file by file, so that after a crash an
entry can come twice, never not at all. A folder belongs to one process at a time: `claim` finds one that is free, and
`adopt` takes over what ended processes left beside it.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from twoway.lib.files import open_private

log = structlog.get_logger(__name__)

_HEAD = struct.Struct("<II")
_PER_FILE = 4 * 1024 * 1024
_MOST_FOLDERS = 64
_LOCK = "lock"


class Full(OSError):
    """There is no room for these entries; nothing of them was kept."""


class Journal:
    """One folder of entries. Not for several threads at once."""

    def __init__(self, folder: Path, lock: int, *, most_bytes: int) -> None:
        self._folder = folder
        self._lock = lock
        self._most = most_bytes
        self._files = [(path, path.stat().st_size) for path in _files(folder)]
        self._number = max((int(path.stem) for path, _ in self._files), default=0)
        self._open: int | None = None
        self._read: list[bytes] = []
        self._reading: Path | None = None
        self.entries = sum(1 for path, _ in self._files for _ in _entries(path))

    @classmethod
    def claim(cls, root: Path, *, most_bytes: int) -> Journal:
        """The first folder below `root` that no other process holds. Raises `OSError`."""
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(_MOST_FOLDERS):
            folder = root / str(number)
            lock = _locked(folder)
            if lock is not None:
                return cls(folder, lock, most_bytes=most_bytes)
        raise Full(f"All {_MOST_FOLDERS} folders of {root} are in use.")

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for _, size in self._files)

    def append(self, entries: Sequence[bytes]) -> None:
        """Keep them; they are on disk when this returns. Raises `Full` or `OSError`, and then none of them is kept."""
        packed = b"".join(_HEAD.pack(len(entry), zlib.crc32(entry)) + entry for entry in entries)
        if self.size + len(packed) > self._most:
            raise Full("The journal has reached its size.")
        descriptor, path, before = self._last()
        try:
            _write(descriptor, packed)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            os.lseek(descriptor, before, os.SEEK_SET)
            raise
        self._files[-1] = (path, before + len(packed))
        self.entries += len(entries)

    def peek(self, count: int) -> list[bytes]:
        """The oldest entries, at most `count`; the same again until `drop`."""
        while not self._read and self._files:
            path, _ = self._files[0]
            if len(self._files) == 1:
                self._seal()
            self._reading, self._read = path, list(_entries(path))
            if not self._read:
                self._forget()
        if not self._files:
            self.entries = 0
        return self._read[:count]

    def drop(self, count: int) -> None:
        """The oldest entries were dealt with."""
        self._read = self._read[count:]
        self.entries -= count
        if not self._read:
            self._forget()

    def adopt(self) -> None:
        """Take over what processes that ended left in their folders."""
        for folder in sorted(self._folder.parent.iterdir()):
            if folder == self._folder or not folder.name.isdigit() or not _files(folder):
                continue
            lock = _locked(folder)
            if lock is None:
                continue
            try:
                self._take(folder)
            finally:
                os.close(lock)

    def close(self) -> None:
        """Let go of the folder; what is in it stays."""
        self._seal()
        os.close(self._lock)

    def _take(self, folder: Path) -> None:
        self._seal()
        for path in _files(folder):
            self._number += 1
            target = self._folder / f"{self._number:08d}.journal"
            self.entries += sum(1 for _ in _entries(path))
            os.rename(path, target)
            self._files.append((target, target.stat().st_size))
        _sync(self._folder)
        log.info("journal_adopted", folder=folder.name)

    def _last(self) -> tuple[int, Path, int]:
        """The file to add to, opened, and its size."""
        if self._open is not None and self._files[-1][1] >= _PER_FILE:
            self._seal()
        if self._open is None:
            self._number += 1
            path = self._folder / f"{self._number:08d}.journal"
            self._open = open_private(path, os.O_WRONLY)
            _sync(self._folder)
            self._files.append((path, 0))
        return self._open, *self._files[-1]

    def _seal(self) -> None:
        if self._open is not None:
            os.close(self._open)
            self._open = None

    def _forget(self) -> None:
        if self._reading is not None:
            self._reading.unlink(missing_ok=True)
            self._files = [(path, size) for path, size in self._files if path != self._reading]
            self._reading = None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


def _locked(folder: Path) -> int | None:
    """The folder's lock, held until it is closed; None when another process has it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = open_private(folder / _LOCK, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _entries(path: Path) -> Iterator[bytes]:
    """The whole entries of one file."""
    content = path.read_bytes()
    place = 0
    while place + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, place)
        entry = content[place + _HEAD.size : place + _HEAD.size + length]
        if len(entry) < length or zlib.crc32(entry) != checksum:
            log.warning("journal_ends_early", file=path.name, at=place)
            return
        yield entry
        place += _HEAD.size + length


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
