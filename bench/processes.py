"""What processes cost, read from /proc: processor seconds and memory, with everything they started."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_OWN_AND_REAPED = slice(11, 15)  # utime, stime, cutime, cstime, counted from the state on


def family(pid: int) -> set[int]:
    """The process and all its living descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += parents.get(one, [])
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, its descendants, and those of them that ended."""
    ticks = 0
    for one in family(pid):
        fields = _stat(one)
        ticks += sum(int(field) for field in fields[_OWN_AND_REAPED]) if fields else 0
    return ticks / _TICKS


def memory_mb(pids: Iterable[int]) -> float:
    """The proportional set size of these processes together, in MB of 1,000,000 bytes: shared pages count once."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total * 1024 / 1e6


def postmaster(data: Path) -> int:
    """The process of the PostgreSQL server whose files are somewhere under this folder."""
    (file,) = data.rglob("postmaster.pid")
    return int(file.read_text().split()[0])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def listener(port: int) -> int:
    """The process that listens on this port of 127.0.0.1."""
    wanted = f"0100007F:{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inodes = {f"socket:[{row[9]}]" for row in rows if row[1] == wanted and row[3] == "0A"}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and inodes & _open_files(entry):
            return int(entry.name)
    raise LookupError(f"Nobody listens on port {port}.")


def _open_files(process: Path) -> set[str]:
    try:
        return {os.readlink(one) for one in (process / "fd").iterdir()}
    except OSError:
        return set()
