"""The pages in a real browser on the whole program: first run, the round on the simulator, passkeys, and axe on each.

One installation serves the whole file, in order: each test begins with a browser of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import make
from tests.ops.processes import REPOSITORY, TWOWAY, clean_environment

CHROMIUM = shutil.which("chromium")
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
BUILT = REPOSITORY / "twoway" / "desk" / "static" / "desk" / "build" / "desk.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
LONGEST_WAIT = 30_000.0  # milliseconds; a text may be taken back for some seconds before it leaves
START_WITHIN = 300.0  # seconds; a machine that runs other things too
pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(not BUILT.exists(), reason="the assets are not built: make assets"),
]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A running installation with Ana as its owner."""

    base: str
    log: Path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=LONGEST_WAIT)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def fresh() -> Iterator[Desk]:
    """`twoway serve` in an empty data folder."""
    folder = Path(tempfile.mkdtemp(prefix="tw-"))
    log = folder / "log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [*TWOWAY, "serve", "--port", "0", "--data", str(folder / "data")],
            stdout=written,
            stderr=subprocess.STDOUT,
            env=clean_environment(),
        )
    try:
        yield Desk(base=_address(log, process), log=log)
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"Twoway is on (http://\S+)", log.read_text())
        if found and _answers(found[1]):
            return found[1]
        time.sleep(0.2)
    sys.stderr.write(log.read_text())
    raise AssertionError("twoway serve did not start")


def _answers(base: str) -> bool:
    try:
        with urlopen(f"{base}/readyz", timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Pages in contexts of their own. Anything the console reports as an error fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make_page(*, size: str = "desk", theme: Any = "light") -> Page:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        context.set_default_timeout(LONGEST_WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make_page
    for context in contexts:
        context.close()
    assert [words for words in complaints if "status of 4" not in words] == []


@pytest.fixture(scope="module")
def desk(fresh: Desk, browser: Browser) -> Desk:
    """The same after first run, filled in as a person does."""
    page = browser.new_page()
    page.goto(fresh.base)
    expect(page).to_have_url(f"{fresh.base}/setup/")
    assert axe(page) == []
    page.get_by_label("What is the business called?").fill("Ridgeway Carshare")
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Your email").fill("ana@example.com")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="You're the customer")).to_be_visible()
    page.close()
    return fresh


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong, as rule and element."""
    page.evaluate(AXE.read_text())
    ask = "rules => axe.run(document, {runOnly: rules}).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"
    found: list[str] = page.evaluate(ask, RULES)
    return found


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/account/sign-in/")
    page.get_by_label("Email").fill("ana@example.com")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))


def test_the_round_on_the_simulator(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Text in, open it, answer, see it delivered, STOP: all through webhooks, worker and carrier."""
    page = open_page()
    sign_in(page, desk.base)
    page.goto(f"{desk.base}/simulator/")
    done = page.locator("#sim-steps li.is-done")
    expect(done).to_have_count(0)
    page.get_by_role("button", name="Hi, my car won't unlock").click()
    row = page.locator("#convlist .conv", has_text="Hi, my car won't unlock")
    expect(row).to_be_visible()
    expect(done).to_have_count(1)
    row.locator(".conv__name").click()
    expect(done).to_have_count(2)
    expect(page).to_have_url(f"{desk.base}/simulator/")
    page.locator("#composer-text").fill("Ana here. It's unlocked now.")
    page.locator("#composer-text").press("Control+Enter")
    expect(page.locator("#phone-log .hb:not(.hb--me)")).to_contain_text("Ana here. It's unlocked now.")
    expect(done).to_have_count(4)
    page.get_by_role("button", name="Text STOP").click()
    expect(done).to_have_count(5)
    expect(page.locator("#composer")).to_contain_text("opted out")
    expect(page.locator("#phone-log .hb:not(.hb--me)").last).to_contain_text("You're opted out")
    assert axe(page) == []


def test_the_simulator_on_a_phone_shows_one_side_at_a_time(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page(size="phone", theme="dark")
    sign_in(page, desk.base)
    page.goto(f"{desk.base}/simulator/")
    expect(page.get_by_role("button", name="Start over")).to_be_hidden()
    page.get_by_label("Text message from").fill("Is anybody there?")
    page.get_by_label("Text message from").press("Enter")
    expect(page.locator("#phone-log .hb--me").last).to_contain_text("Is anybody there?")
    page.get_by_role("button", name="Inbox", exact=True).click()
    expect(page.locator("#phone")).to_be_hidden()
    expect(page.locator("#convlist .conv", has_text="Is anybody there?")).to_be_visible()
    assert axe(page) == []
    assert not is_too_wide(page)


def test_a_passkey_signs_in_is_a_second_step_and_is_removed(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Passkeys want a named host, so this one calls it localhost."""
    base = desk.base.replace("127.0.0.1", "localhost")
    page = open_page()
    _plug_in_authenticator(page)
    sign_in(page, base)
    page.goto(f"{base}/account/security/passkeys/add/")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    _sign_out(page, base)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/inbox/**")
    _sign_out(page, base)
    sign_in(page, base)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/inbox/**")

    page.goto(f"{base}/account/security/passkeys/")
    expect(page.get_by_text("This laptop").first).to_be_visible()
    page.get_by_role("link", name="Remove This laptop").click()
    page.wait_for_load_state()
    if page.get_by_role("heading", name="Is it still you?").is_visible():
        page.goto(f"{base}/account/confirm/?next=/account/security/passkeys/")
        page.get_by_label("Password").fill(make.PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("link", name="Remove This laptop").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No passkeys yet.")).to_be_visible()


def _plug_in_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _sign_out(page: Page, base: str) -> None:
    page.goto(f"{base}/account/sign-out/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/sign-in/**")


def test_on_an_address_of_digits_no_passkey_is_offered(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto(f"{desk.base}/account/sign-in/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


PAGES = (
    "/settings/",
    "/settings/general/",
    "/settings/people/",
    "/settings/people/1/",
    "/settings/people/add/",
    "/settings/teams/",
    "/settings/teams/add/",
    "/settings/tags/",
    "/settings/numbers/",
    "/settings/numbers/1/",
    "/settings/numbers/add/",
    "/settings/numbers/add/twilio/",
    "/settings/numbers/get/",
    "/settings/numbers/accounts/twilio/",
    "/settings/health/",
    "/settings/health/1/",
    "/settings/pools/",
    "/settings/pools/add/",
    "/settings/limits/",
    "/settings/limits/brands/add/",
    "/settings/limits/campaigns/add/",
    "/settings/quarantine/",
    "/settings/tokens/",
    "/settings/tokens/add/",
    "/profile/",
    "/simulator/",
    "/account/security/",
    "/account/password/",
    "/account/sign-out/",
    "/nowhere/",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_every_page_is_sound(size: str, theme: str, desk: Desk, open_page: Callable[..., Page]) -> None:
    """Nothing for axe to find, nothing wider than the screen, in either theme, on a desk and on a phone."""
    page = open_page(size=size, theme=theme)
    page.goto(f"{desk.base}/account/sign-in/")
    wrong = {"/account/sign-in/": axe(page)}
    sign_in(page, desk.base)
    for path in PAGES:
        page.goto(desk.base + path)
        wrong[path] = axe(page) + (["wider than the screen"] if is_too_wide(page) else [])
    assert {path: found for path, found in wrong.items() if found} == {}


def test_everything_in_settings_is_reached_by_keyboard(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, desk.base)
    page.goto(f"{desk.base}/settings/numbers/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Connect a number you have")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Get a number")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ridgeway Carshare")).to_be_visible()
