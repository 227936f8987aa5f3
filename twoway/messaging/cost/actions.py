"""Changing budgets and the workspace's own prices. Each change is in the audit trail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from twoway.channels.queries import Channel
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.lib.words import t
from twoway.messaging.cost import rules
from twoway.messaging.models import Budget, OwnPrice
from twoway.teams.actor import Actor
from twoway.teams.queries import Team
from twoway.teams.rules import Right, require

_CURRENCY = re.compile("[A-Z]{3}")
_COUNTRY = re.compile("[A-Z]{2}")
MOST_PRICE = Decimal(1000)
LEAST_BUDGET = Decimal("0.01")


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetTerms:
    """What a budget says. Without a team and a channel it is the workspace's. `warn_share` is in percent."""

    amount: Decimal
    currency: str
    period: str = "month"
    team: Team | None = None
    channel: Channel | None = None
    warn_share: int = 80
    stops: bool = False
    replies_always: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceTerms:
    """What an own price says. Empty words mean any; without a channel it holds for all numbers of the workspace."""

    amount: Decimal
    currency: str
    since: date
    direction: str = "out"
    kind: str = "sms"
    per: str = "segment"
    provider: str = ""
    country: str = ""
    sender: str = ""
    channel: Channel | None = None


@transaction.atomic
def add_budget(*, by: Actor, terms: BudgetTerms, at: datetime) -> Budget:
    """Set a budget. Raises `NotAllowed`, and `Invalid` naming the field."""
    require(by, Right.MANAGE_COSTS)
    budget = Budget.objects.create(workspace_id=by.workspace_id, created_at=at, **_budget_columns(by, terms))
    _record(by, "budget.added", f"budget {budget.pk}", at, **_told(terms))
    return budget


@transaction.atomic
def change_budget(*, by: Actor, budget: Budget, terms: BudgetTerms, at: datetime) -> Budget:
    """Change a budget. What was told of it in this period is told again where it applies anew."""
    require(by, Right.MANAGE_COSTS)
    found = Budget.objects.select_for_update(no_key=True).filter(id=budget.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotFound("budget", budget.pk)
    for name, value in _budget_columns(by, terms).items():
        setattr(found, name, value)
    found.save()
    found.notices.all().delete()
    _record(by, "budget.changed", f"budget {found.pk}", at, **_told(terms))
    return found


@transaction.atomic
def delete_budget(*, by: Actor, budget: Budget, at: datetime) -> None:
    """Remove a budget; nothing is held by it any more."""
    require(by, Right.MANAGE_COSTS)
    found = Budget.objects.filter(id=budget.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotFound("budget", budget.pk)
    _record(by, "budget.deleted", f"budget {found.pk}", at, amount=str(found.amount), currency=found.currency)
    found.delete()


def set_price(*, by: Actor, terms: PriceTerms, at: datetime) -> OwnPrice:
    """Set what the workspace pays, from a day on; the same line of the same day is replaced. Raises as `add_budget`."""
    require(by, Right.MANAGE_COSTS)
    columns = _price_columns(by, terms)
    with transaction.atomic():
        key = {
            name: columns[name] for name in ("channel", "provider", "direction", "kind", "country", "sender", "since")
        }
        rest = {"per": columns["per"], "amount": columns["amount"], "currency": columns["currency"], "created_at": at}
        try:
            made, _ = OwnPrice.objects.update_or_create(workspace_id=by.workspace_id, **key, defaults=rest)
        except IntegrityError:
            raise Invalid(t("Somebody set this price at the same moment. Try again."), code="busy") from None
        told = {name: str(value) for name, value in columns.items() if name not in {"channel"} and value != ""}
        _record(by, "price.set", f"price {made.pk}", at, **told)
        _tell_routes()
    return made


@transaction.atomic
def delete_price(*, by: Actor, price: OwnPrice, at: datetime) -> None:
    """Forget an own price: the list counts again. What was booked stays as it is."""
    require(by, Right.MANAGE_COSTS)
    found = OwnPrice.objects.filter(id=price.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotFound("price", price.pk)
    _record(by, "price.deleted", f"price {found.pk}", at, amount=str(found.amount), currency=found.currency)
    found.delete()
    _tell_routes()


def _budget_columns(by: Actor, terms: BudgetTerms) -> dict[str, Any]:
    if terms.team is not None and terms.channel is not None:
        raise Invalid(t("A budget is for one team or for one number, not both."), field="scope")
    for own in (terms.team, terms.channel):
        if own is not None and own.workspace_id != by.workspace_id:
            raise NotAllowed(t("This is not in this workspace."))
    if terms.period not in rules.PERIODS:
        raise Invalid(t("A budget is for a day or for a month."), field="period")
    if not terms.amount.is_finite() or not LEAST_BUDGET <= terms.amount <= rules.MOST:
        raise Invalid(t("Write an amount of at least 0.01."), field="amount")
    if not 0 <= terms.warn_share <= 99:
        raise Invalid(t("Write a share from 1 to 99 percent, or 0 for no warning."), field="warn_share")
    return {
        "team": terms.team,
        "channel": terms.channel,
        "period": terms.period,
        "amount": terms.amount,
        "currency": _currency(terms.currency),
        "warn_share": terms.warn_share,
        "stops": terms.stops,
        "replies_always": terms.replies_always,
    }


def _price_columns(by: Actor, terms: PriceTerms) -> dict[str, Any]:
    if terms.channel is not None and terms.channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    _one_of("direction", terms.direction, rules.DIRECTIONS)
    _one_of("kind", terms.kind, rules.KINDS)
    _one_of("per", terms.per, rules.PERS)
    _one_of("sender", terms.sender, ("", *rules.SENDERS))
    if not terms.amount.is_finite() or not 0 <= terms.amount <= MOST_PRICE:
        raise Invalid(t("Write a price from 0 to 1000, such as 0.0075."), field="amount")
    country = terms.country.strip().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise Invalid(t("Write the country in two letters, such as US, or leave it empty."), field="country")
    return {
        "channel": terms.channel,
        "provider": terms.provider.strip().lower()[:20],
        "direction": terms.direction,
        "kind": terms.kind,
        "country": country,
        "sender": terms.sender,
        "per": terms.per,
        "amount": rules.rounded(terms.amount),
        "currency": _currency(terms.currency),
        "since": terms.since,
    }


def _one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(word for word in allowed if word)), field=field)


def _currency(typed: str) -> str:
    found = typed.strip().upper()
    if not _CURRENCY.fullmatch(found):
        raise Invalid(t("Write the currency in three letters, such as USD."), field="currency")
    return found


def _told(terms: BudgetTerms) -> dict[str, Detail]:
    return {
        "amount": str(terms.amount),
        "currency": terms.currency,
        "period": terms.period,
        "team_id": terms.team.pk if terms.team else None,
        "channel_id": terms.channel.pk if terms.channel else None,
        "warn_share": terms.warn_share,
        "stops": terms.stops,
        "replies_always": terms.replies_always,
    }


def _tell_routes() -> None:
    """Every process reads the numbers and their prices again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_channels', 'prices')")


def _record(by: Actor, action: str, subject: str, at: datetime, **data: Detail) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
