"""Nothing for axe to find on the inbox, whatever it shows: in both themes, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Phone, Scene, is_live, reply
from tests.ops.processes import REPOSITORY

AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """rules => axe.run(document, {runOnly: rules}).then(found => found.violations.flatMap(
    one => one.nodes.map(node => `${one.id}: ${node.target} ${node.html.slice(0, 160)}`)))"""


def check(page: Page, wrong: dict[str, Any], state: str) -> None:
    """Note what axe finds in this state, and whether the page has grown wider than its screen."""
    page.evaluate("document.getAnimations().forEach(one => one.finish())")
    found = page.evaluate(RUN, RULES)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
        found.append("wider than the screen")
    if found:
        wrong[state] = found


@pytest.fixture
def furnished(play: Callable[..., Scene]) -> Scene:
    """A workspace with something to see: two numbers, a team, a long thread, one who opted out."""
    return play(
        teams={"Roadside": ["ana", "ben"]},
        numbers=[{"name": "Ridgeway", "team": "Roadside"}, {"name": "Deposits"}],
    )


def open_page(scene: Scene, path: str, size: str, theme: str) -> Page:
    """A page with axe in it."""
    context = scene.context(size=size, theme=theme)
    context.add_init_script(AXE.read_text())
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto(path)
    is_live(page)
    return page


def fill_thread(page: Page, scene: Scene, phone: Phone) -> None:
    """A note, an assignment, a tag, an answer, a text that fails, and one that waits."""
    page.keyboard.press("i")
    expect(page.locator("#thread-log .event")).to_have_count(1)
    page.keyboard.press("n")
    reply(page, "Ask about the modem.")
    expect(page.locator(".notebox__text")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    reply(page, "In bay B16. https://example.com/map")
    expect(page.locator(".msg--out .ticks--done")).to_be_visible()
    scene.house.carrier.set_faults({"reject_code": "30006"})
    try:
        reply(page, "And the key is in the box.")
        expect(page.locator(".msg--failed")).to_be_visible()
    finally:
        scene.house.carrier.set_faults({}, reset=True)
    phone.text("שלום, אני כאן 🚗")
    expect(page.locator(".msg--in")).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_list_thread_and_composer(size: str, theme: str, furnished: Scene) -> None:
    scene, wrong = furnished, dict[str, Any]()
    phone, key = scene.started()
    _, stopped = scene.started("STOP", number=1)
    page = open_page(scene, "/inbox/mine/", size, theme)
    check(page, wrong, "an empty list")
    page.goto("/inbox/open/")
    expect(page.locator(".conv")).to_have_count(2)
    check(page, wrong, "a list")
    page.goto(f"/c/{key}/")
    is_live(page)
    fill_thread(page, scene, phone)
    check(page, wrong, "a thread")
    page.locator("#composer-text").fill("It’s unlocked: " + "a" * 60)
    expect(page.locator("#meter-fix .banner")).to_be_visible()
    check(page, wrong, "a text in Unicode")
    page.locator("[data-note-toggle]").click()
    check(page, wrong, "a note")
    page.goto(f"/c/{stopped}/")
    is_live(page)
    expect(page.locator("#composer .banner--danger")).to_be_visible()
    check(page, wrong, "somebody who opted out")
    scene.complaints.allow("ERR_")
    page.context.set_offline(True)
    expect(page.locator("#livebar")).to_be_visible()
    check(page, wrong, "offline")
    assert wrong == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_menus_on_a_desk(theme: str, furnished: Scene) -> None:
    scene, wrong = furnished, dict[str, Any]()
    _, key = scene.started()
    page = open_page(scene, f"/c/{key}/", "desk", theme)
    shown = {"a": "#popover", "h": "#popover", "l": "#popover", "c": "#dialog", "/": "#dialog", "?": "#dialog"}
    for letter, host in shown.items():
        page.keyboard.press(letter)
        expect(page.locator(host)).to_be_visible()
        expect(page.locator(f"{host} > .pop")).to_be_visible()
        check(page, wrong, f"after {letter}")
        page.keyboard.press("Escape")
        expect(page.locator(host)).to_be_hidden()
    page.locator("#contact-panel").get_by_role("button", name="Add a name").click()
    expect(page.locator("#dialog").get_by_label("Name")).to_be_focused()
    check(page, wrong, "naming a contact")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#toasts .toast")).to_be_visible()
    check(page, wrong, "a toast")
    page.get_by_role("button", name="Ana: your account").click()
    check(page, wrong, "the account menu")
    assert wrong == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_menus_on_a_phone(theme: str, furnished: Scene) -> None:
    """One pane at a time; what stands beside it on a desk is behind a button."""
    scene, wrong = furnished, dict[str, Any]()
    phone, _ = scene.started()
    page = open_page(scene, "/inbox/open/", "phone", theme)
    page.get_by_role("button", name="Choose a view").click()
    expect(page.locator("#views")).to_be_visible()
    check(page, wrong, "the views")
    page.get_by_role("button", name="Close views").click()
    page.get_by_role("button", name="Search").locator("visible=true").click()
    expect(page.locator("#palette-q")).to_be_visible()
    check(page, wrong, "the palette")
    page.keyboard.press("Escape")
    page.locator("a[data-key-c]").click()
    expect(page.locator("#new-to")).to_be_visible()
    check(page, wrong, "a new conversation")
    page.keyboard.press("Escape")
    page.locator(".conv__name", has_text=phone.pretty).click()
    expect(page.locator("#thread-log .bubble")).to_be_visible()
    expect(page.locator("#convlist")).to_be_hidden()
    page.locator("#thread-head").get_by_role("button", name="More", exact=True).click()
    expect(page.locator("#thread-more")).to_be_visible()
    check(page, wrong, "more")
    page.locator("#thread-more").get_by_text("Contact details").click()
    expect(page.locator("#contact-panel")).to_be_visible()
    check(page, wrong, "the contact")
    page.get_by_role("button", name="Close contact details").click()
    page.locator("#thread-head").get_by_role("button", name="More", exact=True).click()
    page.locator("#thread-more").get_by_text("Snooze").click()
    expect(page.locator("#popover")).to_be_visible()
    check(page, wrong, "the snooze menu")
    page.keyboard.press("Escape")
    page.go_back()
    expect(page.locator("#convlist")).to_be_visible()
    assert wrong == {}
