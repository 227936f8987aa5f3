"""The whole desk at the size it is made for: 500,000 conversations, 5,000,000 texts, 200 members listening.

    python -m bench.large --keep /tmp/twoway-large && python -m bench.search --keep /tmp/twoway-large --index-only
    python -m bench.desk --keep /tmp/twoway-large

Each member has the live stream open, and customers write all the while, twice a second. Then, one after another and
beside an index-only query of the same database: every view of the list, threads, live updates and searches over HTTP;
in a real browser the key that goes to the next conversation, and a customer's text until it stands in the open thread.
At the end, what the web process takes. Without --keep a small desk is written first.
"""

from __future__ import annotations

import argparse
import itertools
import os
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import keys, pages, processes, report, rig, screen, search, webhooks

SCREEN_BAR = 300.0
MEMORY_BAR = 512.0
WRITERS = 500
"""Customers who write meanwhile."""


@contextmanager
def listening(tickets: Sequence[str]) -> Iterator[None]:
    """One live stream each, read and thrown away until the end of the block."""
    lines, watch, ended = [], selectors.DefaultSelector(), threading.Event()
    for ticket in tickets:
        line = socket.create_connection(("127.0.0.1", rig.PORT), timeout=30)
        ask = f"GET /live?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
        line.sendall(ask.encode())
        if b"200 OK" not in line.recv(65536):
            raise SystemExit("A live stream was refused.")
        watch.register(line, selectors.EVENT_READ)
        lines.append(line)

    def read() -> None:
        while not ended.is_set():
            for key, _ in watch.select(timeout=0.5):
                key.fileobj.recv(65536)  # type: ignore[union-attr]

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()
        for line in lines:
            line.close()


@contextmanager
def customers_write(url: str, *, to: str, every: float) -> Iterator[None]:
    """Somebody else's text every so many seconds."""
    ended = threading.Event()

    def write() -> None:
        for number in itertools.count():
            if ended.wait(every):
                return
            body = f"Is it still there? {time.time_ns()}"
            screen.post(webhooks.inbound(url, to=to, customer=number % WRITERS, body=body))

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def on_screen(cookie: str, url: str, *, to: str, times: int) -> None:
    """From a customer's webhook to the words in the open thread."""
    screen.post(screen.text(url, to=to, words="Hello"))
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT conversation_id FROM message WHERE body = 'Hello' ORDER BY id DESC LIMIT 1")
        row = found.fetchone()
    assert row is not None
    with screen.browser_page(cookie, f"/c/{row[0]}/") as page:
        took = screen.rounds(page, url, to, times=times, every=0.5)
    slow = report.percentile(took, 0.95)
    report.tell(
        "event to screen", f"p95 {slow:.0f} ms, most {max(took):.0f} ms", compared=slow, most=SCREEN_BAR, unit=" ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="a folder of `python -m bench.large`")
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--times", type=int, default=60)
    given = parser.parse_args()
    with rig.database(keep=given.keep):
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        owner = search.kept_owner(given.keep) if given.keep else search.fresh_owner(given.conversations, given.messages)
        search.fill_index()
        people = list(owner.workspace.members.select_related("user", "workspace"))
        tickets = [seed.ticket(one) for one, _ in zip(itertools.cycle(people), range(given.members), strict=False)]
        channel = owner.workspace.channels.filter(provider="twilio").order_by("id")[0]
        url, cookie = f"{rig.PUBLIC_URL}/hooks/twilio/{channel.hook}/inbound", seed.session(owner)
        with (
            rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz") as web,
            psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection,
            listening(tickets),
            customers_write(url, to=channel.address, every=0.5),
        ):
            browser = pages.Browser(cookie)
            pages.measure(browser, connection, times=given.times)
            search.measure(browser, connection, times=max(given.times // 3, 3), path="/search/?q=")
            with screen.browser_page(cookie, "/inbox/open/") as page:
                keys.measure(page, times=given.times, rest=0.4)
            on_screen(cookie, url, to=channel.address, times=max(given.times // 2, 5))
            used = processes.memory_mb(processes.family(web.pid))
        report.tell(
            f"web process, {given.members} members listening",
            f"{used:.0f} MB",
            compared=used,
            most=MEMORY_BAR,
            unit=" MB",
        )


if __name__ == "__main__":
    main()
