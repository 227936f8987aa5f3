"""People and teams: adding, changing, switching off, and the password link that stands in for a mail."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.conftest import NOW, Player
from twoway.events.models import AuditEntry
from twoway.teams.models import Member, Team, User, Workspace

ADD = {"name": "Dee", "email": "dee@example.com", "role": "agent"}


def add(player: Player, **fields: object) -> str:
    return player.client.post(reverse("desk:settings_member_add"), {**ADD, **fields}).content.decode()


def link_in(html: str) -> str:
    found = re.search(r'id="password-link" value="([^"]+)"', html)
    assert found, "no password link on the page"
    return found[1]


def test_a_person_who_is_added_sets_a_password_with_the_link_and_is_in(ana: Player, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Front desk", at=NOW)
    link = link_in(add(ana, teams=[team.pk]))
    assert link.startswith("http://127.0.0.1:8000/account/password/reset/")
    browser = Client()
    form = browser.get(link, follow=True)
    answer = browser.post(
        form.request["PATH_INFO"], {"password1": "purple stapler moon", "password2": "purple stapler moon"}
    )
    assert answer.status_code == 302
    dee = Member.objects.get(user__email="dee@example.com")
    assert dee.user.check_password("purple stapler moon")
    assert list(dee.teams.all()) == [team]
    signed_in = browser.post(reverse("account_login"), {"login": "dee@example.com", "password": "purple stapler moon"})
    assert signed_in.status_code == 302
    assert Client().get(link, follow=True).context["token_fail"]


def test_the_link_is_shown_once_and_its_making_is_in_the_audit_trail(ana: Player, ben: Player) -> None:
    answer = ana.client.post(reverse("desk:settings_member_link", args=[ben.id]))
    link = link_in(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert link not in ana.client.get(reverse("desk:settings_member", args=[ben.id])).content.decode()
    assert AuditEntry.objects.filter(action="member.password_link_made", subject=f"member {ben.id}").count() == 1


def test_an_admin_makes_no_link_for_an_owner(ana: Player, workspace: Workspace) -> None:
    admin = Player(member=make.make_member(workspace, "Mia", role="admin", at=NOW))
    assert admin.client.post(reverse("desk:settings_member_link", args=[ana.id])).status_code == 403


def test_nobody_makes_a_link_for_an_account_of_another_workspace(ana: Player, cleo: Player) -> None:
    html = add(ana, email=cleo.member.user.email, name="Somebody")
    assert "password-link" not in html
    here = Member.objects.get(user=cleo.member.user, workspace=ana.member.workspace)
    assert ana.client.post(reverse("desk:settings_member_link", args=[here.pk])).status_code == 403
    assert cleo.member.user.check_password(make.PASSWORD)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "ben@example.com"}, "They are a member already."),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"name": " "}, "This field is required."),
        ({"role": "emperor"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(ana: Player, ben: Player, fields: dict[str, str], words: str) -> None:
    answer = ana.client.post(reverse("desk:settings_member_add"), {**ADD, **fields})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    wrong = f"id_{next(iter(fields))}"
    assert re.search(rf'<(input|select)[^>]*aria-describedby="[^"]*{wrong}_error[^>]*', html)
    assert f'id="{wrong}_error"' in html


def test_an_admin_is_not_offered_the_owners_role(ana: Player, workspace: Workspace) -> None:
    admin = Player(member=make.make_member(workspace, "Mia", role="admin", at=NOW))
    assert 'value="owner"' not in admin.client.get(reverse("desk:settings_member_add")).content.decode()
    answer = admin.client.post(reverse("desk:settings_member_add"), {**ADD, "role": "owner"})
    assert answer.status_code == 422
    assert not User.objects.filter(email="dee@example.com").exists()


def test_role_and_sight_are_changed(ana: Player, ben: Player) -> None:
    ana.client.post(reverse("desk:settings_member", args=[ben.id]), {"role": "viewer", "sees_own_teams_only": "on"})
    ben.member.refresh_from_db()
    assert (ben.member.role, ben.member.sees_own_teams_only) == ("viewer", True)


def test_the_last_owner_stays_one(ana: Player) -> None:
    answer = ana.client.post(reverse("desk:settings_member", args=[ana.id]), {"role": "agent"})
    assert "This is the last owner." in answer.content.decode()
    ana.member.refresh_from_db()
    assert ana.member.role == "owner"


def test_switched_off_and_on_again(ana: Player, ben: Player) -> None:
    session = ben.client
    ana.client.post(reverse("desk:settings_member_deactivate", args=[ben.id]))
    assert session.get(reverse("desk:profile")).status_code == 302
    page = ana.client.get(reverse("desk:settings_member", args=[ben.id])).content.decode()
    assert "Switch on again" in page
    ana.client.post(reverse("desk:settings_member_restore", args=[ben.id]))
    ben.member.user.refresh_from_db()
    assert ben.client.get(reverse("desk:profile")).status_code == 200


def test_a_team_is_made_changed_and_deleted(ana: Player, ben: Player) -> None:
    ana.client.post(reverse("desk:settings_team_add"), {"name": "Roadside", "members": [ben.id]})
    team = Team.objects.get(name="Roadside")
    assert list(team.members.all()) == [ben.member]
    ana.client.post(reverse("desk:settings_team", args=[team.pk]), {"name": "Night shift", "members": [ana.id]})
    team.refresh_from_db()
    assert team.name == "Night shift"
    assert list(team.members.all()) == [ana.member]
    ana.client.post(reverse("desk:settings_team_delete", args=[team.pk]))
    assert not Team.objects.filter(pk=team.pk).exists()


def test_two_teams_can_not_have_one_name(ana: Player, workspace: Workspace) -> None:
    make.make_team(workspace, "Roadside", at=NOW)
    answer = ana.client.post(reverse("desk:settings_team_add"), {"name": "roadside"})
    assert answer.status_code == 422
    assert "There is a team with this name." in answer.content.decode()
