"""The newest texts or notes that match, in steps back through time: a common word costs no more than a rare one.

A GIN index has no order. So a step asks only for the days of a window, by the marks of days and months in the index;
the first window is as long as the lexicon says it must be to hold enough, and each further one is longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, LiteralString, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from twoway.messaging.search.lexicon import Known
from twoway.messaging.search.scope import Scope
from twoway.messaging.search.words import day_mark, month_mark

PATIENCE = 900
"""Milliseconds one step may take: a search never holds up the database longer."""
ENOUGH_TIME = 0.25
"""Seconds after which the search ends with what it has, if it has something."""
MOST_TIME = 1.2
FEW = 3000
"""Texts with a word up to which they are all looked at in one step."""
MOST_MARKS = 400
FIRST_WINDOW = 0.1
SMALLEST_WINDOW = 0.01
LONGEST_WINDOW = 10_000.0
"""In days."""
_GROWTH = 4
_SHRINK = 8
_PHRASES_ARE_RARER = 10
_END_ID = 2**63 - 1


class Hit(NamedTuple):
    """A match. `rank` is between 0 and 1."""

    id: int
    conversation_id: int
    at: datetime
    rank: float


class Edge(NamedTuple):
    """A place between two matches: what is older than this, or the same time and a lower id, comes after it."""

    at: datetime
    id: int = _END_ID


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The newest matches before an edge. `reached` is how far back was looked; None means to the beginning."""

    hits: tuple[Hit, ...]
    reached: Edge | None = None


_KINDS: dict[str, LiteralString] = {"text": "search_text", "note": "search_note"}
_SOURCE: dict[str, LiteralString] = {"text": "message", "note": "note"}

_STEP: LiteralString = """
    WITH hit AS MATERIALIZED (
        SELECT s.id, s.conversation_id, s.at FROM {source}
        WHERE s.workspace_id = %(workspace)s AND s.words @@ %(q)s::tsquery
          AND s.at BETWEEN %(floor_at)s AND %(top_at)s
          AND (s.at, s.id) < (%(top_at)s, %(top_id)s) AND (s.at, s.id) >= (%(floor_at)s, %(floor_id)s) {conditions}
    ), newest AS (SELECT * FROM hit ORDER BY at DESC, id DESC LIMIT %(limit)s)
    SELECT n.id, n.conversation_id, n.at, {rank} FROM newest n JOIN {table} s ON s.id = n.id
    ORDER BY n.at DESC, n.id DESC
"""
_RANK: LiteralString = "ts_rank_cd('{1, 1, 1, 1}', s.words, %(ranked)s::tsquery, 32)"
_WITHOUT_WORDS: LiteralString = "s.words @@ %(q)s::tsquery"
_OLDEST: LiteralString = "SELECT at FROM {table} ORDER BY id LIMIT 1"
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def newest(
    known: Known, scope: Scope, *, kind: str, top: Edge, limit: int, floor: Edge | None = None
) -> Found:  # fmt: skip
    """The newest `limit` matches between two edges, in order. Several bounded queries."""
    if scope.is_nothing:
        return Found(hits=())
    top = Edge(min(top.at, scope.until), top.id if top.at <= scope.until else _END_ID) if scope.until else top
    first = max((edge for edge in (floor, Edge(scope.since, 0) if scope.since else None) if edge), default=None)
    stop = first or Edge(_oldest(kind) - timedelta(days=1), 0)
    if top.at <= _FIRST or (first is not None and first >= top):
        return Found(hits=())
    hits: list[Hit] = []
    began = monotonic()
    days = _first_window(known, scope, top=top, stop=stop, limit=limit)
    while True:
        window = None if days is None else top.at - timedelta(days=days)
        is_last = window is None or window <= stop.at
        low = stop if is_last or window is None else Edge(window, 0)
        marks = _cover(scope.workspace_id, low.at, top.at) if known.terms or scope.marks else ()
        if is_last and first is None:
            low, marks = Edge(_FIRST, 0), () if known.positive or scope.threads is not None else marks
        try:
            found = _step(known, scope, kind=kind, top=top, low=low, marks=marks, limit=limit - len(hits))
        except _TooSlow:
            days = _smaller(days, span=top.at - stop.at)
            if days is None or monotonic() - began > MOST_TIME:
                return Found(hits=tuple(hits), reached=top)
            continue
        hits += found
        if len(hits) >= limit:
            return Found(hits=tuple(hits), reached=Edge(hits[-1].at, hits[-1].id))
        if is_last or days is None:
            return Found(hits=tuple(hits))
        top, days = low, _next_window(days, found=len(found), missing=limit - len(hits))
        if monotonic() - began > (ENOUGH_TIME if hits else MOST_TIME):
            return Found(hits=tuple(hits), reached=top)


def _smaller(days: float | None, *, span: timedelta) -> float | None:
    """A window after one that took too long; None when it was small already."""
    days = span.total_seconds() / 86400 if days is None else days
    return days / _SHRINK if days > SMALLEST_WINDOW else None


def _next_window(days: float, *, found: int, missing: int) -> float:
    """As long as what is missing needs at the rate of the last window, at most four times as long as that."""
    needed = 1.3 * missing * days / found if found else days * _GROWTH
    return min(max(needed, days / 2), days * _GROWTH, LONGEST_WINDOW)


def _first_window(known: Known, scope: Scope, *, top: Edge, stop: Edge, limit: int) -> float | None:
    """How many days the first step looks back; None for all at once."""
    texts = known.texts
    if scope.threads is not None or (texts is not None and texts <= FEW):
        return None
    if texts is None:
        return FIRST_WINDOW
    span = max((top.at - stop.at).total_seconds() / 86400, 1.0)
    if any(one.term.is_phrase for one in known.positive):
        texts //= _PHRASES_ARE_RARER
    return min(max(1.3 * limit * span / max(texts, 1), FIRST_WINDOW), LONGEST_WINDOW)


def _cover(workspace_id: int, since: datetime, until: datetime) -> tuple[str, ...]:
    """The marks of all days in a stretch, whole months by their own; none when they would be too many."""
    day, last = (one.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) for one in (since, until))
    marks: list[str] = []
    while day <= last and len(marks) <= MOST_MARKS:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        if day.day == 1 and following <= last:
            marks.append(month_mark(workspace_id, day))
            day = following
        else:
            marks.append(day_mark(workspace_id, day))
            day += timedelta(days=1)
    return tuple(marks) if len(marks) <= MOST_MARKS else ()


class _TooSlow(Exception):
    """A step took longer than it may."""


def _step(
    known: Known, scope: Scope, *, kind: str, top: Edge, low: Edge, marks: Sequence[str], limit: int
) -> list[Hit]:  # fmt: skip
    said = [one.tsquery for one in known.terms] + scope.marks
    if marks:
        said.append("(" + " | ".join(f"'{mark}'" for mark in marks) + ")")
    ranked = " & ".join(one.tsquery for one in known.positive)
    names: dict[str, Any] = {
        **scope.values,
        "workspace": scope.workspace_id,
        "q": " & ".join(said),
        "ranked": ranked,
        "top_at": top.at,
        "top_id": top.id,
        "floor_at": low.at,
        "floor_id": low.id,
        "limit": limit,
        "threads": scope.threads,
    }
    statement = _statement(scope, kind, is_ranked=bool(ranked), has_words=bool(said))
    is_within = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true), set_config('enable_seqscan', 'off', true)",
                [str(PATIENCE)],
            )
            cursor.execute(statement, names)
            found = [Hit(*row) for row in cursor.fetchall()]
            if is_within:
                cursor.execute(
                    "SELECT set_config('statement_timeout', '0', true), set_config('enable_seqscan', 'on', true)"
                )
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise _TooSlow from error
        raise
    return found


def _statement(scope: Scope, kind: str, *, is_ranked: bool, has_words: bool) -> LiteralString:
    table = _KINDS[kind]
    source: LiteralString = f"{table} s"
    conditions = "".join(f" AND {one}" for one in scope.conditions)
    if scope.threads is not None:
        source = f"{_SOURCE[kind]} t JOIN {table} s ON s.id = t.id"
        conditions += " AND t.conversation_id = ANY(%(threads)s)"
    if scope.conditions:
        source += " JOIN conversation v ON v.id = s.conversation_id"
    statement = _STEP.format(
        source=source,
        table=table,
        conditions=conditions,
        rank=_RANK if is_ranked else "0.0::float8",
    )
    return statement if has_words else statement.replace(_WITHOUT_WORDS, "true")


def _oldest(kind: str) -> datetime:
    """When the first was written; what arrived out of order by less than a day is before it."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST.format(table=_KINDS[kind]))
        row = cursor.fetchone()
    return row[0] if row else _FIRST
