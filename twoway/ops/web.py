"""One web process: uvicorn around `twoway.asgi`, told to drain before it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.db import connection

from twoway.lib import collector
from twoway.ops import lifeline, listening
from twoway.ops.database import database

APPLICATION = "twoway.asgi"
ARRIVAL = "twoway.ops.arrival"
_FOR_LAST_WRITES_SECONDS = 2


class Server(uvicorn.Server):
    """Lets the application close what would keep it from ending, and says when it takes requests."""

    def __init__(self, config: uvicorn.Config, begin_drain: Callable[[], None]) -> None:
        super().__init__(config)
        self._begin_drain = begin_drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and then tell the supervisor."""
        await super().startup(sockets)
        lifeline.ready("web")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear signals inside the event loop, and do not raise them once more at the end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Drain and end; asked a second time, end without waiting for requests."""
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        self._begin_drain()


def main(args: argparse.Namespace, listener: socket.socket) -> int:
    """Take requests from `listener` until told to stop."""
    stops: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, frame: stops.append(caught))
    lifeline.watch()
    with listener, database(args):
        import_module(ARRIVAL).arrive(is_sibling=args.sibling)
        connection.close()
        with collector.paused():
            application: Any = import_module(APPLICATION).application
            import_module(settings.ROOT_URLCONF)  # else the first request would wait for it
        server = Server(configured(application), getattr(application, "begin_drain", lambda: None))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.stop)
        if not stops:
            server.run(sockets=[listener])
    return 0


def configured(application: Any) -> uvicorn.Config:
    """How uvicorn serves it: forwarded addresses count only from proxies that were named."""
    trusted = settings.TRUSTED_PROXIES
    return uvicorn.Config(
        application,
        loop="uvloop",
        http=getattr(application, "http_protocol", "httptools"),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted or None,
        backlog=listening.BACKLOG,
        timeout_graceful_shutdown=max(1, settings.DRAIN_SECONDS - _FOR_LAST_WRITES_SECONDS),
    )
