"""The worker's loop of callbacks: what customers answered, and what time does. Any number of workers may run it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.events.following import BATCH
from twoway.lib.rounds import keep_at
from twoway.messaging.callbacks import hearing, moving
from twoway.messaging.deflection import actions as deflection

LOOK_EVERY = 0.5
FORGET_EVERY = 600.0


async def run(stop: asyncio.Event) -> None:
    """Go on until `stop` is set; whatever a round raises only makes it wait."""
    clock = asyncio.get_running_loop().time
    forget_at = clock()

    async def work() -> float:
        nonlocal forget_at
        forgets = clock() >= forget_at
        pause = await sync_to_async(_round, thread_sensitive=False)(forgets)
        if forgets:
            forget_at = clock() + FORGET_EVERY
        return pause

    await keep_at(stop, work, name="callbacks", every=LOOK_EVERY)


def _round(forgets: bool) -> float:
    close_old_connections()
    at = datetime.now(UTC)
    if forgets:
        deflection.forget(at=at)
    heard = hearing.round_of(at=at)
    moved = moving.move_due(at=at)
    return 0.0 if heard >= BATCH or moved >= moving.AT_ONCE else LOOK_EVERY
