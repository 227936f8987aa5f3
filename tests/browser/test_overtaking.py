"""Two people answer one customer: one text goes out, the other one's writer reads it first and loses nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import Scene, is_same, reply, stamped
from tests.journeys.installation import PATIENCE
from tests.ops.processes import wait_for


def typing(page: Page, words: str) -> None:
    page.locator("#composer-text").press_sequentially(words)


def test_a_colleague_answers_first(scene: Scene) -> None:
    scene.complaints.allow("409")
    phone, key = scene.started("Where is my car?")
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    stamped(ana)
    typing(ana, "It's in the yard")
    reply(ben, "In bay B16.")
    news = ana.locator("#composer-news")
    expect(news).to_contain_text("Ben replied while you were typing. Read it before you send.")
    expect(news).to_contain_text("In bay B16.")
    expect(ana.locator("#composer-text")).to_be_focused()
    ana.keyboard.press("Control+Enter")
    expect(news.get_by_role("button", name="Send anyway")).to_be_visible()
    expect(ana.locator("#composer-text")).to_have_value("It's in the yard")
    expect(ana.locator("#thread-log .is-pending")).to_have_count(0)
    news.get_by_role("button", name="Edit").click()
    expect(news).to_have_count(0)
    expect(ana.locator("#composer-text")).to_be_focused()
    ana.keyboard.type(", next to it.")
    ana.keyboard.press("Control+Enter")
    expect(ana.locator("#thread-log .msg--out .ticks--done").last).to_be_visible()
    expect(ana.locator("#thread-log .msg--out .bubble")).to_have_text(["In bay B16.", "It's in the yard, next to it."])
    wait_for(lambda: phone.sent_to() == ["In bay B16.", "It's in the yard, next to it."], PATIENCE)
    assert is_same(ana)


def test_both_press_send_and_nothing_was_shown_yet(scene: Scene) -> None:
    """Ben's page hears nothing of Ana's text before he presses: the server is what stops it."""
    phone, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    ben.route("**/live/delta/**", lambda route: route.abort())
    scene.complaints.allow("net::ERR_FAILED")
    scene.complaints.allow("409")
    typing(ben, "From Ben.")
    reply(ana, "From Ana.")
    expect(ana.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    ben.keyboard.press("Control+Enter")
    news = ben.locator("#composer-news")
    expect(news).to_contain_text("Ana replied while you were typing.")
    expect(ben.locator("#thread-log .msg--out .bubble")).to_have_text("From Ana.")
    expect(ben.locator("#composer-text")).to_have_value("From Ben.")
    news.get_by_role("button", name="Send anyway").click()
    expect(ben.locator("#thread-log .msg--out .bubble")).to_have_text(["From Ana.", "From Ben."])
    expect(ana.locator("#thread-log .msg--out .ticks--done").last).to_be_visible()
    wait_for(lambda: phone.sent_to() == ["From Ana.", "From Ben."], PATIENCE)


def test_the_customer_writes_once_more(scene: Scene) -> None:
    scene.complaints.allow("409")
    phone, key = scene.started("Where is my car?")
    ana = scene.open(f"/c/{key}/", size="phone")
    typing(ana, "In bay")
    phone.text("Found it!")
    expect(ana.locator("#composer-news")).to_contain_text("wrote while you were typing.")
    expect(ana.locator("#composer-news")).to_contain_text("Found it!")
    ana.locator("#composer-text").fill("")
    expect(ana.locator("#composer-news")).to_have_count(0)
    reply(ana, "Good to hear.")
    expect(ana.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phone.sent_to() == ["Good to hear."]


@pytest.mark.parametrize("button", ["Send anyway", "Edit"])
def test_a_button_that_is_held_down_is_never_taken_away(scene: Scene, button: str) -> None:
    """A live update between press and release must not swallow the click."""
    scene.complaints.allow("409")
    phone, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    typing(ana, "Hello")
    reply(ben, "One.")
    pressed = ana.locator("#composer-news").get_by_role("button", name=button)
    expect(pressed).to_be_visible()
    box = pressed.bounding_box()
    assert box is not None
    ana.mouse.move(box["x"] + 10, box["y"] + 8)
    ana.mouse.down()
    reply(ben, "Two.")
    expect(ana.locator("#thread-log .msg--out .bubble")).to_have_text(["One.", "Two."])
    ana.wait_for_timeout(300)
    ana.mouse.up()
    if button == "Edit":
        expect(ana.locator("#composer-text")).to_be_focused()
        assert phone.sent_to() == ["One.", "Two."]
        return
    expect(ana.locator("#composer-news")).to_contain_text("Two.")
    ana.locator("#composer-news").get_by_role("button", name="Send anyway").click()
    expect(ana.locator("#thread-log .msg--out .bubble")).to_have_text(["One.", "Two.", "Hello"])


def test_what_the_checks_ask_stays_under_the_pointer(scene: Scene) -> None:
    scene.complaints.allow("422")
    scene.complaints.allow("409")
    _, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    reply(ana, "Text us your password")
    asked = ana.locator("#composer-refused").get_by_role("button", name="Send anyway")
    expect(asked).to_be_visible()
    handle = asked.element_handle()
    ben.locator("#composer-text").fill("By me.")
    ben.locator("#composer-text").press("Control+Enter")
    expect(ana.locator("#composer-news")).to_contain_text("By me.")
    assert handle.evaluate("button => button.isConnected")
