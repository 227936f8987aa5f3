"""The first five minutes: set up, sign in, text the desk from the phone on the page, answer, see it delivered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import Complaints, House, is_live, is_same, serving, stamped
from tests.journeys.installation import PASSWORD, Installation
from tests.ops.migrated import passable_folder
from tests.ops.processes import end_server


@pytest.fixture
def empty_house() -> Iterator[House]:
    """An installation on its first day: nobody owns it yet."""
    outer = passable_folder()
    installation = Installation(outer / "data")
    try:
        yield from serving(installation)
    finally:
        end_server(installation.data)
        shutil.rmtree(outer, ignore_errors=True)


def set_up(page: Page) -> None:
    expect(page.get_by_role("heading", name="Set up Twoway")).to_be_visible()
    page.get_by_label("What is the business called?").fill("Ridgeway Carshare")
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Your email").fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="You're the customer")).to_be_visible()


def sign_out_and_in_again(page: Page) -> None:
    page.get_by_role("button", name="Ana: your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Email").fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="All open")).to_be_visible()


def test_a_newcomer_texts_the_desk_and_answers(empty_house: House, browser: Browser, complaints: Complaints) -> None:
    context = browser.new_context(base_url=empty_house.installation.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints.listen(page)
    page.goto("/")
    set_up(page)
    sign_out_and_in_again(page)
    page.get_by_role("link", name="Phone simulator").click()
    is_live(page)
    stamped(page)
    done = page.locator("#sim-steps li.is-done")
    expect(done).to_have_count(0)

    page.get_by_label("Text message from").fill("Hi, my car won't unlock")
    page.get_by_label("Text message from").press("Enter")
    expect(page.locator("#phone-log .hb--me")).to_contain_text("Hi, my car won't unlock")
    row = page.locator("#convlist .conv", has_text="Hi, my car won't unlock")
    expect(row).to_be_visible()
    expect(page.locator("#phone-mark")).to_have_text("Delivered")
    expect(done).to_have_count(1)

    row.locator(".conv__name").click()
    expect(page.locator("#thread-log .msg--in .bubble")).to_have_text("Hi, my car won't unlock")
    expect(done).to_have_count(2)

    page.locator("#composer-text").fill("Ana here. It's unlocked now.")
    page.get_by_role("button", name="Send", exact=False).and_(page.locator("#composer button")).click()
    ours = page.locator("#thread-log .msg--out")
    expect(ours.locator(".bubble")).to_have_text("Ana here. It's unlocked now.")
    expect(page.locator("#phone-log .hb:not(.hb--me)")).to_contain_text("Ana here. It's unlocked now.")
    expect(ours.locator(".ticks--done")).to_be_visible()
    expect(ours.locator(".msg__meta")).to_contain_text("Delivered")
    expect(ours).to_have_count(1)
    expect(done).to_have_count(4)

    page.get_by_role("button", name="Text STOP").click()
    expect(done).to_have_count(5)
    expect(page.locator("#sim-hint")).to_contain_text("That's the whole round.")
    assert is_same(page)
    context.close()
