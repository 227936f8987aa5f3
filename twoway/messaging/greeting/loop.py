"""The worker's loop of automatic texts: follows what happens, sends what is due, and sees what became of promises."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.events.following import BATCH
from twoway.lib.rounds import keep_at
from twoway.messaging.greeting import deciding, following, history, lateness, queries, settling

LOOK_EVERY = 0.5
IDLE_EVERY = 2.0
"""Where no automatic text is switched on."""
UPKEEP_EVERY = 3600.0


async def run(stop: asyncio.Event) -> None:
    """Follow until `stop` is set; whatever a round raises only makes it wait."""
    clock = asyncio.get_running_loop().time
    upkeep_at = clock()

    async def work() -> float:
        nonlocal upkeep_at
        tidies = clock() >= upkeep_at
        pause = await sync_to_async(_round, thread_sensitive=False)(tidies)
        if tidies:
            upkeep_at = clock() + UPKEEP_EVERY
        return pause

    await keep_at(stop, work, name="greeting", every=LOOK_EVERY)


def _round(tidies: bool) -> float:
    close_old_connections()
    return round_of(at=datetime.now(UTC), tidies=tidies)


def round_of(*, at: datetime, tidies: bool = False) -> float:
    """One round; how many seconds to rest after it."""
    if tidies:
        settling.prune(at=at)
    if not queries.active():
        following.forget()
        settling.settle(at=at)
        return IDLE_EVERY
    history.learn_all(at=at)
    passed = following.round_of(at=at)
    deciding.send_due(at=at)
    settling.settle(at=at)
    lateness.warn_due(at=at)
    return 0.0 if passed >= BATCH else LOOK_EVERY
