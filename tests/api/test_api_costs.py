"""What texts cost, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import make
from tests.api.conftest import Program
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.messaging.cost import actions
from twoway.messaging.cost.actions import BudgetTerms
from twoway.messaging.models import Message, Spend


@pytest.fixture
def manager(ana: Player, program_of: Callable[..., Program]) -> Program:
    """A program that may see costs."""
    return program_of(ana, role="manager")


def spend(channel: Channel, *, team_id: int = 0, **fields: Any) -> None:
    told: dict[str, Any] = {"day": NOW.date(), "direction": "out", "currency": "USD", "amount": "1.5", "texts": 3}
    Spend.objects.create(workspace_id=channel.workspace_id, channel=channel, team_id=team_id, **{**told, **fields})


def days(**more: str) -> str:
    told = {"since": "2026-01-01", "until": "2026-12-31", **more}
    return "&".join(f"{name}={value}" for name, value in told.items())


def test_a_message_says_what_it_costs(program: Program, channel: Channel) -> None:
    sent = program.post("/messages", {"from": channel.address, "to": "+15035550178", "body": "x" * 200}).json
    assert (sent["price"], sent["currency"], sent["price_is_reported"]) == ("0.016600", "USD", False)
    Message.objects.update(price=Decimal("0.02"), price_currency="EUR", price_is_reported=True)
    (listed,) = program.get("/messages").json["items"]
    assert (listed["price"], listed["currency"], listed["price_is_reported"]) == ("0.020000", "EUR", True)


def test_a_message_nobody_knows_the_price_of(program: Program, channel: Channel, now: datetime) -> None:
    make.make_conversation(channel, at=now, messages=1)
    (listed,) = program.get("/messages").json["items"]
    assert (listed["price"], listed["currency"], listed["price_is_reported"]) == (None, None, False)


def test_spend_by_day_number_and_team(manager: Program, channel: Channel, ana: Player) -> None:
    team = make.make_team(ana.member.workspace, "Sales", at=NOW)
    spend(channel)
    spend(channel, team_id=team.pk, amount="0.5", texts=1)
    spend(channel, currency="", amount="0", texts=2)
    day = NOW.date().isoformat()
    nothing = {"day": None, "channel_id": None, "team_id": None}
    assert manager.get(f"/costs?{days()}").json == {
        "items": [
            {**nothing, "day": day, "currency": None, "amount": "0.000000", "texts": 2},
            {**nothing, "day": day, "currency": "USD", "amount": "2.000000", "texts": 4},
        ],
        "next": None,
    }
    by_number = manager.get(f"/costs?{days(by='number')}").json["items"]
    assert [(one["channel_id"], one["amount"]) for one in by_number] == [
        (channel.pk, "0.000000"),
        (channel.pk, "2.000000"),
    ]
    by_team = manager.get(f"/costs?{days(by='team')}").json["items"]
    assert [(one["team_id"], one["currency"], one["texts"]) for one in by_team] == [
        (None, None, 2),
        (None, "USD", 3),
        (team.pk, "USD", 1),
    ]


def test_without_days_it_is_the_last_thirty(manager: Program, channel: Channel) -> None:
    today = datetime.now().astimezone().date()
    spend(channel, day=today - timedelta(days=2))
    spend(channel, day=today - timedelta(days=40))
    assert len(manager.get("/costs").json["items"]) == 1


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("by=month", ["by"]),
        ("since=yesterday", ["since"]),
        ("since=2026-3-1", ["since"]),
        ("until=20260301", ["until"]),
        ("from=2026-03-01", ["from"]),
    ],
)
def test_a_question_that_is_none_names_its_field(manager: Program, query: str, fields: list[str]) -> None:
    answer = manager.get(f"/costs?{query}")
    assert (answer.status, answer.fields) == (422, fields)


@pytest.mark.parametrize("query", ["since=2026-03-02&until=2026-03-01", "since=2020-01-01&until=2026-01-01"])
def test_days_must_make_a_span(manager: Program, query: str) -> None:
    assert manager.get(f"/costs?{query}").status == 422


def test_agents_do_not_see_costs(program: Program) -> None:
    assert program.get("/costs").status == 403


def test_another_workspace_sees_nothing(stranger: Program, channel: Channel) -> None:
    spend(channel)
    assert stranger.get(f"/costs?{days()}").json["items"] == []


def test_a_text_over_its_budget_is_refused(program: Program, channel: Channel, ana: Player) -> None:
    terms = BudgetTerms(amount=Decimal("0.01"), currency="USD", stops=True)
    actions.add_budget(by=ana.actor, terms=terms, at=NOW)
    answer = program.post("/messages", {"from": channel.address, "to": "+15035550178", "body": "x" * 200})
    assert (answer.status, answer.code) == (422, "budget_reached")
    assert not Message.objects.exists()
