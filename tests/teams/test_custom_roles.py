"""Roles a workspace made itself: what they allow, who may make them, and what becomes of their members."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import Player
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams import actions, queries
from twoway.teams.models import Member, Workspace
from twoway.teams.roles import actions as roles
from twoway.teams.roles.models import CustomRole
from twoway.teams.roles.queries import access_role, choose, counts, grantable
from twoway.teams.rules import RIGHTS, Right, may

READER = {Right.TAG.value}
"""Someone who reads and tags, and nothing else."""


@pytest.fixture
def reader(ana: Player, now: datetime) -> CustomRole:
    return roles.add_role(by=ana.actor, name="Reader who tags", base="viewer", rights=READER, at=now)


def holder(workspace: Workspace, role: CustomRole, now: datetime, name: str = "Kim") -> Player:
    return Player(member=make.make_member(workspace, name, role=role.base, custom_role=role, at=now))


def test_a_role_gives_its_rights_and_no_others(
    reader: CustomRole, workspace: Workspace, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kim = holder(workspace, reader, now)
    with django_assert_num_queries(1):
        actor = queries.actor_of_user(user_id=kim.member.user_id)
    assert actor is not None
    assert {right for right in Right if may(actor, right)} == {Right.READ, Right.TAG}
    assert not actor.sees_numbers


def test_a_token_has_its_roles_rights_in_one_query(
    ana: Player, now: datetime, django_assert_num_queries: DjangoAssertNumQueries, reader: CustomRole
) -> None:
    _, raw = actions.create_token(by=ana.actor, name="Tagger", role=f"role-{reader.pk}", at=now)
    queries.actor_of_token(raw, now)
    with django_assert_num_queries(1):
        actor = queries.actor_of_token(raw, now)
    assert actor is not None
    assert may(actor, Right.TAG)
    assert not may(actor, Right.REPLY)


def test_a_change_applies_at_once_and_ends_streams(
    ana: Player, reader: CustomRole, workspace: Workspace, now: datetime
) -> None:
    kim = holder(workspace, reader, now)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        roles.change_role(
            by=ana.actor, role=reader, name="Agent with costs", base="agent", rights=["reply", "see_costs"], at=now
        )
    assert may(kim.actor, Right.SEE_COSTS)
    assert not may(kim.actor, Right.TAG)
    assert Member.objects.get(id=kim.id).role == "agent"
    assert [one["sql"] for one in captured if "pg_notify" in one["sql"] and f"[{kim.id}]" in one["sql"]]


def test_nobody_makes_a_role_with_rights_they_lack(ana: Player, workspace: Workspace, now: datetime) -> None:
    some = roles.add_role(by=ana.actor, name="Keeper of roles", base="manager", rights=["manage_roles", "tag"], at=now)
    kim = holder(workspace, some, now)
    with pytest.raises(NotAllowed):
        roles.add_role(by=kim.actor, name="More", base="agent", rights=["reply"], at=now)
    with pytest.raises(NotAllowed):
        roles.add_role(by=kim.actor, name="Higher", base="admin", rights=["tag"], at=now)
    assert roles.add_role(by=kim.actor, name="Same", base="manager", rights=["tag"], at=now).rights == ["read", "tag"]


def test_nobody_changes_their_own_role_or_a_greater_one(ana: Player, workspace: Workspace, now: datetime) -> None:
    some = roles.add_role(by=ana.actor, name="Keeper of roles", base="manager", rights=["manage_roles"], at=now)
    great = roles.add_role(by=ana.actor, name="Great", base="admin", rights=["manage_tokens"], at=now)
    kim = holder(workspace, some, now)
    for role in (some, great):
        with pytest.raises(NotAllowed):
            roles.change_role(by=kim.actor, role=role, name="Mine", base="manager", rights=[], at=now)
        with pytest.raises(NotAllowed):
            roles.delete_role(by=kim.actor, role=role, at=now)


def test_who_manages_people_gives_nothing_they_lack(
    ana: Player, ben: Player, workspace: Workspace, now: datetime
) -> None:
    rights = ["manage_members", "manage_tokens", "reply", "tag"]
    some = roles.add_role(by=ana.actor, name="Front office", base="admin", rights=rights, at=now)
    kim = holder(workspace, some, now)
    vic = Player(member=make.make_member(workspace, "Vic", role="viewer", at=now))
    assert [one.word for one in grantable(kim.actor)] == ["viewer", f"role-{some.pk}"]
    for change in (
        lambda: actions.change_role(by=kim.actor, member=vic.member, role="agent", at=now),
        lambda: actions.change_role(by=kim.actor, member=ben.member, role="viewer", at=now),
        lambda: actions.deactivate_member(by=kim.actor, member=ben.member, at=now),
        lambda: actions.sign_out_member(by=kim.actor, member=ana.member, at=now),
        lambda: actions.create_token(by=kim.actor, name="Wide", role="agent", at=now),
    ):
        with pytest.raises(NotAllowed):
            change()
    actions.change_role(by=kim.actor, member=vic.member, role=f"role-{some.pk}", at=now)
    assert may(vic.actor, Right.REPLY)


def test_deleting_a_role_leaves_its_base(ana: Player, reader: CustomRole, workspace: Workspace, now: datetime) -> None:
    kim = holder(workspace, reader, now)
    assert roles.delete_role(by=ana.actor, role=reader, at=now) == 1
    assert (kim.actor.role, kim.actor.rights) == ("viewer", None)
    assert audit_entries(workspace.pk)[0].action == "role.deleted"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "READER WHO TAGS"}, "name"),
        ({"base": "owner"}, "base"),
        ({"rights": ["fly"]}, "rights"),
    ],
)
def test_what_can_not_be_a_role(
    ana: Player, reader: CustomRole, now: datetime, changes: dict[str, object], field: str
) -> None:
    given: dict[str, object] = {"name": "Another", "base": "viewer", "rights": []}
    with pytest.raises(Invalid) as refused:
        roles.add_role(by=ana.actor, at=now, **given | changes)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_role_of_another_workspace_is_none_here(ana: Player, cleo: Player, reader: CustomRole, now: datetime) -> None:
    with pytest.raises(Invalid):
        choose(cleo.actor.workspace_id, f"role-{reader.pk}")
    with pytest.raises(NotFound):
        access_role(cleo.actor, reader.pk)
    with pytest.raises(NotAllowed):
        roles.delete_role(by=cleo.actor, role=reader, at=now)


@pytest.mark.parametrize("word", ["", "boss", "role-", "role-x", "role-999999", "role-٣", "role-" + "9" * 30])
def test_other_words_are_no_role(workspace: Workspace, word: str) -> None:
    with pytest.raises(Invalid):
        choose(workspace.pk, word)


def test_work_goes_to_who_may_reply(ana: Player, reader: CustomRole, workspace: Workspace, now: datetime) -> None:
    replier = roles.add_role(by=ana.actor, name="Replier", base="viewer", rights=["reply"], at=now)
    kim, lou = holder(workspace, reader, now), holder(workspace, replier, now, "Lou")
    assert queries.access_assignee(ana.actor, lou.id) == lou.member
    with pytest.raises(NotFound):
        queries.access_assignee(ana.actor, kim.id)
    found = set(Member.objects.filter(queries.who_may(Right.REPLY), workspace=workspace).values_list("id", flat=True))
    assert (kim.id in found, lou.id in found, ana.id in found) == (False, True, True)


def test_who_has_which_role_is_counted(ana: Player, reader: CustomRole, workspace: Workspace, now: datetime) -> None:
    holder(workspace, reader, now)
    assert counts(ana.actor) == {"owner": 1, f"role-{reader.pk}": 1}


def test_rights_nobody_knows_any_more_count_for_nothing(
    reader: CustomRole, workspace: Workspace, now: datetime
) -> None:
    CustomRole.objects.update(rights=["tag", "gone"])
    kim = holder(workspace, reader, now)
    assert may(kim.actor, Right.TAG)
    assert may(kim.actor, Right.READ)
    assert RIGHTS["viewer"] == {Right.READ}
