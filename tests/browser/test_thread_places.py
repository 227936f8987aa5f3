"""The log in a browser: links to a text, places kept to the pixel, folds, all channels, the menu of a text, files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import Scene, is_live, reply

MANY = 130
_FILL = """
    INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, sender,
        recipient, body, encoding, segments, provider_id, created_at)
    SELECT c.workspace_id, c.id, c.channel_id, c.identity_id, CASE WHEN n %% 2 = 0 THEN 'in' ELSE 'out' END,
        CASE WHEN n %% 2 = 0 THEN 'received' ELSE 'delivered' END,
        CASE WHEN n %% 2 = 0 THEN 'customer' ELSE 'member' END, '', '',
        'Text ' || n || repeat(' and more of it', n %% 9),
        'GSM-7', 1, 'fill-' || c.id || '-' || n, now() - interval '20 days' + n * interval '31 minutes'
    FROM conversation c, generate_series(1, %(many)s) n WHERE c.id = %(id)s ORDER BY n RETURNING id
"""


_FIRST = "UPDATE message SET created_at = now() - interval '21 days' WHERE conversation_id = %(id)s RETURNING id"


def fill(scene: Scene, talk: int, many: int = MANY) -> list[int]:
    """Give a conversation many texts after those it has, half an hour apart; their ids."""
    scene.house.installation.rows(_FIRST, id=talk)
    return [int(row["id"]) for row in scene.house.installation.rows(_FILL, many=many, id=talk)]


@pytest.fixture
def long_log(scene: Scene) -> tuple[int, list[int]]:
    """A conversation with many texts, and the ids of all but its first."""
    _, talk = scene.started()
    return talk, fill(scene, talk)


def top_of(page: Page, message: int) -> float:
    """How far a text is below the top of the log's box, in pixels."""
    return float(
        page.evaluate(
            "id => document.getElementById(`msg-${id}`).getBoundingClientRect().top"
            " - document.getElementById('thread-scroll').getBoundingClientRect().top",
            message,
        )
    )


def open_history(page: Page) -> None:
    """The menu of the whole conversation."""
    page.locator("#thread-head").get_by_role("button", name="More").click()
    page.locator("#thread-more").get_by_text("History and files").click()


def scroll_to(page: Page, where: str) -> None:
    page.evaluate(f"() => {{ const box = document.getElementById('thread-scroll'); box.scrollTop = {where}; }}")


def history(page: Page) -> None:
    """Open days, files and transcript of the open conversation."""
    page.locator("#thread-head").get_by_role("button", name="More").click()
    page.locator("#thread-more").get_by_role("link", name="History and files").click()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_link_shows_its_text_and_both_ways_go_on(scene: Scene, long_log: tuple[int, list[int]], size: str) -> None:
    talk, ids = long_log
    target = ids[60]
    page = scene.open(f"/c/{talk}/?m={target}", size=size)
    expect(page.locator(f"#msg-{target}")).to_be_in_viewport()
    expect(page.locator(f"#msg-{target}")).to_be_focused()
    drawn = page.request.get(f"/c/{talk}/?m={target}").text()
    assert f'id="msg-{target}"' in drawn
    assert not any(f'id="msg-{far}"' in drawn for far in (ids[0], ids[-1]))
    first = int(str(page.locator("#thread-log .msg").first.get_attribute("id"))[4:])
    scroll_to(page, "0")
    before = top_of(page, first)
    expect(page.locator(f"#msg-{ids[0]}")).to_be_attached()
    assert abs(top_of(page, first) - before) < 1.5
    scroll_to(page, "box.scrollHeight")
    last = ids[60 + 24]
    at = top_of(page, last)
    expect(page.locator(f"#msg-{ids[-1]}")).to_be_attached()
    assert abs(top_of(page, last) - at) < 1.5
    assert page.locator("#thread-log .msg").count() == MANY + 1


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_reading_earlier_keeps_the_place(scene: Scene, long_log: tuple[int, list[int]], size: str) -> None:
    talk, ids = long_log
    page = scene.open(f"/c/{talk}/", size=size)
    expect(page.locator(f"#msg-{ids[-1]}")).to_be_in_viewport()
    for _ in range(2):
        first = int(str(page.locator("#thread-log .msg").first.get_attribute("id"))[4:])
        scroll_to(page, "0")
        before = top_of(page, first)
        expect(page.locator("#thread-log .msg").first).not_to_have_id(f"msg-{first}")
        assert abs(top_of(page, first) - before) < 1.5


def test_what_comes_in_while_one_reads_moves_nothing(scene: Scene) -> None:
    phone, talk = scene.started()
    fill(scene, talk, 40)
    page = scene.open(f"/c/{talk}/")
    scroll_to(page, "40")
    at = page.evaluate("document.getElementById('thread-scroll').scrollTop")
    phone.text("Are you there?")
    expect(page.locator("#new-pill")).to_have_text("1 new")
    assert page.evaluate("document.getElementById('thread-scroll').scrollTop") == at
    page.locator("#new-pill").click()
    expect(page.get_by_text("Are you there?").last).to_be_in_viewport()
    expect(page.locator("#new-pill")).to_be_hidden()


def test_what_comes_in_while_the_newest_is_not_loaded_waits_behind_the_pill(scene: Scene) -> None:
    phone, talk = scene.started()
    ids = fill(scene, talk)
    page = scene.open()
    with page.expect_response(lambda answer: "/live/delta/" in answer.url):  # what was there before is no news
        page.goto(f"/c/{talk}/?m={ids[20]}")
    is_live(page)
    phone.text("Are you there?")
    expect(page.locator("#new-pill")).to_have_text("1 new")
    assert page.locator("#thread-log").get_by_text("Are you there?").count() == 0
    page.locator("#new-pill").click()
    expect(page.locator("#thread-log").get_by_text("Are you there?")).to_be_in_viewport()
    assert page.locator(f"#msg-{ids[20]}").count() == 0
    assert page.locator("a#log-later").count() == 0


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_box_that_grows_keeps_the_bottom(scene: Scene, long_log: tuple[int, list[int]], size: str) -> None:
    talk, _ids = long_log
    page = scene.open(f"/c/{talk}/", size=size)
    last = "document.getElementById('thread-scroll')"
    page.locator("#composer-text").fill("One\n" * 8)
    page.wait_for_function(f"{last}.scrollHeight - {last}.scrollTop - {last}.clientHeight < 2")


def test_going_to_a_day_and_back(scene: Scene, long_log: tuple[int, list[int]]) -> None:
    talk, ids = long_log
    page = scene.open(f"/c/{talk}/")
    history(page)
    page.get_by_role("link", name="First text").click()
    expect(page.locator("#thread-log .msg.is-target")).to_be_in_viewport()
    history(page)
    page.locator("#popover").get_by_role("link", name="Newest").click()
    expect(page.locator(f"#msg-{ids[-1]}")).to_be_in_viewport()
    assert page.locator("a#log-later").count() == 0


def test_a_fold_opens_and_closes_in_place_and_is_remembered(scene: Scene) -> None:
    _, talk = scene.started("I'm back")
    installation = scene.house.installation
    ids = [int(row["id"]) for row in installation.rows(_FILL, many=12, id=talk)]
    closed = "(SELECT max(created_at) FROM message WHERE id = %(last)s) + interval '1 minute'"
    installation.rows(
        f"UPDATE episode SET closed_at = {closed} WHERE conversation_id = %(id)s RETURNING id", last=ids[-1], id=talk
    )
    installation.rows(
        "INSERT INTO episode (conversation_id, number, opened_at) VALUES (%(id)s, 2, now()) RETURNING id", id=talk
    )
    installation.rows("UPDATE conversation SET episode = 2 WHERE id = %(id)s RETURNING id", id=talk)
    page = scene.open(f"/c/{talk}/")
    line = page.locator("[data-episode-fold]")
    expect(line).to_contain_text("12 texts · done")
    assert page.locator(f"#msg-{ids[0]}").count() == 0
    line.click()
    expect(page.locator(f"#msg-{ids[0]}")).to_be_attached()
    expect(line).to_have_attribute("aria-expanded", "true")
    page.reload()
    is_live(page)
    expect(page.locator(f"#msg-{ids[0]}")).to_be_attached()
    line.click()
    expect(page.locator(f"#msg-{ids[0]}")).not_to_be_attached()
    expect(page.get_by_text("I'm back").last).to_be_visible()
    page.reload()
    expect(line).to_have_attribute("aria-expanded", "false")


def test_all_channels_in_one_log(play: Callable[..., Scene]) -> None:
    scene = play(numbers=[{"name": "Ridgeway"}, {"name": "Harbor"}])
    phone, talk = scene.started("Where is my car?")
    other = type(phone)(carrier=phone.carrier, number=phone.number, desk=scene.made["numbers"][1]["address"])
    other.text("And at the harbor?")
    there = scene.conversation(other)
    page = scene.open(f"/c/{talk}/")
    history(page)
    page.get_by_role("link", name="All channels").click()
    strange = page.locator(".msg--elsewhere")
    expect(strange).to_contain_text("And at the harbor?")
    expect(page.locator(".allchannels")).to_contain_text("Harbor")
    page.locator("[data-log-plain]").click()
    expect(strange).to_have_count(0)
    history(page)
    page.get_by_role("link", name="All channels").click()
    strange.locator(".msg__where").click()
    expect(page.locator("#thread")).to_have_attribute("data-id", str(there))


def test_the_menu_of_a_text(scene: Scene) -> None:
    _, talk = scene.started("Where is my car?")
    page = scene.open(f"/c/{talk}/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = page.locator("#thread-log .msg").last
    text.hover()
    text.locator("[data-msg-menu]").click()
    page.get_by_role("menuitem", name="Copy link").click()
    link = str(page.evaluate("navigator.clipboard.readText()"))
    assert re.fullmatch(rf"{scene.url}/c/{talk}/\?m=\d+", link)
    text.locator("[data-msg-menu]").click()
    page.get_by_role("menuitem", name="Copy text").click()
    assert page.evaluate("navigator.clipboard.readText()") == "Where is my car?"
    text.locator("[data-msg-menu]").click()
    page.get_by_role("menuitem", name="Details").click()
    expect(page.locator("#popover")).to_contain_text("Received")
    page.keyboard.press("Escape")
    text.locator("[data-msg-menu]").click()
    page.get_by_role("menuitem", name="Quote in a note").click()
    expect(page.locator("#composer-text")).to_have_value(re.compile("> Where is my car"))
    expect(page.locator("#composer")).to_have_attribute("data-note", "")


def test_the_menu_is_one_stop_for_the_keyboard(scene: Scene, long_log: tuple[int, list[int]]) -> None:
    talk, _ids = long_log
    page = scene.open(f"/c/{talk}/")
    assert page.locator('#thread-log [data-msg-menu][tabindex="0"]').count() == 1
    page.locator('#thread-log [data-msg-menu][tabindex="0"]').focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Copy text")).to_be_focused()


def test_a_reaction_and_a_place(scene: Scene) -> None:
    phone, talk = scene.started("Where is my car?")
    page = scene.open(f"/c/{talk}/")
    reply(page, "It's at Pine and 4th")
    expect(page.locator(".msg--out .ticks--done")).to_be_visible()
    phone.text("Liked “It’s at Pine…”")
    expect(page.locator(".msg--out .reaction")).to_contain_text("👍")
    phone.text("https://maps.google.com/?q=37.77490,-122.41940")
    expect(page.locator(".placecard")).to_contain_text("37.77490, -122.41940")


def test_a_transcript_is_taken(scene: Scene) -> None:
    _, talk = scene.started("Where is my car?")
    page = scene.open(f"/c/{talk}/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    history(page)
    page.get_by_role("link", name="Transcript").click()
    with page.expect_download() as taken:
        page.locator("#dialog").get_by_role("button", name="PDF").click()
    assert taken.value.suggested_filename.endswith(".pdf")
    page.locator("#dialog").get_by_role("button", name="Copy").click()
    expect(page.locator("#toasts")).to_contain_text("The transcript is copied.")
    assert "Where is my car?" in str(page.evaluate("navigator.clipboard.readText()"))
    with page.context.expect_page() as opened:
        page.locator("#dialog").get_by_role("button", name="Print view").click()
    expect(opened.value.locator(".printed__body")).to_have_text("Where is my car?")


def test_right_to_left_texts_stand_rightly(scene: Scene) -> None:
    phone, talk = scene.started("مرحبا، أين سيارتي؟")
    page = scene.open(f"/c/{talk}/")
    phone.text("Hello שלום 42")
    expect(page.get_by_text("Hello שלום 42").last).to_be_visible()
    found: list[Any] = page.locator("#thread-log .bubble").evaluate_all(
        "all => all.map(one => getComputedStyle(one).direction)"
    )
    assert found == ["rtl", "ltr"]


def test_no_page_asks_anybody_outside(scene: Scene) -> None:
    _, talk = scene.started("https://maps.google.com/?q=37.77490,-122.41940 and https://example.com/x.png")
    asked: list[str] = []
    page = scene.context().new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/c/{talk}/")
    expect(page.locator(".placecard")).to_be_visible()
    assert [url for url in asked if not url.startswith((scene.url, "data:", "blob:"))] == []
