"""What an adapter is: a translator between one provider's words and ours.

An adapter never touches the network or the database. It turns our frozen records into an
`HttpRequest` and a provider's `HttpResponse` or webhook back into our frozen records, so the same
adapter serves the live program, a replay from quarantine and a test with a recorded payload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from twoway.providers.base import (
    Accepted,
    Account,
    Checked,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Inbound,
    Listed,
    Media,
    OutboundText,
    Page,
    PricePage,
    RawRequest,
    Receipt,
    Unread,
)
from twoway.providers.templates import TemplatePage


@dataclass(frozen=True, kw_only=True)
class MediaLimits:
    """What a provider takes: files in one message (0 is none), bytes of all together, and types (`image/*` too).

    `file_size` is the most bytes of one file that is no picture, where that is less; 0 is no limit of its own.
    """

    count: int = 0
    size: int = 0
    types: Sequence[str] = ()
    file_size: int = 0


NO_MEDIA = MediaLimits()


class Provider(Protocol):
    """One provider's adapter. Every method is pure."""

    slug: str
    name: str
    kinds: Sequence[str]
    fields: Sequence[CredentialField]
    max_body: int
    handles_stop: bool  # the provider confirms STOP to the customer by itself
    limits: MediaLimits
    tells_prices_later: bool  # the price of a text is not in its receipts; `list_prices` asks for it
    is_session: bool  # texts go over a standing session, not by calls
    rate: float  # segments a second a new number of this provider begins with
    list_lag: float  # seconds until a text it took is in its list at the latest; before that, absence proves nothing

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """A sentence for each credential that can't be right, by its key; empty ones are not looked at."""

    def account_ids(self, account: Account) -> Sequence[str]:
        """The provider-side ids a webhook for this account may name (account, subaccount)."""

    def greet(self, account: Account, request: RawRequest) -> HttpResponse | None:
        """The answer to a request that only asks whether we are here (Meta's hub.challenge), or None. Not stored."""

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the provider of this account signed this request. Constant time."""

    def parse(self, request: RawRequest) -> Sequence[Inbound | Receipt | Unread]:
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

    def list_received(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """The call that lists what we received between two times, or None when there is no such API."""

    def read_received(self, response: HttpResponse) -> Page:
        """One page of that list. Raises a `SendError`."""

    def list_prices(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """The call that lists what we sent between two times with prices, or None when there is no such API."""

    def read_prices(self, response: HttpResponse) -> PricePage:
        """One page of that list. Raises a `SendError`."""

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """The call that fetches a picture or file, with credentials only for the provider's own hosts.

        None when it cannot be fetched.
        """

    def follow(self, account: Account, media: Media, response: HttpResponse) -> HttpRequest | None:
        """The second call, when the first one's answer only says where the file is; None when it is the file."""

    def list_templates(self, account: Account, *, cursor: str) -> HttpRequest | None:
        """The call that lists the account's WhatsApp templates, or None when it has none."""

    def read_templates(self, response: HttpResponse) -> TemplatePage:
        """One page of that list. Raises a `SendError`."""

    def check(self, account: Account) -> HttpRequest | None:
        """The call that tries the credentials, or None when there is nothing to call."""

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """What that call says, in words for the owner."""


class Usual:
    """What most providers have in common: nothing to greet, no list, media at a plain address. Adapters inherit it."""

    limits = NO_MEDIA
    is_session = False
    rate = 1.0
    list_lag = 0.0
    tells_prices_later = False

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """Nothing can be told from looking at them."""
        return {}

    def greet(self, account: Account, request: RawRequest) -> HttpResponse | None:
        """Nothing asks whether we are here."""
        return None

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """There is no list."""
        return None

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """There is no list."""
        return []

    def list_received(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """There is no list."""
        return None

    def read_received(self, response: HttpResponse) -> Page:
        """There is no list."""
        return Page(items=())

    def list_prices(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """Prices come with receipts, or not at all."""
        return None

    def read_prices(self, response: HttpResponse) -> PricePage:
        """There is no list."""
        return PricePage(items=())

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """A public address, fetched as anybody would."""
        return HttpRequest(method="GET", url=media.url) if media.url else None

    def follow(self, account: Account, media: Media, response: HttpResponse) -> HttpRequest | None:
        """The answer is the file."""
        return None

    def list_templates(self, account: Account, *, cursor: str) -> HttpRequest | None:
        """There are no templates."""
        return None

    def read_templates(self, response: HttpResponse) -> TemplatePage:
        """There are no templates."""
        return TemplatePage(items=())
