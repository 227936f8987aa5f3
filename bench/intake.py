"""Texts threaded and durably stored per second, beside pgbench doing one durable INSERT per transaction."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median

import psycopg

from bench import report, rig, webhooks

CUSTOMERS = 20_000
PER_ROUND = 60_000
BARS = {64: 0.6}  # of pgbench with as many clients


def measure(requests: Path, *, connections: int, seconds: int) -> dict[str, float]:
    """One run of the load generator."""
    printed = rig.run(
        [sys.executable, "-m", "bench.load", str(requests), "--port", str(rig.PORT),
         "--connections", str(connections), "--seconds", str(seconds)]
    )  # fmt: skip
    said: dict[str, float] = json.loads(printed)
    if said["ok"] != said["requests"]:
        raise SystemExit(f"Not every text was taken: {printed}")
    return said


def everybody_writes_once(requests: Path, *, url: str, to: str) -> None:
    """A desk at work knows nearly everybody who texts it. Who is new costs three statements more."""
    webhooks.write(requests, url=url, to=to, count=CUSTOMERS + CUSTOMERS // 4, customers=CUSTOMERS)
    measure(requests, connections=64, seconds=120)


def stored() -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT count(*) FROM message WHERE direction = 'in'").fetchone()
    return int(found[0]) if found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with rig.database() as folder:
        from bench import seed  # noqa: PLC0415 - needs the database the line above made

        channel = seed.channel()
        url = f"{rig.PUBLIC_URL}/hooks/twilio/{channel.hook}/inbound"
        requests = folder / "requests"
        with rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz"), rig.pgbench_table() as script:
            everybody_writes_once(requests, url=url, to=channel.address)
            for connections in (16, 64):
                ratios, rates, limits = [], [], []
                for _ in range(given.rounds):
                    webhooks.write(requests, url=url, to=channel.address, count=PER_ROUND, customers=CUSTOMERS)
                    limit = rig.pgbench(script, clients=connections, seconds=given.seconds)
                    before = stored()
                    said = measure(requests, connections=connections, seconds=given.seconds)
                    if stored() - before != said["requests"]:
                        raise SystemExit("The number of stored texts is not the number of answers.")
                    rates.append(said["per_second"])
                    limits.append(limit)
                    ratios.append(rates[-1] / limit)
                    print(
                        f"intake, {connections} connections: {said['per_second']:,.0f} texts/s, "
                        f"pgbench {limit:,.0f}/s, "
                        f"ratio {ratios[-1]:.2f}, p50 {said['p50_ms']:.1f} ms, p99 {said['p99_ms']:.1f} ms"
                    )
                report.tell(
                    f"intake, {connections} connections",
                    f"{median(rates):,.0f} texts/s",
                    beside=f"pgbench, {connections} clients: {median(limits):,.0f} INSERTs/s",
                    ratio=median(ratios),
                    compared=median(ratios),
                    least=BARS.get(connections),
                )


if __name__ == "__main__":
    main()
