"""`twoway channel`: the numbers and other addresses we own, and what connects them to their providers."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from twoway.channels import actions, config, queries, simulator
from twoway.channels.models import Channel, Template
from twoway.channels.templates import refreshing
from twoway.channels.templates import rules as template_rules
from twoway.channels.urls import inbound_url, status_url, voice_url
from twoway.compliance.rules import Purpose
from twoway.lib.refusal import Invalid
from twoway.messaging import outbound
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of, settings_of
from twoway.ops.commands import channel_rest
from twoway.providers.base import CredentialField
from twoway.sms import phone
from twoway.teams.queries import workspace_of

SIMULATOR = "simulator"
TEST_TEXT = "This is a test text from Twoway."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    add = action("add", "connect an address of ours", _add)
    add.add_argument("provider", metavar="PROVIDER", help="twilio, simulator, ...")
    add.add_argument("--address", required=True, metavar="NUMBER", help="our number, such as +15550100")
    add.add_argument("--name", default="", help="what people call it")
    add.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="pairs",
        help="a credential or a setting (api_base, rate, service_id, stop_handled_by); KEY=- reads the value from "
        "standard input, and a credential that is not given is taken from PROVIDER_KEY in the environment",
    )
    add_workspace(add)
    add_workspace(action("list", "the channels there are", _list))
    check = action("check", "try the credentials and compare the webhook address", _check)
    check.add_argument("id", type=int, metavar="ID")
    check.add_argument("--to", metavar="NUMBER", help="also send a test text to this number")
    add_workspace(check)
    channel_rest.add_arguments(action)
    templates = action("templates", "fetch the templates of a WhatsApp number", _templates)
    templates.add_argument("id", type=int, metavar="ID")
    add_workspace(templates)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _add(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    known = tuple(queries.provider_of(args.provider).fields)
    credentials, options = config.split(settings_of(args.pairs), known)
    if args.provider == SIMULATOR:
        options.setdefault("rate", simulator.RATE)
    channel = actions.add_channel(
        by=by,
        provider=args.provider,
        address=args.address,
        name=args.name,
        credentials=_from_environment(args.provider, known, os.environ) | credentials,
        settings=options,
        at=at,
    )
    if channel.provider == SIMULATOR:
        simulator.register(channel)
    made = {"channel_id": channel.pk, **_urls(channel)}
    return printing.show(args, made, lambda: _added_lines(channel))


def _from_environment(
    provider: str, known: Iterable[CredentialField], environment: Mapping[str, str]
) -> dict[str, str]:
    """Credentials kept out of the command line, such as TWILIO_AUTH_TOKEN for `auth_token` of twilio."""
    names = {field.key: f"{provider}_{field.key}".upper() for field in known}
    return {key: environment[name] for key, name in names.items() if environment.get(name)}


def _urls(channel: Channel) -> dict[str, str]:
    return {
        "inbound_url": inbound_url(channel),
        "status_url": status_url(channel),
        "voice_url": voice_url(channel),
    }


def _added_lines(channel: Channel) -> list[str]:
    return [
        f"Channel {channel.pk} is connected: {channel.address} at {channel.provider}.",
        f"Incoming texts: {queries.url_to_paste(channel)}",
        f"Delivery receipts: {status_url(channel)}",
        f"Calls: {voice_url(channel)}",
        f"Now run twoway channel check {channel.pk}.",
    ]


def _list(args: argparse.Namespace) -> int:
    found = [_document(channel) for channel in queries.visible_channels(operator_of(args)).order_by("id")]
    return printing.show(args, {"items": found}, lambda: [_line(channel) for channel in found])


def _document(channel: Channel) -> dict[str, Any]:
    return {
        "channel_id": channel.pk,
        "kind": channel.kind,
        "provider": channel.provider,
        "address": channel.address,
        "name": channel.name,
        "team": channel.team.name if channel.team else None,
        "rate": channel.rate,
        "stop_handled_by": channel.stop_handled_by,
        "is_active": channel.is_active,
        "checked_at": channel.checked_at,
        "check_ok": channel.check_ok,
        "check_detail": channel.check_detail,
        **_urls(channel),
    }


def _line(channel: dict[str, Any]) -> str:
    checks = {True: "works", False: "does not work", None: "not checked"}
    state = checks[channel["check_ok"]] if channel["is_active"] else "switched off"
    name = f"  {channel['name']}" if channel["name"] else ""
    return f"{channel['channel_id']:>5}  {channel['provider']:<10} {channel['address']:<16} {state}{name}"


def _check(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    channel = queries.access_channel(by, args.id)
    checked = queries.check(channel)
    actions.record_check(channel=channel, checked=checked, at=at)
    test_id = _send_test(args, channel, at) if checked.ok and args.to else None
    found = {
        "channel_id": channel.pk,
        "ok": checked.ok,
        "detail": checked.detail,
        "inbound_url": inbound_url(channel),
        "provider_inbound_url": checked.inbound_url or None,
        "test_message_id": test_id,
    }
    printing.show(args, found, lambda: _checked_lines(channel, found))
    return 0 if checked.ok else printing.fail(f"Channel {channel.pk} does not work: {checked.detail}")


def _send_test(args: argparse.Namespace, channel: Channel, at: datetime) -> int:
    by = operator_of(args)
    try:
        identity = phone.parse_typed(args.to, region=workspace_of(by).region)
    except phone.NotANumber as error:
        raise Invalid(str(error), field="to") from None
    queued = outbound.queue_first_text(
        by=by, channel=channel, identity=identity, body=TEST_TEXT, purpose=Purpose.TEST, at=at
    )
    return queued.message.id


def _templates(args: argparse.Namespace) -> int:
    channel = queries.access_channel(operator_of(args), args.id)
    kept = refreshing.refresh(channel=channel, at=datetime.now(UTC))
    found = [_template(one) for one in kept]
    return printing.show(args, {"channel_id": channel.pk, "items": found}, lambda: _template_lines(channel, found))


def _template(one: Template) -> dict[str, Any]:
    return {
        "name": one.name,
        "language": one.language,
        "category": one.category,
        "status": one.status,
        "body": one.body,
        "places": one.places,
        "can_be_sent": template_rules.can_be_sent(status=one.status, why_not=one.why_not),
        "why_not": template_rules.why_not_sent(status=one.status, why_not=one.why_not) or None,
    }


def _template_lines(channel: Channel, found: list[dict[str, Any]]) -> list[str]:
    if not found:
        return [f"Channel {channel.pk} has no templates. They are made and approved at the provider."]
    return [
        f"{one['name']:<32} {one['language']:<6} {one['category']:<14} {one['why_not'] or 'can be sent'}"
        for one in found
    ]


def _checked_lines(channel: Channel, found: dict[str, Any]) -> list[str]:
    lines = [found["detail"]]
    theirs = found["provider_inbound_url"]
    if theirs and theirs != found["inbound_url"]:
        lines.append(f"The provider sends texts to {theirs}, ours is {found['inbound_url']}.")
    if found["test_message_id"]:
        lines.append(f"A test text is queued as message {found['test_message_id']}.")
    elif found["ok"]:
        lines.append(f"Send a test text with: twoway channel check {channel.pk} --to +1...")
    return lines
