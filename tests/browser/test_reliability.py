"""Nothing is sent twice and nothing written is lost: double clicks, no network, a server that dies, another device."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.house import Phone, Scene, is_live, is_same, reply, stamped
from tests.journeys.installation import PATIENCE, kill
from tests.ops.processes import wait_for

BROKEN = ("ERR_", "status of 50")
"""What Chromium reports of a network or a server that is gone."""


def delivered_once(page: Page, phone: Phone, body: str) -> None:
    """One bubble, marked delivered, and one text at the carrier."""
    ours = page.locator("#thread-log .msg--out", has_text=body)
    expect(ours.locator(".ticks--done")).to_be_visible()
    expect(ours).to_have_count(1)
    assert phone.sent_to().count(body) == 1


def send_anyway(scene: Scene, page: Page) -> None:
    """Where their text was there before ours, the desk asks first."""
    scene.complaints.allow("status of 409")
    anyway = page.locator("#composer-news").get_by_role("button", name="Send anyway")
    expect(anyway.or_(page.locator("#thread-log .msg--out .ticks--done"))).to_be_visible()
    if anyway.is_visible():
        anyway.click()


def test_a_double_click_sends_once(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    page.locator("#composer-text").fill("In bay B16.")
    page.locator("#composer .for-text [data-send]").dblclick()
    delivered_once(page, phone, "In bay B16.")
    page.locator("#composer-text").fill("And the key is in the box.")
    page.locator("#composer-text").press("Control+Enter")
    page.keyboard.press("Control+Enter")
    delivered_once(page, phone, "And the key is in the box.")
    assert phone.sent_to() == ["In bay B16.", "And the key is in the box."]


def test_a_double_click_begins_one_conversation(scene: Scene) -> None:
    phone = scene.phone()
    page = scene.open()
    page.keyboard.press("c")
    page.locator("#new-to").fill(phone.number)
    page.locator("#new-body").fill("Your car is ready.")
    page.locator("#dialog").get_by_role("button", name="Send").dblclick()
    expect(page.locator("#thread-head h2")).to_have_text(phone.pretty)
    delivered_once(page, phone, "Your car is ready.")


def test_what_is_sent_without_a_network_goes_out_once_it_is_back(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    for words in BROKEN:
        scene.complaints.allow(words)
    stamped(page)
    page.context.set_offline(True)
    expect(page.locator("#livebar")).to_contain_text("You're offline.")
    reply(page, "In bay B16.")
    waiting = page.locator("#thread-log .msg--out")
    expect(waiting).to_contain_text("In bay B16.")
    expect(waiting).to_contain_text("Waiting for the connection")
    phone.text("Are you there?")
    assert scene.conversation(phone) == key
    assert phone.sent_to() == []

    page.context.set_offline(False)
    send_anyway(scene, page)
    delivered_once(page, phone, "In bay B16.")
    expect(page.locator("#livebar")).to_be_hidden()
    expect(page.locator("#thread-log .msg--in .bubble")).to_have_text(["Where is my car?", "Are you there?"])
    assert is_same(page)


def test_an_answer_that_gets_lost_is_asked_for_again(scene: Scene) -> None:
    """The server has the text but the browser never hears so, while the live stream is well: it tries again."""
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    scene.complaints.allow("ERR_")
    tries = []

    def lose_first(route: Route) -> None:
        tries.append(route.request.post_data)
        if len(tries) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route("**/reply/", lose_first)
    reply(page, "In bay B16.")
    wait_for(lambda: page.evaluate("localStorage.length === 0"), PATIENCE)
    delivered_once(page, phone, "In bay B16.")
    assert len(tries) == 2
    assert tries[0] == tries[1]
    page.reload()
    expect(page.locator("#thread-log .msg--out")).to_have_count(1)
    expect(page.locator("#composer-text")).to_have_value("")


def test_what_waits_is_there_again_after_a_look_elsewhere(scene: Scene) -> None:
    """The desk answers, but what is sent does not get through for a while."""
    (phone, key), (_, other) = scene.started(), scene.started()
    page = scene.open(f"/c/{key}/")
    scene.complaints.allow("ERR_")
    page.route("**/reply/", lambda route: route.abort())
    reply(page, "In bay B16.")
    waiting = page.locator("#thread-log .is-pending")
    expect(waiting).to_contain_text("Waiting for the connection")
    page.locator(f"#conv-{other} .conv__name").click()
    expect(page).to_have_url(f"{scene.url}/c/{other}/")
    expect(waiting).to_have_count(0)
    page.locator(f"#conv-{key} .conv__name").click()
    expect(waiting).to_contain_text("In bay B16.")
    expect(page.locator("#composer-text")).to_have_value("")
    assert phone.sent_to() == []
    page.unroute("**/reply/")
    delivered_once(page, phone, "In bay B16.")
    expect(waiting).to_have_count(0)


def test_a_server_that_dies_is_back_with_everything(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    for words in BROKEN:
        scene.complaints.allow(words)
    stamped(page)
    page.locator("#composer-text").fill("In bay B16.")
    killed = scene.house.installation.pids("web")
    for pid in killed:
        assert kill(pid)
    phone.text("Are you there?")
    page.locator("#composer-text").press("Control+Enter")

    send_anyway(scene, page)
    delivered_once(page, phone, "In bay B16.")
    expect(page.locator("#thread-log .msg--in .bubble")).to_have_text(["Where is my car?", "Are you there?"])
    is_live(page)
    expect(page.locator("#livebar")).to_be_hidden()
    phone.text("Thanks")
    expect(page.locator("#thread-log .msg--in .bubble")).to_have_text(["Where is my car?", "Are you there?", "Thanks"])
    assert is_same(page)
    wait_for(lambda: set(scene.house.installation.pids("web")) - set(killed), PATIENCE)


def test_a_draft_outlives_a_reload_and_is_on_the_other_device(scene: Scene) -> None:
    phone, key = scene.started()
    page = scene.open(f"/c/{key}/")
    with page.expect_response("**/draft/"):
        page.locator("#composer-text").press_sequentially("In bay B")
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("In bay B")
    other = scene.open(f"/c/{key}/", size="phone")
    expect(other.locator("#composer-text")).to_have_value("In bay B")
    ben = scene.open(f"/c/{key}/", "ben")
    expect(ben.locator("#composer-text")).to_have_value("")

    is_live(page)
    page.keyboard.press("r")
    page.keyboard.type("16.")
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("In bay B16.")
    page.locator("#composer-text").press("Control+Enter")
    delivered_once(page, phone, "In bay B16.")
    for device in (page, other):
        device.reload()
        expect(device.locator("#thread-log .msg--out .bubble")).to_have_text("In bay B16.")
        expect(device.locator("#composer-text")).to_have_value("")


def test_a_draft_waits_in_its_own_conversation(scene: Scene) -> None:
    """Going to another conversation and back; a note stays a note."""
    (_, first), (_, second) = scene.started(), scene.started()
    page = scene.open(f"/c/{first}/")
    page.locator("#composer-text").press_sequentially("For the first")
    page.locator(f"#conv-{second} .conv__name").click()
    expect(page).to_have_url(f"{scene.url}/c/{second}/")
    expect(page.locator("#composer-text")).to_have_value("")
    page.locator("[data-note-toggle]").click()
    page.locator("#composer-text").press_sequentially("A note for the second")
    page.locator(f"#conv-{first} .conv__name").click()
    expect(page.locator("#composer-text")).to_have_value("For the first")
    expect(page.locator("[data-note-toggle]")).to_have_attribute("aria-pressed", "false")
    page.locator(f"#conv-{second} .conv__name").click()
    expect(page.locator("#composer-text")).to_have_value("A note for the second")
    expect(page.locator("[data-note-toggle]")).to_have_attribute("aria-pressed", "true")
