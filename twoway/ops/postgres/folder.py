"""What lies where in the data folder, and the short-lived folder of a socket whose path would be too long."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from twoway.lib.files import open_private
from twoway.ops.postgres import postmaster, wire
from twoway.ops.postgres.errors import PostgresError
from twoway.ops.postgres.identity import Identity

USER = "twoway"
"""The server's only role."""

LONGEST_SOCKET_PATH = 103
"""Bytes a Unix socket's path may have: 103 on macOS and the BSDs, 107 on Linux (sys/un.h, less the closing NUL)."""

_LOG_BYTES = 10_000_000
_LAST_WORDS_BYTES = 4_000


class Folder:
    """The paths of one embedded server below the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.home = self.data_dir / "postgres"
        self.pgdata = self.home / "data"
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
        """The folder of the server's socket: where the pid file says, else where it would be."""
        noted = postmaster.read_pid_file(self.pgdata)
        return noted.socket_dir if noted and noted.socket_dir else self.home / "run"

    def make_socket_dir(self, owner: Identity) -> Path:
        """A folder for the socket that only `owner` may enter: in the data folder, or in /tmp where the path is too long.

        A new name each time, so nobody can take it beforehand; the server notes it in its pid file, where others read it.
        Not XDG_RUNTIME_DIR: that is removed when its user logs out, while a server may run on.
        """
        usual = self.home / "run"
        if len(os.fsencode(wire.socket_path(usual))) <= LONGEST_SOCKET_PATH and "," not in str(usual):
            usual.mkdir(mode=0o700, exist_ok=True)
            owner.give(usual)
            return usual
        short = Path(tempfile.mkdtemp(prefix=self._short_prefix(), dir="/tmp"))  # noqa: S108 - private by mkdtemp
        owner.give(short)
        return short

    def drop_socket_dir(self, folder: Path) -> None:
        """Remove what a server left in its socket's folder, and the folder too when it was made in /tmp for it."""
        ours = folder == self.home / "run" or (
            folder.parent == Path("/tmp")  # noqa: S108 - removal of our own
            and folder.name.startswith(self._short_prefix())
        )
        if not ours or not folder.exists() or not stat.S_ISDIR(folder.lstat().st_mode):
            return
        if folder.lstat().st_uid != self.home.stat().st_uid:
            return
        path = wire.socket_path(folder)
        for leftover in (path, path.with_name(path.name + ".lock")):
            leftover.unlink(missing_ok=True)
        if folder != self.home / "run":
            with suppress(OSError):
                folder.rmdir()

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
        return f"twoway-{hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]}-"
