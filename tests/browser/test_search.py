"""Search in a browser: typed, narrowed, walked through by key and opened at its text; nothing for axe to find."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.house import SIZES, Scene, is_live, reply
from tests.browser.test_sound import AXE, check
from tests.journeys.installation import PATIENCE
from tests.ops.processes import wait_for


def search_page(scene: Scene, path: str = "/search/", *, size: str = "desk", theme: str = "light") -> Page:
    """The search page with axe in it; it listens for nothing."""
    context = scene.context(size=size, theme=theme)
    context.add_init_script(AXE.read_text())
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto(path)
    return page


def findable(scene: Scene, q: str, count: int) -> None:
    """Wait until the index, which follows the texts, has so many lines for these words."""
    asking = scene.context()

    def look() -> bool:
        answer = asking.request.get("/search/", params={"q": q}, headers={"HX-Request": "true"})
        return answer.ok and answer.text().count('class="found__item') == count

    wait_for(look, PATIENCE)


def lines(page: Page) -> Locator:
    return page.locator("#found .found__item")


def test_typed_words_are_marked_and_keys_lead_to_the_text(scene: Scene) -> None:
    phone, key = scene.started("The refund for the car is late")
    scene.started("Thanks, the refund came")
    findable(scene, "refund", 2)
    page = search_page(scene)
    expect(page.locator("#search-q")).to_be_focused()
    expect(page.get_by_text("Everything anybody ever texted.")).to_be_visible()
    page.keyboard.type("refu")
    expect(page.locator("#found mark")).to_have_text(["refu", "refu"])
    expect(page).to_have_url(f"{scene.url}/search/?q=refu")
    page.keyboard.type("nd late")
    expect(lines(page)).to_have_count(1)
    expect(page.locator("#found mark")).to_have_text(["refund", "late"])
    page.locator("#search-q").fill("refund")
    expect(lines(page)).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(lines(page).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(lines(page).last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    expect(lines(page).last).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#search-q")).to_be_focused()
    expect(page.locator("#search-q")).to_have_value("refund")
    wanted = page.locator("#found .found__item", has_text="for the car")
    wanted.focus()
    page.keyboard.press("Enter")
    is_live(page)
    expect(page).to_have_url(re.compile(rf"{scene.url}/c/{key}/(\?m=\d+)?$"))
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)
    expect(page.locator("#thread-log .is-target")).to_contain_text("for the car is late")
    page.go_back()
    expect(lines(page)).to_have_count(2)
    expect(page.locator("#search-q")).to_have_value("refund")


def test_a_text_long_ago_is_opened_where_it_stands(scene: Scene) -> None:
    phone, key = scene.started("The heron has landed")
    for n in range(45):
        phone.text(f"Line {n}\nand more\nof it")
    findable(scene, "heron", 1)
    findable(scene, '"line 44"', 1)
    page = search_page(scene, "/search/?q=heron")
    expect(lines(page)).to_be_focused()
    page.keyboard.press("Enter")
    is_live(page)
    expect(page.locator("#thread-log .is-target")).to_contain_text("The heron has landed")
    expect(page.locator("#thread-log .is-target")).to_be_in_viewport()
    page.goto(f"/c/{key}/")
    expect(page.locator("#thread-log")).to_contain_text("Line 44")


def test_chips_write_filters_and_take_them_out(scene: Scene) -> None:
    _, key = scene.started("The zebra is here")
    scene.started("Another zebra")
    page = scene.open(f"/c/{key}/")
    reply(page, "Our zebra")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    findable(scene, "zebra", 3)
    page = search_page(scene, "/search/?q=zebra")
    page.get_by_role("link", name="Written by").click()
    expect(page.locator("#search-q")).to_have_value("zebra by:")
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.type("me")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("Our zebra")
    expect(page).to_have_url(f"{scene.url}/search/?q=zebra%20by%3Ame")
    page.reload()
    expect(lines(page)).to_have_count(1)
    page.get_by_role("link", name="Take out by:me").click()
    expect(lines(page)).to_have_count(3)
    expect(page.locator("#search-q")).to_have_value("zebra")
    page.get_by_role("link", name="Photos").click()
    expect(page.get_by_role("heading", name="No match for “zebra has:photo”.")).to_be_visible()


def test_a_wrong_spelling_is_put_right_and_can_be_kept(scene: Scene) -> None:
    scene.started("When do I receive it?")
    findable(scene, "receive", 1)
    page = search_page(scene)
    page.keyboard.type("recieve")
    expect(page.get_by_text("Showing results for receive.")).to_be_visible()
    page.get_by_role("link", name="Search for “recieve” instead").click()
    expect(page.get_by_role("heading", name="No match for “recieve”.")).to_be_visible()


def test_the_palette_finds_a_text_and_leads_to_the_page(scene: Scene) -> None:
    phone, _ = scene.started("A teapot for you")
    findable(scene, "teapot", 1)
    page = scene.open()
    page.keyboard.press("/")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type("teapot")
    found = page.get_by_role("option").filter(has_text="for you")
    expect(found).to_be_visible()
    expect(found.locator("mark")).to_have_text("teapot")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)
    expect(page.locator("#thread-log .is-target")).to_contain_text("A teapot for you")
    page.keyboard.press("/")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type("teapot")
    expect(found).to_be_visible()
    page.get_by_role("option").filter(has_text="All results").click()
    expect(page.locator("#search-q")).to_have_value("teapot")
    expect(lines(page)).to_have_count(1)


def test_words_typed_before_the_palette_is_there_are_its_words(scene: Scene) -> None:
    """None of these letters runs a command, and Enter waits for what was found for all of them."""
    phone, _ = scene.started("The engine is cold")
    scene.started("Where is my car?")
    findable(scene, "engine", 1)
    page = scene.open()
    expect(page.locator(".conv")).to_have_count(2)
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    page.route("**/palette/**", hold_first)
    page.keyboard.press("/")
    page.keyboard.type("engine")
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("true") and held, PATIENCE)
    held[0].continue_()
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#count-done")).to_have_text("0")
    expect(page.locator("#count-unassigned")).to_have_text("2")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_are_sound(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    _, key = scene.started("The walrus is late, and its refund too")
    inbox = scene.open(f"/c/{key}/")
    inbox.keyboard.press("n")
    reply(inbox, "A walrus, says the note.")
    expect(inbox.locator(".notebox__text")).to_be_visible()
    findable(scene, "walrus", 2)
    page = search_page(scene, size=size, theme=theme)
    expect(page.get_by_text("Everything anybody ever texted.")).to_be_visible()
    check(page, wrong, "nothing asked")
    page.locator("#search-q").fill("walrus is:open")
    expect(page.get_by_role("heading", name="Notes")).to_be_visible()
    expect(lines(page)).to_have_count(2)
    check(page, wrong, "found")
    page.locator("#search-q").fill("walrus before:soon")
    expect(page.get_by_text("before: takes a day such as 2026-03-14")).to_be_visible()
    check(page, wrong, "a filter nobody can follow")
    page.locator("#search-q").fill("xylophone")
    expect(page.get_by_role("heading", name="No match for “xylophone”.")).to_be_visible()
    check(page, wrong, "nothing found")
    assert wrong == {}


def test_on_a_phone_a_tap_opens_the_text_and_back_comes_to_the_results(scene: Scene) -> None:
    scene.started("The otter asks")
    findable(scene, "otter", 1)
    page = search_page(scene, "/search/", size="phone")
    page.locator("#search-q").fill("otter")
    expect(lines(page)).to_have_count(1)
    box = lines(page).bounding_box()
    assert box
    assert box["height"] >= 44
    lines(page).click()
    is_live(page)
    expect(page.locator("#thread-log .is-target")).to_contain_text("The otter asks")
    page.go_back()
    expect(lines(page)).to_have_count(1)
