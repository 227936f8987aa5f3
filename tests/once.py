"""Folders that take long to make are made once in a run, by whichever of its processes first needs one."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, filled by `make` unless it was before. Removed with the run's own folder."""
    folder = run_folder() / "made" / name
    with alone(name):
        if not folder.exists():
            growing = folder.with_name(f"{name}-growing")
            shutil.rmtree(growing, ignore_errors=True)
            growing.mkdir(parents=True)
            for made in (growing.parent, growing):
                made.chmod(0o755)  # a server's user passes through
            make(growing)
            growing.rename(folder)
    return folder


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Of the run's processes only one at a time is in a block of this name."""
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_folder() -> Path:
    """What all processes of this run share; see `environment`."""
    return Path(os.environ["TWOWAY_TEST_FOLDER"])
