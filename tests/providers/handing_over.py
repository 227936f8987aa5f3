"""Handing one text over through the real transport to a local server that speaks a provider's API, faults included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.http_server import HANG, HANG_UP, Answer, Request
from tests.providers.recorded_cases import ACCOUNTS
from tests.providers.serving import Server, serving
from twoway.providers import registry
from twoway.providers.base import Accepted, Account, OutboundText, SendError
from twoway.providers.http import Transport

PERSON = "+14155550101"
FAULTS: dict[str, Answer] = {
    "hang_up": HANG_UP,
    "hang": HANG,
    "server_error": Answer(503, b"upstream is away", "text/plain"),
    "broken_answer": Answer(200, b'{"half": '),
    "empty_answer": Answer(200, b""),
    "moved": Answer(302, b"", headers={"Location": "http://127.0.0.1:9/"}),
}
UNCERTAIN = tuple(FAULTS)


@dataclass
class Api:
    """A provider's API for one test: `accept` answers a good call; `fault` is played once in its place.

    `after_accepting` plays the fault when the call was carried out already, as when only the answer is lost.
    """

    accept: Callable[[Request], Answer]
    fault: Answer | None = None
    after_accepting: bool = False
    calls: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        """What this call gets."""
        self.calls.append(request)
        if self.fault is None:
            return self.accept(request)
        fault, self.fault = self.fault, None
        if self.after_accepting:
            self.accept(request)
        return fault


@contextmanager
def speaking(api: Api, slug: str, path: str = "") -> Iterator[Account]:
    """The provider's account while its API is the local server."""
    server: Server
    with serving(api.answer) as server:
        yield replace(ACCOUNTS[slug], settings={"api_base": server.url + path})


def text(**changes: Any) -> OutboundText:
    """A text to hand over."""
    made = OutboundText(
        ref="41",
        recipient=PERSON,
        body="It’s on its way 😀",
        status_url="https://desk.example.com/hooks/x/k7q2k7q2/status",
    )
    return replace(made, **changes)


def hand_over(slug: str, account: Account, made: OutboundText, *, within: float = 5.0) -> Accepted | SendError:
    """What came of it: the acceptance, or the error the delivery loop would get."""
    provider = registry.get(slug)

    async def run() -> Accepted:
        async with Transport(limit=2) as transport:
            return provider.read_send(await transport.call(replace(provider.send(account, made), timeout=within)))

    try:
        return asyncio.run(run())
    except SendError as error:
        return error


def ask(slug: str, account: Account, made: OutboundText, since: Any) -> list[Any]:
    """What the provider's list says about a text."""
    provider = registry.get(slug)
    call = provider.list_sent(account, made, since=since)
    assert call is not None

    async def run() -> list[Any]:
        async with Transport(limit=2) as transport:
            return provider.read_list(await transport.call(call))

    return asyncio.run(run())
