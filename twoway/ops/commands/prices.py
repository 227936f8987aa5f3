"""`twoway prices`: what texts cost, by the providers' lists and by your own contract."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from twoway.channels.queries import access_channel
from twoway.messaging.cost import actions, queries, rules
from twoway.messaging.cost.actions import PriceTerms
from twoway.messaging.cost.rules import Rate
from twoway.messaging.models import OwnPrice
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    add = add_actions(parser)
    add_workspace(add("list", "the prices in use", _list))
    put = add("set", "what you pay, from a day on", _set)
    put.add_argument("amount", metavar="AMOUNT", type=_amount, help="such as 0.0075")
    put.add_argument("currency", metavar="CURRENCY", help="three letters, such as USD")
    put.add_argument("--direction", choices=rules.DIRECTIONS, default="out", help="sent or received (out)")
    put.add_argument("--kind", choices=rules.KINDS, default="sms", help="what it is sent as (sms)")
    put.add_argument("--per", choices=rules.PERS, help="what is charged (segment; message for mms and whatsapp)")
    put.add_argument("--country", default="", metavar="CC", help="the recipient's country, two letters; else any")
    put.add_argument("--sender", choices=rules.SENDERS, default="", help="the kind of our number; else any")
    put.add_argument("--provider", default="", metavar="SLUG", help="one provider; else any")
    put.add_argument("--channel", type=int, metavar="ID", help="one number; else all of the workspace")
    put.add_argument("--since", type=_day, metavar="DAY", help="the first day, such as 2026-03-01 (today)")
    add_workspace(put)
    forget = add("forget", "take an own price away", _forget)
    forget.add_argument("id", type=int, metavar="ID")
    add_workspace(forget)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _list(args: argparse.Namespace) -> int:
    by = operator_of(args)
    listed, own = queries.listed_prices(by), queries.own_prices(by)
    found = {"listed": [_listed_document(rate) for rate in listed], "own": [_own_document(price) for price in own]}
    return printing.show(
        args, found, lambda: [*(_line(one, "list") for one in found["listed"]), *(_line(one) for one in found["own"])]
    )


def _set(args: argparse.Namespace) -> int:
    by = operator_of(args)
    at = datetime.now(UTC)
    made = actions.set_price(
        by=by,
        terms=PriceTerms(
            amount=args.amount,
            currency=args.currency,
            since=args.since or queries.today(by, at),
            direction=args.direction,
            kind=args.kind,
            per=args.per or ("segment" if args.kind == "sms" else "message"),
            country=args.country,
            sender=args.sender,
            provider=args.provider,
            channel=access_channel(by, args.channel) if args.channel is not None else None,
        ),
        at=at,
    )
    document = _own_document(made)
    return printing.show(args, document, lambda: [_line(document)])


def _forget(args: argparse.Namespace) -> int:
    by = operator_of(args)
    price = queries.access_price(by, args.id)
    document = _own_document(price)
    actions.delete_price(by=by, price=price, at=datetime.now(UTC))
    return printing.show(args, document, lambda: [f"Price {document['id']} is forgotten."])


def _listed_document(rate: Rate) -> dict[str, Any]:
    return {
        "provider": rate.provider,
        "direction": rate.direction,
        "kind": rate.kind,
        "country": rate.country,
        "sender": rate.sender,
        "per": rate.per,
        "amount": f"{rate.amount:f}",
        "currency": rate.currency,
        "since": rate.since.isoformat(),
        "source": rate.source,
    }


def _own_document(price: OwnPrice) -> dict[str, Any]:
    return {
        "id": price.pk,
        "channel_id": price.channel_id,
        "provider": price.provider,
        "direction": price.direction,
        "kind": price.kind,
        "country": price.country,
        "sender": price.sender,
        "per": price.per,
        "amount": f"{price.amount.normalize():f}",
        "currency": price.currency,
        "since": price.since.isoformat(),
    }


def _line(told: dict[str, Any], whose: str = "") -> str:
    number = f"of number {told['channel_id']}" if told.get("channel_id") else ""
    about = [told["provider"], told["country"], told["sender"], number]
    of_what = " ".join(word for word in about if word) or "any"
    name = whose or f"own {told['id']}"
    return (
        f"{name}: {told['direction']} {told['kind']} {of_what}: {told['amount']} {told['currency']} "
        f"a {told['per']} since {told['since']}"
    )


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount; write one such as 0.0075") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write one such as 2026-03-01") from None
