"""Numbers from beginning to end on the database, against servers that speak each provider's API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

import pytest

from tests.conftest import NOW, Player
from tests.fakes.numbers import FAKES, NumberFake
from tests.providers.serving import serving
from twoway.channels.models import Channel, HostOrder, NumberRecord, ProviderAccount
from twoway.channels.numbers import actions, jobs, queries, tasks
from twoway.channels.queries import account
from twoway.channels.urls import inbound_url
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.providers.http import call_sync
from twoway.providers.numbers import Hooks, NumberKind, NumberQuery, carry_out
from twoway.teams import actor as actors
from twoway.teams.models import Workspace

NUMBER = "+15035550142"
READY = sorted(slug for slug in FAKES if slug in dict(queries.selling_providers()))


@dataclass
class Shop:
    """A provider's account, kept by Ana, and the server it is at."""

    slug: str
    fake: NumberFake
    kept: ProviderAccount
    ana: Player

    def buy(self, number: str = NUMBER, *, kind: NumberKind = NumberKind.LOCAL) -> jobs.Connected:
        return jobs.buy(
            by=self.ana.actor, kept=self.kept, number=number, country="US", kind=kind, at=NOW, name="Front desk"
        )


@contextmanager
def open_shop(slug: str, ana: Player) -> Iterator[Shop]:
    credentials = import_module(f"tests.providers.cases.{slug}").ACCOUNT.credentials
    fake = FAKES[slug](credentials=credentials)
    with serving(fake.answer) as server:
        operator = actors.system(ana.actor.workspace_id, name="operator")
        given = {**credentials, "site_id": "461"} if slug == "bandwidth" else credentials
        kept = actions.keep_account(by=operator, provider=slug, given=given, settings={"api_base": server.url}, at=NOW)
        yield Shop(slug, fake, kept, ana)


@pytest.fixture(params=READY)
def shop(request: pytest.FixtureRequest, ana: Player) -> Iterator[Shop]:
    with open_shop(request.param, ana) as made:
        yield made


@pytest.fixture
def twilio(ana: Player) -> Iterator[Shop]:
    with open_shop("twilio", ana) as made:
        yield made


def test_a_bought_number_is_a_channel_with_its_webhooks_set(shop: Shop) -> None:
    offered = jobs.search(by=shop.ana.actor, kept=shop.kept, query=NumberQuery(country="US", area="503"))
    assert offered[0].number == NUMBER
    made = shop.buy()
    assert made.warning == ""
    channel = Channel.objects.get()
    assert (channel.address, channel.name, channel.provider) == (NUMBER, "Front desk", shop.slug)
    record = NumberRecord.objects.get()
    assert (record.webhook, record.webhook_url) == ("ours", inbound_url(channel))
    assert record.registration == ("unknown" if shop.slug == "vonage" else "approved")
    assert (record.bought_at, record.monthly_price) == (NOW, offered[0].monthly.amount if offered[0].monthly else None)
    assert set(shop.fake.owned) == {NUMBER}
    assert AuditEntry.objects.filter(action="number.bought", subject=f"channel {channel.pk}").exists()
    assert account(channel).api_base == shop.kept.settings["api_base"]


def test_somebody_changed_it_is_noticed_once_and_set_right_with_one_button(shop: Shop) -> None:
    channel = shop.buy().channel
    elsewhere(shop)
    for _ in range(2):
        record = jobs.compare(channel=channel, at=NOW)
    assert record.webhook == "elsewhere"
    assert record.webhook_detail.startswith("Someone changed it. Texts to this number go to https://other.example.com")
    assert queries.changed(shop.ana.actor) == [record]
    assert AuditEntry.objects.filter(action="number.webhook_changed").count() == 1
    assert jobs.configure(by=shop.ana.actor, channel=channel, at=NOW).webhook == "ours"
    assert queries.changed(shop.ana.actor) == []


def elsewhere(shop: Shop) -> None:
    """What an absent-minded colleague does in the provider's console."""
    api = queries.api_of(shop.slug)
    told = queries.as_account(shop.kept, address=NUMBER)
    found = carry_out(api.look(told, NUMBER), call_sync)
    assert found is not None
    hooks = Hooks(inbound="https://other.example.com/in", status="https://other.example.com/st")
    number = queries.with_country(found, region="US")
    carry_out(api.configure(told, number, hooks), call_sync)


def test_a_number_is_given_back_only_when_its_digits_are_typed(shop: Shop) -> None:
    channel = shop.buy().channel
    for typed in ("", "01", "9999", "release"):
        with pytest.raises(Invalid):
            jobs.release(by=shop.ana.actor, channel=channel, typed=typed, at=NOW)
    assert set(shop.fake.owned) == {NUMBER}
    jobs.release(by=shop.ana.actor, channel=channel, typed="0142", at=NOW)
    assert shop.fake.owned == {}
    channel.refresh_from_db()
    assert not channel.is_active
    assert NumberRecord.objects.get().released_at == NOW


def test_a_number_of_the_account_is_connected(shop: Shop) -> None:
    shop.fake.owned[NUMBER] = ""
    page = jobs.owned(by=shop.ana.actor, kept=shop.kept)
    assert [one.number for one in page.items] == [NUMBER]
    made = jobs.connect(by=shop.ana.actor, kept=shop.kept, number="(503) 555-0142", at=NOW)
    assert (made.channel.address, made.warning) == (NUMBER, "")
    with pytest.raises(Invalid) as taken:
        jobs.connect(by=shop.ana.actor, kept=shop.kept, number=NUMBER, at=NOW)
    assert "connected already" in taken.value.sentence
    with pytest.raises(Invalid) as strange:
        jobs.connect(by=shop.ana.actor, kept=shop.kept, number="+15035550177", at=NOW)
    assert "isn't in this" in strange.value.sentence


def test_a_purchase_in_doubt_is_settled_by_the_account_and_never_made_twice(shop: Shop) -> None:
    shop.fake.doubt = True
    made = shop.buy()
    assert made.channel.address == NUMBER
    assert set(shop.fake.owned) == {NUMBER}


def test_what_could_not_be_bought_makes_no_channel(shop: Shop) -> None:
    shop.fake.stock.clear()
    with pytest.raises(Refused) as refused:
        shop.buy()
    assert refused.value.sentence
    assert not Channel.objects.exists()


def test_the_periodic_look_finds_a_registration_that_was_approved(twilio: Shop) -> None:
    twilio.fake.registration = "pending"
    channel = twilio.buy().channel
    assert NumberRecord.objects.get().registration == "pending"
    assert [record.channel_id for record in queries.held(twilio.ana.actor)] == [channel.pk]
    twilio.fake.registration = "approved"
    jobs.look_after(channel=channel, at=NOW + timedelta(minutes=10))
    assert NumberRecord.objects.get().registration == "pending"
    jobs.look_after(channel=channel, at=NOW + timedelta(minutes=30))
    record = NumberRecord.objects.get()
    assert (record.registration, record.cleared_at) == ("approved", NOW + timedelta(minutes=30))
    assert [part["name"] for part in record.registration_parts] == ["Brand", "Campaign", "Number"]
    assert queries.held(twilio.ana.actor) == []


def test_a_provider_that_is_away_takes_nothing_back(twilio: Shop) -> None:
    channel = twilio.buy().channel
    channel.settings = {"api_base": "http://127.0.0.1:9"}
    channel.save()
    jobs.look_after(channel=channel, at=NOW + timedelta(days=2))
    record = NumberRecord.objects.get()
    assert (record.webhook, record.registration) == ("unreadable", "approved")
    assert "can't be reached" in record.webhook_detail
    assert queries.changed(twilio.ana.actor) == []


def test_a_number_that_came_late_is_pointed_at_us_by_the_periodic_look(twilio: Shop) -> None:
    channel = twilio.buy().channel
    twilio.fake.owned[NUMBER] = ""
    NumberRecord.objects.update(webhook_was_ours=False)
    tasks.look_after(channel_id=channel.pk)
    assert NumberRecord.objects.get().webhook == "ours"
    tasks.look_after(channel_id=0)


def test_a_landline_is_text_enabled_and_becomes_a_channel(twilio: Shop) -> None:
    answers = {"email": "owner@example.com", "contact_phone_number": "+15035550190", "address_sid": "AD1"}
    with pytest.raises(Invalid) as missing:
        jobs.host(by=twilio.ana.actor, kept=twilio.kept, number="+15035550177", answers={}, at=NOW)
    assert missing.value.field == "email"
    order = jobs.host(
        by=twilio.ana.actor, kept=twilio.kept, number="503 555 0177", answers=answers, name="Old line", at=NOW
    )
    assert [one.pk for one in queries.orders(twilio.ana.actor)] == [order.pk]
    tasks.ask_order(order_id=order.pk)
    channel = Channel.objects.get()
    assert (channel.address, channel.name) == ("+15035550177", "Old line")
    assert HostOrder.objects.get().channel == channel
    assert NumberRecord.objects.get().webhook == "ours"
    assert queries.orders(twilio.ana.actor) == []


def test_who_may_not_manage_numbers_may_do_none_of_it(twilio: Shop, ben: Player, cleo: Player) -> None:
    query = NumberQuery(country="US")
    with pytest.raises(NotAllowed):
        jobs.search(by=ben.actor, kept=twilio.kept, query=query)
    with pytest.raises(NotAllowed):
        jobs.buy(by=ben.actor, kept=twilio.kept, number=NUMBER, country="US", kind=NumberKind.LOCAL, at=NOW)
    with pytest.raises(NotAllowed):
        actions.keep_account(by=ben.actor, provider="twilio", given={}, at=NOW)
    with pytest.raises(NotFound):
        queries.access_account(cleo.actor, twilio.kept.pk)
    assert twilio.fake.calls == []


def test_the_same_account_typed_again_gets_the_new_credentials(twilio: Shop, workspace: Workspace) -> None:
    given = dict(queries.credentials_of(twilio.kept)) | {"auth_token": "another-token"}
    again = actions.keep_account(by=twilio.ana.actor, provider="twilio", given=given, at=NOW)
    assert again.pk == twilio.kept.pk
    assert queries.credentials_of(again)["auth_token"] == "another-token"
    assert ProviderAccount.objects.count() == 1


def test_a_provider_that_signs_too_little_gets_a_secret_of_ours_in_its_address(ana: Player) -> None:
    with open_shop("plivo", ana) as shop:
        given = {key: value for key, value in queries.credentials_of(shop.kept).items() if key != "url_secret"}
        kept = actions.keep_account(by=ana.actor, provider="plivo", given=given, at=NOW)
        assert len(queries.credentials_of(kept)["url_secret"]) >= 20
        assert "url_secret" not in {field.key for field in queries.account_fields("plivo")}
