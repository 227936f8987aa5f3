"""Two members, two browsers: one asks, the other agrees, wide and narrow, light and dark; nothing for axe to find."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import Scene
from tests.browser.test_sound import AXE, check

SHOTS = os.environ.get("TWOWAY_SAVE_SCREENSHOTS", "")


def page_of(scene: Scene, who: str, size: str, theme: str) -> Page:
    """The page, with axe in it; it listens for nothing."""
    context = scene.context(who, size=size, theme=theme)
    context.add_init_script(AXE.read_text())
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto("/settings/two-people/")
    return page


def looked_at(page: Page, name: str, wrong: dict[str, Any]) -> None:
    check(page, wrong, name)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"two-people-{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("size", "theme"), [("desk", "light"), ("desk", "dark"), ("phone", "light"), ("phone", "dark")]
)
def test_one_asks_and_another_agrees(play: Callable[..., Scene], size: str, theme: str) -> None:
    wrong: dict[str, Any] = {}
    scene = play(ben={"role": "admin"})
    scene.started()
    ana = page_of(scene, "ana", size, theme)
    looked_at(ana, f"off-{size}-{theme}", wrong)
    ana.get_by_label("Taking people and transcripts out").check()
    ana.get_by_label("Making admins and owners").check()
    ana.get_by_role("button", name="Save").click()
    expect(ana.locator("#toasts")).to_contain_text("Saved.")
    ana.goto("/contacts/")
    ana.get_by_role("button", name="Export").click()
    expect(ana.locator("#toasts")).to_contain_text("Asked for. Somebody else with the right has to agree.")
    expect(ana.locator("#main")).to_contain_text("You asked")
    looked_at(ana, f"asked-{size}-{theme}", wrong)

    ben = page_of(scene, "ben", size, theme)
    expect(ben.locator("#main")).to_contain_text("Export all people as a CSV file")
    looked_at(ben, f"to-agree-{size}-{theme}", wrong)
    ben.get_by_label("Note").fill("For the accountant")
    ben.get_by_role("button", name="Agree").click()
    expect(ben.locator("#toasts")).to_contain_text("Ana can take the file once, within 24 hours.")

    ana.reload()
    expect(ana.locator("#main")).to_contain_text("Ben: For the accountant")
    looked_at(ana, f"agreed-{size}-{theme}", wrong)
    with ana.expect_download() as taken:
        ana.get_by_role("button", name="Download once").click()
    assert taken.value.suggested_filename.startswith("people-")
    ana.reload()
    expect(ana.locator("#main")).to_contain_text("Lately")
    looked_at(ana, f"done-{size}-{theme}", wrong)
    assert wrong == {}
