"""Queued texts handed to a provider per second by one worker, beside pgbench doing one durable INSERT per transaction.

The provider is `tests/fakes/twilio_api.py` on this machine, or for the others, which take JSON, sign their calls, or
both, `tests/fakes/any_carrier.py`. Each text is of another conversation, and the sender's rate
is no limit. Counted is from the first claim to the last result in the database; logs are on, as in production.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

import psycopg

from bench import processes, report, rig
from tests.fakes.launch import fake

NO_LIMIT = 1_000_000.0

PEOPLE = """
    WITH person AS (
        INSERT INTO contact (workspace_id, name, created_at)
        SELECT %(workspace)s, 'Customer ' || n, now() FROM generate_series(1, %(count)s) AS n RETURNING id, name
    ), address AS (
        INSERT INTO identity (workspace_id, contact_id, kind, value, created_at)
        SELECT %(workspace)s, id, 'phone', '+1415' || 5000000 + id, now() FROM person RETURNING id, contact_id
    )
    INSERT INTO conversation (workspace_id, contact_id, channel_id, identity_id, state, needs_reply, sort_at,
                              unanswered, episode, last_message_at, preview, preview_by, created_at)
    SELECT %(workspace)s, contact_id, %(channel)s, id, 'open', false, now(), 0, 1, now(), '', '', now() FROM address
"""

TEXTS = """
    INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, by_name,
                         sender, recipient, body, encoding, segments, purpose, priority, trace, created_at)
    SELECT c.workspace_id, c.id, c.channel_id, c.identity_id, 'out', 'queued', 'member', 'Ben', %(sender)s, i.value,
           'Your car is back online. Please try once more, reply-' || c.id, 'GSM-7', 1, 'reply', 20,
           substr(md5(c.id::text), 1, 16), now()
    FROM conversation c JOIN identity i ON i.id = c.identity_id
"""

WAITING = """
    SELECT count(*) FROM message
    WHERE direction = 'out' AND (status = 'queued' OR (status = 'sending' AND provider_id = ''))
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One round: texts per second, and processor milliseconds per text of worker, PostgreSQL and provider."""

    per_second: float
    worker_ms: float
    database_ms: float
    provider_ms: float


def queue(connection: psycopg.Connection, *, sender: str) -> int:
    """A text in every conversation, queued at once; how many."""
    with connection.transaction():
        count = connection.execute(TEXTS, {"sender": sender}).rowcount
        connection.execute("SELECT pg_notify('twoway_outbox', '')")
    return count


def wait_until_sent(connection: psycopg.Connection, *, since: datetime, count: int, seconds: float) -> float:
    """Seconds from the first claim to the last result."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        (left,) = connection.execute(WAITING).fetchone() or (0,)
        if not left:
            break
        time.sleep(0.05)
    found = connection.execute(
        "SELECT count(*), extract(epoch FROM clock_timestamp() - min(claimed_at))::float FROM message"
        " WHERE created_at >= %s AND provider_id <> ''",
        [since],
    ).fetchone()
    assert found is not None
    if found[0] != count:
        raise SystemExit(f"Only {found[0]:,} of {count:,} texts were taken.")
    return float(found[1])


def measure(connection: psycopg.Connection, *, sender: str, pids: dict[str, int], seconds: float) -> Run:
    """Queue, deliver, count."""
    (since,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    before = {name: processes.cpu_seconds(pid) for name, pid in pids.items()}
    count = queue(connection, sender=sender)
    took = wait_until_sent(connection, since=since, count=count, seconds=seconds)
    spent = {name: (processes.cpu_seconds(pid) - before[name]) / count * 1000 for name, pid in pids.items()}
    return Run(
        per_second=count / took,
        worker_ms=spent["worker"],
        database_ms=spent["database"],
        provider_ms=spent["provider"],
    )


@contextmanager
def running(folder: Path, provider: str, *, messages: int) -> Iterator[tuple[psycopg.Connection, str, dict[str, int]]]:
    """A provider, a filled database and a worker; a connection, our number, and the processes to count."""
    from bench import seed  # noqa: PLC0415 - needs the database that exists only now

    words = ["twilio_api", "--no-receipts"] if provider == "twilio" else ["any_carrier", "--provider", provider]
    with fake(*words) as address:
        make = seed.channel if provider == "twilio" else partial(seed.carrier_channel, provider)
        channel = make(api_base=address, rate=NO_LIMIT)
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            names = {"workspace": channel.workspace_id, "channel": channel.pk, "count": messages}
            connection.execute(PEOPLE, names)
            connection.execute("VACUUM ANALYZE")
            with rig.program(rig.worker(), log=folder / "worker.log", TWOWAY_LOG_LEVEL="info") as worker:
                time.sleep(4)
                pids = {
                    "worker": worker.pid,
                    "database": processes.postmaster(folder),
                    "provider": processes.listener(int(address.rpartition(":")[2])),
                }
                yield connection, channel.address, pids


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=8, help="of pgbench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--providers", nargs="+", default=["twilio", "telnyx", "vonage"])
    given = parser.parse_args()
    if len(given.providers) == 1:
        tell_of(given.providers[0], given)
        return
    sizes = ["--messages", given.messages, "--seconds", given.seconds, "--rounds", given.rounds]
    for provider in given.providers:  # each in a process of its own, since each has a database of its own
        command = [sys.executable, "-m", "bench.outbound", *map(str, sizes), "--providers", provider]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(1)


def tell_of(provider: str, given: argparse.Namespace) -> None:
    """Measure one provider. The bar is for Twilio; the others differ by what a call costs to make and to read."""
    runs, limits = [], []
    with (
        rig.database() as folder,
        running(folder, provider, messages=given.messages) as (connection, sender, pids),
        rig.pgbench_table() as script,
    ):
        for _ in range(given.rounds):
            limits.append(rig.pgbench(script, clients=64, seconds=given.seconds))
            runs.append(measure(connection, sender=sender, pids=pids, seconds=given.messages / 20))
            print(
                f"outbound, {provider}: {runs[-1].per_second:,.0f} texts/s, pgbench {limits[-1]:,.0f}/s; "
                f"milliseconds per text: worker {runs[-1].worker_ms:.3f}, PostgreSQL {runs[-1].database_ms:.3f}, "
                f"provider {runs[-1].provider_ms:.3f}"
            )
    ratio = median(run.per_second / limit for run, limit in zip(runs, limits, strict=True))
    report.tell(
        f"outbound, {provider}, one worker",
        f"{median(run.per_second for run in runs):,.0f} texts/s",
        beside=f"pgbench, 64 clients: {median(limits):,.0f} INSERTs/s",
        ratio=ratio,
        compared=ratio,
        least=0.1 if provider == "twilio" else None,
    )


if __name__ == "__main__":
    main()
