"""Whether Bird signed a request: Standard Webhooks (standardwebhooks.com), as Bird's SDK checks it.

HMAC-SHA256 over id, time and raw body with dots between, in base64 after `v1,`; several signatures are separated by
spaces. The address is not signed. A webhook older or newer than five minutes is refused.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from functools import lru_cache

from twoway.providers.base import RawRequest
from twoway.providers.reading import is_recent, secrets

OLDEST = 300  # seconds
PREFIX = "whsec_"


def is_valid(signing_secrets: str, request: RawRequest) -> bool:
    """Whether one of the secrets made one of this request's signatures. Constant time."""
    named, sent = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not named or not is_recent(sent, request.received_at, OLDEST):
        return False
    signed = f"{named}.{sent}.".encode("utf-8", "replace") + request.body
    given = [
        one.removeprefix("v1,").encode("utf-8", "replace")
        for one in request.headers.get("webhook-signature", "").split(" ")
        if one.startswith("v1,")
    ]
    made = [b64encode(hmac.digest(key, signed, "sha256")) for key in _keys(signing_secrets)]
    return any(hmac.compare_digest(one, other) for one in made for other in given)


def can_read(signing_secrets: str) -> bool:
    """Whether each of the secrets is one."""
    return len(_keys(signing_secrets)) == len(secrets(signing_secrets)) > 0


@lru_cache(maxsize=256)
def _keys(given: str) -> tuple[bytes, ...]:
    """The secrets that can be read; a mistyped or an empty one verifies nothing."""
    return tuple(key for text in secrets(given) if (key := _key(text)))


def _key(text: str) -> bytes:
    try:
        return b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
    except ValueError:
        return b""
