"""The bell in two browsers at once, its keys and sounds, settings, and what a service worker does with a push."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.house import SIZES, Scene, is_live
from tests.browser.test_sound import check, open_page


def assign_to_ben(page: Page, key: int) -> None:
    page.goto(f"/c/{key}/")
    is_live(page)
    page.keyboard.press("a")
    page.locator("#popover").get_by_text("Ben", exact=True).click()
    expect(page.locator("#thread-log .event").last).to_contain_text("Ben")


def test_the_bell_rings_where_it_should(scene: Scene) -> None:
    phone, key = scene.started("Where is my car?")
    ben, ana = scene.open(who="ben"), scene.open(who="ana")
    expect(ben.locator("#bell [data-bell-count]")).to_be_hidden()
    assign_to_ben(ana, key)
    expect(ben.locator("#bell [data-bell-count]")).to_have_text("1")
    expect(ben).to_have_title(re.compile(r"^\(1\) "))
    expect(ben.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("logo-unread"))
    expect(ben.locator("#bell-said")).to_have_text("1 new notification")
    expect(ben.locator("#bell")).to_have_attribute("aria-label", "Notifications, 1 unread")
    phone.text("Hello? Are you there?")
    expect(ben.locator("#bell [data-bell-count]")).to_have_text("2")
    expect(ana.locator("#bell [data-bell-count]")).to_be_hidden()
    ben.keyboard.press("g")
    ben.keyboard.press("n")
    box = ben.locator("#bellbox")
    expect(box.locator(".noted__line.is-unread")).to_have_count(2)
    expect(box.locator(".noted__link").first).to_be_focused()
    expect(box.locator(".noted__link").first).to_contain_text("New text from")
    expect(box.locator(".noted__link").first).to_contain_text("Hello? Are you there?")
    ben.keyboard.press("ArrowDown")
    expect(box.locator(".noted__link").nth(1)).to_contain_text("Ana gave you the conversation")
    expect(box.locator(".noted__link").nth(1)).to_be_focused()
    ben.keyboard.press("Enter")
    expect(ben).to_have_url(re.compile(f"/c/{key}/"))
    expect(ben.locator("#thread-log")).to_contain_text("Are you there?")
    expect(ben.locator("#bell [data-bell-count]")).to_be_hidden()
    expect(ben).to_have_title(re.compile(r"^(?!\(\d{1,2}\) )"))


def test_marking_all_as_read_and_one_as_unread(scene: Scene) -> None:
    _, key = scene.started()
    ben, ana = scene.open(who="ben"), scene.open(who="ana")
    assign_to_ben(ana, key)
    expect(ben.locator("#bell [data-bell-count]")).to_have_text("1")
    ben.locator("#bell").click()
    ben.get_by_role("button", name="Mark all as read").click()
    expect(ben.locator("#bell [data-bell-count]")).to_be_hidden()
    ben.get_by_role("button", name=re.compile("^Mark as unread")).click()
    expect(ben.locator("#bell [data-bell-count]")).to_have_text("1")
    ben.keyboard.press("Escape")
    expect(ben.locator("#bellbox")).to_be_hidden()


def test_sounds_are_made_here_and_can_be_heard(scene: Scene) -> None:
    page = scene.context().new_page()
    scene.complaints.listen(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/settings/notifications/")
    page.evaluate(
        """() => { window.made = []; const real = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () {
            const one = real.call(this); made.push(one); return one; } }"""
    )
    for sound, tones in (("drop", 1), ("chime", 2), ("knock", 2), ("bell", 2)):
        page.evaluate("made.length = 0")
        page.locator("[data-sound-choice]").select_option(sound)
        page.get_by_role("button", name="Listen").click()
        page.wait_for_function("count => made.length === count", arg=tones)
    assert not [url for url in asked if re.search(r"\.(mp3|ogg|wav)", url)]


def test_settings_by_hand(scene: Scene) -> None:
    page = scene.context().new_page()
    scene.complaints.listen(page)
    page.goto("/settings/notifications/")
    page.get_by_label("Email: A new text in a conversation of mine").uncheck()
    page.get_by_label("Saturday").check()
    page.get_by_label("From", exact=True).fill("20:00")
    page.get_by_label("To", exact=True).fill("08:00")
    page.get_by_label("Emails", exact=True).select_option("60")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.get_by_label("Email: A new text in a conversation of mine")).not_to_be_checked()
    expect(page.get_by_label("Saturday")).to_be_checked()
    expect(page.get_by_label("From", exact=True)).to_have_value("20:00")
    page.get_by_role("button", name="1 hour").click()
    expect(page.get_by_text("Paused until")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Paused until")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_nothing_for_axe_to_find(size: str, theme: str, play: Callable[..., Scene]) -> None:
    scene, wrong = play(), dict[str, object]()
    _, key = scene.started()
    assign_to_ben(scene.open(who="ana"), key)
    context = scene.context("ben", size=size, theme=theme)
    page = open_page_of(scene, context.new_page(), "/notifications/")
    expect(page.locator(".noted__line")).to_have_count(1)
    check(page, wrong, "the page")
    page.goto("/settings/notifications/")
    check(page, wrong, "the settings")
    if size == "desk":
        page.goto("/inbox/open/")
        page.locator("#bell").click()
        expect(page.locator("#bellbox")).to_be_visible()
        check(page, wrong, "the bell's list")
    assert wrong == {}


def open_page_of(scene: Scene, page: Page, path: str) -> Page:
    page.context.add_init_script(path=open_page.__globals__["AXE"])
    scene.complaints.listen(page)
    page.goto(path)
    return page


PUSHED = {"title": "New text from Dana", "body": "", "url": "/notifications/", "tag": "n7", "unread": 3}


def worker_of(page: Page) -> tuple[CDPSession, str]:
    """The service worker of the desk, and what Chromium calls its registration."""
    page.goto("/settings/")
    page.evaluate("navigator.serviceWorker.register('/sw.js').then(() => null)")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    cdp = page.context.new_cdp_session(page)
    found: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    cdp.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        page.wait_for_timeout(100)
    return cdp, found[0]


SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(one => [one.title, one.body, one.tag, one.data.url])"""


def test_the_service_worker_shows_what_is_pushed(scene: Scene) -> None:
    """The push service is left out: Chromium's own test switch hands the message to the worker."""
    context = scene.context("ben", permissions=["notifications"])
    page = context.new_page()
    cdp, key = worker_of(page)
    message = {"origin": scene.url, "registrationId": key, "data": json.dumps(PUSHED)}
    cdp.send("ServiceWorker.deliverPushMessage", message)
    page.wait_for_timeout(1000)
    assert page.evaluate(SHOWN) == [], "whoever looks at the desk is not told beside it"
    page.goto("about:blank")
    cdp.send("ServiceWorker.deliverPushMessage", message)
    page.wait_for_timeout(1000)
    page.goto("/settings/")
    assert page.evaluate(SHOWN) == [["New text from Dana", "", "n7", "/notifications/"]]


def test_a_browser_is_told_what_to_do_where_there_are_no_pushes(scene: Scene) -> None:
    agent = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
    )
    context = scene.context("ben", size="phone", user_agent=agent)
    context.add_init_script("delete window.PushManager")
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto("/settings/notifications/")
    expect(page.locator("[data-push-words]")).to_contain_text("Add to Home Screen")
    expect(page.locator("[data-push-on]")).to_be_hidden()
