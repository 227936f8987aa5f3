"""MessageBird, the classic REST API at rest.messagebird.com: texts, and pictures in the US and Canada.

Sources: developers.messagebird.com on SMS messaging, MMS, status reports and verifying requests; the SDK `messagebird`.
A text comes in as a form or JSON, a status report as a GET with everything in the query; a call is JSON with an access
key. Numbers are digits without a plus.

The message list is used for what we sent, told by our reference. It is not used to find texts that a webhook never
brought: nothing says that a text has the same id there, and a text must not be shown twice.

Bird's newer APIs are other adapters: `bird` and `bird_channels`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from twoway.lib.words import noted
from twoway.providers import failures, messagebird_codes, messagebird_inbound, messagebird_signature
from twoway.providers.adapter import MediaLimits, Usual
from twoway.providers.base import (
    Accepted,
    Account,
    Checked,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Inbound,
    Listed,
    Malformed,
    Media,
    OutboundText,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.reading import count, first, host, moment, plus, price, thing, things, with_query, word

API = "https://rest.messagebird.com"
OWN_HOSTS = ".messagebird.com"
LIST_SIZE = 100
LONGEST_VALIDITY = 172_800  # seconds

STATUS = {
    "scheduled": Status.SCHEDULED,
    "sent": Status.SENT,
    "buffered": Status.SENDING,
    "delivered": Status.DELIVERED,
    "expired": Status.UNDELIVERED,
    "delivery_failed": Status.UNDELIVERED,
}
FIELDS = (
    CredentialField(
        key="access_key",
        label=noted("Access key"),
        help=noted("A live API key; in the dashboard under Developers."),
        secret=True,
    ),
    CredentialField(
        key="signing_key",
        label=noted("Signing key"),
        help=noted("In the dashboard under Developers, Settings. Webhooks are checked with it."),
        secret=True,
    ),
)


class MessageBird(Usual):
    """The adapter of MessageBird's classic REST API."""

    slug = "messagebird"
    name = "MessageBird (classic)"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1377
    handles_stop = False
    limits = MediaLimits(count=10, size=1_000_000, types=("image/*", "video/*", "audio/*", "text/vcard"))

    def account_ids(self, account: Account) -> Sequence[str]:
        """A webhook names no account."""
        return (self.slug,)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether MessageBird signed the address and the body, for now."""
        return messagebird_signature.is_valid(account.credentials.get("signing_key", ""), request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text, or one status report."""
        told = messagebird_inbound.fields(request)
        if word(told.get("status")) and not messagebird_inbound.has_words(told):
            return [_receipt(told)]
        return [messagebird_inbound.text(told)]

    def answer(self) -> HttpResponse:
        """MessageBird wants to hear OK."""
        return HttpResponse(status=200, headers={"content-type": "text/plain"}, body=b"OK")

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /messages, or /mms with pictures. Without a reference MessageBird sends no status reports."""
        told: dict[str, object] = {
            "originator": (text.sender or account.address).removeprefix("+"),
            "recipients": [text.recipient.removeprefix("+")],
            "reference": text.ref,
        }
        if text.body:
            told["body"] = text.body
        if text.media:
            told["mediaUrls"] = [one.url for one in text.media]
        else:
            told |= {"datacoding": "auto", "validity": min(max(text.validity, 1), LONGEST_VALIDITY)}
        if text.status_url:
            told["reportUrl"] = with_query(text.status_url, "m", text.ref)
        return HttpRequest(
            method="POST",
            url=_base(account) + ("/mms" if text.media else "/messages"),
            headers={**_headers(account), "content-type": "application/json"},
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's id, and the state, parts and price of its one recipient."""
        raise_for(response, _refusal)
        made = json_object(response)
        found = word(made.get("id"))
        if not found:
            raise Uncertain(noted("MessageBird's answer names no message."), provider_code=str(response.status))
        one = _recipient(made)
        cost = thing(one.get("price"))
        status = STATUS.get(word(one.get("status")), Status.QUEUED)
        return Accepted(
            provider_id=found,
            status=Status.SENT if status in (Status.DELIVERED, Status.UNDELIVERED) else status,
            segments=count(one.get("messagePartCount")),
            price=price(cost.get("amount"), cost.get("currency")),
        )

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET /messages, or /mms, to this recipient, newest first, each with our reference."""
        query = urlencode({"limit": LIST_SIZE, "recipient": text.recipient.removeprefix("+")})
        return _get(account, ("/mms?" if text.media else "/messages?") + query)

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The outbound messages of that list."""
        return [_listed(one) for one in _items(response) if word(one.get("direction")) != "mo"]

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """A file at MessageBird with the access key; any other address as anybody would."""
        own = host(media.url)
        if not media.url or not own.endswith(OWN_HOSTS):
            return super().fetch(account, media)
        return HttpRequest(method="GET", url=media.url, headers={"authorization": _headers(account)["authorization"]})

    def check(self, account: Account) -> HttpRequest | None:
        """GET the balance, which needs a working key."""
        return _get(account, "/balance")

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the key works. Where texts are sent is in Flow Builder, which can't be asked."""
        told = maybe_json_object(response)
        if response.status in (401, 403):
            return Checked(ok=False, detail=noted("MessageBird doesn't accept this access key."))
        if response.status != 200 or told is None or "amount" not in told:
            return Checked(ok=False, detail=f"MessageBird answered {response.status}.")
        detail = noted("The access key works. MessageBird doesn't show where texts are sent: text the number to try.")
        return Checked(ok=True, detail=detail)


def _receipt(told: Mapping[str, Any]) -> Receipt:
    found, said = word(told.get("id")), word(told.get("status"))
    if not found:
        raise Malformed(noted("A status report from MessageBird must have an id."))
    return Receipt(
        provider_id=found,
        status=STATUS.get(said.lower(), Status.UNKNOWN),
        raw_status=said,
        ref=word(told.get("reference")) or word(told.get("m")),
        error_code=word(told.get("statusErrorCode")).removeprefix("0"),
        segments=count(told.get("messagePartCount")),
        at=moment(told.get("statusDatetime")),
        price=price(told.get("price[amount]"), told.get("price[currency]")),
    )


def _recipient(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one person a message of ours goes to."""
    return next(iter(things(thing(message.get("recipients")).get("items"))), {})


def _items(response: HttpResponse) -> list[Mapping[str, Any]]:
    raise_for(response, _refusal)
    return things(json_object(response).get("items"))


def _listed(message: Mapping[str, Any]) -> Listed:
    one = _recipient(message)
    said, cost = word(one.get("status")), thing(one.get("price"))
    return Listed(
        provider_id=word(message.get("id")),
        recipient=plus(one.get("recipient")),
        body=word(message.get("body")),
        status=STATUS.get(said.lower(), Status.UNKNOWN),
        raw_status=said,
        sent_at=moment(message.get("createdDatetime")),
        error_code=word(one.get("statusErrorCode")).removeprefix("0"),
        ref=word(message.get("reference")),
        price=price(cost.get("amount"), cost.get("currency")),
    )


def _refusal(response: HttpResponse) -> SendError | None:
    """What MessageBird's first error says; None when the body has none."""
    told = next(iter(things((maybe_json_object(response) or {}).get("errors"))), {})
    if not word(told.get("code")):
        return None
    code = "api-" + word(told.get("code"))
    reason = messagebird_codes.PARAMETERS.get(word(told.get("parameter")), "")
    reason = reason or failures.reason_of(MessageBird.slug, code) or "unknown"
    detail = word(told.get("description"))[:300]
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code)
    return Rejected(reason, detail, provider_code=code)


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": f"AccessKey {first(account.credentials['access_key'])}", "accept": "application/json"}


def _get(account: Account, path: str) -> HttpRequest:
    return HttpRequest(method="GET", url=_base(account) + path, headers=_headers(account))
