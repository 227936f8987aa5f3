"""Ways to start, wait for and end real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from twoway.ops.postgres import postmaster

REPOSITORY = Path(__file__).parents[2]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

T = TypeVar("T")
Holder = subprocess.Popen[str]
Running = subprocess.Popen[str]

TWOWAY = [sys.executable, "-m", "twoway"]


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without the settings of the test run."""
    ours = ("TWOWAY_", "DATABASE_URL", "DJANGO_", "HOST", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    if "TWOWAY_POSTGRES_BIN" in os.environ:
        kept["TWOWAY_POSTGRES_BIN"] = os.environ["TWOWAY_POSTGRES_BIN"]
    return {**kept, "PYTHONPATH": str(REPOSITORY), **more}


def wait_for(question: Callable[[], T], seconds: float = 60.0) -> T:
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
