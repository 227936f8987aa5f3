"""Plivo: texts and pictures over SMS and MMS, and WhatsApp.

Sources: plivo.com/docs on the Message resource, messaging webhooks and error codes; the official SDK. A webhook is a
form, or a query when the application says GET; a call is JSON with Basic authentication. Numbers come without a plus.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from twoway.lib.words import noted
from twoway.providers import failures, plivo_check, plivo_codes, plivo_signature, reading, url_secret
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

API = "https://api.plivo.com"
SHORTEST_EXPIRY, LONGEST_EXPIRY = 5, 10_800  # seconds
LIST_SIZE = 20
WHATSAPP = "whatsapp:"
CURRENCY = "USD"  # Plivo bills in US dollars

STATUS = {
    "queued": Status.QUEUED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "rejected": Status.FAILED,
}
SIGNALS = {"optout": OptOutSignal.STOP, "optin": OptOutSignal.START, "help": OptOutSignal.HELP}
TIMES = ("deliveryreporttime", "senttime", "queuedtime", "messagetime")
NO_ERROR = ("", "0", "000")
_MEDIA = re.compile(r"media([0-9]{1,2})")
FIELDS = (
    CredentialField(
        key="auth_id", label=noted("Auth ID"), help=noted("Starts with MA or SA; on the console's first page.")
    ),
    CredentialField(
        key="auth_token",
        label=noted("Auth token"),
        help=noted("Beside the auth ID. It signs webhooks; during a rotation give both, separated by a comma."),
        secret=True,
    ),
    url_secret.field(
        noted(
            "Make up 20 letters or more. Put ?key= and this secret behind the webhook address: "
            "Plivo signs the address of a text, not its words."
        )
    ),
    CredentialField(
        key="powerpack_uuid",
        label=noted("Powerpack UUID"),
        help=noted("Only when the number is in a Powerpack."),
        required=False,
    ),
)


class Plivo(Usual):
    """The adapter of plivo.com."""

    slug = "plivo"
    name = "Plivo"
    kinds: Sequence[str] = ("sms", "whatsapp")
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1600
    handles_stop = True
    list_lag = 120.0  # Plivo promises nothing: our own caution
    limits = MediaLimits(
        count=10,
        size=5 * 1024 * 1024,
        types=("image/*", "video/*", "audio/*", "text/vcard", "text/x-vcard", "text/plain", "application/pdf"),
    )

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """The address secret must be hard to guess."""
        return url_secret.wrong(credentials)

    def account_ids(self, account: Account) -> Sequence[str]:
        """The auth ID."""
        return (account.credentials["auth_id"],)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Plivo signed it, by V3 or V2, and the address carries our secret."""
        return plivo_signature.is_valid(account, request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt."""
        pairs = request.query if request.method == "GET" else request.form
        told = {name.lower(): value for name, value in pairs}
        if not told.get("messageuuid"):
            raise Malformed(noted("A text or a receipt must have MessageUUID."))
        if told.get("status"):
            return [_receipt(told, request)]
        return [_inbound(told)]

    def answer(self) -> HttpResponse:
        """Any 2xx; an empty one says nothing to the customer."""
        return HttpResponse(status=200, headers={"content-type": "text/plain; charset=utf-8"})

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST Message/. The status address carries our reference and the secret."""
        pool = account.credentials.get("powerpack_uuid", "")
        sender = text.sender or ("" if pool else account.address)
        kind = _kind(text, sender)
        told: dict[str, Any] = {"dst": reading.digits_only(text.recipient), "type": kind}
        told |= {"src": reading.digits_only(sender)} if sender else {"powerpack_uuid": pool}
        if text.body:
            told["text"] = text.body
        if text.media:
            told["media_urls"] = [one.url for one in text.media]
        if text.template is not None:
            told["template"] = _template(text)
        if text.status_url:
            told |= {"url": url_secret.within(text.status_url, account.credentials, m=text.ref), "method": "POST"}
        told["message_expiry"] = min(max(text.validity, SHORTEST_EXPIRY), LONGEST_EXPIRY)
        return HttpRequest(
            method="POST",
            url=_account_url(account, "/Message/"),
            headers={**_headers(account), "content-type": "application/json"},
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's UUID."""
        raise_for(response, _refusal)
        made = json_object(response)
        names = made.get("message_uuid")
        found = names[0] if isinstance(names, list) and names else names
        if isinstance(found, str) and found:
            return Accepted(provider_id=found)
        if made.get("invalid_number"):
            raise Rejected("invalid_number", noted("Plivo says this number is not valid."))
        raise Uncertain(noted("Plivo's answer names no message."), provider_code=str(response.status))

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET Message/ for this recipient, newest first; by the time a text was handed over, sent or not.

        Plivo keeps no words in it.
        """
        query = [("message_direction", "outbound"), ("to_number", reading.digits_only(text.recipient))]
        if text.sender or not account.credentials.get("powerpack_uuid"):
            query.append(("from_number", reading.digits_only(text.sender or account.address)))
        query.append(("message_time__gte", since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")))
        query.append(("limit", str(LIST_SIZE)))
        return HttpRequest(
            method="GET", url=_account_url(account, "/Message/?" + urlencode(query)), headers=_headers(account)
        )

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The outbound messages of that list."""
        raise_for(response, _refusal)
        listed = json_object(response).get("objects")
        return [
            _listed(one)
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, dict) and one.get("message_uuid") and one.get("message_direction") != "inbound"
        ]

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """The file; with credentials when it is at Plivo itself."""
        if not media.url:
            return None
        is_theirs = reading.is_at(media.url, "plivo.com") or reading.is_under(media.url, account.api_base or "")
        headers = {"authorization": _basic(account)} if is_theirs else {}
        return HttpRequest(method="GET", url=media.url, headers=headers)

    def check(self, account: Account) -> HttpRequest | None:
        """GET the applications, which hold the webhook addresses."""
        path = f"/Application/?limit={plivo_check.MOST_APPLICATIONS}"
        return HttpRequest(method="GET", url=_account_url(account, path), headers=_headers(account))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the credentials work, and whether an application sends texts here."""
        return plivo_check.read(account, response)


def _kind(text: OutboundText, sender: str) -> str:
    if text.recipient.startswith(WHATSAPP) or sender.startswith(WHATSAPP) or text.template is not None:
        return "whatsapp"
    return "mms" if text.media else "sms"


def _template(text: OutboundText) -> dict[str, Any]:
    """A WhatsApp template; its values fill the places of the body in order, those named header.N the header's."""
    found = text.template
    if found is None:
        return {}
    parts: dict[str, list[dict[str, str]]] = {}
    for number, value in enumerate(found.values):
        place = found.places[number] if number < len(found.places) else "body"
        parts.setdefault("header" if place.startswith("header.") else "body", []).append(
            {"type": "text", "text": value}
        )
    components = [{"type": part, "parameters": values} for part, values in parts.items()]
    return {"name": found.name, "language": found.language, **({"components": components} if components else {})}


def _inbound(told: Mapping[str, str]) -> Inbound:
    """A text from a person: `Text` for SMS, `Body` for MMS, the files in every MediaN."""
    if not told.get("from") or not told.get("to"):
        raise Malformed(noted("A text must have MessageUUID, From and To."))
    prefix = WHATSAPP if told.get("type", "").lower() == "whatsapp" else ""
    return Inbound(
        provider_id=told["messageuuid"],
        sender=prefix + reading.plus(told["from"]),
        recipient=prefix + reading.plus(told["to"]),
        body=told.get("text") or told.get("body") or "",
        service_id=told.get("powerpackuuid", ""),
        media=_media(told),
        segments=reading.count(told.get("units")),
        opt_out=SIGNALS.get(told.get("messageintent", "").strip().lower()),
    )


def _media(told: Mapping[str, str]) -> tuple[Media, ...]:
    """Every Media0, Media1, ... in order: Plivo counts from 0 or from 1."""
    numbers = sorted(int(found[1]) for name in told if (found := _MEDIA.fullmatch(name)))
    return tuple(
        Media(url=told[f"media{number}"], content_type=told.get(f"mediacontenttype{number}", ""))
        for number in numbers
        if told.get(f"media{number}")
    )


def _receipt(told: Mapping[str, str], request: RawRequest) -> Receipt:
    """A later word on a message of ours. Of a text in parts the whole one's UUID comes first.

    The amount is that of one part where `PartInfo` says so, and then it is no price of the text.
    """
    code = told.get("errorcode", "").strip()
    is_part = told.get("partinfo", "").strip().lower() not in {"", "1 of 1"}
    return Receipt(
        provider_id=told.get("parentmessageuuid") or told["messageuuid"],
        status=STATUS.get(told["status"].lower(), Status.UNKNOWN),
        raw_status=told["status"],
        ref=dict(request.query).get("m", ""),
        error_code="" if code in NO_ERROR else code,
        segments=None if is_part else reading.count(told.get("units")),
        at=next((when for name in TIMES if (when := reading.moment(told.get(name)))), None),
        price=None if is_part else _price(told.get("totalamount")),
        address=reading.plus(told.get("from", "")),
    )


def _listed(one: Mapping[str, Any]) -> Listed:
    word = str(one.get("message_state") or "")
    code = str(one.get("error_code") or "")
    return Listed(
        provider_id=str(one["message_uuid"]),
        recipient=reading.plus(one.get("to_number")),
        body=None,
        status=STATUS.get(word.lower(), Status.UNKNOWN),
        raw_status=word,
        sent_at=reading.moment(one.get("message_time")),
        error_code="" if code in NO_ERROR else code,
        price=_price(one.get("total_amount")),
    )


def _refusal(response: HttpResponse) -> SendError | None:
    """What a refusal says; Plivo writes a sentence, and seldom a code."""
    told = maybe_json_object(response) or {}
    detail = str(told.get("error") or told.get("message") or "")[:300]
    code = str(told.get("error_code") or "")
    if code in plivo_codes.REASONS:
        return _error(plivo_codes.REASONS[code], detail, code)
    status = str(response.status)
    reason = failures.reason_of(Plivo.slug, status)
    if reason == "unknown" and response.status in (400, 404, 405):
        said = detail.lower()
        reason = next((meant for word, meant in plivo_codes.WORDS if word in said), "unknown")
    return _error(reason, detail, code or status) if detail and reason != "unknown" else None


def _error(reason: str, detail: str, code: str) -> SendError:
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code)
    return Rejected(reason, detail, provider_code=code[:20])


def _account_url(account: Account, path: str) -> str:
    base = (account.api_base or API).rstrip("/")
    return f"{base}/v1/Account/{quote(account.credentials['auth_id'], safe='')}{path}"


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": _basic(account), "accept": "application/json"}


def _basic(account: Account) -> str:
    known = account.credentials
    return reading.basic(known["auth_id"], reading.first(known["auth_token"]))


def _price(told: object) -> Price | None:
    """A positive amount, or None while nothing is known."""
    found = reading.price(told, CURRENCY)
    return found if found is not None and found.amount else None
