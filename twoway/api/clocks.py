"""Reply times: the policies of a workspace, the clocks of a conversation, and how often promises were kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from ninja import Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field, StrictInt, StrictStr, StringConstraints

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import FIRST_MOMENT, Flag, Id, PathId, QueryId, Time, TimeOut
from twoway.conversations.queries import access_conversation
from twoway.lib.refusal import Invalid
from twoway.sla import actions, queries
from twoway.sla.actions import LONGEST, LONGEST_NAME, LONGEST_QUIET, Wish
from twoway.sla.queries import Policy
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

router = Router(tags=["Reply times"])

USUAL = timedelta(days=30)
MOST_AIMS = 200
Minutes = Annotated[StrictInt, Field(ge=1, le=LONGEST)]
Step = Literal["holder", "team", "managers", "priority", "queue", "escalate"]
Kind = Literal["first", "next", "same_day", "resolution", "wrap_up"]


class PolicyIn(Schema):
    """All of a policy. Goals and warnings are minutes; null is none. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[StrictStr, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
    is_on: Flag = True
    channel_ids: Annotated[list[Id], Field(max_length=MOST_AIMS)] = Field(
        default_factory=list, description="Only these numbers; none: all."
    )
    team_ids: Annotated[list[Id], Field(max_length=MOST_AIMS)] = Field(
        default_factory=list, description="Only these teams; none: all."
    )
    audience_id: Id | None = Field(default=None, description="Only people in this audience.")
    first_minutes: Minutes | None = Field(default=None, description="Until a person replies first.")
    first_warn: Minutes | None = None
    next_minutes: Minutes | None = Field(default=None, description="For every further reply.")
    next_warn: Minutes | None = None
    resolution_minutes: Minutes | None = None
    resolution_warn: Minutes | None = None
    same_day: Flag = Field(default=False, description="Every text is answered before its business day closes.")
    wrap_up_hours: Annotated[StrictInt, Field(ge=1, le=LONGEST_QUIET)] | None = None
    in_hours: Flag = Field(default=True, description="Count business hours only.")
    pauses_snoozed: Flag = False
    programs_count: Flag = Field(default=False, description="A text by a program counts as a reply.")
    on_warn: Annotated[list[Step], Field(max_length=6)] = Field(default_factory=list)
    on_breach: Annotated[list[Step], Field(max_length=6)] = Field(default_factory=list)


class PolicyOut(PolicyIn):
    model_config = ConfigDict(extra="ignore")

    id: int
    is_default: bool = Field(description="It comes last and fits who is left.")


class PolicyList(Schema):
    items: list[PolicyOut]


class ClockOut(Schema):
    """One clock of a conversation."""

    kind: Kind
    state: Literal["running", "paused", "warned", "breached"]
    pause: Literal["", "customer", "snoozed"] = Field(description="Why it stands still.")
    started_at: TimeOut
    warn_at: TimeOut | None
    due_at: TimeOut | None = Field(description="Null while it stands still.")
    goal_seconds: float | None = Field(description="Of time that counts; null where a moment is due, not a length.")
    used_seconds: float
    policy_id: int | None
    policy: str


class ClockList(Schema):
    items: list[ClockOut] = Field(description="The most urgent first.")


class KeptOut(Schema):
    """How often one kind of promise was kept: met / (met + breached), of what was due."""

    kind: Kind
    met: int
    breached: int
    share: float | None


class KeptList(Schema):
    since: TimeOut
    until: TimeOut
    items: list[KeptOut]


class Asked(Schema):
    """Of which stretch of time, by when it was due; the last 30 days unless it is said."""

    since: Time | None = None
    until: Time | None = None
    team_id: QueryId | None = None


@router.get("/reply-policies", response={200: PolicyList, **errors.READ}, operation_id="list_reply_policies")
def list_reply_policies(request: ApiRequest) -> dict[str, Any]:
    """The policies in order: the first that fits counts. For roles that may change the workspace."""
    return {"items": [_document(row) for row in queries.policies(request.actor)]}


@router.post("/reply-policies", response={201: PolicyOut, **errors.WRITE_ONE}, operation_id="add_reply_policy")
def add_reply_policy(request: ApiRequest, body: PolicyIn) -> Status[dict[str, Any]]:
    """Add a policy after those there are, before the default one."""
    row = _refused(lambda: actions.create_policy(wish=Wish(**body.dict()), by=request.actor, at=request.at))
    return Status(201, _document(queries.access_policy(request.actor, row.pk)))


@router.put(
    "/reply-policies/{int:policy_id}",
    response={200: PolicyOut, **errors.WRITE_ONE},
    operation_id="put_reply_policy",
)
def put_reply_policy(request: ApiRequest, policy_id: Annotated[PathId, Path()], body: PolicyIn) -> dict[str, Any]:
    """Put all of a policy anew; clocks that run are set anew by it. The default one fits who is left, whatever is
    named."""
    actor = request.actor
    row = queries.access_policy(actor, policy_id)
    _refused(lambda: actions.change_policy(policy=row, wish=Wish(**body.dict()), by=actor, at=request.at))
    return _document(queries.access_policy(actor, policy_id))


@router.get(
    "/conversations/{int:conversation_id}/clocks",
    response={200: ClockList, **errors.READ_ONE},
    operation_id="list_clocks",
)
def list_clocks(request: ApiRequest, conversation_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """The clocks that count in a conversation now."""
    found = access_conversation(request.actor, conversation_id)
    rows = [
        {
            "kind": one.clock.kind,
            "state": one.clock.state,
            "pause": one.clock.pause,
            "started_at": one.clock.started_at,
            "warn_at": one.clock.warn_at,
            "due_at": one.clock.due_at,
            "goal_seconds": one.goal,
            "used_seconds": one.used,
            "policy_id": one.policy_id,
            "policy": one.policy,
        }
        for one in queries.details_of(found, at=request.at)
    ]
    return {"items": rows}


@router.get("/reply-times", response={200: KeptList, **errors.READ_ONE}, operation_id="get_reply_times")
def get_reply_times(request: ApiRequest, query: Annotated[Asked, Query()]) -> dict[str, Any]:
    """How often promises were kept. What is late and open counts as breached. For roles that see how work goes."""
    actor = request.actor
    require(actor, Right.SEE_WORK)
    until = query.until or request.at
    since = query.since or max(FIRST_MOMENT, until - USUAL)
    team = None if query.team_id is None else access_team(actor, query.team_id)
    found = queries.attainment(
        actor.workspace_id, start=since, end=until, at=request.at, team_id=team.pk if team else None
    )
    rows = [{"kind": kind, "met": one.met, "breached": one.breached, "share": one.share} for kind, one in found.items()]
    return {"since": since, "until": until, "items": rows}


def _refused(make: Any) -> Policy:
    """A refusal names the field as the body does."""
    named = {"channels": "channel_ids", "teams": "team_ids", "audience": "audience_id"}
    try:
        row: Policy = make()
    except Invalid as refused:
        raise Invalid(refused.sentence, field=named.get(refused.field, refused.field), code=refused.code) from None
    return row


def _document(row: Policy) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in PolicyIn.model_fields if name not in {"channel_ids", "team_ids"}}
    return {
        **plain,
        "id": row.pk,
        "is_default": row.is_default,
        "channel_ids": sorted(one.pk for one in row.channels.all()),
        "team_ids": sorted(one.pk for one in row.teams.all()),
    }
