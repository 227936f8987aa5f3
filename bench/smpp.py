"""Texts over SMPP per second, out (submit_sm) and in (deliver_sm), beside pgbench doing one durable INSERT each.

The SMSC is a small one in a process of its own (`bench.smsc_load`): it answers every submit at once and delivers with a
window. Counted out is from the first claim to the last result in the database; in, from the first
delivery to the last acknowledgement, which comes when the text is durable.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psycopg

from bench import outbound, report, rig

DESK = "+14155550199"


@contextmanager
def smsc() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The load SMSC and its port."""
    words = [sys.executable, "-m", "bench.smsc_load"]
    with subprocess.Popen(words, cwd=rig.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.terminate()


def deliveries(process: subprocess.Popen[str], *, count: int, window: int) -> float:
    """Texts per second that were acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{count} {window}\n")
    process.stdin.flush()
    said = json.loads(process.stdout.readline())
    if said["ok"] != count:
        raise SystemExit(f"Only {said['ok']:,} of {count:,} texts were acknowledged.")
    return count / float(said["seconds"])


def out(connection: psycopg.Connection, *, seconds: float) -> float:
    """Queue a text in every conversation; texts per second."""
    (since,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    count = outbound.queue(connection, sender=DESK)
    return count / outbound.wait_until_sent(connection, since=since, count=count, seconds=seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=8, help="of pgbench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--window", type=int, default=50)
    given = parser.parse_args()
    limits, sent, received = [], [], []
    with (
        rig.database() as folder,
        smsc() as (process, port),
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection,
    ):
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        channel = seed.smpp_channel(address=DESK, port=port, window=given.window, rate=outbound.NO_LIMIT)
        names = {"workspace": channel.workspace_id, "channel": channel.pk, "count": given.messages}
        connection.execute(outbound.PEOPLE, names)
        connection.execute("VACUUM ANALYZE")
        with (
            rig.program(rig.worker(), log=folder / "worker.log", TWOWAY_LOG_LEVEL="info"),
            rig.pgbench_table() as script,
        ):
            time.sleep(5)
            for _ in range(given.rounds):
                limits.append(rig.pgbench(script, clients=64, seconds=given.seconds))
                sent.append(out(connection, seconds=given.messages / 10))
                received.append(deliveries(process, count=given.messages, window=given.window))
                print(f"smpp: {sent[-1]:,.0f} out, {received[-1]:,.0f} in, pgbench {limits[-1]:,.0f}/s")
    for what, rates in (("out (submit_sm)", sent), ("in (deliver_sm)", received)):
        report.tell(
            f"SMPP {what}, one worker, window {given.window}",
            f"{median(rates):,.0f} texts/s",
            beside=f"pgbench, 64 clients: {median(limits):,.0f} INSERTs/s",
            ratio=median(rate / limit for rate, limit in zip(rates, limits, strict=True)),
            compared=None,
            least=None,
        )


if __name__ == "__main__":
    main()
