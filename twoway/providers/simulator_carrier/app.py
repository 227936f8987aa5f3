"""The simulated carrier's HTTP side, a bare ASGI application.

    POST {base}/messages                    a desk sends a text
    GET  {base}/messages?to=&from=&since=   what desks sent, newest first
    GET  {base}/received?to=&since=&until=&after=  what handsets sent to a desk, oldest first, 100 at a time
    POST {base}/handsets/{number}/texts     a person texts a desk
    GET  {base}/handsets/{number}?desk=     what a handset shows
    GET, POST, PUT {base}/faults            read, change, replace the faults
    GET, PUT {base}/numbers/{address}       a desk's number and where its texts go
    GET  {base}/files/{id}                  a picture or file of a handset
    POST {base}/calls                       a desk calls: a phone rings
    POST {base}/calls/{id}/end              it hangs up
    GET  {base}/numbers                     every number of the desks
    GET  {base}/stock?kind=&area=&contains= numbers that can be bought
    POST, DELETE {base}/numbers/{address}   buy one, give one back
    GET, POST {base}/hosting/{number}       text-enable a number of another phone company

Every call carries `Authorization: Bearer KEY` and JSON.
"""

from __future__ import annotations

import asyncio
import hmac
import random
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson

from twoway.providers.simulator_carrier import stock
from twoway.providers.simulator_carrier.calls import Calls, Unheard
from twoway.providers.simulator_carrier.faults import Fate, NotAFault, fate
from twoway.providers.simulator_carrier.store import CarrierStore, CarrierText, UnknownNumber
from twoway.providers.simulator_carrier.webhooks import Webhooks

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PAGE = 100
HANG_FOR = 60.0  # seconds
LONGEST_BODY = 64 * 1024
LONGEST_TEXT = 1600
_MESSAGES = re.compile(r"/messages")
_RECEIVED = re.compile(r"/received")
_TEXTS = re.compile(r"/handsets/([^/]+)/texts")
_HANDSET = re.compile(r"/handsets/([^/]+)")
_FILE = re.compile(r"/files/([0-9a-f]{32})(?:\.[a-z0-9]{1,5})?")
_FAULTS = re.compile(r"/faults")
_NUMBER = re.compile(r"/numbers/([^/]+)")
_NUMBERS = re.compile(r"/numbers")
_STOCK = re.compile(r"/stock")
_HOSTING = re.compile(r"/hosting/([^/]+)")
_CALLS = re.compile(r"/calls")
_CALL_END = re.compile(r"/calls/([^/]+)/end")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, read."""

    query: dict[str, str]
    told: dict[str, Any]
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Its answer: given, or broken off, or never coming."""

    status: int
    told: object
    answer: str = "given"
    content_type: str = "application/json"


class Carrier:
    """The application. `path` is its SQLite file, `key` what desks call it with and what it signs with.

    `prefix` is where it is mounted, such as /carrier. Call `start` and `stop`, or let the ASGI lifespan do it.
    """

    def __init__(self, path: Path, key: str, *, prefix: str = "", seed: int | None = None) -> None:
        self.store = CarrierStore(path)
        self.key = key
        self.calls = Calls(self.store, key)
        self.prefix = prefix.rstrip("/")
        self.dice = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._one_thread = ThreadPoolExecutor(1, thread_name_prefix="carrier")
        self._webhooks: Webhooks | None = None
        self._task: asyncio.Task[None] | None = None
        self._routes = (
            ("POST", _MESSAGES, self._accept),
            ("GET", _MESSAGES, self._list),
            ("GET", _RECEIVED, self._received),
            ("POST", _TEXTS, self._text),
            ("GET", _HANDSET, self._thread),
            ("GET", _FAULTS, self._faults),
            ("POST", _FAULTS, self._change_faults),
            ("PUT", _FAULTS, self._replace_faults),
            ("GET", _NUMBER, self._number),
            ("GET", _FILE, self._file),
            ("PUT", _NUMBER, self._register),
            ("GET", _NUMBERS, self._numbers),
            ("GET", _STOCK, self._stock),
            ("POST", _NUMBER, self._buy),
            ("DELETE", _NUMBER, self._release),
            ("GET", _HOSTING, self._hosting),
            ("POST", _HOSTING, self._host),
            ("POST", _CALLS, self._place),
            ("POST", _CALL_END, self._end),
        )

    async def start(self) -> None:
        """Begin to send webhooks."""
        if self._task is None:
            self._webhooks = Webhooks(self.store, self.key, self._run)
            self._task = asyncio.create_task(self._webhooks.forever(), name="carrier webhooks")

    async def stop(self) -> None:
        """Stop sending webhooks and close the file. What is due stays due."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = self._webhooks = None
        self._one_thread.shutdown()
        self._one_thread = ThreadPoolExecutor(1, thread_name_prefix="carrier")
        self.store.close()

    def wake(self) -> None:
        """Look for due webhooks now, for instance after the store was used directly. From any thread."""
        if self._webhooks is not None:
            self._webhooks.wake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(await self._reply(scope, receive), receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _run(self, work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Do store work outside the event loop: another process may hold the file for a moment."""
        return await asyncio.get_running_loop().run_in_executor(self._one_thread, partial(work, *args, **named))

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"")
        if not hmac.compare_digest(given, b"Bearer " + self.key.encode()):
            return _refused(401, "20003", "The key is wrong.")
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(self.prefix)
        for method, pattern, work in self._routes:
            found = pattern.fullmatch(path)
            if found and method == scope["method"]:
                call = await _read(scope, receive, "".join(found.groups()))
                return await self._run(work, call) if call else _refused(400, "", "Send a JSON object.")
        return _refused(404, "", "There is nothing here.")

    async def _answer(self, reply: Reply, receive: Receive, send: Send) -> None:
        body = reply.told if isinstance(reply.told, bytes) else orjson.dumps(reply.told)
        if reply.answer == "hanging":
            await _wait_for_hang_up(receive)
        size = len(body) + (1 if reply.answer == "cut" else 0)
        headers = [(b"content-type", reply.content_type.encode()), (b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.answer == "cut":
            # less than announced, and no end: the server closes the connection
            await send({"type": "http.response.body", "body": body[:1], "more_body": True})
            return
        await send({"type": "http.response.body", "body": body})

    # What each route does; all of it runs in the carrier's thread

    def _accept(self, call: Call) -> Reply:
        now = datetime.now(UTC)
        faults = self.store.faults()
        if faults.is_out(now):
            return _refused(503, "20503", "The carrier is down.")
        told = call.told
        if not all(isinstance(told.get(name), str) and told[name] for name in ("from", "to")):
            return _refused(400, "21604", "A text needs from and to.")
        if not isinstance(told.get("body"), str) or not (told["body"] or told.get("media_urls")):
            return _refused(400, "21602", "A text needs a body.")
        if len(told["body"]) > LONGEST_TEXT:
            return _refused(400, "21617", "The text is too long.")
        busy = self.store.accepted_since(now - timedelta(seconds=1)) if faults.throttle else 0
        lot: Fate = fate(faults, self.dice, accepted_last_second=busy)
        if lot.refused:
            return _refused(429 if lot.refused == "20429" else 400, lot.refused, "The carrier refused this text.")
        copies = 2 if self.dice.random() < faults.duplicate else 1
        text = self.store.accept(told, receipts=lot.receipts, copies=copies, at=now)
        self.wake()
        return Reply(201, _shown(text), lot.answer)

    def _list(self, call: Call) -> Reply:
        query = call.query
        try:
            since = datetime.fromisoformat(query["since"]) if query.get("since") else None
        except ValueError:
            return _refused(400, "", "since must be an ISO 8601 time.")
        texts = self.store.sent(recipient=query.get("to", ""), sender=query.get("from", ""), since=since)
        return Reply(200, {"items": [_shown(text) for text in texts]})

    def _received(self, call: Call) -> Reply:
        query = call.query
        try:
            since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
            after = int(query.get("after") or 0)
        except (KeyError, ValueError):
            return _refused(400, "", "since and until must be ISO 8601 times, after a number.")
        if self.store.faults().is_out(datetime.now(UTC)):
            return _refused(503, "20503", "The carrier is down.")
        found = self.store.received(desk=query.get("to", ""), since=since, until=until, after=after, limit=PAGE)
        last = str(found[-1][0]) if len(found) == PAGE else ""
        return Reply(200, {"items": [_shown(text) for _, text in found], "after": last})

    def _text(self, call: Call) -> Reply:
        told = call.told
        if not isinstance(told.get("to"), str) or not isinstance(told.get("body"), str):
            return _refused(400, "", "A text needs to and body.")
        media = told.get("media_urls", [])
        try:
            text = self.store.text_from_handset(
                handset=call.name, desk=told["to"], body=told["body"], media_urls=media, at=datetime.now(UTC)
            )
        except UnknownNumber:
            return _refused(404, "", f"{told['to']} is not a number of a desk.")
        self.wake()
        return Reply(201, _shown(text))

    def _thread(self, call: Call) -> Reply:
        texts = self.store.thread(handset=call.name, desk=call.query.get("desk", ""))
        return Reply(200, {"number": call.name, "texts": [_shown(text) for text in texts]})

    def _faults(self, call: Call) -> Reply:
        return Reply(200, self.store.faults().to_json())

    def _change_faults(self, call: Call, *, reset: bool = False) -> Reply:
        try:
            return Reply(200, self.store.set_faults(call.told, reset=reset).to_json())
        except NotAFault as error:
            return _refused(422, "", str(error))

    def _replace_faults(self, call: Call) -> Reply:
        return self._change_faults(call, reset=True)

    def _number(self, call: Call) -> Reply:
        try:
            return Reply(200, {"address": call.name, "inbound_url": self.store.inbound_url(call.name)})
        except UnknownNumber:
            return _refused(404, "", f"{call.name} is not a number of a desk.")

    def _file(self, call: Call) -> Reply:
        found = self.store.file(call.name)
        return Reply(200, found[1], content_type=found[0]) if found else _refused(404, "", "There is no such file.")

    def _register(self, call: Call) -> Reply:
        url = call.told.get("inbound_url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            return _refused(400, "", "inbound_url must be a web address.")
        self.store.register(address=call.name, inbound_url=url)
        return Reply(200, {"address": call.name, "inbound_url": url})

    def _numbers(self, call: Call) -> Reply:
        owned = self.store.numbers()
        return Reply(200, {"items": [{"address": number, "inbound_url": url} for number, url in owned.items()]})

    def _place(self, call: Call) -> Reply:
        if self.store.faults().is_out(datetime.now(UTC)):
            return _refused(503, "20503", "The carrier is down.")
        try:
            return Reply(201, {"id": self.calls.place(call.told).id})
        except ValueError as error:
            return _refused(400, "21201", str(error))

    def _end(self, call: Call) -> Reply:
        found = self.calls.find(call.name)
        if found is None:
            return _refused(404, "", "There is no such call.")
        try:
            return Reply(200, {"id": self.calls.hang_up(found).id})
        except Unheard as error:
            return _refused(502, "", str(error))

    def _stock(self, call: Call) -> Reply:
        return Reply(200, {"items": stock.available(self.store, call.query)})

    def _buy(self, call: Call) -> Reply:
        if not stock.is_sold(call.name) or not self.store.take(call.name):
            return _refused(400, "21422", f"{call.name} is not for sale.")
        return Reply(201, {"address": call.name, "inbound_url": ""})

    def _release(self, call: Call) -> Reply:
        self.store.forget(call.name)
        return Reply(200, {"address": call.name})

    def _host(self, call: Call) -> Reply:
        self.store.ask_hosting(call.name, at=datetime.now(UTC))
        return self._hosting(call)

    def _hosting(self, call: Call) -> Reply:
        since = self.store.hosting_since(call.name)
        if since is None:
            return _refused(404, "", f"Nobody asked to text-enable {call.name}.")
        state = stock.hosting(since, datetime.now(UTC))
        if state == "done":
            self.store.take(call.name)
        return Reply(200, {"number": call.name, "state": state})


async def _read(scope: Scope, receive: Receive, name: str) -> Call | None:
    """The call, or None when its body is not a JSON object."""
    body = b""
    more = True
    while more and len(body) <= LONGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        told = orjson.loads(body) if body else {}
    except ValueError:
        return None
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Call(query, told, name) if isinstance(told, dict) and not more else None


async def _wait_for_hang_up(receive: Receive) -> None:
    """Say nothing until the caller gives up."""

    async def hung_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    try:
        await asyncio.wait_for(hung_up(), HANG_FOR)
    except TimeoutError:
        return


def _refused(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"code": code, "message": message})


def _shown(text: CarrierText) -> dict[str, Any]:
    """A text as the API shows it."""
    sender, recipient = (text.handset, text.desk) if text.from_handset else (text.desk, text.handset)
    return {
        "id": text.id,
        "ref": text.ref,
        "direction": "from_handset" if text.from_handset else "to_handset",
        "from": sender,
        "to": recipient,
        "body": text.body,
        "media_urls": text.media_urls,
        "segments": text.segments,
        "status": text.status,
        "error_code": text.error_code,
        "at": text.at.isoformat(),
        "changed_at": text.changed_at.isoformat(),
    }
