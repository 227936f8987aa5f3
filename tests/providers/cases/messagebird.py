"""A classic MessageBird account, and how MessageBird signs: a JSON Web Token, made by PyJWT as its SDK reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import jwt

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="+14155550199",
    credentials={"access_key": "live_0123456789abcdefghijkl", "signing_key": "mb-signing-key-0123456789abcdef0123"},
)
PROVES = ("signing_key",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The header its signature adds."""
    now = int(request.received_at.timestamp())
    claims: dict[str, object] = {
        "iss": "MessageBird",
        "nbf": now,
        "exp": now + 60,
        "jti": "e92cf079-362d-4813-ab40-bbdd938bdc6d",
        "url_hash": hashlib.sha256(request.url.encode()).hexdigest(),
    }
    if request.body:
        claims["payload_hash"] = hashlib.sha256(request.body).hexdigest()
    return {"messagebird-signature-jwt": jwt.encode(claims, ACCOUNT.credentials["signing_key"], algorithm="HS256")}
