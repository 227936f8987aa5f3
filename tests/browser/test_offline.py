"""Away from the desk: what was opened can be read, what was sent goes out once, and signing out leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import Scene, is_live, reply
from tests.browser.wire import Wire
from tests.journeys.installation import PATIENCE
from tests.ops.processes import wait_for

PATHS = """() => new Promise(done => { const asked = indexedDB.open('twoway-kept', 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore('pages', {keyPath: 'path'});
        asked.result.createObjectStore('own'); };
    asked.onsuccess = () => { const rows = asked.result.transaction('pages').objectStore('pages').getAll();
        rows.onsuccess = () => { done(rows.result.map(one => [one.path,
            new TextDecoder('latin1').decode(one.data)])); asked.result.close(); }; }; })"""


@pytest.fixture
def wire(scene: Scene) -> Iterator[Wire]:
    with Wire(scene.url) as wire:
        yield wire


def opened(scene: Scene, wire: Wire, path: str, *, keeps: bool = True, who: str = "ana") -> Page:
    """A page through the wire, on a device that keeps what is opened."""
    scene.complaints.allow("ERR_")
    scene.complaints.allow("Failed to load resource")
    context = scene.context(who)
    context.add_cookies([{"name": "sessionid", "value": scene.made["members"][who]["cookie"], "url": wire.url}])
    if keeps:
        context.add_init_script("localStorage.setItem('twoway.offline', '1')")
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto(wire.url + path)
    is_live(page)
    return page


def kept(page: Page, path: str) -> str:
    """What is kept of this path, as it lies in the browser's store."""

    def look() -> list[str]:
        return [data for one, data in page.evaluate(PATHS) if one == path]

    return wait_for(look, PATIENCE)[0]


def cut(wire: Wire, context: BrowserContext) -> None:
    wire.cut()
    context.set_offline(True)


def mend(wire: Wire, context: BrowserContext) -> None:
    wire.mend()
    context.set_offline(False)


def test_conversations_opened_lately_are_readable(scene: Scene, wire: Wire) -> None:
    phone, key = scene.started("Where is my car, exactly?")
    _, other = scene.started("Another matter")
    page = opened(scene, wire, "/inbox/open/")
    kept(page, "/inbox/open/")
    page.goto(f"{wire.url}/c/{key}/")
    is_live(page)
    stored = kept(page, f"/c/{key}/")
    assert "Where is my car" not in stored
    assert phone.number[2:] not in stored
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    cut(wire, page.context)
    page.reload()
    expect(page.locator("#thread-log")).to_contain_text("Where is my car, exactly?")
    expect(page.locator("#livebar")).to_contain_text("You're offline.")
    assert page.evaluate("getComputedStyle(document.querySelector('.rail')).display") == "flex"
    page.goto(f"{wire.url}/c/{other}/")
    expect(page.get_by_role("heading", name="You're offline.")).to_be_visible()
    page.get_by_role("link", name=phone.pretty).click()
    expect(page.locator("#thread-log")).to_contain_text("Where is my car, exactly?")
    mend(wire, page.context)
    phone.text("I found it")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#thread-log")).to_contain_text("I found it")
    expect(page.locator("#livebar")).to_be_hidden()


def test_what_is_sent_offline_goes_out_once(scene: Scene, wire: Wire) -> None:
    phone, key = scene.started()
    page = opened(scene, wire, f"/c/{key}/")
    kept(page, f"/c/{key}/")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    cut(wire, page.context)
    reply(page, "In bay B16.")
    expect(page.locator(".is-pending")).to_contain_text("Waiting for the connection")
    page.reload()
    expect(page.locator(".is-pending .bubble")).to_have_text("In bay B16.")
    mend(wire, page.context)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".is-pending")).to_have_count(0)
    expect(page.locator(".msg--out .bubble")).to_have_text(["In bay B16."])
    wait_for(phone.sent_to, PATIENCE)
    assert phone.sent_to() == ["In bay B16."]
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('twoway.outbox'))") == []


def test_a_closed_window_loses_nothing(scene: Scene, wire: Wire) -> None:
    phone, key = scene.started()
    page = opened(scene, wire, f"/c/{key}/", keeps=False)
    wire.cut()
    reply(page, "On its way.")
    expect(page.locator(".is-pending")).to_contain_text("Waiting for the connection")
    context = page.context
    page.close()
    wire.mend()
    pages = [context.new_page(), context.new_page()]
    for one in pages:
        one.goto(f"{wire.url}/inbox/open/")
    wait_for(phone.sent_to, PATIENCE)
    for one in pages:
        is_live(one)
        expect(one.locator("#convlist-rows")).to_contain_text("On its way.")
    assert phone.sent_to() == ["On its way."]


def test_news_since_stop_what_waited(scene: Scene, wire: Wire) -> None:
    """The customer wrote while the answer waited: it is shown first, and nothing is sent by itself."""
    phone, key = scene.started()
    page = opened(scene, wire, f"/c/{key}/", keeps=False)
    wire.cut()
    reply(page, "It is in bay B16.")
    expect(page.locator(".is-pending")).to_contain_text("Waiting for the connection")
    ben = scene.open(f"/c/{key}/", who="ben")
    reply(ben, "Look in bay B16.")
    expect(ben.locator(".msg--out")).to_have_count(1)
    wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#composer")).to_contain_text("Ben")
    expect(page.locator("#composer-text")).to_have_value("It is in bay B16.")
    assert phone.sent_to() == ["Look in bay B16."]


def test_nothing_is_kept_where_nobody_asked_for_it(scene: Scene, wire: Wire) -> None:
    _, key = scene.started()
    page = opened(scene, wire, f"/c/{key}/", keeps=False)
    page.wait_for_timeout(2500)
    assert page.evaluate(PATHS) == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0


def test_signing_out_takes_everything_away(scene: Scene, wire: Wire) -> None:
    _, key = scene.started()
    page = opened(scene, wire, f"/c/{key}/")
    kept(page, f"/c/{key}/")
    page.get_by_role("button", name="Ana: your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in · Twoway")
    assert page.evaluate(PATHS) == []


def test_the_app_can_be_installed(scene: Scene) -> None:
    page = scene.open()
    told = page.evaluate("fetch('/manifest.webmanifest').then(answer => answer.json())")
    assert (told["name"], told["display"], told["start_url"]) == ("Ridgeway Carshare", "standalone", "/inbox/open/")
    problems = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert json.dumps([one["errorId"] for one in problems if one["errorId"] != "in-incognito"]) == "[]"
    sizes = page.evaluate(
        """icons => Promise.all(icons.map(async one => { const image = new Image(); image.src = one.src;
        await image.decode(); return `${image.width}x${image.height}`; }))""",
        told["icons"],
    )
    assert sizes == [one["sizes"] for one in told["icons"]]
