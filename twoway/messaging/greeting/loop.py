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
SETTLE_EVERY = 2.0
"""What became of promises is looked at less often than what somebody waits for."""
UPKEEP_EVERY = 3600.0


async def run(stop: asyncio.Event) -> None:
    """Follow until `stop` is set; whatever a round raises only makes it wait."""
    clock = asyncio.get_running_loop().time
    upkeep_at = settle_at = clock()

    async def work() -> float:
        nonlocal upkeep_at, settle_at
        tidies, settles = clock() >= upkeep_at, clock() >= settle_at
        pause = await sync_to_async(_round, thread_sensitive=False)(tidies, settles)
        if tidies:
            upkeep_at = clock() + UPKEEP_EVERY
        if settles:
            settle_at = clock() + SETTLE_EVERY
        return pause

    await keep_at(stop, work, name="greeting", every=LOOK_EVERY)


def _round(tidies: bool, settles: bool) -> float:
    close_old_connections()
    return round_of(at=datetime.now(UTC), tidies=tidies, settles=settles)


def round_of(*, at: datetime, tidies: bool = False, settles: bool = True) -> float:
    """One round; how many seconds to rest after it."""
    if tidies:
        settling.prune(at=at)
    settings, passed = queries.active(), 0
    if settings:
        if any(row.history_at is None for row in settings.values()):
            history.learn_all(at=at)
        passed = following.round_of(settings, at=at)
        following.place(at=at)
        deciding.send_due(at=at)
    else:
        following.forget()
    if settles:
        settling.settle(at=at)
        lateness.warn_due(at=at)
    if not settings:
        return IDLE_EVERY
    return 0.0 if passed >= BATCH else LOOK_EVERY
