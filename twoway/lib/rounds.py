"""A loop of the worker: round after round until it is told to stop, ever more seldom while rounds fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from django.db import DatabaseError

log = structlog.get_logger(__name__)

MOST_DOUBLINGS = 6


async def keep_at(
    stop: asyncio.Event,
    work: Callable[[], Awaitable[float]],
    *,
    name: str,
    every: float,
) -> None:
    """Call `work` until `stop` is set. It answers how many seconds to rest; after an error it is `every` seconds.

    Each further error in a row doubles the rest, `MOST_DOUBLINGS` times at the most. An error of
    the database is a line in the log. Any other is logged whole, and the loop goes on with what comes next.
    """
    failed = 0
    while not stop.is_set():
        try:
            pause, failed = await work(), 0
        except (DatabaseError, psycopg.Error) as error:
            failed = min(failed + 1, MOST_DOUBLINGS)
            pause = every * 2**failed
            log.warning("waits_for_database", loop=name, why=str(error))
        except Exception:
            failed = min(failed + 1, MOST_DOUBLINGS)
            pause = every * 2**failed
            log.exception("round_failed", loop=name)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            continue
