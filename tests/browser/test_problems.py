"""Settings, Delivery problems, in a browser: nothing for axe to find, and a way to the conversation."""

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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_text_that_failed_is_explained(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/settings/problems/", size, theme)
    expect(page.get_by_role("heading", name="Nothing failed.")).to_be_visible()
    check(page, wrong, "nothing failed")
    _, key = scene.started()
    inbox = scene.open(f"/c/{key}/")
    reply(inbox, "In bay B16.")
    expect(inbox.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    scene.house.installation.rows(
        "UPDATE message SET status = 'failed', error = 'carrier_filtered', error_code = '30007'"
        " WHERE conversation_id = %(key)s AND direction = 'out' RETURNING id",
        key=key,
    )
    page.goto("/settings/problems/")
    page.get_by_role("link", name="Filtered").click()
    expect(page.get_by_role("heading", name="What to do")).to_be_visible()
    check(page, wrong, "one reason")
    page.locator(f'a[href="/c/{key}/"]').click()
    expect(page.locator("#thread-log")).to_be_visible()
    assert wrong == {}
