"""Installations to play stories in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.installation import PASSWORD, Installation
from tests.once import made_once
from tests.ops.migrated import copied, migrated, passable_folder
from tests.ops.processes import end_server


@pytest.fixture(scope="session")
def first_day() -> Installation:
    """A new installation, stopped: one workspace, its owner and an API token. To be copied."""

    def make(folder: Path) -> None:
        copied(migrated(), folder / "data")
        words = ["--workspace", "Ridgeway Carshare", "--email", "ana@example.com", "--password", PASSWORD]
        token = Installation(folder / "data").command("init", *words)["api_token"]
        (folder / "token").write_text(token)

    folder = made_once("first-day", make)
    return Installation(folder / "data", token=(folder / "token").read_text())


@contextmanager
def copy_of(first_day: Installation) -> Iterator[Installation]:
    """An installation like that one, stopped and removed in the end."""
    outer = passable_folder()
    copied(first_day.data, outer / "data")
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
