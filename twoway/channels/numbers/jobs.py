"""Jobs about numbers from beginning to end: ask the provider, outside any transaction, and write down what came of it.

A purchase is never repeated by itself: when the provider doesn't confirm, the account is asked whether the number is
there. A job takes up to some calls of 20 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from twoway.channels.actions import deactivate_channel
from twoway.channels.models import Channel, HostOrder, NumberRecord, ProviderAccount, Webhook
from twoway.channels.numbers import actions, queries, rules
from twoway.channels.queries import account, provider_of
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.sealing import WrongKey
from twoway.lib.words import noted, t
from twoway.providers import http
from twoway.providers.base import NotConnected, Rejected, SendError, Uncertain
from twoway.providers.number_calls import explain
from twoway.providers.numbers import (
    Bought,
    Exchange,
    Hosted,
    HostState,
    HostWish,
    NumberKind,
    NumberQuery,
    Offered,
    Owned,
    OwnedPage,
    Registration,
    RegistrationState,
    T,
    carry_out,
)
from twoway.sms import phone
from twoway.teams import actor as actors
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Connected:
    """A number that became a channel. `warning` is a sentence when something beside it did not work."""

    channel: Channel
    warning: str = ""


def search(*, by: Actor, kept: ProviderAccount, query: NumberQuery) -> Sequence[Offered]:
    """Numbers that can be bought. Raises `NotAllowed`, and `Refused` with the provider's reason."""
    require(by, Right.MANAGE_CHANNELS)
    api = queries.api_of(kept.provider)
    if query.kind not in api.kinds:
        raise Invalid(t("{name} has none of these here.", name=_name(kept.provider)), field="kind")
    return _ask(kept.provider, api.search(queries.as_account(kept), query))


def buy(
    *,
    by: Actor,
    kept: ProviderAccount,
    number: str,
    country: str,
    kind: NumberKind,
    at: datetime,
    name: str = "",
    team_id: int | None = None,
) -> Connected:
    """Buy a number and make a channel of it with its webhooks set.

    What it costs is looked up once more, so that the audit trail says the price of the moment. Raises `NotAllowed`,
    `NotFound`, and `Refused` with the provider's reason; then nothing was bought, unless its sentence says otherwise.
    """
    require(by, Right.MANAGE_CHANNELS)
    address = _clean(number)
    _check_free(by, kept.provider, address)
    offered = _offered(kept, number=address, country=country, kind=kind)
    bought = _buy(kept, offered)
    try:
        channel = actions.connect(by=by, kept=kept, address=bought.number, name=name, team_id=team_id, at=at)
    except Refused as refused:
        sentence = t(
            "{number} is bought, but it isn't connected: {why} Use “Connect a number”.",
            number=offered.number,
            why=refused.sentence,
        )
        raise Refused(sentence, code="bought_not_connected") from None
    actions.record_purchase(by=by, channel=channel, number_id=bought.id, monthly=offered.monthly, at=at)
    log.info("number_bought", channel_id=channel.pk, provider=kept.provider, is_ready=bought.is_ready)
    return Connected(channel=channel, warning=_settle(channel, at=at, detail=bought.detail))


def price_of(*, by: Actor, kept: ProviderAccount, number: str, country: str, kind: NumberKind) -> Offered:
    """What a number costs now; without a price where the provider doesn't say. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_CHANNELS)
    return _offered(kept, number=_clean(number), country=country, kind=kind)


def connect(
    *, by: Actor, kept: ProviderAccount, number: str, at: datetime, name: str = "", team_id: int | None = None
) -> Connected:
    """Make a channel of a number that is in the account already, with its webhooks set. Raises as `buy` does."""
    require(by, Right.MANAGE_CHANNELS)
    api, address = queries.api_of(kept.provider), _clean(number)
    _check_free(by, kept.provider, address)
    found = _ask(kept.provider, api.look(queries.as_account(kept, address=address), address))
    if found is None:
        raise Invalid(
            t("{address} isn't in this {name} account.", address=address, name=_name(kept.provider)), field="number"
        )
    channel = actions.connect(by=by, kept=kept, address=found.number, name=name, team_id=team_id, at=at)
    return Connected(channel=channel, warning=_settle(channel, at=at))


def owned(*, by: Actor, kept: ProviderAccount, cursor: str = "") -> OwnedPage:
    """Some of the account's numbers. Raises `NotAllowed`, `Refused`."""
    require(by, Right.MANAGE_CHANNELS)
    return _ask(kept.provider, queries.api_of(kept.provider).owned(queries.as_account(kept), cursor=cursor))


def configure(*, by: Actor, channel: Channel, at: datetime) -> NumberRecord:
    """Have a number's texts sent to us, and look whether they are. Raises `NotAllowed`, `Refused`."""
    require(by, Right.MANAGE_CHANNELS)
    _point(channel)
    return compare(channel=channel, at=at)


def compare(*, channel: Channel, at: datetime) -> NumberRecord:
    """Look where the provider sends a number's texts, and write it down; it never raises for the provider's sake."""
    record = queries.record_of(channel)
    try:
        found = _look(channel)
        pointing = rules.pointing(
            found,
            ours=queries.taking_urls(channel),
            credentials=account(channel).credentials,
            was_ours=record.webhook_was_ours,
        )
    except (SendError, WrongKey) as error:
        why = explain(error, _name(channel.provider)) if isinstance(error, SendError) else str(error)
        pointing = rules.Pointing(state=Webhook.UNREADABLE.value, url="", detail=why)
    return actions.record_pointing(channel=channel, found=pointing, at=at)


def ask_registration(*, channel: Channel, at: datetime) -> NumberRecord:
    """Ask how a number is registered, where carriers want that, and write it down.

    When the provider can't be asked, what was known stays. Raises nothing for the provider's sake.
    """
    if not queries.registration_needed(channel, on=at):
        found = Registration(state=RegistrationState.NOT_NEEDED, detail=noted("Carriers ask for none."))
        return actions.record_registration(channel=channel, found=found, at=at)
    api = queries.api_of(channel.provider)
    try:
        number = _look(channel)
        if number is None:
            return queries.record_of(channel)
        told = carry_out(api.registration(account(channel), number), http.call_sync)
    except (SendError, WrongKey) as error:
        log.info("registration_not_told", channel_id=channel.pk, why=str(error))
        known = queries.record_of(channel)
        if known.registration_at is not None:
            return known
        detail = explain(error, _name(channel.provider)) if isinstance(error, SendError) else str(error)
        told = Registration(state=RegistrationState.UNKNOWN, detail=detail)
    return actions.record_registration(channel=channel, found=told, at=at)


def release(*, by: Actor, channel: Channel, typed: str, at: datetime) -> Channel:
    """Give a number back for good; its channel is switched off and its conversations stay.

    `typed` must be its last four digits or the whole number. Raises `NotAllowed`, `Invalid`, `Refused`.
    """
    require(by, Right.MANAGE_CHANNELS)
    digits = "".join(char for char in typed if char.isdigit())
    if len(digits) < 4 or not channel.address.endswith(digits):
        raise Invalid(t("Type the last four digits of {number}.", number=phone.pretty(channel.address)), field="typed")
    found = _ask(channel.provider, _looking(channel))
    if found is not None:
        _ask(channel.provider, queries.api_of(channel.provider).release(account(channel), found))
    actions.record_release(by=by, channel=channel, at=at)
    return deactivate_channel(by=by, channel=channel, at=at)


def host(
    *, by: Actor, kept: ProviderAccount, number: str, answers: Mapping[str, str], at: datetime, name: str = ""
) -> HostOrder:
    """Ask to text-enable a number of another phone company. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.MANAGE_CHANNELS)
    api, address = queries.api_of(kept.provider), _clean(number)
    if not api.hosts:
        raise Refused(t(api.host_help), code="not_offered")
    missing = next((field for field in api.host_fields if field.required and not answers.get(field.key)), None)
    if missing is not None:
        raise Invalid(t("Enter the {label}.", label=t(missing.label)), field=missing.key)
    _check_free(by, kept.provider, address)
    wish = HostWish(number=address, answers={key: value.strip() for key, value in answers.items()})
    hosted = _ask(kept.provider, api.host(queries.as_account(kept, address=address), wish, None))
    return actions.record_order(by=by, account=kept, wish=wish, name=name, hosted=hosted, at=at)


def can_host(provider: str) -> bool:
    """Whether the provider text-enables numbers of others through its API."""
    return queries.api_of(provider).hosts


def ask_order(*, order: HostOrder, at: datetime) -> HostOrder:
    """Look how a text-enabling order stands; once it works, it becomes a channel. Raises nothing for the provider."""
    kept = order.account
    try:
        exchange = queries.api_of(kept.provider).hosted(queries.as_account(kept), order.reference)
        hosted = carry_out(exchange, http.call_sync)
    except (SendError, WrongKey) as error:
        log.info("host_order_not_told", order_id=order.pk, why=str(error))
        return order
    channel = _channel_of(order, hosted, at)
    actions.record_order_state(order=order, hosted=hosted, at=at, channel=channel)
    if channel is not None:
        _settle(channel, at=at)
    return order


def _channel_of(order: HostOrder, hosted: Hosted, at: datetime) -> Channel | None:
    if hosted.state is not HostState.DONE:
        return None
    by = actors.system(order.workspace_id)
    try:
        return actions.connect(by=by, kept=order.account, address=order.address, name=order.name, team_id=None, at=at)
    except Refused as refused:
        log.info("hosted_number_not_connected", order_id=order.pk, why=refused.sentence)
        return None


def look_after(*, channel: Channel, at: datetime) -> None:
    """The periodic look at one number: where its texts go, and its registration when it is time.

    A number bought a moment ago may have come into the account only now: then it is pointed at us.
    """
    record = compare(channel=channel, at=at)
    if record.bought_at is not None and not record.webhook_was_ours and record.webhook in queries.ALARMING:
        with suppress(Refused):
            _point(channel)
            record = compare(channel=channel, at=at)
    if rules.is_due(registration=record.registration, asked_at=record.registration_at, at=at):
        ask_registration(channel=channel, at=at)


def _buy(kept: ProviderAccount, offered: Offered) -> Bought:
    """Order it once. After a doubt, the account says whether it was bought."""
    api, told = queries.api_of(kept.provider), queries.as_account(kept, address=offered.number)
    try:
        return carry_out(api.buy(told, offered), http.call_sync)
    except Uncertain as doubt:
        log.info("purchase_uncertain", provider=kept.provider, why=str(doubt))
    except SendError as error:
        raise Refused(explain(error, _name(kept.provider)), code=error.code) from None
    found = _ask(kept.provider, api.look(told, offered.number))
    if found is None:
        name = _name(kept.provider)
        sentence = t(
            "{name} didn't confirm, and {number} isn't in the account. Nothing seems bought; look there.",
            name=name,
            number=offered.number,
        )
        raise Refused(sentence, code="uncertain")
    return Bought(number=found.number, id=found.id)


def _offered(kept: ProviderAccount, *, number: str, country: str, kind: NumberKind) -> Offered:
    """The number as it is offered now, with its price; without one when the provider can't find it by its digits."""
    query = NumberQuery(country=country, kind=kind, contains=_local_digits(number), abilities=frozenset(), limit=20)
    plain = Offered(number=number, country=country, kind=kind)
    try:
        found = carry_out(queries.api_of(kept.provider).search(queries.as_account(kept), query), http.call_sync)
    except SendError:
        return plain
    return next((one for one in found if one.number == number), plain)


def _settle(channel: Channel, *, at: datetime, detail: str = "") -> str:
    """Point a new number at us and ask how it is registered; a sentence when it did not work."""
    is_going_on = bool(detail) and detail.upper() not in {"COMPLETE", "SUCCESS"}
    warning = t("The provider is still at it: {detail}", detail=t(detail)) if is_going_on else ""
    try:
        _point(channel)
    except Refused as refused:
        warning = t("The number is here, but its webhook isn't set: {why}", why=refused.sentence)
    record = compare(channel=channel, at=at)
    ask_registration(channel=channel, at=at)
    if not warning and record.webhook != Webhook.OURS:
        warning = t(record.webhook_detail)
    return warning


def _point(channel: Channel) -> None:
    """Have its texts sent to us, unless they are already: an address that its neighbours share stays as it is."""
    found = _ask(channel.provider, _looking(channel))
    if found is None:
        raise Refused(t("The provider doesn't show this number in the account yet."), code="not_there")
    told = account(channel)
    pointing = rules.pointing(found, ours=queries.taking_urls(channel), credentials=told.credentials)
    if pointing.state == Webhook.OURS:
        return
    number = queries.with_country(found, region=channel.workspace.region)
    _ask(channel.provider, queries.api_of(channel.provider).configure(told, number, queries.hooks_of(channel)))


def _looking(channel: Channel) -> Exchange[Owned | None]:
    return queries.api_of(channel.provider).look(account(channel), channel.address)


def _look(channel: Channel) -> Owned | None:
    return carry_out(_looking(channel), http.call_sync)


def _ask(provider: str, exchange: Exchange[T]) -> T:
    """Carry it out. Raises `Refused` with a sentence for the owner instead of a `SendError`."""
    try:
        return carry_out(exchange, http.call_sync)
    except SendError as error:
        code = "unreachable" if isinstance(error, NotConnected) else error.code
        field = "credentials" if isinstance(error, Rejected) and error.code == "auth" else ""
        sentence = explain(error, _name(provider))
        if field:
            raise Invalid(sentence, field=field, code=code) from None
        raise Refused(sentence, code=code) from None


def _name(provider: str) -> str:
    return provider_of(provider).name


def _clean(number: str) -> str:
    try:
        return phone.parse_typed(number, region="US").value
    except phone.NotANumber as error:
        raise Invalid(str(error), field="number") from None


def _local_digits(number: str) -> str:
    """The last seven digits, by which providers find a number again."""
    return number[-7:]


def _check_free(by: Actor, provider: str, address: str) -> None:
    taken = Channel.objects.filter(workspace_id=by.workspace_id, provider=provider, address=address, is_active=True)
    if taken.exists():
        raise Invalid(t("{address} is connected already.", address=address), field="number", code="address_taken")
