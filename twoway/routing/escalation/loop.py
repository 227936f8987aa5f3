"""The worker's loop that asks the escalation rules about what happened."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.events import following
from twoway.lib.rounds import keep_at
from twoway.routing.escalation.acting import round_of

LOOK_EVERY = 0.5


async def run(stop: asyncio.Event) -> None:
    """Ask until `stop` is set; whatever a round raises only makes it wait."""

    async def work() -> float:
        seen = await sync_to_async(_round, thread_sensitive=False)()
        return 0.0 if seen >= following.BATCH else LOOK_EVERY

    await keep_at(stop, work, name="escalation", every=LOOK_EVERY)


def _round() -> int:
    close_old_connections()
    return round_of(at=datetime.now(UTC))
