"""Settings, Hours, in a browser: a week is written, refused, put right and kept; nothing for axe to find."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_week_is_written(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    scene.complaints.allow("status of 422")
    page = settings_page(scene, "/settings/hours/", size, theme)
    expect(page.get_by_text("Without them every hour counts as open.")).to_be_visible()
    check(page, wrong, "no hours")
    page.get_by_role("link", name="Add hours").click()
    page.get_by_label("Name", exact=True).fill("Office")
    page.get_by_role("button", name="Add a break (Monday)").click()
    expect(page.get_by_label("Monday: closes")).to_have_count(2)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Office")
    page.get_by_label("Monday: closes").first.fill("12:30")
    page.locator("summary", has_text="Copy to…").first.click()
    page.get_by_role("button", name="Every day").first.click()
    expect(page.get_by_label("Sunday: closes").first).to_have_value("12:30")
    check(page, wrong, "a week")
    page.get_by_label("Sunday: closes").last.fill("08:00")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#d6-error")).to_contain_text("13:00 to 08:00 ends before it begins.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Office")
    check(page, wrong, "a week that is wrong")
    page.get_by_label("Sunday: open or closed").select_option("all")
    expect(page.get_by_label("Sunday: closes")).to_have_count(0)
    page.get_by_role("button", name="Add a day").click()
    page.get_by_label("Date").fill("2030-05-04")
    page.get_by_label("What for").fill("Staff day")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Sun: All day")).to_be_visible()
    expect(page.get_by_text("The whole workspace")).to_be_visible()
    check(page, wrong, "hours that are kept")
    page.get_by_role("link", name="Office").click()
    expect(page.get_by_label("What for")).to_have_value("Staff day")
    check(page, wrong, "hours to change")
    assert wrong == {}
