"""Which conversations exist for whom. The one place that says so, once for the ORM and once for plain SQL."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from twoway.conversations.models import Conversation
from twoway.teams.actor import Actor


def visible_condition(actor: Actor, *, through: str = "") -> Q:
    """All of the workspace; with `sees_own_teams_only`, those of the actor's teams and those assigned to them.

    `through` names whose workspace is compared instead of the conversation's own, such as "channel__": where rows are
    picked by their channel, team or assignee, an index that begins with the workspace must not look tempting.
    """
    condition = Q(**{f"{through}workspace_id": actor.workspace_id})
    if actor.sees_own_teams_only:
        condition &= Q(team_id__in=sorted(actor.team_ids)) | Q(assignee_id=actor.member_id or 0)
    return condition


def visible_sql(actor: Actor, *, through: str = "v") -> tuple[str, dict[str, Any]]:
    """The same for a table `conversation v`, with the parameters it names. `through` is the alias compared instead."""
    condition = f"{through}.workspace_id = %(workspace)s"
    if actor.sees_own_teams_only:
        condition += " AND (v.team_id = ANY(%(teams)s) OR v.assignee_id = %(me)s)"
    return condition, {"workspace": actor.workspace_id, "teams": sorted(actor.team_ids), "me": actor.member_id or 0}


def visible_to(actor: Actor, *, through: str = "") -> QuerySet[Conversation]:
    """The conversations that exist for this actor."""
    return Conversation.objects.filter(visible_condition(actor, through=through))
