"""Conversations: list, read, change, reply, and note."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from ninja import Path, Query, Router, Schema, Status
from pydantic import StringConstraints

from twoway.api import errors, paging, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, PathId, QueryBool, QueryId
from twoway.api.messages import IdempotencyKey, schedule, template_of
from twoway.api.outlines import conversation_document, note_document, sent_document
from twoway.api.patches import change_conversation
from twoway.api.shapes_together import HandOverIn
from twoway.conversations import actions
from twoway.conversations import queries as conversations
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.messaging import outbound
from twoway.routing.escalation.transfer import Kind, transfer
from twoway.teams.rules import Right, require

router = Router(tags=["Conversations"])

NOBODY = "none"
WhoOrNobody = Annotated[str, StringConstraints(pattern="^(none|[1-9][0-9]{0,17})$")]


class Page(Schema):
    """Which conversations; all that are given must hold."""

    state: shapes.ConversationState | None = None
    assignee: WhoOrNobody | None = None
    team: WhoOrNobody | None = None
    channel: QueryId | None = None
    contact: QueryId | None = None
    needs_reply: QueryBool | None = None
    limit: Limit = 50
    cursor: paging.Cursor | None = None


@router.get("", response={200: shapes.ConversationPage, **errors.READ}, operation_id="list_conversations")
def list_conversations(request: ApiRequest, query: Annotated[Page, Query()]) -> dict[str, Any]:
    """Conversations, the latest begun first. `assignee` and `team` take an id, or `none`."""
    found = conversations.visible_to(request.actor)
    for name in ("state", "channel_id", "contact_id", "needs_reply"):
        value = getattr(query, name.removesuffix("_id"))
        if value is not None:
            found = found.filter(**{name: value})
    for name in ("assignee", "team"):
        value = getattr(query, name)
        if value is not None:
            found = found.filter(**({name: None} if value == NOBODY else {f"{name}_id": int(value)}))
    below = paging.before_id(query.cursor)
    if below is not None:
        found = found.filter(id__lt=below)
    found = found.select_related("contact", "identity").prefetch_related("tags")
    shown, following = paging.page(list(found.order_by("-id")[: query.limit + 1]), query.limit)
    return {"items": [conversation_document(row, to=request.actor) for row in shown], "next": following}


@router.get(
    "/{int:conversation_id}",
    response={200: shapes.ConversationOut, **errors.READ_ONE},
    operation_id="get_conversation",
)
def get_conversation(request: ApiRequest, conversation_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """One conversation."""
    return conversation_document(conversations.access_conversation(request.actor, conversation_id), to=request.actor)


@router.patch(
    "/{int:conversation_id}",
    response={200: shapes.ConversationOut, **errors.WRITE_ONE},
    operation_id="change_conversation",
)
def patch_conversation(
    request: ApiRequest, conversation_id: Annotated[PathId, Path()], body: shapes.ConversationPatch
) -> dict[str, Any]:
    """Change the state, the assignee, the team or the tags: all that is asked, or nothing."""
    conversation = conversations.access_conversation(request.actor, conversation_id)
    with transaction.atomic():
        change_conversation(conversation=conversation, patch=body, by=request.actor, at=request.at)
    return conversation_document(conversations.access_conversation(request.actor, conversation_id), to=request.actor)


@router.post(
    "/{int:conversation_id}/messages",
    response={200: shapes.SentOut, 201: shapes.SentOut, **errors.SEND_ONE},
    by_alias=True,
    operation_id="reply",
)
def reply(
    request: ApiRequest,
    conversation_id: Annotated[PathId, Path()],
    body: shapes.ReplyIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[dict[str, Any]]:
    """Send a text into this conversation, with the same purposes, idempotency and refusals as a text to a number."""
    require(request.actor, Right.REPLY)
    conversation = conversations.access_conversation(request.actor, conversation_id)
    queued = outbound.queue_text(
        by=request.actor,
        conversation=conversation,
        body=body.body,
        at=request.at,
        idempotency_key=idempotency_key,
        media_urls=body.media_urls,
        send_at=schedule(body.send_at, at=request.at),
        valid_until=body.valid_until,
        template=template_of(body),
        purpose=body.purpose,
        seen_id=body.seen_id,
    )
    return Status(201 if queued.is_new else 200, sent_document(queued, to=request.actor, at=request.at))


@router.post(
    "/{int:conversation_id}/notes",
    response={201: shapes.NoteOut, **errors.WRITE_ONE},
    operation_id="add_note",
)
def add_note(
    request: ApiRequest, conversation_id: Annotated[PathId, Path()], body: shapes.NoteIn
) -> Status[dict[str, Any]]:
    """Write a private note into the thread. The customer never sees it."""
    require(request.actor, Right.REPLY)
    conversation = conversations.access_conversation(request.actor, conversation_id)
    note = actions.add_note(conversation=conversation, body=body.body, by=request.actor, at=request.at)
    return Status(201, note_document(note))


def _target(body: HandOverIn) -> tuple[Kind, int | None]:
    """Who gets it. Raises `Invalid` unless it is one."""
    given: list[tuple[Kind, int | None]] = [("manager", None)] if body.to_manager else []
    named: tuple[tuple[Kind, int | None], ...] = (
        ("member", body.assignee_id),
        ("team", body.team_id),
        ("queue", body.queue_id),
    )
    given += [(kind, key) for kind, key in named if key is not None]
    if len(given) != 1:
        raise Invalid(t("Choose who gets it."), field="who")
    return given[0]


@router.post(
    "/{int:conversation_id}/assign",
    response={200: shapes.ConversationOut, **errors.WRITE_ONE},
    operation_id="hand_over",
)
def hand_over(request: ApiRequest, conversation_id: Annotated[PathId, Path()], body: HandOverIn) -> dict[str, Any]:
    """Give it to a member, a team, a queue or a manager, with a private note and a summary for whoever gets it."""
    conversation = conversations.access_conversation(request.actor, conversation_id)
    kind, key = _target(body)
    transfer(
        conversation=conversation,
        kind=kind,
        key=key,
        note=body.note,
        summary=body.summary,
        by=request.actor,
        at=request.at,
    )
    return conversation_document(conversations.access_conversation(request.actor, conversation_id), to=request.actor)
