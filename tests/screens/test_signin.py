"""Signing in: password, second step, recovery codes, password reset, limits; and pages without inline code."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests import make
from tests.conftest import Player
from tests.screens_rules import inline_code

SIGN_IN = "/account/sign-in/"


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def sign_in(client: Client, *, email: str = "ben@example.com", password: str = make.PASSWORD) -> str:
    """Where it leads, or the page that comes back."""
    answer = client.post(reverse("account_login"), {"login": email, "password": password})
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def confirm(client: Client) -> None:
    """Say once more that it is still you, as the pages of sign-in settings ask for."""
    answer = client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
    assert answer.status_code == 302


def code_of(secret: str, *, ahead: int = 0) -> str:
    """The code of this half minute, or of one `ahead` of it."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead)))


def turn_on_app(client: Client) -> str:
    """Turn on an authenticator app; its secret."""
    confirm(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'id="secret" value="([A-Z2-7]+)"', page)
    assert found
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(found[1])})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return found[1]


def test_email_and_password_lead_where_one_wanted_to_go(ben: Player) -> None:
    client = Client()
    asked = client.get(reverse("desk:profile"))
    answer = client.post(
        asked["Location"], {"login": "BEN@example.com", "password": make.PASSWORD, "next": "/profile/"}
    )
    assert answer["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200


def test_a_wrong_password_and_an_unknown_email_get_the_same_words(ben: Player) -> None:
    words = "That email and password don&#x27;t go together."
    assert words in sign_in(Client(), password="wrong horse battery")
    assert words in sign_in(Client(), email="nobody@example.com")


def test_no_address_elsewhere_is_followed_after_signing_in(ben: Player) -> None:
    answer = Client().post(
        SIGN_IN, {"login": "ben@example.com", "password": make.PASSWORD, "next": "https://evil.example/"}
    )
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


def test_after_five_failures_even_the_right_password_waits(ben: Player) -> None:
    for _ in range(5):
        sign_in(Client(), password="wrong horse battery")
    assert "Too many tries." in sign_in(Client())


def test_a_proxy_header_of_ones_own_making_does_not_lift_the_limit(ben: Player) -> None:
    for n in range(30):
        Client().post(
            SIGN_IN, {"login": f"x{n}@example.com", "password": "x"}, headers={"x-forwarded-for": f"10.0.0.{n}"}
        )
    answer = Client().post(
        SIGN_IN, {"login": "y@example.com", "password": "x"}, headers={"x-forwarded-for": "10.9.9.9"}
    )
    assert answer.status_code == 429
    assert "Too many tries." in answer.content.decode()


def test_signing_out_asks_first_and_needs_a_post(ben: Player) -> None:
    client = ben.client
    assert "Sign out?" in client.get(reverse("account_logout")).content.decode()
    assert client.get(reverse("desk:profile")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("desk:profile")).status_code == 302


def test_nobody_signs_up(ben: Player) -> None:
    assert Client().get("/account/signup/").status_code == 404


# The second step


def test_an_app_adds_a_step_and_recovery_codes_stand_in_for_it_once(ben: Player) -> None:
    client = Client()
    sign_in(client)
    secret = turn_on_app(client)
    codes = re.findall(
        r'<code class="mono">(\d+)</code>', client.get(reverse("mfa_view_recovery_codes")).content.decode()
    )
    assert len(codes) == 10
    client.post(reverse("account_logout"))

    assert sign_in(client) == reverse("mfa_authenticate")
    assert client.get(reverse("desk:profile")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert "That code isn&#x27;t right." in wrong
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    assert client.get(reverse("desk:profile")).status_code == 200
    client.post(reverse("account_logout"))

    sign_in(client)
    assert (
        "That code isn&#x27;t right." in client.post(reverse("mfa_authenticate"), {"code": codes[0]}).content.decode()
    )
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_clock_that_is_half_a_minute_off_still_signs_in(ben: Player) -> None:
    client = Client()
    sign_in(client)
    secret = turn_on_app(client)
    client.post(reverse("account_logout"))
    sign_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead=4)}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead=1)}).status_code == 302
    assert client.get(reverse("desk:profile")).status_code == 200


def test_secrets_are_encrypted_at_rest(ben: Player) -> None:
    client = Client()
    sign_in(client)
    turn_on_app(client)
    app = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    assert app.data["secret"].startswith("gAAAA")
    assert codes.data["seed"].startswith("gAAAA")


def test_turning_it_off_asks_whether_it_is_still_you(ben: Player) -> None:
    client = Client()
    sign_in(client)
    turn_on_app(client)
    stale = client.session
    for record in (records := stale["account_authentication_methods"]):
        record["at"] -= 86_400
    stale["account_authentication_methods"] = records
    stale.save()
    asked = client.get(reverse("mfa_deactivate_totp"))
    assert asked.status_code == 302
    page = client.get(asked["Location"]).content.decode()
    assert "Is it still you?" in page
    client.post(asked["Location"], {"password": make.PASSWORD})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


# Passwords


def link_in(message: str) -> str:
    found = re.search(r"http://\S+/password/reset/\S+", message)
    assert found
    return found[0]


def ask_for_link(**extra: str) -> None:
    answer = Client().post(reverse("account_reset_password"), {"email": "ben@example.com"}, headers=extra or None)
    assert answer["Location"] == reverse("account_reset_password_done")


def test_a_forgotten_password_is_set_anew_by_mail(ben: Player) -> None:
    ask_for_link()
    (message,) = mail.outbox
    assert message.to == ["ben@example.com"]
    client = Client()
    form = client.get(link_in(str(message.body)), follow=True)
    passwords = {"password1": "purple stapler moon", "password2": "purple stapler moon"}
    client.post(form.request["PATH_INFO"], passwords)
    assert sign_in(Client(), password="purple stapler moon") == "/"
    assert "doesn't work any more" in Client().get(link_in(str(message.body)), follow=True).content.decode()


def test_a_link_never_leads_where_the_one_who_asked_wants(ben: Player) -> None:
    ask_for_link(host="evil.example")
    (message,) = mail.outbox
    assert link_in(str(message.body)).startswith("http://127.0.0.1:8000/")
    assert "evil" not in str(message.body)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(ben: Player) -> None:
    answer = Client().post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert answer["Location"] == reverse("account_reset_password_done")
    assert not mail.outbox


def test_a_new_password_must_be_a_good_one_and_ends_other_sessions(ben: Player) -> None:
    here, there = Client(), ben.client
    sign_in(here)
    url = reverse("account_change_password")
    short = {"oldpassword": make.PASSWORD, "password1": "short", "password2": "short"}
    assert "at least 10 characters" in here.post(url, short).content.decode()
    good = {"oldpassword": make.PASSWORD, "password1": "purple stapler moon", "password2": "purple stapler moon"}
    assert here.post(url, good).status_code == 302
    assert here.get(reverse("desk:profile")).status_code == 200
    assert there.get(reverse("desk:profile")).status_code == 302


# Pages


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_reset_password", "account_reset_password_done", "account_inactive", "account_logout"],
)
def test_signed_out_pages_hold_no_inline_code(name: str, db: None, ana: Player) -> None:
    client = ana.client if name == "account_logout" else Client()
    assert inline_code(client.get(reverse(name)).content.decode()) == []


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "account_reauthenticate",
    ],
)
def test_security_pages_hold_no_inline_code(name: str, ben: Player) -> None:
    client = Client()
    sign_in(client)
    if "recovery" in name:
        turn_on_app(client)
    elif name != "account_reauthenticate":
        confirm(client)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert inline_code(answer.content.decode()) == []
