"""Pictures in the inbox, in both directions, with a real browser: chosen, pasted, dropped, looked at, by keyboard."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import pictures
from tests.browser.house import Phone, Scene
from tests.ops.processes import REPOSITORY
from twoway.desk import simulator_photo

AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
PHOTO = simulator_photo.drawn()
LARGE = pictures.picture(1500, 1100, noise=True, quality=95)

_DROP = """
([data, name]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: "image/jpeg" }));
  const target = document.getElementById("thread-log");
  for (const type of ["dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
}
"""
_PASTE = """
([data, name]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: "image/png" }));
  document.getElementById("composer-text").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true }));
}
"""


def axe(page: Page) -> list[str]:
    """What axe finds wrong on the page now."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
    )
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found["violations"]]


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def talk(scene: Scene) -> tuple[Phone, int]:
    phone, conversation = scene.started("Hi, the car won't unlock. App says “vehicle offline”")
    return phone, conversation


def photo_from(scene: Scene, phone: Phone, *files: tuple[bytes, str, str], body: str = "") -> None:
    urls = []
    for data, ending, content_type in files:
        found = phone.carrier.keep_file(content=data, name=f"photo{ending}", content_type=content_type)
        urls.append(f"{scene.url}/carrier/files/{found}{ending}")
    phone.carrier.text_from_handset(
        handset=phone.number, desk=phone.desk, body=body, media_urls=urls, at=datetime.now(UTC)
    )


def test_a_photo_comes_in_and_can_be_looked_at(scene: Scene, talk: tuple[Phone, int]) -> None:
    phone, conversation = talk
    page = scene.open(f"/c/{conversation}/")
    photo_from(scene, phone, (PHOTO, ".jpg", "image/jpeg"))
    photo_from(
        scene,
        phone,
        *[(pictures.picture(500 + 200 * n, 500, form="PNG"), ".png", "image/png") for n in range(2)],
        (pictures.VCARD, ".vcf", "text/vcard"),
        (pictures.PDF, ".pdf", "application/pdf"),
        body="yes at bay B14, I've tried 3 times",
    )
    shown = page.locator("#thread-log .photo img")
    expect(shown).to_have_count(3)
    expect(page.locator("#thread-log .filetile b")).to_have_text(["Dana Whitfield.vcf", "document.pdf"])
    for each in range(3):
        page.wait_for_function("n => document.querySelectorAll('#thread-log .photo img')[n].naturalWidth > 0", arg=each)
    expect(page.locator(f"#conv-{conversation} .conv__prev")).to_contain_text("yes at bay B14")
    assert axe(page) == []
    shown.nth(1).click()
    viewer = page.locator("dialog.viewer")
    expect(viewer.locator(".viewer__name")).to_contain_text("2 of 3")
    page.wait_for_function("() => document.querySelector('.viewer > img').naturalWidth === 500")
    page.keyboard.press("ArrowRight")
    expect(viewer.locator(".viewer__name")).to_contain_text("3 of 3")
    page.keyboard.press("Home")
    expect(viewer.locator(".viewer__name")).to_contain_text("1 of 3")
    page.wait_for_function("() => document.querySelector('.viewer > img').naturalWidth > 1000")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page.locator("#thread-log .photo").first).to_be_focused()


def test_files_are_chosen_pasted_and_dropped_and_arrive(scene: Scene, talk: tuple[Phone, int]) -> None:
    phone, conversation = talk
    page = scene.open(f"/c/{conversation}/")
    page.locator("#composer-pick").set_input_files({"name": "bay.jpg", "mimeType": "image/jpeg", "buffer": LARGE})
    items = page.locator("#composer-files .attach__item")
    expect(items.locator("small").first).to_contain_text(", was ")
    page.evaluate(_PASTE, [encoded(pictures.drawing()), "map.png"])
    expect(items).to_have_count(2)
    page.evaluate(_DROP, [encoded(PHOTO), "dusk.jpg"])
    expect(items).to_have_count(3)
    expect(page.locator(".attach__item.is-uploading")).to_have_count(0)
    assert axe(page) == []
    page.get_by_role("button", name="Remove map.png").press("Enter")
    expect(items).to_have_count(2)
    expect(page.get_by_role("button", name="Remove dusk.jpg")).to_be_focused()
    page.reload()
    expect(items).to_have_count(2)
    page.locator("#composer-text").press("Control+Enter")
    expect(page.locator("#thread-log .msg--out .photo")).to_have_count(2)
    expect(items).to_have_count(0)
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_have_count(1)
    (text,) = [one for one in phone.carrier.thread(handset=phone.number, desk=phone.desk) if not one.from_handset]
    assert [url.rpartition("/")[2] for url in text.media_urls] == ["bay.jpg", "dusk.jpg"]
    answer = page.request.get(text.media_urls[0], headers={"cookie": ""})
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert len(answer.body()) <= 600 * 1024 < len(LARGE)


def test_what_is_too_big_is_said_and_a_note_takes_no_files(scene: Scene, talk: tuple[Phone, int]) -> None:
    _, conversation = talk
    page = scene.open(f"/c/{conversation}/")
    scene.complaints.allow("422")
    page.locator("#composer-pick").set_input_files({"name": "empty.jpg", "mimeType": "image/jpeg", "buffer": b""})
    expect(page.locator(".attach__error")).to_have_text("This file is empty.")
    page.locator("[data-note-toggle]").click()
    expect(page.get_by_role("button", name="Attach files")).to_be_hidden()
    expect(page.locator("#composer-files")).to_be_hidden()


def test_on_a_phone_in_the_dark(play: Callable[..., Scene]) -> None:
    scene = play()
    phone, conversation = scene.started("Hi, the car won't unlock.")
    page = scene.open(f"/c/{conversation}/", size="phone", theme="dark", has_touch=True, is_mobile=True)
    photo_from(scene, phone, (PHOTO, ".jpg", "image/jpeg"))
    page.wait_for_function("() => document.querySelector('#thread-log .photo img')?.naturalWidth > 0")
    camera = page.get_by_role("button", name="Take a photo")
    expect(camera).to_be_visible()
    assert page.locator("#composer-camera").get_attribute("capture") == "environment"
    page.locator("#composer-camera").set_input_files({"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": PHOTO})
    expect(page.locator("#composer-files .attach__item")).to_have_count(1)
    expect(page.locator(".attach__item.is-uploading")).to_have_count(0)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#thread-log .photo").first.click()
    expect(page.locator("dialog.viewer")).to_be_visible()


def test_the_simulated_phone_sends_and_shows_pictures(scene: Scene) -> None:
    page = scene.open("/simulator/")
    page.get_by_role("button", name="Send a photo").click()
    page.wait_for_function("() => document.querySelector('#phone-log .hb__pic img')?.naturalWidth > 0")
    page.locator("#convlist-rows .conv__name").first.click()
    page.wait_for_function("() => document.querySelector('#thread-log .photo img')?.naturalWidth > 0")
    page.locator("#composer-pick").set_input_files({"name": "map.jpg", "mimeType": "image/jpeg", "buffer": PHOTO})
    expect(page.locator("#composer-files .attach__item small")).to_have_count(1)
    page.locator("#composer-text").fill("Fern is in bay B16")
    page.locator("#composer-text").press("Control+Enter")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#phone-log .hb:not(.hb--me) img')].some((one) => one.naturalWidth > 0)"
    )
    assert axe(page) == []
