"""Pictures kept to be sent again, a draft that appears in another window, and macros on several at once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import pictures
from tests.browser.house import SIZES, Scene
from tests.browser.test_sound import check, open_page


def keep(page: Page, name: str, *, label: str = "Add a picture of mine", form: str = "JPEG") -> None:
    """Open the grid beside the reply form and keep one."""
    page.get_by_role("button", name="Pictures", exact=True).click()
    grid = page.get_by_role("dialog", name="Pictures")
    with page.expect_file_chooser() as chooser:
        grid.get_by_role("button", name=label).click()
    chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": pictures.picture(form=form)})
    expect(grid.locator(".pics__one")).not_to_have_count(0)


def test_a_picture_is_kept_once_and_sent_again(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    keep(page, "price_list.jpg")
    grid = page.get_by_role("dialog", name="Pictures")
    grid.get_by_label("Find a picture by its name").fill("zebra")
    expect(grid.get_by_text("No picture is called that.")).to_be_visible()
    grid.get_by_label("Find a picture by its name").fill("price")
    grid.get_by_role("button", name="price list", exact=True).click()
    expect(page.locator("#composer-files .attach__item")).to_contain_text("price_list.jpg")
    page.locator("#composer-text").fill("What it costs.")
    page.locator("#composer-text").press("Control+Enter")
    expect(page.locator("#thread-log .msg--out img")).to_be_visible()
    assert phone.sent_to() == ["What it costs."]
    page.get_by_role("button", name="Pictures", exact=True).click()
    remove = grid.get_by_role("button", name="Remove price list")
    remove.click()
    expect(remove).to_have_text("Remove?")
    remove.click()
    expect(grid.get_by_text("No pictures yet.")).to_be_visible()


def test_everybodys_pictures_are_there_for_an_agent(scene: Scene) -> None:
    _, key = scene.started()
    keep(scene.open(f"/c/{key}/"), "wave.gif", label="Add one for everybody", form="GIF")
    ben = scene.open(f"/c/{key}/", "ben")
    ben.get_by_role("button", name="Pictures", exact=True).click()
    grid = ben.get_by_role("dialog", name="Pictures")
    expect(grid.locator(".pics__one")).to_contain_text("GIF")
    expect(grid.get_by_role("button", name="Add one for everybody")).to_have_count(0)
    expect(grid.get_by_role("button", name="Remove wave")).to_have_count(0)


def test_a_draft_appears_where_its_writer_has_the_conversation_open(scene: Scene) -> None:
    _, key = scene.started()
    desk, other = scene.open(f"/c/{key}/", "ben"), scene.open(f"/c/{key}/")
    phone = scene.open(f"/c/{key}/", "ben", size="phone")
    phone.locator("#composer-text").fill("It stands in bay B61.")
    expect(desk.locator("#composer-text")).to_have_value("It stands in bay B61.")
    expect(other.locator("#composer-text")).to_have_value("")
    phone.locator("#composer-text").fill("")
    expect(desk.locator("#composer-text")).to_have_value("")


def test_a_macro_is_run_on_all_that_are_selected(scene: Scene) -> None:
    keys = [scene.started(words)[1] for words in ("Where is it?", "Is it open?")]
    page = scene.open()
    page.goto("/settings/macros/add/")
    page.get_by_label("Name", exact=True).fill("Put away")
    page.get_by_label("Step 1", exact=True).select_option("done")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/inbox/open/")
    for key in keys:
        page.locator(f"#conv-{key}").hover()
        page.locator(f"#conv-{key} [data-pick]").check()
    page.locator("#bulk-bar").get_by_role("button", name="Macros").click()
    page.get_by_role("menuitem", name="Put away").click()
    expect(page.locator("#toasts")).to_contain_text("Put away: done in 2 conversations.")
    expect(page.locator("#bulk-bar")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_axe_finds_nothing(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    _, key = scene.started()
    page = open_page(scene, "/inbox/open/", size, theme)
    page.goto(f"/c/{key}/")
    keep(page, "price_list.jpg")
    check(page, wrong, "pictures")
    assert wrong == {}
