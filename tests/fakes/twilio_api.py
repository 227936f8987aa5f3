"""A stand-alone fake of Twilio's messaging API, with the faults that make sending hard.

    python -m tests.fakes.twilio_api --port 8290 --drop 0.1 --error 0.05 --throttle 0.1 --seed 1

It accepts Messages.json with Basic authentication, remembers what it accepted, lists it, and sends status callbacks
signed by the official SDK. `--drop` hangs up, `--error` answers 500 after accepting; `--throttle` answers 429 before,
`--lose` hangs up before.
Twilio's magic numbers are refused as Twilio does. For assertions: GET /_accepted; POST /_faults changes the faults;
POST /_inbound {"url", "from", "to", "body"} makes a customer text.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import uvloop

from tests.fakes.http_server import HANG_UP, Answer, Listener, Request
from tests.fakes.twilio_callbacks import Callbacks
from twoway.sms import segments

REFUSED = {
    "+15005550001": (21211, "Invalid 'To' Phone Number"),
    "+15005550002": (21612, "The 'To' phone number is not currently reachable"),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}


@dataclass
class Faults:
    """Shares from 0 to 1; `receipt_delay` in seconds between two receipts; `price` in USD, once set."""

    drop: float = 0.0
    error: float = 0.0
    throttle: float = 0.0
    lose: float = 0.0
    receipt_delay: float = 0.05
    no_receipts: bool = False
    price: str = ""


@dataclass(slots=True)
class Message:
    """A message this fake accepted."""

    sid: str
    to: str
    sender: str
    service: str
    body: str
    ref: str
    callback: str
    made_at: datetime
    segments: int
    status: str = "queued"


@dataclass
class TwilioApi:
    """The fake's memory and its answers."""

    account: str
    token: str
    faults: Faults
    dice: random.Random
    sms_url: str = ""
    messages: list[Message] = field(default_factory=list)
    by_recipient: dict[str, list[Message]] = field(default_factory=dict)
    callbacks: Callbacks | None = None
    calls: Counter[str] = field(default_factory=Counter)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(time.time_ns() << 16))

    def __post_init__(self) -> None:
        self.basic = "Basic " + b64encode(f"{self.account}:{self.token}".encode()).decode()
        self.path = f"/2010-04-01/Accounts/{self.account}"

    def answer(self, request: Request) -> Answer:
        """Route one request."""
        if request.path.startswith("/_"):
            return self._control(request)
        if request.headers.get("authorization") != self.basic:
            return _error(401, 20003, "Authenticate")
        if request.path == f"{self.path}/Messages.json":
            return self._create(request) if request.method == "POST" else self._list(request)
        if request.path == f"{self.path}/IncomingPhoneNumbers.json":
            wanted = dict(parse_qsl(request.query)).get("PhoneNumber", "")
            number = {"phone_number": wanted, "sms_url": self.sms_url, "sms_method": "POST"}
            return _json(200, {"incoming_phone_numbers": [number]})
        return _error(404, 20404, "The requested resource was not found")

    def _create(self, request: Request) -> Answer:
        self.calls["create"] += 1
        if self.dice.random() < self.faults.throttle:
            self.calls["throttled"] += 1
            return _error(429, 20429, "Too Many Requests")
        if self.dice.random() < self.faults.lose:
            self.calls["lost"] += 1
            return HANG_UP
        form = parse_qs(request.body.decode("ascii"), keep_blank_values=True)
        refusal = _refusal(form)
        if refusal:
            self.calls["refused"] += 1
            return _error(400, *refusal)
        message = self._accept(form)
        if self.dice.random() < self.faults.drop:
            self.calls["dropped"] += 1
            return HANG_UP
        if self.dice.random() < self.faults.error:
            self.calls["errors"] += 1
            return _error(500, 20500, "Internal Server Error")
        return _json(201, _resource(message, self.account))

    def _accept(self, form: dict[str, list[str]]) -> Message:
        def one(name: str) -> str:
            return form.get(name, [""])[0]

        callback = one("StatusCallback")
        message = Message(
            sid=f"SM{next(self.numbers):032x}",
            to=one("To"),
            sender=one("From"),
            service=one("MessagingServiceSid"),
            body=one("Body"),
            ref=dict(parse_qsl(urlsplit(callback).query)).get("m", ""),
            callback=callback,
            made_at=datetime.now(UTC),
            segments=segments.count(one("Body")).segments,
        )
        self.messages.append(message)
        self.by_recipient.setdefault(message.to, []).append(message)
        if self.callbacks and callback and not self.faults.no_receipts:
            self.callbacks.plan(message, self.faults.receipt_delay)
        return message

    def _list(self, request: Request) -> Answer:
        self.calls["list"] += 1
        query = dict(parse_qsl(request.query))
        found = self.by_recipient.get(query["To"], []) if "To" in query else self.messages
        kept = [message for message in reversed(found) if _matches(message, query)]
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        shown = [self._told(message) for message in kept[page * size : (page + 1) * size]]
        following = f"{self.path}/Messages.json?{urlencode({**query, 'Page': page + 1})}"
        more = following if len(kept) > (page + 1) * size else None
        return _json(200, {"messages": shown, "page": page, "next_page_uri": more})

    def _told(self, message: Message) -> dict[str, Any]:
        """A message as the list tells it: its price comes later than the message."""
        price = f"-{self.faults.price}" if self.faults.price else None
        return {**_resource(message, self.account), "price": price, "price_unit": "USD"}

    def _control(self, request: Request) -> Answer:
        if request.path == "/_accepted":
            refs = Counter(message.ref for message in self.messages if message.ref)
            brief = [{"sid": m.sid, "to": m.to, "from": m.sender, "body": m.body, "ref": m.ref} for m in self.messages]
            told = {"accepted": len(self.messages), "refs": refs, "calls": self.calls, "messages": brief}
            return _json(200, told)
        if request.path == "/_faults":
            for name, value in json.loads(request.body).items():
                setattr(self.faults, name, value)
            return _json(200, vars(self.faults))
        if request.path == "/_inbound" and self.callbacks:
            self.callbacks.text(json.loads(request.body), f"SM{next(self.numbers):032x}")
            return _json(202, {})
        return _error(404, 20404, "No such control")


def _refusal(form: dict[str, list[str]]) -> tuple[int, str] | None:
    """Twilio's code and words for a message it does not take."""
    if not form.get("To"):
        return 21604, "A 'To' phone number is required."
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603, "A 'From' phone number is required."
    if not form.get("Body") and not form.get("MediaUrl"):
        return 21602, "Message body is required."
    if len(form.get("Body", [""])[0]) > 1600:
        return 21617, "The concatenated message body exceeds the 1600 character limit."
    return REFUSED.get(form["To"][0])


def _matches(message: Message, query: dict[str, str]) -> bool:
    if query.get("From", message.sender) != message.sender:
        return False
    day = message.made_at.date().isoformat()
    since, until, on = query.get("DateSent>", ""), query.get("DateSent<", ""), query.get("DateSent", "")
    return (not since or day >= since[:10]) and (not until or day <= until[:10]) and (not on or day == on[:10])


def _resource(message: Message, account: str) -> dict[str, Any]:
    """The Message resource as Twilio writes it."""
    when = format_datetime(message.made_at)
    return {
        "sid": message.sid,
        "account_sid": account,
        "to": message.to,
        "from": message.sender or None,
        "messaging_service_sid": message.service or None,
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": "0" if message.service else str(message.segments),
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "date_created": when,
        "date_updated": when,
        "date_sent": when if message.status != "queued" else None,
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{message.sid}.json",
    }


def _json(status: int, told: object) -> Answer:
    return Answer(status=status, body=json.dumps(told).encode())


def _error(status: int, code: int, words: str) -> Answer:
    told = {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return _json(status, told)


async def run(options: argparse.Namespace) -> None:
    """Serve until the process is ended."""
    faults = Faults(
        options.drop, options.error, options.throttle, options.lose, options.receipt_delay, options.no_receipts
    )
    api = TwilioApi(options.account, options.token, faults, random.Random(options.seed), options.sms_url)
    api.callbacks = Callbacks(options.account, options.token, copies=options.duplicate)
    listener = await Listener(api.answer).start(port=options.port)
    sys.stdout.write(f"listening on {listener.port}\n")
    sys.stdout.flush()
    async with api.callbacks:
        await listener.forever()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", default="AC" + "2" * 32)
    parser.add_argument("--token", default="0123456789abcdef0123456789abcdef")
    parser.add_argument("--drop", type=float, default=0.0, help="share accepted, then hung up on")
    parser.add_argument("--error", type=float, default=0.0, help="share accepted, then answered 500")
    parser.add_argument("--throttle", type=float, default=0.0, help="share answered 429 and not accepted")
    parser.add_argument("--lose", type=float, default=0.0, help="share hung up on and not accepted")
    parser.add_argument("--duplicate", type=float, default=0.0, help="share of callbacks sent twice")
    parser.add_argument("--receipt-delay", type=float, default=0.05)
    parser.add_argument("--no-receipts", action="store_true")
    parser.add_argument("--sms-url", default="")
    parser.add_argument("--seed", type=int, default=1)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
