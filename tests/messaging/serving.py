"""The whole web application on a real socket, in a thread of the test; and a browser's live stream."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse

import uvicorn

from twoway.asgi import Application
from twoway.ops import listening, web

PATIENCE = 60


class Site:
    """A web process that listens on `port`."""

    def __init__(self) -> None:
        self.application = Application()
        self.ready = threading.Event()
        self._listener = listening.listen("127.0.0.1", 0)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = uvicorn.Server(web.configured(self.application))
        serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        while not self._server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        self.ready.set()
        await serving

    def start(self) -> None:
        self._thread.start()
        assert self.ready.wait(PATIENCE)

    def stop(self) -> None:
        self.drain()
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._listener.close()

    def drain(self) -> None:
        """What a web process does first when it is told to stop."""
        self._loop.call_soon_threadsafe(self.application.begin_drain)

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one answer, on a connection of its own. A body that is an iterator goes in chunks."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request(method, path, body=body, headers=headers or {}, encode_chunked=not isinstance(body, bytes))
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()


@contextmanager
def site() -> Iterator[Site]:
    """The application while it runs."""
    made = Site()
    made.start()
    try:
        yield made
    finally:
        made.stop()


class Stream:
    """One browser that listens."""

    def __init__(self, port: int, ticket: str, *, tab: str = "") -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._line.request("GET", f"/live?ticket={ticket}&tab={tab}")
        self.answer: HTTPResponse = self._line.getresponse()

    @property
    def status(self) -> int:
        return self.answer.status

    def next(self) -> tuple[str, dict[str, list[int]]] | None:
        """The next event and its data, comments left out; None when the stream is over."""
        event, data = "", ""
        while line := self.answer.readline():
            words = line.decode().rstrip("\n")
            if words.startswith("event: "):
                event = words[7:]
            elif words.startswith("data: "):
                data = words[6:]
            elif not words and event:
                return event, json.loads(data)
        return None

    def changed(self) -> list[int]:
        """The conversations of the next notice."""
        found = self.next()
        assert found is not None, "the stream has ended"
        event, data = found
        assert event == "changed", event
        return data["conversations"]

    def close(self) -> None:
        self.answer.close()
        self._line.close()
