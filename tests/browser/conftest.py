"""A running installation, Chromium, and for each test a workspace. Whatever a page complains about fails it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.house import Complaints, House, Scene, serving
from tests.journeys.installation import Installation
from tests.ops.migrated import copied, migrated, passable_folder
from tests.ops.processes import REPOSITORY, end_server

CHROMIUM = shutil.which("chromium")
BUILT = REPOSITORY / "twoway" / "desk" / "static" / "desk" / "build" / "desk.js"
QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LONGEST_WAIT = 30_000.0  # milliseconds; a machine that does other things too


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives Chromium on the built assets."""
    for item in items:
        if item.path.is_relative_to(REPOSITORY / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.long)
            item.add_marker(pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"))
            item.add_marker(pytest.mark.skipif(not BUILT.exists(), reason="the assets are not built: make assets"))


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """`twoway serve` in a temporary folder, shared by the tests of this process. Texts leave at once, if not wished."""
    outer = passable_folder()
    copied(migrated(), outer / "data")
    installation = Installation(outer / "data", TWOWAY_UNDO_SECONDS="0")
    try:
        yield from serving(installation)
    finally:
        end_server(installation.data)
        shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. For a module only: while it is there, no other test may talk to a database."""
    expect.set_options(timeout=LONGEST_WAIT)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """No page may complain of what its test did not announce."""
    heard = Complaints()
    yield heard
    assert heard.left() == []


@pytest.fixture
def play(house: House, browser: Browser, complaints: Complaints) -> Iterator[Callable[..., Scene]]:
    """Makes a workspace as wished and opens the curtain."""
    scenes: list[Scene] = []

    def begin(**wish: Any) -> Scene:
        scenes.append(Scene(house, browser, complaints, house.workspace(**wish)))
        return scenes[-1]

    yield begin
    for scene in scenes:
        scene.close()


@pytest.fixture
def scene(play: Callable[..., Scene]) -> Scene:
    """A workspace with Ana, its owner, Ben, an agent, and one number."""
    return play()
