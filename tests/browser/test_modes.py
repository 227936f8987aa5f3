"""Modes and privacy in a browser: a number only answers, hides who texts it; somebody is blocked and heard again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_modes_of_a_number(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/compliance/modes/", size, theme)
    expect(page.get_by_role("heading", name="Phone numbers by role")).to_be_visible()
    check(page, wrong, "modes")
    page.get_by_role("link", name="Ridgeway", exact=True).click()
    page.get_by_label("Reply only").check()
    page.get_by_label("A request stays open for, in hours").fill("48")
    page.get_by_label("Anonymous").check()
    check(page, wrong, "one number")
    page.get_by_role("complementary", name="Ridgeway").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Requests stay open for 48 hours")).to_be_visible()
    expect(page.get_by_text("By an alias")).to_be_visible()
    page.get_by_label("Whole phone numbers are seen by").select_option("manager")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved. It holds from the next page on.")).to_be_visible()
    page.get_by_role("link", name="Block list").click()
    expect(page.get_by_text("Nobody is blocked.")).to_be_visible()
    check(page, wrong, "the block list")
    assert wrong == {}
