"""Who starts the server and who still uses it: locks, which the kernel lets go however their process dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twoway.lib.files import open_private
from twoway.ops.postgres.errors import PostgresError


def _open(path: Path) -> int:
    try:
        return open_private(path, os.O_RDWR)
    except PermissionError as error:
        raise PostgresError(
            f"{path} belongs to another user. Run the command as that user or as root,"
            " or choose another folder with --data."
        ) from error


@contextmanager
def alone(path: Path, *, timeout: float) -> Iterator[None]:
    """Hold the lock at `path` alone; waits up to `timeout` seconds, then raises `PostgresError`."""
    descriptor = _open(path)
    give_up_at = time.monotonic() + timeout
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    raise PostgresError(
                        f"Another command has been starting or stopping the PostgreSQL beside {path} for"
                        f" {timeout:.0f} s. Look at what it does, or end it, and try again."
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


class Lease:
    """A share in the running server. To be taken and left only while `alone`."""

    def __init__(self, path: Path) -> None:
        self.descriptor = _open(path)
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Whether no one else has a share. The answer gives this share up, so ask only when leaving."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        """Give the share up."""
        os.close(self.descriptor)
