"""Single sign-on against a provider that signs real tokens: who gets in, and what is not believed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.fakes.identity_provider import CLIENT_ID, SECRET, IdentityProvider, new_key
from twoway.lib import oidc, oidc_asking
from twoway.teams import actions
from twoway.teams.inviting import actions as inviting
from twoway.teams.inviting.models import SignOn
from twoway.teams.models import Member, User, Workspace


@pytest.fixture
def provider(settings: Any, workspace: Workspace) -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        settings.SSO_ISSUER, settings.SSO_CLIENT_ID, settings.SSO_CLIENT_SECRET = running.issuer, CLIENT_ID, SECRET
        settings.ACCOUNT_RATE_LIMITS = {}
        yield running


def go(provider: IdentityProvider, client: Client | None = None, *, onward: str = "") -> tuple[Client, Any]:
    """Through the provider and back: the browser and the last answer."""
    client = client or Client()
    begun = client.get(reverse("sso"), {"next": onward})
    assert begun.status_code == 302, begun.content
    assert begun["Location"].startswith(f"{provider.issuer}/authorize?")
    return client, client.get(provider.sign_in(begun["Location"]))


def is_in(client: Client) -> bool:
    return client.get(reverse("desk:profile")).status_code == 200


def words_of(client: Client) -> str:
    return client.get(reverse("account_login")).content.decode()


def test_a_member_gets_in_and_stays_bound_to_their_subject(provider: IdentityProvider, ben: Player) -> None:
    provider.claims = {"email": "Ben@Example.com"}
    client, answer = go(provider, onward="/profile/")
    assert answer["Location"] == "/profile/"
    assert is_in(client)
    provider.claims = {"email": "renamed@example.com"}
    assert is_in(go(provider)[0])
    assert SignOn.objects.get().user == ben.member.user


def test_the_way_back_works_once_and_in_its_own_browser(provider: IdentityProvider, settings: Any) -> None:
    settings.SSO_ROLE = "agent"
    client = Client()
    back = provider.sign_in(client.get(reverse("sso"))["Location"])
    stranger = Client()
    stranger.get(back)
    assert not is_in(stranger)
    client.get(back)
    assert is_in(client)
    client.post(reverse("account_logout"))
    client.get(back)
    assert not is_in(client)


def test_a_state_that_is_not_ours_is_refused(provider: IdentityProvider, settings: Any) -> None:
    settings.SSO_ROLE = "agent"
    client = Client()
    back = provider.sign_in(client.get(reverse("sso"))["Location"])
    client.get(back.replace("state=", "state=x"))
    assert "begun elsewhere" in words_of(client)
    assert not is_in(client)


def wrong(now: int) -> dict[str, dict[str, Any]]:
    return {
        "expired": {"exp": now - 3600},
        "another audience": {"aud": "somebody else"},
        "shared with another": {"aud": [CLIENT_ID, "other"], "azp": "other"},
        "another issuer": {"iss": "https://elsewhere.example.com"},
        "another nonce": {"nonce": "x"},
        "no nonce": {"nonce": None},
        "nobody": {"sub": None},
        "unverified": {"email_verified": False},
        "silent about it": {"email_verified": None},
        "no address": {"email": None},
        "not yet": {"nbf": now + 3600},
    }


@pytest.mark.parametrize("what", sorted(wrong(0)))
def test_what_a_token_may_not_say(provider: IdentityProvider, settings: Any, what: str) -> None:
    settings.SSO_ROLE = "agent"
    provider.claims = wrong(int(time.time()))[what]
    client, _ = go(provider)
    assert not is_in(client)
    assert not User.objects.filter(email="dee@example.com").exists()


def test_a_token_signed_with_another_key_is_refused(provider: IdentityProvider, settings: Any) -> None:
    settings.SSO_ROLE = "agent"
    provider.signs_with = new_key()
    assert not is_in(go(provider)[0])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_real_signature_is_refused(provider: IdentityProvider, algorithm: str) -> None:
    client = oidc.Client(issuer=provider.issuer, client_id=CLIENT_ID, redirect_uri="http://127.0.0.1/x")
    now = int(time.time())
    claims = {"iss": provider.issuer, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 60, "nonce": "n"}
    token = jwt.encode(claims, "x" * 32 if algorithm == "HS256" else "", algorithm=algorithm, headers={"kid": "one"})
    keys = provider.get("/keys")[1]
    assert isinstance(keys, dict)
    with pytest.raises(oidc.Failed):
        oidc_asking.believed(client, token=token, keys=keys, nonce="n")


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example.com"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"token_endpoint": "https://10.0.0.1/token"},
        {"jwks_uri": "https://169.254.169.254/keys"},
        {"jwks_uri": "https://localhost/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": ""},
    ],
)
def test_a_document_that_leads_elsewhere_is_refused(provider: IdentityProvider, document: dict[str, str]) -> None:
    provider.document = document
    client = Client()
    assert client.get(reverse("sso"))["Location"] == reverse("account_login")
    assert "can&#x27;t be reached" in words_of(client)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{" + b" " * (oidc_asking.MOST_READ + 1) + b"}"])
def test_answers_that_are_no_document(provider: IdentityProvider, body: bytes) -> None:
    provider.answers = body
    assert Client().get(reverse("sso"))["Location"] == reverse("account_login")


def test_unknown_people_are_let_in_only_with_a_role_for_them(
    provider: IdentityProvider, settings: Any, workspace: Workspace
) -> None:
    client, _ = go(provider)
    assert "Nobody added you here yet." in words_of(client)
    settings.SSO_ROLE = "viewer"
    assert is_in(go(provider)[0])
    member = Member.objects.get(user__email="dee@example.com")
    assert (member.workspace, member.role, member.user.has_usable_password()) == (workspace, "viewer", False)


def test_only_addresses_of_the_listed_domains(provider: IdentityProvider, settings: Any) -> None:
    settings.SSO_ROLE, settings.SSO_DOMAINS = "agent", ["Example.org"]
    client, _ = go(provider)
    assert "Addresses of this domain" in words_of(client)
    provider.claims = {"email": "dee@example.org"}
    assert is_in(go(provider)[0])
    provider.claims = {"email": "eve@evil.example.org", "sub": "1002"}
    assert not is_in(go(provider)[0])


def test_an_account_whose_address_nobody_verified_is_not_handed_over(provider: IdentityProvider, ben: Player) -> None:
    EmailAddress.objects.filter(user=ben.member.user).update(verified=False)
    provider.claims = {"email": "ben@example.com"}
    assert not is_in(go(provider)[0])


def test_an_address_that_moved_on_to_somebody_else_opens_nothing(provider: IdentityProvider, settings: Any) -> None:
    settings.SSO_ROLE = "agent"
    assert is_in(go(provider)[0])
    provider.claims = {"sub": "2002"}
    assert not is_in(go(provider)[0])


def test_who_was_switched_off_stays_out(provider: IdentityProvider, settings: Any, ana: Player) -> None:
    settings.SSO_ROLE = "agent"
    go(provider)
    actions.deactivate_member(by=ana.actor, member=Member.objects.get(user__email="dee@example.com"), at=NOW)
    client, _ = go(provider)
    assert "switched off" in words_of(client)
    assert not is_in(client)


def test_an_invitation_lets_in_by_single_sign_on(provider: IdentityProvider, ana: Player) -> None:
    _, raw = inviting.invite(by=ana.actor, role="manager", email="dee@example.com", at=timezone.now())
    client, _ = go(provider, onward=reverse("invited", args=[raw]))
    assert is_in(client)
    assert Member.objects.get(user__email="dee@example.com").role == "manager"


def test_only_single_sign_on_leaves_owners_their_password(
    provider: IdentityProvider, settings: Any, ana: Player, ben: Player
) -> None:
    settings.SSO_ONLY, settings.SSO_NAME = True, "Acme"
    for player, way_in in ((ben, False), (ana, True)):
        client = Client()
        given = {"login": player.member.user.email, "password": make.PASSWORD}
        client.post(reverse("account_login"), given)
        assert is_in(client) is way_in
    assert "Sign in with Acme" in words_of(Client())


def test_without_a_provider_there_is_no_way_in(db: None, workspace: Workspace) -> None:
    assert Client().get(reverse("sso")).status_code == 404
    assert Client().get(reverse("sso_returned")).status_code == 404
    assert reverse("sso") not in words_of(Client())
