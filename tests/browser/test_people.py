"""People in a browser: added, changed where they stand, filtered, merged and parted; nothing for axe to find."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Scene, is_live
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check

SHOTS = os.environ.get("PEOPLE_PICTURES")
FILE = b"Phone,Full name,Email\n(503) 555-0161,Hana Berg,hana@example.com\n503-555-0162,Patrice Lowe,\nnone,Nobody,\n"


def look(page: Page, wrong: dict[str, Any], state: str, size: str, theme: str) -> None:
    """Check a state, and keep its picture where somebody asked for pictures."""
    check(page, wrong, state)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{state}-{size}-{theme}.png")


def add(page: Page, name: str, number: str, email: str = "") -> None:
    """Add somebody by hand."""
    page.goto("/contacts/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Number").fill(number)
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_are_sound(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    scene.started()
    page = settings_page(scene, "/contacts/", size, theme)
    expect(page.get_by_role("heading", name="People", exact=True, level=1)).to_be_visible()
    for name, number, email in (
        ("Dana Whitfield", "(503) 555-0178", "dana@example.com"),
        ("Dana W.", "(503) 555-0142", "dana@example.com"),
        ("Luis Ortega", "(503) 555-0143", ""),
    ):
        add(page, name, number, email)
    look(page, wrong, "person", size, theme)
    page.goto("/contacts/")
    look(page, wrong, "list", size, theme)
    page.get_by_role("link", name="Filter").click()
    expect(page.get_by_label("What")).to_be_visible()
    page.get_by_label("What").select_option("consent")
    expect(page.get_by_text("Opted out")).to_be_visible()
    look(page, wrong, "filter", size, theme)
    page.goto("/contacts/duplicates/")
    look(page, wrong, "duplicates", size, theme)
    page.get_by_role("link", name="Compare").first.click()
    expect(page.get_by_text("What becomes of it")).to_be_visible()
    look(page, wrong, "merge", size, theme)
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_text("It can be undone until")).to_be_visible()
    look(page, wrong, "merged", size, theme)
    page.goto("/contacts/import/")
    page.get_by_label("File").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": FILE})
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Full name becomes")).to_have_value("name")
    look(page, wrong, "columns", size, theme)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 3 rows")).to_be_visible()
    look(page, wrong, "checked", size, theme)
    page.goto("/settings/fields/add/")
    look(page, wrong, "field", size, theme)
    assert wrong == {}


def test_changed_where_it_stands_and_seen_by_all(scene: Scene) -> None:
    phone = scene.phone()
    phone.text("Where is my car?")
    page = scene.open()
    other = scene.open(who="ben")
    page.locator(".conv__name").first.click()
    panel = page.locator("#contact-panel")
    panel.locator(".props--edit summary").first.click()
    panel.get_by_label("Name", exact=True).fill("Dana Whitfield")
    panel.get_by_label("Name", exact=True).press("Enter")
    expect(panel.get_by_role("heading", name="Dana Whitfield")).to_be_visible()
    expect(page.locator(".conv__name").first).to_have_text("Dana Whitfield")
    expect(other.locator(".conv__name").first).to_have_text("Dana Whitfield")
    panel.get_by_text("Add a number or email").click()
    panel.get_by_label("Number or email").fill("dana@example.com")
    panel.get_by_label("Number or email").press("Enter")
    expect(panel.locator(".addresses")).to_contain_text("dana@example.com")
    expect(panel.locator(".inline[open]")).to_have_count(0)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "panel.png")
    page.keyboard.press("Escape")
    page.locator("#thread-scroll").focus()
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="People", exact=True, level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Dana Whitfield")).to_be_visible()


def test_a_merge_shows_at_once_to_who_looks_on(scene: Scene) -> None:
    first, second = scene.phone(), scene.phone()
    first.text("From my old phone")
    page = scene.open()
    expect(page.locator(".conv")).to_have_count(1)
    second.text("From my new phone")
    expect(page.locator(".conv")).to_have_count(2)
    is_live(page)
    other = scene.context("ben").new_page()
    other.goto("/contacts/")
    links = other.locator(".people__table a.rowlink")
    expect(links).to_have_count(2)
    kept, gone = (str(links.nth(n).get_attribute("href")).rstrip("/").rsplit("/", 1)[1] for n in (1, 0))
    other.goto(f"/contacts/{kept}/merge/{gone}/")
    other.get_by_role("button", name="Merge them").click()
    expect(other.get_by_text("It can be undone until")).to_be_visible()
    expect(page.locator(".conv")).to_have_count(1)
    page.locator(".conv__name").click()
    log = page.locator("#thread-log")
    expect(log).to_contain_text("From my old phone")
    expect(log).to_contain_text("From my new phone")
    other.get_by_role("button", name="Undo").click()
    expect(page.locator(".conv")).to_have_count(2)
