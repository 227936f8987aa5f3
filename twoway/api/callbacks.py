"""Callbacks: offering one, agreeing on a time, and what came of it."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field, StrictStr, StringConstraints

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, PathId, Time, TimeOut
from twoway.api.messages import IdempotencyKey
from twoway.api.shapes import In
from twoway.conversations import queries as conversations
from twoway.messaging.callbacks import actions, queries
from twoway.messaging.callbacks.queries import Callback

router = Router(tags=["Callbacks"])

Box = Literal["due", "mine", "booked", "left", "ended"]


class CallbackOut(Schema):
    """A promise to call somebody. `state` is offered, booked, reminded, due, done, missed, cancelled, or left (a person
    has to find a time); `options` are the times last offered."""

    id: int
    conversation_id: int
    contact_id: int
    state: str
    source: str
    options: list[TimeOut]
    starts_at: TimeOut | None
    ends_at: TimeOut | None
    caller_id: int | None
    attempt: int
    outcome: str | None
    note: str
    created_at: TimeOut


class CallbackList(Schema):
    items: list[CallbackOut]


class CallbackIn(In):
    """Without a time the customer is offered some by text; with one they are told it."""

    starts_at: Time | None = Field(default=None, description="A time they agreed to: the beginning of a free window.")


class OutcomeIn(In):
    """What came of a call. After no answer the customer is offered other times while attempts are left."""

    outcome: Literal["reached", "no_answer", "wrong_number", "cancelled"]
    note: Annotated[StrictStr, StringConstraints(max_length=actions.LONGEST_NOTE)] = ""


class Page(Schema):
    box: Box = "booked"
    limit: Limit = 50


def document(callback: Callback) -> dict[str, Any]:
    """A callback as it leaves."""
    return {
        "id": callback.pk,
        "conversation_id": callback.conversation_id,
        "contact_id": callback.contact_id,
        "state": callback.state,
        "source": callback.source,
        "options": actions.local_options(callback),
        "starts_at": callback.starts_at,
        "ends_at": callback.ends_at,
        "caller_id": callback.member_id,
        "attempt": callback.attempt,
        "outcome": callback.outcome or None,
        "note": callback.note,
        "created_at": callback.created_at,
    }


@router.get("/callbacks", response={200: CallbackList, **errors.READ}, operation_id="list_callbacks")
def list_callbacks(request: ApiRequest, query: Annotated[Page, Query()]) -> dict[str, Any]:
    """One list: `due` now, `booked` for later, `left` without a time yet, `ended` in the last 30 days."""
    rows = queries.listed(request.actor, query.box, at=request.at, limit=query.limit)
    return {"items": [document(row) for row in rows]}


@router.post(
    "/conversations/{int:conversation_id}/callbacks",
    response={201: CallbackOut, **errors.SEND_ONE},
    operation_id="offer_callback",
)
def offer_callback(
    request: ApiRequest,
    conversation_id: Annotated[PathId, Path()],
    body: CallbackIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[dict[str, Any]]:
    """Offer the customer times for a call by text, or agree on one. The same `Idempotency-Key` is the same callback."""
    thread = conversations.access_conversation(request.actor, conversation_id)
    key = sha256(idempotency_key.encode()).hexdigest() if idempotency_key else ""
    if body.starts_at is None:
        made = actions.offer(conversation=thread, by=request.actor, at=request.at, source="api", key=key)
    else:
        made = actions.begin(
            conversation=thread, starts_at=body.starts_at, by=request.actor, at=request.at, source="api", key=key
        )
    return Status(201, document(made))


@router.post(
    "/callbacks/{int:callback_id}/outcome",
    response={200: CallbackOut, **errors.WRITE_ONE},
    operation_id="record_callback",
)
def record_callback(request: ApiRequest, callback_id: Annotated[PathId, Path()], body: OutcomeIn) -> dict[str, Any]:
    """Write down what came of a call; the same outcome again changes nothing."""
    found = queries.access_callback(request.actor, callback_id)
    done = actions.record(callback=found, outcome=body.outcome, by=request.actor, at=request.at, note_=body.note)
    return document(done)
