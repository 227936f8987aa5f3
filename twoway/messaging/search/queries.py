"""Searching everything that was ever written, as far as the actor may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from twoway.conversations.models import Note
from twoway.conversations.queries import Conversation, Tag, tags, visible_to
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.messaging.models import Message
from twoway.messaging.search import lexicon, people
from twoway.messaging.search.newest import Edge, newest
from twoway.messaging.search.ranking import Place, decode, ranked
from twoway.messaging.search.rules import Query, parse
from twoway.messaging.search.scope import Scope, scope_of
from twoway.messaging.search.words import Piece, Wanted, fold, marked
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of

__all__ = ["NoteHit", "Page", "Piece", "Query", "Results", "TextHit", "Wanted", "marked", "parse", "search"]

BATCH = 100
"""Matches that are put into order together."""
SNIPPET = 180
MOST_PEOPLE = 5
MOST_NOTES = 5
MOST_ROWS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Which part of the answer: a cursor of the page before, how many texts or notes, and whether notes are listed."""

    cursor: str = ""
    limit: int = 20
    kind: str = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextHit:
    """A text that matches, with its conversation (contact, identity and channel) and what to show of it."""

    message: Message
    conversation: Conversation
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteHit:
    """A private note that matches."""

    note: Note
    conversation: Conversation
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What was found. People, tags and a few notes come with the first page of texts only.

    `corrections` are words that were taken in place of others. `next` is the cursor of the next page, "" after the
    last; `looked_to` says that the search ended there for lack of time, and that the next page goes on from there.
    """

    query: Query
    wanted: Wanted = field(default_factory=Wanted)
    people: tuple[Conversation, ...] = ()
    tags: tuple[Tag, ...] = ()
    texts: tuple[TextHit, ...] = ()
    notes: tuple[NoteHit, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    corrected: str = ""
    problems: tuple[str, ...] = ()
    next: str = ""
    looked_to: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.people or self.tags or self.texts or self.notes)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """One page: `following` is the cursor of the next one, `looked_to` as in `Results`."""

    texts: tuple[TextHit, ...] = ()
    notes: tuple[NoteHit, ...] = ()
    following: str = ""
    looked_to: datetime | None = None


def search(
    actor: Actor,
    text: str,
    *,
    at: datetime,
    zone: tzinfo,
    page: Page | None = None,
    is_typing: bool = False,
    is_exact: bool = False,
) -> Results:
    """What matches what somebody typed; texts in pages. Some twelve bounded queries. Raises `Invalid` for a bad cursor.

    `zone` says which day "today" is. `is_exact` looks for words as they were typed, errors and all. A query of which
    nothing can be looked for finds nothing.
    """
    page = page or Page()
    place = decode(page.cursor, now=at)
    query = parse(text, today=at.astimezone(zone).date(), is_typing=is_typing)
    if query.is_empty:
        return Results(query=query, problems=query.problems)
    region = workspace_of(actor).region
    known = lexicon.look_up(actor.workspace_id, query, is_exact=is_exact)
    scope = scope_of(actor, query, zone=zone, region=region)
    if page.kind == "note" and not scope.has_notes:
        raise Invalid(t("No note can match this."), field="q")
    read = _read(actor, known, scope, page, place)
    is_first = not page.cursor and not query.filters
    is_corrected = bool(known.corrections) and bool(read.texts or read.notes)
    return Results(
        query=query,
        wanted=known.wanted,
        people=tuple(_people(actor, known, region)) if is_first else (),
        tags=tuple(_tags(actor, query)) if is_first else (),
        texts=read.texts,
        notes=read.notes,
        corrections=known.corrections if is_corrected else (),
        corrected=known.corrected_text if is_corrected else "",
        problems=(*query.problems, *scope.problems),
        next=read.following,
        looked_to=read.looked_to,
    )


def _read(actor: Actor, known: lexicon.Known, scope: Scope, page: Page, place: Place) -> _Read:
    """One page of texts, with a few notes beside the first, or one page of notes."""
    limit = max(1, min(page.limit, MOST_ROWS))
    found = newest(known, scope, kind=page.kind, top=place.top, limit=BATCH, floor=place.floor)
    rows = ranked(found.hits, place=place)
    following, looked_to = _following(place, found.hits and found.hits[-1], found.reached, rows, limit)
    ids = [hit.id for _, hit in rows[:limit]]
    if page.kind == "note":
        return _Read(notes=_notes(actor, ids, known.wanted), following=following, looked_to=looked_to)
    notes: tuple[NoteHit, ...] = ()
    texts = _texts(actor, ids, known.wanted)
    if not page.cursor and scope.has_notes:
        beside = newest(known, scope, kind="note", top=place.top, limit=MOST_NOTES)
        notes = _notes(actor, [hit.id for hit in beside.hits], known.wanted)
    return _Read(texts=texts, notes=notes, following=following, looked_to=looked_to)


def _following(
    place: Place, last: object, reached: Edge | None, rows: Sequence[tuple[int, object]], limit: int
) -> tuple[str, datetime | None]:
    """The cursor of the next page, and how far back was looked when time was short."""
    from_here = Place(now=place.now, top=reached) if reached else None
    if len(rows) > limit and isinstance(last, tuple):
        points, shown = rows[limit - 1]
        floor = place.floor or Edge(last[2], last[0])
        return Place(now=place.now, top=place.top, floor=floor, score=points, id=getattr(shown, "id", 0)).encode(), None
    if place.floor is not None:
        return Place(now=place.now, top=place.floor).encode(), None
    if from_here is None:
        return "", None
    is_short = not isinstance(last, tuple) or len(rows) < BATCH
    return from_here.encode(), from_here.top.at if is_short else None


def _people(actor: Actor, known: lexicon.Known, region: str) -> list[Conversation]:
    said = known.query.said
    found = people.find(actor, said, region=region, limit=MOST_PEOPLE) if said else []
    if not found and known.corrections:
        used = " ".join(one.used or one.term.typed for one in known.positive)
        found = people.find(actor, used, region=region, limit=MOST_PEOPLE)
    return found


def _tags(actor: Actor, query: Query) -> list[Tag]:
    """Tags whose name begins with what was typed, or has a word that does."""
    said = fold(query.said).strip()
    if len(said) < people.SHORTEST_BEGINNING:
        return []
    return [row for row in tags(actor) if fold(row.name).startswith(said) or f" {said}" in fold(row.name)][:3]


def _conversations(actor: Actor, ids: set[int]) -> dict[int, Conversation]:
    """Those of these conversations that may be seen; once more, whatever the index said."""
    rows = visible_to(actor).filter(id__in=ids).select_related("contact", "identity", "channel")
    return {row.pk: row for row in rows}


def _texts(actor: Actor, ids: Sequence[int], wanted: Wanted) -> tuple[TextHit, ...]:
    rows = Message.objects.filter(workspace_id=actor.workspace_id, id__in=ids).select_related("by__user").in_bulk()
    threads = _conversations(actor, {row.conversation_id for row in rows.values()})
    return tuple(
        TextHit(
            message=rows[key],
            conversation=threads[rows[key].conversation_id],
            pieces=marked(" ".join(rows[key].body.split()), wanted, length=SNIPPET),
        )
        for key in ids
        if key in rows and rows[key].conversation_id in threads
    )


def _notes(actor: Actor, ids: Sequence[int], wanted: Wanted) -> tuple[NoteHit, ...]:
    rows = Note.objects.filter(id__in=ids).select_related("by__user").in_bulk()
    threads = _conversations(actor, {row.conversation_id for row in rows.values()})
    return tuple(
        NoteHit(
            note=rows[key],
            conversation=threads[rows[key].conversation_id],
            pieces=marked(" ".join(rows[key].body.split()), wanted, length=SNIPPET),
        )
        for key in ids
        if key in rows and rows[key].conversation_id in threads
    )
