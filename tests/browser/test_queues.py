"""Queues in a browser: being there, the next one who waits, handing over to a manager; nothing for axe to find."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import Scene, is_live
from tests.browser.test_media import AXE, axe


def add_queue(scene: Scene, *, mode: str) -> Page:
    """A queue made on its page, by Ana."""
    page = scene.context().new_page()
    scene.complaints.listen(page)
    page.add_init_script(path=AXE)
    page.goto("/settings/queues/add/")
    page.get_by_label("Name", exact=True).fill("Care")
    page.locator('select[name="mode"]').select_option(mode)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("table .rowlink")).to_have_text("Care")
    return page


def test_being_there_is_chosen_by_mouse_and_by_key(scene: Scene) -> None:
    ana = add_queue(scene, mode="pull")
    assert axe(ana) == []
    ben = scene.open("/inbox/open/", "ben")
    ben.locator(".rail__me").click()
    ben.locator("#presence-online").click()
    expect(ben.locator("#presence")).to_have_attribute("data-state", "online")
    expect(ben.locator("#presence-dot")).to_have_class(re.compile("here-dot--online"))
    ben.keyboard.press("Escape")
    ben.keyboard.press("Shift+B")
    expect(ben.locator("#toasts")).to_contain_text("You're on break")
    expect(ben.locator("#presence-dot")).to_have_class(re.compile("here-dot--break"))
    ben.keyboard.press("Control+k")
    ben.locator("#palette-q").fill("> go online")
    ben.locator('#palette-list [data-press="online"]').click()
    expect(ben.locator("#presence-dot")).to_have_class(re.compile("here-dot--online"))

    ana.goto("/presence/here/")
    line = ana.locator(".here-list__line", has_text="Ben")
    expect(line).to_contain_text("Online")
    line.get_by_role("button", name="Set away: Ben").click()
    expect(line).to_contain_text("Away")
    assert axe(ana) == []


def test_who_never_chose_goes_online_from_the_inbox(scene: Scene) -> None:
    ana = add_queue(scene, mode="push")
    expect(ana.locator(".nobody")).to_contain_text("Nobody is online for Care. Who could be: Ana, Ben.")
    assert axe(ana) == []
    ben = scene.context("ben").new_page()
    scene.complaints.listen(ben)
    ben.add_init_script(path=AXE)
    ben.goto("/inbox/open/")
    is_live(ben)
    missed = ben.locator("#presence-missed")
    expect(missed).to_contain_text("You're away, so no conversations are given to you.")
    _, key = scene.started("My modem drops")
    expect(missed).to_contain_text("1 conversation waits in your queues, and you're away.")
    assert axe(ben) == []
    missed.get_by_role("button", name="Go online").press("Enter")
    expect(missed).to_be_empty()
    expect(ben.locator("#toasts")).to_contain_text("You're online")
    expect(ben.locator(f"#conv-{key} .queuemark")).to_have_count(0)
    ana.reload()
    expect(ana.locator(".nobody")).to_have_count(0)


def test_queues_change_places(scene: Scene) -> None:
    page = add_queue(scene, mode="pull")
    page.goto("/settings/queues/add/")
    page.get_by_label("Name", exact=True).fill("Also")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("table .rowlink")).to_have_text(["Care", "Also"])
    page.get_by_role("button", name="Move Also up").click()
    expect(page.locator("table .rowlink")).to_have_text(["Also", "Care"])
    page.goto("/inbox/open/")
    expect(page.locator(".views__item", has_text="Care")).to_be_visible()
    assert page.locator(".views__item[data-key^=queue-] span:first-of-type").all_inner_texts() == ["Also", "Care"]


def test_next_takes_the_one_who_waits_and_then_says_nobody_does(scene: Scene) -> None:
    add_queue(scene, mode="pull")
    _, key = scene.started("My modem drops")
    ben = scene.open("/inbox/open/", "ben")
    queue = ben.locator(".views__item", has_text="Care")
    expect(queue.locator(".count")).to_have_text("1")
    expect(ben.locator(f"#conv-{key} .queuemark")).to_contain_text("Care")
    ben.keyboard.press("q")
    expect(ben.locator("#thread")).to_have_attribute("data-id", str(key))
    expect(ben.locator("#thread-log")).to_contain_text("My modem drops")
    expect(ben).to_have_url(re.compile(f"/c/{key}/"))
    expect(queue.locator(".count")).to_have_text("0")
    ben.locator("[data-take-next]").click()
    expect(ben.locator("#toasts")).to_contain_text("Nobody is waiting.")


def test_a_manager_gets_it_with_a_note(scene: Scene) -> None:
    _, key = scene.started("I will sue you")
    ben = scene.open(f"/c/{key}/", "ben")
    ben.locator(".thread__assign").click()
    ben.get_by_role("menuitem", name="Hand over with a note").click()
    ben.locator("#hand-who").select_option("manager")
    ben.locator("#hand-note").fill("Please take this one")
    ben.locator("#hand-over button[type=submit]").click()
    expect(ben.locator("#toasts")).to_contain_text("Handed over to Ana.")
    ana = scene.open(f"/c/{key}/")
    expect(ana.locator(".handoff")).to_contain_text("Ben handed this over")
    expect(ana.locator(".notebox")).to_contain_text("Please take this one")


def test_a_rule_is_built_and_tried(scene: Scene) -> None:
    page = add_queue(scene, mode="push")
    page.get_by_role("link", name="Add a rule").click()
    page.locator("#g0-r0-field").select_option("words")
    expect(page.locator("#g0-r0-op")).to_have_value("any_of")
    page.locator("#g0-r0-value").fill("refund, money back")
    expect(page.locator("#view-count")).to_contain_text("refund or money back")
    page.get_by_label("Name", exact=True).fill("Refunds")
    assert axe(page) == []
    page.locator("#view-form").get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".rulelist__name")).to_have_text("Refunds")
    page.get_by_role("link", name="Test a text").click()
    page.locator("#test-text").fill("I want my money back")
    page.get_by_role("button", name="What would happen?").click()
    expect(page.locator("#queue-outcome")).to_contain_text("Care")
    expect(page.locator("#queue-outcome .badge--ok")).to_have_count(1)
    assert axe(page) == []
    page.goto("/settings/escalation/")
    page.get_by_role("button", name="Use it: They sound upset").click()
    expect(page.locator("ul.rulelist")).to_contain_text("They sound upset")
    assert axe(page) == []
