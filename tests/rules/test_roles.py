"""What each role may do."""

from __future__ import annotations

import pytest

from twoway.lib.refusal import NotAllowed
from twoway.teams.actor import Actor, system
from twoway.teams.rules import RIGHTS, Right, may, may_grant, require, role_may, sees_numbers

EVERYONE = {"viewer", "agent", "manager", "admin", "owner"}
WRITERS = EVERYONE - {"viewer"}
LEADS = {"manager", "admin", "owner"}
ADMINS = {"admin", "owner"}

TABLE = {
    Right.READ: EVERYONE,
    Right.SEE_NUMBERS: WRITERS,
    Right.REPLY: WRITERS,
    Right.CALL: WRITERS,
    Right.ASSIGN: WRITERS,
    Right.TAG: WRITERS,
    Right.USE_SIMULATOR: WRITERS,
    Right.SEE_QUARANTINE: LEADS,
    Right.SEE_COSTS: LEADS,
    Right.MANAGE_TEAMS: LEADS,
    Right.MANAGE_CHANNELS: ADMINS,
    Right.MANAGE_MEMBERS: ADMINS,
    Right.MANAGE_TOKENS: ADMINS,
    Right.MANAGE_WORKSPACE: ADMINS,
    Right.MANAGE_COSTS: ADMINS,
    Right.SEE_COMPLIANCE: LEADS,
    Right.MANAGE_COMPLIANCE: ADMINS,
    Right.MANAGE_CONTACTS: WRITERS,
    Right.MOVE_CONTACTS: LEADS,
    Right.MANAGE_REPLIES: LEADS,
    Right.SHARE_VIEWS: LEADS,
    Right.EXPORT: LEADS,
    Right.SEE_WORK: LEADS,
    Right.MANAGE_ROLES: ADMINS,
}


def test_every_right_is_in_the_table() -> None:
    assert set(TABLE) == set(Right)
    assert set(RIGHTS) == EVERYONE


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_rights_of_roles(role: str, right: Right) -> None:
    assert role_may(role, right) == (role in TABLE[right])


def test_a_list_of_rights_stands_in_the_place_of_the_role() -> None:
    viewer_and_tags = Actor(
        kind="member", workspace_id=1, role="agent", name="Ben", rights=frozenset({Right.READ, Right.TAG})
    )
    assert {right for right in Right if may(viewer_and_tags, right)} == {Right.READ, Right.TAG}
    with pytest.raises(NotAllowed):
        require(viewer_and_tags, Right.REPLY)


def test_an_unknown_role_may_nothing() -> None:
    assert not any(role_may("root", right) for right in Right)


@pytest.mark.parametrize(
    ("numbers_from", "who"),
    [("agent", WRITERS), ("manager", LEADS), ("admin", ADMINS), ("owner", {"owner"}), ("viewer", WRITERS)],
)
def test_who_sees_whole_numbers(numbers_from: str, who: set[str]) -> None:
    assert {role for role in EVERYONE if sees_numbers(role, numbers_from=numbers_from)} == who


@pytest.mark.parametrize(
    ("role", "granted", "expected"),
    [
        ("owner", "owner", True),
        ("admin", "owner", False),
        ("admin", "admin", True),
        ("manager", "admin", False),
        ("agent", "viewer", True),
        ("owner", "emperor", False),
        ("emperor", "viewer", False),
    ],
)
def test_nobody_grants_more_than_they_have(role: str, granted: str, expected: bool) -> None:
    assert may_grant(role, granted) is expected


def test_require_refuses_with_words() -> None:
    viewer = Actor(kind="member", workspace_id=1, role="viewer", name="Ben", member_id=2)
    with pytest.raises(NotAllowed) as refused:
        require(viewer, Right.REPLY)
    assert (refused.value.code, refused.value.status) == ("not_allowed", 403)
    assert refused.value.sentence.endswith(".")


def test_twoway_itself_may_everything() -> None:
    assert all(may(system(1), right) for right in Right)


def test_audit_names_say_what_acted() -> None:
    assert Actor(kind="token", workspace_id=1, role="admin", name="Zapier").audit_name == "token: Zapier"
    assert system(1).audit_name == "system: Twoway"
    assert Actor(kind="member", workspace_id=1, role="admin", name="Ana", member_id=1).audit_name == "Ana"
