"""Why a text went, in a browser: the words under it open the decision; axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_shield import shot
from tests.browser.test_sound import check


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_the_words_under_a_text_open_its_decision(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    _, key = scene.started("Where is my car?")
    page = settings_page(scene, f"/c/{key}/", size, theme)
    page.get_by_label("Message to").fill("Bay B16.")
    page.get_by_role("button", name="Send", exact=False).and_(page.locator("[data-send]:visible")).click()
    sent = page.locator("#thread-log .msg--out", has_text="Bay B16.")
    expect(sent.locator(".ticks")).to_be_visible()
    sent.locator(".msg__why").click()
    told = page.locator("#popover")
    expect(told).to_contain_text("Allowed when it was written")
    expect(told).to_contain_text("This isn't legal advice.")
    check(page, wrong, "why")
    shot(page, f"why-{size}-{theme}")
    assert wrong == {}
