"""Two-person rules as pure functions: what is needed, who may decide, what may be asked, and what makes powerful."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import NOW
from twoway.lib.refusal import Invalid
from twoway.teams.actor import Actor
from twoway.teams.approvals import rules
from twoway.teams.approvals.rules import KINDS, Rule, State
from twoway.teams.rules import RIGHTS, Right

MEMBER = {"email": "zoe@example.com", "name": "Zoe", "role": "admin", "sees_own_teams_only": False, "team_ids": [3]}
DAY = timedelta(days=1)


def actor(role: str, *, kind: Any = "member", member_id: int | None = 1, rights: set[str] | None = None) -> Actor:
    held = None if rights is None else frozenset(rights)
    return Actor(kind=kind, workspace_id=1, role=role, name="A", member_id=member_id, rights=held)


@pytest.mark.parametrize(
    ("rule", "on", "is_needed"),
    [
        (Rule.EXPORT, set(), False),
        (Rule.EXPORT, {"export"}, True),
        (Rule.ERASE, {"export", "lift"}, False),
        (Rule.POWERS, {"powers"}, True),
        (None, set(), False),
        (None, {"lift"}, True),
    ],
)
def test_when_a_second_person_is_needed(rule: Rule | None, on: set[str], is_needed: bool) -> None:
    assert rules.is_needed(rule, on) is is_needed


@pytest.mark.parametrize(
    ("who", "kind", "asked_by", "may"),
    [
        (actor("admin"), "erase", 2, True),
        (actor("admin"), "erase", 1, False),
        (actor("manager"), "erase", 2, False),
        (actor("manager"), "people", 2, True),
        (actor("agent"), "people", 2, False),
        (actor("viewer", rights={"export"}), "transcript", 2, True),
        (actor("admin", rights={"export"}), "erase", 2, False),
        (actor("owner", kind="token", member_id=None), "erase", 2, False),
        (actor("owner", kind="system", member_id=None), "erase", 2, False),
    ],
)
def test_who_may_decide(who: Actor, kind: str, asked_by: int, may: bool) -> None:
    assert rules.may_decide(who, kind=kind, asked_by=asked_by) is may


@pytest.mark.parametrize(
    ("before", "after", "gains"),
    [
        (("agent", None), ("admin", None), True),
        (("admin", None), ("owner", None), True),
        (("owner", None), ("admin", None), False),
        (("viewer", None), ("manager", None), False),
        (("agent", None), ("agent", {"manage_members"}), True),
        (("agent", {"manage_members"}), ("agent", {"manage_members", "export"}), False),
        (("agent", {"tag"}), ("admin", {"tag"}), True),
        (("admin", {"tag"}), ("admin", None), True),
        (("manager", {"read"}), ("manager", None), False),
    ],
)
def test_what_makes_somebody_more_powerful(before: Any, after: Any, gains: bool) -> None:
    assert rules.gains(rules.powers(*before), rules.powers(*after)) is gains


@pytest.mark.parametrize("role", ["viewer", "agent", "manager"])
def test_who_is_no_admin_has_no_powers(role: str) -> None:
    assert rules.powers(role) == frozenset()


@pytest.mark.parametrize(
    ("state", "after", "now"),
    [
        (State.ASKED, 6 * DAY, State.ASKED),
        (State.ASKED, 7 * DAY, State.EXPIRED),
        (State.AGREED, timedelta(hours=23), State.AGREED),
        (State.AGREED, DAY, State.EXPIRED),
        (State.DONE, 30 * DAY, State.DONE),
        (State.DECLINED, 30 * DAY, State.DECLINED),
    ],
)
def test_what_the_clock_does(state: State, after: timedelta, now: State) -> None:
    until = NOW + rules.USABLE_FOR
    assert rules.standing(state, expires_at=NOW + rules.GOOD_FOR, usable_until=until, at=NOW + after) is now


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("audit", {}),
        ("erase_request", {"request": 7}),
        ("member_add", MEMBER),
        ("role_change", {"role": 1, "name": "Lead", "base": "agent", "rights": ["tag"]}),
        ("people", {"query": ""}),
    ],
)
def test_what_may_be_asked(kind: str, payload: dict[str, Any]) -> None:
    assert rules.clean(kind, payload) == payload


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("audit", {"more": 1}),
        ("erase_request", {}),
        ("erase_request", {"request": "7"}),
        ("erase_request", {"request": True}),
        ("erase_request", {"request": 0}),
        ("erase_request", {"request": 2**63}),
        ("people", {"query": "a" * 8001}),
        ("people", {"query": None}),
        ("member_add", MEMBER | {"sees_own_teams_only": 1}),
        ("member_add", MEMBER | {"team_ids": ["3"]}),
        ("member_add", MEMBER | {"email": "a" * 8000, "name": "b" * 8000}),
        ("rules_off", {"rules": ["export"] * 201}),
        ("rules_off", {"rules": "export"}),
    ],
)
def test_what_may_not_be_asked(kind: str, payload: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        rules.clean(kind, payload)


def test_what_a_database_could_not_keep_is_left_out() -> None:
    kept = rules.clean("lift", {"opt_out": 1, "note": "a\0b\ud800"})
    assert kept == {"opt_out": 1, "note": "ab�"}
    assert rules.clean_note(" so\n it \0 is ") == "so it is"
    assert len(rules.clean_note("a" * 400)) == rules.LONGEST_NOTE


def test_only_ids_are_left_of_what_is_closed() -> None:
    assert rules.remains(MEMBER | {"member": 4}) == {"member": 4}


def test_each_rule_has_deeds_and_knows_the_rights_two_people_need() -> None:
    assert {kind.rule for kind in KINDS.values()} == {*Rule, None}
    assert rules.rights_of(Rule.LIFT) == {Right.MANAGE_COMPLIANCE, Right.MANAGE_ROLES}
    enough = dict.fromkeys(Right, 2)
    assert rules.too_few(Rule.EXPORT, enough) == []
    assert rules.too_few(Rule.EXPORT, enough | {Right.EXPORT: 1}) == [Right.EXPORT]
    assert rules.too_few(Rule.ERASE, enough | {Right.EXPORT: 1}) == []
    assert rules.too_few(Rule.ERASE, {}) == [Right.MANAGE_COMPLIANCE, Right.MANAGE_ROLES]


def test_only_files_are_taken_and_files_are_nothing_but_taken() -> None:
    assert {kind.id for kind in KINDS.values() if kind.is_taken} == {
        kind.id for kind in KINDS.values() if kind.rule is Rule.EXPORT
    }


@pytest.mark.parametrize(
    ("who", "may_open"),
    [
        (actor("manager"), True),
        (actor("agent"), False),
        (actor("viewer", rights={"export"}), True),
        (actor("owner", kind="token", member_id=None), False),
    ],
)
def test_for_whom_the_page_is(who: Actor, may_open: bool) -> None:
    assert rules.may_open(who) is may_open
    assert bool(rules.kinds_for(who)) is may_open


def test_admins_may_decide_everything() -> None:
    assert rules.kinds_for(actor("admin")) == list(KINDS)
    assert RIGHTS["admin"] >= rules.CONCERNED
