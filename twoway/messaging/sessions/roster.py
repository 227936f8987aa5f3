"""The sessions of one worker: one for each active channel that has one, begun and ended as channels come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from django.conf import settings

from twoway.messaging.directory import Directory, Route
from twoway.messaging.intake import Intake
from twoway.messaging.sessions.holder import Holder
from twoway.messaging.sessions.line import Timing
from twoway.providers.base import Accepted, NotConnected, OutboundText
from twoway.providers.smpp.setup import setup_of

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = 0.5
NO_LIMIT: Final = 1_000_000


class Sessions:
    """What delivery asks about channels whose texts go over a session; channels of HTTP providers are always free.

    `changed` is called with a route when its session was bound (True) or could not be (False).
    """

    def __init__(
        self,
        *,
        dsn: str,
        directory: Directory,
        worker: str,
        changed: Callable[[Route, bool], None],
        timing: Timing | None = None,
    ) -> None:
        self._dsn, self._directory, self._worker = dsn, directory, worker
        self._changed, self._timing = changed, timing or Timing()
        self._holders: dict[int, tuple[Holder, asyncio.Task[None]]] = {}
        self._intake = Intake(dsn=dsn, directory=directory, queue_limit=settings.INTAKE_QUEUE)
        self._unusable: set[int] = set()

    def is_mine(self, route: Route) -> bool:
        """Whether this worker hands over the texts of a channel."""
        if not route.adapter.is_session:
            return True
        holder = self._holder(route)
        return holder is not None and holder.is_mine

    def is_open(self, route: Route) -> bool:
        """Whether texts of a channel can be handed over now."""
        if not route.adapter.is_session:
            return True
        holder = self._holder(route)
        return holder is not None and holder.is_bound

    def room(self, route: Route) -> int:
        """How many more texts of a channel may be claimed."""
        if not route.adapter.is_session:
            return NO_LIMIT
        holder = self._holder(route)
        return 0 if holder is None else holder.room

    async def hand_over(self, route: Route, text: OutboundText) -> Accepted:
        """Submit a text over the channel's session. Raises a `SendError`."""
        holder = self._holder(route)
        if holder is None:
            raise NotConnected("This worker has no session for this channel.")
        return await holder.hand_over(text)

    def _holder(self, route: Route) -> Holder | None:
        found = self._holders.get(route.id)
        return found[0] if found is not None else None

    async def run(self) -> None:
        """Keep the sessions in step with the channels until cancelled; then unbind them all."""
        writer = asyncio.create_task(self._intake.run())
        try:
            while True:
                self._adjust()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._end(list(self._holders))
            self._intake.close()
            await writer

    def _adjust(self) -> None:
        """Begin sessions of new channels and end those of channels that are gone or were changed."""
        wanted = {route.id: route for route in self._directory.routes.values() if _has_session(route)}
        for channel_id, (holder, task) in list(self._holders.items()):
            route = wanted.get(channel_id)
            if route is None or route.account != holder.route.account or task.done():
                self._forget(channel_id)
            elif route is not holder.route:
                holder.route = route
        for channel_id, route in wanted.items():
            if channel_id not in self._holders:
                self._begin(route)

    def _begin(self, route: Route) -> None:
        try:
            setup = setup_of(route.account)
        except (KeyError, ValueError) as error:
            if route.id not in self._unusable:
                self._unusable.add(route.id)
                log.error("session_set_up_wrong", channel_id=route.id, why=str(error))
            return
        self._unusable.discard(route.id)
        holder = Holder(
            dsn=self._dsn,
            route=route,
            setup=setup,
            intake=self._intake,
            worker=self._worker,
            timing=self._timing,
            changed=self._changed,
        )
        self._holders[route.id] = (holder, asyncio.create_task(holder.run(), name=f"session of channel {route.id}"))

    def _forget(self, channel_id: int) -> None:
        """End a session beside the others; its task unbinds by itself."""
        holder, task = self._holders.pop(channel_id)
        holder.end()
        task.add_done_callback(_log_failure)

    async def _end(self, channel_ids: list[int]) -> None:
        ending = [self._holders.pop(channel_id) for channel_id in channel_ids]
        for holder, _ in ending:
            holder.end()
        if ending:
            _, late = await asyncio.wait([task for _, task in ending], timeout=3 * self._timing.unbind)
            for task in late:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _has_session(route: Route) -> bool:
    return route.is_active and route.adapter.is_session


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("session_failed", task=task.get_name(), exc_info=error)
