"""A customer texts CALL, chooses, and is called: on the simulated phone and in the desk; nothing for axe to find."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.house import Phone, Scene
from tests.browser.test_costs import settings_page
from tests.browser.test_sound import check

PATIENCE = 30.0  # seconds for a text to come back


def heard(phone: Phone, words: str) -> str:
    """The text of ours with these words, as soon as the carrier took it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = next((one for one in phone.sent_to() if words in one), "")
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{words!r} never came: {phone.sent_to()}")


def switch_on(scene: Scene, wrong: dict[str, Any]) -> Page:
    page = settings_page(scene, "/settings/callbacks/", "desk", "light")
    page.get_by_label("Customers may ask for a call").check()
    check(page, wrong, "settings")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved.")
    return page


def test_call_two_and_what_came_of_it(scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = switch_on(scene, wrong)
    phone, key = scene.started("Hello, my car won't unlock")
    phone.text("CALL")
    second = heard(phone, "When may we call?").partition("2: ")[2].partition(",")[0]
    phone.text("2")
    day, _, clock = second.partition(" ")
    assert f"We will call {day} between {clock} and" in heard(phone, "We will call")
    thread = scene.open(f"/c/{key}/")
    expect(thread.locator("#thread-log")).to_contain_text("Call agreed on for")
    page.goto("/callbacks/?box=booked")
    row = page.locator(".callbacks__row", has_text=phone.pretty)
    expect(row).to_have_count(1)
    check(page, wrong, "later")
    row.locator("select[name=member]").select_option(label="Ana")
    row.get_by_role("button", name="Give").click()
    page.goto("/callbacks/?box=mine")
    row = page.locator(".callbacks__row", has_text=phone.pretty)
    row.locator("summary").click()
    row.locator("input[name=note]").fill("Unlocked it together")
    check(page, wrong, "what came of it")
    row.get_by_role("button", name="Reached").click()
    page.goto("/callbacks/?box=ended")
    expect(page.locator(".callbacks__row", has_text=phone.pretty)).to_contain_text("Unlocked it together")
    expect(thread.locator("#thread-log")).to_contain_text("Ana called: reached")
    assert wrong == {}


def test_the_list_and_the_dot_follow_by_themselves(scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    switch_on(scene, wrong)
    phone, key = scene.started()
    inbox = scene.open("/inbox/open/", "ben")
    page = scene.open("/callbacks/?box=left", "ben")
    expect(page.locator(".callbacks__row")).to_have_count(0)
    phone.text("CALL")
    row = page.locator(".callbacks__row", has_text=phone.pretty)
    expect(row).to_have_count(1)
    expect(inbox.locator("#calls-due .pip")).to_have_count(0)
    now_due = (
        "UPDATE callback SET state = 'booked', seat = 0, starts_at = now(), ends_at = now() + interval '20 minutes',"
        " next_at = now() WHERE conversation_id = %(key)s RETURNING id"
    )
    assert len(scene.house.installation.rows(now_due, key=key)) == 1
    expect(row).to_have_count(0)
    expect(page.locator("#calls-due .pip")).to_have_count(1)
    expect(inbox.locator("#calls-due .pip")).to_have_count(1)
    small = scene.open("/inbox/open/", "ben", size="phone")
    small.get_by_role("button", name="Choose a view").click()
    small.locator(".views a", has_text="Callbacks").click()
    expect(small.locator(".callbacks__row", has_text=phone.pretty)).to_be_visible()
    assert wrong == {}


def test_an_agent_offers_from_the_conversation(scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    switch_on(scene, wrong)
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    page.locator("#thread-head").get_by_role("button", name="More").click()
    page.locator("#thread-more").get_by_text("Call back").click()
    page.get_by_role("button", name="Offer times by text").click()
    heard(phone, "When may we call?")
    expect(page.locator("#thread-log")).to_contain_text("offered times for a call")
    assert wrong == {}


def test_a_phone_queue_is_added_and_tried(scene: Scene) -> None:
    wrong: dict[str, Any] = {}
    page = settings_page(scene, "/settings/phone-queues/add/", "desk", "light")
    page.get_by_label("Name", exact=True).fill("Airport line")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("body")).to_contain_text("Address for your phone system")
    page.get_by_label("Waiting calls", exact=True).fill("9")
    page.get_by_label("Caller", exact=True).fill("+1 503 555 0142")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator("[role=status]", has_text="A text is offered.")).to_have_count(1)
    check(page, wrong, "a queue")
    assert wrong == {}
