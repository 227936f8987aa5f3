"""The simulated carrier's account, and how it signs."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(address="+15035550100", credentials={"key": "carrier-key-0123456789"})


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    moment = int(request.received_at.timestamp())
    signed = f"{moment}.{request.url}.".encode() + request.body
    key = ACCOUNT.credentials["key"]
    return {"x-carrier-signature": f"{moment},{hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()}"}
