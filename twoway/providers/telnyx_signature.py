"""Whether Telnyx signed a request: developers.telnyx.com on webhook signing, and the official SDK's verification.

What is signed with Ed25519 is the timestamp header, a bar and the raw body; the address is not. The owner's public key
is in the portal, in base64. A webhook older or newer than five minutes is refused.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from twoway.providers.base import RawRequest
from twoway.providers.reading import is_recent, secrets

SIGNATURE = "telnyx-signature-ed25519"
TIMESTAMP = "telnyx-timestamp"
OLDEST = 300  # seconds
_SIGNATURE_BYTES = 64


def is_valid(public_keys: str, request: RawRequest) -> bool:
    """Whether one of the keys (several are separated by commas) verifies this request's signature."""
    sent = request.headers.get(TIMESTAMP, "")
    if not is_recent(sent, request.received_at, OLDEST):
        return False
    try:
        signature = base64.b64decode(request.headers.get(SIGNATURE, "").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return False
    if len(signature) != _SIGNATURE_BYTES:
        return False
    signed = sent.encode() + b"|" + request.body
    return any(_verifies(key, signature, signed) for key in _keys(public_keys))


def can_read(public_keys: str) -> bool:
    """Whether each of the keys is one."""
    return len(_keys(public_keys)) == len(secrets(public_keys)) > 0


@lru_cache(maxsize=256)
def _keys(given: str) -> tuple[Ed25519PublicKey, ...]:
    """The keys that can be read; a mistyped one verifies nothing."""
    return tuple(key for text in secrets(given) if (key := _key(text)) is not None)


def _key(text: str) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.encode("ascii"), validate=True))
    except ValueError:
        return None


def _verifies(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
