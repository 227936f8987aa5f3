"""Reply times in a browser: a policy is written and tested, a row and the head say what is left; nothing for axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import SIZES, Scene, is_live
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check
from tests.journeys.installation import PATIENCE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_policy_is_written_and_shows(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    scene.complaints.allow("status of 422")
    page = settings_page(scene, "/settings/reply-times/", size, theme)
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    check(page, wrong, "off")
    page.get_by_role("link", name="Everybody else").click()
    page.get_by_label("First reply within, in minutes").fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The warning comes before the goal.")).to_be_visible()
    check(page, wrong, "a warning after its goal")
    page.get_by_label(re.compile("^Warn after")).first.fill("20")
    page.get_by_label("Count reply times").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("First reply within 30 min")).to_be_visible()
    expect(page.get_by_text("Off", exact=True)).to_have_count(0)
    check(page, wrong, "on")
    page.goto("/inbox/open/")
    is_live(page)
    scene.phone().text("Where is my car?")
    row = page.locator(".conv").first
    expect(row.locator(".wait[data-due]")).to_contain_text("m left", timeout=PATIENCE * 1000)
    check(page, wrong, "the list")
    row.locator(".conv__name").click()
    if size == "desk":
        page.locator(".waitlink").click()
        expect(page.locator(".clocks__line").first).to_contain_text("First reply")
        check(page, wrong, "the clocks")
    assert wrong == {}
