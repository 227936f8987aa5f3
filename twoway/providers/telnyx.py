"""Telnyx: texts and pictures over SMS and MMS.

Sources: developers.telnyx.com on messaging webhooks, sending, error codes and opt-outs; the official SDK's types. A
webhook is JSON in an envelope `data` with `event_type` and `payload`; a call is JSON with a bearer key. Telnyx waits
two seconds for the answer to a webhook and tries each address three times.

Telnyx's detail records have no words and appear late, so there is no list to settle a doubt with: the receipt does it,
as every text names a status address with our reference in it. The same idempotency key goes with every try.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import orjson

from twoway.lib.words import noted, t
from twoway.providers import failures, telnyx_signature
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
    OptOutSignal,
    OutboundText,
    Price,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.reading import count, first, json_of, moment, price, thing, things, with_query, word

API = "https://api.telnyx.com"

STATUS = {
    "scheduled": Status.SCHEDULED,
    "queued": Status.QUEUED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "sending_failed": Status.FAILED,
    "delivery_failed": Status.UNDELIVERED,
    "expired": Status.UNDELIVERED,
    "delivery_unconfirmed": Status.SENT,  # handed over, and nobody will say more
    "cancelled": Status.CANCELED,
}
SIGNALS = {signal.value: signal for signal in OptOutSignal}
RECEIPTS = ("message.sent", "message.finalized", "message.read")
FIELDS = (
    CredentialField(
        key="api_key",
        label=noted("API key"),
        help=noted("Starts with KEY; in the portal under Account, API Keys."),
        secret=True,
    ),
    CredentialField(
        key="public_key",
        label=noted("Public key"),
        help=noted(
            "In the portal under Account, Keys & Credentials, Public Key. Telnyx's webhooks are checked with it."
        ),
    ),
    CredentialField(
        key="messaging_profile_id",
        label=noted("Messaging profile ID"),
        help=noted("The profile the number belongs to; opt-outs count for the whole profile."),
    ),
)


class Telnyx(Usual):
    """The adapter of telnyx.com."""

    slug = "telnyx"
    name = "Telnyx"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1530  # ten parts
    handles_stop = True
    limits = MediaLimits(
        count=10,
        size=1_000_000,
        types=("image/*", "video/*", "audio/*", "text/vcard", "text/x-vcard", "application/pdf"),
    )

    def account_ids(self, account: Account) -> Sequence[str]:
        """The messaging profile."""
        return (account.credentials["messaging_profile_id"],)

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """A public key that can't be read would make every webhook look forged."""
        given = credentials.get("public_key", "")
        if not given or telnyx_signature.can_read(given):
            return {}
        return {
            "public_key": t("This is no public key: it has 44 characters and ends with =. Copy it from the portal.")
        }

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Telnyx signed the time and the body within the last five minutes; the address is not signed."""
        return telnyx_signature.is_valid(account.credentials.get("public_key", ""), request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt; nothing for events that are neither."""
        data = thing(thing(json_of(request.body)).get("data"))
        kind, payload = word(data.get("event_type")), thing(data.get("payload"))
        if not kind:
            raise Malformed(noted("A Telnyx webhook must have data with an event_type."))
        if kind == "message.received":
            return [_inbound(payload, data)]
        if kind in RECEIPTS:
            return [_receipt(payload, data, request)]
        return []

    def answer(self) -> HttpResponse:
        """Nothing to say."""
        return HttpResponse(status=200)

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /v2/messages. The status address carries our reference; Telnyx has no validity to set."""
        told: dict[str, object] = {
            "from": text.sender or account.address,
            "to": text.recipient,
            "messaging_profile_id": account.credentials["messaging_profile_id"],
        }
        if text.body:
            told["text"] = text.body
        if text.media:
            told |= {"media_urls": [one.url for one in text.media], "type": "MMS"}
        if text.status_url:
            told["webhook_url"] = with_query(text.status_url, "m", text.ref)
        key = uuid5(NAMESPACE_URL, f"{text.status_url} {account.address} {text.ref}")
        headers = {**_headers(account), "content-type": "application/json", "idempotency-key": str(key)}
        return HttpRequest(method="POST", url=_base(account) + "/v2/messages", headers=headers, body=orjson.dumps(told))

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's id, first state, parts, and the price when it is known already."""
        raise_for(response, _refusal)
        made = thing(json_object(response).get("data"))
        found = word(made.get("id"))
        if not found:
            raise Uncertain(noted("Telnyx's answer names no message."), provider_code=str(response.status))
        status, _ = _state(made)
        if status in (Status.FAILED, Status.UNDELIVERED):
            code = _code(made)
            raise Rejected(failures.reason_of(self.slug, code) or "unknown", _detail(made), provider_code=code)
        return Accepted(
            provider_id=found,
            status=Status.QUEUED if status is Status.UNKNOWN else status,
            segments=count(made.get("parts")),
            price=_price(made),
        )

    def check(self, account: Account) -> HttpRequest | None:
        """GET the messaging profile, which holds the webhook address."""
        profile = quote(account.credentials["messaging_profile_id"], safe="")
        return HttpRequest(
            method="GET", url=f"{_base(account)}/v2/messaging_profiles/{profile}", headers=_headers(account)
        )

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the key works, the profile is in use, and where it sends texts."""
        if response.status != 200:
            return Checked(ok=False, detail=_trouble(response))
        profile = thing((maybe_json_object(response) or {}).get("data"))
        goes_to = word(profile.get("webhook_url"))
        wanted = account.settings.get("inbound_url", "")
        if not profile:
            return Checked(ok=False, detail=noted("Telnyx's answer can't be read."))
        if profile.get("enabled") is False:
            return Checked(
                ok=False, detail=noted("The messaging profile is switched off in the portal."), inbound_url=goes_to
            )
        if word(profile.get("webhook_api_version")) not in ("", "2"):
            detail = "The messaging profile sends webhooks of an old API version. Choose API version 2."
            return Checked(ok=False, detail=detail, inbound_url=goes_to)
        if not goes_to or (wanted and goes_to != wanted):
            to = goes_to or "nowhere"
            detail = f"The key works, but the messaging profile sends texts to {to}. Set its webhook URL"
            return Checked(ok=False, detail=f"{detail} to {wanted}." if wanted else f"{detail}.", inbound_url=goes_to)
        return Checked(ok=True, detail=f"The key works and texts are sent to {goes_to}.", inbound_url=goes_to)


def _inbound(payload: Mapping[str, Any], data: Mapping[str, Any]) -> Inbound:
    """A text from a person. Of a group's numbers ours is the one whose webhook this is."""
    found, sender = word(payload.get("id")), word(thing(payload.get("from")).get("phone_number"))
    to = things(payload.get("to"))
    ours = next((one for one in to if one.get("status") == "webhook_delivered"), to[0] if to else {})
    recipient = word(ours.get("phone_number"))
    if not found or not sender or not recipient:
        raise Malformed(noted("A text from Telnyx must have id, from and to."))
    return Inbound(
        provider_id=found,
        sender=sender,
        recipient=recipient,
        body=_words(payload),
        account_id=word(payload.get("messaging_profile_id")),
        media=_media(payload),
        segments=count(payload.get("parts")),
        opt_out=SIGNALS.get(word(payload.get("autoresponse_type")).lower()),
        sent_at=moment(payload.get("received_at")) or moment(data.get("occurred_at")),
    )


def _words(payload: Mapping[str, Any]) -> str:
    """The text; the subject where a picture message has nothing else to say."""
    body = thing(payload.get("body")).get("text")
    return word(payload.get("text")) or word(body) or word(payload.get("subject"))


def _media(payload: Mapping[str, Any]) -> tuple[Media, ...]:
    return tuple(
        Media(url=word(one["url"]), content_type=word(one.get("content_type")))
        for one in things(payload.get("media"))
        if word(one.get("url"))
    )


def _receipt(payload: Mapping[str, Any], data: Mapping[str, Any], request: RawRequest) -> Receipt:
    """A later word on a message of ours; `m` of our own status address is our reference."""
    found = word(payload.get("id"))
    status, said = _state(payload)
    if not found or not said:
        raise Malformed(noted("A receipt from Telnyx must have an id and a status in to."))
    return Receipt(
        provider_id=found,
        status=status,
        raw_status=said,
        ref=dict(request.query).get("m", ""),
        error_code=_code(payload),
        segments=count(payload.get("parts")),
        at=moment(data.get("occurred_at")),
        price=_price(payload),
        address=word(thing(payload.get("from")).get("phone_number")),
    )


def _state(message: Mapping[str, Any]) -> tuple[Status, str]:
    """The state of the one person a text of ours goes to, in our word and Telnyx's."""
    said = next((word(one.get("status")) for one in things(message.get("to"))), "")
    return STATUS.get(said.lower(), Status.UNKNOWN), said


def _code(message: Mapping[str, Any]) -> str:
    return next((word(one.get("code")) for one in things(message.get("errors"))), "")


def _detail(message: Mapping[str, Any]) -> str:
    told = next(iter(things(message.get("errors"))), {})
    return (word(told.get("detail")) or word(told.get("title")))[:300]


def _price(message: Mapping[str, Any]) -> Price | None:
    cost = thing(message.get("cost"))
    return price(cost.get("amount"), cost.get("currency"))


def _refusal(response: HttpResponse) -> SendError | None:
    """What Telnyx's first error says; None when the body has none."""
    told = maybe_json_object(response) or {}
    code = _code(told)
    if not code:
        return None
    reason = failures.reason_of(Telnyx.slug, code) or "unknown"
    if reason == "rate_limited":
        return Throttled(_detail(told), provider_code=code)
    return Rejected(reason, _detail(told), provider_code=code)


def _trouble(response: HttpResponse) -> str:
    if response.status == 401:
        return noted("Telnyx doesn't accept this API key.")
    if response.status == 403:
        return noted("This API key may not read messaging profiles.")
    if response.status == 404:
        return "Telnyx doesn't know this messaging profile. Check its ID."
    return f"Telnyx answered {response.status}."


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {first(account.credentials['api_key'])}", "accept": "application/json"}
