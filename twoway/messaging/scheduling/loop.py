"""The worker's loop that hands scheduled texts to the door at their time. Any number of workers may run it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from twoway.conversations.actions import forget_changes
from twoway.messaging.scheduling import actions, queries, undoing

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
FORGET_EVERY = 60.0


async def run(stop: asyncio.Event) -> None:
    """Send what is due until `stop` is set; a lost database only makes it wait."""
    clock = asyncio.get_running_loop().time
    forget_at = clock()
    while not stop.is_set():
        try:
            await sync_to_async(_round, thread_sensitive=False)(clock() >= forget_at)
            if clock() >= forget_at:
                forget_at = clock() + FORGET_EVERY
        except (DatabaseError, psycopg.Error) as error:
            log.warning("scheduling_waits_for_database", why=str(error))
        except Exception:  # a loop that ended here would leave texts unsent without a word
            log.exception("scheduling_failed")
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await stop.wait()
        except TimeoutError:
            continue


def _round(forgets: bool) -> None:
    close_old_connections()
    at = datetime.now(UTC)
    due = queries.next_due()
    if due is not None and due <= at:
        actions.send_due(at=at)
    if forgets:
        undoing.forget(at=at)
        actions.forget(at=at)
        forget_changes(at=at)
