"""The checklist of the set-up in a browser, wide and narrow, and a zone that is suggested once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.house import Scene

SHOTS = os.environ.get("TWOWAY_SHOTS", "")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_steps_know_what_is_done(scene: Scene, size: str) -> None:
    scene.started()
    page = scene.open(size=size)
    page.goto("/settings/")
    page.locator("main, .views").get_by_role("link", name="Get started").last.click()
    expect(page.locator(".setupstep")).to_have_count(8)
    expect(page.locator("#step-channels .setupstep__mark.is-done")).to_have_count(2)
    page.get_by_label("Answer within, in minutes").fill("15")
    page.locator("#step-goals").get_by_role("button", name="Save").click()
    expect(page.locator("#step-goals .badge")).to_have_text("Done")
    page.locator("#step-promotion").get_by_role("button", name="Not for us").click()
    expect(page.locator("#step-promotion .badge")).to_have_text("Not for us")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"steps-{size}.png", full_page=True)
        page.goto("/inbox/open/")
        page.locator(".conv__name").first.click()
        expect(page.locator("#thread-head h2")).to_be_visible()
        page.screenshot(path=Path(SHOTS) / f"head-{size}.png")


def test_another_zone_is_suggested_once(scene: Scene) -> None:
    page = scene.open("/inbox/open/", timezone_id="Europe/Madrid")
    ask = page.locator("[data-zone-ask]")
    expect(ask).to_contain_text("Europe/Madrid")
    ask.get_by_role("button", name="Use it").click()
    expect(page.locator("#toasts")).to_contain_text("Times are shown in Europe/Madrid.")
    page.goto("/inbox/open/")
    expect(page.locator("#convlist")).to_be_visible()
    expect(page.locator("[data-zone-ask]")).to_have_count(0)


def test_the_same_clock_by_another_name_is_not_suggested(scene: Scene) -> None:
    page = scene.open("/inbox/open/", timezone_id="America/Tijuana")
    expect(page.locator("#convlist")).to_be_visible()
    expect(page.locator("[data-zone-ask]")).to_be_hidden()
