"""Real servers in real folders, and the processes that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.once import made_once
from tests.ops.migrated import copied, migrated, passable_folder
from tests.ops.processes import REPOSITORY, Holder, Running, clean_environment, end_server
from twoway.ops.postgres import Cluster, find_bin_dir


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user may pass through; servers left in it are ended."""
    made = passable_folder()
    yield made
    for lock in made.rglob("postgres.lock"):
        end_server(lock.parent)
    shutil.rmtree(made, ignore_errors=True)  # a killed program may be taking its own things away


@pytest.fixture
def bin_dir() -> Path:
    return find_bin_dir()


@pytest.fixture(scope="session")
def new_files() -> Path:
    """A data folder with a new, stopped server, to be copied."""

    def make(folder: Path) -> None:
        new = Cluster(folder / "data", find_bin_dir())
        new.start()
        new.stop()

    return made_once("new", make) / "data"


@pytest.fixture(scope="session")
def migrated_files() -> Path:
    """A data folder whose stopped server has Twoway's tables, to be copied."""
    return migrated()


@pytest.fixture
def installation(folder: Path, migrated_files: Path) -> Path:
    """A data folder of its own with Twoway's tables; nothing runs in it yet."""
    copied(migrated_files, folder / "data")
    return folder / "data"


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    """Starts commands in an environment of their own; all are ended at the end."""
    started: list[Running] = []

    def start(*words: str | Path, **environment: str) -> Running:
        process = subprocess.Popen(
            [str(word) for word in words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(**environment),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def cluster(folder: Path, bin_dir: Path, new_files: Path) -> Iterator[Cluster]:
    """A started server of its own."""
    copied(new_files, folder / "data")
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
