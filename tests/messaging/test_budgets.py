"""Budgets that warn and stop, with the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import make
from tests.cast import NOW
from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from tests.messaging.cost_hands import budget, spent
from tests.messaging.test_delivery import conversations, deliver, number, queue
from twoway.channels.models import Channel
from twoway.compliance.models import Decision
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.cost import actions, queries, warnings
from twoway.messaging.cost.actions import BudgetTerms
from twoway.messaging.models import BudgetNotice, Spend
from twoway.messaging.words import why_not
from twoway.sms import phone
from twoway.teams.actor import system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
LISTED = Decimal("0.0083")


@pytest.fixture
def twilio() -> Iterator[Fake]:
    with running_twilio() as fake:
        yield fake


def test_a_budget_that_stops_refuses_at_the_door(workspace: Workspace, ana: Player, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    budget(ana, "0.02", period="day", stops=True, replies_always=False)
    talks = conversations(channel, 3)
    queue(ben, talks[0], "one")
    queue(ben, talks[1], "two")
    with pytest.raises(Refused) as refused:
        queue(ben, talks[2], "three")
    assert refused.value.code == "budget_reached"
    assert "budget" in refused.value.sentence
    assert Decision.objects.filter(verdict="deny", reason="budget_reached", stage="door").count() == 1
    deliver()
    assert len(twilio.accepted()) == 2
    with pytest.raises(Refused):
        queue(ben, talks[2], "three")


def test_a_refused_first_text_leaves_no_empty_thread(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    budget(ana, "0.01", stops=True)
    with pytest.raises(Refused) as refused:
        outbound.queue_first_text(
            by=ana.actor,
            channel=channel,
            identity=phone.Identity("phone", "+14155550177"),
            body="x" * 400,
            at=datetime.now(UTC),
        )
    assert refused.value.code == "budget_reached"
    assert not Conversation.objects.exists()


def test_the_claim_is_the_strict_one(workspace: Workspace, ana: Player, ben: Player, twilio: Fake) -> None:
    """What was queued before there was a budget is stopped when it would leave, and says so."""
    channel = number(workspace, twilio)
    program = system(workspace.pk)
    messages = []
    for conversation in conversations(channel, 4):
        queued = outbound.queue_text(by=program, conversation=conversation, body="hello", at=datetime.now(UTC))
        messages.append(queued.message)
    budget(ana, "0.02", period="day", stops=True)
    deliver()
    assert len(twilio.accepted()) == 2
    for message in messages[2:]:
        message.refresh_from_db()
        assert (message.status, message.error) == ("canceled", "budget_reached")
        assert "The budget for texts is used up" in why_not(message)
    assert spent(channel) == (2 * LISTED, 2)
    assert Decision.objects.filter(verdict="deny", reason="budget_reached", stage="claim").count() == 2
    assert Event.objects.filter(type="message_failed").count() == 2


def test_two_numbers_can_not_spend_the_same_money(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channels = [number(workspace, twilio), number(workspace, twilio, address="+14155550188")]
    program = system(workspace.pk)
    for channel in channels:
        for conversation in conversations(channel, 6):
            outbound.queue_text(by=program, conversation=conversation, body="hello", at=datetime.now(UTC))
    budget(ana, "0.05", period="month", stops=True)
    deliver()
    assert len(twilio.accepted()) == 6
    assert sum(spent(channel)[0] or 0 for channel in channels) == 6 * LISTED


def test_replies_to_somebody_who_waits_may_pass(workspace: Workspace, ana: Player, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    budget(ana, "0.01", period="day", stops=True, replies_always=True)
    (conversation,) = conversations(channel, 1)
    queue(ben, conversation, "x" * 400)
    with pytest.raises(Refused):
        queue(ben, conversation, "and another thing, though nobody waits now")
    deliver()
    assert len(twilio.accepted()) == 1


def test_the_answer_to_stop_always_leaves(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio, stop_handled_by="us")
    budget(ana, "0.01", period="day", stops=True, replies_always=False)
    Spend.objects.create(
        workspace=workspace,
        channel=channel,
        day=queries.today(ana.actor, datetime.now(UTC)),
        direction="out",
        currency="USD",
        amount=5,
        texts=1,
    )
    hands.post([(channel, hands.webhook(channel, hands.text(channel, "STOP"), at=datetime.now(UTC)))])
    deliver()
    (sent,) = twilio.accepted()
    assert "START" in sent["body"]


def test_a_budget_of_a_team_is_about_its_conversations(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    team = make.make_team(workspace, "Sales", at=NOW)
    channel = number(workspace, twilio)
    budget(ana, "0.01", period="day", stops=True, team=team)
    talks = conversations(channel, 2)
    Conversation.objects.filter(pk=talks[0].pk).update(team=team)
    program = system(workspace.pk)
    talks[0].refresh_from_db()
    with pytest.raises(Refused):
        outbound.queue_text(by=program, conversation=talks[0], body="x" * 400, at=datetime.now(UTC))
    outbound.queue_text(by=program, conversation=talks[1], body="x" * 400, at=datetime.now(UTC))
    deliver()
    assert len(twilio.accepted()) == 1
    assert list(Spend.objects.values_list("team_id", flat=True)) == [0]


def test_a_budget_warns_once_and_tells_its_end_once(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    budget(ana, "0.02", period="month", warn_share=40)
    program = system(workspace.pk)
    talks = conversations(channel, 3)
    levels = []
    for conversation in talks:
        outbound.queue_text(by=program, conversation=conversation, body="hello", at=datetime.now(UTC))
        deliver()
        told = [warnings.tell(at=datetime.now(UTC)) for _ in range(2)]
        levels.append(told)
    assert levels == [[1, 0], [0, 0], [1, 0]]
    events = Event.objects.filter(type="budget_warned").order_by("id")
    assert [(event.data["level"], event.data["percent"]) for event in events] == [("warn", 41), ("reached", 124)]
    assert [event.data["spent"] for event in events] == ["$0.0083", "$0.0249"]
    assert BudgetNotice.objects.count() == 2
    assert len(twilio.accepted()) == 3, "a budget that only warns stops nothing"
    (standing,) = queries.standings(ana.actor, at=datetime.now(UTC))
    assert (standing.state.level, standing.state.percent) == ("reached", 124)


def test_changing_a_budget_lets_it_warn_again(workspace: Workspace, ana: Player, channel: Channel) -> None:
    budget(ana, "10")
    Spend.objects.create(
        workspace=workspace,
        channel=channel,
        day=queries.today(ana.actor, NOW),
        direction="in",
        currency="USD",
        amount=9,
        texts=1,
    )
    assert [warnings.tell(at=NOW), warnings.tell(at=NOW)] == [1, 0]
    (standing,) = queries.standings(ana.actor, at=NOW)
    terms = BudgetTerms(amount=Decimal(11), currency="USD")
    actions.change_budget(by=ana.actor, budget=standing.budget, terms=terms, at=NOW)
    assert warnings.tell(at=NOW) == 1
    assert warnings.tell(at=NOW + timedelta(days=40)) == 0, "a new month begins at nothing"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", Decimal(0)),
        ("amount", Decimal("Infinity")),
        ("currency", "US"),
        ("period", "year"),
        ("warn_share", 100),
    ],
)
def test_a_budget_that_is_none_names_its_field(ana: Player, field: str, value: object) -> None:
    told: dict[str, Any] = {"amount": Decimal(1), "currency": "USD", field: value}
    with pytest.raises(Refused) as refused:
        actions.add_budget(by=ana.actor, terms=BudgetTerms(**told), at=NOW)
    assert getattr(refused.value, "field", "") == field
