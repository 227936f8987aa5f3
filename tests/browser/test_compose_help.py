"""What helps while writing: shorter words, emoji, the tone guide's button, what a first text meets, another device."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.house import Scene

LONG = (
    "The car is in bay B16 behind the house on Fern Street, next to the red van, and the key is in the box by the "
    "door. We do not need you there. It is open, come in."
)
SHORT = LONG.replace("do not", "don't").replace("It is", "It's")


def test_shorter_words_are_shown_used_and_taken_back(scene: Scene) -> None:
    _, key = scene.started()
    for size in ("desk", "phone"):
        ana = scene.open(f"/c/{key}/", size=size)
        ana.locator("#composer-text").fill(LONG)
        ana.locator(".shorter summary").click()
        expect(ana.locator(".shorter__list")).to_contain_text("Short forms: don't for do not")
        ana.locator("[data-shorter]").click()
        expect(ana.locator("#composer-text")).to_have_value(SHORT)
        expect(ana.locator("#meter")).to_contain_text("1 segment")
        ana.locator("#toasts").get_by_role("button", name="Undo").click()
        expect(ana.locator("#composer-text")).to_have_value(LONG)
        send = ana.locator("[data-send-more]").bounding_box()
        assert send is not None
        assert send["x"] + send["width"] <= (1440 if size == "desk" else 390)
        ana.locator("#composer-text").fill("")


def test_an_emoji_goes_to_the_cursor(scene: Scene) -> None:
    _, key = scene.started()
    ana = scene.open(f"/c/{key}/")
    ana.locator("#composer-text").fill("Your car is here.")
    ana.keyboard.press("Home")
    ana.locator("[data-emoji-open]").click()
    ana.locator("#emoji-q").fill("party")
    ana.keyboard.press("Enter")
    expect(ana.locator("#composer-text")).to_have_value("\U0001f973Your car is here.")
    expect(ana.locator("#composer-text")).to_be_focused()
    ana.locator("[data-emoji-open]").click()
    expect(ana.locator("#popover")).to_contain_text("Used lately")


def test_a_first_text_says_what_it_meets(scene: Scene) -> None:
    phone, _ = scene.started()
    ana = scene.open()
    ana.locator("[data-key-c]").first.click()
    ana.locator("#new-to").fill(phone.pretty)
    ana.locator("#new-body").fill("Your car is ready")
    expect(ana.locator("#new-facts")).to_contain_text(f"You have a conversation with {phone.pretty} already.")
    expect(ana.locator("#new-facts")).to_contain_text("17/160")
    expect(ana.locator("#new-body")).to_be_focused()


def test_what_was_begun_on_the_phone_is_on_the_desk(scene: Scene) -> None:
    _, key = scene.started()
    desk, phone = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", size="phone")
    with phone.expect_response("**/draft/"):
        phone.locator("#composer-text").press_sequentially("On my way")
    desk.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(desk.locator("#composer-text")).to_have_value("On my way")
