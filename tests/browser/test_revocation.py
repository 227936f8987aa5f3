"""A vague text in a browser: the thread asks what it meant, the queue shows it, one click answers."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_are_sound(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    scene.started()
    page = settings_page(scene, "/compliance/unsure/", size, theme)
    expect(page.get_by_role("heading", name="Waiting for an answer")).to_be_visible()
    check(page, wrong, "unsure")
    page.goto("/compliance/keywords/")
    page.get_by_label("A text").fill("please take me off your list")
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("in their own words")).to_be_visible()
    check(page, wrong, "keywords")
    if folder := os.environ.get("TWOWAY_SHOTS"):
        page.screenshot(path=f"{folder}/keywords-{size}-{theme}.png", full_page=True)
    assert wrong == {}
