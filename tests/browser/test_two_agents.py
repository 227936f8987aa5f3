"""Two people at the same conversation, each in a browser of their own."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.house import Scene, is_same, reply, stamped


def test_each_sees_what_the_other_does(scene: Scene) -> None:
    phone, key = scene.started("Where is my car?")
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    for page in (ana, ben):
        expect(page.locator("#thread-log .msg--in .bubble")).to_have_text("Where is my car?")
        stamped(page)

    reply(ben, "In bay B16.")
    for page in (ana, ben):
        ours = page.locator("#thread-log .msg--out")
        expect(ours.locator(".bubble")).to_have_text("In bay B16.")
        expect(ours.locator(".msg__meta")).to_contain_text("Ben")
        expect(ours.locator(".ticks--done")).to_be_visible()
        expect(ours).to_have_count(1)

    reply(ana, "And the key is in the box.")
    for page in (ana, ben):
        expect(page.locator("#thread-log .msg--out .bubble")).to_have_text(
            ["In bay B16.", "And the key is in the box."]
        )
        assert is_same(page)
    assert phone.sent_to() == ["In bay B16.", "And the key is in the box."]


def test_who_has_it_shows_on_both(scene: Scene) -> None:
    _, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    ana.locator("#thread-head [data-open-popover=assign]").click()
    ana.locator("#popover").get_by_role("menuitemradio", name="Ben").click()
    for page in (ana, ben):
        expect(page.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Ben")
        expect(page.locator(f"#conv-{key} [role=img].av--agent")).to_have_attribute("aria-label", "Ben")
        expect(page.locator("#thread-log .event").last).to_contain_text("Ben")
    expect(ben.locator("#count-mine")).to_have_text("1")
    expect(ana.locator("#toasts .toast")).to_contain_text("Assigned to Ben.")
    ana.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(ben.locator("#count-mine")).to_have_text("0")
    expect(ben.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Assign")


def test_a_note_is_for_colleagues_and_never_for_the_phone(scene: Scene) -> None:
    phone, key = scene.started("Where is my car?")
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    ana.locator("[data-note-toggle]").click()
    expect(ana.get_by_text("Only your team sees this")).to_be_visible()
    ana.locator("#composer-text").fill("The modem has been dropping all day.")
    ana.locator("#composer").get_by_role("button", name="Add note").click()
    for page in (ana, ben):
        expect(page.locator("#thread-log .notebox__text")).to_have_text("The modem has been dropping all day.")
        expect(page.locator("#thread-log .notebox header")).to_contain_text("Ana")
        expect(page.locator("#thread-log .notebox")).to_have_count(1)

    reply(ben, "It's in bay B16.")
    expect(ana.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phone.shows() == [("me", "Where is my car?"), ("desk", "It's in bay B16.")]


def test_what_one_is_writing_is_not_touched_by_what_the_other_sends(scene: Scene) -> None:
    _, key = scene.started()
    ana, ben = scene.open(f"/c/{key}/"), scene.open(f"/c/{key}/", "ben")
    ana.locator("#composer-text").press_sequentially("I am still wri")
    reply(ben, "Done already.")
    expect(ana.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    expect(ana.locator("#composer-text")).to_be_focused()
    ana.keyboard.type("ting")
    expect(ana.locator("#composer-text")).to_have_value("I am still writing")
