"""Whether Sinch signed a request: developers.sinch.com on SMS callback signatures; the official SDK's validator.

What is signed is `body.nonce.timestamp`, with HMAC-SHA256 in base64. Sinch signs only for accounts where it switched
that on, and never the address.
"""

from __future__ import annotations

import hmac
from binascii import b2a_base64

from twoway.providers import reading, url_secret
from twoway.providers.base import Account, RawRequest

HEADER = "x-sinch-webhook-signature"
NONCE, TIMESTAMP, ALGORITHM = f"{HEADER}-nonce", f"{HEADER}-timestamp", f"{HEADER}-algorithm"
KNOWN = "hmacsha256"


def is_valid(account: Account, request: RawRequest) -> bool:
    """Whether the address carries our secret and, when there is a webhook secret, Sinch signed. Constant time."""
    if request.method == "GET" or not url_secret.is_in(account.credentials, request):
        return False
    secrets = reading.secrets(account.credentials.get("webhook_secret", ""))
    if not secrets:
        return True
    told = request.headers
    if told.get(ALGORITHM, KNOWN).strip().lower() != KNOWN or not told.get(NONCE) or not told.get(TIMESTAMP):
        return False
    given = told.get(HEADER, "").encode("utf-8", "replace")
    more = f".{told[NONCE]}.{told[TIMESTAMP]}".encode("utf-8", "replace")
    return any(hmac.compare_digest(sign(one, request.body + more), given) for one in secrets)


def sign(secret: str, text: bytes) -> bytes:
    """HMAC-SHA256 in base64."""
    return b2a_base64(hmac.digest(secret.encode(), text, "sha256"), newline=False)
