"""Queues, the rules that fill them, and the next one who waits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field, StrictInt, StrictStr, StringConstraints

from twoway.api import errors, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import Flag, Id, PathId, QueryId, TimeOut
from twoway.api.outlines import conversation_document
from twoway.api.shapes import In
from twoway.conversations import queries as conversations
from twoway.lib.conditions_words import phrase
from twoway.routing import actions, queries
from twoway.teams.queries import access_member, actor_of
from twoway.teams.rules import Right, require

router = Router(tags=["Queues"])

Name = Annotated[StrictStr, StringConstraints(min_length=1, max_length=60)]
Minutes = Annotated[StrictInt, Field(ge=0, le=7 * 24 * 60)]
Priority = Annotated[StrictInt, Field(ge=1, le=5)]


class QueueIn(In):
    """All of a queue. Times are minutes."""

    name: Name
    team_id: Id | None = Field(default=None, description="Whose members serve it; null is everybody who answers.")
    mode: Literal["push", "pull"] = Field(default="push", description="Given out, or taken with Next.")
    strategy: Literal["least_busy", "round_robin"] = "least_busy"
    priority: Priority = 3
    ageing_minutes: Minutes = Field(default=15, description="One more priority for each of these; 0 for never.")
    last_agent_minutes: Minutes = Field(default=5, description="So long it is kept for who wrote to them last.")
    skill_minutes: Minutes | None = Field(default=10, description="Until skills are a wish; null for never.")
    overflow_id: Id | None = Field(default=None, description="The queue that helps while nobody of this one is there.")
    is_default: Flag = False
    is_active: Flag = True


class QueueOut(Schema):
    """A queue, and how it stands now; counts are null while it is off."""

    id: int
    name: str
    team_id: int | None
    mode: str
    strategy: str
    priority: int
    ageing_minutes: int
    last_agent_minutes: int
    skill_minutes: int | None
    overflow_id: int | None
    is_default: bool
    is_active: bool
    waiting: int | None
    oldest_at: TimeOut | None = Field(description="Since when the one who has waited longest does.")
    online: int | None = Field(description="Members of it who are there.")
    free: int | None = Field(description="How many conversations they have room for.")


class Queues(Schema):
    items: list[QueueOut]


class WaitingOut(Schema):
    """A conversation that waits, and since when; priority is without what waiting adds."""

    conversation_id: int
    priority: int
    entered_at: TimeOut
    rule: str = Field(description="The rule that put it there, or empty.")


class WaitingPage(Schema):
    items: list[WaitingOut]


class NextIn(In):
    """For whom. A queue narrows it to that one."""

    member_id: Id
    queue_id: Id | None = None


class NextOut(Schema):
    conversation: shapes.ConversationOut | None = Field(description="Null when nobody waits for them.")


class RuleIn(In):
    """All of a rule. `conditions` is a group: {"all": [{"field": "words", "is": "any_of", "value": ["refund"]}]}."""

    name: Name
    conditions: dict[str, Any] = Field(
        json_schema_extra={"example": {"all": [{"field": "words", "is": "any_of", "value": ["refund"]}]}}
    )
    queue_id: Id
    priority: Priority | None = None
    team_id: Id | None = None
    skills: dict[str, Annotated[StrictInt, Field(ge=1, le=5)]] = Field(
        default_factory=dict, description="The level asked for, by the id of the skill."
    )
    is_active: Flag = True


class RuleOut(Schema):
    id: int
    position: int
    name: str
    conditions: dict[str, Any]
    queue_id: int
    priority: int | None
    team_id: int | None
    skills: dict[str, int]
    is_active: bool


class Rules(Schema):
    items: list[RuleOut]


class TestIn(In):
    """A text that is only typed: to a number of ours, or in a conversation there is."""

    text: Annotated[StrictStr, StringConstraints(max_length=1600)]
    channel_id: Id | None = None
    conversation_id: Id | None = None


class TriedOut(Schema):
    rule_id: int
    name: str
    matches: bool
    not_true: list[str] = Field(description="The conditions that were not true, in words.")


class TestOut(Schema):
    """What would happen. Without a queue nothing is routed; without a member it waits."""

    tried: list[TriedOut]
    queue_id: int | None
    priority: int
    member_id: int | None
    online: int
    free: int


class Order(In):
    """Ids in the order wanted; those left out come after, as they were."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class QueueGone(Schema):
    """A queue that was deleted. `moved` waited in it: in another queue now, or routed anew."""

    id: int
    moved: int


class QueueDelete(Schema):
    into: QueryId | None = Field(
        default=None, description="The queue those who wait move to; else they are routed anew."
    )


@router.get("/queues", response={200: Queues, **errors.READ}, operation_id="list_queues")
def list_queues(request: ApiRequest) -> dict[str, Any]:
    """The queues in their order, each with who waits and who is there."""
    require(request.actor, Right.SEE_WORK)
    states = {one.id: one for one in queries.state_of(request.actor.workspace_id, request.at)}
    return {"items": [_queue(row, states.get(row.pk)) for row in queries.queues(request.actor)]}


def _queue(row: queries.Queue, state: queries.QueueState | None) -> dict[str, Any]:
    names = QueueIn.model_fields
    told = {name: getattr(row, name) for name in names}
    now = {name: getattr(state, name) if state else None for name in ("waiting", "oldest_at", "online", "free")}
    return {"id": row.pk, **told, **now}


@router.post("/queues", response={201: QueueOut, **errors.WRITE_ONE}, operation_id="add_queue")
def add_queue(request: ApiRequest, body: QueueIn) -> Status[dict[str, Any]]:
    """Add a queue. The first one is the default."""
    row = actions.save_queue(wish=actions.QueueWish(**body.model_dump()), by=request.actor, at=request.at)
    return Status(201, _queue(row, None))


@router.put("/queues/{int:queue_id}", response={200: QueueOut, **errors.WRITE_ONE}, operation_id="put_queue")
def put_queue(request: ApiRequest, queue_id: Annotated[PathId, Path()], body: QueueIn) -> dict[str, Any]:
    """Change all of a queue. One with `is_active` false takes nobody any more."""
    wish = actions.QueueWish(**body.model_dump())
    row = actions.save_queue(wish=wish, by=request.actor, at=request.at, queue_id=queue_id)
    states = {one.id: one for one in queries.state_of(request.actor.workspace_id, request.at)}
    return _queue(row, states.get(row.pk))


@router.delete("/queues/{int:queue_id}", response={200: QueueGone, **errors.WRITE_ONE}, operation_id="delete_queue")
def delete_queue(
    request: ApiRequest, queue_id: Annotated[PathId, Path()], query: Annotated[QueueDelete, Query()]
) -> dict[str, Any]:
    """Delete a queue and the rules that lead to it. Conversations that wait in it move, nothing is lost."""
    require(request.actor, Right.MANAGE_TEAMS)
    row = queries.access_queue(request.actor, queue_id)
    moved = actions.delete_queue(queue=row, by=request.actor, at=request.at, into_id=query.into)
    return {"id": queue_id, "moved": moved}


@router.post("/queues/order", response={200: Queues, **errors.WRITE_ONE}, operation_id="order_queues")
def order_queues(request: ApiRequest, body: Order) -> dict[str, Any]:
    """Put the queues in this order where they are listed; it says nothing about who is served first."""
    actions.order_queues(queue_ids=body.ids, by=request.actor, at=request.at)
    return list_queues(request)


@router.get(
    "/queues/{int:queue_id}/waiting", response={200: WaitingPage, **errors.READ_ONE}, operation_id="list_waiting"
)
def list_waiting(request: ApiRequest, queue_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Who waits in a queue, longest first; at most 200, and only conversations that exist for this token."""
    require(request.actor, Right.SEE_WORK)
    queue = queries.access_queue(request.actor, queue_id)
    rows = queries.waiting(request.actor.workspace_id, queue_id=queue.pk)
    known = conversations.visible_to(request.actor).filter(id__in=[one.conversation_id for one in rows])
    seen = set(known.values_list("id", flat=True))
    return {
        "items": [
            {
                "conversation_id": one.conversation_id,
                "priority": one.priority,
                "entered_at": one.entered_at,
                "rule": one.rule_name,
            }
            for one in rows
            if one.conversation_id in seen
        ]
    }


@router.post("/queues/next", response={200: NextOut, **errors.WRITE_ONE}, operation_id="take_next")
def take_next(request: ApiRequest, body: NextIn) -> dict[str, Any]:
    """Give a member the most urgent conversation they are suited for, as Next in the desk does."""
    require(request.actor, Right.MANAGE_TEAMS)
    member = access_member(request.actor, body.member_id)
    found = actions.take_next(by=actor_of(member), at=request.at, queue_id=body.queue_id)
    if found is None:
        return {"conversation": None}
    row = conversations.access_conversation(request.actor, found.pk)
    return {"conversation": conversation_document(row, to=request.actor)}


# Rules ----------------------------------------------------------------------------------------------------------------


@router.get("/routing-rules", response={200: Rules, **errors.READ}, operation_id="list_routing_rules")
def list_rules(request: ApiRequest) -> dict[str, Any]:
    """The rules in their order: the first that matches says into which queue a conversation goes."""
    require(request.actor, Right.SEE_WORK)
    return {"items": [_rule(row) for row in queries.rules(request.actor)]}


def _rule(row: queries.RoutingRule) -> dict[str, Any]:
    names = ("position", "name", "conditions", "queue_id", "priority", "team_id", "is_active")
    told = {name: getattr(row, name) for name in names}
    return {"id": row.pk, **told, "skills": {str(one.skill_id): one.level for one in row.skills.all()}}


@router.post("/routing-rules", response={201: RuleOut, **errors.WRITE_ONE}, operation_id="add_routing_rule")
def add_rule(request: ApiRequest, body: RuleIn) -> Status[dict[str, Any]]:
    """Add a rule at the end."""
    return Status(201, _rule(actions.save_rule(wish=_wish(body), by=request.actor, at=request.at)))


@router.put("/routing-rules/{int:rule_id}", response={200: RuleOut, **errors.WRITE_ONE}, operation_id="put_rule")
def put_rule(request: ApiRequest, rule_id: Annotated[PathId, Path()], body: RuleIn) -> dict[str, Any]:
    """Change all of a rule, in its place."""
    return _rule(actions.save_rule(wish=_wish(body), by=request.actor, at=request.at, rule_id=rule_id))


@router.delete("/routing-rules/{int:rule_id}", response={200: Rules, **errors.WRITE_ONE}, operation_id="delete_rule")
def delete_rule(request: ApiRequest, rule_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Delete a rule; the answer is those that are left. Who waits because of it goes on waiting."""
    require(request.actor, Right.MANAGE_TEAMS)
    actions.delete_rule(rule=queries.access_rule(request.actor, rule_id), by=request.actor, at=request.at)
    return list_rules(request)


@router.post("/routing-rules/order", response={200: Rules, **errors.WRITE_ONE}, operation_id="order_routing_rules")
def order_rules(request: ApiRequest, body: Order) -> dict[str, Any]:
    """Put the rules in this order: the first that matches counts."""
    actions.order_rules(rule_ids=body.ids, by=request.actor, at=request.at)
    return list_rules(request)


def _wish(body: RuleIn) -> actions.RuleWish:
    told = body.model_dump(exclude={"skills"})
    skills = {int(key): level for key, level in body.skills.items() if key.isdecimal() and len(key) < 19}
    return actions.RuleWish(**told, skills=skills if len(skills) == len(body.skills) else {0: 1})


@router.post("/routing-rules/test", response={200: TestOut, **errors.WRITE_ONE}, operation_id="test_routing")
def test_rules(request: ApiRequest, body: TestIn) -> dict[str, Any]:
    """What would happen to a text now, and why. Nothing is changed."""
    require(request.actor, Right.MANAGE_TEAMS)
    if body.conversation_id is not None:
        conversations.access_conversation(request.actor, body.conversation_id)
    known = queries.facts_for(
        request.actor,
        at=request.at,
        text=body.text.replace("\0", ""),
        channel_id=body.channel_id,
        conversation_id=body.conversation_id,
    )
    found = queries.explain(request.actor, known, at=request.at)
    return {
        "tried": [
            {
                "rule_id": one.rule_id,
                "name": one.name,
                "matches": one.is_match,
                "not_true": [phrase(part, found.fields) for part in one.failed],
            }
            for one in found.tried
        ],
        **{name: getattr(found, name) for name in ("queue_id", "priority", "member_id", "online", "free")},
    }
