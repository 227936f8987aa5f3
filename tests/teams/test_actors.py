"""Who somebody is, by session or by token."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import Player
from twoway.lib.refusal import NotFound
from twoway.teams import actions, queries
from twoway.teams.models import ApiToken, Workspace


def test_a_member_is_an_actor_with_their_teams(
    ben: Player, workspace: Workspace, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    teams = [make.make_team(workspace, name, at=now, members=[ben.member]) for name in ("Roadside", "Billing")]
    with django_assert_num_queries(1):
        actor = queries.actor_of_user(user_id=ben.member.user_id, workspace_id=workspace.pk)
    assert actor is not None
    assert (actor.kind, actor.role, actor.name, actor.member_id) == ("member", "agent", "Ben", ben.id)
    assert actor.team_ids == {team.pk for team in teams}


def test_a_member_without_a_team_has_none(ben: Player) -> None:
    assert ben.actor.team_ids == frozenset()


@pytest.mark.parametrize("who", ["member", "user"])
def test_whoever_was_deactivated_is_nobody(ben: Player, who: str) -> None:
    row = ben.member if who == "member" else ben.member.user
    row.is_active = False
    row.save()
    assert queries.actor_of_user(user_id=ben.member.user_id) is None
    assert queries.memberships(ben.member.user) == []
    with pytest.raises(NotFound):
        queries.actor_of(ben.member)


def test_nobody_is_an_actor_in_another_workspace(ben: Player, cleo: Player) -> None:
    assert queries.actor_of_user(user_id=ben.member.user_id, workspace_id=cleo.member.workspace_id) is None


def test_memberships_are_the_workspaces_of_a_user(ben: Player, cleo: Player, now: datetime) -> None:
    cleo.member.workspace.members.create(user=ben.member.user, role="viewer", created_at=now)
    assert [row.workspace.name for row in queries.memberships(ben.member.user)] == ["Elsewhere", "Ridgeway Carshare"]


def test_a_token_is_an_actor(ana: Player, now: datetime) -> None:
    token, raw = actions.create_token(by=ana.actor, name="Zapier", role="agent", at=now)
    actor = queries.actor_of_token(raw, now)
    assert actor is not None
    assert (actor.kind, actor.role, actor.name, actor.member_id) == ("token", "agent", "Zapier", None)
    assert actor.workspace_id == ana.member.workspace_id
    token.refresh_from_db()
    assert token.last_used_at == now


def test_the_last_use_of_a_token_is_noted_once_a_minute(
    ana: Player, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, raw = actions.create_token(by=ana.actor, name="Zapier", role="agent", at=now)
    queries.actor_of_token(raw, now)
    with django_assert_num_queries(1):
        queries.actor_of_token(raw, now + timedelta(seconds=59))
    queries.actor_of_token(raw, now + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == now + timedelta(seconds=60)


@pytest.mark.parametrize("raw", ["", "tw_", "tw_" + "x" * 43, "Bearer tw_x", "tw_\ud800", "tw_\0"])
def test_other_texts_are_no_token(db: None, now: datetime, raw: str) -> None:
    assert queries.actor_of_token(raw, now) is None


def test_a_revoked_token_is_nobody(ana: Player, now: datetime) -> None:
    token, raw = actions.create_token(by=ana.actor, name="Zapier", role="agent", at=now)
    actions.revoke_token(by=ana.actor, token=token, at=now)
    assert queries.actor_of_token(raw, now) is None


def test_the_text_of_a_token_is_not_kept(ana: Player, now: datetime) -> None:
    _, raw = actions.create_token(by=ana.actor, name="Zapier", role="agent", at=now)
    kept = ApiToken.objects.values().get()
    assert len(raw) == 46
    assert raw.startswith(kept["prefix"])
    assert not any(raw in str(value) for value in kept.values())
