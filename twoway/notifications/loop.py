"""The worker's loop that tells members what happened. `rules.told` says who is told of what."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from twoway.notifications import reading, upkeep

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
UPKEEP_EVERY = 3600.0
MOST_DOUBLINGS = 6


async def run(stop: asyncio.Event) -> None:
    """Tell until `stop` is set; whatever a round raises only makes it wait."""
    clock = asyncio.get_running_loop().time
    upkeep_at, failed = clock(), 0
    while not stop.is_set():
        pause = LOOK_EVERY
        try:
            if await sync_to_async(_round, thread_sensitive=False)(clock() >= upkeep_at) >= reading.BATCH:
                pause = 0.0
            upkeep_at = clock() + UPKEEP_EVERY if clock() >= upkeep_at else upkeep_at
            failed = 0
        except (DatabaseError, psycopg.Error) as error:
            failed = min(failed + 1, MOST_DOUBLINGS)
            log.warning("notifications_wait_for_database", why=str(error))
        except Exception:  # the loop must go on with what comes next
            failed = min(failed + 1, MOST_DOUBLINGS)
            log.exception("notifications_failed")
        try:
            async with asyncio.timeout(pause * 2**failed):
                await stop.wait()
        except TimeoutError:
            continue


def _round(tidies: bool) -> int:
    close_old_connections()
    at = datetime.now(UTC)
    if tidies:
        upkeep.prune(at=at)
    return reading.round_of(at=at)
