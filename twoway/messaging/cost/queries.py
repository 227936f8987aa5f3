"""Reading what was spent, budgets and prices. Amounts of two currencies stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from twoway.channels.models import Channel
from twoway.channels.queries import visible_channels
from twoway.conversations.models import Conversation, Episode
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.messaging.cost import budgets, listed, pricelist, rules
from twoway.messaging.cost.rules import BudgetState, Rate
from twoway.messaging.models import Budget, Message, OwnPrice, Spend
from twoway.providers import registry
from twoway.providers.base import Price
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, require

__all__ = ["Budget", "OwnPrice", "Price", "Rate"]

By = Literal["day", "number", "team"]
LONGEST = timedelta(days=400)
_KEYS: dict[By, str] = {"day": "day", "number": "channel_id", "team": "team_id"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What one day, number or team spent in one currency. `key` is a date or an id, 0 for no team.

    Under the currency "" stand the texts nobody knows a price of.
    """

    key: date | int
    currency: str
    amount: Decimal
    texts: int


def today(actor: Actor, at: datetime) -> date:
    """The day on the workspace's calendar."""
    return at.astimezone(ZoneInfo(workspace_of(actor).time_zone)).date()


def spent(actor: Actor, *, by: By, since: date, until: date) -> Sequence[Spent]:
    """What was spent from `since` to `until`, both included, in order of the key. Raises `NotAllowed`, `Invalid`."""
    require(actor, Right.SEE_COSTS)
    if until < since or until - since > LONGEST:
        raise Invalid(t("Choose two days, the first before the second, at most 400 days apart."), field="until")
    key = _KEYS[by]
    rows = _visible(actor, since, until).values(key, "currency").order_by(key, "currency")
    return [
        Spent(key=row[key], currency=row["currency"], amount=row["total"], texts=row["many"])
        for row in rows.annotate(total=Sum("amount"), many=Sum("texts"))
        if row["many"] or row["total"]
    ]


def _visible(actor: Actor, since: date, until: date) -> QuerySet[Spend]:
    rows = Spend.objects.filter(workspace_id=actor.workspace_id, day__gte=since, day__lte=until)
    return rows.filter(team_id__in=sorted(actor.team_ids)) if actor.sees_own_teams_only else rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Some days: what they cost, in how many conversations, and how many of those were brought to an end."""

    totals: tuple[Price, ...]
    texts: int
    unpriced: int
    conversations: int
    resolved: int

    def each(self, many: int) -> tuple[Price, ...]:
        """The totals divided by a number of things; nothing when there were none."""
        if not many:
            return ()
        return tuple(Price(amount=total.amount / many, currency=total.currency) for total in self.totals)


def span(actor: Actor, *, since: date, until: date) -> Span:
    """The days from `since` to `until` as one. Raises `NotAllowed`."""
    require(actor, Right.SEE_COSTS)
    rows = list(_visible(actor, since, until).values("currency").annotate(total=Sum("amount"), many=Sum("texts")))
    zone = ZoneInfo(workspace_of(actor).time_zone)
    start = datetime.combine(since, datetime.min.time(), tzinfo=zone)
    end = datetime.combine(until + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    mine = Q(workspace_id=actor.workspace_id)
    if actor.sees_own_teams_only:
        mine &= Q(team_id__in=sorted(actor.team_ids))
    talks = Conversation.objects.filter(mine)
    done = Episode.objects.filter(closed_at__gte=start, closed_at__lt=end, conversation__in=talks)
    texted = Message.objects.filter(created_at__gte=start, created_at__lt=end, conversation__in=talks)
    return Span(
        totals=rules.total(Price(amount=row["total"], currency=row["currency"]) for row in rows if row["currency"]),
        texts=sum(row["many"] for row in rows),
        unpriced=sum(row["many"] for row in rows if not row["currency"]),
        conversations=texted.aggregate(many=Count("conversation_id", distinct=True))["many"],
        resolved=done.count(),
    )


def conversation_total(conversation: Conversation) -> tuple[Price, ...]:
    """What a conversation somebody has access to has cost so far, in each currency."""
    rows = Message.objects.filter(conversation_id=conversation.pk, spent_on__isnull=False, price__isnull=False)
    sums = rows.values("price_currency").annotate(total=Sum("price")).order_by("price_currency")
    return rules.total(Price(amount=row["total"], currency=row["price_currency"]) for row in sums if row["total"])


def message_price(message: Message) -> Price | None:
    """What a text costs or will cost; None when nobody knows."""
    return None if message.price is None else Price(amount=message.price, currency=message.price_currency)


# Budgets ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A budget and how it stands today."""

    budget: Budget
    state: BudgetState


def standings(actor: Actor, *, at: datetime) -> Sequence[Standing]:
    """Every budget this actor may see and how it stands. Raises `NotAllowed`."""
    require(actor, Right.SEE_COSTS)
    rows = Budget.objects.filter(workspace_id=actor.workspace_id).select_related("team", "channel")
    if actor.sees_own_teams_only:
        rows = rows.filter(Q(team_id__in=sorted(actor.team_ids)))
    found = {row.pk: row for row in rows.order_by("id")}
    states = budgets.states(list(found), today(actor, at)) if found else []
    return [Standing(budget=found[state.id], state=state) for state in states]


def count_used_up(actor: Actor, *, at: datetime) -> int:
    """How many budgets are nearly or wholly used up."""
    return sum(1 for one in standings(actor, at=at) if one.state.level)


def access_budget(actor: Actor, budget_id: int) -> Budget:
    """A budget to change. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_COSTS)
    rows = Budget.objects.select_related("team", "channel")
    found = rows.filter(workspace_id=actor.workspace_id, id=budget_id).first()
    if found is None:
        raise NotFound("budget", budget_id)
    return found


# Prices -----------------------------------------------------------------------------------------------------------


def own_prices(actor: Actor) -> Sequence[OwnPrice]:
    """The workspace's own prices. Raises `NotAllowed`."""
    require(actor, Right.SEE_COSTS)
    rows = OwnPrice.objects.filter(workspace_id=actor.workspace_id).select_related("channel")
    return list(rows.order_by("-since", "direction", "kind", "id"))


def access_price(actor: Actor, price_id: int) -> OwnPrice:
    """An own price to change. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_COSTS)
    found = OwnPrice.objects.filter(workspace_id=actor.workspace_id, id=price_id).select_related("channel").first()
    if found is None:
        raise NotFound("price", price_id)
    return found


def listed_prices(actor: Actor) -> Sequence[Rate]:
    """The list prices of the providers the workspace has numbers at. Raises `NotAllowed`."""
    require(actor, Right.SEE_COSTS)
    slugs = sorted({channel.provider for channel in visible_channels(actor)})
    return [rate for slug in slugs for rate in listed.of(slug)]


# The composer -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """What a text from one number to one person costs: by segment, and as MMS where the provider takes files."""

    text: Rate | None
    mms: Rate | None

    def of(self, segments: int, *, media: int = 0) -> Price | None:
        """The price of a text of so many segments, or with files."""
        rate = self.mms if media else self.text
        return None if rate is None else rules.cost(rate, segments)

    def cheaper_mms(self, segments: int) -> Price | None:
        """The price as MMS, when that is less than the segments cost."""
        if self.text is None or self.mms is None or self.text.currency != self.mms.currency:
            return None
        as_mms = rules.cost(self.mms, 1)
        return as_mms if as_mms.amount < rules.cost(self.text, segments).amount else None


def quote(
    channel: Channel, *, recipient: str, region: str, time_zone: str, at: datetime, has_own: bool = True
) -> Quote:
    """The prices the composer counts with, for a recipient in E.164 or "" where nobody is chosen yet; one query.

    `region` and `time_zone` are the workspace's. `has_own` is false where it is known to have no prices of its own,
    which saves the query.
    """
    prices = pricelist.of_number(channel, region=region, time_zone=time_zone, has_own=has_own)
    kind: rules.Kind = "whatsapp" if channel.kind == "whatsapp" else "sms"
    takes_files = kind == "sms" and registry.get(channel.provider).limits.count > 0
    return Quote(
        text=prices.rate("out", kind, recipient=recipient, at=at),
        mms=prices.rate("out", "mms", recipient=recipient, at=at) if takes_files else None,
    )
