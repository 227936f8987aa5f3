"""The worker's loop behind the clocks: it reads on, sets anew what a change of policies or hours moved, and tells."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.events.following import BATCH
from twoway.lib.rounds import keep_at
from twoway.sla import adopting, firing, reading

LOOK_EVERY = 0.5
SETTLE_EVERY = 3.0


async def run(stop: asyncio.Event) -> None:
    """Follow until `stop` is set; whatever a round raises only makes it wait."""
    clock = asyncio.get_running_loop().time
    settle_at = clock()

    async def work() -> float:
        nonlocal settle_at
        settles = clock() >= settle_at
        is_busy, is_settling = await sync_to_async(_round, thread_sensitive=False)(settles)
        if settles and not is_settling:
            settle_at = clock() + SETTLE_EVERY
        return 0.0 if is_busy else LOOK_EVERY

    await keep_at(stop, work, name="clocks", every=LOOK_EVERY)


def _round(settles: bool) -> tuple[bool, bool]:
    """Whether there is more to do at once, and whether clocks are still being set anew."""
    close_old_connections()
    at = datetime.now(UTC)
    is_more = reading.read(at=at) >= BATCH
    settled = adopting.settle_next(at=at) if settles else 0
    fired = 0 if is_more else firing.fire(at=at)
    return is_more or settled > 0 or fired >= firing.AT_ONCE, settled > 0
