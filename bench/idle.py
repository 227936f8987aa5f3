"""What `twoway serve --demo` takes when nothing happens, PostgreSQL included, and how soon it is ready.

The memory is the proportional set size of all its processes after 20 idle seconds. The first start of a fresh data
folder makes the database and the demo workspace; the second finds them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench import processes, report, rig

MEMORY_BAR, WARM_BAR = 400.0, 5.0
OURS = ("TWOWAY_", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT")


@contextmanager
def served(data: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The whole program, and the seconds until it was ready; ended with SIGTERM."""
    port = rig.free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    began = time.monotonic()
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "twoway", "serve", "--demo", "--port", str(port), "--data", str(data)],
            cwd=rig.ROOT,
            env={**clean, "TWOWAY_PUBLIC_URL": f"http://127.0.0.1:{port}"},
            stdout=file,
            stderr=file,
        )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", process, log)
        yield process, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(60)


def wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 120) -> None:
    """Until it answers 200 there."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urlopen(address, timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.02)
    raise SystemExit(f"It was never ready:\n{log.read_text()[-2000:]}")


def parts(pid: int, data: Path) -> dict[str, float]:
    """The memory in MB of the program's own processes and of PostgreSQL's."""
    database = processes.family(processes.postmaster(data))
    return {
        "Twoway": processes.memory_mb(processes.family(pid) - database),
        "PostgreSQL": processes.memory_mb(database),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=float, default=20, help="seconds before the memory is counted")
    parser.add_argument("--rounds", type=int, default=3, help="warm starts")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="twoway-bench-"))
    folder.chmod(0o755)
    data, log = folder / "data", folder / "log"
    try:
        with served(data, log) as (process, cold):
            time.sleep(given.idle)
            found = parts(process.pid, data)
        warm = []
        for _ in range(given.rounds):
            with served(data, log) as (_, seconds):
                warm.append(seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    whole = sum(found.values())
    each = ", ".join(f"{name} {size:.0f} MB" for name, size in found.items())
    report.tell("idle memory", f"{whole:.0f} MB", beside=each, compared=whole, most=MEMORY_BAR, unit=" MB")
    report.tell("first start with the demo, to ready", f"{cold:.1f} s")
    report.tell("warm start, to ready", f"{min(warm):.1f} s", compared=min(warm), most=WARM_BAR, unit=" s")


if __name__ == "__main__":
    main()
