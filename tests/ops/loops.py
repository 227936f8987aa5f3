"""Loops and a job for the worker in working.py; what happens to them is noted in the file TEST_NOTES names."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

NOTES = Path(os.environ["TEST_NOTES"])


def note(word: str) -> None:
    with NOTES.open("a") as file:
        file.write(word + "\n")


async def steady(stop: asyncio.Event) -> None:
    note("steady started")
    await stop.wait()
    note("steady ended")


async def failing(stop: asyncio.Event) -> None:
    note("failing started")
    raise RuntimeError("on purpose")


async def hanging(stop: asyncio.Event) -> None:
    note("hanging started")
    try:
        await asyncio.Event().wait()
    finally:
        note("hanging cancelled")


@app.task(queue="slow", name="tests.ends_the_second_time")
def ends_the_second_time() -> None:
    is_first = "job began" not in NOTES.read_text()
    note("job began")
    while is_first:
        time.sleep(0.1)
    note("job done")


async def defers(stop: asyncio.Event) -> None:
    note("defers started")
    await sync_to_async(ends_the_second_time.defer)()
    await stop.wait()


async def cleans(stop: asyncio.Event) -> None:
    """Has done at once what the clock would have done some time."""
    now = int(datetime.now(UTC).timestamp())
    for name in ("retry_stalled", "clean_up", "remove_old_jobs"):
        with suppress(AlreadyEnqueued):
            await sync_to_async(app.configure_task(f"twoway.ops.tasks.{name}").defer)(timestamp=now)
    await stop.wait()
