"""The segment meter: counted in the browser while typing, confirmed by the server, and what the text then costs."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import Scene, reply

TEXTS = {
    "plain": ("In bay B16.", "GSM-7 · 11/160 · 1 segment · $0.0083"),
    "extension": ("[B16] {left} €5", "GSM-7 · 20/160 · 1 segment · $0.0083"),
    "one too many": ("a" * 161, "GSM-7 · 161/306 · 2 segments · $0.0166"),
    "curly": ("It’s unlocked", "Unicode · 13/70 · 1 segment · $0.0083"),
    "emoji": ("🚗" * 36, "Unicode · 72/134 · 2 segments · $0.0166"),
    "composed": ("cafe\u0301", "GSM-7 · 4/160 · 1 segment · $0.0083"),
    "right to left": ("السيارة في الموقف", "Unicode · 17/70 · 1 segment · $0.0083"),
}


def server_says(html: str) -> str:
    """The words of the server's own count."""
    found = re.search(r"<output.*?</output>", html, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", "", found[0]).split())


def meter(page: Page) -> str:
    """What the meter says, in one line."""
    return " ".join((page.locator("#meter").text_content() or "").split())


def test_a_unicode_character_turns_it_amber_and_one_click_turns_it_back(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    shown = page.locator("#meter")
    expect(shown).to_be_hidden()
    page.locator("#composer-text").press_sequentially("It")
    expect(shown).to_have_text("GSM-7 · 2/160 · 1 segment · $0.0083")
    expect(shown).not_to_contain_class("meter--warn")
    page.locator("#composer-text").press_sequentially("’s unlocked")
    expect(shown).to_have_text("Unicode · 13/70 · 1 segment · $0.0083")
    expect(shown).to_contain_class("meter--warn")
    fix = page.locator("#meter-fix")
    expect(fix).to_be_hidden()
    page.locator("#composer-text").press_sequentially(": " + "a" * 60)
    expect(shown).to_have_text("Unicode · 75/134 · 2 segments · $0.0166")
    expect(fix).to_contain_text(
        "’ is not in the GSM alphabet, so this text costs 2 segments ($0.0166), not 1 ($0.0083)."
    )
    fix.get_by_role("button", name="Use plain characters").click()
    expect(fix.locator(".plain__line")).to_have_count(2)
    expect(page.locator("#composer-text")).to_have_value("It’s unlocked: " + "a" * 60)
    fix.get_by_role("button", name="Use plain characters").click()
    expect(page.locator("#composer-text")).to_have_value("It's unlocked: " + "a" * 60)
    expect(page.locator("#composer-text")).to_be_focused()
    expect(shown).to_have_text("GSM-7 · 75/160 · 1 segment · $0.0083")
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
        expect(page.locator("#meter")).to_have_text(words)
        reply(page, body)
        expect(sent.nth(n).locator(".ticks--done")).to_be_visible()
    statement = "SELECT segments FROM message WHERE conversation_id = %(id)s AND direction = 'out' ORDER BY id"
    costs = [row["segments"] for row in scene.house.installation.rows(statement, id=key)]
    assert costs == [int(words.split(" · ")[2].split()[0]) for _, words in TEXTS.values()]
    assert len(phone.sent_to()) == len(TEXTS)


def test_one_key_shows_before_and_after_and_once_more_uses_it(scene: Scene) -> None:
    _, key = scene.started()
    page = scene.open(f"/c/{key}/")
    box, fix = page.locator("#composer-text"), page.locator("#meter-fix")
    written = "“Bay B16” … " + "b" * 70
    plain = '"Bay B16" ... ' + "b" * 70
    box.fill(written)
    page.keyboard.press("Alt+s")
    group = fix.get_by_role("group", name="In plain characters, before and after")
    expect(group).to_be_visible()
    expect(fix.locator("mark")).to_have_text(["“", "”", "…", '"', '"', "..."])
    expect(fix.locator(".plain__line small")).to_have_text(["2 segments · $0.0166", "1 segment · $0.0083"])
    expect(fix.get_by_role("button", name="Use plain characters")).to_be_focused()
    page.keyboard.press("Escape")
    expect(group).to_be_hidden()
    expect(box).to_have_value(written)
    expect(box).to_be_focused()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+s")
    expect(box).to_have_value(plain)
    expect(page.locator("#meter")).to_have_text("GSM-7 · 84/160 · 1 segment · $0.0083")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(box).to_have_value(written)
    page.keyboard.press("Alt+s")
    expect(group).to_be_visible()
    box.press_sequentially("!")
    expect(group).to_be_hidden()
    box.fill("In bay B16.")
    page.keyboard.press("Alt+s")
    expect(page.locator("#toasts")).to_contain_text("Plain characters wouldn't make this text cheaper.")
    expect(box).to_have_value("In bay B16.")


def test_what_an_emoji_costs_and_when_mms_is_cheaper(scene: Scene) -> None:
    _, key = scene.started()
    page = scene.open(f"/c/{key}/")
    box, fix = page.locator("#composer-text"), page.locator("#meter-fix")
    box.fill("🚗 " + "c" * 80)
    expect(fix).to_contain_text("🚗 makes this text Unicode: 2 segments ($0.0166), 1 ($0.0083) without it.")
    expect(fix.get_by_role("button")).to_have_count(0)
    box.fill("d" * 306)
    expect(fix).to_be_hidden()
    box.fill("d" * 307)
    expect(fix).to_contain_text("As MMS it costs less: $0.022 instead of $0.0249.")
    page.locator("[data-note-toggle]").click()
    expect(fix).to_be_hidden()


def test_what_was_spent_shows_in_the_thread_and_the_panel(scene: Scene) -> None:
    _, key = scene.started()
    page = scene.open(f"/c/{key}/")
    for words in ("In bay B16.", "e" * 200):
        reply(page, words)
        expect(page.locator("#thread-log .msg--out").last.locator(".ticks--done")).to_be_visible()
    page.reload()
    expect(page.locator("#contact-panel")).to_contain_text("$0.0249")
    last = page.locator("#thread-log .msg--out").last
    last.hover()
    expect(last.locator(".msg__cost")).to_have_text("2 segments · about $0.0166")
