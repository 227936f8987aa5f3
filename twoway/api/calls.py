"""Calls of a conversation, and calling a customer from a member's own phone."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Header, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field, StringConstraints

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import Flag, Limit, PathId, TimeOut
from twoway.api.paging import Cursor, before_id, page
from twoway.contacts.queries import shown_address
from twoway.conversations.queries import access_conversation
from twoway.messaging.calls import actions, queries
from twoway.messaging.calls.queries import Call
from twoway.messaging.media import queries as media
from twoway.messaging.media.queries import MediaFile
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

router = Router(tags=["Calls"])

CallKey = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None,
    Header(alias="Idempotency-Key", description="Any word of yours, new for each call. Again it is the same call."),
]


class CallOut(Schema):
    """One call between a person and a number of ours."""

    id: int
    conversation_id: int
    channel_id: int
    direction: Literal["in", "out"]
    state: Literal["ringing", "answered", "completed", "missed", "voicemail", "failed"]
    phone: str = Field(description="The person's number, or its last digits for who may not see it.")
    member_id: int | None = Field(description="Who called them.")
    started_at: TimeOut
    answered_at: TimeOut | None
    ended_at: TimeOut | None
    seconds: int | None
    outcome: Literal["", "reached", "no_answer", "left_message", "wrong_number"]
    recording_url: str = Field(description="The message they left, for a day; empty while it isn't here.")
    recording_seconds: int | None
    transcript: str
    text_back: str = Field(description="`sent`, empty, or why they were not texted, such as `opted_out`.")
    text_back_id: int | None


class CallPage(Schema):
    items: list[CallOut]
    next: str | None


class CallIn(Schema):
    """`member_id` is whose phone rings first; `is_confirmed`: call though they opted out of texts."""

    model_config = ConfigDict(extra="forbid")

    member_id: PathId
    is_confirmed: Flag = False


class Page(Schema):
    limit: Limit = 50
    cursor: Cursor | None = None


@router.get(
    "/conversations/{int:conversation_id}/calls",
    response={200: CallPage, **errors.READ_ONE},
    operation_id="list_calls",
)
def list_calls(
    request: ApiRequest, conversation_id: Annotated[PathId, Path()], query: Annotated[Page, Query()]
) -> dict[str, Any]:
    """The calls of a conversation, newest first."""
    rows = queries.calls_of(request.actor, conversation_id, before_id=before_id(query.cursor), limit=query.limit + 1)
    shown, following = page(list(rows), query.limit)
    files = queries.recordings(shown)
    return {"items": [_document(one, files.get(one.recording_id or 0), request) for one in shown], "next": following}


@router.get("/calls/{int:call_id}", response={200: CallOut, **errors.READ_ONE}, operation_id="get_call")
def get_call(request: ApiRequest, call_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """One call as it stands."""
    call = queries.access_call(request.actor, call_id)
    return _document(call, queries.recordings([call]).get(call.recording_id or 0), request)


@router.post(
    "/conversations/{int:conversation_id}/calls",
    response={201: CallOut, **errors.SEND_ONE},
    operation_id="start_call",
)
def start_call(
    request: ApiRequest, conversation_id: Annotated[PathId, Path()], body: CallIn, idempotency_key: CallKey = None
) -> Status[dict[str, Any]]:
    """Ring a member's own phone and, when they pick up, the customer, who sees our number.

    On their phone they press 1, or on one that is new the four digits shown in the conversation. What speaks against it
    is 422 with `no_phone`, `no_number`, `costly`, `blocked`, `opted_out`, `no_voice`, `already_calling`,
    `too_many_calls`, `phone_not_verified`, `idempotency_key_reused` or `call_failed`.
    """
    require(request.actor, Right.CALL)
    conversation = access_conversation(request.actor, conversation_id)
    by = teams.actor_of(teams.access_member(request.actor, body.member_id))
    access_conversation(by, conversation_id)
    call = actions.start_call(
        conversation=conversation,
        by=by,
        at=request.at,
        is_confirmed=body.is_confirmed,
        idempotency_key=idempotency_key,
    )
    return Status(201, _document(call, None, request))


def _document(call: Call, file: MediaFile | None, request: ApiRequest) -> dict[str, Any]:
    to: Actor = request.actor
    return {
        "id": call.pk,
        "conversation_id": call.conversation_id,
        "channel_id": call.channel_id,
        "direction": call.direction,
        "state": call.state,
        "phone": shown_address(call.conversation.contact, call.phone, to=to),
        "member_id": call.member_id,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "seconds": call.seconds,
        "outcome": call.outcome,
        "recording_url": media.api_url(file, at=request.at) if file else "",
        "recording_seconds": call.recording_seconds,
        "transcript": call.transcript,
        "text_back": call.text_code,
        "text_back_id": call.text_id,
    }
