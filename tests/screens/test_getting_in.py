"""The page of an invitation, the People page's part in it, and the devices somebody is signed in on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests import make
from tests.cast import Player
from twoway.teams import sessions
from twoway.teams.inviting.models import Invitation
from twoway.teams.models import User, Workspace

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)


def invited(ana: Player, **changes: Any) -> str:
    """The path of the link the page shows."""
    given = {"email": "dee@example.com", "role": "agent", "days": "7", **changes}
    html = ana.client.post(reverse("desk:settings_invite"), given).content.decode()
    found = re.search(r'id="invite-link" value="[^"]*?(/account/invited/[^"]+)"', html)
    assert found is not None
    return found[1]


def test_an_invitation_makes_an_account_and_signs_in(ana: Player, workspace: Workspace) -> None:
    link, client = invited(ana), Client()
    page = client.get(link).content.decode()
    assert f"Join {workspace.name}" in page
    assert "dee@example.com" in page
    weak = client.post(link, {"name": "Dee", "password": "short"})
    assert weak.status_code == 422
    assert client.post(link, {"name": "Dee", "password": make.PASSWORD}).status_code == 302
    assert client.get(reverse("desk:profile")).status_code == 200
    assert User.objects.get(email="dee@example.com").check_password(make.PASSWORD)
    assert Client().get(link).status_code == 410


def test_without_an_address_whoever_has_the_link_names_theirs(ana: Player) -> None:
    link, client = invited(ana, email=""), Client()
    taken = client.post(link, {"name": "X", "email": "ana@example.com", "password": make.PASSWORD})
    assert "There is an account with this address." in taken.content.decode()
    assert client.post(link, {"name": "Dee", "email": "dee@example.com", "password": make.PASSWORD}).status_code == 302


def test_somebody_with_an_account_signs_in_first_and_joins(ana: Player, cleo: Player, workspace: Workspace) -> None:
    link = invited(ana, email="cleo@example.com")
    assert "Sign in to join" in Client().get(link).content.decode()
    client = cleo.client
    assert "Join as Cleo" in client.get(link).content.decode()
    assert client.post(link).status_code == 302
    assert workspace.name in client.get(reverse("desk:profile")).content.decode()


def test_an_invitation_for_somebody_else_is_not_taken(ana: Player, ben: Player) -> None:
    link = invited(ana)
    assert "this invitation is for dee@example.com" in ben.client.get(link).content.decode()
    assert ben.client.post(link).status_code == 403
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize("do", ["renew", "revoke"])
def test_the_old_link_is_gone_at_once(ana: Player, do: str) -> None:
    link = invited(ana)
    found = Invitation.objects.get()
    ana.client.post(reverse(f"desk:settings_invitation_{do}", args=[found.pk]))
    assert Client().get(link).status_code == 410


def test_it_is_mailed_when_there_is_a_mail_server(ana: Player, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.com"
    link = invited(ana)
    assert [one.to for one in mail.outbox] == [["dee@example.com"]]
    assert f"{settings.PUBLIC_URL}{link}" in str(mail.outbox[0].body)


def test_too_many_tries_have_to_wait(db: None, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"invitation": "3/m/ip"}
    client, url = Client(REMOTE_ADDR="203.0.113.7"), reverse("invited", args=["x" * 43])
    assert [client.get(url).status_code for _ in range(4)] == [410, 410, 410, 429]


def test_an_invitation_needs_its_forms_token(ana: Player) -> None:
    link = invited(ana)
    assert Client(enforce_csrf_checks=True).post(link, {"name": "D", "password": make.PASSWORD}).status_code == 403


# Devices -------------------------------------------------------------------------------------------------------------


def signed_in(player: Player, agent: str, address: str) -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    given = {"login": player.member.user.email, "password": make.PASSWORD}
    assert client.post(reverse("account_login"), given).status_code == 302
    return client


def test_one_sees_where_one_is_signed_in_and_ends_one(ben: Player) -> None:
    here, there = signed_in(ben, FIREFOX, "203.0.113.7"), signed_in(ben, SAFARI, "2001:db8::7")
    html = here.get(reverse("desk:profile")).content.decode()
    for words in ("Firefox 140 on Linux", "203.0.113.7", "This device", "Safari 18 on iPhone", "2001:db8::7"):
        assert words in html
    [other] = [one for one in sessions.devices(ben.member.user, here=here.session.session_key) if not one.is_here]
    assert here.post(reverse("desk:profile_sign_out_device", args=[other.id])).status_code == 302
    assert there.get(reverse("desk:profile")).status_code == 302
    assert here.get(reverse("desk:profile")).status_code == 200


def test_nobody_ends_somebody_elses_session(ana: Player, ben: Player) -> None:
    bens = signed_in(ben, CHROME, "203.0.113.7")
    [device] = sessions.devices(ben.member.user, here=None)
    assert ana.client.post(reverse("desk:profile_sign_out_device", args=[device.id])).status_code == 404
    assert bens.get(reverse("desk:profile")).status_code == 200


def test_an_admin_signs_a_member_out_everywhere(ana: Player, ben: Player) -> None:
    clients = [signed_in(ben, CHROME, "203.0.113.7"), ben.client]
    assert ana.client.post(reverse("desk:settings_member_sign_out", args=[ben.id])).status_code == 302
    assert [one.get(reverse("desk:profile")).status_code for one in clients] == [302, 302]
    assert ana.client.get(reverse("desk:profile")).status_code == 200


def test_switching_somebody_off_ends_their_sessions(ana: Player, ben: Player) -> None:
    client = signed_in(ben, CHROME, "203.0.113.7")
    ana.client.post(reverse("desk:settings_member_deactivate", args=[ben.id]))
    assert sessions.devices(ben.member.user, here=None) == []
    assert client.get(reverse("desk:live_ticket")).status_code in {302, 401}


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (FIREFOX, "Firefox 140", "Linux"),
        (SAFARI, "Safari 18", "iPhone"),
        (CHROME, "Chrome 138", "Windows"),
        (CHROME + " Edg/138.0.0.0", "Edge 138", "Windows"),
        ("curl/8.5", "", ""),
    ],
)
def test_browsers_are_told_apart(agent: str, browser: str, system: str) -> None:
    assert (sessions.browser_of(agent), sessions.system_of(agent)) == (browser, system)
