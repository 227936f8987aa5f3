"""The Roles page, and what members with roles of the workspace's own may open."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from tests.screens.test_settings_access import MATRIX, PLACES, things
from tests.screens_html import on_screen
from twoway.channels.models import Channel
from twoway.desk import urls_roles
from twoway.desk.role_words import GROUPS
from twoway.teams.models import Workspace
from twoway.teams.roles import actions as roles
from twoway.teams.roles.models import CustomRole
from twoway.teams.rules import RIGHTS, Right

__all__ = ["things"]

ROLES = Matrix(
    {
        "settings_roles": Place(methods=("GET",), roles=ADMINS),
        "settings_role_add": Place(methods=("GET", "POST"), roles=ADMINS),
        "settings_role": Place(methods=("GET", "POST"), roles=ADMINS, key="role_id"),
        "settings_role_delete": Place(methods=("POST",), roles=ADMINS, key="role_id"),
    }
)
AGENT_WITH_COSTS = sorted({right.value for right in RIGHTS["agent"]} | {"see_costs"})


@pytest.fixture
def own(ana: Player) -> dict[str, object]:
    return {"role_id": roles.add_role(by=ana.actor, name="Reader", base="viewer", rights=["tag"], at=NOW).pk}


def with_role(ana: Player, *, base: str, rights: list[str]) -> Player:
    role = roles.add_role(by=ana.actor, name=f"Own {base}", base=base, rights=rights, at=NOW)
    workspace = ana.member.workspace
    return Player(member=make.make_member(workspace, "Kim", role=base, custom_role=role, at=NOW))


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_roles.urlpatterns} == set(ROLES.places) | {"profile_sign_out_device"}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, own: dict[str, object], workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    assert ROLES.wrong_for_role(player, own) == {}


def test_others(own: dict[str, object], ana: Player, cleo: Player) -> None:
    assert ROLES.open_to_nobody(own) == {}
    assert ROLES.found_by_stranger(cleo, own) == {}
    assert ROLES.taken_without_token(ana, own) == {}
    assert ROLES.written_by_link(ana, own) == {}


def test_a_reader_who_tags_opens_what_everybody_does_and_the_tags(things: dict[str, object], ana: Player) -> None:
    kim = with_role(ana, base="viewer", rights=["tag"])
    tags = {"settings_tags", "settings_tag", "settings_tag_delete"}
    assert MATRIX.refused_to(kim, things) == {n for n, p in PLACES.items() if p.roles != EVERYBODY} - tags


def test_an_agent_who_sees_costs_opens_an_agents_pages_and_the_costs(things: dict[str, object], ana: Player) -> None:
    kim = with_role(ana, base="agent", rights=AGENT_WITH_COSTS)
    closed = {n for n, p in PLACES.items() if not p.roles >= TEXTERS}
    assert MATRIX.refused_to(kim, things) == closed - {"settings_costs", "settings_prices"}
    assert all(PLACES[name].roles == MANAGERS for name in ("settings_costs", "settings_prices"))
    offered = kim.client.get(reverse("desk:settings")).content.decode()
    assert reverse("desk:settings_costs") in offered
    assert reverse("desk:settings_members") not in offered


def test_an_admin_without_people_does_not_open_them(things: dict[str, object], ana: Player) -> None:
    """Fewer rights than the base count too."""
    kim = with_role(ana, base="admin", rights=sorted(RIGHTS["admin"] - {Right.MANAGE_MEMBERS}))
    assert MATRIX.refused_to(kim, things) == {n for n in PLACES if n.startswith(("settings_member", "settings_invit"))}


def test_a_reader_who_tags_does_so_in_the_inbox_and_answers_nobody(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    kim = with_role(ana, base="viewer", rights=["tag"])
    headers = on_screen(open_id=talk.pk)
    asked = {"tag": {"name": "VIP"}, "reply": {"body": "Hi", "key": "k"}, "done": {}, "assign": {"member": "me"}}
    answers = {
        name: kim.client.post(reverse(f"desk:{name}", args=[talk.pk]), given, headers=headers).status_code
        for name, given in asked.items()
    }
    assert answers == {"tag": 200, "reply": 403, "done": 403, "assign": 403}


def test_a_role_is_made_changed_given_and_deleted_on_the_pages(ana: Player, ben: Player) -> None:
    client = ana.client
    url = reverse("desk:settings_role_add")
    assert client.post(url, {"name": "Reader", "base": "viewer", "rights": ["tag"]}).status_code == 302
    role = CustomRole.objects.get()
    assert role.rights == ["read", "tag"]
    page = reverse("desk:settings_role", args=[role.pk])
    client.post(page, {"name": "Reader", "base": "viewer", "rights": ["tag", "see_costs"]})
    client.post(reverse("desk:settings_member", args=[ben.id]), {"role": f"role-{role.pk}"})
    assert ben.actor.rights == frozenset({"read", "tag", "see_costs"})
    assert "Reader" in client.get(reverse("desk:settings_members")).content.decode()
    client.post(reverse("desk:settings_role_delete", args=[role.pk]))
    now = ben.actor
    assert now.role == "viewer"
    assert now.rights is None


def test_boxes_of_rights_one_lacks_are_still(ana: Player) -> None:
    kim = with_role(ana, base="admin", rights=["manage_roles", "tag"])
    html = kim.client.get(reverse("desk:settings_role_add")).content.decode()
    assert '<input type="checkbox" name="rights" value="tag" checked>' in html
    assert '<input type="checkbox" name="rights" value="manage_tokens" disabled>' in html


def test_every_right_is_put_into_words_once() -> None:
    named = [right for _, rows in GROUPS for right, _, _ in rows]
    assert sorted(named) == sorted(Right)
