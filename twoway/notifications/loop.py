"""The worker's loop that tells members what happened. `rules.told` says who is told of what."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.events.following import BATCH
from twoway.lib.rounds import keep_at
from twoway.notifications import reading, upkeep

LOOK_EVERY = 0.5
UPKEEP_EVERY = 3600.0


async def run(stop: asyncio.Event) -> None:
    """Tell until `stop` is set; whatever a round raises only makes it wait."""
    clock = asyncio.get_running_loop().time
    upkeep_at = clock()

    async def work() -> float:
        nonlocal upkeep_at
        tidies = clock() >= upkeep_at
        told = await sync_to_async(_round, thread_sensitive=False)(tidies)
        if tidies:
            upkeep_at = clock() + UPKEEP_EVERY
        return 0.0 if told >= BATCH else LOOK_EVERY

    await keep_at(stop, work, name="notifications", every=LOOK_EVERY)


def _round(tidies: bool) -> int:
    close_old_connections()
    at = datetime.now(UTC)
    if tidies:
        upkeep.prune(at=at)
    return reading.round_of(at=at)
