"""One small process that keeps the others running. Why it is our own: docs/decisions/0002-one-supervisor.md."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from twoway.ops import lifeline
from twoway.ops.say import say

HEALTHY_SECONDS = 30.0
"""A child that ran this long was well; its next start is not delayed."""

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 15.0
_TICK_SECONDS = 1.0


_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""glibc otherwise keeps a heap of its own for each thread, and what one gave back none of the others takes."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process to keep running. `descriptors` are handed down to it under their own numbers."""

    name: str
    argv: Sequence[str]
    descriptors: Sequence[int] = ()


@dataclass(kw_only=True)
class _Child:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    failures: int = 0
    status: int = 0


class Supervisor:
    """Starts parts, restarts those that end, and drains them when told to stop (SIGTERM, SIGINT, SIGHUP).

    `on_tick` is called about once a second, `on_ready` with the name of a part that says it is at work.
    It also reaps processes that are not its own, as the first process of a container has to.
    """

    def __init__(
        self,
        *,
        drain_seconds: float,
        on_tick: Callable[[], None] = lambda: None,
        on_ready: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._drain_seconds = drain_seconds
        self._on_tick = on_tick
        self._on_ready = on_ready
        self._children: list[_Child] = []
        self._stops = 0
        self._lifeline, self._held = os.pipe()
        self._ready, self._ready_end = os.pipe()
        self._wake, self._wake_end = os.pipe()
        for descriptor in (self._ready, self._wake, self._wake_end):
            os.set_blocking(descriptor, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ready, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake_end, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def run_to_end(self, part: Part) -> int:
        """Run one process to its end and return its exit status, negative for a signal. A stop ends it early."""
        child = _Child(part=part)
        self._children = [child]
        self._spawn(child)
        while child.process and not self._stops:
            self._wait(_TICK_SECONDS)
            self._reap()
        self._drain()
        self._children = []
        return child.status

    def run(self, parts: Sequence[Part]) -> int:
        """Keep the parts running until told to stop; returns 0 after the drain."""
        self._children = [_Child(part=part) for part in parts]
        while not self._stops:
            for child in self._reap():
                self._schedule(child)
            self._start_due()
            self._on_tick()
            if not self._stops:
                self._wait(self._seconds_to_next())
        self._drain()
        return 0

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stops > 0

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stops += 1

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.start_at <= now:
                self._spawn(child)

    def _seconds_to_next(self) -> float:
        due = [child.start_at - time.monotonic() for child in self._children if child.process is None]
        return max(0.0, min([_TICK_SECONDS, *due]))

    def _spawn(self, child: _Child) -> None:
        handed_down = {lifeline.LIFELINE: self._lifeline, lifeline.READY: self._ready_end}
        told = {name: str(descriptor) for name, descriptor in handed_down.items()}
        child.process = subprocess.Popen(
            list(child.part.argv),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env={**_FEW_ARENAS, **os.environ, **told},
            pass_fds=[*handed_down.values(), *child.part.descriptors],
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        say("part_started", part=child.part.name, pid=child.process.pid)

    def _wait(self, seconds: float) -> None:
        """Sleep until a signal, a child's word or the time is over."""
        for key, _ in self._selector.select(seconds):
            with suppress(BlockingIOError):
                data = os.read(key.fd, 65536)
                if key.fd == self._ready:
                    for name in data.decode().split():
                        self._on_ready(name)

    def _reap(self) -> list[_Child]:
        """Note who has ended."""
        ended = []
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                for child in self._children:
                    if child.process and child.process.pid == pid:
                        child.status = child.process.returncode = os.waitstatus_to_exitcode(status)
                        child.process = None
                        ended.append(child)
        return ended

    def _schedule(self, child: _Child) -> None:
        """Have one that ended start again: soon, unless it keeps ending."""
        lived = time.monotonic() - child.started_at
        child.failures = 1 if lived >= HEALTHY_SECONDS else child.failures + 1
        delay = min(FIRST_DELAY_SECONDS * 2 ** (child.failures - 1), LONGEST_DELAY_SECONDS)
        child.start_at = time.monotonic() + delay
        say("part_ended", level="warning", part=child.part.name, status=child.status, starts_again_in=delay)

    def _drain(self) -> None:
        """Ask the children to end, give them their time, then end them by force. A second stop cuts the time short."""
        stops = self._stops
        give_up_at = time.monotonic() + self._drain_seconds
        self._signal_all(signal.SIGTERM)
        while self._running() and time.monotonic() < give_up_at and self._stops == stops:
            self._wait(min(0.2, self._drain_seconds))
            self._reap()
        for child in self._running():
            say("part_killed", level="warning", part=child.part.name, after_seconds=self._drain_seconds)
        self._signal_all(signal.SIGKILL)
        while self._running():
            self._wait(0.2)
            self._reap()

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self._running():
            if child.process:
                os.kill(child.process.pid, number)

    def _running(self) -> list[_Child]:
        return [child for child in self._children if child.process]
