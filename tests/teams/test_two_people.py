"""Switching two-person rules on and off, and what they do to erasures, opt-outs and people with roles of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.teams.test_approvals import agree, eve, switch
from twoway.compliance import actions as compliance
from twoway.compliance.retention import actions as rights
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.messaging.retention.actions import start
from twoway.teams.actor import system
from twoway.teams.approvals import actions, queries
from twoway.teams.approvals.gate import SecondPersonNeeded, rules_on
from twoway.teams.approvals.models import Approval
from twoway.teams.approvals.rules import State
from twoway.teams.models import Member, Workspace
from twoway.teams.roles import actions as roles
from twoway.teams.rules import RIGHTS

__all__ = ["eve"]

# The rules ------------------------------------------------------------------------------------------------------------


def test_a_rule_needs_two_people_who_could(ana: Player, ben: Player, workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="Fewer than two people") as refused:
        actions.switch_on(by=ana.actor, wanted=["lift"], at=NOW)
    assert refused.value.code == "one_person"
    Member.objects.filter(id=ben.id).update(role="admin")
    assert actions.switch_on(by=ana.actor, wanted=["lift"], at=NOW) == {"lift"}
    assert rules_on(workspace.pk) == {"lift"}
    with pytest.raises(Invalid):
        actions.switch_on(by=ana.actor, wanted=["tea"], at=NOW)


def test_somebody_switched_off_is_not_counted(ana: Player, eve: Player) -> None:
    Member.objects.filter(id=eve.id).update(is_active=False)
    with pytest.raises(Invalid, match="Fewer than two people"):
        actions.switch_on(by=ana.actor, wanted=["erase"], at=NOW)


def test_switching_a_rule_off_takes_two_as_well(ana: Player, eve: Player, workspace: Workspace) -> None:
    actions.switch_on(by=ana.actor, wanted=["lift", "erase"], at=NOW)
    with pytest.raises(SecondPersonNeeded):
        actions.switch_off(by=ana.actor, unwanted=["lift"], at=NOW)
    made = actions.ask(by=ana.actor, kind="rules_off", payload={"rules": ["lift"]}, at=NOW)
    actions.switch_on(by=ana.actor, wanted=["powers"], at=NOW)
    agree(eve, made)
    assert rules_on(workspace.pk) == {"erase", "powers"}
    assert actions.switch_off(by=system(workspace.pk), unwanted=["erase", "powers"], at=NOW) == frozenset()


def test_who_may_not_manage_roles_leaves_the_rules_alone(ben: Player) -> None:
    with pytest.raises(NotAllowed):
        actions.switch_on(by=ben.actor, wanted=[], at=NOW)
    with pytest.raises(NotAllowed):
        actions.switch_off(by=ben.actor, unwanted=[], at=NOW)


# People and consent ---------------------------------------------------------------------------------------------------


@pytest.fixture
def talk(workspace: Workspace) -> Conversation:
    return make.make_conversation(make.make_channel(workspace, at=NOW), at=NOW, messages=1, name="Dana Whitfield")


def opted_out(talk: Conversation, by: Player) -> int:
    about: dict[str, Any] = {"identity": Identity.objects.get(id=talk.identity_id), "channel": talk.channel}
    return compliance.opt_out(**about, source="member", note="By phone", at=NOW, by=by.actor)[0].pk


def test_lifting_an_opt_out_by_hand_takes_two(
    ana: Player, eve: Player, talk: Conversation, workspace: Workspace
) -> None:
    switch(workspace, "lift")
    key = opted_out(talk, ana)
    about: dict[str, Any] = {"identity": Identity.objects.get(id=talk.identity_id), "channel": talk.channel}
    for source in ("member", "api"):
        with pytest.raises(SecondPersonNeeded):
            compliance.lift(**about, source=source, note="They called", at=NOW, by=ana.actor)
    made = actions.ask(by=ana.actor, kind="lift", payload={"opt_out": key, "note": "They called"}, at=NOW)
    agree(eve, made)
    assert AuditEntry.objects.get(action="consent.given_again").actor == "Ana"


def test_a_customers_start_takes_nobody(ana: Player, talk: Conversation, workspace: Workspace) -> None:
    switch(workspace, "lift")
    opted_out(talk, ana)
    about: dict[str, Any] = {"identity": Identity.objects.get(id=talk.identity_id), "channel": talk.channel}
    assert compliance.lift(**about, source="keyword", keyword="START", at=NOW, by=system(workspace.pk)) == 1


def test_an_erasure_takes_two(ana: Player, eve: Player, talk: Conversation, workspace: Workspace) -> None:
    switch(workspace, "erase")
    contact = talk.contact
    request = rights.log_request(contact=contact, kind="erase", law="gdpr", asked_at=NOW, by=ana.actor, at=NOW)
    with pytest.raises(SecondPersonNeeded):
        start(request=request, by=ana.actor, at=NOW, confirmation="ERASE")
    made = actions.ask(
        by=ana.actor, kind="erase_request", payload={"request": request.pk}, contact_id=contact.pk, at=NOW
    )
    agree(eve, made)
    request.refresh_from_db()
    assert (request.state, request.done_by) == ("doing", "Ana")


def test_of_somebody_erased_no_words_are_kept(ana: Player, eve: Player, talk: Conversation) -> None:
    key = opted_out(talk, ana)
    wanted = {"opt_out": key, "note": "Dana called"}
    actions.ask(by=ana.actor, kind="lift", payload=wanted, contact_id=talk.contact_id, at=NOW)
    made = actions.ask(by=eve.actor, kind="lift", payload=wanted, contact_id=talk.contact_id, at=NOW)
    actions.decline(by=ana.actor, approval_id=made.pk, note="Dana? No", at=NOW)
    actions.forget(contact_id=talk.contact_id)
    assert [(one.state, one.payload, one.note) for one in Approval.objects.order_by("id")] == [
        ("expired", {"opt_out": key}, ""),
        ("declined", {"opt_out": key}, ""),
    ]


def test_members_with_a_role_of_their_own_are_second_persons_too(ana: Player, workspace: Workspace) -> None:
    role = roles.add_role(by=ana.actor, name="Auditor", base="viewer", rights=["see_compliance"], at=NOW)
    kim = Player(member=make.make_member(workspace, "Kim", role="viewer", custom_role=role, at=NOW))
    made = actions.ask(by=ana.actor, kind="audit", payload={}, at=NOW)
    assert queries.deciders(made) == [kim.id]
    assert agree(kim, made).state == State.AGREED
    assert "see_compliance" in RIGHTS["manager"]
