"""Whether MessageBird signed a request: developers.messagebird.com on verifying requests, and the SDK's validator.

The header is a JSON Web Token (RFC 7519) signed with HMAC. It holds the SHA-256 of the whole address and, when there is
one, of the body, and the times between which it is good.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from twoway.providers.base import RawRequest
from twoway.providers.reading import json_of, secrets, thing, word

HEADER = "messagebird-signature-jwt"
ISSUER = "MessageBird"
LEEWAY = 30  # seconds two clocks may differ
_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def is_valid(signing_keys: str, request: RawRequest) -> bool:
    """Whether one of the keys signed this address, body and time. Constant time."""
    signed, _, signature = request.headers.get(HEADER, "").rpartition(".")
    head, dot, claims = signed.partition(".")
    digest = _DIGESTS.get(word(_part(head).get("alg")))
    if not dot or "." in claims or digest is None:
        return False
    given = signature.encode("utf-8", "replace")
    made = [_sign(key, signed, digest) for key in secrets(signing_keys)]
    return any(hmac.compare_digest(one, given) for one in made) and _is_about(_part(claims), request)


def _sign(key: str, signed: str, digest: str) -> bytes:
    return urlsafe_b64encode(hmac.digest(key.encode(), signed.encode("utf-8", "replace"), digest)).rstrip(b"=")


def _is_about(claims: Mapping[str, Any], request: RawRequest) -> bool:
    """Whether these claims are MessageBird's, good now, and about this address and body."""
    now = request.received_at.timestamp()
    begins, ends = _time(claims.get("nbf")), _time(claims.get("exp"))
    if claims.get("iss") != ISSUER or begins is None or ends is None or not begins - LEEWAY <= now <= ends + LEEWAY:
        return False
    url, body = claims.get("url_hash"), claims.get("payload_hash")
    if not isinstance(url, str) or not _same(url, request.url.encode("utf-8", "replace")):
        return False
    if not request.body:
        return not body
    return isinstance(body, str) and _same(body, request.body)


def _same(claimed: str, actual: bytes) -> bool:
    return hmac.compare_digest(claimed.encode("utf-8", "replace"), hashlib.sha256(actual).hexdigest().encode())


def _time(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _part(text: str) -> Mapping[str, Any]:
    """The JSON object in a part of the token; empty when there is none."""
    try:
        return thing(json_of(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))))
    except ValueError:
        return {}
