"""Writing the index: what is new, what changed, and what the lexicon has to forget. One worker at a time does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString, NamedTuple

from django.db import connection

from twoway.messaging.search.models import SearchPlace
from twoway.messaging.search.words import Word, counted, day_mark, fold, month_mark, words_in

BATCH = 1000
BACKLOG_BATCH = 4000
"""Of texts that were there before the index was; larger, so that each word of the lexicon is written less often."""

IN_FLIGHT = 10_000
"""Ids below the highest whose transactions may not have ended when the index is begun."""


class Entry(NamedTuple):
    """A row to be indexed: its words (a tsvector as text) and those the lexicon counts."""

    id: int
    workspace_id: int
    conversation_id: int
    at: datetime
    vector: str
    words: frozenset[str]


_TEXTS: LiteralString = """
    SELECT m.id, m.workspace_id, m.conversation_id, m.created_at, m.body, m.channel_id, m.direction, m.by_id,
           (SELECT array_agg(f.kind) FROM media f WHERE f.message_id = m.id)
    FROM message m WHERE {which}
"""
_NOTES: LiteralString = """
    SELECT n.id, c.workspace_id, n.conversation_id, n.created_at, n.body, n.by_id
    FROM note n JOIN conversation c ON c.id = n.conversation_id WHERE {which}
"""
_PEOPLE: LiteralString = """
    SELECT p.id, p.workspace_id, p.created_at, p.name, p.is_anonymous OR p.erased_at IS NOT NULL,
           (SELECT array_agg(i.value) FROM identity i
            WHERE i.contact_id = p.id AND i.kind NOT IN ('phone', 'short_code'))
    FROM contact p WHERE {which}
"""
_NEW: LiteralString = "{key} > %(after)s ORDER BY {key} LIMIT %(limit)s"
_THESE: LiteralString = "{key} = ANY(%(ids)s)"
_EARLIER: LiteralString = "{key} < %(below)s ORDER BY {key} DESC LIMIT %(limit)s"
_LATE: LiteralString = """
    {key} > %(after)s AND {key} <= %(until)s AND NOT EXISTS (SELECT FROM {table} s WHERE s.id = {key})
    ORDER BY {key} LIMIT %(limit)s
"""
_PUT_TEXTS: LiteralString = """
    INSERT INTO {table} (id, workspace_id, conversation_id, at, words)
    SELECT id, workspace_id, conversation_id, at, words::tsvector
    FROM unnest(%(ids)s::bigint[], %(workspaces)s::bigint[], %(threads)s::bigint[], %(ats)s::timestamptz[],
                %(words)s::text[]) AS t(id, workspace_id, conversation_id, at, words)
    ON CONFLICT (id) DO NOTHING RETURNING id
"""
_PUT_PEOPLE: LiteralString = """
    INSERT INTO search_person (id, workspace_id, words)
    SELECT id, workspace_id, words::tsvector
    FROM unnest(%(ids)s::bigint[], %(workspaces)s::bigint[], %(words)s::text[]) AS t(id, workspace_id, words)
    ON CONFLICT (id) DO NOTHING RETURNING id
"""
_COUNT: LiteralString = """
    INSERT INTO search_word (workspace_id, word, texts)
    SELECT * FROM unnest(%(workspaces)s::bigint[], %(words)s::text[], %(texts)s::bigint[])
    ON CONFLICT (workspace_id, word) DO UPDATE SET texts = search_word.texts + excluded.texts
"""
_UNCOUNT: LiteralString = """
    UPDATE search_word w SET texts = w.texts - g.texts
    FROM unnest(%(workspaces)s::bigint[], %(words)s::text[], %(texts)s::bigint[]) AS g(workspace_id, word, texts)
    WHERE w.workspace_id = g.workspace_id AND w.word = g.word
"""
_FORGET: LiteralString = """
    DELETE FROM search_word w USING unnest(%(workspaces)s::bigint[], %(words)s::text[]) AS g(workspace_id, word)
    WHERE w.workspace_id = g.workspace_id AND w.word = g.word AND w.texts <= 0
"""
_AGAIN: LiteralString = """
    DELETE FROM search_again WHERE id IN (SELECT id FROM search_again ORDER BY id LIMIT %(limit)s)
    RETURNING kind, row_id, workspace_id, tsvector_to_array(gone)
"""
_TAKE_OUT: LiteralString = (
    "DELETE FROM {table} WHERE id = ANY(%(ids)s) RETURNING workspace_id, tsvector_to_array(words)"
)

_SELECTS: dict[str, LiteralString] = {"text": _TEXTS, "note": _NOTES, "person": _PEOPLE}
_KEYS: dict[str, LiteralString] = {"text": "m.id", "note": "n.id", "person": "p.id"}
TABLES: dict[str, LiteralString] = {"text": "search_text", "note": "search_note", "person": "search_person"}
_FIRST: dict[str, LiteralString] = {
    "text": "SELECT coalesce(max(id), 0) FROM message",
    "person": "SELECT coalesce(max(id), 0) FROM contact",
}


def is_ours() -> bool:
    """Whether this transaction alone writes the index."""
    return bool(_rows("SELECT pg_try_advisory_xact_lock(hashtextextended('index of the search', 0))", {})[0][0])


def place(kind: str) -> SearchPlace:
    """How far rows of this kind are indexed. At the first look what is there already is left to the backlog."""
    found = SearchPlace.objects.filter(kind=kind).first()
    if found is None:
        newest = max(_rows(_FIRST[kind], {})[0][0] - IN_FLIGHT, 0)
        SearchPlace.objects.create(kind=f"{kind}_back", done_id=newest + 1)
        found = SearchPlace.objects.create(kind=kind, done_id=newest)
    return found


def put_new(kind: str, *, after: int, limit: int = BATCH) -> int:
    """Index the next rows above this id; the highest id seen, or `after` when there is none."""
    ids = _put(kind, _rows(_statement(kind, _NEW), {"after": after, "limit": limit}))
    return max(ids, default=after)


def put_late(kind: str, *, after: int, until: int) -> int:
    """Index rows between two ids that were committed later than higher ones; how many."""
    return len(_put(kind, _rows(_statement(kind, _LATE), {"after": after, "until": until, "limit": BATCH})))


def put_earlier(kind: str) -> int:
    """Index the next batch of what was there before the index, the newest first; how many."""
    back = SearchPlace.objects.filter(kind=f"{kind}_back", done_id__gt=0).first()
    if back is None:
        return 0
    ids = _put(kind, _rows(_statement(kind, _EARLIER), {"below": back.done_id, "limit": BACKLOG_BATCH}))
    SearchPlace.objects.filter(kind=back.kind).update(done_id=min(ids, default=0))
    return len(ids)


def put_changed(*, limit: int = BATCH) -> int:
    """Take up what triggers wrote down: forget words that went, and index anew what is still there; how many."""
    taken = _rows(_AGAIN, {"limit": limit})
    _count(((workspace, words) for _, _, workspace, words in taken if words), is_less=True)
    for kind in TABLES:
        ids = sorted({row_id for one, row_id, _, _ in taken if one == kind})
        if ids:
            gone = _rows(_TAKE_OUT.format(table=TABLES[kind]), {"ids": ids})
            _count(gone, is_less=True)
            _put(kind, _rows(_statement(kind, _THESE), {"ids": ids}))
    return len(taken)


def _statement(kind: str, which: LiteralString) -> LiteralString:
    return _SELECTS[kind].format(which=which.format(key=_KEYS[kind], table=TABLES[kind]))


def _put(kind: str, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """Write rows that are not in the index yet; the ids of all that were looked at."""
    entries = [_ENTRIES[kind](row) for row in rows]
    if not entries:
        return []
    columns: dict[str, Any] = {
        "ids": [one.id for one in entries],
        "workspaces": [one.workspace_id for one in entries],
        "words": [one.vector for one in entries],
    }
    statement = _PUT_PEOPLE
    if kind != "person":
        statement = _PUT_TEXTS.format(table=TABLES[kind])
        columns |= {"threads": [one.conversation_id for one in entries], "ats": [one.at for one in entries]}
    written = {row[0] for row in _rows(statement, columns)}
    _count((one.workspace_id, one.words) for one in entries if one.id in written)
    return [one.id for one in entries]


def _count(told: Iterable[tuple[int, Iterable[str]]], *, is_less: bool = False) -> None:
    """Count words in the lexicon up or down. In one order always, so that nobody waits for anybody in a ring."""
    counts = Counter((workspace, word) for workspace, words in told for word in words if counted(word))
    if not counts:
        return
    keys = sorted(counts)
    columns: dict[str, Any] = {
        "workspaces": [workspace for workspace, _ in keys],
        "words": [word for _, word in keys],
        "texts": [counts[key] for key in keys],
    }
    with connection.cursor() as cursor:
        for statement in (_UNCOUNT, _FORGET) if is_less else (_COUNT,):
            cursor.execute(statement, columns)


def _rows(statement: LiteralString, names: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())


# What a row says ------------------------------------------------------------------------------------------------------


def _text(row: tuple[Any, ...]) -> Entry:
    key, workspace, thread, at, body, channel, direction, by, kinds = row
    marks = [*_days(workspace, at), f"#n{channel}", f"#{direction}"]
    if by is not None:
        marks.append(f"#u{by}")
    found = set(kinds or ())
    marks += ["#photo"] if "image" in found else []
    marks += ["#file"] if found - {"image", "location"} else []
    return _entry(key, workspace, thread, at, body, marks)


def _note(row: tuple[Any, ...]) -> Entry:
    key, workspace, thread, at, body, by = row
    return _entry(key, workspace, thread, at, body, [*_days(workspace, at), *([f"#u{by}"] if by is not None else [])])


def _person(row: tuple[Any, ...]) -> Entry:
    key, workspace, at, name, is_hidden, values = row
    said = "" if is_hidden else " ".join([name, *(values or [])])
    return _entry(key, workspace, 0, at, said, [])


def _entry(key: int, workspace: int, thread: int, at: datetime, said: str, marks: list[str]) -> Entry:
    found = fold(said)
    if "http" in found or "www." in found:
        marks.append("#link")
    words = list(words_in(found))
    return Entry(key, workspace, thread, at, _vector(words, marks), frozenset(word.text for word in words))


def _days(workspace: int, at: datetime) -> tuple[str, str]:
    """The marks of the day and the month, in UTC."""
    day = at.astimezone(UTC)
    return day_mark(workspace, day), month_mark(workspace, day)


def _vector(words: Sequence[Word], marks: Sequence[str]) -> str:
    """A tsvector as text. Words are letters and figures only, so that nothing in them needs quoting but by quotes."""
    places: dict[str, list[str]] = {}
    for word in words:
        places.setdefault(word.text, []).append(str(word.place + 1))
    said = [f"'{word}':{','.join(found[:200])}" for word, found in places.items()]
    return " ".join([*said, *(f"'{mark}'" for mark in marks)])


_ENTRIES = {"text": _text, "note": _note, "person": _person}
