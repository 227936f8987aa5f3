"""Money with the real engine: estimates, reported prices and spend."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests import make
from tests.cast import NOW
from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from tests.messaging.cost_hands import budget, priced, spent, usd
from tests.messaging.test_delivery import conversations, deliver, number, queue
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.messaging import database, outbound, pricing, receipts
from twoway.messaging.cost import actions, queries
from twoway.messaging.cost.actions import PriceTerms
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message, Spend, StatusEvent
from twoway.providers.base import Price, Receipt, Status
from twoway.sms import phone
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
LISTED = Decimal("0.0083")


@pytest.fixture
def twilio() -> Iterator[Fake]:
    with running_twilio() as fake:
        yield fake


# Estimates and reported prices ------------------------------------------------------------------------------------


def test_a_text_has_its_estimate_at_once_and_is_spent_when_it_leaves(
    workspace: Workspace, ben: Player, twilio: Fake
) -> None:
    channel = number(workspace, twilio)
    (conversation,) = conversations(channel, 1)
    message = queue(ben, conversation, "x" * 161)
    assert priced(message) == (2 * LISTED, "USD", False)
    assert spent(channel) == (None, None)
    deliver()
    assert priced(message) == (2 * LISTED, "USD", False)
    assert spent(channel) == (2 * LISTED, 1)
    assert queries.conversation_total(conversation) == usd("0.0166")


def test_the_price_twilio_sets_later_takes_the_place_of_the_estimate(
    workspace: Workspace, ben: Player, twilio: Fake
) -> None:
    channel = number(workspace, twilio)
    (conversation,) = conversations(channel, 1)
    messages = [queue(ben, conversation, f"part {n}") for n in range(3)]
    deliver()
    soon, later = datetime.now(UTC) + timedelta(minutes=11), datetime.now(UTC) + timedelta(minutes=30)
    assert pricing.ask_providers(at=datetime.now(UTC)) == 0
    assert pricing.ask_providers(at=soon) == 0
    assert priced(messages[0]) == (LISTED, "USD", False)
    twilio.change(price="0.01")
    assert pricing.ask_providers(at=soon) == 0, "it is asked again only later"
    assert pricing.ask_providers(at=later) == 3
    assert {priced(message) for message in messages} == {(Decimal("0.01"), "USD", True)}
    assert spent(channel) == (Decimal("0.03"), 3)
    assert queries.conversation_total(conversation) == usd("0.03")
    twilio.change(price="9")
    assert pricing.ask_providers(at=later + timedelta(days=1)) == 0, "what is told is not asked for again"


def test_a_provider_that_never_tells_is_given_up_and_the_estimate_stays(
    workspace: Workspace, ben: Player, twilio: Fake
) -> None:
    channel = number(workspace, twilio)
    talks = conversations(channel, 2)
    kept, failed = (queue(ben, talk, "hello") for talk in talks)
    deliver()
    Message.objects.filter(pk=failed.pk).update(status="failed")
    long_after = datetime.now(UTC) + timedelta(days=4)
    assert pricing.ask_providers(at=long_after) == 0
    assert (priced(kept), priced(failed)) == ((LISTED, "USD", False), (Decimal(0), "USD", False))
    assert spent(channel) == (LISTED, 2)
    assert not Message.objects.filter(price_due_at__isnull=False).exists()


def test_a_provider_that_can_not_be_asked_is_asked_again(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    (conversation,) = conversations(number(workspace, twilio), 1)
    message = queue(ben, conversation, "hello")
    deliver()
    Channel.objects.update(settings={"api_base": "http://127.0.0.1:9"})
    soon = datetime.now(UTC) + timedelta(minutes=11)
    assert pricing.ask_providers(at=soon) == 0
    message.refresh_from_db()
    assert message.price_due_at is not None
    assert message.price_due_at > soon


def test_a_price_in_a_receipt_is_taken_and_moves_what_is_spent(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    (conversation,) = conversations(channel, 1)
    message = queue(ben, conversation, "hello")
    deliver()
    told = {"channel": channel, "status": "delivered", "received_at": NOW}
    StatusEvent.objects.create(message_id=message.pk, price=Decimal("0.0051"), price_currency="EUR", **told)
    assert pricing.take_reported(at=NOW) == 1
    assert priced(message) == (Decimal("0.0051"), "EUR", True)
    assert spent(channel) == (Decimal(0), 0)
    assert spent(channel, currency="EUR") == (Decimal("0.0051"), 1)
    assert pricing.take_reported(at=NOW) == 0


def store_receipts(channel: Channel, *told: Receipt) -> None:
    """Receipts as intake stores them, in one batch."""

    async def whole() -> None:
        directory = Directory(settings.SEALING_KEY)
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            await directory.refresh(connection)
            route = directory.by_id(channel.pk)
            assert route is not None
            async with connection.transaction():
                await receipts.store(connection, [receipts.row(route=route, receipt=one, at=NOW) for one in told])

    asyncio.run(whole())


def test_receipts_keep_their_price_and_the_last_one_counts(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    (conversation,) = conversations(channel, 1)
    message = queue(ben, conversation, "hello")
    deliver()
    message.refresh_from_db()
    told = [
        Receipt(
            provider_id=message.provider_id,
            status=status,
            raw_status=status.value,
            price=Price(amount=Decimal(amount), currency="USD"),
        )
        for status, amount in ((Status.SENT, "0.004"), (Status.DELIVERED, "0.0051"))
    ]
    store_receipts(channel, *told)
    assert priced(message) == (LISTED, "USD", False), "intake itself moves no money"
    assert pricing.take_reported(at=NOW) == 2
    assert priced(message) == (Decimal("0.0051"), "USD", True)
    assert message.status == "delivered"
    assert spent(channel) == (Decimal("0.0051"), 1)


def test_a_price_of_a_message_nobody_knows_waits_a_day(channel: Channel) -> None:
    event = StatusEvent.objects.create(
        channel=channel, status="sent", received_at=NOW, provider_id="x", price=Decimal(1), price_currency="USD"
    )
    for at, is_taken in ((NOW + timedelta(hours=23), False), (NOW + timedelta(hours=25), True)):
        assert pricing.take_reported(at=at) == 0
        event.refresh_from_db()
        assert event.price_is_taken is is_taken


def test_a_refused_text_costs_nothing(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    queued = outbound.queue_first_text(
        by=ben.actor,
        channel=channel,
        identity=phone.Identity("phone", "+15005550009"),
        body="hello",
        at=datetime.now(UTC),
    )
    deliver()
    assert priced(queued.message) == (Decimal(0), "USD", False)
    assert queued.message.status == "failed"
    assert spent(channel) == (Decimal(0), 1)


def test_a_text_that_is_tried_again_is_spent_once(workspace: Workspace, ben: Player) -> None:
    with running_twilio(throttle=0.5, seed=1) as twilio:  # the first call is throttled, the second is not
        channel = number(workspace, twilio)
        (conversation,) = conversations(channel, 1)
        message = queue(ben, conversation, "hello")
        deliver()
    message.refresh_from_db()
    assert message.attempts == 2
    assert spent(channel) == (LISTED, 1)


# Own prices -------------------------------------------------------------------------------------------------------


def test_an_own_price_goes_before_the_list(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channel, other = number(workspace, twilio), number(workspace, twilio, address="+14155550188")
    since = NOW.date()
    for amount, where in (("0.005", None), ("0.004", channel)):
        terms = PriceTerms(amount=Decimal(amount), currency="usd", since=since, country="us", channel=where)
        actions.set_price(by=ana.actor, terms=terms, at=NOW)
    prices = []
    for ours in (channel, other):
        hands.receive(ours, "hi")
        talk = Conversation.objects.get(channel=ours)
        prices.append(queue(ana, talk, "hello").price)
    deliver()
    assert prices == [Decimal("0.004"), Decimal("0.005")]
    assert (spent(channel)[0], spent(other)[0]) == (Decimal("0.004"), Decimal("0.005"))


def test_setting_the_same_line_again_replaces_it(ana: Player) -> None:
    for amount in ("0.005", "0.006"):
        terms = PriceTerms(amount=Decimal(amount), currency="USD", since=NOW.date())
        made = actions.set_price(by=ana.actor, terms=terms, at=NOW)
    assert [line.amount for line in queries.own_prices(ana.actor)] == [Decimal("0.006")]
    actions.delete_price(by=ana.actor, price=made, at=NOW)
    assert queries.own_prices(ana.actor) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", Decimal(-1)),
        ("amount", Decimal("NaN")),
        ("amount", Decimal(1001)),
        ("currency", "dollars"),
        ("country", "USA"),
        ("kind", "fax"),
        ("per", "word"),
        ("direction", "up"),
        ("sender", "pigeon"),
    ],
)
def test_a_price_that_is_none_names_its_field(ana: Player, field: str, value: object) -> None:
    told: dict[str, Any] = {"amount": Decimal(1), "currency": "USD", "since": NOW.date(), field: value}
    with pytest.raises(Refused) as refused:
        actions.set_price(by=ana.actor, terms=PriceTerms(**told), at=NOW)
    assert getattr(refused.value, "field", "") == field


# Texts that come in -----------------------------------------------------------------------------------------------


def test_what_comes_in_is_priced_in_one_go(workspace: Workspace, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    conversations(channel, 5)
    hands.post([(channel, hands.webhook(channel, hands.text(channel, "", NumMedia="1", MediaUrl0="https://x.test/1")))])
    after = NOW + timedelta(minutes=3)
    assert pricing.price_inbound(at=NOW) == 0, "only what has settled is looked at"
    assert pricing.price_inbound(at=after) > 0
    assert pricing.price_inbound(at=after) == 0
    assert spent(channel, direction="in") == (5 * LISTED + Decimal("0.0165"), 6)
    assert set(Message.objects.values_list("price_currency", "price_is_reported")) == {("USD", False)}


def test_what_costs_nothing_to_receive_is_not_touched(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    terms = PriceTerms(amount=Decimal(0), currency="USD", since=NOW.date(), direction="in")
    actions.set_price(by=ana.actor, terms=terms, at=NOW)
    conversations(channel, 2)
    assert pricing.price_inbound(at=NOW + timedelta(minutes=3)) > 0
    assert set(Message.objects.values_list("price", "spent_on")) == {(None, None)}


# Reading ----------------------------------------------------------------------------------------------------------


def test_spend_by_day_number_and_team(workspace: Workspace, ana: Player, channel: Channel) -> None:
    team = make.make_team(workspace, "Sales", at=NOW)
    day = NOW.date()
    rows = [
        (day, 0, "out", "USD", "1.5", 3),
        (day, team.pk, "in", "USD", "0.5", 2),
        (day, 0, "out", "EUR", "2", 1),
        (day - timedelta(days=1), 0, "out", "", "0", 4),
        (day - timedelta(days=40), 0, "out", "USD", "7", 1),
    ]
    for on, team_id, direction, currency, amount, texts in rows:
        Spend.objects.create(
            workspace=workspace,
            channel=channel,
            day=on,
            team_id=team_id,
            direction=direction,
            currency=currency,
            amount=Decimal(amount),
            texts=texts,
        )
    since = day - timedelta(days=7)

    def told(by: queries.By) -> list[tuple[object, str, Decimal, int]]:
        found = queries.spent(ana.actor, by=by, since=since, until=day)
        return [(one.key, one.currency, one.amount, one.texts) for one in found]

    assert told("day") == [
        (day - timedelta(days=1), "", Decimal(0), 4),
        (day, "EUR", Decimal(2), 1),
        (day, "USD", Decimal(2), 5),
    ]
    assert told("number") == [
        (channel.pk, "", Decimal(0), 4),
        (channel.pk, "EUR", Decimal(2), 1),
        (channel.pk, "USD", Decimal(2), 5),
    ]
    assert (team.pk, "USD", Decimal("0.5"), 2) in told("team")
    whole = queries.span(ana.actor, since=since, until=day)
    assert (whole.texts, whole.unpriced) == (10, 4)
    assert {total.currency: total.amount for total in whole.totals} == {"USD": Decimal(2), "EUR": Decimal(2)}


def test_costs_are_for_managers_of_this_workspace(workspace: Workspace, ben: Player, cleo: Player, ana: Player) -> None:
    with pytest.raises(Refused):
        queries.spent(ben.actor, by="day", since=NOW.date(), until=NOW.date())
    budget(ana, "10")
    assert queries.standings(cleo.actor, at=NOW) == []
    (standing,) = queries.standings(ana.actor, at=NOW)
    with pytest.raises(Refused):
        queries.access_budget(cleo.actor, standing.budget.pk)
    with pytest.raises(Refused):
        actions.delete_budget(by=cleo.actor, budget=standing.budget, at=NOW)
    with pytest.raises(Refused):
        actions.delete_budget(by=ben.actor, budget=standing.budget, at=NOW)
