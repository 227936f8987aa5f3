"""The server's process as the operating system sees it: which one it is, whether it lives, how it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from twoway.ops.postgres.errors import PostgresError

_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self" / "stat").exists()


def _noted_pid(pgdata: Path) -> int | None:
    """What `postmaster.pid` says on its first line, or None when there is none that can be read."""
    try:
        return abs(int((pgdata / "postmaster.pid").read_text().splitlines()[0]))
    except (FileNotFoundError, ValueError, IndexError):
        return None


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not yet reaped does not."""
    if _HAS_PROC:
        try:
            state = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return False
        return state not in "ZX"
    done = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stdout.strip().startswith("Z")


def find(pgdata: Path) -> int | None:
    """The process id of the server of `pgdata`, or None. A number that another program has by now is not it."""
    pid = _noted_pid(pgdata)
    return pid if pid is not None and is_alive(pid) and _works_in(pid, pgdata) else None


def orphans(pgdata: Path) -> list[int]:
    """Processes of a server that was itself killed: they end by themselves within moments, unless they are busy."""
    return [pid for pid in _all_pids() if _works_in(pid, pgdata) and is_alive(pid)]


def stop(pid: int, *, patience: float = 60.0) -> None:
    """End the server: fast shutdown, then immediate, then by force; `patience` in seconds for the first."""
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_until_gone([pid], seconds):
            return
    raise PostgresError(f"The PostgreSQL process {pid} does not end, not even by force. Look at it, then try again.")


def clear_away(pgdata: Path, *, patience: float = 2.0) -> None:
    """See the leftovers of a killed server off: its remaining processes, then its pid file."""
    left = orphans(pgdata)
    if left and not wait_until_gone(left, patience):
        for pid in orphans(pgdata):
            os.kill(pid, signal.SIGKILL)
        wait_until_gone(left, patience)
    (pgdata / "postmaster.pid").unlink(missing_ok=True)


def wait_until_gone(pids: list[int], seconds: float) -> bool:
    """Whether all of them ended within that time."""
    give_up_at = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.01)
    return True


def _works_in(pid: int, pgdata: Path) -> bool:
    """A server's processes all stand in its data folder; that folder is how one server is told from another."""
    if not _HAS_PROC:
        done = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return "postgres" in done.stdout and f"-D {pgdata} " in done.stdout
    try:
        stands_in = (_PROC / str(pid) / "cwd").stat()
        program = (_PROC / str(pid) / "comm").read_text().strip()
        here = pgdata.stat()
    except OSError:
        return False
    return program == "postgres" and (stands_in.st_dev, stands_in.st_ino) == (here.st_dev, here.st_ino)


def _all_pids() -> Iterator[int]:
    if _HAS_PROC:
        yield from (int(name) for name in os.listdir(_PROC) if name.isdigit())
