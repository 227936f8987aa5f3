"""Which part of a log is read: the newest, older or newer pages, around one text, and one folded episode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from twoway.conversations import queries as conversations
from twoway.conversations.folding import MOMENT, Folded, folded
from twoway.conversations.queries import Conversation, Episode, ThreadItems
from twoway.desk.builders.folds import fold_item, where
from twoway.desk.builders.threads import Stretch
from twoway.desk.context.logs import Where
from twoway.messaging import threads
from twoway.messaging.queries import Message

Mode = Literal["", "f", "a"]
"""How a log is read: with earlier episodes folded, flat, or flat over all conversations with the person."""
MOST_NEWS = 200
"""Texts a live answer brings at most; a browser that missed more opens the conversation again."""
MOST_FOLDS = 50
MOST_OF_FOLD = 400
"""Texts a fold opens to at most, its newest; the rest is read from its first text on."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_CURSOR = 42


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is read: a conversation with its episodes, when, how, and which others with the same person."""

    conversation: Conversation
    episodes: tuple[Episode, ...]
    now: datetime
    mode: Mode = ""
    others: tuple[Conversation, ...] = ()
    region: str = "US"

    @property
    def ids(self) -> tuple[int, ...]:
        """The conversations whose texts are read."""
        return (self.conversation.pk, *(other.pk for other in self.others))

    @property
    def folds(self) -> list[Folded]:
        """Its episodes that stand as one line."""
        return folded(self.episodes, now=self.now) if self.mode == "" else []


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """A text and its time: where a page ends or begins, and how the log is read."""

    id: int
    at: datetime
    mode: Mode = ""

    def __str__(self) -> str:
        return f"{self.id}.{(self.at - _EPOCH) // _MICROSECOND}{self.mode and f'.{self.mode}'}"


def cursor_of(text: str) -> Cursor | None:
    """A cursor as it came from outside; None for what nobody made."""
    key, _, rest = text.partition(".")
    micros, _, mode = rest.partition(".")
    if not (key.isascii() and key.isdigit() and micros.isascii() and micros.isdigit()) or len(text) > _LONGEST_CURSOR:
        return None
    try:
        at = _EPOCH + int(micros) * _MICROSECOND
    except OverflowError:
        return None
    return Cursor(id=min(int(key), 2**63 - 2), at=at, mode="f" if mode == "f" else "a" if mode == "a" else "")


def before(scope: Scope, *, limit: int, cursor: Cursor | None = None, since: datetime | None = None) -> Stretch:
    """The newest `limit` texts before a cursor, or so many more that nothing since `since` is left out."""
    floor = _floor(scope, cursor)
    end_id, end = (cursor.id, cursor.at) if cursor else (0, None)
    rows = _before(scope, end_id, limit + 2)
    shown = _shown(rows, floor, end_id)
    if since is not None and len(shown) > limit and shown[-limit].created_at > since:
        limit = MOST_NEWS
        rows = _before(scope, end_id, limit + 1)
        shown = _shown(rows, floor, end_id)
    has_more = len(shown) > limit
    top = shown[-limit:]
    if has_more:
        start: datetime | None = min(row.created_at for row in top)
    else:
        start = floor + MOMENT if floor is not None else None
    start_id = top[0].pk if has_more or (floor is not None and top) else 0
    found = Stretch(
        messages=[row for row in rows if floor is None or row.created_at > floor],
        added=_added(scope, start, end),
        start=start,
        start_id=start_id,
        end_id=end_id,
        earlier=str(Cursor(id=start_id, at=top[0].created_at, mode=scope.mode)) if has_more else "",
        elsewhere=_elsewhere(scope),
    )
    return found if has_more or floor is None else _with_folds(scope, found)


def _floor(scope: Scope, cursor: Cursor | None) -> datetime | None:
    """The end of what is folded, unless the page is older than that itself."""
    last = scope.folds[-1:]
    return last[0].until if last and (cursor is None or cursor.at > last[0].until) else None


def _before(scope: Scope, end_id: int, limit: int) -> list[Message]:
    if end_id:
        return threads.texts_before(scope.ids, before_id=end_id + 1, limit=limit)
    return threads.texts_before(scope.ids, limit=limit)


def _shown(rows: Sequence[Message], floor: datetime | None, end_id: int) -> list[Message]:
    return [row for row in rows if (not end_id or row.pk < end_id) and (floor is None or row.created_at > floor)]


def _with_folds(scope: Scope, found: Stretch) -> Stretch:
    """The same with a line for each folded episode above; what is older than the oldest line is read flat."""
    folds = scope.folds
    counted = threads.sizes(scope.conversation.pk, [fold.until + MOMENT for fold in folds])
    lines = folds[-MOST_FOLDS:]
    items = tuple(
        fold_item(scope.conversation, scope.episodes[one.index], one, counted.get(one.index)) for one in lines
    )
    first = counted.get(lines[0].index)
    if lines[0].index == 0 or first is None or lines[0].since is None:
        return replace(found, folds=items)
    return replace(found, folds=items, earlier=str(Cursor(id=first.first_id, at=lines[0].since + MOMENT, mode="f")))


def onward(scope: Scope, *, limit: int, cursor: Cursor) -> Stretch:
    """The oldest `limit` texts from a cursor on."""
    rows = threads.texts_from(scope.ids, from_id=cursor.id, limit=limit + 1)
    beside = threads.texts_before(scope.ids, before_id=cursor.id, limit=1)
    return _joined(scope, beside, rows, limit=limit, start=cursor)


def around(scope: Scope, *, message_id: int, limit: int) -> Stretch:
    """Half of `limit` texts before one, and as many from it on."""
    half = limit // 2
    older = threads.texts_before(scope.ids, before_id=message_id, limit=half + 1)
    rows = threads.texts_from(scope.ids, from_id=message_id, limit=half + 1)
    if len(older) <= half:
        return _joined(scope, older, rows, limit=half, start=None)
    at = min(row.created_at for row in [*older[1:], *rows])
    start = Cursor(id=older[1].pk, at=at, mode=scope.mode)
    return replace(_joined(scope, older, rows, limit=half, start=start), earlier=str(start))


def _joined(
    scope: Scope, beside: Sequence[Message], rows: Sequence[Message], *, limit: int, start: Cursor | None
) -> Stretch:
    """The first `limit` of these texts, after others, with what was added since `start`, None for the beginning."""
    has_more = len(rows) > limit
    end = Cursor(id=rows[limit].pk, at=rows[limit].created_at, mode=scope.mode) if has_more else None
    return Stretch(
        messages=[*beside, *rows],
        added=_added(scope, start.at if start else None, end.at if end else None),
        start=start.at if start else None,
        start_id=start.id if start else 0,
        end_id=end.id if end else 0,
        newer=str(end) if end else "",
        elsewhere=_elsewhere(scope),
    )


def of_fold(scope: Scope, *, number: int) -> Stretch | None:
    """What a folded episode holds, or None when it isn't folded. `earlier` is set when it holds more than is shown."""
    found = [one for one in scope.folds if scope.episodes[one.index].number == number]
    if not found:
        return None
    fold = found[0]
    counted = threads.sizes(scope.conversation.pk, [one.until + MOMENT for one in scope.folds]).get(fold.index)
    start = fold.since + MOMENT if fold.since else None
    rows: list[Message] = []
    if counted is not None:
        near = threads.texts_before(scope.ids, before_id=counted.last_id + 1, limit=MOST_OF_FOLD)
        rows = [row for row in near if row.created_at <= fold.until and (start is None or row.created_at >= start)]
    has_more = counted is not None and len(rows) < counted.texts
    if has_more and rows:
        start = rows[0].created_at
    return Stretch(
        messages=rows,
        added=replace(_added(scope, start, fold.until + MOMENT), episodes=()),
        start=start,
        start_id=rows[0].pk if rows else 0,
    )


def _added(scope: Scope, start: datetime | None, end: datetime | None) -> ThreadItems:
    found = conversations.thread_items(scope.conversation, after=start, before=end, episodes=scope.episodes)
    if not scope.others:
        return found
    notes = conversations.notes_of([other.pk for other in scope.others], after=start, before=end)
    return replace(found, notes=(*found.notes, *notes))


def _elsewhere(scope: Scope) -> dict[int, Where]:
    return {other.pk: where(other, region=scope.region) for other in scope.others}
