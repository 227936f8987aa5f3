"""What a text costs and whether a budget lets it leave, as pure functions.

Money is `Decimal` with its currency beside it; amounts of two currencies are never added. Amounts are kept to a
millionth of a unit, since a text costs fractions of a cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from twoway.providers.base import Price
from twoway.sms import phone

Direction = Literal["in", "out"]
Kind = Literal["sms", "mms", "whatsapp"]
Sender = Literal["long_code", "toll_free", "short_code", "name"]
Per = Literal["segment", "message"]
Period = Literal["day", "month"]
Level = Literal["", "warn", "reached"]

DIRECTIONS: Sequence[Direction] = ("out", "in")
KINDS: Sequence[Kind] = ("sms", "mms", "whatsapp")
SENDERS: Sequence[Sender] = ("long_code", "toll_free", "short_code", "name")
PERS: Sequence[Per] = ("segment", "message")
PERIODS: Sequence[Period] = ("day", "month")

LISTED, OWN, OWN_OF_NUMBER = 0, 1, 2
SMALLEST = Decimal("0.000001")
MOST = Decimal("99999999")
SYMBOLS: Mapping[str, str] = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "CA$", "AUD": "A$", "INR": "₹"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """One line of a price list. An empty `provider`, `country` or `sender` means any.

    `country` is the recipient's (ISO 3166, two letters): theirs for a text out, ours for a text in. `sender` is the
    kind of our number. `level` says whose price it is: the provider's list, the workspace's own, or one number's.
    """

    direction: Direction
    kind: Kind
    per: Per
    amount: Decimal
    currency: str
    since: date
    provider: str = ""
    country: str = ""
    sender: str = ""
    source: str = ""
    level: int = LISTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Billed:
    """One text as a provider bills it."""

    provider: str
    direction: Direction
    kind: Kind
    country: str
    sender: Sender
    segments: int
    on: date


def rate_for(rates: Iterable[Rate], billed: Billed) -> Rate | None:
    """The line that prices this text: our own before the list, the narrower before the wider, then the newer."""
    fitting = [rate for rate in rates if _fits(rate, billed)]
    return max(fitting, key=_narrowness, default=None)


def _fits(rate: Rate, billed: Billed) -> bool:
    return (
        rate.direction == billed.direction
        and rate.kind == billed.kind
        and rate.since <= billed.on
        and rate.provider in {"", billed.provider}
        and rate.country in {"", billed.country}
        and rate.sender in {"", billed.sender}
    )


def _narrowness(rate: Rate) -> tuple[int, bool, bool, bool, date]:
    return rate.level, rate.country != "", rate.sender != "", rate.provider != "", rate.since


def price_of(rates: Iterable[Rate], billed: Billed) -> Price | None:
    """What this text costs by these lines, or None when no line prices it."""
    rate = rate_for(rates, billed)
    return None if rate is None else cost(rate, billed.segments)


def cost(rate: Rate, segments: int) -> Price:
    """So many segments at this rate."""
    many = max(segments, 1) if rate.per == "segment" else 1
    return Price(amount=rounded(rate.amount * many), currency=rate.currency)


def rounded(amount: Decimal) -> Decimal:
    """To a millionth of the currency's unit, half up."""
    return amount.quantize(SMALLEST, rounding=ROUND_HALF_UP)


def kind_of(*, channel_kind: str, media: int) -> Kind:
    """What a text leaves as: WhatsApp on a WhatsApp channel, MMS with files, else SMS."""
    if channel_kind == "whatsapp":
        return "whatsapp"
    return "mms" if media else "sms"


def sender_of(address: str) -> Sender:
    """The kind of this number of ours, as far as its digits tell."""
    bare = address.removeprefix("whatsapp:")
    if phone.is_toll_free_us(bare):
        return "toll_free"
    if bare.startswith("+"):
        return "long_code"
    return "short_code" if bare.isascii() and bare.isdigit() else "name"


# Money in words ---------------------------------------------------------------------------------------------------


def mark(currency: str) -> str:
    """What stands before an amount: a symbol, or the currency's letters and a space that does not break."""
    return SYMBOLS.get(currency, f"{currency}\u00a0")


def words(price: Price) -> str:
    """Such as $0.0083, $12.40 or CHF 0.05: two decimals, and up to four where the amount is below one."""
    amount = price.amount
    small = abs(amount) < 1
    exact = amount.quantize(Decimal("0.0001") if small else Decimal("0.01"), rounding=ROUND_HALF_UP)
    whole, _, decimals = f"{abs(exact):,f}".partition(".")
    shown = f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"
    return f"{'-' if exact < 0 else ''}{mark(price.currency)}{shown}"


def total(prices: Iterable[Price]) -> tuple[Price, ...]:
    """The sum of each currency, the largest first."""
    sums: dict[str, Decimal] = {}
    for price in prices:
        sums[price.currency] = sums.get(price.currency, Decimal()) + price.amount
    return tuple(
        Price(amount=amount, currency=currency) for currency, amount in sorted(sums.items(), key=lambda one: -one[1])
    )


# Budgets ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetState:
    """A budget and what is spent of it in this period. Without a team and a number it is the workspace's.

    `warn_share` is in percent of the amount, 0 for no warning. With `replies_always` a person's answer to a customer
    who waits leaves even when the budget is used up.
    """

    id: int
    period: Period
    amount: Decimal
    currency: str
    spent: Decimal
    warn_share: int = 80
    stops: bool = False
    replies_always: bool = True
    team_id: int | None = None
    channel_id: int | None = None

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent, rounded down."""
        return int(self.spent * 100 / self.amount)

    @property
    def level(self) -> Level:
        """Whether it is used up, or enough of it to warn."""
        if self.spent >= self.amount:
            return "reached"
        return "warn" if self.warn_share and self.spent * 100 >= self.amount * self.warn_share else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """One text that asks to leave. `is_reply`: a person answers a customer who waits. `is_notice`: the law wants it."""

    price: Price | None
    team_id: int | None = None
    channel_id: int | None = None
    is_reply: bool = False
    is_notice: bool = False


def covers(budget: BudgetState, asking: Asking) -> bool:
    """Whether this budget is about this text."""
    return budget.channel_id in {None, asking.channel_id} and budget.team_id in {None, asking.team_id}


def stopped_by(budgets: Iterable[BudgetState], asking: Asking) -> BudgetState | None:
    """The budget that does not let this text leave, or None.

    A text in another currency, or one without a price while there is money left, is not held: what it takes of the
    budget is not known.
    """
    if asking.is_notice:
        return None
    for budget in budgets:
        if not budget.stops or not covers(budget, asking) or (asking.is_reply and budget.replies_always):
            continue
        if asking.price is not None and asking.price.currency != budget.currency:
            continue
        if budget.spent + (asking.price.amount if asking.price else SMALLEST) > budget.amount:
            return budget
    return None


def admitted(budgets: Sequence[BudgetState], askings: Sequence[Asking]) -> list[BudgetState | None]:
    """For each text in order the budget that stops it, or None; what is admitted is spent for those after it."""
    left = list(budgets)
    verdicts: list[BudgetState | None] = []
    for asking in askings:
        stopper = stopped_by(left, asking)
        verdicts.append(stopper)
        if stopper is None and asking.price is not None:
            left = [_spending(budget, asking, asking.price) for budget in left]
    return verdicts


def _spending(budget: BudgetState, asking: Asking, price: Price) -> BudgetState:
    if not covers(budget, asking) or budget.currency != price.currency:
        return budget
    return spending(budget, price.amount)


def spending(budget: BudgetState, amount: Decimal) -> BudgetState:
    """The budget after spending so much more of its currency."""
    return replace(budget, spent=budget.spent + amount)


def period_start(period: str, day: date) -> date:
    """The first day of the period this day is in."""
    return day if period == "day" else day.replace(day=1)


def period_end(period: str, day: date) -> date:
    """The last day of the period this day is in."""
    if period == "day":
        return day
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
