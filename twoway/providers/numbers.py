"""What a provider can do about numbers: search, buy, list, point at us, text-enable, give back, tell the registration.

Such a job often takes several calls, of which the next depends on the last answer. So each is an `Exchange`: a
generator that yields calls, is sent their answers and returns what came of it. It never touches the network;
`carry_out` does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any, Protocol, TypeVar, cast

from twoway.providers.base import Account, CredentialField, HttpRequest, HttpResponse, Price, Rejected
from twoway.sms import number_types

T = TypeVar("T")
Exchange = Generator[HttpRequest, HttpResponse, T]
MOST_CALLS = 40
"""No job takes more calls than this."""


class NumberKind(StrEnum):
    """What sort of number it is; `sms.number_types` says what each may do."""

    LOCAL = "local"
    MOBILE = "mobile"
    NATIONAL = "national"
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"


class Ability(StrEnum):
    """What a number can carry."""

    SMS = "sms"
    MMS = "mms"
    VOICE = "voice"


class RegistrationState(StrEnum):
    """How a number stands with the carriers. `unknown`: never asked, or the provider doesn't say."""

    UNKNOWN = "unknown"
    NOT_NEEDED = "not_needed"
    MISSING = "missing"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class HostState(StrEnum):
    """How far text-enabling has come."""

    WAITING = "waiting"
    ACTION_NEEDED = "action_needed"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class NumberQuery:
    """What to look for. `area` is an area code (US and Canada), `contains` digits or letters of a keypad."""

    country: str
    kind: NumberKind = NumberKind.LOCAL
    area: str = ""
    contains: str = ""
    abilities: frozenset[Ability] = frozenset({Ability.SMS})
    limit: int = 20


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A number that can be bought, in E.164. `monthly` is None where the provider doesn't say its price."""

    number: str
    country: str
    kind: NumberKind
    abilities: frozenset[Ability] = frozenset()
    place: str = ""
    monthly: Price | None = None
    setup: Price | None = None
    needs: str = ""  # what the country's rules ask for before it works, such as a local address


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Our addresses for one number: where its texts, receipts and calls should be sent."""

    inbound: str
    status: str
    voice: str = ""


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A number in the account, in E.164 (a short code as it is). `id` is the provider's name for it.

    `inbound` is where its texts go now, "" for nowhere; `via` names what holds that address when it isn't the number
    itself (an application, a profile, a service), and `via_id` its id.
    """

    number: str
    id: str
    country: str = ""
    kind: NumberKind = NumberKind.LOCAL
    abilities: frozenset[Ability] = frozenset()
    inbound: str = ""
    inbound_method: str = "POST"
    via: str = ""
    via_id: str = ""
    monthly: Price | None = None


@dataclass(frozen=True, kw_only=True)
class OwnedPage:
    """Some of the account's numbers, and the `cursor` of the next page, empty at the end."""

    items: Sequence[Owned]
    cursor: str = ""


@dataclass(frozen=True, kw_only=True)
class Bought:
    """The order was taken. `is_ready` is False while the provider still works on it."""

    number: str
    id: str = ""
    is_ready: bool = True
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class HostWish:
    """A number of another phone company to text-enable, with what the form asked (`NumberApi.host_fields`)."""

    number: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """How a text-enabling order stands. `reference` is the provider's name for the order."""

    reference: str
    state: HostState
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a registration (brand, campaign, number, verification), in words."""

    name: str
    state: RegistrationState
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """How a number is registered: the whole, in one sentence, and its parts. `link` is where the owner does it."""

    state: RegistrationState
    detail: str = ""
    parts: Sequence[Part] = ()
    link: str = ""


class NumberApi(Protocol):
    """One provider's jobs about numbers. An exchange raises a `SendError` when the provider refuses or is unclear."""

    slug: str
    kinds: Sequence[NumberKind]  # what `search` can look for
    account_fields: Sequence[CredentialField]  # what buying needs beside the credentials
    hosts: bool  # whether it text-enables numbers of other phone companies
    host_fields: Sequence[CredentialField]  # what text-enabling asks for
    host_help: str  # how text-enabling goes at this provider, or where to ask for it

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """Numbers that can be bought now."""

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """Order one. Never repeated by itself: after `Uncertain`, ask `look`."""

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """The numbers in the account."""

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """One number of the account with where its texts go now; None when it isn't there."""

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """Have its texts sent to us, without changing where other numbers' texts go."""

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """Give it back. It can't be undone."""

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """Ask to text-enable a number of another phone company."""

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """How such an order stands."""

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """How the number is registered with the carriers; only asked of kinds and countries that need it."""


NUMBER_APIS = {
    "bandwidth": "twoway.providers.bandwidth_numbers.BandwidthNumbers",
    "plivo": "twoway.providers.plivo_numbers.PlivoNumbers",
    "simulator": "twoway.providers.simulator_numbers.SimulatorNumbers",
    "telnyx": "twoway.providers.telnyx_numbers.TelnyxNumbers",
    "twilio": "twoway.providers.twilio_numbers.TwilioNumbers",
    "vonage": "twoway.providers.vonage_numbers.VonageNumbers",
    "vonage_sms": "twoway.providers.vonage_numbers.VonageNumbers",
}


@cache
def number_api(slug: str) -> NumberApi | None:
    """The number API of a provider, or None when it has none that Twoway speaks."""
    dotted = NUMBER_APIS.get(slug)
    if dotted is None:
        return None
    module, _, name = dotted.rpartition(".")
    return cast(NumberApi, getattr(import_module(module), name)())


def carry_out(exchange: Exchange[T], call: Callable[[HttpRequest], HttpResponse]) -> T:
    """Make the calls of an exchange one after the other. Raises what the exchange or `call` raises."""
    try:
        request = next(exchange)
        for _ in range(MOST_CALLS):
            request = exchange.send(call(request))
    except StopIteration as done:
        return cast(T, done.value)
    finally:
        exchange.close()
    raise Rejected("config", f"This took more than {MOST_CALLS} calls; something is wrong at the provider.")


def not_offered(why: str) -> Exchange[Any]:
    """An exchange for a job this provider's API doesn't have: no call is made. Raises `Rejected` with this sentence."""
    yield from ()
    raise Rejected("config", why)


def price(amount: object, currency: str) -> Price | None:
    """A price as a provider writes it, or None when there is none or it can't be read."""
    try:
        found = Decimal(str(amount))
    except ArithmeticError:
        return None
    return Price(amount=found, currency=currency) if found.is_finite() and found >= 0 else None


def objects(found: object) -> Iterator[Mapping[str, object]]:
    """The objects of a JSON list; nothing for anything else."""
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, dict))


def text(found: object) -> str:
    """A JSON value as text: "" for null and for what is no scalar."""
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def plus(digits: object) -> str:
    """A number in E.164 from digits with or without +."""
    bare = text(digits).strip().lstrip("+")
    return f"+{bare}" if bare.isascii() and bare.isdigit() else text(digits)


def kind_of_number(number: str) -> NumberKind:
    """The kind of a number as its digits tell; a short code for a few digits without +."""
    found = number_types.kind_of(number)
    return NumberKind(found) if found in set(NumberKind) else NumberKind.LOCAL


def worst(parts: Sequence[Part]) -> RegistrationState:
    """The state of the whole: the part that stands furthest from approved."""
    order = (
        RegistrationState.REJECTED,
        RegistrationState.MISSING,
        RegistrationState.PENDING,
        RegistrationState.UNKNOWN,
        RegistrationState.APPROVED,
    )
    found = {part.state for part in parts}
    return next((state for state in order if state in found), RegistrationState.UNKNOWN)
