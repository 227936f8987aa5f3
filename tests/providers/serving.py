"""A fake server in a thread of the test, for tests that call it over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.fakes.http_server import Answer, Listener, Request

Script = Callable[[Request], Answer]


@dataclass
class Server:
    """A server in a thread of its own, which writes down what it saw."""

    script: Script
    seen: list[Request] = field(default_factory=list)
    url: str = ""

    def answer(self, request: Request) -> Answer:
        self.seen.append(request)
        return self.script(request)


@contextlib.contextmanager
def serving(script: Script) -> Iterator[Server]:
    """The server while it runs."""
    told = Server(script)
    ready, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        listener = await Listener(told.answer).start()
        told.url = f"http://127.0.0.1:{listener.port}"
        ready.set()
        await ended.wait()
        await listener.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    ready.wait(5)
    try:
        yield told
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(5)
        loop.close()
