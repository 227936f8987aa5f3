"""Secrets encrypted at rest (Fernet: AES-128-CBC with HMAC-SHA256)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from twoway.lib.words import noted


class WrongKey(Exception):
    """The stored secret was sealed with another key."""

    def __init__(self) -> None:
        super().__init__(
            noted(
                "The stored credentials were sealed with another key. Restore secret.key in the data folder or "
                "TWOWAY_SECRET_KEY, or enter the credentials again."
            )
        )


def seal(values: Mapping[str, str], *, key: str) -> bytes:
    """Encrypt a small mapping."""
    return Fernet(key).encrypt(json.dumps(dict(values)).encode())


def unseal(sealed: bytes, *, key: str) -> dict[str, str]:
    """Decrypt what `seal` made. Raises `WrongKey`."""
    try:
        opened: dict[str, str] = json.loads(Fernet(key).decrypt(bytes(sealed)))
    except InvalidToken:
        raise WrongKey from None
    return opened
