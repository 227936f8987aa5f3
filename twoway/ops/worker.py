"""Runs the loops of a worker, each restarted when it fails, until told to stop."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module

import structlog
import uvloop
from django.conf import settings
from django.db import connections

from twoway.ops import actions, lifeline
from twoway.ops.loops import DEMO_LOOPS, lanes_served, loops_for

log = structlog.get_logger()

BEAT_SECONDS = 5.0
HEALTHY_SECONDS = 30.0
LONGEST_DELAY_SECONDS = 30.0
_FOR_CANCELLING_SECONDS = 3


def main(lanes: Sequence[str], *, loops: Mapping[str, str] | None = None, is_demo: bool = False) -> int:
    """Run the loops of these lanes (or the `loops` given, as dotted paths) until SIGTERM or SIGINT; returns 0.

    `is_demo`: also what keeps the demo's teammates at their desks.
    """
    lanes_served.set(tuple(lanes))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work({**(loops_for(lanes) if loops is None else loops), **(DEMO_LOOPS if is_demo else {})}, lanes))
    return 0


async def _work(loops: Mapping[str, str], lanes: Sequence[str]) -> None:
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    lifeline.watch()
    tasks = [asyncio.create_task(keep_running(name, path, stop), name=name) for name, path in loops.items()]
    tasks.append(asyncio.create_task(_beat(stop, lanes), name="beat"))
    await stop.wait()
    log.info("worker_drains")
    patience = max(1, settings.DRAIN_SECONDS - _FOR_CANCELLING_SECONDS)
    _, late = await asyncio.wait(tasks, timeout=patience)
    for task in late:
        log.warning("loop_cancelled", loop=task.get_name(), after_seconds=patience)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def keep_running(name: str, path: str, stop: asyncio.Event) -> None:
    """Run the loop at the dotted `path` until `stop`; start it again when it ends or fails, ever later."""
    module, _, function = path.rpartition(".")
    clock = asyncio.get_running_loop().time
    failures = 0
    while not stop.is_set():
        started_at = clock()
        try:
            await getattr(import_module(module), function)(stop)
        except Exception:
            log.exception("loop_failed", loop=name)
        if stop.is_set():
            return
        failures = 1 if clock() - started_at >= HEALTHY_SECONDS else failures + 1
        delay = min(0.5 * 2 ** (failures - 1), LONGEST_DELAY_SECONDS)
        log.warning("loop_ended", loop=name, starts_again_in=delay)
        await _sleep(stop, delay)


async def _beat(stop: asyncio.Event, lanes: Sequence[str]) -> None:
    """Say in the database that this worker lives; take it back at the end."""
    host, pid = socket.gethostname(), os.getpid()
    name = f"{host}-{pid}-{secrets.token_hex(3)}"
    started_at = datetime.now(UTC)
    is_known = False
    while not stop.is_set():
        try:
            await asyncio.to_thread(_write_beat, name, host, pid, ",".join(lanes), started_at)
        except Exception:
            log.exception("beat_failed")
        else:
            if not is_known:
                lifeline.ready("worker")
            is_known = True
        await _sleep(stop, BEAT_SECONDS)
    if is_known:
        await asyncio.to_thread(_take_back, name)


def _write_beat(name: str, host: str, pid: int, lanes: str, started_at: datetime) -> None:
    try:
        actions.beat(name=name, host=host, pid=pid, lanes=lanes, started_at=started_at, at=datetime.now(UTC))
    finally:
        connections.close_all()


def _take_back(name: str) -> None:
    try:
        actions.end_beat(name=name)
    finally:
        connections.close_all()


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
