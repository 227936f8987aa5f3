"""Addresses under which files can be had: signed, and good for some time only.

    /m/<token>             for carriers and customers: no cookies, whoever has it may fetch
    /files/<token>/<name>  for the desk: only with a session of somebody who may see the message

A token is the file's id, which copy of it, and when it expires, with a keyed hash (BLAKE2b, 96 bits).
"""

from __future__ import annotations

import hashlib
import hmac
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.conf import settings

Copy = Literal["whole", "small", "sent"]
Audience = Literal["public", "desk"]

FOR_CARRIER = timedelta(days=3)
"""Long enough for a carrier that tries again, and for a message that waits for its hour."""
FOR_DESK = timedelta(hours=12)
FOR_API = timedelta(hours=24)
_COPIES: tuple[Copy, ...] = ("whole", "small", "sent")
_MAC = 12
_HOUR = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What a token says: a file's id, and which copy of it."""

    media_id: int
    copy: Copy


class Expired(ValueError):
    """The token was good once."""


class Forged(ValueError):
    """Nobody here made this token."""


def issue(media_id: int, *, copy: Copy, audience: Audience, good_until: datetime) -> str:
    """A token good until then, rounded up to a full hour so that an address stays the same for a while."""
    hours = min(math.ceil(good_until.timestamp() / _HOUR), 2**32 - 1)
    plain = (
        bytes([_COPIES.index(copy)]) + hours.to_bytes(4) + media_id.to_bytes(max(1, (media_id.bit_length() + 7) // 8))
    )
    return urlsafe_b64encode(_mac(plain, audience) + plain).rstrip(b"=").decode()


def read(token: str, *, audience: Audience, at: datetime) -> Token:
    """What a token says. Raises `Expired`, `Forged`."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4)) if token.isascii() and len(token) < 64 else b""
    except ValueError:
        raw = b""
    given, plain = raw[:_MAC], raw[_MAC:]
    if len(plain) < 6 or not hmac.compare_digest(given, _mac(plain, audience)):
        raise Forged
    if int.from_bytes(plain[1:5]) * _HOUR < at.timestamp():
        raise Expired
    return Token(media_id=int.from_bytes(plain[5:]), copy=_COPIES[plain[0]])


def public_url(media_id: int, *, copy: Copy, at: datetime, good_for: timedelta) -> str:
    """The address for a carrier, a customer or a program."""
    token = issue(media_id, copy=copy, audience="public", good_until=at + good_for)
    return f"{settings.PUBLIC_URL}/m/{token}"


def link(media_id: int, *, at: datetime) -> str:
    """The address that is sent to a customer instead of a file."""
    return public_url(media_id, copy="whole", at=at, good_for=timedelta(days=settings.MEDIA_LINK_DAYS))


def desk_token(media_id: int, *, copy: Copy, at: datetime) -> str:
    """For an address in the desk; the same for up to twelve hours, so that pages need not load a picture again."""
    step = FOR_DESK.total_seconds()
    until = datetime.fromtimestamp((at.timestamp() // step + 2) * step, UTC)
    return issue(media_id, copy=copy, audience="desk", good_until=until)


def _mac(plain: bytes, audience: Audience) -> bytes:
    return hashlib.blake2b(plain, digest_size=_MAC, key=settings.MEDIA_KEY, person=audience.encode()).digest()
