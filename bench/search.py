"""How long a search of 5,000,000 texts takes, and how much memory the web process needs for it.

    python -m bench.search --keep /tmp/twoway-large

The folder is one that `python -m bench.large` made; without it a small one is written first. The index is made there at
the first run. Pages are asked for over HTTP by a signed-in browser; beside them stands the median of an index-only
query of the same database, asked for between them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from pathlib import Path
from statistics import median
from urllib.parse import quote

import psycopg

from bench import large, processes, report, rig
from bench.pages import INDEX_ONLY, Browser

BAR = 200.0
MEMORY_BAR = 512.0
_INDEXED = ("search_text", "search_word", "search_person")


def fill_index() -> float:
    """Index everything that is there, as a worker does; the seconds it took."""
    from twoway.messaging.search import actions  # noqa: PLC0415 - needs the database that exists only now
    from twoway.messaging.search.indexing import Indexer  # noqa: PLC0415 - as above

    actions.BACKLOG_BATCH = 20_000
    began = time.monotonic()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        if connection.execute("SELECT FROM search_text LIMIT 1").fetchone():
            Indexer().catch_up()
        else:
            with large.without_indexes(connection, _INDEXED):
                Indexer().catch_up()
        connection.execute("VACUUM ANALYZE search_text, search_note, search_person, search_word, search_again")
    return time.monotonic() - began


def queries(connection: psycopg.Connection) -> dict[str, list[str]]:
    """What is asked for, by kind; several of each, so that no answer is only a repeated one."""
    dice = random.Random(3)
    rows = connection.execute("SELECT word, texts FROM search_word WHERE word !~ '[0-9]'").fetchall()
    by_texts = sorted(((texts, word) for word, texts in rows if len(word) > 3), reverse=True)
    common = [word for _, word in by_texts[:60]]
    middle = [word for _, word in by_texts[200:1200]]
    rare = [word for texts, word in by_texts if 1 <= texts <= 200][:20_000] or middle
    numbers = [
        row[0] for row in connection.execute("SELECT value FROM identity WHERE id % 997 = 0 LIMIT 200").fetchall()
    ]
    names = [row[0] for row in connection.execute("SELECT name FROM contact WHERE name <> '' LIMIT 300").fetchall()]

    def some(*lists: list[str]) -> list[str]:
        return [" ".join(dice.choice(one) for one in lists) for _ in range(40)]

    return {
        "a common word": some(common),
        "a word of the middle": some(middle),
        "a rare word": some(rare),
        "two common words": some(common, common),
        "common and rare": some(common, rare),
        "three words": some(common, middle, common),
        "a phrase": [f'"{one}"' for one in some(common, common)],
        "a beginning": [word[:3] for word in some(middle)],
        "a typing error": [word[:2] + word[3] + word[2] + word[4:] for word in some(middle)],
        "a name": [dice.choice(names) for _ in range(40)],
        "a whole number": [dice.choice(numbers) for _ in range(40)],
        "last four": [dice.choice(numbers)[-4:] for _ in range(40)],
        "from: a number, a word": [f"from:{dice.choice(numbers)} {dice.choice(common)}" for _ in range(40)],
        "by: and a word": [f"by:me {one}" for one in some(common)],
        "before: and a word": [f"before:60d {one}" for one in some(common)],
        "tag: and a word": [f'tag:"tag 3" {one}' for one in some(middle)],
        "is:open and a word": [f"is:open {one}" for one in some(common)],
        "is:unread": ["is:unread"] * 10,
        "nothing found": [f"qx{one}zv {dice.choice(common)}" for one in some(rare)],
    }


def measure(browser: Browser, connection: psycopg.Connection, *, times: int, path: str) -> None:
    """Every kind by turns, with the index-only query between."""
    asked = queries(connection)
    took: dict[str, list[float]] = {name: [] for name in asked}
    limits: list[float] = []
    last = connection.execute("SELECT max(id) FROM message").fetchone()
    newest = int(last[0]) if last else 1
    for turn in range(times + 2):
        for name, texts in asked.items():
            milliseconds = browser.milliseconds(path + quote(texts[turn % len(texts)]), {"HX-Request": "true"})
            began = time.perf_counter()
            connection.execute(INDEX_ONLY, [newest - random.randrange(1, newest)]).fetchone()
            if turn >= 2:
                took[name].append(milliseconds)
                limits.append((time.perf_counter() - began) * 1000)
    beside = f"index-only query: {median(limits):.2f} ms"
    for name, values in took.items():
        tell(f"search, {name}", values, beside=beside, limit=median(limits), bar=None)
    every = [one for values in took.values() for one in values]
    tell("search, all of these", every, beside=beside, limit=median(limits), bar=BAR)


def tell(name: str, values: list[float], *, beside: str, limit: float, bar: float | None) -> None:
    slow = report.percentile(values, 0.95)
    measured = f"p50 {median(values):.1f} ms, p95 {slow:.1f} ms, longest {max(values):.0f} ms"
    report.tell(name, measured, beside=beside, ratio=median(values) / limit, compared=slow, most=bar, unit=" ms at p95")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder of `python -m bench.large`")
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--index-only", action="store_true", help="make the index and end")
    given = parser.parse_args()
    with rig.database(keep=given.keep):
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        owner = kept_owner(given.keep) if given.keep else fresh_owner(given.conversations, given.messages)
        seconds = fill_index()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            found = connection.execute("SELECT count(*) FROM search_text").fetchone()
            print(f"{found[0] if found else 0:,} texts in the index; the last of them took {seconds:.0f} s")
            if given.index_only:
                return
            with rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz") as web:
                browser = Browser(seed.session(owner))
                measure(browser, connection, times=given.times, path="/search/?q=")
                used = processes.memory_mb(processes.family(web.pid))
        report.tell("search, memory of the web process", f"{used:.0f} MB", compared=used, most=MEMORY_BAR, unit=" MB")


def kept_owner(folder: Path):  # type: ignore[no-untyped-def]  # the model can be imported only now
    """The owner of the workspace in a kept folder."""
    from twoway.teams.models import Member  # noqa: PLC0415 - needs the database that exists only now

    told = json.loads((folder / large.MARK).read_text())
    return Member.objects.select_related("user", "workspace").get(id=told["owner"])


def fresh_owner(conversations: int, messages: int):  # type: ignore[no-untyped-def]  # as above
    """The owner of a workspace written just now."""
    from bench import seed  # noqa: PLC0415 - needs the database that exists only now

    owner = seed.desk()
    large.fill(workspace_id=owner.workspace_id, reader=owner.pk, conversations=conversations, messages=messages)
    return owner


if __name__ == "__main__":
    main()
