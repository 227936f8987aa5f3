"""Bird's messaging API at platform.bird.com (the SDK `messagebird-sdk`): texts over SMS.

Sources: the SDK's types and its webhook verification. A webhook is JSON `{type, timestamp, data}` signed as Standard
Webhooks say; a call is JSON with a bearer key whose prefix names the region, and an idempotency key. Our reference is
in `metadata`, which comes back in every event and in the list.

The other generations are other adapters: `bird_channels` (api.bird.com) and `messagebird` (rest.messagebird.com).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import orjson

from twoway.lib.words import noted, t
from twoway.providers import bird_codes, bird_signature, failures
from twoway.providers.adapter import Usual
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
    OutboundText,
    Page,
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
from twoway.providers.reading import count, first, json_of, moment, price, thing, things, word

LIST_SIZE = 100
USUAL_REGION = "us1"
_REGION_OF_KEY = re.compile(r"b[km]_([a-z]{2}[0-9]+)_.+")
_REGION = re.compile(r"[a-z]{2}[0-9]{1,3}")

STATUS = {
    "scheduled": Status.SCHEDULED,
    "accepted": Status.QUEUED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "expired": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "rejected": Status.FAILED,
    "canceled": Status.CANCELED,
}
FIELDS = (
    CredentialField(
        key="api_key",
        label=noted("API key"),
        help=noted("Starts with bk_; in the dashboard under API keys."),
        secret=True,
    ),
    CredentialField(
        key="webhook_secret",
        label=noted("Webhook signing secret"),
        help=noted("Starts with whsec_; shown once, when the webhook is made."),
        secret=True,
    ),
    CredentialField(
        key="region",
        label=noted("Region"),
        help=noted("Such as us1 or eu1. Only when the API key doesn't name it after bk_."),
        required=False,
    ),
)


class Bird(Usual):
    """The adapter of Bird's messaging API."""

    slug = "bird"
    name = "Bird"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1530  # ten parts
    handles_stop = True

    def account_ids(self, account: Account) -> Sequence[str]:
        """A webhook names a workspace that the key does not."""
        return (self.slug,)

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """A signing secret is base64 after whsec_; a region is two letters and a number."""
        given, region = credentials.get("webhook_secret", ""), credentials.get("region", "")
        no_secret = given and not bird_signature.can_read(given)
        no_region = region and not _REGION.fullmatch(region)
        found = {"webhook_secret": t("This is no signing secret. Copy it as it was shown.") if no_secret else ""}
        found["region"] = "Write a region such as us1 or eu1." if no_region else ""
        return {key: sentence for key, sentence in found.items() if sentence}

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Bird signed the id, the time and the body within five minutes; the address is not signed."""
        return bird_signature.is_valid(account.credentials.get("webhook_secret", ""), request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt; nothing for events that are neither, such as a suppression."""
        told = thing(json_of(request.body))
        kind, data = word(told.get("type")), thing(told.get("data"))
        if not kind or not data:
            raise Malformed(noted("A Bird webhook must have a type and data."))
        channel, _, event = kind.partition(".")
        if channel != "sms":
            return []
        at = moment(told.get("timestamp"))
        return [_inbound(data, "sms_id", at) if event == "received" else _receipt(data, event, at)]

    def answer(self) -> HttpResponse:
        """Nothing to say."""
        return HttpResponse(status=200)

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /v1/sms/messages, as a customer-service text. Bird takes no files yet."""
        told = {
            "from": text.sender or account.address,
            "to": text.recipient,
            "text": text.body,
            "category": "service",
            "metadata": {"ref": text.ref},
        }
        key = uuid5(NAMESPACE_URL, f"{text.status_url} {account.address} {text.ref}")
        headers = {**_headers(account), "content-type": "application/json", "idempotency-key": str(key)}
        return HttpRequest(
            method="POST", url=_base(account) + "/v1/sms/messages", headers=headers, body=orjson.dumps(told)
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's id, first state, parts and price."""
        raise_for(response, _refusal)
        made = json_object(response)
        found = word(made.get("id"))
        if not found:
            raise Uncertain(noted("Bird's answer names no message."), provider_code=str(response.status))
        status = STATUS.get(word(made.get("status")), Status.QUEUED)
        if status is Status.FAILED:
            error = thing(made.get("last_error"))
            code = word(error.get("code"))
            reason = failures.reason_of(self.slug, code) or "unknown"
            raise Rejected(reason, word(error.get("description"))[:300], provider_code=code)
        return Accepted(provider_id=found, status=status, segments=_segments(made), price=_price(made))

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET /v1/sms/messages to this recipient, newest first, waiting ones too, each with our reference."""
        return _list(account, {"direction": "outbound", "to": text.recipient, "limit": LIST_SIZE})

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The messages of that list."""
        raise_for(response, _refusal)
        return [_listed(one) for one in things(json_object(response).get("data"))]

    def list_received(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """GET /v1/sms/messages that came to this number between two times."""
        known: dict[str, object] = {"direction": "inbound", "to": account.address, "limit": LIST_SIZE}
        known |= {"created_after": _iso(since), "created_before": _iso(until)}
        return _list(account, known | ({"starting_after": cursor} if cursor else {}))

    def read_received(self, response: HttpResponse) -> Page:
        """One page of them."""
        raise_for(response, _refusal)
        told = json_object(response)
        found = [one for one in things(told.get("data")) if word(one.get("id")) and word(one.get("from"))]
        items = [_inbound(one, "id", moment(one.get("created_at"))) for one in found if word(one.get("to"))]
        return Page(items=items, cursor=word(told.get("next_cursor")))

    def check(self, account: Account) -> HttpRequest | None:
        """GET the webhooks of the workspace."""
        return HttpRequest(method="GET", url=_base(account) + "/v1/webhooks", headers=_headers(account))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the key works, and whether one of the webhooks brings texts here."""
        if response.status != 200:
            return Checked(ok=False, detail=_trouble(response.status))
        hooks = things((maybe_json_object(response) or {}).get("data"))
        bring = [one for one in hooks if "sms.received" in _events(one)]
        wanted = account.settings.get("inbound_url", "")
        ours = next((one for one in bring if word(one.get("url")) == wanted or not wanted), None)
        if ours is None:
            goes_to = word(bring[0].get("url")) if bring else ""
            detail = f"The key works, but texts are sent to {goes_to or 'nowhere'}. Make a webhook with sms.received"
            return Checked(ok=False, detail=f"{detail} to {wanted}." if wanted else f"{detail}.", inbound_url=goes_to)
        goes_to = word(ours.get("url"))
        if word(ours.get("status")) == "paused":
            return Checked(ok=False, detail=noted("Bird has paused the webhook. Resume it."), inbound_url=goes_to)
        if missing := sorted({"sms.delivered", "sms.undelivered", "sms.failed"} - _events(ours)):
            detail = f"Texts are sent to {goes_to}, but receipts are not: add {', '.join(missing)} to the webhook."
            return Checked(ok=False, detail=detail, inbound_url=goes_to)
        return Checked(ok=True, detail=f"The key works and texts are sent to {goes_to}.", inbound_url=goes_to)


def _inbound(data: Mapping[str, Any], id_name: str, at: datetime | None) -> Inbound:
    found, sender, recipient = word(data.get(id_name)), word(data.get("from")), word(data.get("to"))
    if not found or not sender or not recipient:
        raise Malformed(noted("A text from Bird must have an id, from and to."))
    return Inbound(
        provider_id=found,
        sender=sender,
        recipient=recipient,
        body=word(data.get("text")) or word(data.get("subject")),
        segments=_segments(data),
        sent_at=at,
    )


def _receipt(data: Mapping[str, Any], event: str, at: datetime | None) -> Receipt:
    found = word(data.get("sms_id"))
    if not found:
        raise Malformed(noted("A receipt from Bird must have an sms_id."))
    return Receipt(
        provider_id=found,
        status=STATUS.get(event, Status.UNKNOWN),
        raw_status=event,
        ref=_ref(data),
        error_code=word(thing(data.get("error")).get("code")),
        segments=_segments(data),
        at=at,
        price=_price(data),
        address=word(data.get("from")),
    )


def _listed(message: Mapping[str, Any]) -> Listed:
    said = word(message.get("status"))
    return Listed(
        provider_id=word(message.get("id")),
        recipient=word(message.get("to")),
        body=word(message.get("text")),
        status=STATUS.get(said, Status.UNKNOWN),
        raw_status=said,
        sent_at=moment(message.get("created_at")),
        error_code=word(thing(message.get("last_error")).get("code")),
        ref=_ref(message),
        price=_price(message),
    )


def _ref(message: Mapping[str, Any]) -> str:
    return word(thing(message.get("metadata")).get("ref"))


def _segments(message: Mapping[str, Any]) -> int | None:
    return count(thing(message.get("segments")).get("count"))


def _price(message: Mapping[str, Any]) -> Price | None:
    cost = thing(message.get("cost"))
    return price(cost.get("amount"), cost.get("currency_code"))


def _refusal(response: HttpResponse) -> SendError | None:
    """What Bird's error says: the parameter that is wrong, a code, or the type. None when the body has none."""
    told = maybe_json_object(response) or {}
    error = thing(told.get("error")) or told
    kind, code = word(error.get("type")), word(error.get("code"))
    if not kind:
        return None
    named = word(error.get("param")) or word(next(iter(things(error.get("details"))), {}).get("param"))
    known = code if code in bird_codes.REASONS else kind
    reason = bird_codes.PARAMETERS.get(named) or failures.reason_of(Bird.slug, known)
    detail = word(error.get("message"))[:300]
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code or kind)
    return Rejected(reason, detail, provider_code=code or kind)


def _events(hook: Mapping[str, Any]) -> set[str]:
    found = hook.get("events")
    return {word(one) for one in found} if isinstance(found, list) else set()


def _trouble(status: int) -> str:
    if status in (401, 403):
        return noted("Bird doesn't accept this API key, or it may not read webhooks.")
    return f"Bird answered {status}."


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _base(account: Account) -> str:
    """The address of the key's region."""
    if account.api_base:
        return account.api_base.rstrip("/")
    found = _REGION_OF_KEY.fullmatch(first(account.credentials["api_key"]))
    region = account.credentials.get("region", "") or (found[1] if found else USUAL_REGION)
    return f"https://{region if _REGION.fullmatch(region) else USUAL_REGION}.platform.bird.com"


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {first(account.credentials['api_key'])}", "accept": "application/json"}


def _list(account: Account, query: Mapping[str, object]) -> HttpRequest:
    url = f"{_base(account)}/v1/sms/messages?{urlencode(query)}"
    return HttpRequest(method="GET", url=url, headers=_headers(account))
