"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.accounts import clean_name
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.models import Member, Team
from twoway.teams.rules import Right, require
from twoway.teams.streams import end_streams


@transaction.atomic
def create_team(*, by: Actor, name: str, at: datetime, member_ids: Iterable[int] = ()) -> Team:
    """A new team. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_TEAMS)
    team = Team(workspace_id=by.workspace_id, name=clean_name(name, longest=60), created_at=at)
    _save_team(team)
    team.members.set(_members(by, member_ids))
    record(by, "team.created", f"team {team.pk}", at, name=team.name)
    return team


@transaction.atomic
def rename_team(*, by: Actor, team: Team, name: str, at: datetime) -> Team:
    """Give a team another name. Raises `NotAllowed`, `Invalid`."""
    _require_own_team(by, team)
    before, team.name = team.name, clean_name(name, longest=60)
    if team.name != before:
        _save_team(team)
        record(by, "team.renamed", f"team {team.pk}", at, before=before, after=team.name)
    return team


@transaction.atomic
def set_members(*, by: Actor, team: Team, member_ids: Iterable[int], at: datetime) -> Team:
    """Say who is in a team. Raises `NotAllowed`, `Invalid`."""
    _require_own_team(by, team)
    chosen = _members(by, member_ids)
    end_streams(by.workspace_id, {member.pk for member in [*chosen, *team.members.all()]})
    team.members.set(chosen)
    record(by, "team.members_set", f"team {team.pk}", at, members=sorted(member.pk for member in chosen))
    return team


@transaction.atomic
def delete_team(*, by: Actor, team: Team, at: datetime) -> None:
    """Remove a team; its conversations and channels belong to no team then. Raises `NotAllowed`."""
    _require_own_team(by, team)
    record(by, "team.deleted", f"team {team.pk}", at, name=team.name)
    end_streams(by.workspace_id, team.members.values_list("id", flat=True))
    team.delete()


def _require_own_team(by: Actor, team: Team) -> None:
    require(by, Right.MANAGE_TEAMS)
    if team.workspace_id != by.workspace_id:
        raise NotAllowed(t("This team is not in this workspace."))


def _save_team(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise Invalid(t("There is a team with this name."), field="name", code="name_taken") from None


def _members(by: Actor, member_ids: Iterable[int]) -> list[Member]:
    wanted = set(member_ids)
    found = list(Member.objects.filter(workspace_id=by.workspace_id, is_active=True, id__in=wanted))
    if len(found) != len(wanted):
        raise Invalid(t("Choose members of this workspace."), field="members")
    return found
