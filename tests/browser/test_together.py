"""Two and three people at one conversation: names in notes, who is here and writes, handing over."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import Scene, is_same, stamped


def begin(page: Page, words: str) -> None:
    page.locator("#composer-text").press_sequentially(words)


def picked(page: Page) -> str:
    return page.locator('#mpick-list [aria-selected="true"] .trunc').inner_text()


def test_a_name_in_a_note_is_chosen_by_keys_and_seen_at_once(scene: Scene) -> None:
    _, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open("/inbox/open/", "ben")
    stamped(ben)
    ana.locator("[data-note-toggle]").click()
    begin(ana, "Look, @be")
    expect(ana.locator("#mpick")).to_be_visible()
    expect(ana.locator("#composer-text")).to_have_attribute(
        "aria-activedescendant", "mpick-member-" + who(scene, "ben")
    )
    assert picked(ana) == "Ben"
    ana.keyboard.press("Enter")
    expect(ana.locator("#composer-text")).to_have_value("Look, @Ben ")
    expect(ana.locator("#mpick")).to_have_count(0)
    ana.keyboard.press("Backspace")
    ana.keyboard.press("Backspace")
    expect(ana.locator("#mpick")).to_be_visible()
    ana.keyboard.press("Tab")
    ana.keyboard.type("the modem drops")
    expect(ana.locator("#mpick")).to_have_count(0)
    ana.keyboard.press("Control+Enter")
    expect(ana.locator(".notebox .mention")).to_have_text("@Ben")
    expect(ana.locator(".notebox__text")).to_have_text("Look, @Ben the modem drops")

    ben.locator(f"#conv-{key} .conv__name").click()
    expect(ben.locator(".notebox .mention--me")).to_have_text("@Ben")
    ana.locator("[data-note-toggle]").click()
    assert is_same(ben)


def who(scene: Scene, name: str) -> str:
    return str(scene.made["members"][name]["id"])


def test_a_text_that_names_a_colleague_does_not_leave_by_accident(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    begin(page, "@Be")
    expect(page.locator("[data-mpick-ask]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#mpick")).to_have_count(0)
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("n can you look?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread-log .msg--out .bubble")).to_have_text("@Ben can you look?")

    begin(page, "Over to @Be")
    expect(page.locator("[data-mpick-ask]")).to_contain_text("Write a private note?")
    page.locator("#composer-text").fill("Over to @Ben now")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-mpick-ask]")).to_be_visible()
    expect(page.locator("#thread-log .msg--out")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only your team sees this")).to_be_visible()
    expect(page.locator("#composer-text")).to_have_value("Over to @Ben now")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notebox .mention")).to_have_text("@Ben")
    assert phone.sent_to() == ["@Ben can you look?"]


def test_who_is_here_and_who_writes(scene: Scene) -> None:
    _, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    watcher = scene.open("/inbox/open/")
    expect(ana.locator("#thread-here")).to_contain_text("Ben is here")
    expect(ben.locator("#thread-here")).to_contain_text("Ana is here")
    expect(watcher.locator(f"#conv-{key} .conv__here .av")).to_have_attribute("title", "Ben is here")

    begin(ben, "I am")
    expect(ana.locator("#thread-here")).to_contain_text("Ben is typing")
    expect(ana.locator("#thread-typing")).to_have_text("Ben is typing")
    ben.locator("#composer-text").fill("")
    expect(ana.locator("#thread-here")).to_contain_text("Ben is here")
    ben.locator("[data-note-toggle]").click()
    begin(ben, "psst")
    expect(ana.locator("#thread-here")).to_contain_text("Ben is writing a note")
    ben.keyboard.press("Control+Enter")
    expect(ana.locator(".notebox__text")).to_have_text("psst")
    expect(ana.locator("#thread-here")).to_contain_text("Ben is here")
    ben.close()
    expect(ana.locator("#thread-here")).to_be_empty()
    expect(ana.locator("#thread-typing")).to_be_empty()
    expect(watcher.locator(f"#conv-{key} .conv__here")).to_have_count(0)


def test_handing_over_with_a_note(scene: Scene) -> None:
    _, key = scene.started("Do I still get charged?")
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    ana.locator("#thread-head [data-open-popover=assign]").click()
    ana.locator("#popover").get_by_role("menuitemradio", name="Ana").click()
    expect(ana.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Ana")
    ana.locator("#thread-head [data-open-popover=assign]").click()
    ana.get_by_role("menuitem", name="Hand over with a note").click()
    dialog = ana.locator("#dialog")
    summary = dialog.locator("#hand-summary")
    expect(summary).to_have_value(re.compile("Not answered: “Do I still get charged\\?”"))
    expect(summary).to_have_value(re.compile("Had it: Ana"))
    dialog.locator("#hand-who").select_option(label="Ben")
    dialog.locator("#hand-note").fill("@Ben you know the car")
    dialog.get_by_role("button", name="Hand over").click()
    expect(dialog).not_to_be_visible()
    for page in (ana, ben):
        note = page.locator("#thread-log .notebox")
        expect(note).to_have_count(1)
        expect(note.locator("header")).to_contain_text("Ana assigned it to Ben · private note")
        expect(note.locator(".mention")).to_have_text("@Ben")
        expect(page.locator("#thread-log .event", has_text="assigned it to Ben")).to_have_count(0)
    card = ben.locator(".handoff")
    expect(card).to_contain_text("Ana handed this over")
    expect(card).to_contain_text("Do I still get charged?")
    expect(ana.locator(".handoff")).to_have_count(0)
    card.get_by_role("button", name="Close the summary").click()
    expect(ben.locator(".handoff")).to_have_count(0)
    ben.reload()
    expect(ben.locator("#thread-log .notebox")).to_be_visible()
    expect(ben.locator(".handoff")).to_have_count(0)
    ben.locator("#thread-head [data-open-popover=assign]").click()
    expect(ben.locator(".menu__trail")).to_contain_text("Had it: Ana")
