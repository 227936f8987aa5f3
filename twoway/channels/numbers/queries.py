"""Reading what is known of our numbers: accounts to buy in, records, orders, and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings as deployment
from django.db.models import Q, QuerySet

from twoway.channels.models import Channel, HostOrder, Kind, NumberRecord, ProviderAccount, Registered, Webhook
from twoway.channels.numbers import rules
from twoway.channels.queries import account, account_settings, provider_of, visible_channels
from twoway.channels.urls import inbound_url, status_url, voice_url
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.sealing import unseal
from twoway.lib.words import t
from twoway.providers import registry, url_secret
from twoway.providers.base import Account, CredentialField, Price
from twoway.providers.numbers import (
    Ability,
    Hooks,
    HostState,
    NumberApi,
    NumberKind,
    NumberQuery,
    Offered,
    Owned,
    number_api,
)
from twoway.sms import number_types
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

__all__ = [
    "Ability",
    "HostOrder",
    "NumberKind",
    "NumberQuery",
    "NumberRecord",
    "Offered",
    "Owned",
    "Price",
    "ProviderAccount",
    "Registered",
    "Source",
    "Webhook",
]

ALARMING = (Webhook.ELSEWHERE, Webhook.NOWHERE, Webhook.GONE)
HELD = (Registered.MISSING, Registered.PENDING, Registered.REJECTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """An account numbers can be bought in: one kept for it, or the one a connected number uses."""

    provider: str
    provider_name: str
    account_id: int | None
    channel_id: int | None
    label: str


def selling_providers() -> list[tuple[str, str]]:
    """(slug, name) of the providers whose numbers can be bought here, by name."""
    found = [registry.get(slug) for slug in registry.slugs() if number_api(slug) is not None]
    return sorted(((one.slug, one.name) for one in found), key=lambda pair: pair[1])


def api_of(provider: str) -> NumberApi:
    """The number API of a provider. Raises `Invalid`."""
    found = number_api(provider)
    if found is None:
        name = provider_of(provider).name
        raise Invalid(t("{name} has no numbers to buy here. Connect a number you have.", name=name), field="provider")
    return found


def account_fields(provider: str) -> tuple[CredentialField, ...]:
    """What is asked for an account: the credentials a channel needs, without our own address secret, and more."""
    own = tuple(field for field in provider_of(provider).fields if field.key != url_secret.FIELD)
    return (*own, *api_of(provider).account_fields)


def sources(actor: Actor) -> list[Source]:
    """The accounts to choose from: those kept, then those only a number uses."""
    names = dict(selling_providers())
    kept = ProviderAccount.objects.filter(workspace_id=actor.workspace_id, provider__in=names).order_by(
        "provider", "id"
    )
    found = [
        Source(
            provider=one.provider,
            provider_name=names[one.provider],
            account_id=one.pk,
            channel_id=None,
            label=shown_key(one),
        )
        for one in kept
    ]
    seen = {one.provider for one in found}
    for channel in visible_channels(actor).filter(is_active=True, kind=Kind.SMS, provider__in=set(names) - seen):
        if channel.provider not in seen:
            seen.add(channel.provider)
            label = t("The account of {channel}", channel=channel)
            found.append(
                Source(
                    provider=channel.provider,
                    provider_name=names[channel.provider],
                    account_id=None,
                    channel_id=channel.pk,
                    label=label,
                )
            )
    return found


def shown_key(found: ProviderAccount) -> str:
    """What tells an account apart, as it may be shown: the end of its id at the provider."""
    if found.provider == "simulator":
        return t("On this machine")
    return t("Account …{key}", key=found.key[-4:])


def access_account(actor: Actor, account_id: int) -> ProviderAccount:
    """An account of this workspace. Raises `NotFound`."""
    found = ProviderAccount.objects.filter(workspace_id=actor.workspace_id, id=account_id).first()
    if found is None:
        raise NotFound("provider account", account_id)
    return found


def credentials_of(kept: ProviderAccount) -> dict[str, str]:
    """Its credentials. Raises `lib.sealing.WrongKey`."""
    return unseal(bytes(kept.sealed_credentials), key=deployment.SEALING_KEY)


def as_account(kept: ProviderAccount, *, address: str = "") -> Account:
    """What a number API needs to know of it. Raises `lib.sealing.WrongKey`."""
    return Account(
        address=address, credentials=credentials_of(kept), settings=account_settings(kept.provider, kept.settings)
    )


def hooks_of(channel: Channel) -> Hooks:
    """Our addresses for a number, with the address secret where its provider needs one."""
    secrets = account(channel).credentials
    return Hooks(
        inbound=url_secret.within(inbound_url(channel), secrets),
        status=url_secret.within(status_url(channel), secrets),
        voice=voice_url(channel),
    )


def taking_urls(channel: Channel) -> list[str]:
    """Our addresses that take this number's texts: its own, and those of its neighbours, which find it by its To."""
    neighbours = Channel.objects.filter(
        workspace_id=channel.workspace_id, provider=channel.provider, is_active=True
    ).exclude(id=channel.pk)
    return [inbound_url(channel), *(inbound_url(one) for one in neighbours)]


def record_of(channel: Channel) -> NumberRecord:
    """What is known of a number; an unsaved empty record when it was never asked."""
    return NumberRecord.objects.filter(channel=channel).first() or NumberRecord(channel=channel)


def records(channels: Sequence[Channel]) -> dict[int, NumberRecord]:
    """The same for many, by channel."""
    return {one.channel_id: one for one in NumberRecord.objects.filter(channel__in=[each.pk for each in channels])}


def type_of(channel: Channel, *, on: datetime) -> number_types.NumberType:
    """The rules for a number of ours."""
    return number_types.of_address(channel.address, region=channel.workspace.region, on=on.date())


def registration_needed(channel: Channel, *, on: datetime) -> str:
    """Which registration it needs, or ""."""
    return rules.needed_registration(
        provider=channel.provider,
        kind=channel.kind,
        address=channel.address,
        region=channel.workspace.region,
        on=on.date(),
    )


def changed(actor: Actor) -> list[NumberRecord]:
    """Numbers in use whose texts don't come to us."""
    mine = visible_channels(actor).filter(is_active=True)
    rows = NumberRecord.objects.filter(channel__in=mine, webhook__in=ALARMING).select_related("channel")
    return list(rows.order_by("channel_id"))


def held(actor: Actor) -> list[NumberRecord]:
    """Numbers in use whose texts wait because carriers would block them."""
    mine = visible_channels(actor).filter(is_active=True)
    rows = NumberRecord.objects.filter(channel__in=mine, registration__in=HELD, is_waived=False)
    return list(rows.select_related("channel").order_by("channel_id"))


def asked_numbers() -> QuerySet[Channel]:
    """Every number in use that a provider can be asked about."""
    slugs = [slug for slug in registry.slugs() if number_api(slug) is not None]
    rows = Channel.objects.filter(is_active=True, kind=Kind.SMS, provider__in=slugs)
    return rows.select_related("workspace").order_by("id")


def is_asked(channel: Channel) -> bool:
    """Whether the provider can be asked about this number."""
    return channel.kind == Kind.SMS and number_api(channel.provider) is not None


def orders(actor: Actor) -> list[HostOrder]:
    """Text-enabling orders that haven't become a number yet, newest first."""
    rows = HostOrder.objects.filter(workspace_id=actor.workspace_id, channel=None).select_related("account")
    return list(rows.order_by("-id")[:50])


def open_orders() -> QuerySet[HostOrder]:
    """Orders of every workspace that may still change."""
    waiting = Q(state__in=[HostState.WAITING, HostState.ACTION_NEEDED, HostState.DONE])
    return HostOrder.objects.filter(waiting, channel=None).select_related("account", "workspace").order_by("id")


def access_order(actor: Actor, order_id: int) -> HostOrder:
    """One order of this workspace. Raises `NotFound`."""
    found = HostOrder.objects.filter(workspace_id=actor.workspace_id, id=order_id).select_related("account").first()
    if found is None:
        raise NotFound("order", order_id)
    return found


def region_of(workspace_id: int) -> str:
    """The country the workspace's numbers are read in."""
    return Workspace.objects.values_list("region", flat=True).get(id=workspace_id)


def amount_words(amount: Decimal) -> str:
    """An amount of money with two digits after the point, or more where it has more: 1.15, 0.0083."""
    plain = f"{amount.normalize():f}"
    return plain if len(plain.partition(".")[2]) > 2 else f"{amount:.2f}"


def with_country(owned: Owned, *, region: str) -> Owned:
    """The same with its country, when the provider didn't say it."""
    if owned.country:
        return owned
    return replace(owned, country=number_types.country_of(owned.number, region=region))
