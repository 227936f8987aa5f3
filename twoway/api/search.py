"""Search of all history, as the desk has it."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from ninja import Query, Router, Schema
from pydantic import Field, StrictStr, StringConstraints

from twoway.api import errors, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, QueryBool, TimeOut
from twoway.api.outlines import conversation_document, message_documents, note_document
from twoway.messaging.search import queries
from twoway.messaging.search.queries import Page, Piece
from twoway.messaging.search.ranking import CURSOR_PATTERN
from twoway.teams.queries import workspace_of

router = Router(tags=["Search"])

SearchCursor = Annotated[
    str,
    StringConstraints(pattern=CURSOR_PATTERN),
    Field(description="The `next` of the page before. What it contains is nobody's business and may change."),
]


class Asked(Schema):
    """What to look for: words, "phrases", -words left out, numbers in any notation, and filters such as `from:dana`."""

    q: Annotated[StrictStr, StringConstraints(min_length=1, max_length=400)]
    exact: QueryBool = Field(default=False, description="Look for words as they are written, typing errors and all.")
    limit: Limit = 20
    cursor: SearchCursor | None = None


class PieceOut(Schema):
    """A stretch of a snippet; `is_hit` says that it is what was looked for."""

    text: str
    is_hit: bool


class FoundTextOut(Schema):
    message: shapes.MessageOut
    snippet: list[PieceOut]


class FoundNoteOut(Schema):
    note: shapes.NoteOut
    snippet: list[PieceOut]


class SearchOut(Schema):
    """Texts, the best first. People and notes come with the first page only."""

    items: list[FoundTextOut]
    people: list[shapes.ConversationOut] = Field(
        description="The latest conversation with each person whose name or number was found; five at most."
    )
    notes: list[FoundNoteOut] = Field(description="The newest private notes found; five at most.")
    corrected: str | None = Field(description="What was looked for in place of `q`, where nobody ever wrote its words.")
    problems: list[str] = Field(description="Filters that were left out, and why.")
    looked_to: TimeOut | None = Field(
        description="How far back was looked, when time was short; `next` goes on from there."
    )
    next: str | None


@router.get("", response={200: SearchOut, **errors.READ}, by_alias=True, operation_id="search")
def search(request: ApiRequest, query: Annotated[Asked, Query()]) -> dict[str, Any]:
    """Texts, notes and people of all history, as far as this token may see them. Days are the workspace's."""
    actor = request.actor
    found = queries.search(
        actor,
        query.q,
        at=request.at,
        zone=ZoneInfo(workspace_of(actor).time_zone),
        page=Page(cursor=query.cursor or "", limit=query.limit),
        is_exact=query.exact,
    )
    documents = message_documents([one.message for one in found.texts], to=actor, at=request.at)
    return {
        "items": [
            {"message": document, "snippet": _snippet(one.pieces)}
            for document, one in zip(documents, found.texts, strict=True)
        ],
        "people": [conversation_document(one, to=actor) for one in found.people],
        "notes": [{"note": note_document(one.note), "snippet": _snippet(one.pieces)} for one in found.notes],
        "corrected": found.corrected or None,
        "problems": list(found.problems),
        "looked_to": found.looked_to,
        "next": found.next or None,
    }


def _snippet(pieces: tuple[Piece, ...]) -> list[dict[str, Any]]:
    return [{"text": piece.text, "is_hit": piece.is_hit} for piece in pieces]
