"""Who is there, and choosing it for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Path, Router, Schema
from pydantic import Field

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import PathId, TimeOut
from twoway.api.shapes import In
from twoway.lib.refusal import NotFound
from twoway.routing import queries
from twoway.routing.presence import actions
from twoway.routing.presence import queries as presence
from twoway.teams.queries import access_member, member_may, members
from twoway.teams.rules import Right, require

router = Router(tags=["Queues"])

State = Literal["online", "away", "break"]


class PresenceOut(Schema):
    """A member who may answer, and what they are now; offline is who has no open browser."""

    member_id: int
    name: str
    state: Literal["online", "away", "break", "offline"]
    since: TimeOut | None
    held: int = Field(description="Conversations that count as theirs now.")
    capacity: int


class Present(Schema):
    items: list[PresenceOut]


class PresenceIn(In):
    state: State


@router.get("/presence", response={200: Present, **errors.READ}, operation_id="list_presence")
def list_presence(request: ApiRequest) -> dict[str, Any]:
    """Everybody who may answer: whether they are there, since when, and how much they have."""
    require(request.actor, Right.SEE_WORK)
    return {"items": _present(request, request.at)}


def _present(request: ApiRequest, at: datetime, *, member_id: int | None = None) -> list[dict[str, Any]]:
    seen = {one.member_id: one for one in presence.present(request.actor.workspace_id, at)}
    people = [one for one in members(request.actor) if member_may(one, Right.REPLY)]
    people = [one for one in people if member_id in (None, one.pk)]
    room = queries.capacity_of(request.actor.workspace_id, [one.pk for one in people], at=at)
    return [
        {
            "member_id": one.pk,
            "name": str(one),
            "state": seen[one.pk].state if one.pk in seen else "offline",
            "since": seen[one.pk].since if one.pk in seen else None,
            "held": room[one.pk].load,
            "capacity": room[one.pk].capacity,
        }
        for one in people
    ]


@router.get("/presence/{int:member_id}", response={200: PresenceOut, **errors.READ_ONE}, operation_id="get_presence")
def get_presence(request: ApiRequest, member_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Whether one member is there. One who doesn't answer texts isn't found."""
    require(request.actor, Right.SEE_WORK)
    access_member(request.actor, member_id)
    found = _present(request, request.at, member_id=member_id)
    if not found:
        raise NotFound("member", member_id)
    return found[0]


@router.put("/presence/{int:member_id}", response={200: Present, **errors.WRITE_ONE}, operation_id="put_presence")
def put_presence(request: ApiRequest, member_id: Annotated[PathId, Path()], body: PresenceIn) -> dict[str, Any]:
    """Choose for a member whether they are there; they may choose anew. Without an open browser they stay offline."""
    actions.choose_for(member_id=member_id, state=body.state, by=request.actor, at=request.at)
    return {"items": _present(request, request.at, member_id=member_id)}
