"""Bandwidth: texts and pictures over SMS and MMS.

Sources: dev.bandwidth.com on messaging webhooks, sending and error codes; the official SDK's models. A webhook is a
JSON array of events; a call is JSON with Basic authentication. Bandwidth waits ten seconds for an answer and tries for
24 hours.

Bandwidth signs nothing. A webhook is believed when it comes to the channel's own unguessable address with the name and
password that the owner typed into the application.

Its message search has neither words nor our tag and is no proof that a text did not leave, so a doubt is settled by the
receipts, which carry our reference as their tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from twoway.lib.words import noted
from twoway.providers import bandwidth_check, bandwidth_codes, failures
from twoway.providers.adapter import MediaLimits, Usual
from twoway.providers.base import (
    Accepted,
    Account,
    Checked,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Inbound,
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
    Unread,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.reading import basic, count, first, is_basic, is_under, json_of, moment, secrets, thing, word

API = "https://messaging.bandwidth.com"
ACCOUNT_API = "https://api.bandwidth.com"
LONGEST_VALIDITY = 86_400  # seconds
NO_RECEIPT = "9902"  # the carrier never said what became of it: not a failure

STATUS = {
    "message-sending": Status.SENDING,
    "message-sent": Status.SENT,
    "message-delivered": Status.DELIVERED,
    "message-read": Status.READ,
    "message-failed": Status.FAILED,
}
FIELDS = (
    CredentialField(
        key="account_id", label=noted("Account ID"), help=noted("Seven digits; at the top of the Bandwidth App.")
    ),
    CredentialField(
        key="application_id",
        label=noted("Application ID"),
        help=noted("Of the messaging application the number belongs to."),
    ),
    CredentialField(
        key="api_user", label=noted("API user name"), help=noted("Of an API credential that may send messages.")
    ),
    CredentialField(
        key="api_password", label=noted("API password"), help=noted("Of the same credential."), secret=True
    ),
    CredentialField(
        key="callback_user",
        label=noted("Callback user ID"),
        help=noted(
            "Make one up, and type the same into the application. Bandwidth signs nothing; this is how it is known."
        ),
    ),
    CredentialField(
        key="callback_password",
        label=noted("Callback password"),
        help=noted("Make up a long one, and type the same into the application."),
        secret=True,
    ),
)


class Bandwidth(Usual):
    """The adapter of bandwidth.com."""

    slug = "bandwidth"
    name = "Bandwidth"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 2048
    handles_stop = False
    limits = MediaLimits(
        count=10,
        size=3_750_000,
        types=("image/*", "video/*", "audio/*", "text/vcard", "text/x-vcard", "text/plain", "application/pdf"),
    )

    def account_ids(self, account: Account) -> Sequence[str]:
        """The application a webhook names."""
        return (account.credentials["application_id"],)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether it came with the callback's name and password; the body and the address are not signed."""
        known = account.credentials
        passwords = secrets(known.get("callback_password", ""))
        return is_basic(request.headers.get("authorization", ""), known.get("callback_user", ""), passwords)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt | Unread]:
        """The texts and receipts among the events. One that can't be understood does not hold the others up."""
        events = json_of(request.body)
        if not isinstance(events, list) or not events or not all(isinstance(one, dict) for one in events):
            raise Malformed(noted("A Bandwidth webhook must be an array of events."))
        said = [found for event in events if (found := _event(event)) is not None]
        if len(said) == 1 and isinstance(said[0], Unread):
            raise Malformed(said[0].detail)
        return said

    def answer(self) -> HttpResponse:
        """Nothing to say."""
        return HttpResponse(status=200)

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST messages, with our reference as the tag. A text expires; a picture message can't."""
        told: dict[str, object] = {
            "applicationId": account.credentials["application_id"],
            "to": [text.recipient],
            "from": text.sender or account.address,
            "tag": text.ref,
        }
        if text.body:
            told["text"] = text.body
        if text.media:
            told["media"] = [one.url for one in text.media]
        else:
            until = datetime.now(UTC) + timedelta(seconds=min(max(text.validity, 1), LONGEST_VALIDITY))
            told["expiration"] = until.isoformat(timespec="seconds").replace("+00:00", "Z")
        return HttpRequest(
            method="POST",
            url=f"{_base(account)}/api/v2/users/{quote(account.credentials['account_id'], safe='')}/messages",
            headers={"authorization": _authorization(account), "content-type": "application/json"},
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's id and parts; 202 means that Bandwidth took it."""
        raise_for(response, _refusal)
        made = json_object(response)
        found = word(made.get("id"))
        if not found:
            raise Uncertain(noted("Bandwidth's answer names no message."), provider_code=str(response.status))
        return Accepted(provider_id=found, segments=count(made.get("segmentCount")))

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """A file of this account's, with the credentials; any other address as anybody would."""
        if not media.url:
            return None
        own = f"{_base(account)}/api/v2/users/{quote(account.credentials['account_id'], safe='')}/media"
        if not is_under(media.url, own):
            return HttpRequest(method="GET", url=media.url)
        return HttpRequest(method="GET", url=media.url, headers={"authorization": _authorization(account)})

    def check(self, account: Account) -> HttpRequest | None:
        """GET the application, which holds the webhook address."""
        known = account.credentials
        base = (account.api_base or ACCOUNT_API).rstrip("/")
        named = quote(known["account_id"], safe=""), quote(known["application_id"], safe="")
        headers = {"authorization": _authorization(account), "accept": "application/xml"}
        return HttpRequest(method="GET", url=f"{base}/api/accounts/{named[0]}/applications/{named[1]}", headers=headers)

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the credentials work, and where the application sends texts with which name."""
        return bandwidth_check.read(account, response)


def _event(event: Mapping[str, Any]) -> Inbound | Receipt | Unread | None:
    """What one event says; None when it is neither a text nor a receipt."""
    kind, message = word(event.get("type")), thing(event.get("message"))
    if kind == "message-received":
        return _inbound(event, message)
    if kind in STATUS or (kind.startswith("message-") and message.get("direction") == "out"):
        return _receipt(event, kind, message)
    return None if kind else Unread(detail=noted("An event from Bandwidth must have a type."))


def _inbound(event: Mapping[str, Any], message: Mapping[str, Any]) -> Inbound | Unread:
    """A text from a person. In a group `owner` is the number of ours this copy is for."""
    found, sender = word(message.get("id")), word(message.get("from"))
    recipient = word(message.get("owner")) or word(event.get("to"))
    if not found or not sender or not recipient:
        return Unread(detail=noted("A text from Bandwidth must have id, from and owner."))
    return Inbound(
        provider_id=found,
        sender=sender,
        recipient=recipient,
        body=word(message.get("text")),
        account_id=word(message.get("applicationId")),
        media=_media(message),
        segments=count(message.get("segmentCount")),
        sent_at=moment(message.get("time")) or moment(event.get("time")),
    )


def _media(message: Mapping[str, Any]) -> tuple[Media, ...]:
    """The files. The layout of the slides (SMIL) is none."""
    found = message.get("media")
    urls = [url for url in found if isinstance(url, str) and url] if isinstance(found, list) else []
    return tuple(Media(url=url) for url in urls if not url.lower().endswith((".smil", ".smi")))


def _receipt(event: Mapping[str, Any], kind: str, message: Mapping[str, Any]) -> Receipt | Unread:
    found, code = word(message.get("id")), word(event.get("errorCode"))
    if not found:
        return Unread(detail=noted("A receipt from Bandwidth must have a message with an id."))
    return Receipt(
        provider_id=found,
        status=_status(kind, code),
        raw_status=kind,
        ref=word(message.get("tag")),
        error_code=code,
        segments=count(message.get("segmentCount")),
        at=moment(event.get("eventTime")) or moment(event.get("time")),
        address=word(message.get("owner")) or word(message.get("from")),
    )


def _status(kind: str, code: str) -> Status:
    """A failure at the carrier or the phone (second digit 6 or 7) is undelivered; no answer at all stays sent."""
    if kind != "message-failed":
        return STATUS.get(kind, Status.UNKNOWN)
    if code == NO_RECEIPT:
        return Status.SENT
    return Status.UNDELIVERED if code[1:2] in ("6", "7") or code[:1] == "9" else Status.FAILED


def _refusal(response: HttpResponse) -> SendError | None:
    """What the type, and the first wrong field, of a refused call say; None when the body has neither."""
    told = maybe_json_object(response) or {}
    kind = word(told.get("type"))
    if not kind:
        return None
    fields = told.get("fieldErrors")
    wrong = thing(fields[0]) if isinstance(fields, list) and fields else {}
    named = "field-" + word(wrong.get("fieldName")).partition("[")[0]
    code = named if named in bandwidth_codes.REASONS else kind
    detail = (word(wrong.get("description")) or word(told.get("description")))[:300]
    reason = failures.reason_of(Bandwidth.slug, code) or "unknown"
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code)
    return Rejected(reason, detail, provider_code=code)


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _authorization(account: Account) -> str:
    return basic(account.credentials["api_user"], first(account.credentials["api_password"]))
