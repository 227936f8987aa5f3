"""Whether Twilio signed a request: twilio.com/docs/usage/security, and the official SDK's validator.

What is signed is the URL followed by every form parameter, name and value, sorted; the hash is HMAC-SHA1 with the
auth token, or HMAC-SHA256 with a shared key when the settings header names that algorithm. A JSON body is not signed
itself: its SHA-256 is in the signed URL.
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twoway.providers import reading
from twoway.providers.base import Malformed, RawRequest

HEADER = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
BLOCK = 64
"""Bytes: the block of SHA-1 and of SHA-256."""

# algorithm -> (hash, which credential holds the secret)
_SCHEMES = {"HMAC_SHA1": ("sha1", "auth_token"), "HMAC_SHA256": ("sha256", "webhook_secret")}


def is_valid(credentials: Mapping[str, str], request: RawRequest) -> bool:
    """Whether one of the secrets (several are separated by commas) made this request's signature. Constant time."""
    named = request.headers.get(SETTINGS, "")
    scheme = _SCHEMES.get(_algorithm(named) if named else "HMAC_SHA1")
    given = request.headers.get(HEADER, "").encode("utf-8", "replace")
    if scheme is None or not given:
        return False
    digest, key = scheme
    signed = _signed_parameters(request)
    if signed is None:
        return False
    secrets = reading.secrets(credentials.get(key, ""))
    return any(
        hmac.compare_digest(sign(secret, url + signed, digest), given)
        for url in _urls(request.url)
        for secret in secrets
    )


def sign(secret: str, text: str, digest: str = "sha1") -> bytes:
    """The signature of a URL and its parameters, in base64."""
    inner, outer = _keyed(secret, digest)
    mac, around = inner.copy(), outer.copy()
    mac.update(text.encode("utf-8", "surrogatepass"))
    around.update(mac.digest())
    return b2a_base64(around.digest(), newline=False)


@lru_cache(maxsize=256)
def _keyed(secret: str, digest: str) -> tuple[Any, Any]:
    """HMAC (RFC 2104) with the key already taken in: setting a key up costs more than a text's whole signature."""
    key = secret.encode()
    if len(key) > BLOCK:
        key = hashlib.new(digest, key).digest()
    key = key.ljust(BLOCK, b"\0")
    return hashlib.new(digest, bytes(b ^ 0x36 for b in key)), hashlib.new(digest, bytes(b ^ 0x5C for b in key))


def parameters(form: tuple[tuple[str, str], ...]) -> str:
    """The form as it is signed: sorted by name, then the distinct values of a name sorted, nothing in between."""
    return "".join(map("".join, sorted(set(form))))


def _algorithm(settings: str) -> str:
    """The algorithm of `key=...,algorithm=...`; HMAC_SHA1 when the header is missing or names none."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip().lower() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _signed_parameters(request: RawRequest) -> str | None:
    """The signed form; "" when the body is empty or its hash is right; None when the body is not vouched for."""
    try:
        form = request.form
        if form or not request.body:
            return parameters(form)
        query = dict(request.query)
    except (Malformed, ValueError):
        return None
    claimed = query.get("bodySHA256", "").lower().encode("utf-8", "replace")
    actual = hashlib.sha256(request.body).hexdigest().encode()
    return "" if hmac.compare_digest(claimed, actual) else None


def _urls(url: str) -> Iterator[str]:
    """The URL as it is, then without its port and with the default one: Twilio signs either."""
    bare = url.partition("#")[0]
    yield bare
    try:
        parts = urlsplit(bare)
        port = parts.port
    except ValueError:
        return
    if port is not None:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))
    else:
        default = 443 if parts.scheme == "https" else 80
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{default}"))
