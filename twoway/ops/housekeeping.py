"""The loop that runs periodic and occasional jobs: Procrastinate's worker on the same database."""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.db_cleanup import DjangoApp

from twoway.ops.loops import lanes_served

CONCURRENT_JOBS = 4
_CONNECTIONS = 3
_FOR_CANCELLING_SECONDS = 5


async def run(stop: asyncio.Event) -> None:
    """Work on this worker's lanes until `stop`, then let running jobs finish."""
    await sync_to_async(close_old_connections)()
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    async with _worker_app().open_async() as worker_app:
        work = asyncio.create_task(
            worker_app.run_worker_async(
                queues=list(lanes_served.get()),
                name="housekeeping",
                concurrency=CONCURRENT_JOBS,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=max(1, settings.DRAIN_SECONDS - _FOR_CANCELLING_SECONDS),
            )
        )
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
    if work.done() and not work.cancelled():
        work.result()


def _worker_app() -> DjangoApp:
    """An app with the same tasks that fetches and finishes jobs over connections of its own.

    The tasks keep belonging to the Django app: a job they defer is written in their own transaction.
    """
    worker_app = DjangoApp(
        connector=PsycopgConnector(conninfo=settings.DATABASE_URL, min_size=1, max_size=_CONNECTIONS),
        periodic_defaults=app.periodic_defaults,
    )
    worker_app.tasks = app.tasks
    worker_app.periodic_registry = app.periodic_registry
    return worker_app
