"""From event to screen: a customer's text posted as a webhook until it stands in the open thread of a real browser.

Chromium has the inbox open at one conversation, while texts of other customers come in at half the rate this machine
can take. The time runs from just before the webhook is written to the moment its words are in the page.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psycopg
from playwright.sync_api import Page, sync_playwright

from bench import report, rig, webhooks
from bench.intake import CUSTOMERS, measure

BAR = 150.0
OPEN_CUSTOMER = CUSTOMERS + 7
CONNECTIONS = 64
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

WATCH = """marker => {
    window.seenAt = 0
    const look = () => {
        if (!window.seenAt && document.getElementById('thread').textContent.includes(marker)) window.seenAt = Date.now()
    }
    window.watcher?.disconnect()
    window.watcher = new MutationObserver(look)
    window.watcher.observe(document.body, {childList: true, subtree: true, characterData: true})
}"""


def post(request: bytes) -> float:
    """Send one webhook on a connection of its own; the time just before, in seconds since 1970."""
    with socket.create_connection(("127.0.0.1", rig.PORT), timeout=30) as line:
        began = time.time()
        line.sendall(request)
        answer = line.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"The webhook was answered {answer[:100]!r}")
    return began


def text(url: str, *, to: str, words: str) -> bytes:
    """A webhook of the customer whose thread is open."""
    return webhooks.inbound(url, to=to, customer=OPEN_CUSTOMER, body=words)


def one_round(page: Page, request: bytes, marker: str, *, seconds: float = 20) -> float:
    """Milliseconds from the webhook to the words in the page."""
    page.evaluate(WATCH, marker)
    began = post(request)
    while time.time() < began + seconds:
        seen = float(page.evaluate("() => window.seenAt"))
        if seen:
            return seen - began * 1000
        page.wait_for_timeout(50)
    raise SystemExit(f"The text did not appear within {seconds:g} s.")


@contextmanager
def browser_page(cookie: str, path: str) -> Iterator[Page]:
    """A signed-in Chromium at this page, with its live stream open."""
    found = next((shutil.which(name) for name in CHROMIUM if shutil.which(name)), None)
    if found is None:
        raise SystemExit("No Chromium here: install one, or run the other benchmarks.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": rig.PUBLIC_URL}])
        page = context.new_page()
        with page.expect_response(lambda answer: "/live?ticket" in answer.url, timeout=30_000):
            page.goto(f"{rig.PUBLIC_URL}{path}")
        yield page
        browser.close()


@contextmanager
def load(requests: Path, *, rate: float, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Other customers' texts at about so many a second, beside what is measured.

    A quarter of the time between two texts of a connection is left for the answer.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load", str(requests), "--port", str(rig.PORT), "--connections", str(CONNECTIONS),
         "--seconds", str(seconds), "--pause", str(CONNECTIONS / rate * 0.75)],
        cwd=rig.ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def open_conversation(url: str, address: str) -> int:
    """The conversation of the customer who is watched, begun by a first text."""
    post(text(url, to=address, words="Hello"))
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT id FROM conversation").fetchone()
    assert found is not None
    return int(found[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two texts of the open thread")
    given = parser.parse_args()
    with rig.database() as folder:
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        channel = seed.channel()
        owner = seed.member(channel.workspace, "Ana", role="owner")
        url = f"{rig.PUBLIC_URL}/hooks/twilio/{channel.hook}/inbound"
        requests = folder / "requests"
        with rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz"):
            conversation = open_conversation(url, channel.address)
            webhooks.write(requests, url=url, to=channel.address, count=40_000, customers=CUSTOMERS)
            full = measure(requests, connections=CONNECTIONS, seconds=3)["per_second"]
            seconds = given.times * (given.every + 0.5) + 5
            count = int(full / 2 * seconds)
            webhooks.write(requests, url=url, to=channel.address, count=count, customers=CUSTOMERS)
            with browser_page(seed.session(owner), f"/c/{conversation}/") as page:
                alone = rounds(page, url, channel.address, times=max(given.times // 4, 3), every=given.every)
                with load(requests, rate=full / 2, seconds=seconds) as process:
                    time.sleep(2)
                    busy = rounds(page, url, channel.address, times=given.times, every=given.every)
                    said = json.loads(process.communicate(timeout=seconds + 60)[0])
    if said["ok"] != said["requests"]:
        raise SystemExit(f"Not every text was taken: {said}")
    tell("event to screen, nothing else going on", alone, beside="")
    beside = f"{said['per_second']:,.0f} other texts/s, of {full:,.0f} at full rate"
    tell("event to screen, intake at half rate", busy, beside=beside)


def rounds(page: Page, url: str, address: str, *, times: int, every: float) -> list[float]:
    """Several texts, one after another."""
    took = []
    for number in range(times):
        marker = f"marker {time.time_ns()}-{number}"
        took.append(one_round(page, text(url, to=address, words=f"Where is it? {marker}"), marker))
        time.sleep(every)
    return took


def tell(name: str, took: list[float], *, beside: str) -> None:
    middle = median(took)
    measured = f"median {middle:.0f} ms, p95 {report.percentile(took, 0.95):.0f} ms"
    report.tell(name, measured, beside=beside, compared=middle, most=BAR, unit=" ms at the median")


if __name__ == "__main__":
    main()
