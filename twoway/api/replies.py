"""Saved replies: find, add and change them. Programs see and keep those of teams and of everybody."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db import transaction
from ninja import Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field, StrictStr, StringConstraints

from twoway.api import errors, paging
from twoway.api.auth import ApiRequest
from twoway.api.fields import Flag, Id, Limit, PathId, QueryBool, TimeOut
from twoway.replies import actions, queries, rules
from twoway.replies.actions import ReplyTerms
from twoway.replies.queries import Reply
from twoway.teams.rules import Right, require

router = Router(tags=["Saved replies"])

Name = Annotated[StrictStr, StringConstraints(min_length=1, max_length=rules.LONGEST_NAME)]
Body = Annotated[StrictStr, StringConstraints(max_length=rules.LONGEST_BODY)]
Word = Annotated[StrictStr, StringConstraints(max_length=rules.LONGEST_WORD)]
FolderName = Annotated[StrictStr, StringConstraints(max_length=60)]
Url = Annotated[StrictStr, StringConstraints(max_length=rules.LONGEST_URL)]
Step = Annotated[StrictStr, StringConstraints(max_length=rules.LONGEST_STEP)]
Language = Annotated[StrictStr, StringConstraints(max_length=12)]


class ReplyOut(Schema):
    """A saved reply. Variables such as {first_name|there} stand in its body as they were written."""

    id: int
    name: str
    word: str = Field(description="Typed after / to find it; empty when it has none.")
    kind: Literal["text", "article"]
    body: str
    languages: dict[str, str] = Field(description="Other bodies, by language.")
    steps: list[str] = Field(description="Those of a help article.")
    url: str
    folder: str
    scope: Literal["own", "team", "all"]
    team_id: int | None
    channel_id: int | None = Field(description="The number it is only for; null is every number.")
    variables: list[str]
    uses: int
    last_used_at: TimeOut | None
    is_archived: bool
    changed_at: TimeOut


class ReplyPage(Schema):
    items: list[ReplyOut]
    next: str | None


class Wanted(Schema):
    """Which replies: those in use, or the archived ones; with `search`, those that have all of its words."""

    search: Annotated[str, Field(max_length=80)] | None = None
    is_archived: QueryBool = False
    limit: Limit = 50
    cursor: paging.Cursor | None = None


class ReplyIn(Schema):
    """A saved reply to add. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    body: Body = ""
    word: Word = ""
    kind: Literal["text", "article"] = "text"
    languages: Annotated[dict[Language, Body], Field(max_length=rules.MOST_VARIANTS)] = Field(default_factory=dict)
    steps: Annotated[list[Step], Field(max_length=rules.MOST_STEPS)] = Field(default_factory=list)
    url: Url = ""
    folder: FolderName = Field(default="", description="A name; a new one makes a new folder.")
    scope: Literal["team", "all"] = "all"
    team_id: Id | None = None
    channel_id: Id | None = None


class ReplyPatch(Schema):
    """What to change; what is left out stays as it is. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    body: Body | None = None
    word: Word | None = None
    languages: Annotated[dict[Language, Body], Field(max_length=rules.MOST_VARIANTS)] | None = None
    steps: Annotated[list[Step], Field(max_length=rules.MOST_STEPS)] | None = None
    url: Url | None = None
    folder: FolderName | None = None
    is_archived: Flag | None = None


@router.get("", response={200: ReplyPage, **errors.READ}, operation_id="list_replies")
def list_replies(request: ApiRequest, query: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """Saved replies, the latest added first."""
    require(request.actor, Right.READ)
    found = queries.visible_to(request.actor).filter(archived_at__isnull=not query.is_archived)
    for word in rules.plain((query.search or "").replace("\0", "")).split():
        found = found.filter(needle__contains=word)
    below = paging.before_id(query.cursor)
    if below is not None:
        found = found.filter(id__lt=below)
    rows = list(found.select_related("folder").order_by("-id")[: query.limit + 1])
    shown, following = paging.page(rows, query.limit)
    return {"items": [_document(row) for row in shown], "next": following}


@router.post("", response={201: ReplyOut, **errors.WRITE_ONE}, operation_id="add_reply")
def add_reply(request: ApiRequest, body: ReplyIn) -> Status[dict[str, Any]]:
    """Add a saved reply for a team or for everybody. For roles that manage replies: managers and up."""
    terms = ReplyTerms(
        name=body.name,
        body=body.body,
        word=body.word,
        kind=body.kind,
        variants=body.languages,
        steps=body.steps,
        url=body.url,
        folder=body.folder,
        scope=body.scope,
        team_id=body.team_id,
        channel_id=body.channel_id,
    )
    kept = actions.add_reply(terms=terms, by=request.actor, at=request.at)
    return Status(201, _document(kept))


@router.get("/{int:reply_id}", response={200: ReplyOut, **errors.READ_ONE}, operation_id="get_reply")
def get_reply(request: ApiRequest, reply_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """One saved reply."""
    return _document(queries.access_reply(request.actor, reply_id))


@router.patch("/{int:reply_id}", response={200: ReplyOut, **errors.WRITE_ONE}, operation_id="change_reply")
def patch_reply(request: ApiRequest, reply_id: Annotated[PathId, Path()], body: ReplyPatch) -> dict[str, Any]:
    """Change a saved reply, archive it or bring it back: all that is asked, or nothing. Managers and up."""
    actor = request.actor
    require(actor, Right.REPLY)
    reply = queries.access_reply(actor, reply_id)
    with transaction.atomic():
        if body.is_archived is False:
            actions.restore_reply(reply=reply, by=actor, at=request.at)
        asked = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"is_archived"})
        if asked:
            actions.change_reply(reply=reply, terms=_changed(reply, asked), by=actor, at=request.at)
        if body.is_archived:
            actions.archive_reply(reply=reply, by=actor, at=request.at)
    return _document(queries.access_reply(actor, reply_id))


def _changed(reply: Reply, asked: dict[str, Any]) -> ReplyTerms:
    """The reply as it is, with what was asked."""
    return ReplyTerms(
        name=asked.get("name", reply.name),
        body=asked.get("body", reply.body),
        word=asked.get("word", reply.word),
        kind=reply.kind,
        variants=asked.get("languages", reply.variants),
        steps=asked.get("steps", reply.steps),
        url=asked.get("url", reply.url),
        folder=asked.get("folder", reply.folder.name if reply.folder else ""),
        scope=reply.scope,
        team_id=reply.team_id,
        channel_id=reply.channel_id,
    )


def _document(reply: Reply) -> dict[str, Any]:
    text, _ = queries.worded(reply)
    return {
        "id": reply.pk,
        "name": reply.name,
        "word": reply.word,
        "kind": reply.kind,
        "body": reply.body,
        "languages": reply.variants,
        "steps": reply.steps,
        "url": reply.url,
        "folder": reply.folder.name if reply.folder else "",
        "scope": reply.scope,
        "team_id": reply.team_id,
        "channel_id": reply.channel_id,
        "variables": list(rules.variables(text)),
        "uses": reply.uses,
        "last_used_at": reply.last_used_at,
        "is_archived": reply.archived_at is not None,
        "changed_at": reply.changed_at,
    }
