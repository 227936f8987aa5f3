"""The worker's loop that keeps numbers well: counters, pauses, retirements, and the limits of brands.

One worker at a time does it; what each round does is due or not, so that a round too many changes nothing.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, connection, transaction

from twoway.channels.brands import actions as brands
from twoway.channels.health import actions as health
from twoway.compliance.modes import actions as modes
from twoway.messaging import pooling

log = structlog.get_logger(__name__)

LOOK_EVERY = 3.0
PRUNE_EVERY = 3600.0


def keep(*, at: datetime) -> bool:
    """One round; False when another worker is at it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('upkeep of numbers', 0))")
            found = cursor.fetchone()
        if not found or not found[0]:
            return False
        resumed = health.resume_due(at=at)
        paused = health.judge(channel_ids=health.roll_up(), at=at)
        retired = pooling.retire_due(at=at)
        warned = brands.warn(at=at)
        modes.hide_newcomers(at=at)
    if resumed or paused or retired or warned:
        log.info("numbers_changed", resumed=resumed, paused=paused, retired=retired, brands_warned=warned)
    return True


def prune(*, at: datetime) -> None:
    """Forget counters that are too old to show."""
    health.prune(at=at)
    brands.prune(at=at)


async def run(stop: asyncio.Event) -> None:
    """Keep numbers well until `stop` is set; a lost database only makes it wait."""
    clock = asyncio.get_running_loop().time
    prune_at = clock() + PRUNE_EVERY
    while not stop.is_set():
        try:
            await sync_to_async(_round, thread_sensitive=False)(clock() >= prune_at)
            if clock() >= prune_at:
                prune_at = clock() + PRUNE_EVERY
        except (DatabaseError, psycopg.Error) as error:
            log.warning("upkeep_waits_for_database", why=str(error))
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await stop.wait()
        except TimeoutError:
            continue


def _round(prunes: bool) -> None:
    close_old_connections()
    at = datetime.now(UTC)
    keep(at=at)
    if prunes:
        prune(at=at)
