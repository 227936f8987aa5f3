"""A Bird account, and how Bird signs: Standard Webhooks over its id, its time and the body, not the address."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from twoway.providers.base import Account, RawRequest

KEY = b"0123456789abcdef0123456789abcdef"
ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "api_key": "bk_us1_0123456789abcdefghijkl",
        "webhook_secret": "whsec_" + base64.b64encode(KEY).decode(),
    },
)
UNSIGNED = ("query", "host")
PROVES = ("webhook_secret",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    moment = str(int(request.received_at.timestamp()))
    made = hmac.new(KEY, f"msg_2abc.{moment}.".encode() + request.body, hashlib.sha256).digest()
    return {
        "webhook-id": "msg_2abc",
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(made).decode(),
    }
