"""Invitations: who may make them, whom they let in, and when they stop working."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from tests import make
from tests.cast import Player
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.teams import actions
from twoway.teams.inviting import actions as inviting
from twoway.teams.inviting.models import Invitation
from twoway.teams.inviting.queries import of_link
from twoway.teams.models import Workspace
from twoway.teams.roles import actions as roles

NEW: dict[str, Any] = {"email": "", "name": "Dee", "password": make.PASSWORD}


def invite(by: Player, now: datetime, **changes: Any) -> tuple[Invitation, str]:
    given: dict[str, Any] = {"email": "dee@example.com", "role": "agent"}
    return inviting.invite(by=by.actor, at=now, **given | changes)


def test_only_a_digest_of_the_link_is_kept(ana: Player, now: datetime) -> None:
    made, raw = invite(ana, now)
    row = Invitation.objects.filter(id=made.pk).values().get()
    assert not [value for value in row.values() if raw in str(value)]
    assert len(raw) == 43


def test_it_lets_in_once(ana: Player, workspace: Workspace, now: datetime) -> None:
    team = make.make_team(workspace, "Roadside", at=now)
    made, raw = invite(ana, now, role="manager", team_ids=[team.pk], sees_own_teams_only=True)
    found = of_link(raw, at=now)
    assert found == made
    member = inviting.join_anew(invitation=made, at=now, **NEW)
    assert (member.user.email, member.role, member.sees_own_teams_only) == ("dee@example.com", "manager", True)
    assert list(member.teams.all()) == [team]
    assert EmailAddress.objects.get(user=member.user).verified
    assert of_link(raw, at=now) is None
    with pytest.raises(Refused) as refused:
        inviting.join(invitation=made, user=ana.member.user, at=now)
    assert refused.value.code == "invitation_over"
    assert audit_entries(workspace.pk)[0].action == "invitation.accepted"


def test_an_address_that_was_typed_in_counts_as_unverified(ana: Player, now: datetime) -> None:
    made, _ = invite(ana, now, email="")
    member = inviting.join_anew(invitation=made, at=now, **NEW | {"email": "dee@example.com"})
    assert not EmailAddress.objects.get(user=member.user).verified


def test_an_account_is_never_taken_over(ana: Player, cleo: Player, now: datetime) -> None:
    made, _ = invite(ana, now, email="")
    with pytest.raises(Invalid) as refused:
        inviting.join_anew(invitation=made, at=now, **NEW | {"email": "CLEO@example.com"})
    assert refused.value.field == "email"
    cleo.member.user.refresh_from_db()
    assert cleo.member.user.memberships.count() == 1


def test_somebody_with_an_account_joins_with_it(ana: Player, cleo: Player, workspace: Workspace, now: datetime) -> None:
    made, _ = invite(ana, now, email="cleo@example.com")
    member = inviting.join(invitation=made, user=cleo.member.user, at=now)
    assert (member.workspace_id, member.user_id) == (workspace.pk, cleo.member.user_id)


def test_it_is_for_its_address_only(ana: Player, cleo: Player, now: datetime) -> None:
    made, raw = invite(ana, now)
    with pytest.raises(NotAllowed):
        inviting.join(invitation=made, user=cleo.member.user, at=now)
    assert of_link(raw, at=now) is not None


def test_a_weak_password_leaves_it_open(ana: Player, now: datetime) -> None:
    made, raw = invite(ana, now)
    with pytest.raises(Invalid):
        inviting.join_anew(invitation=made, at=now, **NEW | {"password": "password12"})
    assert of_link(raw, at=now) is not None


def test_it_expires(ana: Player, now: datetime) -> None:
    made, raw = invite(ana, now, days=3)
    assert of_link(raw, at=now + timedelta(days=3, seconds=-1)) is not None
    assert of_link(raw, at=now + timedelta(days=3)) is None
    with pytest.raises(Refused):
        inviting.join_anew(invitation=made, at=now + timedelta(days=3), **NEW)


def test_a_new_link_ends_the_old_one(ana: Player, now: datetime) -> None:
    made, raw = invite(ana, now, days=1)
    later = now + timedelta(days=5)
    newer = inviting.renew(by=ana.actor, invitation=made, at=later)
    assert of_link(raw, at=later) is None
    assert of_link(newer, at=later + timedelta(hours=23)) == made
    with pytest.raises(Refused):
        inviting.join_anew(invitation=made, at=later, **NEW)


def test_it_can_be_taken_back(ana: Player, now: datetime) -> None:
    made, raw = invite(ana, now)
    inviting.revoke(by=ana.actor, invitation=made, at=now)
    assert of_link(raw, at=now) is None
    with pytest.raises(NotAllowed):
        inviting.renew(by=ana.actor, invitation=made, at=now)


@pytest.mark.parametrize("what", ["switched off", "less"])
def test_who_may_not_invite_any_more_invites_nobody(
    ana: Player, workspace: Workspace, now: datetime, what: str
) -> None:
    kim = Player(member=make.make_member(workspace, "Kim", role="admin", at=now))
    made, raw = invite(kim, now)
    assert of_link(raw, at=now) is not None
    if what == "less":
        actions.change_role(by=ana.actor, member=kim.member, role="manager", at=now)
    else:
        actions.deactivate_member(by=ana.actor, member=kim.member, at=now)
    assert of_link(raw, at=now) is None
    with pytest.raises(Refused):
        inviting.join_anew(invitation=made, at=now, **NEW)


def test_nobody_invites_to_more_than_they_have(ana: Player, ben: Player, workspace: Workspace, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        invite(ben, now)
    kim = Player(member=make.make_member(workspace, "Kim", role="admin", at=now))
    with pytest.raises(NotAllowed):
        invite(kim, now, role="owner")
    wide = roles.add_role(by=ana.actor, name="Wide", base="admin", rights=["manage_members", "tag"], at=now)
    lou = Player(member=make.make_member(workspace, "Lou", role="admin", custom_role=wide, at=now))
    with pytest.raises(NotAllowed):
        invite(lou, now, role="agent")
    assert invite(lou, now, role=f"role-{wide.pk}")[0].custom_role == wide


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "dee"}, "email"),
        ({"email": "ana@example.com"}, "email"),
        ({"days": 365}, "days"),
        ({"role": "x"}, "role"),
    ],
)
def test_what_can_not_be_invited(ana: Player, now: datetime, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        invite(ana, now, **changes)
    assert refused.value.field == field


def test_nobody_is_invited_twice_at_a_time(ana: Player, now: datetime) -> None:
    invite(ana, now, days=1)
    with pytest.raises(Invalid):
        invite(ana, now)
    invite(ana, now + timedelta(days=1))


def test_there_is_a_limit_an_hour(ana: Player, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inviting, "MOST_AN_HOUR", 2)
    invite(ana, now, email="")
    invite(ana, now, email="")
    with pytest.raises(Refused) as refused:
        invite(ana, now, email="")
    assert refused.value.code == "too_many"
    invite(ana, now + timedelta(hours=1), email="")
