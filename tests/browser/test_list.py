"""Working the list in a browser: several at once by key, touch and mouse, views, own keys, what is fetched ahead."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.house import Phone, Scene


def several(scene: Scene, count: int = 4, **options: object) -> tuple[Page, list[Phone], list[int]]:
    """An inbox with so many conversations, the one that waits longest first."""
    started = [scene.started(f"Question {n}") for n in range(count)]
    page = scene.open(**options)  # type: ignore[arg-type]
    expect(page.locator(".conv")).to_have_count(count)
    return page, [phone for phone, _ in started], [key for _, key in started]


def is_open(page: Page, phone: Phone) -> None:
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)


def test_several_are_selected_changed_and_restored_by_key_alone(scene: Scene) -> None:
    page, _, keys = several(scene)
    press = page.keyboard.press
    page.locator(f"#conv-{keys[0]} .conv__name").focus()
    press("x")
    press("Shift+J")
    expect(page.locator("#bulk-live")).to_have_text("2 selected")
    expect(page.locator(".conv[data-selected]")).to_have_count(2)
    press("e")
    expect(page.locator("#toasts .toast")).to_contain_text("2 conversations marked done.")
    expect(page.locator(".conv")).to_have_count(2)
    expect(page.locator("#bulk-bar")).to_be_hidden()
    press("z")
    expect(page.locator(".conv")).to_have_count(4)
    expect(page.locator("#toasts .toast").last).to_contain_text("2 conversations are as they were.")
    press("Shift+X")
    expect(page.locator("#bulk-live")).to_have_text("4 selected")
    press("h")
    expect(page.locator("#popover .menu__item").first).to_be_focused()
    press("2")
    expect(page.locator(".conv")).to_have_count(0)
    expect(page.locator("#count-snoozed")).to_have_text("4")


def test_shift_and_the_mouse_select_a_range_and_escape_ends_it(scene: Scene) -> None:
    page, _, keys = several(scene)
    page.locator(f"#conv-{keys[0]}").hover()
    page.locator(f"#conv-{keys[0]} [data-pick]").check()
    page.locator(f"#conv-{keys[2]} .conv__name").click(modifiers=["Shift"])
    expect(page.locator(".conv[data-selected]")).to_have_count(3)
    expect(page.locator("#thread-head")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".conv[data-selected]")).to_have_count(0)
    expect(page.locator("#bulk-bar")).to_be_hidden()


def test_a_selected_row_that_a_colleague_finishes_leaves_the_selection(scene: Scene) -> None:
    page, _, keys = several(scene)
    page.locator(f"#conv-{keys[0]} .conv__name").focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    ben = scene.open(who="ben")
    ben.locator(f"#conv-{keys[0]} .conv__name").focus()
    ben.keyboard.press("e")
    expect(page.locator(f"#conv-{keys[0]}")).to_have_count(0)
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")


def test_the_next_conversation_is_there_before_the_key_and_read_once_it_is_shown(scene: Scene) -> None:
    page, phones, keys = several(scene)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(f"{request.method} {request.url.removeprefix(scene.url)}")

    page.on("request", note)
    page.keyboard.press("j")
    is_open(page, phones[0])
    page.wait_for_function(f"() => performance.getEntriesByName('{scene.url}/c/{keys[1]}/?peek=1').length > 0")
    expect(page.locator(f"#conv-{keys[1]}")).to_have_class("conv is-unread")
    page.keyboard.press("j")
    is_open(page, phones[1])
    expect(page.locator(f"#conv-{keys[1]}")).to_have_class("conv")
    assert f"GET /c/{keys[1]}/" not in asked
    assert f"POST /c/{keys[1]}/read/" in asked
    assert f"POST /c/{keys[2]}/read/" not in asked
    expect(page).to_have_url(f"{scene.url}/c/{keys[1]}/")
    page.locator("#composer-text").fill("Just here, kneeling.")
    page.locator("#composer-text").press("Control+Enter")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phones[1].sent_to() == ["Just here, kneeling."]


def test_what_comes_in_meanwhile_is_in_what_was_fetched_ahead(scene: Scene) -> None:
    page, phones, keys = several(scene, 2)
    page.keyboard.press("j")
    is_open(page, phones[0])
    page.wait_for_function(f"() => performance.getEntriesByName('{scene.url}/c/{keys[1]}/?peek=1').length > 0")
    phones[1].text("One more thing")
    expect(page.locator(f"#conv-{keys[1]} .conv__prev")).to_contain_text("One more thing")
    page.keyboard.press("j")
    is_open(page, phones[1])
    expect(page.locator("#thread-log")).to_contain_text("One more thing")


def test_a_members_own_key_works_and_is_shown_everywhere(scene: Scene) -> None:
    page, phones, keys = several(scene, 2)
    page.goto("/profile/keys/")
    page.get_by_label("Done", exact=True).fill("d")
    page.get_by_label("Go to the next conversation").check()
    page.get_by_role("button", name="Save").click()
    page.goto("/inbox/open/")
    expect(page.locator(".hints")).to_contain_text("D done")
    page.keyboard.press("j")
    is_open(page, phones[0])
    page.locator("[data-act=done] button").hover()
    expect(page.locator("[data-act=done] button")).to_have_attribute("title", "Mark done  D")
    page.keyboard.press("e")
    page.keyboard.press("d")
    is_open(page, phones[1])
    expect(page.locator(f"#conv-{keys[0]}")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#dialog [data-command=done] kbd")).to_have_text("D")


def test_with_alt_a_key_works_while_writing(scene: Scene) -> None:
    page, phones, _ = several(scene, 2)
    page.keyboard.press("j")
    is_open(page, phones[0])
    page.keyboard.press("r")
    page.keyboard.type("on jokes")
    expect(page.locator("#composer-text")).to_have_value("on jokes")
    page.keyboard.press("Alt+i")
    expect(page.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Ana")
    expect(page.locator("#composer-text")).to_have_value("on jokes")


def test_marked_unread_it_stays_so_until_it_is_opened_again(scene: Scene) -> None:
    page, phones, keys = several(scene, 1)
    page.keyboard.press("j")
    is_open(page, phones[0])
    expect(page.locator(f"#conv-{keys[0]}")).not_to_have_class("is-unread")
    page.keyboard.press("u")
    expect(page.locator(f"#conv-{keys[0]}.is-unread")).to_be_visible()
    expect(page.locator("#thread-head")).to_have_count(0)


def test_a_view_is_made_and_counts_by_itself(scene: Scene) -> None:
    page, _, _ = several(scene, 2)
    page.get_by_label("New saved view").click()
    page.get_by_label("Name", exact=True).fill("Unread ones")
    page.get_by_label("About").select_option("unread")
    expect(page.locator("#view-count")).to_have_text("2 conversations are like this now.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("#convlist h2")).to_have_text("Unread ones")
    expect(page.locator(".conv")).to_have_count(2)
    line = page.locator(".views__item", has_text="Unread ones")
    expect(line.locator(".count")).to_have_text("2")
    scene.started("A third")
    expect(page.locator(".conv")).to_have_count(3)
    expect(line.locator(".count")).to_have_text("3")


def test_the_head_narrows_the_list_and_a_group_stays_folded(scene: Scene) -> None:
    page, _, keys = several(scene, 2)
    page.locator(f"#conv-{keys[0]} .conv__name").focus()
    page.keyboard.press("i")
    expect(page.locator("#count-mine")).to_have_text("1")
    page.keyboard.press("f")
    page.get_by_label("Assigned to").select_option("nobody")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".conv")).to_have_count(1)
    expect(page).to_have_url(f"{scene.url}/inbox/open/?assignee=nobody")
    page.get_by_role("button", name="Needs a reply").click()
    expect(page.locator(".conv")).to_be_hidden()
    page.reload()
    expect(page.locator(".conv")).to_be_hidden()


SWIPE = """([id, by]) => {
    const row = document.getElementById(`conv-${id}`).querySelector('.conv__name')
    const at = (type, x) => row.dispatchEvent(new PointerEvent(type, {
        pointerType: 'touch', pointerId: 7, clientX: x, clientY: row.getBoundingClientRect().top + 5, bubbles: true}))
    at('pointerdown', 180)
    for (const part of [0.3, 0.6, 1]) at('pointermove', 180 + by * part)
    at('pointerup', 180 + by)
}"""


@pytest.mark.parametrize("by", [130, -130])
def test_a_swipe_is_done_or_snooze_and_can_be_taken_back(scene: Scene, by: int) -> None:
    page, _, keys = several(scene, 2, size="phone", has_touch=True)
    page.evaluate(SWIPE, [keys[0], by])
    if by < 0:
        page.locator("#popover .menu__item").first.click()
    expect(page.locator(f"#conv-{keys[0]}")).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#conv-{keys[0]}")).to_be_visible()
    page.evaluate(SWIPE, [keys[0], 30])
    expect(page.locator(f"#conv-{keys[0]}")).to_be_visible()


def test_a_long_press_selects_on_a_phone_and_then_a_tap_does(scene: Scene) -> None:
    page, _, keys = several(scene, 3, size="phone", has_touch=True)
    page.evaluate(
        "id => document.getElementById(`conv-${id}`).dispatchEvent(new PointerEvent('pointerdown',"
        " {pointerType: 'touch', clientX: 90, clientY: 200, bubbles: true}))",
        keys[0],
    )
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")
    page.locator(f"#conv-{keys[1]} .conv__name").tap()
    page.locator(f"#conv-{keys[1]} .conv__name").tap()
    page.locator(f"#conv-{keys[2]} .conv__name").tap()
    expect(page.locator(".conv[data-selected]")).to_have_count(2)
    for box in page.locator("#bulk-bar .btn--icon").all():
        size = box.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 44
    page.get_by_label("Mark done").first.tap()
    expect(page.locator(".conv")).to_have_count(1)
