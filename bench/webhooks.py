"""Prepared Twilio webhooks, signed, each with a message id of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ACCOUNT = "AC22222222222222222222222222222222"
AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
TEXTS = (
    "Where is my order? It should have been here by noon.",
    "Hi, the car won't unlock. App says vehicle offline",
    "Can I move my appointment to Thursday at 3?",
    "yes",
    "thanks so much, that worked 😀",
)
_number = itertools.count(time.time_ns())
"""Provider's ids that no run before this one used, as a kept database has their texts."""


def sign(url: str, form: dict[str, str]) -> str:
    """Twilio's request signature: HMAC-SHA1 over the address and the sorted fields."""
    words = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(AUTH_TOKEN.encode(), words.encode(), hashlib.sha1).digest()).decode()


def request(url: str, form: dict[str, str]) -> bytes:
    """One complete HTTP request."""
    body = urlencode(form)
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return (
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {sign(url, form)}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def inbound(url: str, *, to: str, customer: int, body: str = "") -> bytes:
    """A text of one of the customers, with these words or one of `TEXTS`."""
    number = next(_number)
    return request(
        url,
        {
            "MessageSid": f"SM{number:032x}",
            "AccountSid": ACCOUNT,
            "From": f"+1415{5_000_000 + customer:07d}",
            "To": to,
            "Body": body or TEXTS[number % len(TEXTS)],
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            "FromCountry": "US",
        },
    )


def write(path: Path, *, url: str, to: str, count: int, customers: int) -> None:
    """A file for the load generator."""
    with path.open("wb") as file:
        for number in range(count):
            file.write(base64.b64encode(inbound(url, to=to, customer=number * 7919 % customers)) + b"\n")
