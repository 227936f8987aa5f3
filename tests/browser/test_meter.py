"""The segment meter: counted in the browser while typing, confirmed by the server, and what the text then costs."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import Scene, reply

TEXTS = {
    "plain": ("In bay B16.", "GSM-7 · 11/160 · 1 segment"),
    "extension": ("[B16] {left} €5", "GSM-7 · 20/160 · 1 segment"),
    "one too many": ("a" * 161, "GSM-7 · 161/306 · 2 segments"),
    "curly": ("It’s unlocked", "Unicode · 13/70 · 1 segment"),
    "emoji": ("🚗" * 36, "Unicode · 72/134 · 2 segments"),
    "composed": ("cafe\u0301", "GSM-7 · 4/160 · 1 segment"),
    "right to left": ("السيارة في الموقف", "Unicode · 17/70 · 1 segment"),
}


def server_says(html: str) -> str:
    """The words of the server's own count."""
    found = re.search(r"<output.*?</output>", html, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", "", found[0]).split())


def meter(page: Page) -> str:
    """What the meter says, in one line."""
    return " ".join(page.locator("#meter").inner_text().split())


def test_a_unicode_character_turns_it_amber_and_one_click_turns_it_back(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    shown = page.locator("#meter")
    expect(shown).to_be_hidden()
    page.locator("#composer-text").press_sequentially("It")
    expect(shown).to_have_text("GSM-7 · 2/160 · 1 segment")
    expect(shown).not_to_contain_class("meter--warn")
    page.locator("#composer-text").press_sequentially("’s unlocked")
    expect(shown).to_have_text("Unicode · 13/70 · 1 segment")
    expect(shown).to_contain_class("meter--warn")
    fix = page.locator("#meter-fix")
    expect(fix).to_be_hidden()
    page.locator("#composer-text").press_sequentially(": " + "a" * 60)
    expect(shown).to_have_text("Unicode · 75/134 · 2 segments")
    expect(fix).to_contain_text("’ is not in the GSM alphabet, so this text costs 2 segments, not 1.")
    fix.get_by_role("button", name="Use plain characters").click()
    expect(page.locator("#composer-text")).to_have_value("It's unlocked: " + "a" * 60)
    expect(page.locator("#composer-text")).to_be_focused()
    expect(shown).to_have_text("GSM-7 · 75/160 · 1 segment")
    expect(shown).not_to_contain_class("meter--warn")
    expect(fix).to_be_hidden()

    page.locator("#composer-text").fill("a" * 150)
    expect(shown).to_contain_class("meter--warn")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(shown).to_be_hidden()
    assert phone.sent_to() == []


def test_browser_server_and_carrier_count_alike(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    sent = page.locator("#thread-log .msg--out:not(.is-pending)")
    for n, (body, words) in enumerate(TEXTS.values()):
        with page.expect_response("**/meter/") as answered:
            page.locator("#composer-text").fill(body)
            assert meter(page) == words
        assert server_says(answered.value.text()) == words
        expect(page.locator("#meter")).to_have_text(words, use_inner_text=True)
        reply(page, body)
        expect(sent.nth(n).locator(".ticks--done")).to_be_visible()
    statement = "SELECT segments FROM message WHERE conversation_id = %(id)s AND direction = 'out' ORDER BY id"
    costs = [row["segments"] for row in scene.house.installation.rows(statement, id=key)]
    assert costs == [int(words.split()[-2]) for _, words in TEXTS.values()]
    assert len(phone.sent_to()) == len(TEXTS)
