"""Settings, Costs and Prices: what is shown, set, refused beside its field, and taken away again."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.conftest import NOW, Player
from tests.screens_html import html_of, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.messaging.cost import actions, queries
from twoway.messaging.cost.actions import BudgetTerms
from twoway.messaging.models import Budget, OwnPrice, Spend
from twoway.teams.models import Workspace

COSTS, PRICES = "desk:settings_costs", "desk:settings_prices"
GIVEN = {"scope": "workspace", "period": "month", "amount": "25", "currency": "USD", "warn_share": "80"}
PRICE = {
    "amount": "0.0051",
    "currency": "usd",
    "per": "segment",
    "direction": "out",
    "kind": "sms",
    "country": "us",
    "since": "2026-03-01",
}


def spend(channel: Channel, by: Player, **fields: Any) -> None:
    told: dict[str, Any] = {"day": queries.today(by.actor, timezone.now()), "direction": "out", "currency": "USD"}
    told |= {"amount": Decimal("1.5"), "texts": 3, **fields}
    Spend.objects.create(workspace_id=channel.workspace_id, channel=channel, **told)


def page(player: Player, name: str = COSTS, query: str = "") -> str:
    html = html_of(player.client.get(reverse(name) + query))
    assert inline_code(html) == []
    return html


def test_what_was_spent_by_day_number_and_team(ana: Player, channel: Channel, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Sales <b>", at=NOW)
    spend(channel, ana)
    spend(channel, ana, team_id=team.pk, currency="EUR", amount=Decimal("0.5"), texts=1)
    spend(channel, ana, currency="", amount=Decimal(0), texts=2)
    words = plain(page(ana))
    assert "$1.50 €0.50 6 texts, 2 without a price" in words
    assert "Sales <b> 1 €0.50" in words
    assert "No team 3 $1.50" in words
    assert "Today 3 $1.50" in words
    assert "2 No price known" in words


def test_only_the_chosen_days_are_shown(ana: Player, channel: Channel) -> None:
    spend(channel, ana, day=queries.today(ana.actor, timezone.now()) - timedelta(days=20))
    assert "$1.50" in plain(page(ana, query="?days=30"))
    assert "Nothing was sent or received in these days." in plain(page(ana, query="?days=7"))
    assert "last 30 days" in plain(page(ana, query="?days=99999"))


def test_without_anything_the_page_says_so(ana: Player) -> None:
    words = plain(page(ana))
    assert "No budget yet." in words
    assert "Nothing was sent or received in these days." in words


def test_a_manager_sees_costs_and_changes_nothing(workspace: Workspace, channel: Channel, ana: Player) -> None:
    mia = Player(member=make.make_member(workspace, "Mia", role="manager", at=NOW))
    actions.add_budget(by=ana.actor, terms=BudgetTerms(amount=Decimal(10), currency="USD"), at=NOW)
    html = page(mia)
    assert "$0.00 of $10.00" in plain(html)
    assert reverse("desk:settings_budget_add") not in html
    assert reverse("desk:settings_price_add") not in page(mia, PRICES)


def test_a_budget_is_set_changed_and_deleted(ana: Player, channel: Channel) -> None:
    client = ana.client
    add = reverse("desk:settings_budget_add")
    assert inline_code(html_of(client.get(add))) == []
    answer = client.post(add, {**GIVEN, "scope": f"number-{channel.pk}", "stops": "on"}, follow=True)
    assert "The budget is set." in html_of(answer)
    budget = Budget.objects.get()
    assert (budget.channel_id, budget.team_id, budget.amount, budget.stops, budget.replies_always) == (
        channel.pk,
        None,
        Decimal(25),
        True,
        False,
    )
    where = reverse("desk:settings_budget", args=[budget.pk])
    assert f'value="number-{channel.pk}" selected' in html_of(client.get(where))
    client.post(where, {**GIVEN, "amount": "30", "period": "day", "replies_always": "on"})
    budget.refresh_from_db()
    assert (budget.channel_id, budget.amount, budget.period, budget.stops) == (None, Decimal(30), "day", False)
    answer = client.post(reverse("desk:settings_budget_delete", args=[budget.pk]), follow=True)
    assert "The budget is gone." in html_of(answer)
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "0"), ("amount", "lots"), ("currency", "US1"), ("warn_share", "100"), ("scope", "team-999999")],
)
def test_a_budget_that_is_none_is_refused_beside_its_field(ana: Player, field: str, value: str) -> None:
    answer = ana.client.post(reverse("desk:settings_budget_add"), {**GIVEN, field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in html_of(answer)
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    ("spent", "level"), [("1", "5% used"), ("16", "80% used"), ("20", "Used up, 100%"), ("50", "Used up, 250%")]
)
def test_a_budget_says_how_it_stands(ana: Player, channel: Channel, spent: str, level: str) -> None:
    actions.add_budget(by=ana.actor, terms=BudgetTerms(amount=Decimal(20), currency="USD"), at=NOW)
    spend(channel, ana, amount=Decimal(spent))
    html = page(ana)
    assert level in plain(html)
    is_hot = 'class="count count--hot"' in html
    assert is_hot is (Decimal(spent) >= 16)


def test_an_own_price_is_set_and_deleted(ana: Player, channel: Channel) -> None:
    client = ana.client
    add = reverse("desk:settings_price_add")
    assert inline_code(html_of(client.get(add))) == []
    answer = client.post(add, {**PRICE, "channel": str(channel.pk)}, follow=True)
    words = plain(html_of(answer))
    assert "The price is set." in words
    assert "SMS to US" in words
    assert "$0.0051 a segment" in words
    price = OwnPrice.objects.get()
    assert (price.channel_id, price.country, price.currency) == (channel.pk, "US", "USD")
    client.post(reverse("desk:settings_price_delete", args=[price.pk]))
    assert not OwnPrice.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("amount", "-1"), ("currency", "U5D"), ("country", "U1"), ("since", "soon")]
)
def test_a_price_that_is_none_is_refused_beside_its_field(ana: Player, field: str, value: str) -> None:
    answer = ana.client.post(reverse("desk:settings_price_add"), {**PRICE, field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in html_of(answer)


def test_the_list_names_its_sources(ana: Player, channel: Channel) -> None:
    words = plain(page(ana, PRICES))
    assert "SMS to any country" in words
    assert "play money: the simulated carrier charges nothing" in words
    assert "MMS received" in words


def test_a_number_of_another_workspace_is_not_offered(ana: Player, cleo: Player, now: datetime) -> None:
    theirs = make.make_channel(cleo.member.workspace, at=now)
    answer = ana.client.post(reverse("desk:settings_budget_add"), {**GIVEN, "scope": f"number-{theirs.pk}"})
    assert answer.status_code == 422
    answer = ana.client.post(reverse("desk:settings_price_add"), {**PRICE, "channel": str(theirs.pk)})
    assert answer.status_code == 422
