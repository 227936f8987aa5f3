"""Numbers: connecting one, checking it, sending a test text, and keys that never come back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.conftest import NOW, Player
from twoway.channels import queries
from twoway.channels.models import Channel
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

SID = "AC22222222222222222222222222222222"
SECRET = "0123456789abcdef0123456789abcdef"
NEW_SECRET = "fedcba9876543210fedcba9876543210"
FORM = {"address": "(503) 555-0117", "name": "Front desk", "key_account_sid": SID, "key_auth_token": SECRET}


@pytest.fixture
def twilio(ana: Player) -> Channel:
    ana.client.post(reverse("desk:settings_channel_add", args=["twilio"]), FORM)
    return Channel.objects.get(provider="twilio")


def page(player: Player, channel: Channel) -> str:
    return player.client.get(reverse("desk:settings_channel", args=[channel.pk])).content.decode()


def test_a_twilio_number_is_connected_and_shows_the_addresses_to_paste(ana: Player, twilio: Channel) -> None:
    assert twilio.address == "+15035550117"
    assert dict(queries.account(twilio).credentials) == {"account_sid": SID, "auth_token": SECRET}
    html = page(ana, twilio)
    assert f"http://127.0.0.1:8000/hooks/twilio/{twilio.hook}/inbound" in html
    assert f"http://127.0.0.1:8000/hooks/twilio/{twilio.hook}/status" in html


def test_keys_are_never_shown_again_not_even_in_a_form_with_an_error(ana: Player, twilio: Channel) -> None:
    assert SECRET not in page(ana, twilio)
    assert SID not in page(ana, twilio)
    answer = ana.client.post(reverse("desk:settings_channel_add", args=["twilio"]), {**FORM, "address": "12"})
    assert answer.status_code == 422
    assert SECRET not in answer.content.decode()


def test_what_a_provider_needs_is_asked_for_at_its_field(ana: Player) -> None:
    answer = ana.client.post(reverse("desk:settings_channel_add", args=["twilio"]), {"address": "+15035550117"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_key_account_sid_error"' in html
    assert 'id="id_key_auth_token_error"' in html
    assert 'id="id_key_api_key_sid_error"' not in html


def test_a_key_that_is_left_empty_stays(ana: Player, twilio: Channel) -> None:
    ana.client.post(reverse("desk:settings_channel_keys", args=[twilio.pk]), {"key_auth_token": NEW_SECRET})
    twilio.refresh_from_db()
    assert dict(queries.account(twilio).credentials) == {"account_sid": SID, "auth_token": NEW_SECRET}


def test_a_number_that_is_connected_already_is_refused(ana: Player, twilio: Channel) -> None:
    answer = ana.client.post(reverse("desk:settings_channel_add", args=["twilio"]), FORM)
    assert answer.status_code == 422
    assert "connected already" in answer.content.decode()


def test_an_unknown_provider_is_no_page(ana: Player) -> None:
    assert ana.client.get(reverse("desk:settings_channel_add", args=["pigeon"])).status_code in {404, 422}


def test_a_simulated_number_is_added_without_any_key(ana: Player, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Front desk", at=NOW)
    url = reverse("desk:settings_channel_add", args=["simulator"])
    ana.client.post(url, {"name": "Demo line", "team": str(team.pk)})
    made = Channel.objects.get(provider="simulator")
    assert (made.name, made.team, made.address[:8]) == ("Demo line", team, "+1503555")


def test_name_team_rate_and_who_answers_stop_are_changed(ana: Player, twilio: Channel) -> None:
    given = {"name": "Night line", "team": "", "rate": "12.5", "stop_handled_by": "us"}
    ana.client.post(reverse("desk:settings_channel", args=[twilio.pk]), given)
    twilio.refresh_from_db()
    assert (twilio.name, twilio.rate, twilio.stop_handled_by) == ("Night line", 12.5, "us")


def test_a_test_text_takes_the_road_of_every_text(ana: Player, channel: Channel) -> None:
    url = reverse("desk:settings_channel_test", args=[channel.pk])
    ana.client.post(url, {"to": "(503) 555-0178", "body": "Testing"})
    text = Message.objects.get()
    assert (text.recipient, text.body, text.status) == ("+15035550178", "Testing", "queued")
    wrong = ana.client.post(url, {"to": "nobody", "body": "Testing"})
    assert wrong.status_code == 422
    assert 'id="id_to_error"' in wrong.content.decode()


def test_a_check_says_in_words_what_is_wrong_and_keeps_it(ana: Player, workspace: Workspace) -> None:
    unreachable = make.make_channel(
        workspace,
        at=NOW,
        provider="twilio",
        credentials={"account_sid": SID, "auth_token": SECRET},
        settings={"api_base": "http://127.0.0.1:9"},
    )
    ana.client.post(reverse("desk:settings_channel_check", args=[unreachable.pk]))
    unreachable.refresh_from_db()
    assert unreachable.check_ok is False
    html = page(ana, unreachable)
    assert "Twilio can&#x27;t be asked" in html
    assert "Needs attention" in html


def test_switched_off_and_on_again(ana: Player, twilio: Channel) -> None:
    ana.client.post(reverse("desk:settings_channel_deactivate", args=[twilio.pk]))
    twilio.refresh_from_db()
    assert not twilio.is_active
    ana.client.post(reverse("desk:settings_channel_reactivate", args=[twilio.pk]))
    twilio.refresh_from_db()
    assert twilio.is_active
