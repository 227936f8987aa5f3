"""The worker's loop of calls: texts after missed calls, and calls whose end nobody told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.lib.rounds import keep_at
from twoway.messaging.calls import due

LOOK_EVERY = 0.5


async def run(stop: asyncio.Event) -> None:
    """Look until `stop` is set; whatever a round raises only makes it wait."""

    async def work() -> float:
        looked = await sync_to_async(_round, thread_sensitive=False)()
        return 0.0 if looked >= due.BATCH else LOOK_EVERY

    await keep_at(stop, work, name="calls", every=LOOK_EVERY)


def _round() -> int:
    close_old_connections()
    return due.round_of(at=datetime.now(UTC))
