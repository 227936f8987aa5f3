"""A web process around a small application of our own, on a free port, which it prints. Run as a process of its own.

/slow answers after a second, /stream ends only when told to drain, /who says who the caller seems to be.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import django

from twoway.ops import listening, web

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Application:
    def __init__(self) -> None:
        self.draining = asyncio.Event()

    def begin_drain(self) -> None:
        print("drains", flush=True)
        self.draining.set()

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send
    ) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            print("ends", flush=True)
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun ", "more_body": True})
        if scope["path"] == "/slow":
            await asyncio.sleep(1)
        elif scope["path"] == "/stream":
            await self.draining.wait()
        await send({"type": "http.response.body", "body": str(scope["client"][0]).encode()})


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "twoway.settings"
    django.setup()
    listener = listening.listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    application = Application()
    web.Server(web.configured(application), application.begin_drain).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
