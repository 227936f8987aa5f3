"""How often one token may ask: a token bucket per token, in this process."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

BURST = 3000.0
PER_SECOND = 100.0
MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """`burst` requests at once and `per_second` for as long as one likes, for each key. Threads may share it."""

    def __init__(self, *, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self.burst = burst
        self.per_second = per_second
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str, *, now: float | None = None) -> int:
        """Take one request of this key: 0 when it may go ahead, else the whole seconds after which it may."""
        now = time.monotonic() if now is None else now
        with self._lock:
            bucket = self._buckets.pop(key, None) or _Bucket(self.burst, now)
            bucket.left = min(self.burst, bucket.left + (now - bucket.at) * self.per_second)
            bucket.at = now
            self._buckets[key] = bucket
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            if bucket.left >= 1.0:
                bucket.left -= 1.0
                return 0
            return max(1, math.ceil((1.0 - bucket.left) / self.per_second))

    def forget(self) -> None:
        """Begin anew for every key."""
        with self._lock:
            self._buckets.clear()


per_token = RateLimit()
