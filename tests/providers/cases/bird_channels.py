"""A Bird Channels account, and how Bird signs there: time, address and the hash of the body, a line each."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "access_key": "0123456789abcdefghijklmnop",
        "signing_key": "bird-signing-key",
        "organization_id": "6b2a2c5e-0000-4000-8000-000000000001",
        "workspace_id": "6b2a2c5e-0000-4000-8000-000000000002",
        "channel_id": "6b2a2c5e-0000-4000-8000-000000000003",
    },
)
PROVES = ("signing_key",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    moment = str(int(request.received_at.timestamp()))
    signed = b"\n".join([moment.encode(), request.url.encode(), hashlib.sha256(request.body).digest()])
    made = hmac.new(b"bird-signing-key", signed, hashlib.sha256).digest()
    return {"messagebird-request-timestamp": moment, "messagebird-signature": base64.b64encode(made).decode()}
