"""`twoway number`: search, buy, connect, set up, text-enable and give back numbers through the provider's API."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from twoway.channels import queries as channels
from twoway.channels.models import Channel, HostOrder, NumberRecord, ProviderAccount
from twoway.channels.numbers import actions, jobs, queries
from twoway.lib.refusal import Invalid
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of, settings_of
from twoway.ops.errors import CommandFailed
from twoway.providers.base import Price
from twoway.providers.numbers import Ability, NumberKind, NumberQuery, Offered, Owned
from twoway.sms import phone

KINDS = tuple(kind.value for kind in NumberKind)
SETTINGS = ("api_base",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    search = action("search", "numbers that can be bought, with what a month costs", _search)
    _add_account(search)
    _add_wanted(search)
    buy = action("buy", "buy a number and connect it with its webhooks set", _buy)
    _add_account(buy)
    buy.add_argument("number", metavar="NUMBER")
    _add_kind(buy)
    buy.add_argument("--name", default="", help="what people call it")
    buy.add_argument("--yes", action="store_true", help="buy it; without this only the price is shown")
    connect = action("connect", "connect a number that is in the account already", _connect)
    _add_account(connect)
    connect.add_argument("number", metavar="NUMBER")
    connect.add_argument("--name", default="", help="what people call it")
    _add_account(action("list", "the numbers in the account, and which are connected", _list))
    for name, does, work in (
        ("configure", "have a number's texts sent here, and look whether they are", _configure),
        ("registration", "how a number is registered with the carriers, and what is missing", _registration),
    ):
        one = action(name, does, work)
        one.add_argument("id", type=int, metavar="CHANNEL-ID")
        add_workspace(one)
        if name == "registration":
            one.add_argument(
                "--waive", choices=("yes", "no"), help="say that carriers don't block this number, or take it back"
            )
    release = action("release", "give a number back for good", _release)
    release.add_argument("id", type=int, metavar="CHANNEL-ID")
    release.add_argument("--confirm", required=True, metavar="DIGITS", help="the last four digits of the number")
    add_workspace(release)
    host = action("host", "text-enable a number of another phone company, or look at such an order", _host)
    _add_account(host)
    host.add_argument("number", metavar="NUMBER")
    host.add_argument("--answer", action="append", default=[], metavar="KEY=VALUE", help="what the provider asks")
    host.add_argument("--name", default="", help="what people will call it")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="twilio, telnyx, plivo, vonage, bandwidth or simulator")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="pairs",
        help="a credential, or what buying needs; without any, the account kept before, or that of a connected number",
    )
    add_workspace(parser)


def _add_kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--country", default="US", metavar="CC", help="two letters")
    parser.add_argument("--kind", choices=KINDS, default=NumberKind.LOCAL.value)


def _add_wanted(parser: argparse.ArgumentParser) -> None:
    _add_kind(parser)
    parser.add_argument("--area", default="", metavar="CODE", help="area code (US and Canada)")
    parser.add_argument("--contains", default="", metavar="DIGITS")
    parser.add_argument("--mms", action="store_true", help="only numbers that can send pictures")
    parser.add_argument("--voice", action="store_true", help="only numbers that can take calls")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (up to 50)")


def _search(args: argparse.Namespace) -> int:
    by = operator_of(args)
    wanted = {Ability.SMS} | ({Ability.MMS} if args.mms else set()) | ({Ability.VOICE} if args.voice else set())
    query = NumberQuery(
        country=args.country.upper(),
        kind=NumberKind(args.kind),
        area=_digits(args.area, "area"),
        contains=_digits(args.contains, "contains"),
        abilities=frozenset(wanted),
        limit=min(max(args.limit, 1), 50),
    )
    found = jobs.search(by=by, kept=_account(args), query=query)
    items = [_offered(one) for one in found]
    return printing.show(args, {"items": items}, lambda: _offered_lines(items))


def _buy(args: argparse.Namespace) -> int:
    kept, at = _account(args), datetime.now(UTC)
    by, kind, country = operator_of(args), NumberKind(args.kind), args.country.upper()
    if not args.yes:
        offered = jobs.price_of(by=by, kept=kept, number=args.number, country=country, kind=kind)
        cost = _price_words(offered.monthly)
        raise CommandFailed(f"{offered.number} costs {cost}. Add --yes to buy it.")
    made = jobs.buy(by=by, kept=kept, number=args.number, country=country, kind=kind, name=args.name, at=at)
    return _show_connected(args, made)


def _connect(args: argparse.Namespace) -> int:
    made = jobs.connect(
        by=operator_of(args), kept=_account(args), number=args.number, name=args.name, at=datetime.now(UTC)
    )
    return _show_connected(args, made)


def _show_connected(args: argparse.Namespace, made: jobs.Connected) -> int:
    document = _document(made.channel, queries.record_of(made.channel)) | {"warning": made.warning or None}
    lines = [f"Channel {made.channel.pk}: {made.channel.address} at {made.channel.provider}.", *_record_lines(document)]
    return printing.show(args, document, lambda: [*lines, made.warning] if made.warning else lines)


def _list(args: argparse.Namespace) -> int:
    by, kept = operator_of(args), _account(args)
    connected = {
        channel.address: channel.pk
        for channel in channels.visible_channels(by).filter(provider=kept.provider, is_active=True)
    }
    found: list[Owned] = []
    cursor = ""
    while True:
        page = jobs.owned(by=by, kept=kept, cursor=cursor)
        found += page.items
        cursor = page.cursor
        if not cursor or len(found) >= 5000:
            break
    items = [
        {
            "number": one.number,
            "kind": one.kind.value,
            "abilities": sorted(one.abilities),
            "monthly": _price(one.monthly),
            "channel_id": connected.get(one.number),
        }
        for one in found
    ]
    return printing.show(args, {"items": items}, lambda: _owned_lines(items))


def _configure(args: argparse.Namespace) -> int:
    by = operator_of(args)
    channel = channels.access_channel(by, args.id)
    record = jobs.configure(by=by, channel=channel, at=datetime.now(UTC))
    document = _document(channel, record)
    printing.show(args, document, lambda: _record_lines(document))
    return 0 if record.webhook == queries.Webhook.OURS else printing.fail(record.webhook_detail)


def _registration(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    channel = channels.access_channel(by, args.id)
    if args.waive:
        actions.waive_registration(by=by, channel=channel, is_waived=args.waive == "yes", at=at)
    record = jobs.ask_registration(channel=channel, at=at)
    document = _document(channel, record)
    document["steps"] = list(queries.type_of(channel, on=at).steps)
    return printing.show(args, document, lambda: _registration_lines(document))


def _release(args: argparse.Namespace) -> int:
    by = operator_of(args)
    channel = channels.access_channel(by, args.id)
    jobs.release(by=by, channel=channel, typed=args.confirm, at=datetime.now(UTC))
    document = {"channel_id": channel.pk, "number": channel.address, "released": True}
    return printing.show(args, document, lambda: [f"{channel.address} is given back. Its conversations stay."])


def _host(args: argparse.Namespace) -> int:
    by, kept, at = operator_of(args), _account(args), datetime.now(UTC)
    wanted = phone.parse_typed(args.number, region="US").value
    known = next((order for order in queries.orders(by) if order.address == wanted), None)
    if known is not None:
        order = jobs.ask_order(order=known, at=at)
    else:
        order = jobs.host(by=by, kept=kept, number=wanted, answers=settings_of(args.answer), name=args.name, at=at)
    document = _order(order)
    return printing.show(args, document, lambda: [f"{order.address}: {order.state.replace('_', ' ')}. {order.detail}"])


def _account(args: argparse.Namespace) -> ProviderAccount:
    """The account that was meant: the one whose credentials are given, else one kept, else a connected number's."""
    by, at = operator_of(args), datetime.now(UTC)
    fields = queries.account_fields(args.provider)
    given = settings_of(args.pairs)
    names = {field.key: f"{args.provider}_{field.key}".upper() for field in fields}
    found = {key: os.environ[name] for key, name in names.items() if os.environ.get(name)}
    keys = {field.key for field in channels.provider_of(args.provider).fields} | set(names)
    credentials = found | {key: value for key, value in given.items() if key in keys}
    settings = {key: value for key, value in given.items() if key not in keys}
    if credentials or settings or args.provider == "simulator":
        return actions.keep_account(by=by, provider=args.provider, given=credentials, settings=settings, at=at)
    source = next((one for one in queries.sources(by) if one.provider == args.provider), None)
    if source is None:
        raise CommandFailed(f"Give the account's credentials with --set: {', '.join(sorted(names))}.")
    if source.account_id is not None:
        return queries.access_account(by, source.account_id)
    return actions.keep_account_of(by=by, channel=channels.access_channel(by, source.channel_id or 0), at=at)


def _digits(text: str, field: str) -> str:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise Invalid("Write digits only.", field=field)
    return text


def _offered(one: Offered) -> dict[str, Any]:
    return {
        "number": one.number,
        "country": one.country,
        "kind": one.kind.value,
        "abilities": sorted(one.abilities),
        "place": one.place,
        "monthly": _price(one.monthly),
        "setup": _price(one.setup),
        "needs": one.needs,
    }


def _price(found: Price | None) -> dict[str, str] | None:
    return None if found is None else {"amount": queries.amount_words(found.amount), "currency": found.currency}


def _price_words(found: Price | None) -> str:
    return f"{queries.amount_words(found.amount)} {found.currency} a month" if found else "what your contract says"


def _offered_lines(items: list[dict[str, Any]]) -> Iterable[str]:
    for one in items:
        cost = f"{one['monthly']['amount']} {one['monthly']['currency']}" if one["monthly"] else "price not told"
        yield f"{one['number']:<16} {one['kind']:<10} {cost:<14} {', '.join(one['abilities'])}  {one['place']}".rstrip()
    if not items:
        yield "None found. Try another area code, or fewer digits."


def _owned_lines(items: list[dict[str, Any]]) -> Iterable[str]:
    for one in items:
        state = f"channel {one['channel_id']}" if one["channel_id"] else "not connected"
        yield f"{one['number']:<16} {one['kind']:<10} {state}"
    if not items:
        yield "There is no number in this account."


def _document(channel: Channel, record: NumberRecord) -> dict[str, Any]:
    monthly = None
    if record.monthly_price is not None:
        monthly = {"amount": queries.amount_words(record.monthly_price), "currency": record.currency}
    return {
        "channel_id": channel.pk,
        "number": channel.address,
        "provider": channel.provider,
        "monthly": monthly,
        "webhook": record.webhook or "unknown",
        "webhook_detail": record.webhook_detail,
        "registration": record.registration,
        "registration_detail": record.registration_detail,
        "registration_parts": record.registration_parts,
        "registration_link": record.registration_link,
        "is_waived": record.is_waived,
    }


def _record_lines(document: dict[str, Any]) -> list[str]:
    return [
        f"Webhook: {document['webhook_detail'] or document['webhook']}",
        f"Registration: {document['registration'].replace('_', ' ')}. {document['registration_detail']}".strip(),
    ]


def _registration_lines(document: dict[str, Any]) -> Iterable[str]:
    state = document["registration"].replace("_", " ")
    yield f"{document['number']}: {state}. {document['registration_detail']}".strip()
    for part in document["registration_parts"]:
        yield f"  {part['name']}: {part['state'].replace('_', ' ')}. {part['detail']}".rstrip()
    if document["registration"] in {"missing", "rejected", "unknown"}:
        yield from (f"  {number}. {step}" for number, step in enumerate(document["steps"], start=1))
    if document["registration_link"]:
        yield f"  There: {document['registration_link']}"
    if document["is_waived"]:
        yield "  Texts are sent all the same: the owner says that carriers don't block it."


def _order(order: HostOrder) -> dict[str, Any]:
    return {
        "order_id": order.pk,
        "number": order.address,
        "state": order.state,
        "detail": order.detail,
        "channel_id": order.channel_id,
    }
