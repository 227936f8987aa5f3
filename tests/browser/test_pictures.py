"""The inbox as the README shows it, with the demo's conversations. TWOWAY_SAVE_SCREENSHOTS=1 writes docs/images/."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import SIZES, Complaints, is_live
from tests.journeys.installation import Installation
from tests.ops.migrated import passable_folder
from tests.ops.processes import REPOSITORY, end_server

IMAGES = REPOSITORY / "docs" / "images"
DRAFT = "No, your trip clock restarted when Fern unlocked, and I added a $10 credit for the wait. Drive safe."


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[str, dict[str, str]]]:
    """Address of an installation with the demo workspace, and how its owner signs in."""
    outer = passable_folder()
    installation = Installation(outer / "data")
    try:
        installation.serve()
        yield installation.url, installation.command("demo")
        installation.stop()
    finally:
        end_server(installation.data)
        shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture
def dana(demo: tuple[str, dict[str, str]], browser: Browser, complaints: Complaints) -> Iterator[Callable[[str], Page]]:
    """Opens the conversation of the demo's first customer."""
    url, owner = demo
    contexts = []

    def open_page(size: str) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(base_url=url, viewport={"width": width, "height": height}, color_scheme="light")
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        page.goto("/")
        page.get_by_label("Email").fill(owner["email"])
        page.get_by_label("Password").fill(owner["password"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.locator(".conv__name", has_text="Dana Whitfield").click()
        expect(page.locator("#thread-head h2")).to_have_text("Dana Whitfield")
        is_live(page)
        page.locator("#composer-text").fill(DRAFT)
        expect(page.locator("#meter")).to_contain_text("1 segment")
        return page

    yield open_page
    for context in contexts:
        context.close()


def keep(page: Page, name: str) -> None:
    """Write the picture, when pictures are wanted."""
    if os.environ.get("TWOWAY_SAVE_SCREENSHOTS") == "1":
        page.mouse.move(0, 0)
        page.screenshot(path=IMAGES / name, animations="disabled")


def test_the_inbox(dana: Callable[[str], Page]) -> None:
    page = dana("desk")
    for region in ("#views", "#convlist", "#thread", "#composer", "#contact-panel"):
        expect(page.locator(region)).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Needs a reply")).to_be_visible()
    expect(page.locator(".conv", has_text="Dana Whitfield").locator(".tag")).to_have_text(["Lockout", "VIP"])
    expect(page.locator("#thread-log .notebox")).to_contain_text("Juniper's modem")
    expect(page.locator("#thread-log .ticks--done").last).to_be_in_viewport()
    expect(page.locator("#contact-panel")).to_contain_text("Everyday, since Jan 2024")
    keep(page, "inbox.png")


def test_the_inbox_on_a_phone(dana: Callable[[str], Page]) -> None:
    page = dana("phone")
    for region in ("#thread-head", "#thread-log", "#composer"):
        expect(page.locator(region)).to_be_in_viewport()
    for region in ("#views", "#convlist", "#contact-panel"):
        expect(page.locator(region)).not_to_be_in_viewport()
    expect(page.locator("#thread-log .msg--in .bubble").last).to_be_in_viewport()
    keep(page, "inbox-phone.png")
