"""The inbox without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.house import Phone, Scene, is_live

FOCUSED = "[...document.querySelectorAll(':focus')].at(-1)"


def is_focus_visible(page: Page) -> bool:
    """Whether what has the focus, or the row it is the name of, looks different from how it looks without.

    Looked at again when it does not: what came meanwhile may have moved it.
    """
    return any(_looks_different(page) for _ in range(3))


def _looks_different(page: Page) -> bool:
    place = page.evaluate(f"({FOCUSED}.closest('.conv') ?? {FOCUSED}).getBoundingClientRect().toJSON()")
    clip = {
        "x": max(place["x"] - 6, 0),
        "y": max(place["y"] - 6, 0),
        "width": place["width"] + 12,
        "height": place["height"] + 12,
    }
    page.evaluate(f"window.had = {FOCUSED}")
    with_it = page.screenshot(clip=clip, animations="disabled")  # type: ignore[arg-type]
    page.evaluate("window.had.blur()")
    without = page.screenshot(clip=clip, animations="disabled")  # type: ignore[arg-type]
    page.evaluate("window.had.focus({focusVisible: true})")
    return with_it != without


def three(scene: Scene) -> tuple[Page, list[Phone], list[int]]:
    """An inbox with three conversations, the one that waits longest first."""
    started = [scene.started(words) for words in ("Where is my car?", "Is anybody there?", "Hello?")]
    page = scene.open()
    expect(page.locator(".conv")).to_have_count(3)
    return page, [phone for phone, _ in started], [key for _, key in started]


def shows(page: Page, phone: Phone) -> None:
    """Wait until a phone's conversation is open."""
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)


def test_moving_reading_and_answering(scene: Scene) -> None:
    page, phones, keys = three(scene)
    press = page.keyboard.press
    press("j")
    shows(page, phones[0])
    expect(page.locator(f"#conv-{keys[0]} .conv__name")).to_be_focused()
    assert is_focus_visible(page)
    press("j")
    shows(page, phones[1])
    press("j")
    shows(page, phones[2])
    press("j")
    press("k")
    shows(page, phones[1])
    expect(page).to_have_url(f"{scene.url}/c/{keys[1]}/")
    expect(page.locator(f"#conv-{keys[1]}")).to_have_attribute("aria-current", "true")

    press("Enter")
    expect(page.locator("#thread-scroll")).to_be_focused()
    assert is_focus_visible(page)
    press("Enter")
    expect(page.locator("#composer-text")).to_be_focused()
    press("Escape")
    expect(page.locator("#thread-scroll")).to_be_focused()
    press("r")
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("Just here, kneeling.")
    expect(page.locator("#composer-text")).to_have_value("Just here, kneeling.")
    press("Control+Enter")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phones[1].sent_to() == ["Just here, kneeling."]
    expect(page.locator("#composer-text")).to_have_value("")


def test_done_and_back_again(scene: Scene) -> None:
    page, phones, keys = three(scene)
    page.keyboard.press("j")
    shows(page, phones[0])
    page.keyboard.press("e")
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Marked done.")
    expect(page.locator(f"#conv-{keys[0]}")).to_have_count(0)
    expect(page.locator("#count-done")).to_have_text("1")
    toast.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(f"#conv-{keys[0]}")).to_be_visible()
    expect(page.locator("#count-done")).to_have_text("0")

    page.locator(f"#conv-{keys[1]} .conv__name").focus()
    page.keyboard.press("Enter")
    shows(page, phones[1])
    page.keyboard.press("r")
    page.keyboard.type("It is all paid.")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator(f"#conv-{keys[1]}")).to_have_count(0)
    expect(page.locator("#count-done")).to_have_text("1")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()


def test_snoozing_tagging_assigning_and_noting(scene: Scene) -> None:
    page, phones, keys = three(scene)
    press = page.keyboard.press
    press("j")
    shows(page, phones[0])

    press("l")
    expect(page.locator("#tag-name")).to_be_focused()
    page.keyboard.type("Lockout")
    press("Enter")
    expect(page.locator(f"#conv-{keys[0]} .tag")).to_have_text("Lockout")
    expect(page.locator("#popover")).to_be_hidden()

    press("a")
    expect(page.locator("#popover .menu__item").first).to_be_focused()
    assert is_focus_visible(page)
    press("ArrowDown")
    expect(page.get_by_role("menuitemradio", name="Ben")).to_be_focused()
    press("Enter")
    expect(page.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Ben")
    expect(page.locator("#popover")).to_be_hidden()
    press("i")
    expect(page.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Ana")

    press("n")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.get_by_text("Only your team sees this")).to_be_visible()
    page.keyboard.type("Ask about the modem.")
    press("Control+Enter")
    expect(page.locator("#thread-log .notebox__text")).to_have_text("Ask about the modem.")

    press("Escape")
    press("h")
    expect(page.locator("#popover .menu__item").first).to_be_focused()
    press("2")
    expect(page.locator("#toasts .toast").last).to_contain_text("Snoozed until")
    expect(page.locator(f"#conv-{keys[0]}")).to_have_count(0)
    expect(page.locator("#count-snoozed")).to_have_text("1")
    assert phones[0].sent_to() == []


def test_a_new_conversation_with_a_number(scene: Scene) -> None:
    phone = scene.phone()
    page = scene.open()
    page.keyboard.press("c")
    expect(page.locator("#new-to")).to_be_focused()
    page.keyboard.type(phone.pretty)
    page.keyboard.press("Tab")
    expect(page.locator("#new-channel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Your car is ready.")
    send = page.locator("#dialog").get_by_role("button", name="Send", exact=True)
    for _ in range(10):  # past the files, what is said about the text, and Cancel
        page.keyboard.press("Tab")
        if send.evaluate("one => one === document.activeElement"):
            break
    expect(send).to_be_focused()
    assert is_focus_visible(page)
    page.keyboard.press("Enter")
    shows(page, phone)
    expect(page.locator("#thread-log .msg--out .bubble")).to_have_text("Your car is ready.")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    assert phone.shows() == [("desk", "Your car is ready.")]


def test_a_wrong_number_is_said_where_it_was_typed(scene: Scene) -> None:
    scene.complaints.allow("status of 422")
    page = scene.open()
    page.keyboard.press("c")
    expect(page.locator("#new-to")).to_be_focused()
    page.keyboard.type("12")
    page.locator("#new-body").fill("Your car is ready.")
    page.locator("#dialog").get_by_role("button", name="Send").press("Enter")
    expect(page.locator("#new-to-error")).to_be_visible()
    expect(page.locator("#new-to")).to_be_focused()
    expect(page.locator("#new-body")).to_have_value("Your car is ready.")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()


def test_jumping_with_the_palette(scene: Scene) -> None:
    page, phones, keys = three(scene)
    page.keyboard.press("/")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type(phones[2].number[-4:])
    expect(page.locator("#palette-list [role=option]").first).to_contain_text(phones[2].pretty)
    page.keyboard.press("Enter")
    shows(page, phones[2])
    expect(page.locator("#thread-scroll")).to_be_focused()

    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type("snoozed")
    expect(page.locator("#palette-list [role=option]")).to_have_count(1)
    expect(page.locator("#palette-list [role=option]")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{scene.url}/inbox/snoozed/")
    is_live(page)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type("zzz")
    expect(page.locator("#palette-list")).to_contain_text("No match for “zzz”.")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    assert keys


def test_the_list_of_shortcuts_and_escape(scene: Scene) -> None:
    page, phones, _ = three(scene)
    page.keyboard.press("?")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("#thread-head")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    shows(page, phones[0])
    page.keyboard.press("h")
    expect(page.locator("#popover")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#popover")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(f"{scene.url}/settings/")


def test_letters_are_letters_while_typing_and_when_switched_off(scene: Scene) -> None:
    page, phones, keys = three(scene)
    page.goto(f"/c/{keys[0]}/")
    is_live(page)
    page.keyboard.press("r")
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("jkrehlnaic/?")
    expect(page.locator("#composer-text")).to_have_value("jkrehlnaic/?")
    expect(page.locator("#popover")).to_be_hidden()
    expect(page.locator("#dialog")).to_be_hidden()
    shows(page, phones[0])
    expect(page.locator("#count-done")).to_have_text("0")

    page.goto("/profile/")
    switch = page.get_by_label("Single-key shortcuts")
    switch.uncheck()
    page.locator("form").filter(has=switch).get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    page.goto(f"/c/{keys[0]}/")
    is_live(page)
    for key in "ejchl?":
        page.keyboard.press(key)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.press("Escape")
    shows(page, phones[0])
    expect(page.locator("#count-done")).to_have_text("0")
    expect(page.locator("#dialog")).to_be_hidden()
