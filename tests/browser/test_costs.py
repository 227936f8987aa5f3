"""Settings, Costs, in a browser: a budget is set, shown and reached; nothing for axe to find."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Scene, reply
from tests.browser.test_sound import AXE, check


def settings_page(scene: Scene, path: str, size: str, theme: str) -> Page:
    """A settings page with axe in it; these pages listen for nothing."""
    context = scene.context(size=size, theme=theme)
    context.add_init_script(AXE.read_text())
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto(path)
    return page


def set_budget(page: Page, amount: str) -> None:
    page.goto("/settings/costs/budgets/add/")
    page.get_by_label("How often it begins again").select_option("day")
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Stop texts when it is used up").check()
    page.get_by_label("Replies always leave").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The budget is set.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_costs_and_prices(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    _, key = scene.started()
    inbox = scene.open(f"/c/{key}/")
    reply(inbox, "In bay B16.")
    expect(inbox.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    page = settings_page(scene, "/settings/costs/", size, theme)
    expect(page.get_by_role("heading", name="By number")).to_be_visible()
    check(page, wrong, "costs without a budget")
    set_budget(page, "0.01")
    expect(page.get_by_text("83% used")).to_be_visible()
    check(page, wrong, "costs with a budget")
    page.get_by_role("link", name="The whole workspace").click()
    expect(page.get_by_role("heading", name="Change the budget")).to_be_visible()
    check(page, wrong, "a budget")
    page.goto("/settings/costs/prices/")
    expect(page.get_by_role("heading", name="List prices")).to_be_visible()
    check(page, wrong, "prices")
    page.goto("/settings/costs/prices/add/")
    page.get_by_label("Price", exact=True).fill("0.004")
    check(page, wrong, "setting a price")
    page.get_by_role("button", name="Set the price").click()
    expect(page.get_by_text("$0.004 a segment")).to_be_visible()
    assert wrong == {}


def test_a_budget_that_is_used_up_keeps_what_was_written(scene: Scene) -> None:
    _, key = scene.started()
    set_budget(settings_page(scene, "/settings/costs/", "desk", "light"), "0.01")
    page = scene.open(f"/c/{key}/")
    scene.complaints.allow("422")
    reply(page, "f" * 200)
    said = page.get_by_role("alert").filter(has_text="The budget for texts is used up")
    expect(said).to_be_visible()
    expect(page.locator("#composer-text")).to_have_value("f" * 200)
    reply(page, "In bay B16.")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
