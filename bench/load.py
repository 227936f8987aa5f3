"""A load generator: keep-alive connections that send prepared requests and count the answers. One process of its own.

Prints `requests answered_2xx seconds` and the latency percentiles in milliseconds. The requests come from a file: each
line is a complete HTTP request, base64.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import time
from collections import Counter
from pathlib import Path
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One connection: the next request leaves when the last answer has come."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.transport: asyncio.WriteTransport | None = None
        self.sent_at = 0.0
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's are not its subclasses
        self.send()

    def send(self) -> None:
        request = self.load.next()
        if request is None or self.transport is None:
            if self.transport is not None:
                self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """An answer may come in pieces; the next request leaves when it is whole."""
        if len(data) == self.load.size and not self.received:
            self._whole(data[9:12])
            return
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return
        self.load.size = len(self.received)
        self.received = b""
        self._whole(head[9:12])

    def _whole(self, status: bytes) -> None:
        self.load.answered(status, time.perf_counter() - self.sent_at)
        pause = self.load.pause
        if pause:
            asyncio.get_running_loop().call_later(pause, self.send)
        else:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.load.gone()


def _content_length(head: bytes) -> int:
    place = head.find(b"content-length: ")
    return int(head[place + 16 :].partition(b"\r\n")[0]) if place >= 0 else 0


class Load:
    """All connections of one run. `pause` is the seconds a connection rests between requests."""

    def __init__(self, requests: list[bytes], seconds: float, connections: int, pause: float) -> None:
        self.requests = iter(requests)
        self.pause = pause
        self.size = 0  # of the last whole answer; the next is nearly always as long
        self.connections = connections
        self.statuses: Counter[bytes] = Counter()
        self.latencies: list[float] = []
        self.over = asyncio.Event()
        self.ends = time.perf_counter() + seconds

    def next(self) -> bytes | None:
        return None if time.perf_counter() >= self.ends else next(self.requests, None)

    def answered(self, status: bytes, seconds: float) -> None:
        self.statuses[status] += 1
        self.latencies.append(seconds)

    def gone(self) -> None:
        self.connections -= 1
        if self.connections == 0:
            self.over.set()


async def drive(
    requests: list[bytes], *, port: int, seconds: float, connections: int, pause: float
) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    load = Load(requests, seconds, connections, pause)
    began = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: Client(load), "127.0.0.1", port)
    await load.over.wait()
    took = time.perf_counter() - began
    ordered = sorted(load.latencies)
    return {
        "requests": len(ordered),
        "ok": sum(count for status, count in load.statuses.items() if status.startswith(b"2")),
        "statuses": {status.decode(): count for status, count in load.statuses.items()},
        "seconds": took,
        "per_second": len(ordered) / took,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    lines = [base64.b64decode(line) for line in given.requests.read_bytes().splitlines()]
    run = drive(lines, port=given.port, seconds=given.seconds, connections=given.connections, pause=given.pause)
    print(json.dumps(uvloop.run(run)))
