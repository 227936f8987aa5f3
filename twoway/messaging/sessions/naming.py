"""Names for what an SMSC delivers, so that the same text delivered again is known as the same.

SMPP gives an incoming text no id. A text that was stored, but whose answer may not have arrived when the session broke,
is delivered again in the next session with the same octets; a customer who writes the same words twice does so in
one. So a name is new for each delivery, except for the ones expected again.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

DIGEST_OCTETS: Final = 12
IN_DOUBT: Final = 3.0
"""Seconds before a session's end in which an answer may not have arrived."""
EXPECTED_FOR: Final = 300.0
MOST_KEPT: Final = 5000


@dataclass(slots=True)
class Delivery:
    """One deliver_sm: the digest of its octets, its name, and when it was answered, or None."""

    digest: str
    name: str
    answered_at: float | None = None


class Names:
    """The names of one channel. Times are a monotonic clock's seconds."""

    def __init__(self) -> None:
        self._session = secrets.token_hex(6)
        self._count = 0
        self._recent: deque[Delivery] = deque(maxlen=MOST_KEPT)
        self._expected: dict[str, list[tuple[str, float]]] = {}

    def name(self, octets: bytes, *, now: float) -> Delivery:
        """A name for these octets: a new one, or that of the same octets from before the session broke."""
        digest = blake2b(octets, digest_size=DIGEST_OCTETS).hexdigest()
        named = self._known(digest, now)
        if not named:
            self._count += 1
            named = f"{digest}.{self._session}.{self._count}"
        delivery = Delivery(digest, named)
        self._recent.append(delivery)
        return delivery

    def _known(self, digest: str, now: float) -> str:
        if digest not in self._expected:
            return ""
        waiting = [(name, until) for name, until in self._expected.pop(digest) if until > now]
        if not waiting:
            return ""
        (named, _), rest = waiting[0], waiting[1:]
        if rest:
            self._expected[digest] = rest
        return named

    def broken(self, *, now: float) -> None:
        """The session is over: what had no answer, or had it only just, may come again."""
        for one in self._recent:
            if one.answered_at is None or one.answered_at > now - IN_DOUBT:
                self._expect(one.digest, one.name, now + EXPECTED_FOR)
        self._recent.clear()

    def expect(self, names: Iterable[str], *, now: float) -> None:
        """The same for names that another worker gave before it died."""
        for name in names:
            self._expect(name.partition(".")[0], name, now + EXPECTED_FOR)

    def _expect(self, digest: str, name: str, until: float) -> None:
        waiting = self._expected.setdefault(digest, [])
        if all(name != known for known, _ in waiting):
            waiting.append((name, until))
