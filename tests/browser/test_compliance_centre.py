"""The compliance centre in a browser: a dry run, a copy of somebody's data, an erasure; nothing for axe to find."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check


def until_shown(page: Page, words: str) -> None:
    """Look at the page again until a job has done what it was asked to."""
    for _ in range(60):
        if page.get_by_text(words).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(words).first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_are_sound(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    scene.started()
    page = settings_page(scene, "/compliance/", size, theme)
    expect(page.get_by_role("heading", name="Compliance", exact=True)).to_be_visible()
    check(page, wrong, "overview")
    page.goto("/compliance/retention/")
    page.get_by_role("button", name="Dry run").click()
    until_shown(page, "0 past their time")
    check(page, wrong, "retention")
    page.get_by_role("link", name="Dry run").first.click()
    expect(page.get_by_text("Nothing was deleted.")).to_be_visible()
    check(page, wrong, "report")
    page.goto("/compliance/retention/change/")
    check(page, wrong, "change retention")
    page.goto("/compliance/holds/add/")
    page.get_by_label("Why").fill("Case 12")
    check(page, wrong, "hold")
    page.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_text("Case 12")).to_be_visible()
    check(page, wrong, "held")
    page.goto("/compliance/registration/")
    check(page, wrong, "registration")
    page.goto("/compliance/audit/")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("none is missing")).to_be_visible()
    check(page, wrong, "audit")
    assert wrong == {}


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_person_is_copied_and_erased(size: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    _, key = scene.started()
    page = settings_page(scene, "/compliance/requests/", size, "light")
    page.get_by_label("Name or number").fill("555")
    page.get_by_role("button", name="Look up").click()
    page.locator("main").get_by_role("link").filter(has_text="Log a request").first.click()
    expect(page.get_by_role("button", name="Log the request")).to_be_visible()
    check(page, wrong, "log a request")
    page.get_by_role("button", name="Log the request").click()
    page.get_by_role("button", name="Make the copy").click()
    expect(page.get_by_text("It is under way")).to_be_visible()
    until_shown(page, "every download is in the audit log")
    check(page, wrong, "a copy")
    with page.expect_download() as got:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(got.value.path()) as archive:
        texts = json.loads(archive.read("messages.json"))
    assert texts
    page.goto("/compliance/requests/?q=555")
    page.locator("main").get_by_role("link").filter(has_text="Log a request").first.click()
    page.get_by_label("What they asked for").select_option("erase")
    page.get_by_role("button", name="Log the request").click()
    page.get_by_text("Erase…").click()
    page.get_by_label("Type ERASE to confirm").fill("ERASE")
    check(page, wrong, "confirming")
    page.get_by_role("button", name="Erase this person").click()
    until_shown(page, "1 text, 0 files")
    page.goto(f"/c/{key}/")
    expect(page.get_by_text("These words were removed")).to_be_visible()
    assert wrong == {}
