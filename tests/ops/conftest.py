"""Real servers in real folders, and the processes that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from twoway.ops.postgres import Cluster, find_bin_dir, postmaster

REPOSITORY = Path(__file__).parents[2]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

T = TypeVar("T")
Holder = subprocess.Popen[str]


def wait_for(question: Callable[[], T], seconds: float = 20.0) -> T:
    """The first true answer to `question`, asked again and again."""
    give_up_at = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < give_up_at, f"still {answer!r} after {seconds} s"
        time.sleep(0.02)
    return answer


def end_server(data_dir: Path) -> None:
    """Leave nothing running in that folder."""
    pgdata = data_dir / "postgres" / "data"
    running = postmaster.find(pgdata)
    if running:
        postmaster.stop(running)
    if pgdata.exists():
        postmaster.clear_away(pgdata)


def passable_folder() -> Path:
    """A folder that any user may pass through, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="tw-"))
    made.chmod(0o755)
    return made


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user may pass through; servers left in it are ended."""
    made = passable_folder()
    yield made
    for lock in made.rglob("postgres.lock"):
        end_server(lock.parent)
    shutil.rmtree(made)


@pytest.fixture
def bin_dir() -> Path:
    return find_bin_dir()


@pytest.fixture(scope="session")
def new_files() -> Iterator[Path]:
    """A data folder with a new, stopped server, to be copied."""
    outer = passable_folder()
    new = Cluster(outer / "data", find_bin_dir())
    new.start()
    new.stop()
    yield outer / "data"
    shutil.rmtree(outer)


@pytest.fixture
def cluster(folder: Path, bin_dir: Path, new_files: Path) -> Iterator[Cluster]:
    """A started server of its own."""
    subprocess.run(["cp", "-a", new_files, folder / "data"], check=True)
    made = Cluster(folder / "data", bin_dir)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def holders() -> Iterator[Callable[..., Holder]]:
    """Starts commands that use a data folder (see holder.py); all are ended at the end."""
    started: list[Holder] = []

    def start(data_dir: Path, *, user: str | None = None, python: str = sys.executable) -> Holder:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        holder = subprocess.Popen(
            [python, "-m", "tests.ops.holder", str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment,
            user=user,
            group=None if user is None else "nogroup",
            extra_groups=None if user is None else [],
        )
        started.append(holder)
        return holder

    yield start
    for holder in started:
        holder.kill()
        holder.communicate()


def said(holder: Holder) -> str:
    """The first line a holder prints: the server's address."""
    assert holder.stdout
    line = holder.stdout.readline().strip()
    if not line:
        _, complaint = holder.communicate()
        pytest.fail(complaint)
    return line


def release(holder: Holder) -> None:
    """Have a holder leave the server and end."""
    holder.communicate("\n", timeout=60)
    assert holder.returncode == 0
