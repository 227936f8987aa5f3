"""The simulated carrier calls the desks: receipts and texts from handsets, signed, until they are taken."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from twoway.providers.base import HttpRequest, SendError
from twoway.providers.http import Transport
from twoway.providers.simulator import SIGNATURE, sign
from twoway.providers.simulator_carrier.store import CarrierStore, Due, content_type

log = logging.getLogger(__name__)
Run = Callable[..., Awaitable[Any]]

TIMEOUT = 15.0  # seconds
AT_ONCE = 16
POLL = 1.0  # seconds between two looks when nothing is known to be due
SHORTEST_NAP = 0.01  # seconds


class Webhooks:
    """The loop that sends what is due. It sleeps until the next one, or until `wake`."""

    def __init__(self, store: CarrierStore, key: str, run: Run) -> None:
        self.store = store
        self.key = key
        self._run = run
        self._woken = asyncio.Event()
        self._dice = random.Random()  # noqa: S311 - faults, not secrets
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Look now. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def forever(self) -> None:
        """Send until cancelled."""
        async with Transport(limit=AT_ONCE) as transport:
            while True:
                self._woken.clear()
                try:
                    pause = await self._once(transport)
                except Exception:
                    log.exception("The simulated carrier's webhooks failed; trying again")
                    pause = POLL
                await self._nap(pause)

    async def _nap(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return

    async def _once(self, transport: Transport) -> float:
        """Send everything that is due; returns how long to sleep."""
        now = datetime.now(UTC)
        faults = await self._run(self.store.faults)
        if faults.is_out(now):
            return POLL
        while webhooks := await self._run(self.store.claim, at=now):
            lines: dict[tuple[str, str], list[Due]] = defaultdict(list)
            for webhook in webhooks:
                lines[webhook.text.handset, webhook.text.desk].append(webhook)
            await asyncio.gather(*(self._in_order(transport, line, faults.unheard) for line in lines.values()))
            now = datetime.now(UTC)
        due_at: datetime | None = await self._run(self.store.next_at)
        if due_at is None:
            return POLL
        return min(max((due_at - datetime.now(UTC)).total_seconds(), SHORTEST_NAP), POLL)

    async def _in_order(self, transport: Transport, line: list[Due], unheard: float) -> None:
        """Send the webhooks of one handset one after the other; a share of them is lost on the way."""
        taken = [
            webhook for webhook in line if self._dice.random() < unheard or await self._is_taken(transport, webhook)
        ]
        if taken:
            await self._run(self.store.done, taken, at=datetime.now(UTC))
        for webhook in line:
            if webhook not in taken:
                await self._run(self.store.again, webhook, at=datetime.now(UTC))

    async def _is_taken(self, transport: Transport, webhook: Due) -> bool:
        """Whether the desk answered 2xx. A receipt nobody asked for counts as taken."""
        if not webhook.url:
            return True
        body = orjson.dumps(_told(webhook))
        moment = int(datetime.now(UTC).timestamp())
        signature = f"{moment}," + sign(self.key, moment, webhook.url, body).decode()
        headers = {SIGNATURE: signature, "content-type": "application/json"}
        call = HttpRequest(method="POST", url=webhook.url, headers=headers, body=body, timeout=TIMEOUT)
        try:
            return 200 <= (await transport.call(call)).status < 300
        except SendError as error:
            log.info("The simulated carrier could not call the desk: %s", error)
            return False


def _told(webhook: Due) -> dict[str, Any]:
    """The webhook's JSON."""
    text = webhook.text
    common = {"id": text.id, "segments": text.segments, "at": text.at.isoformat()}
    if webhook.status:
        told = {"ref": text.ref, "status": webhook.status, "error_code": webhook.error_code}
        return {"type": "text.status", **common, **told, "at": text.changed_at.isoformat()}
    media = [{"url": url, "content_type": content_type(url)} for url in text.media_urls]
    return {
        "type": "text.received", **common, "from": text.handset, "to": text.desk, "body": text.body, "media": media
    }  # fmt: skip
