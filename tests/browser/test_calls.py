"""Somebody calls a text number, and a teammate calls a customer: on the simulated phone and in the desk, live."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import Phone, Scene, is_live


def number_of(scene: Scene) -> int:
    """The id of our number."""
    return int(scene.made["numbers"][0]["id"])


def plain(scene: Scene, path: str) -> Page:
    """A page that does not listen."""
    page = scene.context().new_page()
    scene.complaints.listen(page)
    page.goto(path)
    return page


def set_up(scene: Scene, does: str) -> None:
    """What happens with calls, the same inside and outside hours, as an owner sets it."""
    page = plain(scene, f"/settings/calls/{number_of(scene)}/")
    for half in ("open", "closed"):
        page.locator(f"#id_{half}-does").select_option(does)
        page.locator(f"#id_{half}-is_transcribed").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved.")


def simulator(scene: Scene, phone: Phone) -> Page:
    """The phone beside the inbox."""
    return scene.open(f"/simulator/?channel={number_of(scene)}&handset={phone.number.replace('+', '%2B')}")


def thread(scene: Scene, phone: Phone) -> Page:
    """Their conversation in the desk."""
    page = scene.open()
    page.locator(".conv", has_text=phone.pretty).locator(".conv__name").click()
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)
    return page


def test_a_missed_call_is_in_the_thread_and_texted_back(scene: Scene) -> None:
    set_up(scene, "text")
    desk, phone = scene.open(), scene.phone()
    page = simulator(scene, phone)
    page.locator(".handset__call button").click()
    expect(page.locator("#sim-calls")).to_contain_text("We're sending you a text")
    expect(page.locator("#sim-calls")).to_contain_text("The call is over")
    expect(page.locator("#phone-log")).to_contain_text("Sorry we missed your call")
    row = desk.locator('[data-group="reply"] .conv', has_text=phone.pretty)
    expect(row).to_have_count(1)
    row.locator(".conv__name").click()
    expect(desk.locator(".callcard")).to_contain_text("Missed call")
    expect(desk.locator(".callcard")).to_contain_text("We texted them back.")


def test_a_message_is_heard_and_read_in_the_thread(scene: Scene) -> None:
    set_up(scene, "voicemail")
    phone = scene.phone()
    page = simulator(scene, phone)
    page.locator(".handset__call button").click()
    expect(page.locator("#sim-calls")).to_contain_text("after the tone")
    desk = thread(scene, phone)
    expect(desk.locator(".callcard.is-live")).to_contain_text("They are calling")
    page.locator("#sim-calls input[name=words]").fill("The car at bay four won't open, please call me")
    page.get_by_role("button", name="Leave it").click()
    expect(page.locator("#sim-calls")).to_contain_text("Thank you. Goodbye.")
    card = desk.locator(".callcard")
    expect(card).to_contain_text("Voicemail, 0:04")
    expect(card.locator("audio")).to_have_count(1)
    expect(card).to_contain_text("The car at bay four won't open")
    desk.wait_for_function("() => Math.round(document.querySelector('.callcard audio').duration) === 4")


def ask_for_a_call(desk: Page) -> None:
    """Where there is little room, it is under More."""
    desk.locator("#thread-head").get_by_role("button", name="More").click()
    desk.locator("#thread-more").get_by_role("link", name="Call", exact=True).click()


def test_a_teammate_calls_a_customer(scene: Scene) -> None:
    phone, key = scene.started()
    desk = scene.open(f"/c/{key}/")
    ask_for_a_call(desk)
    desk.locator("#call-own").fill("+1 971 555 0188")
    desk.locator(".callmenu").get_by_role("button", name="Call").click()
    card = desk.locator(".callcard")
    expect(card).to_contain_text("Ana's own phone rings first")
    page = simulator(scene, phone)
    expect(page.locator("#sim-calls")).to_contain_text("(971) 555-0188 rings")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("#sim-calls")).to_contain_text("Enter the four digits on your screen")
    shown = re.search(r"enter (\d{4}) to be connected", card.inner_text())
    assert shown
    page.get_by_label("Keys").fill(shown[1])
    page.get_by_role("button", name="Press").click()
    expect(card).to_contain_text("their phone rings")
    expect(page.locator("#sim-calls")).to_contain_text(f"{phone.pretty} rings")
    page.get_by_role("button", name="Answer").click()
    expect(card).to_contain_text("in a call with them")
    ask_for_a_call(desk)
    expect(desk.locator(".callmenu")).to_contain_text("You are in a call already.")
    desk.keyboard.press("Escape")
    card.get_by_role("button", name="Hang up").click()
    expect(card).to_contain_text("Ana called them, 0:0")
    card.locator("input[name=note]").fill("Opened the car from here.")
    card.get_by_role("button", name="Reached").click()
    expect(card).to_contain_text("Reached")
    expect(desk.locator(".notebox")).to_contain_text("Opened the car from here.")
    expect(page.locator("#sim-calls")).to_be_empty()


def test_a_teammates_phone_that_nobody_picks_up(scene: Scene) -> None:
    phone, key = scene.started()
    desk = plain(scene, f"/c/{key}/call/")
    desk.locator("#call-own").fill("+1 971 555 0188")
    desk.locator(".callmenu").get_by_role("button", name="Call").click()
    expect(desk.locator(".callcard")).to_contain_text("own phone rings first")
    is_live(desk)
    page = simulator(scene, phone)
    page.get_by_role("button", name="Let it ring").click()
    expect(desk.locator(".callcard")).to_contain_text("didn't come about")
    expect(desk.locator(".callcard")).to_contain_text("own phone wasn't picked up")
