"""What lies where in the data folder, and the short-lived folder of a socket whose path would be too long."""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO

from twoway.lib.files import open_private
from twoway.ops.postgres import wire
from twoway.ops.postgres.errors import PostgresError
from twoway.ops.postgres.identity import Identity

USER = "twoway"
"""The server's only role."""

_SHORT = Path("/tmp")  # noqa: S108 - what is made there is made private, under a name of its own
_LOG_BYTES = 10_000_000
_LAST_WORDS_BYTES = 4_000


class Folder:
    """The paths of one embedded server below the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.home = self.data_dir / "postgres"
        self.pgdata = self.home / "data"
        self._run = self.home / "run"
        self.lock = self.data_dir / "postgres.lock"
        self.lease = self.data_dir / "postgres.lease"
        self.config = self.data_dir / "postgres.conf"
        self.log = self.data_dir / "postgres.log"

    def make(self) -> None:
        """Make the data folder when it is not there: closed to others; as root, passable for the server's user."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise PostgresError(f"The data folder {self.data_dir} cannot be made: {error.strerror}.") from error
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise PostgresError(f"The data folder {self.data_dir} is not yours to write. Choose another with --data.")

    def socket_dir(self) -> Path:
        """The folder of the server's socket: `run`, or where `run` points when that path would be too long."""
        return self._run.readlink() if self._run.is_symlink() else self._run

    def make_socket_dir(self, owner: Identity) -> Path:
        """A folder for the socket that only `owner` may enter: in the data folder, or /tmp when its path is too long.

        The one in /tmp has a name nobody can take beforehand and is kept until the last user of the server leaves, so
        the address outlives a crash. Not in XDG_RUNTIME_DIR: that is removed when its user logs out.
        """
        if self._is_good(self.socket_dir(), owner):
            return self.socket_dir()
        self.drop_socket_dir()
        if len(os.fsencode(wire.socket_path(self._run))) <= wire.LONGEST_SOCKET_PATH and "," not in str(self._run):
            self._run.mkdir(mode=0o700)
            owner.give(self._run)
            return self._run
        short = Path(tempfile.mkdtemp(prefix=self._short_prefix(), dir=_SHORT))
        owner.give(short)
        self._run.symlink_to(short)
        return short

    def clear_socket_dir(self) -> None:
        """Remove the socket that a killed server left."""
        if self._is_ours(self.socket_dir()):
            path = wire.socket_path(self.socket_dir())
            for leftover in (path, path.with_name(path.name + ".lock")):
                leftover.unlink(missing_ok=True)

    def drop_socket_dir(self) -> None:
        """Remove the socket's folder."""
        self.clear_socket_dir()
        folder = self.socket_dir()
        if self._is_ours(folder):
            with suppress(OSError):
                folder.rmdir()
        if self._run.is_symlink():
            self._run.unlink()

    def _is_ours(self, folder: Path) -> bool:
        return folder == self._run or (folder.parent == _SHORT and folder.name.startswith(self._short_prefix()))

    def _is_good(self, folder: Path, owner: Identity) -> bool:
        """Whether that is a folder made by us which nobody but `owner` may enter."""
        try:
            found = folder.lstat()
        except FileNotFoundError:
            return False
        private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and found.st_uid == owner.uid
        return private and self._is_ours(folder)

    def open_log(self) -> IO[bytes]:
        """The log, to append to."""
        return os.fdopen(open_private(self.log, os.O_WRONLY | os.O_APPEND), "ab")

    def rotate_log(self) -> None:
        """Move a log that grew too large aside, by copying: the running server keeps writing to the same file."""
        if not self.log.exists() or self.log.stat().st_size <= _LOG_BYTES:
            return
        with self.open_log() as log, self.log.open("rb") as whole:
            whole.seek(-_LOG_BYTES, os.SEEK_END)
            older = open_private(self.log.with_name("postgres.log.1"), os.O_WRONLY | os.O_TRUNC)
            with os.fdopen(older, "wb") as copy:
                copy.write(whole.read())
            log.truncate(0)

    def last_words(self) -> str:
        """The end of the log, for an error message: what the server said last and where there is more."""
        try:
            lines = self.log.read_bytes()[-_LAST_WORDS_BYTES:].decode(errors="replace").splitlines()
        except FileNotFoundError:
            return "It said nothing."
        return f"It said: {' / '.join(line.strip() for line in lines[-3:])} (more in {self.log})"

    def _short_prefix(self) -> str:
        return f"twoway-{zlib.crc32(os.fsencode(self.data_dir)):08x}-"
