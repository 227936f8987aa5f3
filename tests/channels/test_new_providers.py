"""Numbers of Telnyx, Bandwidth, Bird and a phone: connected in the desk, and checked over real HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from tests.cast import Player
from tests.fakes.http_server import Answer
from tests.providers.recorded_cases import ACCOUNTS
from tests.providers.serving import serving
from twoway.channels import actions, queries, urls
from twoway.channels.models import Channel
from twoway.providers import registry
from twoway.teams.actor import system

SLUGS = ("android", "bandwidth", "bird", "bird_channels", "messagebird", "telnyx")
every_one = pytest.mark.parametrize("slug", SLUGS)


def typed(slug: str) -> dict[str, str]:
    return {f"key_{key}": value for key, value in ACCOUNTS[slug].credentials.items()}


def connect(player: Player, slug: str, **changes: str) -> int:
    form = {"address": "+14155550199", "name": "Front desk", **typed(slug), **changes}
    return player.client.post(reverse("desk:settings_channel_add", args=[slug]), form).status_code


@every_one
def test_it_is_offered_with_words_and_asks_for_its_fields(ana: Player, slug: str) -> None:
    provider = registry.get(slug)
    offered = ana.client.get(reverse("desk:settings_channel_choose")).content.decode()
    assert provider.name in offered
    assert reverse("desk:settings_channel_add", args=[slug]) in offered
    asked = ana.client.get(reverse("desk:settings_channel_add", args=[slug])).content.decode()
    for field in provider.fields:
        assert f'name="key_{field.key}"' in asked


@every_one
def test_it_is_connected_in_the_desk_and_no_secret_comes_back(ana: Player, slug: str) -> None:
    assert connect(ana, slug) == 302
    made = Channel.objects.get(provider=slug)
    assert dict(queries.account(made).credentials) == dict(ACCOUNTS[slug].credentials)
    assert made.stop_handled_by == ("provider" if registry.get(slug).handles_stop else "us")
    assert made.rate == registry.get(slug).rate
    page = ana.client.get(reverse("desk:settings_channel", args=[made.pk])).content.decode()
    assert urls.inbound_url(made) in page
    for field in registry.get(slug).fields:
        assert not field.secret or ACCOUNTS[slug].credentials.get(field.key, "not given") not in page


@every_one
def test_what_it_needs_is_asked_for_at_its_field(ana: Player, slug: str) -> None:
    required = [field.key for field in registry.get(slug).fields if field.required]
    answer = ana.client.post(reverse("desk:settings_channel_add", args=[slug]), {"address": "+14155550199"})
    assert answer.status_code == 422
    for key in required:
        assert f'id="id_key_{key}_error"' in answer.content.decode()


@pytest.mark.parametrize(
    ("slug", "key", "value"),
    [("telnyx", "public_key", "KEY017A"), ("bird", "webhook_secret", "whsec_!"), ("android", "sim", "SIM 1")],
)
def test_what_cannot_be_right_is_said_at_its_field(ana: Player, slug: str, key: str, value: str) -> None:
    assert connect(ana, slug, **{f"key_{key}": value}) == 422
    assert not Channel.objects.filter(provider=slug).exists()


def test_a_telnyx_profile_is_a_pool_and_a_phone_begins_slowly(ana: Player) -> None:
    connect(ana, "telnyx")
    connect(ana, "android")
    assert Channel.objects.get(provider="telnyx").service_id == "16fd2706-8baf-433b-82eb-8c7fada847da"
    assert Channel.objects.get(provider="android").rate == 0.1


@every_one
@pytest.mark.parametrize("status", [200, 401, 404, 500])
def test_a_check_over_real_http_says_a_sentence(ana: Player, slug: str, status: int) -> None:
    connect(ana, slug)
    made = Channel.objects.get(provider=slug)
    operator = system(ana.member.workspace_id)
    with serving(lambda request: Answer(status, b"{}")) as server:
        actions.update_channel(by=operator, channel=made, settings={"api_base": server.url}, at=made.created_at)
        made.refresh_from_db()
        checked = queries.check(made)
        assert len(server.seen) == 1
    assert server.seen[0].headers["authorization"]
    assert checked.detail.endswith(".")
    assert not checked.ok


def test_a_phone_in_the_shops_own_network_is_named_by_the_operator_alone(ana: Player) -> None:
    connect(ana, "android")
    made = Channel.objects.get(provider="android")
    operator = system(ana.member.workspace_id)
    actions.update_channel(
        by=operator, channel=made, settings={"api_base": "http://192.168.1.50:8080"}, at=made.created_at
    )
    made.refresh_from_db()
    asked = registry.get("android").check(replace(queries.account(made)))
    assert asked is not None
    assert asked.url == "http://192.168.1.50:8080/webhooks"
