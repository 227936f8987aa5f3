"""Asking a second person: who may agree, exactly once, in time, with the rights both have then."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.desk.approvals_done import doer
from twoway.events.models import AuditEntry
from twoway.events.queries import verify_audit
from twoway.lib.refusal import NotAllowed, NotFound, Refused
from twoway.teams import actions as teams
from twoway.teams.actor import Actor, system
from twoway.teams.approvals import actions, queries
from twoway.teams.approvals.gate import SecondPersonNeeded
from twoway.teams.approvals.models import Approval, TwoPeople
from twoway.teams.approvals.rules import GOOD_FOR, KEEP, USABLE_FOR, Payload, State
from twoway.teams.inviting import actions as inviting
from twoway.teams.models import Member, Workspace
from twoway.teams.queries import actor_of_token
from twoway.teams.roles import actions as roles
from twoway.teams.roles.models import CustomRole

LATER = NOW + timedelta(hours=1)


def switch(workspace: Workspace, *rules: str) -> None:
    """The rules that are on, whoever works here."""
    TwoPeople.objects.update_or_create(workspace=workspace, defaults={"rules": list(rules), "changed_at": NOW})


def asks_for_role(ana: Player, ben: Player, role: str = "admin") -> Approval:
    wanted = {"member": ben.id, "role": role, "sees_own_teams_only": False}
    return actions.ask(by=ana.actor, kind="member_role", payload=wanted, at=NOW)


def agree(by: Player, approval: Approval, *, at: datetime = LATER, note: str = "") -> Approval:
    return actions.agree(by=by.actor, approval_id=approval.pk, do=doer(approval.kind), at=at, note=note)


@pytest.fixture
def eve(workspace: Workspace) -> Player:
    """An admin."""
    return Player(member=make.make_member(workspace, "Eve", role="admin", at=NOW))


@pytest.fixture
def powers(workspace: Workspace) -> None:
    switch(workspace, "powers")


# What stops -----------------------------------------------------------------------------------------------------------


def test_nothing_takes_two_people_unless_it_is_wanted(ana: Player, ben: Player) -> None:
    teams.change_role(by=ana.actor, member=ben.member, role="admin", at=NOW)
    assert ben.actor.role == "admin"


@pytest.mark.usefixtures("powers")
def test_making_an_admin_stops_and_nothing_is_left_of_it(ana: Player, ben: Player) -> None:
    with pytest.raises(SecondPersonNeeded) as refused:
        teams.change_role(by=ana.actor, member=ben.member, role="admin", at=NOW)
    assert (refused.value.status, refused.value.code) == (409, "second_person")
    with pytest.raises(SecondPersonNeeded):
        teams.add_member(by=ana.actor, email="zoe@example.com", name="Zoe", role="owner", password=None, at=NOW)
    assert ben.actor.role == "agent"
    assert not Member.objects.filter(user__email="zoe@example.com").exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.usefixtures("powers")
def test_what_gives_no_more_power_does_not_stop(ana: Player, ben: Player, eve: Player) -> None:
    teams.change_role(by=ana.actor, member=ben.member, role="manager", at=NOW)
    teams.change_role(by=ana.actor, member=eve.member, role="agent", at=NOW)
    roles.add_role(by=ana.actor, name="Nearly admin", base="agent", rights=["manage_members"], at=NOW)
    teams.add_member(
        by=system(ana.actor.workspace_id), email="z@example.com", name="Z", role="admin", password=None, at=NOW
    )
    assert (ben.actor.role, eve.actor.role) == ("manager", "agent")


@pytest.mark.usefixtures("powers")
def test_roles_of_ones_own_are_no_way_round(ana: Player, ben: Player, workspace: Workspace) -> None:
    role = roles.add_role(by=ana.actor, name="Lead", base="agent", rights=["tag"], at=NOW)
    ranked = roles.add_role(by=ana.actor, name="In name only", base="admin", rights=["tag"], at=NOW)
    teams.change_role(by=ana.actor, member=ben.member, role=f"role-{role.pk}", at=NOW)
    with pytest.raises(SecondPersonNeeded):
        roles.change_role(by=ana.actor, role=role, name="Lead", base="agent", rights=["manage_tokens"], at=NOW)
    with pytest.raises(SecondPersonNeeded):
        teams.change_role(by=ana.actor, member=ben.member, role=f"role-{ranked.pk}", at=NOW)
    with pytest.raises(SecondPersonNeeded):
        roles.delete_role(by=ana.actor, role=ranked, at=NOW)
    assert ben.actor.rights == frozenset({"read", "tag"})
    assert CustomRole.objects.filter(workspace=workspace).count() == 2


@pytest.mark.usefixtures("powers")
def test_invitations_are_no_way_round(ana: Player, workspace: Workspace) -> None:
    with pytest.raises(Refused, match="Invite them with another one"):
        inviting.invite(by=ana.actor, role="admin", email="zoe@example.com", at=NOW)
    switch(workspace)
    made, _ = inviting.invite(by=ana.actor, role="admin", email="zoe@example.com", at=NOW)
    switch(workspace, "powers")
    with pytest.raises(SecondPersonNeeded):
        inviting.join_anew(invitation=made, email="", name="Zoe", password=make.PASSWORD, at=NOW)
    with pytest.raises(Refused, match="second person"):
        inviting.renew(by=ana.actor, invitation=made, at=NOW)
    assert not Member.objects.filter(user__email="zoe@example.com").exists()


def test_a_programs_token_gets_no_further(ana: Player, workspace: Workspace) -> None:
    switch(workspace, "powers", "lift")
    _, raw = teams.create_token(by=ana.actor, name="Booking", role="owner", at=NOW)
    token = actor_of_token(raw, NOW)
    assert token is not None
    with pytest.raises(SecondPersonNeeded):
        teams.add_member(by=token, email="zoe@example.com", name="Zoe", role="admin", password=None, at=NOW)
    with pytest.raises(NotAllowed):
        actions.ask(by=token, kind="audit", payload={}, at=NOW)
    made = actions.ask(by=ana.actor, kind="audit", payload={}, at=NOW)
    with pytest.raises(NotFound):
        actions.agree(by=token, approval_id=made.pk, do=doer("audit"), at=NOW)


# Agreeing -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("powers")
def test_somebody_else_agrees_and_it_is_done_with_both_names(ana: Player, ben: Player, eve: Player) -> None:
    made = asks_for_role(ana, ben)
    assert queries.deciders(made) == [eve.id]
    done = agree(eve, made, note="  Ben is\nready ")
    assert ben.actor.role == "admin"
    assert (done.state, done.note, done.payload) == (State.DONE, "Ben is ready", {"member": ben.id})
    told = [(one.actor, one.action, one.data.get("asked_by")) for one in AuditEntry.objects.order_by("id")]
    assert told == [
        ("Ana", "approval.asked", None),
        ("Ana", "member.role_changed", None),
        ("Eve", "approval.agreed", "Ana"),
    ]
    assert verify_audit(ana.actor.workspace_id) is None


@pytest.mark.usefixtures("powers")
def test_nobody_agrees_with_themselves_or_without_the_right(ana: Player, ben: Player, cleo: Player) -> None:
    made = asks_for_role(ana, ben)
    with pytest.raises(NotAllowed, match="You asked for this"):
        agree(ana, made)
    with pytest.raises(NotAllowed):
        agree(ben, made)
    with pytest.raises(NotFound):
        agree(cleo, made)
    assert ben.actor.role == "agent"


@pytest.mark.usefixtures("powers")
def test_it_is_done_once(ana: Player, ben: Player, eve: Player) -> None:
    made = asks_for_role(ana, ben)
    agree(eve, made)
    with pytest.raises(Refused, match="answered already"):
        agree(eve, made)
    with pytest.raises(Refused, match="answered already"):
        actions.decline(by=eve.actor, approval_id=made.pk, at=LATER)
    with pytest.raises(Refused, match="answered already"):
        actions.take_back(by=ana.actor, approval_id=made.pk, at=LATER)


@pytest.mark.usefixtures("powers")
def test_no_answer_counts_after_seven_days(ana: Player, ben: Player, eve: Player) -> None:
    made = asks_for_role(ana, ben)
    with pytest.raises(Refused, match="nobody did it in time"):
        agree(eve, made, at=NOW + GOOD_FOR)
    agree(eve, made, at=NOW + GOOD_FOR - timedelta(seconds=1))
    assert ben.actor.role == "admin"


@pytest.mark.usefixtures("powers")
@pytest.mark.parametrize(
    ("role", "is_active", "words"),
    [("agent", True, "may not do it any more"), ("owner", False, "doesn't work here any more")],
)
def test_the_askers_rights_count_when_it_is_done(
    ana: Player, ben: Player, eve: Player, role: str, is_active: bool, words: str
) -> None:
    made = asks_for_role(ana, ben)
    Member.objects.filter(id=ana.id).update(role=role, is_active=is_active)
    with pytest.raises(Refused, match=words):
        agree(eve, made)
    assert ben.actor.role == "agent"
    assert Approval.objects.get().state == State.ASKED


@pytest.mark.usefixtures("powers")
def test_the_usual_rules_count_when_it_is_done(ana: Player, ben: Player, eve: Player) -> None:
    made = asks_for_role(ana, ben, "owner")
    Member.objects.filter(id=ana.id).update(role="admin")
    with pytest.raises(NotAllowed, match="Only an owner"):
        agree(eve, made)
    assert ben.actor.role == "agent"


@pytest.mark.usefixtures("powers")
def test_what_is_gone_can_only_be_declined(ana: Player, eve: Player) -> None:
    role = roles.add_role(by=ana.actor, name="Lead", base="agent", rights=["tag"], at=NOW)
    wanted = {"role": role.pk, "name": "Lead", "base": "agent", "rights": ["manage_tokens"]}
    made = actions.ask(by=ana.actor, kind="role_change", payload=wanted, at=NOW)
    role.delete()
    with pytest.raises(NotFound, match="no such role"):
        agree(eve, made)
    assert actions.decline(by=eve.actor, approval_id=made.pk, at=LATER, note="Gone").state == State.DECLINED


@pytest.mark.usefixtures("powers")
def test_agreeing_opens_the_gate_for_this_deed_alone(
    ana: Player, ben: Player, eve: Player, workspace: Workspace
) -> None:
    switch(workspace, "powers", "erase")
    made = asks_for_role(ana, ben)
    seen: list[type[Exception]] = []

    def nosy(asker: Actor, second: Actor, payload: Payload, at: datetime) -> None:
        for by in (second, asker):
            try:
                actions.switch_off(by=by, unwanted=["erase"], at=at)
            except SecondPersonNeeded as refused:
                seen.append(type(refused))

    actions.agree(by=eve.actor, approval_id=made.pk, do=nosy, at=LATER)
    assert seen == [SecondPersonNeeded, SecondPersonNeeded]
    with pytest.raises(SecondPersonNeeded):
        teams.change_role(by=ana.actor, member=ben.member, role="admin", at=LATER)


@pytest.mark.django_db(transaction=True)
def test_two_who_agree_at_once_do_it_once(ana: Player, ben: Player, eve: Player, workspace: Workspace) -> None:
    switch(workspace, "powers")
    fay = Player(member=make.make_member(workspace, "Fay", role="admin", at=NOW))
    made = asks_for_role(ana, ben)
    actors, found = [eve.actor, fay.actor, eve.actor, fay.actor], list[str]()
    start_together = threading.Barrier(len(actors))

    def run(by: Actor) -> None:
        start_together.wait()
        try:
            actions.agree(by=by, approval_id=made.pk, do=doer("member_role"), at=LATER)
            found.append("done")
        except Refused as refused:
            found.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(by,)) for by in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["closed", "closed", "closed", "done"]
    assert AuditEntry.objects.filter(action="member.role_changed").count() == 1


# Asking ---------------------------------------------------------------------------------------------------------------


def test_asking_again_is_the_same_request(ana: Player, eve: Player) -> None:
    made = actions.ask(by=ana.actor, kind="audit", payload={}, at=NOW)
    assert actions.ask(by=ana.actor, kind="audit", payload={}, at=LATER).pk == made.pk
    assert actions.ask(by=eve.actor, kind="audit", payload={}, at=NOW).pk != made.pk
    assert actions.ask(by=ana.actor, kind="audit", payload={}, at=NOW + GOOD_FOR).pk != made.pk


def test_nobody_asks_for_what_they_may_not_or_without_end(ana: Player, ben: Player) -> None:
    with pytest.raises(NotAllowed):
        actions.ask(by=ben.actor, kind="audit", payload={}, at=NOW)
    for n in range(1, 51):
        actions.ask(by=ana.actor, kind="erase_request", payload={"request": n}, at=NOW)
    with pytest.raises(Refused, match="50 things"):
        actions.ask(by=ana.actor, kind="erase_request", payload={"request": 51}, at=NOW)


def test_only_whoever_asked_takes_it_back(ana: Player, eve: Player) -> None:
    made = actions.ask(by=ana.actor, kind="audit", payload={}, at=NOW)
    with pytest.raises(NotAllowed):
        actions.take_back(by=eve.actor, approval_id=made.pk, at=NOW)
    assert actions.take_back(by=ana.actor, approval_id=made.pk, at=NOW).state == State.TAKEN_BACK
    with pytest.raises(Refused, match="taken back"):
        agree(eve, made)


def test_a_file_is_taken_once_in_a_day_by_whoever_asked(ana: Player, eve: Player) -> None:
    made = actions.ask(by=ana.actor, kind="people", payload={"query": "q=Dana"}, at=NOW)
    with pytest.raises(Refused, match="answered already"):
        actions.use(by=ana.actor, approval_id=made.pk, at=LATER)
    agree(eve, made)
    assert (queries.count_waiting(ana.actor, at=LATER), queries.count_waiting(eve.actor, at=LATER)) == (1, 0)
    with pytest.raises(NotAllowed):
        actions.use(by=eve.actor, approval_id=made.pk, at=LATER)
    with pytest.raises(Refused, match="in time"):
        actions.use(by=ana.actor, approval_id=made.pk, at=LATER + USABLE_FOR)
    assert actions.use(by=ana.actor, approval_id=made.pk, at=LATER) == {"query": "q=Dana"}
    with pytest.raises(Refused, match="answered already"):
        actions.use(by=ana.actor, approval_id=made.pk, at=LATER)
    assert Approval.objects.get().payload == {}


def test_what_is_over_is_closed_emptied_and_later_deleted(ana: Player, eve: Player) -> None:
    actions.ask(by=ana.actor, kind="people", payload={"query": "q=Dana"}, at=NOW)
    agreed = actions.ask(by=ana.actor, kind="people", payload={"query": "q=Eli"}, at=NOW)
    agree(eve, agreed)
    assert actions.expire(at=LATER) == 0
    assert actions.expire(at=NOW + GOOD_FOR) == 2
    assert {(one.state, str(one.payload)) for one in Approval.objects.all()} == {("expired", "{}")}
    actions.expire(at=NOW + KEEP + timedelta(seconds=1))
    assert not Approval.objects.exists()
