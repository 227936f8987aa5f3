"""Settings, Prices: what the workspace pays by its contract, and the providers' lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import access_channel, provider_of, visible_channels
from twoway.desk.forms_costs import PriceForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.words import date_words
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.messaging.cost import actions, queries, rules
from twoway.messaging.cost.queries import OwnPrice, Price, Rate
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

TEMPLATE = "desk/settings/prices.html"
_KINDS = {"sms": "SMS", "mms": "MMS", "whatsapp": "WhatsApp"}
_SENDERS = {
    "long_code": noted("ordinary numbers"),
    "toll_free": noted("toll-free"),
    "short_code": noted("short codes"),
    "name": noted("names"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One price. `id` is set for own ones; `whose` says for which provider or number it holds."""

    what: str
    whose: str
    price: str
    since: str
    source: str = ""
    id: int = 0


@guard(Right.SEE_COSTS)
@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """Both lists."""
    return _page(request)


@guard(Right.MANAGE_COSTS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Set an own price."""
    actor = actor_of(request)
    initial = {"since": queries.today(actor, timezone.now()), "country": teams.workspace_of(actor).region}
    form = PriceForm(request.POST or None, numbers=_numbers(actor), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_price(by=actor, terms=_terms(actor, form.cleaned_data), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("The price is set. It counts for texts from now on."))
            return redirect("desk:settings_prices")
    return _page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_COSTS)
@require_POST
def delete(request: HttpRequest, price_id: int) -> HttpResponse:
    """Forget an own price."""
    actor = actor_of(request)
    actions.delete_price(by=actor, price=queries.access_price(actor, price_id), at=timezone.now())
    say(request, t("The price is gone. The list counts again."))
    return redirect("desk:settings_prices")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    today = queries.today(actor, timezone.now())
    context = {
        "own": [_own(price, actor, today) for price in queries.own_prices(actor)],
        "listed": [_listed(rate, today) for rate in queries.listed_prices(actor)],
        "may_change": may(actor, Right.MANAGE_COSTS),
        "panel": "",
        "close_url": reverse("desk:settings_prices"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _numbers(actor: Actor) -> list[tuple[str, str]]:
    region = teams.workspace_of(actor).region
    return [
        (str(channel.pk), f"{channel.name or provider_of(channel.provider).name} {_pretty(channel.address, region)}")
        for channel in visible_channels(actor)
        if channel.is_active
    ]


def _pretty(address: str, region: str) -> str:
    return phone.pretty(address, region=region)


def _terms(actor: Actor, given: dict[str, Any]) -> actions.PriceTerms:
    channel = given["channel"]
    names = ("amount", "currency", "per", "direction", "kind", "country", "sender", "since")
    return actions.PriceTerms(
        channel=access_channel(actor, int(channel)) if channel else None, **{name: given[name] for name in names}
    )


def _own(price: OwnPrice, actor: Actor, today: date) -> Line:
    whose = t("Every number")
    if price.channel is not None:
        whose = price.channel.name or _pretty(price.channel.address, teams.workspace_of(actor).region)
    elif price.provider:
        whose = provider_of(price.provider).name
    return Line(
        id=price.pk,
        what=_what(price),
        whose=whose,
        price=_price(price),
        since=date_words(price.since, this_year=today.year),
    )


def _listed(rate: Rate, today: date) -> Line:
    return Line(
        what=_what(rate),
        whose=provider_of(rate.provider).name,
        price=_price(rate),
        since=date_words(rate.since, this_year=today.year),
        source=t(rate.source),
    )


def _what(line: OwnPrice | Rate) -> str:
    """Such as "SMS to US" or "MMS received, toll-free"."""
    kind = _KINDS[line.kind]
    if line.direction == "out":
        words = t("{kind} to {country}", kind=kind, country=line.country or t("any country"))
    elif line.country:
        words = t("{kind} received in {country}", kind=kind, country=line.country)
    else:
        words = t("{kind} received", kind=kind)
    return f"{words}, {t(_SENDERS[line.sender])}" if line.sender else words


def _price(line: OwnPrice | Rate) -> str:
    price = rules.words(Price(amount=line.amount, currency=line.currency))
    return t("{price} a segment", price=price) if line.per == "segment" else t("{price} a message", price=price)
