"""STOP and START while the conversation is open."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.house import Scene, is_same, reply, stamped


def test_stop_blocks_the_composer_and_start_brings_it_back(scene: Scene) -> None:
    phone, key = scene.started("Where is my car?")
    page = scene.open(f"/c/{key}/")
    stamped(page)
    composer, send = page.locator("#composer"), page.locator("#composer .for-text [data-send]")
    expect(send).to_be_enabled()
    page.locator("#composer-text").press_sequentially("It is at ")

    phone.text("STOP")
    expect(composer.locator(".banner--danger")).to_contain_text(f"{phone.pretty} opted out of texts today at")
    expect(composer.locator(".banner--danger")).to_contain_text("until they text START")
    expect(send).to_be_hidden()
    expect(page.locator("#contact-panel")).to_contain_text("Opted out")
    expect(page.locator(f"#conv-{key}")).to_contain_text("Opted out")
    expect(page.get_by_role("button", name="Add note").and_(page.locator("#composer button"))).to_be_visible()

    phone.text("START")
    expect(composer.locator(".banner--danger")).to_have_count(0)
    expect(send).to_be_enabled()
    expect(page.locator("#contact-panel")).to_contain_text("Can text")
    expect(page.locator("#composer-text")).to_have_value("It is at ")
    scene.complaints.allow("409")
    reply(page, "Bay B16.")
    page.locator("#composer-news").get_by_role("button", name="Send anyway").click()
    expect(page.locator(".msg--out", has_text="Bay B16.").locator(".ticks--done")).to_be_visible()
    assert ("desk", "Bay B16.") in phone.shows()
    assert is_same(page)


def test_a_note_is_still_possible_after_stop(scene: Scene) -> None:
    phone, key = scene.started("STOP")
    page = scene.open(f"/c/{key}/")
    expect(page.locator("#composer .banner--danger")).to_contain_text("opted out")
    reply(page, "They asked us to stop, so I rang them.")
    expect(page.locator(".notebox")).to_contain_text("They asked us to stop, so I rang them.")
    assert all("rang" not in body for body in phone.sent_to())


def test_what_is_begun_as_a_note_stays_a_note(scene: Scene) -> None:
    """The composer opens again while somebody writes to the team: their words must not become a text, even when the
    server has not heard of them yet."""
    phone, key = scene.started("STOP")
    page = scene.open(f"/c/{key}/")
    scene.complaints.allow("ERR_")
    page.route("**/draft/", lambda route: route.abort())
    page.locator("#composer-text").press_sequentially("They were angry")
    phone.text("START")
    expect(page.locator("#composer .banner--danger")).to_have_count(0)
    expect(page.locator("[data-note-toggle]")).to_have_attribute("aria-pressed", "true")
    page.locator("#composer-text").press("Control+Enter")
    expect(page.locator(".notebox__text")).to_have_text("They were angry")
    page.locator("[data-note-toggle]").click()
    reply(page, "Welcome back.")
    expect(page.locator(".msg--out", has_text="Welcome back.").locator(".ticks--done")).to_be_visible()
    assert all("angry" not in body for body in phone.sent_to())


def test_what_was_written_before_stop_is_not_sent(scene: Scene) -> None:
    """The page does not know of the STOP yet: the server refuses, and the words stay."""
    phone, key = scene.started("Where is my car?")
    page = scene.open(f"/c/{key}/")
    page.route("**/live/delta/**", lambda route: route.abort())
    scene.complaints.allow("live/delta")
    scene.complaints.allow("status of 409")
    phone.text("STOP")
    waits = page.locator(f"#conv-{key}")
    expect(waits).not_to_contain_text("Opted out")
    ben = scene.open(f"/c/{key}/", "ben")
    expect(ben.locator("#composer .banner--danger")).to_be_visible()
    reply(page, "It is in bay B16.")
    expect(page.locator("#composer .banner--danger")).to_contain_text("opted out of texts")
    expect(page.locator("#composer-text")).to_have_value("It is in bay B16.")
    assert "It is in bay B16." not in phone.sent_to()
