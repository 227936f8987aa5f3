"""An SMSC that does nothing but answer at once, and deliver on command: `COUNT WINDOW` a line on standard input.

It prints its port, and after each command how many deliveries were acknowledged and in how many seconds.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from itertools import count

HEADER = struct.Struct("!IIII")
SUBMIT, DELIVER, UNBIND = 0x04, 0x05, 0x06
RESPONSE = 0x8000_0000


class Load:
    """The one receiving connection, and the deliveries under way."""

    def __init__(self) -> None:
        self.writer: asyncio.StreamWriter | None = None
        self.ids = count(1)
        self.sequences = count(1)
        self.left = self.under_way = self.ok = self.sent = self.window = 0
        self.done = asyncio.Event()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        left = b""
        while octets := await reader.read(65_536):
            left += octets
            while len(left) >= 16 and len(left) >= (size := HEADER.unpack_from(left)[0]):
                _, command, status, sequence = HEADER.unpack_from(left)
                left = left[size:]
                self.take(writer, command, status, sequence)

    def take(self, writer: asyncio.StreamWriter, command: int, status: int, sequence: int) -> None:
        if command == DELIVER | RESPONSE:
            self.under_way -= 1
            self.ok += status == 0
            self.push()
        elif command < RESPONSE:
            body = f"b{next(self.ids)}\0".encode() if command == SUBMIT else b"" if command >= UNBIND else b"smsc\0"
            body = b"smsc\0" if command in (1, 2, 9) else body
            writer.write(HEADER.pack(16 + len(body), command | RESPONSE, 0, sequence) + body)

    def push(self) -> None:
        """Keep the window full."""
        assert self.writer is not None
        while self.left and self.under_way < self.window:
            self.left -= 1
            self.under_way += 1
            self.sent += 1
            who = b"1415555%04d" % (self.sent % 5000)
            words = b"Where is my order %d? It should be here." % self.sent
            body = b"\0\1\1" + who + b"\0\1\0011" + b"4155550199\0" + b"\0\0\0" + b"\0\0" + b"\0\0\0\0"
            body += bytes([len(words)]) + words
            self.writer.write(HEADER.pack(16 + len(body), DELIVER, 0, next(self.sequences)) + body)
        if not self.left and not self.under_way:
            self.done.set()

    async def deliver(self, number: int, window: int) -> None:
        self.left, self.window, self.ok = number, window, 0
        self.done.clear()
        began = time.perf_counter()
        self.push()
        await self.done.wait()
        print(json.dumps({"ok": self.ok, "seconds": time.perf_counter() - began}), flush=True)


async def main() -> None:
    load = Load()
    server = await asyncio.start_server(load.connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        number, window = line.split()
        await load.deliver(int(number), int(window))


if __name__ == "__main__":
    asyncio.run(main())
