"""How long the inbox, a thread and a live update take with 100,000 conversations and 1,000,000 texts, for one client.

Each is asked for over HTTP by a signed-in browser on one kept connection. Beside each stands the median of an
index-only query of the same database, asked for between the pages.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from statistics import median

import psycopg

from bench import large, report, rig

INDEX_ONLY = "SELECT count(*) FROM (SELECT id FROM message WHERE id > %s ORDER BY id LIMIT 50) AS newest"
INBOX_BAR, THREAD_BAR = 100.0, 60.0


class Browser:
    """One kept connection with a session cookie."""

    def __init__(self, session: str) -> None:
        self._line = HTTPConnection("127.0.0.1", rig.PORT, timeout=60)
        self._headers = {"Cookie": f"sessionid={session}", "Accept-Encoding": "identity"}

    def milliseconds(self, path: str, headers: Mapping[str, str]) -> float:
        """Ask for a page and read it whole; anything but 200 ends the run."""
        began = time.perf_counter()
        self._line.request("GET", path, headers={**self._headers, **headers})
        answer = self._line.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {body[:300]!r}")
        return took


def htmx(view: str = "open", opened: int = 0) -> dict[str, str]:
    """What the desk's script sends with a request of a browser that shows this."""
    return {"HX-Request": "true", "X-Desk-View": view, "X-Desk-Open": str(opened) if opened else ""}


def pages(connection: psycopg.Connection) -> dict[str, Callable[[], tuple[str, dict[str, str]]]]:
    """Every page by name, as something that picks one request of its kind."""
    channel, team = (_first(connection, f"SELECT min(id) FROM {table}") for table in ("channel", "team"))
    ids = [
        row[0] for row in connection.execute("SELECT id FROM conversation WHERE id > 1 ORDER BY random() LIMIT 2000")
    ]
    busy = [row[0] for row in connection.execute("SELECT id FROM conversation WHERE state = 'open' LIMIT 2000")]
    dice = random.Random(1)

    def opened(key: int | None = None, **headers: str) -> Callable[[], tuple[str, dict[str, str]]]:
        return lambda: (f"/c/{key or dice.choice(ids)}/", headers)

    def told() -> tuple[str, dict[str, str]]:
        chosen = dice.sample(busy, 4)
        return f"/live/delta/?ids={','.join(map(str, chosen))}&c={chosen[0]}&view=open", htmx(opened=chosen[0])

    views = ["mine", "unassigned", "open", "snoozed", "done", f"channel-{channel}", f"team-{team}"]
    views += ["open/?status=waiting", "open/?status=done"]
    found: dict[str, Callable[[], tuple[str, dict[str, str]]]] = {}
    for view in views:
        path = f"/inbox/{view}" if "?" in view else f"/inbox/{view}/"
        found[f"inbox, {view.replace('/?status=', ' ')}"] = lambda path=path: (path, {})  # type: ignore[misc]
    return {
        **found,
        "thread": opened(None, **htmx()),
        "thread, 2,000 texts": opened(1, **htmx()),
        "thread, whole page": opened(),
        "live update": told,
    }


def bar_of(name: str) -> float | None:
    if name.startswith("inbox"):
        return INBOX_BAR
    return THREAD_BAR if name.startswith("thread") and "whole" not in name else None


def measure(browser: Browser, connection: psycopg.Connection, *, times: int) -> None:
    """Every page by turns, with the index-only query between."""
    asked = pages(connection)
    took: dict[str, list[float]] = {name: [] for name in asked}
    limits = []
    last = _first(connection, "SELECT max(id) FROM message")
    for turn in range(times + 3):
        for name, pick in asked.items():
            path, headers = pick()
            milliseconds = browser.milliseconds(path, headers)
            began = time.perf_counter()
            connection.execute(INDEX_ONLY, [last - random.randrange(1000, last)]).fetchone()
            if turn >= 3:
                took[name].append(milliseconds)
                limits.append((time.perf_counter() - began) * 1000)
    limit = median(limits)
    for name, values in took.items():
        slow = report.percentile(values, 0.95)
        report.tell(
            name,
            f"p50 {median(values):.1f} ms, p95 {slow:.1f} ms",
            beside=f"index-only query: {limit:.2f} ms",
            ratio=median(values) / limit,
            compared=slow,
            most=bar_of(name),
            unit=" ms at p95",
        )


def explain(connection: psycopg.Connection, *, slower_than: float) -> None:
    """Have PostgreSQL write the plan of every statement slower than so many milliseconds into its log."""
    name = connection.info.dbname
    for setting in (
        "session_preload_libraries = 'auto_explain'",
        f"auto_explain.log_min_duration = '{slower_than}ms'",
        "auto_explain.log_analyze = on",
        "auto_explain.log_buffers = on",
    ):
        connection.execute(f'ALTER DATABASE "{name}" SET {setting}')


def _first(connection: psycopg.Connection, query: str) -> int:
    found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument(
        "--explain", type=float, help="write plans of statements slower than so many ms to standard error"
    )
    given = parser.parse_args()
    with rig.database() as folder:
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        owner = seed.desk()
        seconds = large.fill(
            workspace_id=owner.workspace_id,
            reader=owner.pk,
            conversations=given.conversations,
            messages=given.messages,
        )
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            held = _first(connection, "SELECT count(*) FROM message")
            print(f"{given.conversations:,} conversations and {held:,} texts written in {seconds:.0f} s")
            if given.explain is not None:
                explain(connection, slower_than=given.explain)
            with rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz"):
                measure(Browser(seed.session(owner)), connection, times=given.times)
        if given.explain is not None:
            sys.stderr.write((folder / "data" / "postgres.log").read_text())


if __name__ == "__main__":
    main()
