"""An installation to look at with browsers, the workspaces in it, and the phones that text them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.journeys.installation import PATIENCE, Installation
from tests.ops.processes import clean_environment, wait_for
from twoway.providers.simulator_carrier import CarrierStore

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
_STAGE = "import django; django.setup(); from tests.browser import stage; stage.main()"
_handsets = count()


class House:
    """A running installation. `workspace` makes another one in it, with Ana, Ben and a number, for one test alone."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.carrier = CarrierStore(installation.data / "carrier.sqlite3")
        self._stage = subprocess.Popen(
            [sys.executable, "-c", _STAGE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(
                DATABASE_URL=installation.dsn,
                DJANGO_SETTINGS_MODULE="twoway.settings",
                TWOWAY_DATA=str(installation.data),
                TWOWAY_PUBLIC_URL=installation.url,
            ),
        )

    def workspace(self, **wish: Any) -> dict[str, Any]:
        """Ids, session cookies and numbers of a new workspace; tests/browser/stage.py says what may be wished."""
        assert self._stage.stdin
        assert self._stage.stdout
        self._stage.stdin.write(json.dumps(wish) + "\n")
        self._stage.stdin.flush()
        words = self._stage.stdout.readline()
        assert words, "the stage has ended"
        made: dict[str, Any] = json.loads(words)
        return made

    def close(self) -> None:
        """Let go of it; the installation runs on."""
        self._stage.communicate(timeout=PATIENCE)
        self.carrier.close()


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A customer's phone at the simulated carrier, with one of our numbers on its screen."""

    carrier: CarrierStore
    number: str
    desk: str

    def text(self, body: str) -> None:
        """Their text is on its way; the desk has it as soon as its webhook was taken."""
        self.carrier.text_from_handset(handset=self.number, desk=self.desk, body=body, at=datetime.now(UTC))

    def shows(self) -> list[tuple[str, str]]:
        """Who wrote what, oldest first, as far as it has arrived."""
        texts = self.carrier.thread(handset=self.number, desk=self.desk)
        return [
            ("me" if text.from_handset else "desk", text.body)
            for text in texts
            if text.from_handset or text.status == "delivered"
        ]

    def sent_to(self) -> list[str]:
        """Every text the carrier took for this phone, arrived or not."""
        texts = self.carrier.thread(handset=self.number, desk=self.desk)
        return [text.body for text in texts if not text.from_handset]

    @property
    def pretty(self) -> str:
        """As the desk writes it."""
        return f"({self.number[2:5]}) {self.number[5:8]}-{self.number[8:]}"


GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx reports when a page is left, or a newer request takes the place of one; failures say more than these."""


@dataclass
class Complaints:
    """What the browser's console reported as an error, scripts' errors, and breaches of the page's policy."""

    heard: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=lambda: list(GIVEN_UP))

    def listen(self, page: Page) -> None:
        """From now on, whatever this page complains about counts."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.heard.append(f"{error}\n{error.stack}"))

    def _on_console(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.heard.append(f"{line.text} ({line.location.get('url', '')})")

    def allow(self, words: str) -> None:
        """A line that holds these words is expected in this test."""
        self.allowed.append(words)

    def left(self) -> list[str]:
        """What nobody expected."""
        return [line for line in self.heard if not any(words in line for words in self.allowed)]


class Scene:
    """One workspace as a test plays in it: browsers of its members and phones of its customers."""

    def __init__(self, house: House, browser: Browser, complaints: Complaints, made: dict[str, Any]) -> None:
        self.house = house
        self.made = made
        self.complaints = complaints
        self.url = house.installation.url
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def context(self, who: str = "ana", *, size: str = "desk", theme: Any = "light", **more: Any) -> BrowserContext:
        """A browser of somebody, signed in, with an empty store."""
        width, height = SIZES[size]
        context = self._browser.new_context(
            base_url=self.url, viewport={"width": width, "height": height}, color_scheme=theme, **more
        )
        context.add_cookies([{"name": "sessionid", "value": self.made["members"][who]["cookie"], "url": self.url}])
        self._contexts.append(context)
        return context

    def open(self, path: str = "/inbox/open/", who: str = "ana", **options: Any) -> Page:
        """A page in a browser of its own, listening for what is new."""
        page = self.context(who, **options).new_page()
        self.complaints.listen(page)
        page.goto(path)
        is_live(page)
        return page

    def phone(self, *, number: int = 0) -> Phone:
        """A phone nobody has seen before; `number` picks which of our numbers it texts."""
        n = next(_handsets)
        handset = f"+1{701 + n // 100}555{100 + n % 100:04d}"
        return Phone(carrier=self.house.carrier, number=handset, desk=self.made["numbers"][number]["address"])

    def conversation(self, phone: Phone) -> int:
        """The id of a phone's conversation, once its text is in the desk."""
        statement = (
            "SELECT c.id FROM conversation c JOIN identity i ON i.id = c.identity_id"
            " JOIN channel n ON n.id = c.channel_id WHERE i.value = %(handset)s AND n.address = %(desk)s"
        )

        def look() -> list[dict[str, Any]]:
            return self.house.installation.rows(statement, handset=phone.number, desk=phone.desk)

        return int(wait_for(look, PATIENCE)[0]["id"])

    def started(self, body: str = "Where is my car?", *, number: int = 0) -> tuple[Phone, int]:
        """A phone that has texted us, and its conversation."""
        phone = self.phone(number=number)
        phone.text(body)
        return phone, self.conversation(phone)

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()


def is_live(page: Page) -> None:
    """Wait until the page listens for what is new."""
    page.wait_for_selector("html[data-live=on]", state="attached")


def reply(page: Page, body: str) -> None:
    """Type it and send it by keyboard."""
    page.locator("#composer-text").fill(body)
    page.locator("#composer-text").press("Control+Enter")


def stamped(page: Page) -> None:
    """Remember this document: `is_same` tells whether it was loaded anew since."""
    page.evaluate("window.stamped = true")


def is_same(page: Page) -> bool:
    """Whether it is still the document that was stamped."""
    return bool(page.evaluate("window.stamped === true"))


def serving(installation: Installation) -> Iterator[House]:
    """Serve it and look at it; in the end it is stopped."""
    installation.serve()
    house = House(installation)
    try:
        yield house
    finally:
        house.close()
        installation.stop()
