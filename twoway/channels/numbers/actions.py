"""Writing down what is known of our numbers. Nothing here asks a provider; `jobs` does, and then calls these."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings as deployment
from django.db import connection, transaction

from twoway.channels import config
from twoway.channels.actions import add_channel
from twoway.channels.models import Channel, HostOrder, NumberRecord, ProviderAccount, Registered, Webhook
from twoway.channels.numbers import queries, rules
from twoway.channels.queries import provider_of
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid
from twoway.lib.sealing import seal, unseal
from twoway.lib.words import t
from twoway.providers import url_secret
from twoway.providers.base import Account, Price
from twoway.providers.numbers import Hosted, HostWish, Registration
from twoway.sms import number_types
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_DETAIL = 500
SECRET_BYTES = 18
SIMULATED_RATE = "100"


@transaction.atomic
def keep_account(
    *, by: Actor, provider: str, given: Mapping[str, str], at: datetime, settings: Mapping[str, str] | None = None
) -> ProviderAccount:
    """Keep an account to buy numbers in; the same one again gets the new credentials.

    `given` holds credentials and what else buying needs; `settings` may hold api_base (operators only). Raises
    `NotAllowed`, and `Invalid` naming the field.
    """
    require(by, Right.MANAGE_CHANNELS)
    adapter, api = provider_of(provider), queries.api_of(provider)
    options = config.options_of(settings or {}, by=by)
    more = {field.key: given.get(field.key, "").strip() for field in api.account_fields}
    missing = next((field for field in api.account_fields if field.required and not more[field.key]), None)
    if missing is not None:
        raise Invalid(t("Enter the {label}.", label=t(missing.label)), field=missing.key, code="missing_credential")
    own = {key: value for key, value in given.items() if key not in more}
    if provider == "simulator":
        own = {"key": deployment.CARRIER_KEY} | own
    kept = config.clean_credentials(_with_secret(provider, own), tuple(adapter.fields))
    key = _key_of(provider, kept)
    told: dict[str, Any] = {name: value for name, value in more.items() if value}
    if options.api_base:
        told["api_base"] = options.api_base
    found, is_new = ProviderAccount.objects.update_or_create(
        workspace_id=by.workspace_id,
        provider=adapter.slug,
        key=key,
        defaults={"sealed_credentials": seal(kept, key=deployment.SEALING_KEY), "settings": told},
        create_defaults={
            "sealed_credentials": seal(kept, key=deployment.SEALING_KEY),
            "settings": told,
            "created_at": at,
        },
    )
    _record(by, "account.added" if is_new else "account.changed", f"account {found.pk}", at, provider=adapter.slug)
    return found


@transaction.atomic
def keep_account_of(*, by: Actor, channel: Channel, at: datetime) -> ProviderAccount:
    """Keep the account a connected number uses. Raises `NotAllowed`, `Invalid` when buying needs more than that."""
    require(by, Right.MANAGE_CHANNELS)
    kept = unseal(bytes(channel.sealed_credentials), key=deployment.SEALING_KEY)
    key = _key_of(channel.provider, kept)
    known = ProviderAccount.objects.filter(workspace_id=by.workspace_id, provider=channel.provider, key=key).first()
    if known is not None:
        return known
    api = queries.api_of(channel.provider)
    missing = next((field for field in api.account_fields if field.required), None)
    if missing is not None:
        raise Invalid(t("Enter the {label}.", label=t(missing.label)), field=missing.key, code="missing_credential")
    told = {"api_base": channel.settings["api_base"]} if channel.settings.get("api_base") else {}
    return ProviderAccount.objects.create(
        workspace_id=by.workspace_id,
        provider=channel.provider,
        key=key,
        sealed_credentials=seal(kept, key=deployment.SEALING_KEY),
        settings=told,
        created_at=at,
    )


@transaction.atomic
def connect(*, by: Actor, kept: ProviderAccount, address: str, name: str, team_id: int | None, at: datetime) -> Channel:
    """Make a channel of a number in this account, with the careful rate of its type. Raises as `add_channel` does."""
    region = queries.region_of(by.workspace_id)
    rate = number_types.of_address(address, region=region, on=at.date()).rate
    channel = add_channel(
        by=by,
        provider=kept.provider,
        address=address,
        credentials=queries.credentials_of(kept),
        settings={"rate": SIMULATED_RATE if kept.provider == "simulator" else f"{rate:g}"},
        name=name,
        team_id=team_id,
        at=at,
    )
    if kept.settings.get("api_base"):
        channel.settings = {**channel.settings, "api_base": kept.settings["api_base"]}
        channel.save(update_fields=["settings"])
    return channel


@transaction.atomic
def record_purchase(
    *, by: Actor, channel: Channel, number_id: str, monthly: Price | None, at: datetime
) -> NumberRecord:
    """Write down what a bought number costs."""
    record = _locked(channel)
    record.provider_number_id, record.bought_at = number_id[:80], at
    if monthly is not None:
        record.monthly_price, record.currency = monthly.amount, monthly.currency
    record.save()
    cost = f"{monthly.amount} {monthly.currency} a month" if monthly else "not said"
    _record(by, "number.bought", f"channel {channel.pk}", at, address=channel.address, price=cost)
    return record


@transaction.atomic
def record_pointing(*, channel: Channel, found: rules.Pointing, at: datetime) -> NumberRecord:
    """Write down where a number's texts go. A change away from us goes into the audit trail once."""
    record = _locked(channel)
    before = record.webhook
    record.webhook, record.webhook_url = found.state, found.url[:LONGEST_DETAIL]
    record.webhook_detail, record.webhook_at = found.detail[:LONGEST_DETAIL], at
    if found.state == Webhook.OURS:
        record.webhook_was_ours = True
    record.save()
    if record.webhook_was_ours and found.state in queries.ALARMING and before != found.state:
        audit(
            workspace_id=channel.workspace_id,
            actor="Twoway",
            action="number.webhook_changed",
            subject=f"channel {channel.pk}",
            data={"address": channel.address, "found": found.url},
            at=at,
        )
    return record


@transaction.atomic
def record_registration(*, channel: Channel, found: Registration, at: datetime) -> NumberRecord:
    """Write down how a number is registered. When what held its texts ends, they go."""
    record = _locked(channel)
    before = record.registration
    record.registration = found.state.value
    record.registration_detail = found.detail[:LONGEST_DETAIL]
    record.registration_parts = [
        {"name": part.name, "state": part.state.value, "detail": part.detail[:LONGEST_DETAIL]} for part in found.parts
    ]
    record.registration_link, record.registration_at = found.link[:300], at
    _note_cleared(record, before=before, was_waived=record.is_waived, at=at)
    record.save()
    if before != record.registration:
        audit(
            workspace_id=channel.workspace_id,
            actor="Twoway",
            action="number.registration_changed",
            subject=f"channel {channel.pk}",
            data={"address": channel.address, "from": before, "to": record.registration},
            at=at,
        )
    return record


@transaction.atomic
def waive_registration(*, by: Actor, channel: Channel, is_waived: bool, at: datetime) -> NumberRecord:
    """Say that carriers don't block this number although it isn't registered, or take that back. Audited.

    Raises `NotAllowed`.
    """
    require(by, Right.MANAGE_CHANNELS)
    record = _locked(channel)
    was_waived, record.is_waived = record.is_waived, is_waived
    _note_cleared(record, before=record.registration, was_waived=was_waived, at=at)
    record.save()
    action = "number.registration_waived" if is_waived else "number.registration_required"
    _record(by, action, f"channel {channel.pk}", at, address=channel.address)
    return record


@transaction.atomic
def record_release(*, by: Actor, channel: Channel, at: datetime) -> NumberRecord:
    """Write down that a number was given back."""
    record = _locked(channel)
    record.released_at = at
    record.save()
    _record(by, "number.released", f"channel {channel.pk}", at, address=channel.address)
    return record


@transaction.atomic
def record_order(
    *, by: Actor, account: ProviderAccount, wish: HostWish, name: str, hosted: Hosted, at: datetime
) -> HostOrder:
    """Write down a text-enabling order that the provider took."""
    require(by, Right.MANAGE_CHANNELS)
    order = HostOrder.objects.create(
        workspace_id=by.workspace_id,
        account=account,
        address=wish.number,
        name=name[:60],
        reference=hosted.reference[:120],
        state=hosted.state.value,
        detail=hosted.detail[:LONGEST_DETAIL],
        created_at=at,
        asked_at=at,
    )
    _record(by, "number.host_asked", f"order {order.pk}", at, address=wish.number, provider=account.provider)
    return order


def record_order_state(*, order: HostOrder, hosted: Hosted, at: datetime, channel: Channel | None = None) -> None:
    """Write down how an order stands, and the number it became."""
    order.state, order.detail, order.asked_at = hosted.state.value, hosted.detail[:LONGEST_DETAIL], at
    if channel is not None:
        order.channel = channel
    order.save(update_fields=["state", "detail", "asked_at", "channel"])


def _locked(channel: Channel) -> NumberRecord:
    NumberRecord.objects.get_or_create(channel=channel)
    return NumberRecord.objects.select_for_update(no_key=True).get(channel=channel)


def _note_cleared(record: NumberRecord, *, before: str, was_waived: bool, at: datetime) -> None:
    """Remember when what held texts ended, and wake delivery for them."""
    was_held = before in queries.HELD and not was_waived
    is_held = record.registration in queries.HELD and not record.is_waived
    if was_held and not is_held:
        record.cleared_at = at
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('twoway_outbox', '')")


def _with_secret(provider: str, given: Mapping[str, str]) -> Mapping[str, str]:
    """The credentials with an address secret made up, where this provider needs one and none was given."""
    needs = any(field.key == url_secret.FIELD for field in provider_of(provider).fields)
    if not needs or given.get(url_secret.FIELD):
        return given
    return {**given, url_secret.FIELD: secrets.token_urlsafe(SECRET_BYTES)}


def _key_of(provider: str, credentials: Mapping[str, str]) -> str:
    """What tells accounts of one provider apart: its id there, else a digest that gives nothing away."""
    ids = provider_of(provider).account_ids(Account(address="", credentials=credentials))
    named = "/".join(str(one) for one in ids if one)
    if named:
        return named[:80]
    known = {key: value for key, value in credentials.items() if key != url_secret.FIELD}
    plain = orjson.dumps(known, option=orjson.OPT_SORT_KEYS)
    return hmac.new(deployment.SEALING_KEY.encode(), plain, hashlib.sha256).hexdigest()[:20]


def _record(by: Actor, action: str, subject: str, at: datetime, **data: Detail) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=dict(data), at=at)


__all__ = [
    "Registered",
    "connect",
    "keep_account",
    "keep_account_of",
    "record_order",
    "record_order_state",
    "record_pointing",
    "record_purchase",
    "record_registration",
    "record_release",
    "waive_registration",
]
