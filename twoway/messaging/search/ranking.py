"""The order of what was found, and the place of a page in it. Pure functions.

Matches come in batches of the newest; within a batch relevance and age decide. A page is found again by the edges of
its batch and by the last match shown, so that new texts and removed ones shift nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.messaging.search.newest import Edge, Hit

HALF_WORTH = 45.0
"""Days after which a match counts half."""
LEAST = 0.25
"""What a match is worth whatever its rank."""
CLOCKS_DIFFER = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
CURSOR_PATTERN = "^([0-7][0-9a-f]{15}){3}(([0-7][0-9a-f]{15}){4})?$"
"""Every text of this form is a place."""
_CURSOR = re.compile(CURSOR_PATTERN)


def score(rank: float, *, at: datetime, now: datetime) -> int:
    """What a match is worth, in millionths: its rank (0 to 1), less the older it is."""
    days = max((now - at).total_seconds(), 0.0) / 86400
    return int(1_000_000 * (LEAST + min(max(rank, 0.0), 1.0)) / (1 + days / HALF_WORTH))


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a page begins: `now` is when the first was asked for, `top` where its batch begins.

    Further pages of the same batch know where it ends (`floor`), and the last match shown by score and id.
    """

    now: datetime
    top: Edge
    floor: Edge | None = None
    score: int = 0
    id: int = 0

    def encode(self) -> str:
        """As text for a URL."""
        numbers = [_micros(self.now), _micros(self.top.at), self.top.id]
        if self.floor is not None:
            numbers += [_micros(self.floor.at), self.floor.id, self.score, self.id]
        return "".join(f"{number:016x}" for number in numbers)


def decode(text: str, *, now: datetime) -> Place:
    """The place of this text; without one the newest. Raises `Invalid`."""
    if not text:
        return Place(now=now, top=Edge(now + CLOCKS_DIFFER))
    if not _CURSOR.fullmatch(text):
        raise Invalid(t("This page can't be found. Begin at the first."), field="cursor")
    asked, top_at, top_id, *rest = (int(text[start : start + 16], 16) for start in range(0, len(text), 16))
    top = Edge(_time(top_at), top_id)
    if not rest:
        return Place(now=_time(asked), top=top)
    floor_at, floor_id, points, key = rest
    return Place(now=_time(asked), top=top, floor=Edge(_time(floor_at), floor_id), score=points, id=key)


def ranked(hits: Iterable[Hit], *, place: Place) -> list[tuple[int, Hit]]:
    """Matches of a batch with their scores, the best first, those after the last one shown."""
    scored = [(score(hit.rank, at=hit.at, now=place.now), hit) for hit in hits]
    scored.sort(key=lambda one: (-one[0], -one[1].id))
    if place.floor is None:
        return scored
    return [one for one in scored if (-one[0], -one[1].id) > (-place.score, -place.id)]


def _micros(at: datetime) -> int:
    return max((at - _EPOCH) // _MICROSECOND, 0)


def _time(micros: int) -> datetime:
    """The moment; what is beyond our calendar becomes its last day."""
    return _EPOCH + min(micros, _LAST) * _MICROSECOND
