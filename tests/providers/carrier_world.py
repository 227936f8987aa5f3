"""A simulated carrier and a desk that listens, both over real sockets, for the tests of the carrier."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from tests.fakes.http_server import Answer, Request
from tests.providers.serving import serving
from twoway.providers import registry
from twoway.providers.base import (
    Account,
    HttpRequest,
    HttpResponse,
    Inbound,
    Listed,
    OutboundText,
    RawRequest,
    Receipt,
    Unread,
)
from twoway.providers.http import call_sync
from twoway.providers.simulator_carrier import Carrier

KEY = "carrier-key-0123456789"
DESK, HANDSET = "+15035550100", "+15035550101"
SIMULATOR = registry.get("simulator")
BEARER = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}


@dataclass
class World:
    """What a test can do: send as a desk, text as a person, turn faults on, and wait for webhooks."""

    account: Account
    desk_url: str
    status: int = 204
    requests: list[RawRequest] = field(default_factory=list)

    def take(self, request: Request) -> Answer:
        """The desk's webhook door: writes down what came, and answers as the test says."""
        url = self.desk_url + request.path + (f"?{request.query}" if request.query else "")
        self.requests.append(
            RawRequest(
                method=request.method,
                url=url,
                headers=request.headers,
                body=request.body,
                received_at=datetime.now(UTC),
            )
        )
        return Answer(self.status)

    @property
    def records(self) -> list[Inbound | Receipt]:
        """What the desk was told, in the order it came."""
        told = [record for request in list(self.requests) for record in SIMULATOR.parse(request)]
        return [record for record in told if not isinstance(record, Unread)]

    @property
    def statuses(self) -> list[str]:
        return [record.raw_status for record in self.records if isinstance(record, Receipt)]

    def text(self, ref: str = "r1", body: str = "Your car is ready.", *, timeout: float = 5.0) -> OutboundText:
        """Send one text; raises what a desk would see."""
        text = OutboundText(ref=ref, recipient=HANDSET, body=body, status_url=f"{self.desk_url}/status?m={ref}")
        call = replace(SIMULATOR.send(self.account, text), timeout=timeout)
        SIMULATOR.read_send(call_sync(call))
        return text

    def listed(self, text: OutboundText) -> list[Listed]:
        """The carrier's list for that text."""
        call = SIMULATOR.list_sent(self.account, text, since=datetime(2026, 1, 1, tzinfo=UTC))
        assert call is not None
        return SIMULATOR.read_list(call_sync(call))

    def api(self, method: str, path: str, told: object = None, *, key: str = KEY) -> tuple[int, Any]:
        """A bare call of the carrier's API."""
        body = b"" if told is None else orjson.dumps(told)
        headers = {**BEARER, "authorization": f"Bearer {key}"}
        url = f"{self.account.settings['api_base']}{path}"
        response: HttpResponse = call_sync(HttpRequest(method=method, url=url, headers=headers, body=body))
        return response.status, orjson.loads(response.body)

    def faults(self, **told: object) -> None:
        status, answer = self.api("POST", "/faults", told)
        assert status == 200, answer

    def thread(self) -> list[dict[str, Any]]:
        texts: list[dict[str, Any]] = self.api("GET", f"/handsets/{HANDSET}")[1]["texts"]
        return texts

    def wait(self, until: Callable[[], bool], *, seconds: float = 10.0) -> None:
        """Wait until something is so; fails with what came instead."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"It did not happen; the desk was told {self.records}"
            time.sleep(0.02)


@contextlib.contextmanager
def running(carrier: Carrier) -> Iterator[str]:
    """The carrier's base address while uvicorn serves it."""
    config = uvicorn.Config(carrier, host="127.0.0.1", port=0, lifespan="on", ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/carrier"
    finally:
        server.should_exit = True
        thread.join(10)


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """A carrier with one desk number, and the desk."""
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(running(Carrier(folder / "carrier.sqlite3", KEY, prefix="/carrier", seed=1)))
        account = Account(address=DESK, credentials={"key": KEY}, settings={"api_base": base})
        made = World(account, "")
        made.desk_url = stack.enter_context(serving(made.take)).url
        made.api("PUT", f"/numbers/{DESK}", {"inbound_url": f"{made.desk_url}/inbound"})
        yield made
