"""What every benchmark stands on: a fresh data folder, its own embedded PostgreSQL with durable commits, and the web.

Figures are ratios to a limit measured in the same run, because machines differ and are never quite idle.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from twoway.ops.postgres import Cluster, find_bin_dir

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


PORT = free_port()
PUBLIC_URL = f"http://127.0.0.1:{PORT}"


@contextmanager
def database(*, keep: Path | None = None) -> Iterator[Path]:
    """A migrated database in a fresh folder, or in `keep`, which stays; the environment names it.

    Benchmarks that use the same kept folder must not run at the same time.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="twoway-bench-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    cluster = Cluster(folder / "data", find_bin_dir(None))
    try:
        os.environ |= {
            "TWOWAY_DATA": str(folder / "data"),
            "DATABASE_URL": cluster.start(),
            "TWOWAY_PUBLIC_URL": PUBLIC_URL,
            "TWOWAY_LOG_LEVEL": "warning",
            "DJANGO_SETTINGS_MODULE": "twoway.settings",
            "PORT": str(PORT),
        }
        run([sys.executable, "-m", "twoway", "migrate"])
        yield folder
    finally:
        cluster.stop()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def run(command: Sequence[str]) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def program(
    arguments: Sequence[str], *, ready: str = "", log: Path | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A program beside this one, ended with SIGTERM. `ready` is an address that answers when it is up.

    What it logs goes to the file `log`, or where this program's own lines go.
    """
    with log.open("ab") if log else nullcontext() as file:
        process = subprocess.Popen(arguments, cwd=ROOT, stderr=file, env={**os.environ, **environment})
    try:
        if ready:
            wait_for(ready)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(address: str, *, seconds: float = 30) -> None:
    """Until something answers there, whatever it says."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            urlopen(address, timeout=1)  # noqa: S310
        except URLError as error:
            if hasattr(error, "code"):
                return
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"Nothing answered at {address}.")


def web() -> list[str]:
    return [sys.executable, "-m", "twoway", "web", "--port", str(PORT)]


def worker() -> list[str]:
    return [sys.executable, "-m", "twoway", "worker"]


@contextmanager
def pgbench_table() -> Iterator[Path]:
    """The yardstick: one durable INSERT of a short row per transaction."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS yardstick"
            " (id bigserial PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL)"
        )
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write("INSERT INTO yardstick (body, at) VALUES ('Where is my order? It should be here.', now());\n")
            script.flush()
            os.chmod(script.name, 0o644)
            yield Path(script.name)
        connection.execute("DROP TABLE yardstick")


def pgbench(script: Path, *, clients: int, seconds: int) -> float:
    """Transactions a second, in pgbench's own default way: each statement is sent as it is, none is prepared."""
    binary = find_bin_dir(None) / "pgbench"
    printed = run(
        [str(binary), "-n", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", str(script),
         os.environ["DATABASE_URL"]]
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", printed)
    if found is None:
        raise SystemExit(f"pgbench said:\n{printed}")
    return float(found.group(1))
