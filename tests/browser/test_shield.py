"""Sensitive data in a browser: a card number that came in, the composer that warns, and the page; axe finds nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check

SHOTS = os.environ.get("SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_card_number(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    scene.complaints.allow("422")
    _, key = scene.started("Here: 4111 1111 1111 1111 cvv 987")
    page = settings_page(scene, f"/c/{key}/", size, theme)
    expect(page.get_by_text("Card number and card security code removed")).to_be_visible()
    expect(page.get_by_text("Here: 411111******1111 cvv ***").last).to_be_visible()
    expect(page.locator("#thread-log .msg--out", has_text="For your safety").locator(".ticks")).to_be_visible()
    box = page.get_by_label("Message to")
    box.fill("it was 4111 1111 1111 1111")
    expect(page.locator("#composer-care")).to_contain_text("It isn't sent and isn't kept")
    box.fill("What's your card number?")
    expect(page.locator("#composer-care")).to_contain_text("Never ask for a card number by text")
    shot(page, f"care-{size}-{theme}")
    check(page, wrong, "a warning while typing")
    page.get_by_role("button", name="Send", exact=False).and_(page.locator("[data-send]:visible")).click()
    expect(page.get_by_role("button", name="Send anyway")).to_be_visible()
    shot(page, f"confirm-{size}-{theme}")
    check(page, wrong, "asked before sending")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("#thread-log .msg--out", has_text="What's your card number?").locator(".ticks")).to_be_visible()
    assert not wrong


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_the_page(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/compliance/content/", size, theme)
    page.get_by_role("textbox", name="Text").fill("Free beer for 4111 1111 1111 1111, see bit.ly/x")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".tried")).to_contain_text("Free beer for 411111******1111")
    shot(page, f"content-{size}-{theme}")
    check(page, wrong, "a text tried")
    page.goto("/compliance/content/edit/")
    page.get_by_label("Alcohol").select_option("block")
    shot(page, f"edit-{size}-{theme}")
    check(page, wrong, "the rules")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert not wrong
