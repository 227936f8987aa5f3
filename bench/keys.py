"""From J or K to the next conversation painted, in a real browser before 100,000 conversations and 1,000,000 texts.

Chromium has the inbox open and somebody goes through the list, forwards mostly and back now and then, resting a moment
on each. The time runs from the press, as the browser stamps it, to the frame after the one in which the other
conversation stands in the page. Beside it: the same for a key that means nothing, which is the least a press can take.
"""

from __future__ import annotations

import argparse
import os
import random
from statistics import median

import psycopg
from playwright.sync_api import Page

from bench import large, report, rig
from bench.screen import browser_page

BAR = 100.0
BACK = 0.2
"""The share of presses that go back."""

WATCH = """() => {
    window.presses = []
    const painted = (deed) => requestAnimationFrame(() => setTimeout(deed))
    addEventListener('keydown', (event) => {
        if (!['j', 'k', 'y'].includes(event.key)) return
        const rows = [...document.querySelectorAll('#convlist-rows .conv')]
        const press = {key: event.key, began: event.timeStamp, took: 0, id: ''}
        window.presses.push(press)
        const shown = () => document.getElementById('thread').dataset.id ?? ''
        const before = shown()
        const end = () => painted(() => {
            press.took = performance.now() - press.began
            press.id = shown()
        })
        if (event.key === 'y' || rows.length < 2) return end()
        const look = new MutationObserver(() => {
            if (shown() === before) return
            look.disconnect()
            end()
        })
        look.observe(document.getElementById('main'), {childList: true, subtree: true})
    }, true)
}"""


def press(page: Page, key: str, *, rest: float) -> float:
    """Press it, wait until what it does is painted, and rest; milliseconds it took."""
    count = int(page.evaluate("() => window.presses.length"))
    page.keyboard.press(key)
    page.wait_for_function("n => window.presses[n]?.took > 0", arg=count, timeout=20_000)
    page.wait_for_timeout(rest * 1000)
    return float(page.evaluate("n => window.presses[n].took", count))


def measure(page: Page, *, times: int, rest: float) -> None:
    """Go through the list so many times, with a key that means nothing between."""
    dice = random.Random(1)
    page.evaluate(WATCH)
    page.wait_for_timeout(1500)
    took, limits, at = [], [], -1
    for turn in range(times + 5):
        key = "k" if at > 2 and dice.random() < BACK else "j"
        at += 1 if key == "j" else -1
        milliseconds = press(page, key, rest=rest)
        limit = press(page, "y", rest=0.05)
        if turn >= 5:
            took.append(milliseconds)
            limits.append(limit)
    slow = report.percentile(took, 0.95)
    report.tell(
        f"J or K to the next conversation painted, {rest:g} s on each",
        f"p50 {median(took):.0f} ms, p95 {slow:.0f} ms, most {max(took):.0f} ms",
        beside=f"a key that means nothing: p50 {median(limits):.0f} ms, p95 {report.percentile(limits, 0.95):.0f} ms",
        ratio=median(took) / median(limits),
        compared=slow,
        most=BAR,
        unit=" ms at p95",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--rest", type=float, default=0.4, help="seconds on each conversation")
    given = parser.parse_args()
    with rig.database():
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        owner = seed.desk()
        seconds = large.fill(
            workspace_id=owner.workspace_id,
            reader=owner.pk,
            conversations=given.conversations,
            messages=given.messages,
        )
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            held = connection.execute("SELECT count(*) FROM message").fetchone()
        print(f"{given.conversations:,} conversations and {held[0] if held else 0:,} texts written in {seconds:.0f} s")
        with (
            rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz"),
            browser_page(seed.session(owner), "/inbox/open/") as page,
        ):
            measure(page, times=given.times, rest=given.rest)


if __name__ == "__main__":
    main()
