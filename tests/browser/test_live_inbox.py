"""The inbox moves by itself: rows, the open thread, unread texts and counts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.house import Scene, is_same, reply, stamped


def names(page: Page, group: str) -> list[str]:
    """Whom the rows of a group belong to, from top to bottom."""
    return page.locator(f'[data-group="{group}"] .conv__name').all_inner_texts()


def test_a_text_appears_at_its_place_in_the_list(scene: Scene) -> None:
    """Who waits longest stands first; a second text of theirs moves nothing; an answer moves them down."""
    page = scene.open()
    expect(page.locator("#convlist-rows .empty")).to_be_visible()
    stamped(page)
    first, second = scene.phone(), scene.phone()
    first.text("Where is my car?")
    expect(page.locator(".conv")).to_have_count(1)
    second.text("Is anybody there?")
    expect(page.locator(".conv")).to_have_count(2)
    assert names(page, "reply") == [first.pretty, second.pretty]
    expect(page.locator("#convlist-rows .empty")).to_be_hidden()
    expect(page.locator("#count-open")).to_have_text("2")
    expect(page.locator("#count-unassigned")).to_have_text("2")
    expect(page.locator("#group-total-reply")).to_have_text("2")

    first.text("Hello?")
    row = page.locator(".conv", has_text=first.pretty)
    expect(row.locator(".conv__prev")).to_contain_text("Hello?")
    expect(row.locator(".unread")).to_have_text("2 unread")
    assert names(page, "reply") == [first.pretty, second.pretty]

    row.locator(".conv__name").click()
    expect(page.locator("#thread-head h2")).to_have_text(first.pretty)
    expect(row.locator(".unread")).to_have_count(0)
    page.locator("#composer-text").fill("On its way.")
    page.locator("#composer [data-send]:visible").click()
    expect(page.locator('[data-group="customer"] .conv')).to_have_count(1)
    assert names(page, "reply") == [second.pretty]
    assert names(page, "customer") == [first.pretty]
    expect(page.locator("#group-total-customer")).to_have_text("1")
    assert is_same(page)


def test_a_text_appears_in_the_open_thread_exactly_once(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    stamped(page)
    for n in range(5):
        phone.text(f"One more thing {n}")
    bubbles = page.locator("#thread-log .msg--in .bubble")
    expect(bubbles).to_have_count(6)
    assert bubbles.all_inner_texts() == ["Where is my car?", *(f"One more thing {n}" for n in range(5))]
    expect(page.locator(f"#conv-{key} .unread")).to_have_count(0)
    expect(page.locator("#new-pill")).to_be_hidden()
    assert is_same(page)


def test_whoever_has_scrolled_up_is_told_and_not_moved(scene: Scene) -> None:
    phone, key = scene.started("The door was shut and the light was on. " * 25)
    for _ in range(4):
        phone.text("The car stood in the street all day. " * 25)
    page = scene.open(f"/c/{key}/")
    box = page.locator("#thread-scroll")
    expect(page.locator("#thread-log .msg")).to_have_count(5)
    reply(page, "One moment.")
    expect(page.locator("#thread-log .msg--out").get_by_text("Delivered")).to_be_visible()
    box.evaluate("box => box.scrollTop = 100")
    phone.text("Are you there?")
    expect(page.locator("#new-pill")).to_have_text("1 new")
    phone.text("Hello?")
    expect(page.locator("#new-pill")).to_have_text("2 new")
    assert box.evaluate("box => box.scrollTop") == 100
    expect(page.locator(f"#conv-{key} .unread")).to_have_text("2 unread")

    page.locator("#new-pill").click()
    expect(page.locator("#new-pill")).to_be_hidden()
    expect(page.get_by_text("Hello?").last).to_be_in_viewport()
    expect(page.locator(f"#conv-{key} .unread")).to_have_count(0)


def test_the_counts_of_every_view_follow(scene: Scene) -> None:
    _, key = scene.started()
    page = scene.open(f"/c/{key}/")
    number = scene.made["numbers"][0]["id"]
    expect(page.locator("#count-unassigned")).to_have_text("1")
    expect(page.locator(f"#count-channel-{number}")).to_have_text("1")
    ben = scene.open(f"/c/{key}/", "ben")
    ben.keyboard.press("i")
    expect(page.locator("#count-unassigned")).to_have_text("0")
    expect(page.locator("#count-mine")).to_have_text("0")
    expect(ben.locator("#count-mine")).to_have_text("1")
    ben.keyboard.press("e")
    for looking in (page, ben):
        expect(looking.locator("#count-open")).to_have_text("0")
        expect(looking.locator("#count-done")).to_have_text("1")
        expect(looking.locator(f"#count-channel-{number}")).to_have_text("0")
