"""General options, API tokens, and a member's own profile."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from tests import make
from tests.conftest import NOW, Player
from twoway.teams.models import ApiToken, Workspace
from twoway.teams.queries import actor_of_token

OPTIONS = {
    "name": "Tidy & Co.",
    "time_zone": "America/New_York",
    "region": "ca",
    "reply_validity": "86400",
    "help_text": "{business}: call 503 555 0100.",
    "stop_text": "",
    "start_text": "",
}


def test_options_are_saved(ana: Player, workspace: Workspace) -> None:
    assert ana.client.post(reverse("desk:settings_workspace"), OPTIONS).status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.time_zone, workspace.region) == ("Tidy & Co.", "America/New_York", "CA")
    assert workspace.reply_validity == 86_400
    assert workspace.help_text == "{business}: call 503 555 0100."


def test_a_country_that_is_none_is_refused_at_its_field(ana: Player) -> None:
    answer = ana.client.post(reverse("desk:settings_workspace"), {**OPTIONS, "region": "QQ"})
    assert answer.status_code == 422
    assert 'id="id_region_error"' in answer.content.decode()


def test_a_validity_set_by_command_is_kept(ana: Player, workspace: Workspace) -> None:
    workspace.reply_validity = 777
    workspace.save()
    html = ana.client.get(reverse("desk:settings_workspace")).content.decode()
    assert '<option value="777" selected>777 seconds</option>' in html


def test_segments_of_an_answer_are_counted_with_the_business_name(ana: Player) -> None:
    url = reverse("desk:settings_meter")
    plain = ana.client.post(f"{url}?kind=stop_text", {"stop_text": "{business}: stopped."}).content.decode()
    assert re.sub(r"<[^>]+>", "", plain).strip() == "GSM-7 · 27 · 1 segment"
    costly = ana.client.post(f"{url}?kind=stop_text", {"stop_text": "Bye 👋" * 20}).content.decode()
    assert "UCS-2" in costly
    assert "2 segments" in costly


def test_a_token_is_shown_once_works_and_is_revoked(ana: Player) -> None:
    answer = ana.client.post(reverse("desk:settings_token_add"), {"name": "Booking system", "role": "agent"})
    found = re.search(r'id="raw-token" value="(tw_[^"]+)"', answer.content.decode())
    assert found
    assert "no-store" in answer["Cache-Control"]
    actor = actor_of_token(found[1], NOW)
    assert actor is not None
    assert actor.role == "agent"
    token = ApiToken.objects.get()
    page = ana.client.get(reverse("desk:settings_tokens")).content.decode()
    assert found[1] not in page
    assert token.prefix in page
    ana.client.post(reverse("desk:settings_token_revoke", args=[token.pk]))
    assert actor_of_token(found[1], NOW) is None


def test_a_profile_is_saved_and_the_theme_is_on_the_page(ben: Player) -> None:
    client = ben.client
    client.post(reverse("desk:profile"), {"name": "Benjamin", "theme": "dark"})
    ben.member.user.refresh_from_db()
    assert (ben.member.user.name, ben.member.user.theme) == ("Benjamin", "dark")
    assert not ben.member.user.uses_single_keys
    html = client.get(reverse("desk:profile")).content.decode()
    assert 'data-theme="dark"' in html
    assert 'data-keys="off"' in html


def test_signing_out_elsewhere_ends_the_other_sessions_only(ben: Player) -> None:
    here, there = ben.client, ben.client
    url = reverse("desk:profile_sign_out_elsewhere")
    assert there.get(reverse("desk:profile")).status_code == 200
    assert here.post(url).status_code == 302
    assert here.get(reverse("desk:profile")).status_code == 200
    assert there.get(reverse("desk:profile")).status_code == 302
    again = Client().post(reverse("account_login"), {"login": "ben@example.com", "password": make.PASSWORD})
    assert again.status_code == 302
