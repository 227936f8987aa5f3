"""Send later and Undo, as a member does it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.house import Scene, is_same, reply, stamped


def test_undo_brings_the_words_back_and_nothing_leaves(play: Callable[..., Scene]) -> None:
    scene = play(undo={"ana": 20})
    phone, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    stamped(ana)
    reply(ana, "In bay B61.")
    expect(ana.locator("#thread-log .msg--out .msg__meta")).to_contain_text("Sending")
    expect(ben.locator("#thread-log .msg--out .bubble")).to_have_text("In bay B61.")
    ana.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(ana.locator("#composer-text")).to_have_value("In bay B61.")
    expect(ana.locator("#composer-text")).to_be_focused()
    for page in (ana, ben):
        expect(page.locator("#thread-log .msg--out")).to_have_count(0)
    assert phone.sent_to() == []
    assert is_same(ana)


def test_a_closed_browser_takes_nothing_back(play: Callable[..., Scene]) -> None:
    scene = play(undo={"ana": 5})
    phone, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    reply(ana, "In bay B16.")
    expect(ana.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()
    ana.context.close()
    expect(ben.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phone.sent_to() == ["In bay B16."]


def test_send_later_edit_and_now(scene: Scene) -> None:
    phone, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    stamped(ana)
    ana.locator("#composer-text").fill("See you at nine.")
    ana.locator("[data-send-more]").click()
    menu = ana.locator("#popover")
    menu.get_by_text("Don't send it if they answer first").click()
    menu.get_by_role("menuitem", name="Tomorrow morning").click()
    row = ana.locator("#later .later__row")
    expect(row).to_contain_text("See you at nine.")
    expect(row).to_contain_text("8:00 AM")
    expect(row).to_contain_text("unless they answer first")
    expect(ben.locator("#later .later__row")).to_contain_text("Ana")
    expect(ana.locator("#composer-text")).to_have_value("")
    row.get_by_role("button", name="Edit").click()
    expect(ana.locator("#composer-text")).to_have_value("See you at nine.")
    expect(row).to_have_count(0)
    ana.locator("[data-send-more]").click()
    menu.get_by_role("menuitem", name="Tomorrow morning").click()
    expect(ben.locator("#later .later__row")).to_have_count(1)
    phone.text("I'm here already")
    ben.locator("#later").get_by_role("button", name="Send now").click()
    for page in (ana, ben):
        expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
        expect(page.locator("#later .later__row")).to_have_count(0)
    assert phone.sent_to() == ["See you at nine."]
    assert is_same(ana)


def test_send_and_mark_done_from_the_menu(scene: Scene) -> None:
    phone, key = scene.started()
    ana = scene.open(f"/c/{key}/")
    ana.locator("#composer-text").fill("All set.")
    ana.locator("[data-send-more]").click()
    ana.locator("#popover").get_by_role("menuitem", name="Send and mark done").click()
    expect(ana.locator("#toasts")).to_contain_text("Sent and marked done.")
    expect(ana.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phone.sent_to() == ["All set."]
