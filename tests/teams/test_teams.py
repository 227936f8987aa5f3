"""Teams, and the tokens of programs."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests import make
from tests.cast import Player
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams import actions, queries
from twoway.teams.models import Team, Workspace


def test_a_team_through_its_life(ana: Player, ben: Player, workspace: Workspace, now: datetime) -> None:
    team = actions.create_team(by=ana.actor, name="Roadside", member_ids=[ben.id], at=now)
    actions.rename_team(by=ana.actor, team=team, name="Road side", at=now)
    actions.set_members(by=ana.actor, team=team, member_ids=[ana.id, ben.id], at=now)
    found = queries.teams(ana.actor).get()
    assert (found.name, found.member_count) == ("Road side", 2)
    actions.delete_team(by=ana.actor, team=team, at=now)
    assert not Team.objects.exists()
    done = [entry.action for entry in audit_entries(workspace.pk)]
    assert done == ["team.deleted", "team.members_set", "team.renamed", "team.created"]


def test_a_deactivated_member_does_not_count(ana: Player, ben: Player, now: datetime) -> None:
    actions.create_team(by=ana.actor, name="Roadside", member_ids=[ana.id, ben.id], at=now)
    actions.deactivate_member(by=ana.actor, member=ben.member, at=now)
    assert queries.teams(ana.actor).get().member_count == 1


@pytest.mark.parametrize("name", ["roadside", " ROADSIDE "])
def test_names_are_taken_once(ana: Player, now: datetime, name: str) -> None:
    actions.create_team(by=ana.actor, name="Roadside", at=now)
    other = actions.create_team(by=ana.actor, name="Billing", at=now)
    with pytest.raises(Invalid) as created:
        actions.create_team(by=ana.actor, name=name, at=now)
    with pytest.raises(Invalid) as renamed:
        actions.rename_team(by=ana.actor, team=other, name=name, at=now)
    assert created.value.code == renamed.value.code == "name_taken"


def test_another_workspace_may_use_the_same_name(ana: Player, cleo: Player, now: datetime) -> None:
    actions.create_team(by=ana.actor, name="Roadside", at=now)
    actions.create_team(by=cleo.actor, name="Roadside", at=now)


def test_strangers_are_not_put_into_a_team(ana: Player, cleo: Player, now: datetime) -> None:
    with pytest.raises(Invalid):
        actions.create_team(by=ana.actor, name="Roadside", member_ids=[cleo.id], at=now)
    assert not Team.objects.exists()


def test_teams_of_another_workspace_are_out_of_reach(ana: Player, cleo: Player, now: datetime) -> None:
    theirs = make.make_team(cleo.member.workspace, "Theirs", at=now)
    with pytest.raises(NotFound):
        queries.access_team(ana.actor, theirs.pk)
    assert not queries.teams(ana.actor).exists()
    for act in (
        lambda: actions.rename_team(by=ana.actor, team=theirs, name="Ours", at=now),
        lambda: actions.set_members(by=ana.actor, team=theirs, member_ids=[], at=now),
        lambda: actions.delete_team(by=ana.actor, team=theirs, at=now),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_agent_makes_no_team(ben: Player, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        actions.create_team(by=ben.actor, name="Mine", at=now)


def test_own_teams_are_all_unless_one_is_limited(ana: Player, ben: Player, workspace: Workspace, now: datetime) -> None:
    make.make_team(workspace, "Roadside", at=now, members=[ben.member])
    make.make_team(workspace, "Billing", at=now)
    assert [team.name for team in queries.own_teams(ben.actor)] == ["Billing", "Roadside"]
    actions.limit_to_own_teams(by=ana.actor, member=ben.member, sees_own_teams_only=True, at=now)
    assert [team.name for team in queries.own_teams(ben.actor)] == ["Roadside"]


def test_tokens_are_listed_revoked_last(ana: Player, cleo: Player, now: datetime) -> None:
    first, _ = actions.create_token(by=ana.actor, name="First", role="viewer", at=now)
    actions.create_token(by=ana.actor, name="Second", role="admin", at=now)
    actions.create_token(by=ana.actor, name="Third", role="admin", at=now)
    actions.create_token(by=cleo.actor, name="Theirs", role="admin", at=now)
    actions.revoke_token(by=ana.actor, token=first, at=now)
    assert [token.name for token in queries.tokens(ana.actor)] == ["Third", "Second", "First"]


def test_a_token_is_revoked_once(ana: Player, workspace: Workspace, now: datetime) -> None:
    token, _ = actions.create_token(by=ana.actor, name="First", role="viewer", at=now)
    for _ in range(2):
        actions.revoke_token(by=ana.actor, token=token, at=now)
    assert [entry.action for entry in audit_entries(workspace.pk)] == ["token.revoked", "token.created"]


def test_tokens_are_for_admins_and_never_worth_more(ana: Player, ben: Player, cleo: Player, now: datetime) -> None:
    token, _ = actions.create_token(by=ana.actor, name="First", role="viewer", at=now)
    with pytest.raises(NotAllowed):
        queries.tokens(ben.actor)
    with pytest.raises(NotAllowed):
        actions.create_token(by=ben.actor, name="Mine", role="agent", at=now)
    with pytest.raises(NotFound):
        queries.access_token(cleo.actor, token.pk)
    with pytest.raises(NotAllowed):
        actions.revoke_token(by=cleo.actor, token=token, at=now)
    actions.change_role(by=ana.actor, member=ben.member, role="admin", at=now)
    with pytest.raises(NotAllowed):
        actions.create_token(by=ben.actor, name="Mine", role="owner", at=now)
