"""Connecting a number of Plivo, Vonage or Sinch on the channels page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.conftest import Player
from tests.providers.cases.vonage import PEM
from tests.providers.recorded_cases import ACCOUNTS
from twoway.channels import queries
from twoway.channels.models import Channel

SLUGS = ("plivo", "sinch", "vonage", "vonage_sms")
every_carrier = pytest.mark.parametrize("slug", SLUGS)


def form(slug: str, **changes: str) -> dict[str, str]:
    keys = {f"key_{key}": value for key, value in ACCOUNTS[slug].credentials.items()}
    return {"address": "(415) 555-0199", "name": "Front desk", **keys, **changes}


def add(player: Player, slug: str, **changes: str) -> str:
    answer = player.client.post(reverse("desk:settings_channel_add", args=[slug]), form(slug, **changes), follow=True)
    return answer.content.decode()


@every_carrier
def test_it_is_offered_with_words(ana: Player, slug: str) -> None:
    html = ana.client.get(reverse("desk:settings_channel_choose")).content.decode()
    assert reverse("desk:settings_channel_add", args=[slug]) in html
    assert queries.provider_of(slug).name in html


@every_carrier
def test_it_is_connected_and_shows_the_address_to_paste(ana: Player, slug: str) -> None:
    html = add(ana, slug)
    channel = Channel.objects.get(provider=slug)
    assert channel.address == "+14155550199"
    assert dict(queries.account(channel).credentials) == dict(ACCOUNTS[slug].credentials)
    has_secret = "url_secret" in ACCOUNTS[slug].credentials
    for kind in ("inbound", "status"):
        assert (f"/{kind}?key=YOUR_URL_SECRET{chr(34)}" in html) is has_secret
    assert ("Write your address secret in place of" in html) is has_secret
    for field in queries.provider_of(slug).fields:
        assert not field.secret or ACCOUNTS[slug].credentials.get(field.key, "not given") not in html


@every_carrier
def test_every_key_that_is_needed_is_asked_for(ana: Player, slug: str) -> None:
    for field in queries.provider_of(slug).fields:
        if field.required:
            html = add(ana, slug, **{f"key_{field.key}": ""})
            assert "This field is required." in html
    assert not Channel.objects.filter(provider=slug).exists()


@pytest.mark.parametrize(("slug", "key", "value", "words"), [
    ("plivo", "url_secret", "short", "16 letters or longer"),
    ("sinch", "url_secret", "short", "16 letters or longer"),
    ("sinch", "region", "moon", "Write one of: us, eu"),
    ("vonage_sms", "signature_method", "crc32", "Write one of: md5, sha1"),
    ("vonage", "private_key", "-----BEGIN PRIVATE KEY-----AA-----END PRIVATE KEY-----", "no private key"),
])  # fmt: skip
def test_a_key_that_cannot_be_right_is_said(ana: Player, slug: str, key: str, value: str, words: str) -> None:
    html = add(ana, slug, **{f"key_{key}": value})
    assert words in html
    assert not Channel.objects.filter(provider=slug).exists()


def test_a_private_key_may_be_pasted_with_its_lines(ana: Player) -> None:
    add(ana, "vonage", key_private_key=PEM)
    kept = queries.account(Channel.objects.get()).credentials["private_key"]
    assert kept == PEM.replace("\n", "")
