"""The records adapters translate a provider's words into and out of (`adapter` says what an adapter is)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from twoway.lib.words import noted
from twoway.providers.templates import Template


class Status(StrEnum):
    """Canonical states of an outbound message; the ranks live in `messaging.rules`."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class OptOutSignal(StrEnum):
    """What a provider says it already did about a consent keyword."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """One call to a provider. `timeout` is in seconds, for the whole exchange."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 15.0


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """An answer, ours to a webhook or a provider's to a call. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """A webhook exactly as it came: `url` is the public URL the provider signed, query included.

    Header names are lower case; `body` is untouched. It can be stored and replayed.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    remote: str = ""

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """Decoded query parameters, in order."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @cached_property
    def form(self) -> tuple[tuple[str, str], ...]:
        """Decoded form parameters, in order; empty when the body is not a form.

        Raises `Malformed` when the body cannot be decoded.
        """
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return ()
        try:
            return tuple(_decoded(self.body))
        except ValueError as error:
            raise Malformed(f"The form could not be decoded: {error}") from error


MOST_FIELDS = 1000
LONGEST_KNOWN = 80


def _decoded(body: bytes) -> Iterator[tuple[str, str]]:
    """The fields of a form (WHATWG URL standard, application/x-www-form-urlencoded), in order.

    As `urllib.parse.parse_qsl` with blank values kept and strict UTF-8, in half its time: every text comes
    through here. Raises `ValueError`.
    """
    if body.count(b"&") >= MOST_FIELDS:
        raise ValueError("it has more than 1,000 fields")
    for part in body.decode("ascii").split("&"):
        if part:
            yield _known_field(part) if len(part) <= LONGEST_KNOWN else _field(part)


def _field(part: str) -> tuple[str, str]:
    name, _, value = part.replace("+", " ").partition("=")
    return _unquoted(name), _unquoted(value)


_known_field = lru_cache(maxsize=1024)(_field)
"""Most fields of a webhook are the same in the next one: our number, the account, the country."""


def _unquoted(text: str) -> str:
    return unquote_to_bytes(text).decode() if "%" in text else text


@dataclass(frozen=True, kw_only=True)
class Account:
    """What an adapter needs to know of one channel. `address` is our own number or sender."""

    address: str
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def api_base(self) -> str | None:
        """Where the provider's API is reached instead of its public address, or None."""
        return self.settings.get("api_base") or None


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture or file offered by a provider, not fetched yet.

    `url` may be empty when the provider names it by an `id` only; `name` is the sender's file name.
    """

    url: str = ""
    content_type: str = ""
    id: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of several pieces in which a long text arrives; pieces of one text share a `reference`. Numbers from 1."""

    reference: str
    number: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a provider says a text cost us, as a positive decimal amount, and the currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """A text a person sent to us. `service_id` is the provider's pool, when the number is in one.

    `sender_name` is what the person calls themselves on WhatsApp; `alias` is another address of the same person which
    the provider named beside the first; `part` is set when this is a piece of a longer text.
    """

    provider_id: str
    sender: str
    recipient: str
    body: str
    service_id: str = ""
    account_id: str = ""
    media: Sequence[Media] = ()
    segments: int | None = None
    opt_out: OptOutSignal | None = None
    sent_at: datetime | None = None
    sender_name: str = ""
    alias: str = ""
    part: Part | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A later word on a message we sent. `ref` is our own reference when the provider returned it.

    `address` is our own number in it, where one webhook serves several; empty means the hook's own channel.
    `category` is what the provider bills it as, such as WhatsApp's marketing, utility or service. `recipient` is whom
    the text went to, where the provider says so.
    """

    provider_id: str
    status: Status
    raw_status: str
    ref: str = ""
    error_code: str = ""
    segments: int | None = None
    at: datetime | None = None
    price: Price | None = None
    address: str = ""
    category: str = ""
    recipient: str = ""


@dataclass(frozen=True, kw_only=True)
class Unread:
    """One item of a webhook that could not be understood, while the others could; the sentence says why."""

    detail: str


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A picture or file to send: a public address the provider may fetch, its type, file name and size in bytes."""

    url: str
    content_type: str = ""
    name: str = ""
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class OutboundText:
    """A text to hand over. `ref` is ours, `validity` is in seconds from now."""

    ref: str
    recipient: str
    body: str
    sender: str = ""
    media: Sequence[Attachment] = ()
    template: Template | None = None
    status_url: str = ""
    validity: int = 3600


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The provider took it: its id and first state. `part_ids` are the ids of all parts where each has its own."""

    provider_id: str
    status: Status = Status.QUEUED
    segments: int | None = None
    price: Price | None = None
    part_ids: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A message found in the provider's own list, used to settle an uncertain send.

    `body` is None when the list does not keep words: the message is then told by recipient and time alone.
    """

    provider_id: str
    recipient: str
    body: str | None
    status: Status
    raw_status: str
    sent_at: datetime | None = None
    error_code: str = ""
    ref: str = ""
    price: Price | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some of the texts a provider's list says we received, and the `cursor` of the next page, empty at the end."""

    items: Sequence[Inbound]
    cursor: str = ""


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A text in a provider's list with its price, or None while the provider has not set it."""

    provider_id: str
    price: Price | None


@dataclass(frozen=True, kw_only=True)
class PricePage:
    """Some of the texts we sent with their prices, and the `cursor` of the next page, empty at the end."""

    items: Sequence[Priced]
    cursor: str = ""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What `channel check` learned: whether the credentials work and where webhooks go now."""

    ok: bool
    detail: str
    inbound_url: str = ""


@dataclass(frozen=True, kw_only=True)
class CredentialField:
    """One thing an owner types to connect a provider. Secret fields are never shown again."""

    key: str
    label: str
    help: str
    secret: bool = False
    required: bool = True


class Malformed(ValueError):
    """A verified webhook that cannot be understood; it goes to quarantine with this sentence."""


class SendError(Exception):
    """Why a text did not go out. `code` is a canonical reason, `for_agent` a full sentence."""

    code = "unknown"
    retryable = False
    for_agent = noted("The carrier refused this message.")
    part_ids: Sequence[str] = ()
    """Ids of parts that were taken before it failed."""

    def __init__(self, detail: str = "", *, provider_code: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail or self.for_agent)
        self.detail = detail
        self.provider_code = provider_code
        self.retry_after = retry_after


class Throttled(SendError):
    """The provider did not process the call; it may be repeated after `retry_after` seconds.

    `one_person`: only this person had too many texts, so the sender's other texts need not wait.
    """

    code = "rate_limited"
    retryable = True
    for_agent = noted("The carrier asked us to slow down. It will be sent.")

    def __init__(
        self, detail: str = "", *, provider_code: str = "", retry_after: float | None = None, one_person: bool = False
    ) -> None:
        super().__init__(detail, provider_code=provider_code, retry_after=retry_after)
        self.one_person = one_person


class NotConnected(SendError):
    """The connection was never made, so nothing can have left; it may be repeated."""

    code = "not_connected"
    retryable = True
    for_agent = noted("The provider can't be reached. It will be sent when it answers.")


class Uncertain(SendError):
    """The call may have been carried out: never repeat it before asking the provider's list."""

    code = "uncertain"
    for_agent = noted("The provider didn't confirm. We're checking before anything is sent again.")


class Rejected(SendError):
    """The provider said no for good. `code` is a canonical reason of `failures.REASONS`."""

    def __init__(self, code: str, detail: str = "", *, provider_code: str = "") -> None:
        super().__init__(detail, provider_code=provider_code)
        self.code = code
