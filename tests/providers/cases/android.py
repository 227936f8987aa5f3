"""An Android phone, and how its app signs: HMAC-SHA256 over the body and its time, not the address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "username": "QKH3YC",
        "password": "a-password-of-the-app",
        "signing_key": "x8Wq2LmZ",
        "sim": "1",
        "device_id": "yVULogr4Y1ksRfnos1Dsw",
    },
)
UNSIGNED = ("query", "host")
PROVES = ("signing_key",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    moment = str(int(request.received_at.timestamp()))
    made = hmac.new(b"x8Wq2LmZ", request.body + moment.encode(), hashlib.sha256).hexdigest()
    return {"x-timestamp": moment, "x-signature": made}
