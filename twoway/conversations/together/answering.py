"""Who may answer what somebody has: off, ask first, or only they; and whether answering claims what nobody has.

The door out asks for every text of a member (`check`). Two queries at most, and none while the writer has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Answering, AnsweringRule, ClaimHabit
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Member, Team
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, may, require

ASKS = "somebody_has_it"
HELD = "only_who_has_it"
WORDS = {choice.value: choice.label for choice in Answering}


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamChoice:
    """A team and what it chose; "" where the workspace's choice holds."""

    id: int
    name: str
    answering: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What a workspace and its teams chose."""

    answering: str
    claims: bool
    teams: tuple[TeamChoice, ...] = ()


def choices(actor: Actor) -> Choices:
    """What is chosen now, teams by name."""
    rows = {row.team_id: row for row in AnsweringRule.objects.filter(workspace_id=actor.workspace_id)}
    groups = Team.objects.filter(workspace_id=actor.workspace_id).order_by("name")
    teams = [
        TeamChoice(id=one.pk, name=one.name, answering=rows[one.pk].answering if one.pk in rows else "")
        for one in groups
    ]
    whole = rows.get(None)
    return Choices(
        answering=whole.answering if whole else Answering.OFF,
        claims=whole.claims if whole else True,
        teams=tuple(teams),
    )


def check(conversation: Conversation, *, by: Actor, is_confirmed: bool) -> None:
    """Stop a member's text into what somebody else has, where the workspace or the team asks for that.

    Raises `Refused`: `somebody_has_it` may be sent all the same (`is_confirmed`), by everybody where it only asks and
    by managers where only the holder answers; `only_who_has_it` may not.
    """
    if by.kind != "member" or conversation.assignee_id in {None, by.member_id}:
        return
    rule = rule_for(conversation)
    if rule == Answering.OFF or (is_confirmed and (rule == Answering.WARN or may_override(by))):
        return
    holder = Member.objects.select_related("user").filter(id=conversation.assignee_id).first()
    if holder is None or not holder.is_active:
        return
    name = str(holder)
    if rule == Answering.WARN:
        raise Refused(t("{name} has this conversation. Send your text all the same?", name=name), code=ASKS)
    if may_override(by):
        raise Refused(
            t("{name} has this conversation, and only they answer it. You may send it all the same.", name=name),
            code=ASKS,
        )
    raise Refused(
        t("{name} has this conversation, and only they answer it. Take it first, or write them a note.", name=name),
        code=HELD,
    )


def may_override(actor: Actor) -> bool:
    """Whether they may answer for others where only the holder answers: managers up."""
    return may(actor, Right.MANAGE_TEAMS)


def rule_for(conversation: Conversation) -> str:
    """What holds for this conversation: its team's choice, else the workspace's. One query."""
    rows = AnsweringRule.objects.filter(workspace_id=conversation.workspace_id)
    found = {row.team_id: row.answering for row in rows}
    whole = found.get(None, Answering.OFF)
    return str(found.get(conversation.team_id, whole)) if conversation.team_id else str(whole)


def claims(actor: Actor) -> bool:
    """Whether this member has what they answer and nobody had: their own choice, else the workspace's."""
    own = ClaimHabit.objects.filter(member_id=actor.member_id or 0).values_list("claims", flat=True).first()
    if own is not None:
        return own
    whole = AnsweringRule.objects.filter(workspace_id=actor.workspace_id, team=None)
    chosen = whole.values_list("claims", flat=True).first()
    return True if chosen is None else chosen


def own_choice(actor: Actor) -> bool | None:
    """What this member chose of claiming; None where the workspace's choice holds."""
    return ClaimHabit.objects.filter(member_id=actor.member_id or 0).values_list("claims", flat=True).first()


def choose_own(*, claims: bool | None, by: Actor) -> None:
    """Claim or don't claim by answering, whatever the workspace says; None goes by the workspace. Raises `Invalid`."""
    if by.member_id is None:
        raise Invalid(t("Only a member chooses this."), code="not_a_member")
    if claims is None:
        ClaimHabit.objects.filter(member_id=by.member_id).delete()
    else:
        ClaimHabit.objects.update_or_create(member_id=by.member_id, defaults={"claims": claims})


@transaction.atomic
def choose(*, answering: str, claims: bool, by: Actor, at: datetime) -> None:
    """Choose for the whole workspace. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_WORKSPACE)
    chosen = _choice(answering)
    AnsweringRule.objects.update_or_create(
        workspace_id=by.workspace_id, team=None, defaults={"answering": chosen, "claims": claims}
    )
    _audit(by, "workspace", {"answering": chosen, "claims": claims}, at)


@transaction.atomic
def choose_for_team(*, team_id: int, answering: str, by: Actor, at: datetime) -> None:
    """Choose for the conversations of one team; "" goes by the workspace. Raises like `choose`, and `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    team = access_team(by, team_id)
    if by.sees_own_teams_only and team.pk not in by.team_ids:
        raise NotAllowed(t("This is another team's."))
    if answering:
        AnsweringRule.objects.update_or_create(
            workspace_id=by.workspace_id, team=team, defaults={"answering": _choice(answering)}
        )
    else:
        AnsweringRule.objects.filter(workspace_id=by.workspace_id, team=team).delete()
    _audit(by, f"team {team.pk}", {"answering": answering}, at)


def _choice(answering: str) -> str:
    if answering not in WORDS:
        raise Invalid(t("Choose one of the three."), field="answering")
    return answering


def _audit(by: Actor, subject: str, data: dict[str, str | bool], at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id, actor=by.audit_name, action="answering.changed", subject=subject, data=data, at=at
    )
