"""The opt-in form: made in the centre, filled in on a phone, confirmed by text, proven in the ledger word for word."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.house import Phone, Scene
from tests.journeys.installation import PATIENCE
from tests.ops.processes import wait_for

LEDGER = """
    SELECT e.change, e.method, e.proof FROM consent_entry e
    WHERE e.workspace_id = %(workspace)s AND e.change = ANY(%(changes)s) ORDER BY e.position
"""


def proven(scene: Scene, *changes: str) -> list[dict[str, Any]]:
    """The entries of these kinds, once there is one."""
    installation, key = scene.house.installation, scene.made["id"]
    return wait_for(lambda: installation.rows(LEDGER, workspace=key, changes=list(changes)), PATIENCE)


def make_topic(page: Page) -> None:
    """By the centre's own form."""
    page.goto("/compliance/opt-in/topics/add/")
    page.locator("#id_label").fill("Trip updates")
    page.locator("#id_keyword").fill("trips")
    page.locator("#id_purpose").select_option("reminder")
    page.get_by_label("Ridgeway").check()
    page.locator("#id_frequency").fill("About 4 a month")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("cell", name="JOIN TRIPS")).to_be_visible()


def make_form(page: Page, slug: str, *, sites: str = "") -> None:
    """A form that offers the topic."""
    page.goto("/compliance/opt-in/forms/add/")
    page.locator("#id_name").fill("Web page")
    page.locator("#id_slug").fill(slug)
    page.get_by_label("Offer Trip updates").check()
    page.locator("#id_origins").fill(sites)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1")).to_be_visible()


def asked(phone: Phone) -> str:
    """The question on their phone."""
    wait_for(lambda: [words for who, words in phone.shows() if who == "desk"], PATIENCE)
    return phone.shows()[-1][1]


def test_a_form_is_filled_in_confirmed_by_text_and_proven(scene: Scene) -> None:
    desk = scene.open()
    make_topic(desk)
    slug = f"ridgeway-{scene.made['id']}"
    make_form(desk, slug)
    phone = scene.phone()
    page = scene.context(size="phone").new_page()
    scene.complaints.listen(page)
    page.goto(f"/join/{slug}/")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_label("First name").fill("Hana")
    page.get_by_label("Mobile number").fill(phone.number)
    scene.complaints.allow("status of 422")
    page.get_by_role("button", name="Text me").click()
    expect(page.get_by_text("Tick what you want to get.")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Hana")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    label = page.locator(".pub__boxes .check span").inner_text()
    disclosure = page.locator("#disclosure").inner_text()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Text me").click()
    expect(page.get_by_role("heading", name="Check your phone")).to_be_visible()

    assert asked(phone).startswith("Ridgeway: reply YES to get Trip updates texts. About 4 a month.")
    phone.text("Yes please")
    (entry,) = proven(scene, "confirmed")
    words = entry["proof"]["disclosure"]
    assert words.splitlines()[-1] == disclosure
    assert words.splitlines()[0].removeprefix("[x] ") == label.splitlines()[0]
    assert entry["proof"]["disclosure_sha256"] == hashlib.sha256(words.encode()).hexdigest()
    assert entry["proof"]["user_agent"].startswith("Mozilla/")
    wait_for(lambda: len(phone.sent_to()) == 2, PATIENCE)
    assert phone.sent_to()[1].startswith("Ridgeway: you're signed up for Trip updates.")
    desk.goto(f"/c/{scene.conversation(phone)}/")
    expect(desk.locator("#thread-log")).to_contain_text("They joined Trip updates")


@contextmanager
def site(url: str) -> Iterator[str]:
    """Another site, on a port of its own, that shows a form in a frame."""
    html = (
        f'<!doctype html><title>Shop</title><iframe src="{url}" title="Text with us" width="390" height="800"></iframe>'
    )

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_site_that_is_named_may_show_the_form_and_another_may_not(scene: Scene) -> None:
    desk = scene.open()
    make_topic(desk)
    slug = f"framed-{scene.made['id']}"
    with site(f"{scene.url}/join/{slug}/embed/") as shop, site(f"{scene.url}/join/{slug}/embed/") as stranger:
        make_form(desk, slug, sites=shop)
        expect(desk.locator("pre.code")).to_contain_text(f"/join/{slug}/embed/")
        phone = scene.phone()
        page = scene.context().new_page()
        scene.complaints.listen(page)
        page.context.clear_cookies()
        page.goto(f"{shop}/")
        frame = page.frame_locator("iframe")
        frame.get_by_label("Mobile number").fill(phone.number)
        frame.get_by_role("checkbox").check()
        frame.get_by_role("button", name="Text me").click()
        expect(frame.get_by_role("heading", name="Check your phone")).to_be_visible()
        assert page.context.cookies() == []
        (entry,) = proven(scene, "requested")
        assert entry["proof"]["source_url"] == f"{shop}/"

        scene.complaints.allow("frame-ancestors")
        scene.complaints.allow("favicon.ico")
        other = scene.context().new_page()
        scene.complaints.listen(other)
        other.goto(f"{stranger}/")
        expect(other.frame_locator("iframe").get_by_label("Mobile number")).to_have_count(0)
