"""Every provider's number API against a server that speaks it: search, buy, point at us, register, host, give back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from importlib import import_module

import pytest

from tests.fakes.numbers import FAKES, NumberFake
from tests.providers.serving import serving
from twoway.providers import registry
from twoway.providers.base import Account, NotConnected, Price, Rejected, Uncertain
from twoway.providers.http import call_sync
from twoway.providers.numbers import (
    NUMBER_APIS,
    Ability,
    Exchange,
    Hooks,
    HostState,
    HostWish,
    NumberKind,
    NumberQuery,
    Offered,
    Owned,
    RegistrationState,
    T,
    carry_out,
    number_api,
)

PRICES = {
    "bandwidth": None,
    "plivo": Price(amount=Decimal("0.80000"), currency="USD"),
    "telnyx": Price(amount=Decimal("1.00000"), currency="USD"),
    "twilio": Price(amount=Decimal("1.15"), currency="USD"),
    "vonage": Price(amount=Decimal("0.90"), currency="EUR"),
}
HOOKS = Hooks(inbound="https://desk.example.com/hooks/x/abc/inbound?key=s", status="https://desk.example.com/hooks/s")
NUMBER = "+15035550142"
TOLL_FREE = "+18335550142"
ANSWERS = {
    "email": "owner@example.com",
    "contact_phone_number": "+15035550190",
    "address_sid": "AD1",
    "business": "Ridgeway & Sons",
    "house_number": "1",
    "street": "Main",
    "city": "Portland",
    "state": "OR",
    "zip": "97201",
    "signer": "The owner",
}
EVERY = sorted(FAKES)


class Desk:
    """One provider's API and the server it talks to."""

    def __init__(self, slug: str, fake: NumberFake, account: Account) -> None:
        api = number_api(slug)
        assert api is not None
        self.slug, self.fake, self.account, self.api = slug, fake, account, api

    def do(self, exchange: Exchange[T]) -> T:
        return carry_out(exchange, call_sync)

    def search(self, **changes: object) -> list[Offered]:
        query = replace(NumberQuery(country="US"), **changes)  # type: ignore[arg-type]
        return list(self.do(self.api.search(self.account, query)))

    def look(self, number: str = NUMBER) -> Owned | None:
        return self.do(self.api.look(self.account, number))

    def owned(self, number: str = NUMBER) -> Owned:
        self.fake.owned.setdefault(number, "")
        found = self.look(number)
        assert found is not None
        return replace(found, country=found.country or "US")


@contextmanager
def open_desk(slug: str) -> Iterator[Desk]:
    account: Account = import_module(f"tests.providers.cases.{slug}").ACCOUNT
    fake = FAKES[slug](credentials=account.credentials)
    with serving(fake.answer) as server:
        settings = {"api_base": server.url, "site_id": "461"}
        yield Desk(slug, fake, replace(account, settings=settings))


@pytest.fixture(params=EVERY)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(request.param) as made:
        yield made


def test_every_number_api_is_a_providers_and_has_a_fake() -> None:
    assert set(NUMBER_APIS) <= set(registry.slugs())
    assert set(NUMBER_APIS) - {"simulator", "vonage_sms"} == set(FAKES)
    assert number_api("pigeon") is None


def test_numbers_are_found_with_their_price(desk: Desk) -> None:
    found = desk.search(area="503")
    assert [one.number for one in found] == ["+15035550142", "+15035550143"]
    assert found[0].monthly == PRICES[desk.slug]
    assert Ability.SMS in found[0].abilities
    assert (found[0].country, found[0].kind) == ("US", NumberKind.LOCAL)
    assert desk.search(contains="5550143")[-1].number == "+15035550143"
    assert desk.search(area="212") == []


def test_a_number_is_bought_pointed_at_us_and_given_back(desk: Desk) -> None:
    (offered, *_) = desk.search(area="503")
    bought = desk.do(desk.api.buy(desk.account, offered))
    assert (bought.number, bought.is_ready) == (NUMBER, True)
    before = desk.owned()
    assert before.inbound == ""
    desk.do(desk.api.configure(desk.account, before, HOOKS))
    after = desk.owned()
    assert after.inbound.partition("#")[0] == HOOKS.inbound
    assert after.inbound_method == "POST"
    desk.do(desk.api.configure(desk.account, after, replace(HOOKS, inbound="https://desk.example.com/new")))
    assert desk.owned().inbound.partition("#")[0] == "https://desk.example.com/new"
    listed = desk.do(desk.api.owned(desk.account))
    assert [one.number for one in listed.items] == [NUMBER]
    assert listed.cursor == ""
    desk.do(desk.api.release(desk.account, after))
    assert desk.fake.owned == {}
    assert desk.look() is None


def test_a_number_somebody_else_took_is_refused_in_the_providers_words(desk: Desk) -> None:
    gone = Offered(number="+15035550199", country="US", kind=NumberKind.LOCAL)
    with pytest.raises(Rejected) as refused:
        desk.do(desk.api.buy(desk.account, gone))
    assert desk.slug.capitalize() in str(refused.value)
    assert desk.fake.owned == {}


def test_a_purchase_without_an_answer_is_a_doubt_and_the_account_tells(desk: Desk) -> None:
    desk.fake.doubt = True
    with pytest.raises(Uncertain):
        desk.do(desk.api.buy(desk.account, Offered(number=NUMBER, country="US", kind=NumberKind.LOCAL)))
    found = desk.look()
    assert found is not None
    assert found.number == NUMBER


@pytest.mark.parametrize("state", ["missing", "pending", "approved", "rejected"])
@pytest.mark.parametrize("number", [NUMBER, TOLL_FREE])
def test_the_registration_is_told(desk: Desk, number: str, state: str) -> None:
    desk.fake.registration = state
    found = desk.do(desk.api.registration(desk.account, desk.owned(number)))
    if desk.slug == "vonage" and number == NUMBER:
        assert found.state is RegistrationState.UNKNOWN
    else:
        assert found.state is RegistrationState(state)
        assert found.parts
    assert found.detail.endswith(".")
    assert found.link.startswith("https://")


def test_wrong_credentials_are_said_as_that(desk: Desk) -> None:
    secrets = dict.fromkeys(desk.account.credentials, "wrong-wrong-wrong")
    desk.account = replace(desk.account, credentials=dict(desk.account.credentials) | secrets)
    with pytest.raises(Rejected) as refused:
        desk.search()
    assert refused.value.code == "auth"
    assert "wrong-wrong" not in str(refused.value)


def test_a_provider_that_is_away_changes_nothing(desk: Desk) -> None:
    desk.account = replace(desk.account, settings={"api_base": "http://127.0.0.1:9", "site_id": "461"})
    with pytest.raises(NotConnected):
        desk.search()


@pytest.mark.parametrize("slug", ["bandwidth", "telnyx", "twilio"])
def test_a_landline_is_text_enabled(slug: str) -> None:
    with open_desk(slug) as desk:
        wish = HostWish(number="+15035550177", answers=ANSWERS)
        order = desk.do(desk.api.host(desk.account, wish, None))
        assert order.state is HostState.WAITING
        assert order.reference
        done = desk.do(desk.api.hosted(desk.account, order.reference))
        assert (done.state, done.reference) == (HostState.DONE, order.reference)
        assert desk.owned("+15035550177").number == "+15035550177"


@pytest.mark.parametrize("slug", ["plivo", "vonage"])
def test_where_hosting_is_not_offered_it_says_what_to_do(slug: str) -> None:
    with open_desk(slug) as desk, pytest.raises(Rejected) as refused:
        desk.do(desk.api.host(desk.account, HostWish(number=NUMBER), None))
    assert str(refused.value) == desk.api.host_help
    assert desk.fake.calls == []


def test_without_an_application_a_vonage_number_has_an_address_of_its_own() -> None:
    with open_desk("vonage") as desk:
        known = {key: value for key, value in desk.account.credentials.items() if key != "application_id"}
        desk.account = replace(desk.account, credentials=known)
        desk.do(desk.api.configure(desk.account, desk.owned(), HOOKS))
        assert desk.fake.owned == {NUMBER: HOOKS.inbound}
        assert (desk.owned().inbound, desk.owned().via) == (HOOKS.inbound, "")


def test_an_exchange_that_never_ends_is_broken_off() -> None:
    def endless() -> Exchange[None]:
        while True:
            yield call

    with open_desk("twilio") as desk:
        call = next(desk.api.search(desk.account, NumberQuery(country="US")))
        with pytest.raises(Rejected):
            carry_out(endless(), call_sync)
        assert len(desk.fake.calls) < 50
