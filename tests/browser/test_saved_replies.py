"""Saved replies and macros as members meet them: / in the composer, blanks, pictures, a macro by its key."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.house import SIZES, Phone, Scene
from tests.browser.test_sound import check, open_page

SEARCHED = "Search saved replies"


def save(page: Page, name: str, body: str, *, word: str = "") -> None:
    """Write one in the settings."""
    page.goto("/settings/replies/add/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Short word").fill(word)
    page.get_by_label("What it says").first.fill(body)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"{name}: saved.")).to_be_visible()


def starter(page: Page) -> None:
    page.goto("/settings/replies/")
    page.get_by_role("button", name="Add the starter set").click()
    expect(page.get_by_text("replies added")).to_be_visible()


def talk(page: Page, scene: Scene) -> Phone:
    """A conversation to answer, open."""
    phone, key = scene.started("Where are you? My cleaner isn't here.")
    page.goto(f"/c/{key}/")
    expect(page.locator("#composer-text")).to_be_visible()
    return phone


def type_in(page: Page, words: str) -> None:
    page.locator("#composer-text").press_sequentially(words, delay=15)


def offered(page: Page) -> Locator:
    """The line of the picker that Enter would take."""
    return page.locator("#rpick").get_by_role("option", selected=True)


def test_a_slash_finds_a_reply_and_its_blank_is_filled_in(scene: Scene) -> None:
    scene.complaints.allow("422")
    page = scene.open()
    save(page, "Cleaner running late", "Hi {first_name|there}, we run about {minutes} min late. Sorry.", word="late")
    phone = talk(page, scene)
    type_in(page, "Hello. /late")
    picker = page.get_by_role("dialog", name="Saved replies")
    chosen = picker.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Cleaner running late")
    expect(chosen).to_contain_text("1 seg")
    expect(picker.locator(".rpick__see .bubble:visible")).to_have_text(
        "Hi there, we run about {minutes} min late. Sorry."
    )
    expect(picker.locator(".rpick__see section:visible .meter")).to_contain_text("GSM-7")
    area = page.locator("#composer-text")
    assert area.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    area.press("Enter")
    expect(picker).to_have_count(0)
    expect(area).to_have_value("Hello. Hi there, we run about {minutes} min late. Sorry.")
    assert page.evaluate("getSelection().toString()") == "{minutes}"
    area.press("Control+Enter")
    expect(page.get_by_text("Fill in {minutes} first.")).to_be_visible()
    assert phone.shows() == [("me", "Where are you? My cleaner isn't here.")]
    area.press("Tab")
    page.keyboard.type("25")
    area.press("Control+Enter")
    expect(page.locator(".msg--out .bubble")).to_have_text("Hello. Hi there, we run about 25 min late. Sorry.")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    page.goto("/settings/replies/?q=cleaner")
    expect(page.get_by_role("row", name="Cleaner running late")).to_contain_text("Used once")


def test_several_replies_go_into_one_text_and_one_is_sent_at_once(scene: Scene) -> None:
    page = scene.open()
    save(page, "Sorry", "Sorry about that.", word="sorry")
    save(page, "Goodbye", "Take care.", word="bye")
    talk(page, scene)
    area = page.locator("#composer-text")
    type_in(page, "/sor")
    expect(offered(page)).to_contain_text("Sorry")
    area.press("Enter")
    type_in(page, " /bye")
    expect(offered(page)).to_contain_text("Goodbye")
    area.press("Enter")
    expect(area).to_have_value("Sorry about that. Take care.")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    type_in(page, "/bye")
    expect(offered(page)).to_contain_text("Goodbye")
    area.press("Control+Enter")
    expect(page.locator(".msg--out .bubble")).to_have_text("Take care.")


def test_escape_leaves_the_words_and_addresses_open_nothing(scene: Scene) -> None:
    page = scene.open()
    save(page, "Sorry", "Sorry about that.")
    talk(page, scene)
    area, picker = page.locator("#composer-text"), page.get_by_role("dialog", name="Saved replies")
    type_in(page, "See https://example.com/so and/or ")
    expect(picker).to_have_count(0)
    type_in(page, "/so")
    expect(picker).to_be_visible()
    area.press("Escape")
    expect(picker).to_have_count(0)
    expect(area).to_be_focused()
    type_in(page, "m")
    expect(picker).to_have_count(0)
    expect(area).to_have_value("See https://example.com/so and/or /som")


def test_the_button_opens_it_with_a_search_of_its_own_and_a_draft_is_kept(scene: Scene) -> None:
    page = scene.open(who="ben")
    talk(page, scene)
    page.locator("#composer-text").fill("We open at 8.")
    page.get_by_role("button", name="Saved replies").click()
    search = page.get_by_role("combobox", name=SEARCHED)
    expect(search).to_be_focused()
    expect(page.get_by_text("No saved replies yet.")).to_be_visible()
    page.get_by_role("button", name="Save draft as a reply").click()
    expect(page.get_by_label("What it says")).to_have_value("We open at 8.")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name", exact=True).fill("Opening")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. Type /Opening to use it.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Saved replies").click()
    search.fill("openin")
    search.press("Enter")
    expect(page.locator("#composer-text")).to_have_value("We open at 8.We open at 8.")


def test_choices_are_offered_and_the_answer_says_what_it_means(scene: Scene) -> None:
    page = scene.open()
    phone = talk(page, scene)
    page.locator("#composer-text").fill("When suits you? ")
    page.get_by_role("button", name="Saved replies").click()
    page.get_by_role("button", name="Offer numbered choices").click()
    page.get_by_label("One choice a line").fill("Tuesday\nWednesday")
    page.get_by_role("button", name="Insert").click()
    area = page.locator("#composer-text")
    expect(area).to_have_value("When suits you? Reply 1 for Tuesday, 2 for Wednesday.")
    area.press("Control+Enter")
    expect(page.locator(".msg--out .ticks--done")).to_be_visible()
    phone.text("2")
    expect(page.locator(".msg--in .bubble").last).to_have_text("2: Wednesday")


def test_a_macro_runs_by_its_key_and_is_taken_back(scene: Scene) -> None:
    scene.complaints.allow("422")
    page = scene.open()
    save(page, "Booked", "You're booked.", word="booked")
    page.goto("/settings/macros/add/")
    page.get_by_label("Name", exact=True).fill("Book and close")
    page.get_by_label("Step 1", exact=True).select_option("reply")
    page.get_by_label("Saved reply of step 1").select_option(label="Booked")
    page.get_by_label("Step 2", exact=True).select_option("done")
    page.get_by_label("Shortcut").fill("j")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("J is your key for “Next conversation”. Choose another one.")).to_be_visible()
    page.get_by_label("Shortcut").fill("alt+1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Book and close: saved.")).to_be_visible()
    talk(page, scene)
    page.get_by_role("button", name="Macros").click()
    expect(page.get_by_role("menuitem", name="Book and close")).to_contain_text("Send: Booked, Done")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+1")
    expect(page.locator(".msg--out .bubble")).to_have_text("You're booked.")
    expect(page.locator("#thread-head").get_by_role("button", name="Reopen")).to_be_visible()
    page.locator(".toast", has_text="Book and close: done.").get_by_role("button", name="Undo").click()
    expect(page.locator("#thread-head").get_by_role("button", name="Done")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_axe_finds_nothing(size: str, theme: str, scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = open_page(scene, "/inbox/open/", size, theme)
    page.goto("/settings/replies/")
    check(page, wrong, "no replies")
    starter(page)
    check(page, wrong, "replies")
    save(page, "Cleaner running late", "Hi {first_name|there}, we run about {minutes} min late ✓", word="behind")
    check(page, wrong, "editor")
    page.get_by_label("Wording B").fill("Sorry, {minutes} min late.")
    page.get_by_role("button", name="Start the test").click()
    expect(page.get_by_text("Too few to compare.")).to_be_visible()
    check(page, wrong, "wording test")
    page.goto("/settings/macros/add/")
    page.get_by_label("Step 1", exact=True).select_option("snooze")
    check(page, wrong, "macro")
    talk(page, scene)
    type_in(page, "/late")
    expect(offered(page)).to_contain_text("late")
    check(page, wrong, "picker")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Macros").click()
    expect(page.get_by_text("No macros here yet.")).to_be_visible()
    check(page, wrong, "menu of macros")
    assert wrong == {}
