"""The whole web process: webhooks, the live stream, the simulated carrier, and Django behind a thread bridge."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import structlog
from a2wsgi import WSGIMiddleware
from django.conf import settings
from psycopg import AsyncConnection

from twoway.channels import urls
from twoway.lib import collector
from twoway.messaging import database
from twoway.messaging.directory import Directory
from twoway.messaging.intake import Intake
from twoway.messaging.spool import Spool
from twoway.ops import measures
from twoway.ops.measures import Metric, Sample
from twoway.webhooks.carrier import PREFIX, carrier
from twoway.webhooks.files import PREFIX as FILES
from twoway.webhooks.files import files
from twoway.webhooks.hooks import Hooks, Receive, Scope, Send
from twoway.webhooks.live import Hub, Stream
from twoway.webhooks.short_road import short_road
from twoway.wsgi import application as django_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoway.settings")
log = structlog.get_logger(__name__)

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Application:
    """One web process. `begin_drain` is called on SIGTERM, before the server stops taking requests."""

    def __init__(self) -> None:
        self.directory = Directory(settings.SEALING_KEY)
        self.spool = Spool(settings.DATA_DIR / "spool", most_bytes=settings.SPOOL_BYTES)
        self.intake = Intake(
            dsn=database.dsn(),
            directory=self.directory,
            queue_limit=settings.INTAKE_QUEUE,
            spool=self.spool if settings.SPOOL_BYTES else None,
        )
        self.hub = Hub(dsn=database.dsn(), on_channels=self._channels_changed)
        self.carrier = carrier()
        self._django: Any = WSGIMiddleware(cast(Any, django_application), workers=settings.WEB_THREADS)
        self.call_spool = Spool(settings.DATA_DIR / "spool_calls", most_bytes=settings.SPOOL_BYTES)
        self.hooks = Hooks(
            take=self.intake,
            public_url=settings.PUBLIC_URL,
            call_spool=self.call_spool if settings.SPOOL_BYTES else None,
        )
        self._doors: list[tuple[str, App]] = [
            ("/hooks/", self.hooks),
            ("/live", Stream(self.hub)),
            (f"{PREFIX}/", self.carrier),
            (FILES, files),
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        for prefix, door in self._doors:
            if scope["path"].startswith(prefix) and (prefix.endswith("/") or scope["path"] == prefix):
                await door(scope, receive, send)
                return
        await self._django(scope, receive, send)

    @property
    def http_protocol(self) -> type[Any]:
        """uvicorn's HTTP/1.1 protocol, with the short road for webhooks."""
        return short_road(self.hooks, trusts_proxies=bool(settings.TRUSTED_PROXIES))

    def begin_drain(self) -> None:
        """Close the streams at once; they would keep the server from stopping."""
        self.hub.close()

    def figures(self) -> Iterator[Metric]:
        """What /metrics shows of this process; where several share a port, any one of them answers."""
        process = (("process", str(os.getpid())),)
        stored = (Sample(self.intake.stored, process),)
        refused = (Sample(self.intake.refused, process),)
        yield Metric("twoway_intake_stored_total", "Webhooks stored by this process.", stored, "counter")
        yield Metric("twoway_intake_refused_total", "Webhooks told to come again (503).", refused, "counter")
        yield Metric(
            "twoway_intake_waiting", "Webhooks waiting for the next commit.", (Sample(self.intake.waiting, process),)
        )

        yield Metric(
            "twoway_spool_entries",
            "Webhooks on this machine's disk that wait for the database.",
            (Sample(self.spool.entries + self.call_spool.entries, process),),
        )

    async def _channels_changed(self, connection: AsyncConnection[Any]) -> None:
        await self.directory.refresh(connection)
        await asyncio.to_thread(self._tell_carrier)

    def _tell_carrier(self) -> None:
        """Where the simulated carrier sends texts to its numbers: our address may be another than at the last start."""
        store = self.carrier.store
        for route in self.directory.routes.values():
            if route.provider == "simulator" and route.is_active:
                url = urls.hook_url(route.provider, route.hook, "inbound")
                try:
                    store.register(address=route.address, inbound_url=url)
                except sqlite3.Error:
                    log.exception("carrier_not_told", channel_id=route.id)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                collector.calm()
                await self.carrier.start()
                measures.sources.append(self.figures)
                self._tasks = [asyncio.create_task(self.intake.run()), asyncio.create_task(self.hub.run())]
                self._tasks.append(asyncio.create_task(self.hub.attendance.run()))
                self._tasks.append(asyncio.create_task(self.hooks.voice.run()))
                await send({"type": "lifespan.startup.complete"})
            else:
                measures.sources.remove(self.figures)
                self.hub.close()
                await self.carrier.stop()
                self.intake.close()
                await asyncio.wait(self._tasks[:1], timeout=settings.DRAIN_SECONDS)
                for task in self._tasks:
                    task.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return


application = Application()
