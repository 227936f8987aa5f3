"""Installations to play stories in."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.installation import PASSWORD, Installation
from tests.ops.processes import end_server


def passable_folder() -> Path:
    """A folder that the server's user may pass through, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="tw-"))
    made.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def first_day() -> Iterator[Installation]:
    """A new installation, stopped: one workspace, its owner and an API token. To be copied."""
    outer = passable_folder()
    made = Installation(outer / "data")
    words = ["--workspace", "Ridgeway Carshare", "--email", "ana@example.com", "--password", PASSWORD]
    made.token = made.command("init", *words)["api_token"]
    yield made
    end_server(made.data)
    shutil.rmtree(outer)


@contextmanager
def copy_of(first_day: Installation) -> Iterator[Installation]:
    """An installation like that one, stopped and removed in the end."""
    outer = passable_folder()
    subprocess.run(["cp", "-a", first_day.data, outer / "data"], check=True)
    made = Installation(outer / "data", token=first_day.token)
    try:
        yield made
        made.stop()
    finally:
        end_server(made.data)
        shutil.rmtree(outer)


@pytest.fixture
def installation(first_day: Installation) -> Iterator[Installation]:
    """One of its own for each story."""
    with copy_of(first_day) as made:
        yield made
