"""Vonage's JSON Web Tokens: those that prove its webhooks (HS256), and those our calls carry (RS256).

Sources: developer.vonage.com on signed webhooks and authentication; RFC 7515, 7518 and 7519; the official SDK. A
webhook's token is signed with the account's signature secret and names the SHA-256 of the body; without it the body
would be anybody's, so it is required.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
import uuid
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from twoway.lib.words import noted
from twoway.providers import reading
from twoway.providers.base import Account, RawRequest, Rejected

GOOD_FOR = 900  # seconds, Vonage's own default
MADE_EVERY = 300  # seconds; one token serves many calls
CLOCKS_DIFFER = 30
BEGIN, END = "-----BEGIN ", "-----END "


def is_valid(account: Account, request: RawRequest) -> bool:
    """Whether Vonage signed this body for this account. Constant time."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    claims = _claims(token.strip(), account) if scheme.lower() == "bearer" else None
    if claims is None:
        return False
    known = account.credentials
    for name in ("api_key", "application_id"):
        if claims.get(name) not in (None, known.get(name)):
            return False
    told = reading.word(claims.get("payload_hash")).lower().encode("utf-8", "replace")
    return hmac.compare_digest(told, hashlib.sha256(request.body).hexdigest().encode())


def _claims(token: str, account: Account) -> dict[str, Any] | None:
    """What the token says, when one of the signature secrets made it with HS256."""
    try:
        head, payload, signature = token.encode("ascii").split(b".")
        header, claims = orjson.loads(_decoded(head)), orjson.loads(_decoded(payload))
        given = _decoded(signature)
    except (ValueError, binascii.Error):
        return None
    if not isinstance(header, dict) or header.get("alg") != "HS256" or not isinstance(claims, dict):
        return None
    if _encoded(given) != signature:
        return None
    secrets = reading.secrets(account.credentials.get("signature_secret", ""))
    signed = head + b"." + payload
    is_ours = any([hmac.compare_digest(hmac.digest(one.encode(), signed, "sha256"), given) for one in secrets])  # noqa: C419
    return claims if is_ours else None


def authorization(account: Account) -> str:
    """The header of a call. Raises `Rejected("config")` when the private key can't be read."""
    known = account.credentials
    key = reading.first(known["private_key"])
    return f"Bearer {_token(known['application_id'], key, int(time.time()) // MADE_EVERY)}"


@lru_cache(maxsize=256)
def _token(application_id: str, private_key: str, turn: int) -> str:
    """The token of one turn of five minutes: signing takes longer than all else about a call."""
    issued = turn * MADE_EVERY - CLOCKS_DIFFER
    claims = {
        "application_id": application_id,
        "iat": issued,
        "exp": issued + MADE_EVERY + GOOD_FOR,
        "jti": str(uuid.uuid4()),
    }
    signed = _encoded(orjson.dumps({"alg": "RS256", "typ": "JWT"})) + b"." + _encoded(orjson.dumps(claims))
    signature = _loaded(private_key).sign(signed, PKCS1v15(), SHA256())
    return (signed + b"." + _encoded(signature)).decode("ascii")


def is_key(private_key: str) -> bool:
    """Whether this is an RSA key."""
    return _key(private_key) is not None


def _loaded(private_key: str) -> RSAPrivateKey:
    found = _key(private_key)
    if found is None:
        raise Rejected("config", noted("The application's private key can't be read. Paste the whole file again."))
    return found


def _key(private_key: str) -> RSAPrivateKey | None:
    try:
        found = load_pem_private_key(as_pem(private_key).encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, RSAPrivateKey) else None


def as_pem(typed: str) -> str:
    """The key with the line breaks that were lost when it was pasted into one line, or written as \\n."""
    text = typed.replace("\\n", "\n").strip()
    if not text.startswith(BEGIN) or END not in text:
        return text
    title, _, rest = text.removeprefix(BEGIN).partition("-----")
    body = "".join(rest.partition(END)[0].split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([f"{BEGIN}{title}-----", *lines, f"{END}{title}-----", ""])


def _decoded(part: bytes) -> bytes:
    """Base64url without padding (RFC 7515)."""
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
