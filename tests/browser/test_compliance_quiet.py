"""Quiet hours, purposes and caps in a browser: hours are set, a number is tried; nothing for axe to find."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check

ZONES = {
    -11: "Pacific/Pago_Pago",
    -10: "Pacific/Honolulu",
    -9: "Pacific/Gambier",
    -8: "Pacific/Pitcairn",
    -7: "America/Phoenix",
    -6: "America/Regina",
    -5: "America/Panama",
    -4: "America/Puerto_Rico",
    -3: "America/Argentina/Buenos_Aires",
    -2: "Atlantic/South_Georgia",
    -1: "Atlantic/Cape_Verde",
    0: "Africa/Abidjan",
    1: "Africa/Lagos",
    2: "Africa/Maputo",
    3: "Africa/Nairobi",
    4: "Asia/Dubai",
    5: "Asia/Tashkent",
    6: "Asia/Dhaka",
    7: "Asia/Bangkok",
    8: "Asia/Singapore",
    9: "Asia/Tokyo",
    10: "Australia/Brisbane",
    11: "Pacific/Guadalcanal",
    12: "Pacific/Fiji",
}
"""A zone without a change of clocks for each hour ahead of UTC."""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_quiet_hours(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/compliance/quiet/", size, theme)
    expect(page.get_by_role("heading", name="What states add")).to_be_visible()
    page.get_by_label("Phone number").fill("800 555 0199")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("This number doesn't say where they are.")).to_be_visible()
    check(page, wrong, "a toll-free number")
    page.get_by_role("link", name="Change the hours").click()
    page.get_by_label("The legal minimum: 8 AM to 9 PM").check()
    scene.complaints.allow("422")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Confirm that you have had these hours checked")).to_be_visible()
    check(page, wrong, "the legal minimum without a word")
    page.get_by_label("We had the legal minimum checked for our business").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The quiet hours are set.")).to_be_visible()
    expect(page.get_by_text("Ana chose the legal minimum")).to_be_visible()
    assert wrong == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_purposes_and_caps(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/compliance/purposes/", size, theme)
    expect(page.get_by_role("heading", name="People who never answer")).to_be_visible()
    check(page, wrong, "purposes")
    page.get_by_role("link", name="Add a purpose").click()
    page.get_by_label("Name").fill("Back in stock")
    page.get_by_label("Word in the API").fill("back_in_stock")
    page.get_by_label("Most texts in a day").fill("1")
    check(page, wrong, "a purpose of ours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Back in stock")).to_be_visible()
    page.goto("/compliance/purposes/guard/")
    page.get_by_label("Ask after so many texts without an answer").fill("3")
    check(page, wrong, "the guard")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The guard is set.")).to_be_visible()
    assert wrong == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_who_is_near_enough(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/compliance/purposes/", size, theme)
    page.get_by_role("link", name="Say where you are").click()
    page.get_by_label("Where", exact=True).fill("the moon")
    scene.complaints.allow("422")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Write a US postcode, an area code, or coordinates")).to_be_visible()
    check(page, wrong, "a place that is none")
    page.get_by_label("Where", exact=True).fill("94103")
    page.get_by_label("Called").fill("Mission shop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Mission shop")).to_be_visible()
    page.get_by_role("link", name="Add a limit").click()
    check(page, wrong, "a limit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="25 miles")).to_be_visible()
    check(page, wrong, "limits")
    assert wrong == {}


def test_where_somebody_is(scene: Scene) -> None:
    """Their zone is set, one in which it is three at night now, and the composer tells their time."""
    _, key = scene.started()
    ahead = (3 - datetime.now(UTC).hour + 11) % 24 - 11
    page = scene.open(f"/c/{key}/")
    page.get_by_role("link", name="Where they are").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Time zone", exact=True).select_option(ZONES[ahead])
    dialog.get_by_label("They told us themselves").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    said = page.get_by_text("Your reply goes out now: direct replies are exempt from quiet hours.")
    expect(said).to_be_visible()
