"""Who is in a workspace, and as what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests import make
from tests.cast import Player
from twoway.events.models import Event
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams import actions, queries
from twoway.teams.models import Member, Workspace


def add(by: Player, now: datetime, **changes: Any) -> Member:
    given: dict[str, Any] = {"email": "dee@example.com", "name": "Dee", "role": "agent", "password": make.PASSWORD}
    return actions.add_member(by=by.actor, at=now, **given | changes)


def test_a_member_is_added(ana: Player, workspace: Workspace, now: datetime) -> None:
    team = make.make_team(workspace, "Roadside", at=now)
    member = add(ana, now, team_ids=[team.pk], sees_own_teams_only=True)
    actor = queries.actor_of(member)
    assert (actor.role, actor.sees_own_teams_only, actor.team_ids) == ("agent", True, frozenset({team.pk}))
    assert member.user.check_password(make.PASSWORD)
    assert audit_entries(workspace.pk)[0].data == {"email": "dee@example.com", "role": "agent"}


def test_without_a_password_nobody_can_sign_in_with_one(ana: Player, now: datetime) -> None:
    assert not add(ana, now, password=None).user.has_usable_password()


def test_somebody_of_another_workspace_keeps_their_account(ana: Player, cleo: Player, now: datetime) -> None:
    member = add(ana, now, email="CLEO@example.com", name="Not Cleo", password="another password entirely")
    assert member.user == cleo.member.user
    member.user.refresh_from_db()
    assert member.user.name == "Cleo"
    assert member.user.check_password(make.PASSWORD)


def test_nobody_is_added_twice(ana: Player, ben: Player, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        add(ana, now, email=ben.member.user.email)
    assert refused.value.code == "already_member"


def test_who_left_can_come_back(ana: Player, ben: Player, now: datetime) -> None:
    actions.deactivate_member(by=ana.actor, member=ben.member, at=now)
    again = add(ana, now, email=ben.member.user.email, role="manager")
    assert (again.pk, again.is_active, again.role) == (ben.id, True, "manager")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "dee"}, "email"),
        ({"role": "king"}, "role"),
        ({"password": "12345"}, "password"),
        ({"team_ids": [0]}, "teams"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(
    ana: Player, now: datetime, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(ana, now, **changes)
    assert refused.value.field == field


def test_a_team_of_another_workspace_is_none_of_ours(ana: Player, cleo: Player, now: datetime) -> None:
    theirs = make.make_team(cleo.member.workspace, "Theirs", at=now)
    with pytest.raises(Invalid):
        add(ana, now, team_ids=[theirs.pk])


@pytest.mark.parametrize("role", ["agent", "manager", "viewer"])
def test_only_admins_add_members(ana: Player, ben: Player, now: datetime, role: str) -> None:
    actions.change_role(by=ana.actor, member=ben.member, role=role, at=now)
    with pytest.raises(NotAllowed):
        add(ben, now)


def test_an_admin_makes_no_owner_and_touches_none(ana: Player, ben: Player, now: datetime) -> None:
    actions.change_role(by=ana.actor, member=ben.member, role="admin", at=now)
    with pytest.raises(NotAllowed, match="owner"):
        add(ben, now, role="owner")
    with pytest.raises(NotAllowed, match="owner"):
        actions.change_role(by=ben.actor, member=ben.member, role="owner", at=now)
    with pytest.raises(NotAllowed, match="owner"):
        actions.change_role(by=ben.actor, member=ana.member, role="agent", at=now)
    with pytest.raises(NotAllowed, match="owner"):
        actions.deactivate_member(by=ben.actor, member=ana.member, at=now)


def test_the_last_owner_stays(ana: Player, ben: Player, now: datetime) -> None:
    with pytest.raises(Invalid) as demoted:
        actions.change_role(by=ana.actor, member=ana.member, role="admin", at=now)
    with pytest.raises(Invalid) as removed:
        actions.deactivate_member(by=ana.actor, member=ana.member, at=now)
    assert demoted.value.code == removed.value.code == "last_owner"
    actions.change_role(by=ana.actor, member=ben.member, role="owner", at=now)
    actions.change_role(by=ana.actor, member=ana.member, role="admin", at=now)
    assert ana.actor.role == "admin"


def test_an_owner_whose_account_is_closed_does_not_count(ana: Player, ben: Player, now: datetime) -> None:
    actions.change_role(by=ana.actor, member=ben.member, role="owner", at=now)
    ben.member.user.is_active = False
    ben.member.user.save()
    with pytest.raises(Invalid):
        actions.deactivate_member(by=ana.actor, member=ana.member, at=now)


def test_whoever_is_deactivated_leaves_an_event(ana: Player, ben: Player, now: datetime) -> None:
    actions.deactivate_member(by=ana.actor, member=ben.member, at=now)
    actions.deactivate_member(by=ana.actor, member=ben.member, at=now)
    event = Event.objects.get(type="member_deactivated")
    assert (event.member_id, event.is_pending) == (ben.id, True)
    assert [entry.action for entry in audit_entries(ana.member.workspace_id)] == ["member.deactivated"]


def test_nobody_manages_members_of_another_workspace(ana: Player, cleo: Player, now: datetime) -> None:
    with pytest.raises(NotFound):
        queries.access_member(ana.actor, cleo.id)
    with pytest.raises(NotAllowed):
        actions.change_role(by=ana.actor, member=cleo.member, role="viewer", at=now)
    with pytest.raises(NotAllowed):
        actions.deactivate_member(by=ana.actor, member=cleo.member, at=now)
    with pytest.raises(NotAllowed):
        actions.limit_to_own_teams(by=ana.actor, member=cleo.member, sees_own_teams_only=True, at=now)


def test_members_are_listed_active_first(ana: Player, ben: Player, cleo: Player, now: datetime) -> None:
    actions.deactivate_member(by=ana.actor, member=ben.member, at=now)
    assert [str(member) for member in queries.members(ana.actor)] == ["Ana"]
    assert [str(member) for member in queries.members(ana.actor, with_inactive=True)] == ["Ana", "Ben"]


def test_a_viewer_is_no_assignee(ana: Player, ben: Player, now: datetime) -> None:
    assert queries.access_assignee(ana.actor, ben.id) == ben.member
    actions.change_role(by=ana.actor, member=ben.member, role="viewer", at=now)
    with pytest.raises(NotFound):
        queries.access_assignee(ana.actor, ben.id)


def test_theme_and_profile(ben: Player) -> None:
    user = ben.member.user
    actions.set_theme(user=user, theme="dark")
    actions.update_profile(user=user, name="  Ben   B. ", uses_single_keys=False)
    user.refresh_from_db()
    assert (user.theme, user.name, user.uses_single_keys) == ("dark", "Ben B.", False)
    with pytest.raises(Invalid):
        actions.set_theme(user=user, theme="pink")
    with pytest.raises(Invalid):
        actions.update_profile(user=user, name=" ", uses_single_keys=True)
