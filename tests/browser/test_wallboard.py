"""The wallboard in a browser: it follows what happens, on a screen nobody is signed in at too; nothing for axe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Scene, is_live, reply
from tests.browser.test_sound import AXE, check

SHOTS = os.environ.get("TWOWAY_SHOTS", "")


def value(page: Page, key: str) -> str:
    return page.locator(f"#kpi-{key} [data-tick-value]").inner_text()


@pytest.mark.parametrize("size", sorted(SIZES))
def test_it_follows_a_text_and_its_answer(scene: Scene, size: str) -> None:
    board = scene.open("/wallboard/", size=size)
    expect(board.locator("#kpi-waiting [data-tick-value]")).to_have_text("0")
    _, conversation = scene.started("Where is my car?")
    expect(board.locator("#kpi-waiting [data-tick-value]")).to_have_text("1")
    expect(board.locator("#kpi-longest [data-tick-value]")).not_to_have_text("0:00")
    first = value(board, "longest")
    expect(board.locator("#kpi-longest [data-tick-value]")).not_to_have_text(first)
    expect(board.locator(".wb__waits tbody tr")).to_have_count(1)
    assert "Where is my car" not in board.content()
    inbox = scene.open(f"/c/{conversation}/")
    reply(inbox, "In bay B16.")
    expect(board.locator("#kpi-waiting [data-tick-value]")).to_have_text("0")
    expect(board.locator("#kpi-answered [data-tick-value]")).to_have_text("1")
    assert board.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if SHOTS:
        board.screenshot(path=Path(SHOTS) / f"wallboard-{size}.png", full_page=True)


def test_a_screen_on_the_wall_until_its_link_is_revoked(scene: Scene) -> None:
    admin = scene.open()
    admin.goto("/settings/wallboard/add/")
    admin.get_by_label("Where it hangs").fill("Hall")
    admin.get_by_role("button", name="Make the link").click()
    address = admin.locator("#wall-address").input_value()
    screen = scene._browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    scene.complaints.listen(screen)
    scene.complaints.allow("404")
    screen.goto(address)
    is_live(screen)
    expect(screen.locator("[data-board-state]")).to_have_text("Live")
    scene.started("Where is my car?")
    expect(screen.locator("#kpi-waiting [data-tick-value]")).to_have_text("1")
    assert screen.evaluate("document.documentElement.scrollHeight <= innerHeight"), "all of it is seen at once"
    if SHOTS:
        screen.screenshot(path=Path(SHOTS) / "wallboard-tv.png")
    admin.goto("/settings/wallboard/")
    admin.get_by_text("Revoke… Hall").click()
    admin.get_by_role("button", name="Revoke Hall").click()
    expect(screen.get_by_role("heading", name="This screen's link isn't good any more.")).to_be_visible()
    screen.context.close()


def test_it_comes_back_by_itself(scene: Scene) -> None:
    board = scene.open("/wallboard/")
    scene.complaints.allow("ERR_INTERNET_DISCONNECTED")
    scene.complaints.allow("Failed to fetch")
    board.context.set_offline(True)
    scene.started("Anybody there?")
    expect(board.locator("#kpi-waiting [data-tick-value]")).to_have_text("0")
    board.context.set_offline(False)
    expect(board.locator("#kpi-waiting [data-tick-value]")).to_have_text("1", timeout=30_000)
    expect(board.locator("[data-board-state]")).to_have_text("Live")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_nothing_for_axe(scene: Scene, size: str, theme: str) -> None:
    scene.started("Where is my car?")
    context = scene.context(size=size, theme=theme)
    context.add_init_script(AXE.read_text())
    page = context.new_page()
    scene.complaints.listen(page)
    wrong: dict[str, Any] = {}
    for path in ("/wallboard/", "/forecast/", "/settings/wallboard/", "/settings/wallboard/add/"):
        page.goto(path)
        page.wait_for_load_state("networkidle") if path != "/wallboard/" else is_live(page)
        check(page, wrong, path)
    assert wrong == {}


def test_from_the_rail_and_by_its_key(scene: Scene) -> None:
    page = scene.open()
    page.locator(".rail").get_by_role("link", name="Wallboard").click()
    is_live(page)
    page.get_by_role("link", name="Back to the inbox").click()
    expect(page.locator("#convlist")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page.locator("#kpi-waiting")).to_be_visible()
    page.get_by_role("link", name="Forecast").click()
    expect(page.get_by_role("heading", name="Forecast")).to_be_visible()
