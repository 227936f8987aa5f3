"""Which earlier episodes of a thread stand as one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

FRESH = timedelta(days=1)
"""An episode that was done less than this ago stays open: it is what people still talk about."""
MOMENT = timedelta(microseconds=1)


class Closing(Protocol):
    """An episode, as far as folding looks at it."""

    @property
    def closed_at(self) -> datetime | None:
        """When it was done; None while it is not."""


E = TypeVar("E", bound=Closing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """The place of a folded episode among all, counted from 0, and the stretch it takes: after `since` to `until`.

    `since` is None for the first, which has everything before its end.
    """

    index: int
    since: datetime | None
    until: datetime


def folded(episodes: Sequence[Closing], *, now: datetime) -> list[Folded]:
    """The episodes that fold: those before the newest, from the first on, as long as each was done a day ago or more.

    `episodes` are in order. An episode ends when it is done; what comes after belongs to the next one.
    """
    found: list[Folded] = []
    since: datetime | None = None
    for index, episode in enumerate(episodes[:-1]):
        closed_at = episode.closed_at
        if closed_at is None or now - closed_at < FRESH or (since is not None and closed_at <= since):
            break
        found.append(Folded(index=index, since=since, until=closed_at))
        since = closed_at
    return found
