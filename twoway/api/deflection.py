"""Phone queues: their state, posted by a phone system with a token, and what offers of a text brought.

A phone system that can't send a token posts to the queue's own address instead (docs/desk/deflection.md).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from ninja import Path, Router, Schema
from pydantic import Field, StrictBool, StrictInt, StrictStr, StringConstraints

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import Id, PathId, TimeOut
from twoway.api.shapes import In
from twoway.messaging.deflection import actions, queries, rules
from twoway.messaging.deflection.rules import Told
from twoway.messaging.deflection.speaking import Reply
from twoway.teams.rules import Right

router = Router(tags=["Phone queues"])

Seconds = Annotated[StrictInt, Field(ge=0, le=rules.MOST_SECONDS)]
Count = Annotated[StrictInt, Field(ge=0, le=rules.MOST_WAITING)]


class StateIn(In):
    """What a phone system says of its queue, and of the caller it asks about. Leave out what it doesn't know."""

    waiting: Count | None = Field(default=None, description="Calls that wait.")
    longest_wait: Seconds | None = Field(default=None, description="Seconds the longest waits.")
    agents: Count | None = None
    waited: Seconds | None = Field(default=None, description="Seconds this caller has waited.")
    caller: Annotated[StrictStr, StringConstraints(max_length=80)] = Field(
        default="", description="The caller's number. Nobody is offered a text without one."
    )
    line_type: Annotated[StrictStr, StringConstraints(max_length=40)] = Field(
        default="", description="Such as mobile or landline, where it is known."
    )
    call: Annotated[StrictStr, StringConstraints(max_length=rules.LONGEST_CALL)] = Field(
        default="", description="Your name of the call: one call is offered a text once."
    )
    reason: Annotated[StrictStr, StringConstraints(max_length=rules.LONGEST_REASON)] = Field(
        default="", description="Why they call; shown in the conversation."
    )


class OfferOut(Schema):
    """Whether to offer this caller a text, and which words to say."""

    offer: bool
    why: str = Field(
        description="offer, or why not: off, short, no_caller, landline, opted_out, blocked, asked_already."
    )
    offer_id: int | None
    say: str


class AnswerIn(In):
    """What the caller answered."""

    offer_id: Id
    accepted: StrictBool


class AnswerOut(Schema):
    """Whether they were texted, and the conversation it is in."""

    accepted: bool
    why: str
    say: str
    conversation_id: int | None


class PhoneQueueOut(Schema):
    """What a phone system said of one queue in the last ten minutes."""

    id: int
    name: str
    is_on: bool
    waiting: int | None
    longest_seconds: int | None
    agents: int | None
    told_at: TimeOut | None


class DeflectionOut(Schema):
    """What offers brought. `solved`: done, and within 72 hours neither another text nor another call."""

    offered: int
    accepted: int
    declined: int
    conversations: int
    solved: int
    unsolved: int
    open: int
    saved_seconds: int
    queues: list[PhoneQueueOut]


@router.post(
    "/phone-queues/{int:queue_id}/state", response={200: OfferOut, **errors.WRITE_ONE}, operation_id="post_phone_queue"
)
def post_phone_queue(request: ApiRequest, queue_id: Annotated[PathId, Path()], body: StateIn) -> dict[str, Any]:
    """Say how long a phone queue is, and learn whether to offer this caller a text."""
    queue = queries.access_queue(request.actor, queue_id, right=Right.REPLY)
    given = body.dict()
    told = Told(
        **{**{key: value for key, value in given.items() if key != "longest_wait"}, "longest": body.longest_wait}
    )
    reply = actions.hear_state(queue=queue, told=told, kind="json", at=request.at)
    return {"offer": reply.offers, "why": reply.why, "offer_id": reply.offer_id, "say": reply.say}


@router.post(
    "/phone-queues/{int:queue_id}/answer",
    response={200: AnswerOut, **errors.WRITE_ONE},
    operation_id="answer_phone_offer",
)
def answer_phone_offer(request: ApiRequest, queue_id: Annotated[PathId, Path()], body: AnswerIn) -> dict[str, Any]:
    """Say what the caller answered; who accepted is texted once, however often it is said."""
    queue = queries.access_queue(request.actor, queue_id, right=Right.REPLY)
    reply = actions.hear_answer(queue=queue, offer_id=body.offer_id, accepts=body.accepted, at=request.at)
    return _answer(reply)


def _answer(reply: Reply) -> dict[str, Any]:
    told = reply.more or {}
    return {
        "accepted": bool(told.get("accepted")),
        "why": reply.why,
        "say": reply.say,
        "conversation_id": told.get("conversation_id"),
    }


@router.get("/phone-queues/report", response={200: DeflectionOut, **errors.READ}, operation_id="get_deflection")
def get_deflection(request: ApiRequest) -> dict[str, Any]:
    """What offers of the last 30 days brought, and the queues as their systems said last."""
    found = queries.report(
        request.actor.workspace_id, start=request.at - timedelta(days=30), end=request.at, at=request.at
    )
    names = (
        "offered",
        "accepted",
        "declined",
        "conversations",
        "solved",
        "unsolved",
        "open",
        "saved_seconds",
        "queues",
    )
    return {name: getattr(found, name) for name in names}
