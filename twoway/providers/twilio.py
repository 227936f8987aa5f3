"""Twilio: texts and pictures over SMS and MMS, and WhatsApp.

Sources: twilio.com/docs on messaging webhooks, the Message resource and request validation; `request_validator.py` of
the official SDK. A webhook is a form (or a JSON body whose hash is in the query), a call a form with Basic
authentication. Only what Twilio signed is believed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from twoway.lib.words import noted
from twoway.providers import (
    failures,
    reading,
    twilio_check,
    twilio_media,
    twilio_prices,
    twilio_received,
    twilio_signature,
    twilio_whatsapp,
)
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
    Media,
    OptOutSignal,
    OutboundText,
    Page,
    PricePage,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.templates import TemplatePage

API = "https://api.twilio.com"
LONGEST_VALIDITY = 36_000  # seconds
LIST_SIZE = 100
TRIAL = "Sent from your Twilio trial account - "  # what a trial account puts before every body

STATUS = {
    "accepted": Status.QUEUED,
    "queued": Status.QUEUED,
    "scheduled": Status.SCHEDULED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "undelivered": Status.UNDELIVERED,
    "partially_delivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
}
SIGNALS = {signal.value: signal for signal in OptOutSignal}
INBOUND_STATUS = ("received", "receiving")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_SHORTEST_BASE64 = 60
FIELDS = (
    CredentialField(
        key="account_sid", label=noted("Account SID"), help=noted("Starts with AC; on the console's first page.")
    ),
    CredentialField(
        key="auth_token",
        label=noted("Auth token"),
        help=noted("Below the account SID. It signs webhooks; during a rotation give both, separated by a comma."),
        secret=True,
    ),
    CredentialField(
        key="api_key_sid",
        label=noted("API key SID"),
        help=noted("Starts with SK. With its secret it is used for sending instead of the auth token."),
        required=False,
    ),
    CredentialField(
        key="api_key_secret",
        label=noted("API key secret"),
        help=noted("Shown once, when the key is made."),
        secret=True,
        required=False,
    ),
    CredentialField(
        key="messaging_service_sid",
        label=noted("Messaging Service SID"),
        help=noted("Starts with MG. Needed when the number is in a Messaging Service."),
        required=False,
    ),
    CredentialField(
        key="webhook_secret",
        label=noted("Webhook shared key"),
        help=noted("Only when webhooks are signed with a shared key (HMAC_SHA256) instead of the auth token."),
        secret=True,
        required=False,
    ),
)

NOTHING_TO_SAY = HttpResponse(
    status=200,
    headers={"content-type": "text/xml; charset=utf-8"},
    body=b'<?xml version="1.0" encoding="UTF-8"?><Response/>',
)


class Twilio(Usual):
    """The adapter of twilio.com and of services that speak its messaging API."""

    slug = "twilio"
    name = "Twilio"
    kinds: Sequence[str] = ("sms", "whatsapp")
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1600
    handles_stop = True
    limits = twilio_media.LIMITS
    tells_prices_later = True

    def account_ids(self, account: Account) -> Sequence[str]:
        """The account SID a webhook must name."""
        return (account.credentials["account_sid"],)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Twilio signed the URL and the form (or the body's hash), with SHA-1 or a shared key's SHA-256."""
        return twilio_signature.is_valid(account.credentials, request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt; nothing for events that are neither."""
        form = dict(request.form)
        if not form:
            raise Malformed(noted("There is no form in this webhook."))
        word = form.get("MessageStatus") or form.get("SmsStatus") or ""
        if word and word.lower() not in INBOUND_STATUS:
            return [_receipt(form, word, request)]
        return [twilio_whatsapp.inbound(_inbound(form), form)]

    def answer(self) -> HttpResponse:
        """An empty TwiML document: nothing to say; replies go through the API."""
        return NOTHING_TO_SAY

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST Messages.json. A number that is in a Messaging Service is named together with the service."""
        service = account.credentials.get("messaging_service_sid", "")
        sender = text.sender or ("" if service else account.address)
        recipient = twilio_whatsapp.recipient(account, text)
        form = [("To", recipient)]
        if sender:
            form.append(("From", _like(sender, recipient)))
        if service:
            form.append(("MessagingServiceSid", service))
        content = twilio_whatsapp.content(text)
        form += content
        if text.body and not content:
            form.append(("Body", text.body))
        form += [("MediaUrl", one.url) for one in text.media]
        if text.status_url:
            form.append(("StatusCallback", _with_ref(text.status_url, text.ref)))
        form.append(("ValidityPeriod", str(min(max(text.validity, 1), LONGEST_VALIDITY))))
        return HttpRequest(
            method="POST",
            url=_account_url(account, "/Messages.json"),
            headers={
                "authorization": _authorization(account),
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
            },
            body=urlencode(form).encode("ascii"),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's SID, first state and parts; Twilio says 0 parts while a Messaging Service chooses a number."""
        raise_for(response, _refusal)
        made = json_object(response)
        sid = made.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Uncertain(noted("Twilio's answer names no message."), provider_code=str(response.status))
        code = _text(made.get("error_code"))
        if made.get("status") == "failed" and code:
            raise Rejected(failures.reason_of(self.slug, code), _text(made.get("error_message")), provider_code=code)
        status = STATUS.get(_text(made.get("status")), Status.QUEUED)
        segments = _count(made.get("num_segments"))
        return Accepted(provider_id=sid, status=status, segments=segments, price=twilio_prices.of(made))

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET Messages.json for this recipient, newest first.

        Twilio's own `DateSent` filter is not used: a message that still waits at Twilio has no date sent yet, and
        must be found. Compare `sent_at` with `since` instead.
        """
        recipient = twilio_whatsapp.recipient(account, text)
        query = [("To", recipient)]
        if text.sender or not account.credentials.get("messaging_service_sid"):
            query.append(("From", _like(text.sender or account.address, recipient)))
        query.append(("PageSize", str(LIST_SIZE)))
        return _get(account, _account_url(account, "/Messages.json?" + urlencode(query)))

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The outbound messages of that list."""
        raise_for(response, _refusal)
        messages = json_object(response).get("messages")
        return [
            _listed(message)
            for message in (messages if isinstance(messages, list) else [])
            if isinstance(message, dict) and not _text(message.get("direction")).startswith("inbound")
        ]

    def list_received(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """GET Messages.json of what this number received."""
        path = twilio_received.path(account, since=since, until=until, cursor=cursor)
        return _get(account, _account_url(account, path)) if path else None

    def read_received(self, response: HttpResponse) -> Page:
        """The inbound messages of one page."""
        raise_for(response, _refusal)
        return twilio_received.read(json_object(response))

    def list_templates(self, account: Account, *, cursor: str) -> HttpRequest | None:
        """GET the Content API's templates with their approvals."""
        return _get(account, twilio_whatsapp.list_url(account, cursor))

    def read_templates(self, response: HttpResponse) -> TemplatePage:
        """One page of them."""
        raise_for(response, _refusal)
        return twilio_whatsapp.read_templates(response)

    def list_prices(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """GET Messages.json of what this number sent: Twilio sets a price some time after a text left."""
        path = twilio_prices.path(account.address, since=since, until=until, cursor=cursor)
        return _get(account, _account_url(account, path)) if path else None

    def read_prices(self, response: HttpResponse) -> PricePage:
        """The prices of one page."""
        raise_for(response, _refusal)
        return twilio_prices.read(json_object(response))

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """The file, or the list that names it; with credentials when it is at Twilio itself."""
        return twilio_media.fetch(account, media, base=_base(account), authorization=_authorization(account))

    def follow(self, account: Account, media: Media, response: HttpResponse) -> HttpRequest | None:
        """The file that list names. Raises a `SendError`."""
        return twilio_media.follow(media, response, base=_base(account), authorization=_authorization(account))

    def check(self, account: Account) -> HttpRequest | None:
        """GET what holds the webhook address: the Messaging Service, the number, the short code, or the account."""
        return _get(account, twilio_check.url(account, _account_url(account, "")))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the credentials work, the number is ours, and where Twilio sends texts now."""
        return twilio_check.read(account, response)


def _inbound(form: Mapping[str, str]) -> Inbound:
    """A text from a person. `From` keeps its prefix, such as whatsapp:."""
    found = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")
    if not found or not form.get("From") or not form.get("To"):
        raise Malformed(noted("A text must have MessageSid, From and To."))
    segments = _count(form.get("NumSegments"))
    signal = form.get("OptOutType", "").strip().lower()
    return Inbound(
        provider_id=found,
        sender=form["From"],
        recipient=form["To"],
        body=_plain_body(form.get("Body", ""), segments),
        service_id=form.get("MessagingServiceSid", ""),
        account_id=form.get("AccountSid", ""),
        media=twilio_media.told(form),
        segments=segments,
        opt_out=SIGNALS.get(signal) if signal else None,
    )


def _plain_body(body: str, segments: int | None) -> str:
    """The words of a long text which came in base64, as some concatenated ones do; any other body as it is.

    Certain only when it is one unbroken run that decodes to several readable words and was more than one part.
    """
    if len(body) < _SHORTEST_BASE64 or " " in body:
        return body
    run = body.replace("\r", "").replace("\n", "")
    if len(run) < _SHORTEST_BASE64 or (segments or 2) < 2 or not _BASE64.fullmatch(run):
        return body
    try:
        words = base64.b64decode(run, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return body
    readable = all(char.isprintable() or char in "\r\n\t" for char in words)
    return words if readable and words.count(" ") >= 2 else body


def _receipt(form: Mapping[str, str], word: str, request: RawRequest) -> Receipt:
    """A later word on a message of ours; `m` of our own status address is our reference."""
    found = form.get("MessageSid") or form.get("SmsSid")
    if not found:
        raise Malformed(noted("A receipt must have MessageSid."))
    code = form.get("ErrorCode", "").strip()
    return Receipt(
        provider_id=found,
        status=STATUS.get(word.lower(), Status.UNKNOWN),
        raw_status=word,
        ref=dict(request.query).get("m", ""),
        error_code="" if code == "0" else code,
        segments=_count(form.get("NumSegments")),
    )


def _refusal(response: HttpResponse) -> SendError | None:
    """What Twilio's numeric code says; None when the body has none."""
    told = maybe_json_object(response) or {}
    code = _text(told.get("code"))
    if not code:
        return None
    reason = failures.reason_of(Twilio.slug, code)
    detail = _text(told.get("message"))[:300]
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code)
    return Rejected(reason or "unknown", detail, provider_code=code)


def _listed(message: Mapping[str, Any]) -> Listed:
    word = _text(message.get("status"))
    return Listed(
        provider_id=_text(message.get("sid")),
        recipient=_text(message.get("to")).removeprefix(twilio_whatsapp.PREFIX),
        body=_text(message.get("body")).removeprefix(TRIAL),
        status=STATUS.get(word.lower(), Status.UNKNOWN),
        raw_status=word,
        sent_at=reading.mail_moment(message.get("date_sent")) or reading.mail_moment(message.get("date_created")),
        error_code=_text(message.get("error_code")),
        price=twilio_prices.of(message),
    )


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _account_url(account: Account, path: str) -> str:
    return f"{_base(account)}/2010-04-01/Accounts/{quote(account.credentials['account_sid'], safe='')}{path}"


def _get(account: Account, url: str) -> HttpRequest:
    return HttpRequest(
        method="GET", url=url, headers={"authorization": _authorization(account), "accept": "application/json"}
    )


def _authorization(account: Account) -> str:
    """Basic, with the API key when there is one, otherwise with the first auth token."""
    known = account.credentials
    user, secret = known.get("api_key_sid", ""), known.get("api_key_secret", "")
    if not user or not secret:
        user, secret = known["account_sid"], known["auth_token"].split(",")[0].strip()
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")


def _like(sender: str, recipient: str) -> str:
    """Our own address with the recipient's prefix: WhatsApp needs it on both."""
    if recipient.startswith("whatsapp:") and not sender.startswith("whatsapp:"):
        return f"whatsapp:{sender}"
    return sender


def _with_ref(url: str, ref: str) -> str:
    """Our status address with our reference in it: a receipt finds its message before we know its SID."""
    query = urlsplit(url).query
    if not ref or any(part.startswith("m=") for part in query.split("&")):
        return url
    bare, hash_sign, overrides = url.partition("#")
    return f"{bare}{'&' if query else '?'}m={quote(ref, safe='')}{hash_sign}{overrides}"


def _count(value: object) -> int | None:
    """A number of parts, or None when it is missing, unreadable or not known yet."""
    digits = str(value).strip()
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) <= 4 else None


def _text(value: object) -> str:
    return "" if value is None else str(value)
