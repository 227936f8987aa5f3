"""Escalation rules: what must not go on as it is, and who gets it then."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Path, Router, Schema, Status
from pydantic import Field, StrictStr, StringConstraints

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import Flag, Id, PathId
from twoway.api.routing import Order, Priority
from twoway.api.shapes import In
from twoway.routing.escalation import actions, queries
from twoway.routing.escalation.queries import EscalationRule
from twoway.routing.escalation.rules import LONGEST_NAME
from twoway.teams.rules import Right, require

router = Router(tags=["Queues"])


class EscalationIn(In):
    """All of a rule. It gives the conversation to somebody, tags it, raises its priority or tells managers."""

    name: Annotated[StrictStr, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
    conditions: dict[str, Any] = Field(
        description="A group of conditions, as in routing rules; also about clocks that were breached.",
        json_schema_extra={"example": {"all": [{"field": "words", "is": "any_of", "value": ["lawyer"]}]}},
    )
    gives: Literal["", "manager", "member", "team", "queue"] = Field(
        default="", description="Who gets it; empty leaves it where it is."
    )
    target_id: Id | None = Field(default=None, description="The member, team or queue that gets it.")
    tag_id: Id | None = None
    priority: Priority | None = Field(default=None, description="What its priority in the queue is raised to.")
    tells_managers: Flag = False
    is_active: Flag = True


class EscalationOut(Schema):
    id: int
    position: int
    name: str
    conditions: dict[str, Any]
    gives: str
    target_id: int | None = Field(description="Null when nobody is meant, or who was meant is gone.")
    tag_id: int | None
    priority: int | None
    tells_managers: bool
    is_active: bool


class Escalations(Schema):
    items: list[EscalationOut]


@router.get("/escalation-rules", response={200: Escalations, **errors.READ}, operation_id="list_escalation_rules")
def list_rules(request: ApiRequest) -> dict[str, Any]:
    """The rules in their order: the first whose conditions hold acts, once in an episode."""
    require(request.actor, Right.SEE_WORK)
    return {"items": [_document(row) for row in queries.stored(request.actor)]}


def _document(row: EscalationRule) -> dict[str, Any]:
    names = ("position", "name", "conditions", "gives", "tag_id", "priority", "tells_managers", "is_active")
    target = {"member": row.member_id, "team": row.team_id, "queue": row.queue_id}.get(row.gives)
    return {"id": row.pk, **{name: getattr(row, name) for name in names}, "target_id": target}


@router.post("/escalation-rules", response={201: EscalationOut, **errors.WRITE_ONE}, operation_id="add_escalation_rule")
def add_rule(request: ApiRequest, body: EscalationIn) -> Status[dict[str, Any]]:
    """Add a rule at the end."""
    wish = actions.RuleWish(**body.model_dump())
    return Status(201, _document(actions.save_rule(wish=wish, by=request.actor, at=request.at)))


@router.put(
    "/escalation-rules/{int:escalation_id}",
    response={200: EscalationOut, **errors.WRITE_ONE},
    operation_id="put_escalation_rule",
)
def put_rule(request: ApiRequest, escalation_id: Annotated[PathId, Path()], body: EscalationIn) -> dict[str, Any]:
    """Change all of a rule, in its place."""
    wish = actions.RuleWish(**body.model_dump())
    return _document(actions.save_rule(wish=wish, by=request.actor, at=request.at, rule_id=escalation_id))


@router.delete(
    "/escalation-rules/{int:escalation_id}",
    response={200: Escalations, **errors.WRITE_ONE},
    operation_id="delete_escalation_rule",
)
def delete_rule(request: ApiRequest, escalation_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Delete a rule; the answer is those that are left, and what it did stays."""
    require(request.actor, Right.MANAGE_TEAMS)
    row = queries.access_rule(request.actor, escalation_id)
    actions.delete_rule(rule=row, by=request.actor, at=request.at)
    return list_rules(request)


@router.post(
    "/escalation-rules/order",
    response={200: Escalations, **errors.WRITE_ONE},
    operation_id="order_escalation_rules",
)
def order_rules(request: ApiRequest, body: Order) -> dict[str, Any]:
    """Put the rules in this order: the first that holds acts."""
    actions.order_rules(rule_ids=body.ids, by=request.actor, at=request.at)
    return list_rules(request)
