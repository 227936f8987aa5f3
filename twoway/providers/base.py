"""What an adapter is: a translator between one provider's words and ours.

An adapter never touches the network or the database. It turns our frozen records into an
`HttpRequest` and a provider's `HttpResponse` or webhook back into our frozen records, so the same
adapter serves the live program, a replay from quarantine and a test with a recorded payload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Protocol
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit


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


def _decoded(body: bytes) -> Iterator[tuple[str, str]]:
    """The fields of a form (WHATWG URL standard, application/x-www-form-urlencoded), in order.

    As `urllib.parse.parse_qsl` with blank values kept and strict UTF-8, in half its time: every text comes
    through here. Raises `ValueError`.
    """
    if body.count(b"&") >= MOST_FIELDS:
        raise ValueError("it has more than 1,000 fields")
    for part in body.decode("ascii").replace("+", " ").split("&"):
        if part:
            name, _, value = part.partition("=")
            yield _unquoted(name), _unquoted(value)


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
    """A picture or file offered by a provider, not fetched yet."""

    url: str
    content_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """A text a person sent to us. `service_id` is the provider's pool, when the number is in one."""

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


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A later word on a message we sent. `ref` is our own reference when the provider returned it."""

    provider_id: str
    status: Status
    raw_status: str
    ref: str = ""
    error_code: str = ""
    segments: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OutboundText:
    """A text to hand over. `ref` is ours, `validity` is in seconds from now."""

    ref: str
    recipient: str
    body: str
    sender: str = ""
    media_urls: Sequence[str] = ()
    status_url: str = ""
    validity: int = 3600


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The provider took it: its id and first state."""

    provider_id: str
    status: Status = Status.QUEUED
    segments: int | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A message found in the provider's own list, used to settle an uncertain send."""

    provider_id: str
    recipient: str
    body: str
    status: Status
    raw_status: str
    sent_at: datetime | None = None
    error_code: str = ""
    ref: str = ""


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
    for_agent = "The carrier refused this message."

    def __init__(self, detail: str = "", *, provider_code: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail or self.for_agent)
        self.detail = detail
        self.provider_code = provider_code
        self.retry_after = retry_after


class Throttled(SendError):
    """The provider did not process the call; it may be repeated after `retry_after` seconds."""

    code = "rate_limited"
    retryable = True
    for_agent = "The carrier asked us to slow down. It will be sent."


class NotConnected(SendError):
    """The connection was never made, so nothing can have left; it may be repeated."""

    code = "not_connected"
    retryable = True
    for_agent = "The provider can't be reached. It will be sent when it answers."


class Uncertain(SendError):
    """The call may have been carried out: never repeat it before asking the provider's list."""

    code = "uncertain"
    for_agent = "The provider didn't confirm. We're checking before anything is sent again."


class Rejected(SendError):
    """The provider said no for good. `code` is a canonical reason of `failures.REASONS`."""

    def __init__(self, code: str, detail: str = "", *, provider_code: str = "") -> None:
        super().__init__(detail, provider_code=provider_code)
        self.code = code


class Provider(Protocol):
    """One provider's adapter. Every method is pure."""

    slug: str
    name: str
    kinds: Sequence[str]
    fields: Sequence[CredentialField]
    max_body: int
    handles_stop: bool  # the provider confirms STOP to the customer by itself

    def account_ids(self, account: Account) -> Sequence[str]:
        """The provider-side ids a webhook for this account may name (account, subaccount)."""

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the provider of this account signed this request. Constant time."""

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """What the request says. Raises `Malformed`. Unknown fields are ignored."""

    def answer(self) -> HttpResponse:
        """What the provider expects to hear once the request is stored."""

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """The call that hands over one text."""

    def read_send(self, response: HttpResponse) -> Accepted:
        """The outcome of that call. Raises a `SendError`."""

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """The call that lists what was sent to this recipient since a time, or None when there is no such API."""

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The messages of that list. Raises a `SendError`."""

    def check(self, account: Account) -> HttpRequest | None:
        """The call that tries the credentials, or None when there is nothing to call."""

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """What that call says, in words for the owner."""
