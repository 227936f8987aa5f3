"""The webhooks of the fake Twilio: receipts and inbound texts, signed with the official SDK and tried again."""

from __future__ import annotations

import asyncio
import random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from tests.fakes.twilio_api import Message

WORKERS = 32
TRIES = 8
FORM = "application/x-www-form-urlencoded"


class Callbacks:
    """Sends what was planned, in the background, until it is accepted with a 2xx."""

    def __init__(self, account: str, token: str, *, copies: float = 0.0) -> None:
        self.account = account
        self.validator = RequestValidator(token)
        self.copies = copies
        self.dice = random.Random(1)
        self.queue: asyncio.Queue[tuple[str, dict[str, str]]] = asyncio.Queue()
        self.workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        self.workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.cancel()
        await self.session.close()

    def plan(self, message: Message, delay: float) -> None:
        """`sent`, then `delivered`, each after `delay` seconds."""
        loop = asyncio.get_running_loop()
        for step, status in enumerate(("sent", "delivered"), start=1):
            loop.call_later(delay * step, self._receipt, message, status)

    def text(self, told: dict[str, Any], sid: str) -> None:
        """An inbound text to `told["url"]`."""
        form = {
            "ToCountry": "US", "SmsMessageSid": sid, "NumMedia": "0", "SmsSid": sid, "SmsStatus": "received",
            "Body": str(told["body"]), "To": str(told["to"]), "NumSegments": "1", "MessageSid": sid,
            "AccountSid": self.account, "From": str(told["from"]), "ApiVersion": "2010-04-01",
        }  # fmt: skip
        self.queue.put_nowait((str(told["url"]), form))

    def _receipt(self, message: Message, status: str) -> None:
        message.status = status
        form = {
            "SmsSid": message.sid, "SmsStatus": status, "MessageStatus": status, "To": message.to,
            "MessageSid": message.sid, "AccountSid": self.account, "From": message.sender, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if message.service:
            form["MessagingServiceSid"] = message.service
        for _ in range(2 if self.dice.random() < self.copies else 1):
            self.queue.put_nowait((message.callback, form))

    async def _work(self) -> None:
        while True:
            url, form = await self.queue.get()
            for attempt in range(TRIES):
                if await self._post(url, form):
                    break
                await asyncio.sleep(0.1 * 2**attempt)

    async def _post(self, url: str, form: dict[str, str]) -> bool:
        """Whether the webhook was taken."""
        signature = self.validator.compute_signature(url.partition("#")[0], form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": FORM, "User-Agent": "TwilioProxy/1.1"}
        try:
            async with self.session.post(url, data=urlencode(form), headers=headers) as response:
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False
