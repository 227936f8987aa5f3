"""Five hundred open browsers: how soon all of them hear of a change, and what one notice costs.

The browsers are bare sockets on the live stream, each with a ticket. A change is a customer's text posted as a webhook;
the time runs from just before it is written until the notice is read. The cost is processor time of the web process,
beside that of an ASGI application that answers nothing on the same server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import uvloop

from bench import processes, report, rig, webhooks
from bench.screen import post

NULL_SECONDS = 4
BUSY_SECONDS = 5


@dataclass
class Browsers:
    """The open streams, and when each heard of the last change."""

    heard: dict[int, float] = field(default_factory=dict)
    notices: int = 0
    all_heard: asyncio.Event = field(default_factory=asyncio.Event)
    open_ones: list[Browser] = field(default_factory=list)
    ready: int = 0

    def notice(self, number: int) -> None:
        self.notices += 1
        self.heard.setdefault(number, time.perf_counter())
        if len(self.heard) == len(self.open_ones):
            self.all_heard.set()

    def forget(self) -> None:
        self.heard.clear()
        self.all_heard.clear()


class Browser(asyncio.Protocol):
    """One stream."""

    def __init__(self, everyone: Browsers, ticket: str) -> None:
        self.everyone = everyone
        self.ticket = ticket
        self.number = len(everyone.open_ones)
        everyone.open_ones.append(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        ask = f"GET /live?ticket={self.ticket} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
        transport.write(ask.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if b"event: ready" in data:
            self.everyone.ready += 1
        if b"event: changed" in data:
            self.everyone.notice(self.number)


async def connect(everyone: Browsers, ticket: str, *, count: int) -> None:
    """Open so many streams and wait until each is."""
    loop = asyncio.get_running_loop()
    for _ in range(count):
        await loop.create_connection(lambda: Browser(everyone, ticket), "127.0.0.1", rig.PORT)
    async with asyncio.timeout(30):
        while everyone.ready < count:  # noqa: ASYNC110 - the server says it, on many sockets
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)


async def changes(everyone: Browsers, requests: list[bytes], *, every: float) -> list[tuple[float, float]]:
    """One change after another; for each the milliseconds to the median and to the last browser."""
    took = []
    for request in requests:
        everyone.forget()
        began = time.perf_counter()
        await asyncio.to_thread(post, request)
        async with asyncio.timeout(30):
            await everyone.all_heard.wait()
        delays = [(moment - began) * 1000 for moment in everyone.heard.values()]
        took.append((median(delays), max(delays)))
        await asyncio.sleep(every)
    return took


async def busy(requests: list[bytes], *, seconds: float) -> None:
    """Changes spread evenly over these seconds."""
    began = time.perf_counter()
    for number, request in enumerate(requests):
        await asyncio.sleep(max(began + number * seconds / len(requests) - time.perf_counter(), 0))
        await asyncio.to_thread(post, request)


def null_cost(folder: Path) -> float:
    """Processor microseconds of one answer that does nothing."""
    port = rig.free_port()
    requests = folder / "null"
    webhooks.write(requests, url=f"http://127.0.0.1:{port}/", to="+15035550142", count=40_000, customers=100)
    serve = [sys.executable, "-m", "uvicorn", "bench.null_answer:app", "--port", str(port), "--no-access-log",
             "--log-level", "warning", "--lifespan", "off"]  # fmt: skip
    with rig.program(serve, ready=f"http://127.0.0.1:{port}/") as process:
        before = processes.cpu_seconds(process.pid)
        said = json.loads(
            rig.run([sys.executable, "-m", "bench.load", str(requests), "--port", str(port), "--seconds",
                     str(NULL_SECONDS)])
        )  # fmt: skip
        spent = processes.cpu_seconds(process.pid) - before
    return float(spent / said["requests"] * 1e6)


async def measure(ticket: str, url: str, to: str, *, count: int, times: int, pid: int) -> tuple[float, int]:
    """Open the streams, tell what changes take; the seconds and the notices of the busy part."""
    everyone = Browsers()
    memory = processes.memory_mb(processes.family(pid))
    await connect(everyone, ticket, count=count)
    more = processes.memory_mb(processes.family(pid)) - memory
    report.tell(
        f"fan-out, memory of {count} streams",
        f"{more:.0f} MB, {more / count * 1000:.0f} kB each",
        beside=f"web before: {memory:.0f} MB",
    )
    requests = [webhooks.inbound(url, to=to, customer=number) for number in range(times)]
    took = await changes(everyone, requests, every=1.0 + count / 1000)
    middle, last = median(one[0] for one in took), median(one[1] for one in took)
    report.tell(f"fan-out to {count} browsers", f"median browser {middle:.0f} ms, last {last:.0f} ms")
    requests = [webhooks.inbound(url, to=to, customer=number) for number in range(BUSY_SECONDS * 100)]
    everyone.notices, before = 0, processes.cpu_seconds(pid)
    await busy(requests, seconds=BUSY_SECONDS)
    await asyncio.sleep(1)
    spent = processes.cpu_seconds(pid) - before
    for one in everyone.open_ones:
        one.transport.close()
    return spent, everyone.notices


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, default=500)
    parser.add_argument("--times", type=int, default=15)
    given = parser.parse_args()
    with rig.database() as folder:
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        channel = seed.channel()
        ticket = seed.ticket(seed.member(channel.workspace, "Ana", role="owner"))
        url = f"{rig.PUBLIC_URL}/hooks/twilio/{channel.hook}/inbound"
        with rig.program(rig.web(), ready=f"{rig.PUBLIC_URL}/healthz") as web:
            seconds, notices = uvloop.run(
                measure(ticket, url, channel.address, count=given.browsers, times=given.times, pid=web.pid)
            )
        null = null_cost(folder)
    each = seconds / notices * 1e6
    report.tell(
        f"fan-out, 100 changes/s to {given.browsers} browsers",
        f"{seconds / BUSY_SECONDS * 100:.0f} % of a core, {each:.0f} us a notice",
        beside=f"null ASGI answer: {null:.0f} us",
        ratio=each / null,
    )


if __name__ == "__main__":
    main()
