"""How often something may be asked for, counted in this process."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

MOST_KEPT = 1000


class Gate:
    """At most `most` times in any `span`, for each key. Safe to use from several threads."""

    def __init__(self, *, most: int, span: timedelta) -> None:
        self._most, self._span = most, span
        self._seen: dict[int, deque[datetime]] = {}
        self._lock = Lock()

    def allows(self, key: int, *, at: datetime) -> bool:
        """Whether this time is not one too many; what was refused doesn't count."""
        with self._lock:
            if len(self._seen) >= MOST_KEPT and key not in self._seen:
                self._seen.clear()
            seen = self._seen.setdefault(key, deque())
            while seen and at - seen[0] >= self._span:
                seen.popleft()
            if len(seen) >= self._most:
                return False
            seen.append(at)
            return True
