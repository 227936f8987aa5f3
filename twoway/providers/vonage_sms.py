"""Vonage's SMS API, the older of the two: texts only.

Sources: developer.vonage.com on the SMS API, inbound messages, delivery receipts and signed messages; the official SDK.
A webhook is a form, a JSON object or a query, as the account is set; a call is a form whose answer is 200 even when it
was refused. A long text comes in parts, and each part it goes out in has a receipt of its own.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from twoway.lib.words import noted
from twoway.providers import failures, reading, url_secret, vonage_sms_check, vonage_sms_signature
from twoway.providers.adapter import Usual
from twoway.providers.base import (
    Accepted,
    Account,
    Checked,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Inbound,
    Malformed,
    OutboundText,
    Part,
    Price,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.outcomes import json_object, raise_for
from twoway.providers.vonage_sms_codes import SENT
from twoway.sms import segments

API = "https://rest.nexmo.com"
SHORTEST_TTL, LONGEST_TTL = 20, 604_800  # seconds; the API wants milliseconds
LONGEST_CALLBACK = 100
CURRENCY = "EUR"  # the SMS API's prices are always in euros

STATUS = {
    "accepted": Status.SENT,
    "buffered": Status.SENT,
    "delivered": Status.DELIVERED,
    "expired": Status.UNDELIVERED,
    "failed": Status.UNDELIVERED,
    "rejected": Status.FAILED,
}
FIELDS = (
    CredentialField(
        key="api_key", label=noted("API key"), help=noted("Eight letters and digits; on the dashboard's first page.")
    ),
    CredentialField(
        key="api_secret",
        label=noted("API secret"),
        help=noted("Below the API key. It is used for sending."),
        secret=True,
    ),
    url_secret.field(
        noted(
            "Make up 20 letters or more. Put ?key= and this secret behind the webhook address: "
            "unsigned accounts prove nothing, and the signature leaves the address open."
        )
    ),
    CredentialField(
        key="signature_secret",
        label=noted("Signature secret"),
        help=noted("Under API settings, once webhooks are signed; during a rotation give both, separated by a comma."),
        secret=True,
        required=False,
    ),
    CredentialField(
        key="signature_method",
        label=noted("Signature method"),
        help=noted("As set beside the secret: sha256 (used when this is empty), sha512, sha1, md5, or md5hash."),
        required=False,
    ),
)


class VonageSms(Usual):
    """The adapter of Vonage's SMS API."""

    slug = "vonage_sms"
    name = "Vonage SMS API"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 3200
    handles_stop = False

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """The signature's method must be one of Vonage's, and the address secret hard to guess."""
        methods = vonage_sms_signature.METHODS
        method = credentials.get("signature_method", "").strip().lower()
        told = {"signature_method": f"Write one of: {', '.join(methods)}."} if method and method not in methods else {}
        return {**told, **url_secret.wrong(credentials)}

    def account_ids(self, account: Account) -> Sequence[str]:
        """The API key."""
        return (account.credentials["api_key"],)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the address carries our secret, and Vonage signed the parameters where the account signs."""
        return vonage_sms_signature.is_valid(account, request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text, one part of a text, or one receipt."""
        told = vonage_sms_signature.parameters(request)
        found = told.get("messageId") or told.get("message-id") or ""
        if not found:
            raise Malformed(noted("A text or a receipt must have messageId."))
        return [_receipt(told, found) if told.get("status") else _inbound(told, found)]

    def answer(self) -> HttpResponse:
        """200 or 204; otherwise Vonage tries again for a day."""
        return HttpResponse(status=200, headers={"content-type": "text/plain; charset=utf-8"})

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /sms/json. Plain letters go as `text`, anything else as `unicode`."""
        is_plain = segments.count(text.body).encoding == "GSM-7"
        form = {
            "from": reading.digits_only(text.sender or account.address),
            "to": reading.digits_only(text.recipient),
            "text": text.body,
            "type": "text" if is_plain else "unicode",
            "ttl": str(min(max(text.validity, SHORTEST_TTL), LONGEST_TTL) * 1000),
            "status-report-req": "1",
            "client-ref": text.ref,
        }
        callback = url_secret.within(text.status_url.partition("?")[0], account.credentials) if text.status_url else ""
        if 0 < len(callback) <= LONGEST_CALLBACK:
            form["callback"] = callback
        return HttpRequest(
            method="POST",
            url=f"{_base(account)}/sms/json",
            headers={
                "authorization": _basic(account),
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
            },
            body=urlencode(form).encode("ascii"),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The id of the first part, how many there are, and what they cost together."""
        raise_for(response)
        parts = reading.things(json_object(response).get("messages"))
        taken = [one for one in parts if reading.word(one.get("status")) == "0" and one.get("message-id")]
        refused = next((one for one in parts if reading.word(one.get("status")) not in ("", "0")), None)
        if refused is not None and not taken:
            raise _refusal(refused)
        if refused is not None or not taken or len(taken) < len(parts):
            raise Uncertain(noted("Vonage took only some parts of this text, or named none."), provider_code="200")
        return Accepted(
            provider_id=reading.word(taken[0]["message-id"]),
            segments=len(taken),
            price=_price([one.get("message-price") for one in taken]),
        )

    def check(self, account: Account) -> HttpRequest | None:
        """GET the number, which may hold a webhook address of its own."""
        query = urlencode({"pattern": reading.digits_only(account.address), "search_pattern": "0"})
        return HttpRequest(
            method="GET",
            url=f"{_base(account)}/account/numbers?{query}",
            headers={"authorization": _basic(account), "accept": "application/json"},
        )

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the credentials work, the number is ours, and where its texts go."""
        return vonage_sms_check.read(account, response)


def _inbound(told: Mapping[str, str], found: str) -> Inbound:
    """A text, or one of its parts. A binary one is shown as words when it is words."""
    if not told.get("msisdn") or not told.get("to"):
        raise Malformed(noted("A text must have messageId, msisdn and to."))
    body = told.get("text", "")
    if told.get("type") == "binary":
        body = _words(told.get("data", ""))
    return Inbound(
        provider_id=found,
        sender=reading.plus(told["msisdn"]),
        recipient=reading.plus(told["to"]),
        body=body,
        account_id=told.get("api-key", ""),
        sent_at=_moment(told),
        part=_part(told),
    )


def _words(data: str) -> str:
    try:
        return binascii.unhexlify(data).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "(A binary message, which can't be shown.)"


def _part(told: Mapping[str, str]) -> Part | None:
    """Which piece of a longer text this is; None when it is whole or its numbers make no sense."""
    if told.get("concat", "").lower() != "true" or not told.get("concat-ref"):
        return None
    number, total = reading.count(told.get("concat-part")), reading.count(told.get("concat-total"))
    if number is None or total is None or not 1 <= number <= total or total == 1:
        return None
    return Part(reference=told["concat-ref"], number=number, total=total)


def _receipt(told: Mapping[str, str], found: str) -> Receipt:
    """A later word on one part of a message of ours. Its price is that part's; the answer to the send had them all."""
    code = told.get("err-code", "").strip()
    return Receipt(
        provider_id=found,
        status=STATUS.get(told["status"].lower(), Status.UNKNOWN),
        raw_status=told["status"],
        ref=told.get("client-ref", ""),
        error_code="" if code == "0" else code,
        at=_moment(told),
        address=reading.plus(told.get("to", "")),
    )


def _moment(told: Mapping[str, str]) -> datetime | None:
    """When Vonage made the webhook (UTC); for a receipt without that time, when the carrier says (YYMMDDhhmm)."""
    found = reading.moment(told.get("message-timestamp"))
    if found is not None:
        return found
    scts = told.get("scts", "")
    try:
        return datetime.strptime(scts, "%y%m%d%H%M").replace(tzinfo=UTC) if len(scts) == 10 else None
    except ValueError:
        return None


def _refusal(part: Mapping[str, Any]) -> SendError:
    """Why nothing was taken. A throttled answer may say how many milliseconds to wait."""
    code = SENT + reading.word(part.get("status"))
    detail = reading.word(part.get("error-text"))[:300]
    reason = failures.reason_of(VonageSms.slug, code)
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code, retry_after=_wait(detail))
    return Rejected(reason, detail, provider_code=code[:20])


def _wait(detail: str) -> float | None:
    """Seconds, from “please wait [ 250 ] and retry”."""
    milliseconds = detail.partition("[")[2].partition("]")[0].strip()
    return int(milliseconds) / 1000 if milliseconds.isascii() and milliseconds.isdigit() else None


def _price(told: Sequence[object]) -> Price | None:
    """What all parts cost; None when one has no price."""
    prices = [reading.price(one, CURRENCY) for one in told]
    known = [one.amount for one in prices if one is not None]
    total = sum(known, Decimal(0))
    return Price(amount=total, currency=CURRENCY) if len(known) == len(prices) and total else None


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _basic(account: Account) -> str:
    return reading.basic(account.credentials["api_key"], reading.first(account.credentials["api_secret"]))
