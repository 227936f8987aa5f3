"""Getting, connecting, text-enabling and giving back a number, as an owner does it on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.conftest import NOW, Player
from tests.fakes.numbers.twilio import Twilio
from tests.providers.carrier_world import running
from tests.providers.serving import serving
from tests.screens_html import html_of, plain
from tests.screens_rules import inline_code
from twoway.channels.health.actions import pause_channel
from twoway.channels.models import Channel, HostOrder, NumberRecord, ProviderAccount
from twoway.channels.numbers import actions, jobs, queries
from twoway.events.models import AuditEntry
from twoway.providers.http import call_sync
from twoway.providers.numbers import NumberKind, Offered, carry_out
from twoway.providers.simulator_carrier import Carrier
from twoway.teams import actor as actors
from twoway.teams.models import Workspace

SID, TOKEN = "AC" + "2" * 32, "0123456789abcdef0123456789abcdef"
NUMBER = "+15035550142"


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[str]:
    with running(Carrier(tmp_path / "carrier.sqlite3", settings.CARRIER_KEY, prefix="/carrier", seed=1)) as base:
        yield base


@pytest.fixture
def account(ana: Player, carrier: str) -> ProviderAccount:
    """The simulated carrier's account, at a port of the test."""
    operator = actors.system(ana.actor.workspace_id)
    return actions.keep_account(by=operator, provider="simulator", given={}, settings={"api_base": carrier}, at=NOW)


@pytest.fixture
def twilio(ana: Player) -> Iterator[tuple[Twilio, Channel]]:
    """A number bought at a server that speaks Twilio's API."""
    credentials = {"account_sid": SID, "auth_token": TOKEN}
    fake = Twilio(credentials=credentials)
    with serving(fake.answer) as server:
        operator = actors.system(ana.actor.workspace_id)
        given = {"api_base": server.url}
        kept = actions.keep_account(by=operator, provider="twilio", given=credentials, settings=given, at=NOW)
        made = jobs.buy(
            by=ana.actor, kept=kept, number=NUMBER, country="US", kind=NumberKind.LOCAL, at=NOW, name="Front desk"
        )
        yield fake, made.channel


def at(name: str, key: object = None) -> str:
    return reverse(f"desk:settings_number_{name}", args=[] if key is None else [key])


def page(client: Client, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    html = html_of(answer)
    assert inline_code(html) == []
    return html


def test_a_number_is_searched_bought_and_ready(ana: Player, account: ProviderAccount) -> None:
    browser = ana.client
    assert at("shop", account.pk) in page(browser, at("get"))
    html = page(browser, at("shop", account.pk), country="US", kind="local", area="212", contains="0101")
    assert "1 found" in plain(html)
    assert "1.00 USD a month" in plain(html)
    link = re.search(r'href="([^"]+/buy/[^"]+)"', html)
    assert link
    confirm = page(browser, link.group(1).replace("&amp;", "&"))
    assert "Buy for 1.00 USD a month" in plain(confirm)
    assert not Channel.objects.exists()
    given = {"number": "+12125550101", "country": "US", "kind": "local", "name": "Uptown", "team": ""}
    answer = browser.post(at("buy", account.pk), given)
    channel = Channel.objects.get()
    assert urlsplit(answer["Location"]).path == reverse("desk:settings_channel", args=[channel.pk])
    assert (channel.address, channel.name, channel.rate) == ("+12125550101", "Uptown", 100.0)
    shown = plain(page(browser, answer["Location"]))
    assert "1.00 USD a month" in shown
    assert "Texts to this number come here." in shown


def test_what_is_typed_wrongly_is_said_at_its_field(ana: Player, account: ProviderAccount) -> None:
    answer = ana.client.get(at("shop", account.pk), {"country": "USA", "kind": "local", "area": "abc"})
    assert answer.status_code == 422
    assert 'id="id_area_error"' in html_of(answer)
    assert 'id="id_country_error"' in html_of(answer)
    taken = ana.client.post(
        at("buy", account.pk), {"number": "+15039990142", "country": "US", "kind": "local", "name": "", "team": ""}
    )
    assert taken.status_code == 422
    assert "is not for sale" in plain(html_of(taken))


def test_nobody_pays_twice_for_a_double_click(ana: Player, account: ProviderAccount) -> None:
    given = {"number": "+12125550101", "country": "US", "kind": "local", "name": "", "team": ""}
    ana.client.post(at("buy", account.pk), given)
    again = ana.client.post(at("buy", account.pk), given)
    assert again.status_code == 422
    assert "connected already" in plain(html_of(again))
    assert AuditEntry.objects.filter(action="number.bought").count() == 1


def test_a_number_of_the_account_is_connected(ana: Player, account: ProviderAccount, carrier: str) -> None:
    api = queries.api_of("simulator")
    offered = Offered(number=NUMBER, country="US", kind=NumberKind.LOCAL)
    carry_out(api.buy(queries.as_account(account), offered), call_sync)
    assert "(503) 555-0142" in page(ana.client, at("owned", account.pk))
    ana.client.post(at("owned", account.pk), {"number": NUMBER, "name": "Old friend"})
    channel = Channel.objects.get()
    assert (channel.address, channel.name) == (NUMBER, "Old friend")
    assert "Connected" in page(ana.client, at("owned", account.pk))


def test_a_landline_is_text_enabled(ana: Player, account: ProviderAccount) -> None:
    assert 'id="id_key_signer"' in page(ana.client, at("host", account.pk))
    empty = ana.client.post(at("host", account.pk), {"number": "503 555 0177"})
    assert 'id="id_key_signer_error"' in html_of(empty)
    ana.client.post(at("host", account.pk), {"number": "503 555 0177", "key_signer": "Ana", "name": "Landline"})
    order = HostOrder.objects.get()
    html = page(ana.client, reverse("desk:settings_channels"))
    assert "Being text-enabled" in html
    assert at("order", order.pk) in html
    assert ana.client.post(at("order", order.pk)).status_code == 302


def test_credentials_are_kept_sealed_and_never_shown(ana: Player) -> None:
    url = reverse("desk:settings_number_account", args=["twilio"])
    missing = ana.client.post(url, {"key_account_sid": SID})
    assert 'id="id_key_auth_token_error"' in html_of(missing)
    answer = ana.client.post(url, {"key_account_sid": SID, "key_auth_token": TOKEN})
    kept = ProviderAccount.objects.get()
    assert answer["Location"] == at("shop", kept.pk)
    assert TOKEN.encode() not in bytes(kept.sealed_credentials)
    for html in (page(ana.client, at("get")), page(ana.client, at("shop", kept.pk))):
        assert TOKEN not in html
        assert SID not in html


def test_a_connected_numbers_account_can_be_used(ana: Player, workspace: Workspace) -> None:
    number = make.make_channel(
        workspace, at=NOW, provider="twilio", credentials={"account_sid": SID, "auth_token": TOKEN}
    )
    assert at("account_of", number.pk) in page(ana.client, at("get"))
    answer = ana.client.post(at("account_of", number.pk))
    assert answer["Location"] == at("shop", ProviderAccount.objects.get().pk)


def test_somebody_changed_it_is_on_the_page_with_one_button(ana: Player, twilio: tuple[Twilio, Channel]) -> None:
    fake, channel = twilio
    fake.owned[NUMBER] = "https://other.example.com/in"
    jobs.compare(channel=channel, at=NOW)
    html = page(ana.client, reverse("desk:settings_channels"))
    assert "Someone changed it. Texts to this number go to https://other.example.com/in." in plain(html)
    assert "Texts go elsewhere" in plain(html)
    ana.client.post(at("point", channel.pk))
    assert NumberRecord.objects.get().webhook == "ours"
    assert "Someone changed it" not in page(ana.client, reverse("desk:settings_channels"))


def test_a_paused_number_is_marked_in_the_list(ana: Player, twilio: tuple[Twilio, Channel]) -> None:
    _, channel = twilio
    assert "Paused" not in plain(page(ana.client, reverse("desk:settings_channels")))
    pause_channel(by=ana.actor, channel=channel, at=timezone.now(), words="Too many complaints")
    html = page(ana.client, reverse("desk:settings_channels"))
    assert "Paused" in plain(html)
    assert reverse("desk:settings_health_one", args=[channel.pk]) in html


def test_the_registration_is_shown_with_what_is_missing(ana: Player, twilio: tuple[Twilio, Channel]) -> None:
    fake, channel = twilio
    fake.registration = "missing"
    ana.client.post(at("registration", channel.pk))
    words = plain(page(ana.client, reverse("desk:settings_channel", args=[channel.pk])))
    assert "10DLC not registered" in words
    assert "The number is in no 10DLC campaign." in words
    assert "Register a campaign" in words
    assert "Texts from Front desk are held." in words
    ana.client.post(at("waive", channel.pk), {"waive": "1"})
    assert NumberRecord.objects.get().is_waived
    waived = plain(page(ana.client, reverse("desk:settings_channel", args=[channel.pk])))
    assert "Hold them again" in waived
    assert "Texts from Front desk are held." not in waived


def test_a_number_is_given_back_by_typing_its_digits(ana: Player, twilio: tuple[Twilio, Channel]) -> None:
    fake, channel = twilio
    wrong = ana.client.post(at("release", channel.pk), {"typed": "9999"})
    assert wrong.status_code == 422
    assert 'id="id_typed_error"' in html_of(wrong)
    assert NUMBER in fake.owned
    ana.client.post(at("release", channel.pk), {"typed": "0142"})
    assert fake.owned == {}
    channel.refresh_from_db()
    assert not channel.is_active


def test_a_provider_that_is_away_is_said_in_words(ana: Player, twilio: tuple[Twilio, Channel]) -> None:
    kept = ProviderAccount.objects.get()
    ProviderAccount.objects.update(settings={"api_base": "http://127.0.0.1:9"})
    found = ana.client.get(at("shop", kept.pk), {"country": "US", "kind": "local"})
    assert found.status_code == 422
    assert "Twilio can't be reached now. Nothing was changed." in plain(html_of(found))
    listed = ana.client.get(at("owned", kept.pk))
    assert "can't be reached" in plain(html_of(listed))
