"""An Android phone as a gateway: texts through the SIM card of a phone that runs the app SMS Gateway for Android.

Sources: docs.sms-gate.app on sending, status tracking, webhooks and their signing; the client `android-sms-gateway`.
The app's own server on the phone, a private server and the cloud speak the same JSON with Basic authentication. A
webhook is JSON `{event, payload}` with HMAC-SHA256 over the body and the time; the app waits 30 seconds for the answer
and tries for two days.

A text carries an id of ours, so a repetition is refused and the phone can be asked about it. A phone learns little: no
price, no reason of a carrier, and often not its own number.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from twoway.lib.words import noted
from twoway.providers import android_codes, failures
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
    OutboundText,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Status,
    Uncertain,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.reading import (
    basic,
    count,
    first,
    is_recent,
    json_of,
    moment,
    secrets,
    thing,
    things,
    word,
)

API = "https://api.sms-gate.app/3rdparty/v1"
SIGNATURE = "x-signature"
TIMESTAMP = "x-timestamp"
OLDEST = 300  # seconds; the app signs each try anew
ID_DIGITS = 16

STATES = {
    "Pending": Status.QUEUED,
    "Processed": Status.SENDING,
    "Sent": Status.SENT,
    "Delivered": Status.DELIVERED,
    "Failed": Status.FAILED,
    "Cancelling": Status.QUEUED,
    "Cancelled": Status.CANCELED,
}
EVENTS = {
    "sms:sent": (Status.SENT, "sentAt"),
    "sms:delivered": (Status.DELIVERED, "deliveredAt"),
    "sms:failed": (Status.FAILED, "failedAt"),
    "sms:cancelled": (Status.CANCELED, "cancelledAt"),
}
TEXTS = ("sms:received", "mms:downloaded")
BATCHES = ("sms:batch:received", "mms:batch:downloaded")
FIELDS = (
    CredentialField(
        key="username", label=noted("User name"), help=noted("On the app's Home tab, for the mode you use.")
    ),
    CredentialField(
        key="password", label=noted("Password"), help=noted("On the app's Home tab, below the user name."), secret=True
    ),
    CredentialField(
        key="signing_key",
        label=noted("Signing key"),
        help=noted("In the app under Settings, Webhooks, Signing Key. Webhooks are checked with it."),
        secret=True,
    ),
    CredentialField(
        key="sim",
        label=noted("SIM card"),
        help=noted("1, 2 or 3, when the phone has several; it must be the number's own."),
        required=False,
    ),
    CredentialField(
        key="device_id",
        label=noted("Device ID"),
        help=noted("Only when several phones share one account on a private server or in the cloud."),
        required=False,
    ),
)


class Android(Usual):
    """The adapter of the app SMS Gateway for Android, directly or through its server."""

    slug = "android"
    name = "Android phone"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1530  # ten parts
    handles_stop = False
    rate = 0.1  # one every ten seconds: carriers and Android stop a phone that sends like a machine

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """A SIM card is 1, 2 or 3."""
        return {} if credentials.get("sim", "") in ("", "1", "2", "3") else {"sim": "Write 1, 2 or 3."}

    def account_ids(self, account: Account) -> Sequence[str]:
        """The phone, where it was named."""
        return (account.credentials.get("device_id") or self.slug,)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the app signed the body and the time within five minutes; the address is not signed."""
        sent = request.headers.get(TIMESTAMP, "")
        if not is_recent(sent, request.received_at, OLDEST):
            return False
        given = request.headers.get(SIGNATURE, "").encode("utf-8", "replace")
        keys = secrets(account.credentials.get("signing_key", ""))
        return any(hmac.compare_digest(sign(key, request.body, sent), given) for key in keys)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """The texts or the one receipt; nothing for pings, and for texts of another SIM card than `?sim=` names."""
        told = thing(json_of(request.body))
        event, payload = word(told.get("event")), thing(told.get("payload"))
        if not event or not payload:
            raise Malformed(noted("A webhook from the phone must have an event and a payload."))
        if event in EVENTS:
            return [_receipt(event, payload)]
        texts = [payload] if event in TEXTS else things(payload.get("messages")) if event in BATCHES else []
        ours = dict(request.query).get("sim", "")
        return [_inbound(one) for one in texts if not ours or word(one.get("simNumber")) in ("", ours)]

    def answer(self) -> HttpResponse:
        """Nothing to say."""
        return HttpResponse(status=200)

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /messages under an id of ours, which the app refuses to take twice."""
        told: dict[str, object] = {
            "id": message_id(account, text),
            "phoneNumbers": [text.recipient],
            "textMessage": {"text": text.body},
            "withDeliveryReport": True,
            "ttl": max(text.validity, 5),
        }
        if account.credentials.get("sim", "").isdigit():
            told["simNumber"] = int(account.credentials["sim"])
        if account.credentials.get("device_id"):
            told["deviceId"] = account.credentials["device_id"]
        return HttpRequest(
            method="POST",
            url=f"{_base(account)}/messages?" + urlencode({"skipPhoneValidation": "true"}),
            headers={"authorization": _authorization(account), "content-type": "application/json"},
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's id and state: 202 means that the phone, or the server for it, has it in its queue."""
        raise_for(response, _refusal)
        made = json_object(response)
        found, state = word(made.get("id")), _state(made)
        if not found:
            raise Uncertain(noted("The phone's answer names no message."), provider_code=str(response.status))
        status = STATES.get(state, Status.QUEUED)
        if status is Status.FAILED:
            code = android_codes.code_of(_error(made))
            raise Rejected(failures.reason_of(self.slug, code) or "unknown", _error(made)[:300], provider_code=code)
        return Accepted(provider_id=found, status=Status.SENT if status is Status.DELIVERED else status)

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET the message by the id we gave it."""
        url = f"{_base(account)}/messages/{quote(message_id(account, text), safe='')}"
        return HttpRequest(method="GET", url=url, headers={"authorization": _authorization(account)})

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The message; none when the phone never heard of it."""
        if response.status == 404:
            return []
        raise_for(response, _refusal)
        made = json_object(response)
        found, state = word(made.get("id")), _state(made)
        if not found:
            raise Uncertain(noted("The phone's answer names no message."), provider_code=str(response.status))
        to = next(iter(things(made.get("recipients"))), {})
        return [
            Listed(
                provider_id=found,
                recipient=word(to.get("phoneNumber")),
                body=word(thing(made.get("textMessage")).get("text")) or None,
                status=STATES.get(state, Status.UNKNOWN),
                raw_status=state,
                sent_at=moment(made.get("createdAt")),
                error_code=android_codes.code_of(_error(made)),
                ref=_ref(found),
            )
        ]

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """GET a file of a picture message from the phone."""
        message, _, part = media.id.partition("/")
        if not message or not part:
            return None
        url = f"{_base(account)}/inbox/{quote(message, safe='')}/attachments/{quote(part, safe='')}"
        return HttpRequest(method="GET", url=url, headers={"authorization": _authorization(account)})

    def check(self, account: Account) -> HttpRequest | None:
        """GET the webhooks."""
        url = f"{_base(account)}/webhooks"
        return HttpRequest(method="GET", url=url, headers={"authorization": _authorization(account)})

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the password works, and whether texts and receipts are sent here."""
        if response.status == 401:
            return Checked(ok=False, detail=noted("The phone doesn't accept this user name and password."))
        hooks = json_of(response.body)
        if response.status != 200 or not isinstance(hooks, list):
            return Checked(ok=False, detail=f"The phone or its server answered {response.status}.")
        wanted = account.settings.get("inbound_url", "")
        device = account.credentials.get("device_id", "")
        known = [one for one in things(hooks) if not device or word(one.get("deviceId")) in ("", device)]
        ours = {word(one.get("event")): word(one.get("url")) for one in known if _is_ours(one, wanted)}
        goes_to = ours.get("sms:received", "")
        if not goes_to:
            elsewhere = next((word(one.get("url")) for one in known if one.get("event") == "sms:received"), "")
            detail = f"The password works, but the phone sends texts to {elsewhere or 'nowhere'}."
            detail += f" Register {wanted} for sms:received." if wanted else ""
            return Checked(ok=False, detail=detail, inbound_url=elsewhere)
        if missing := [event for event in ("sms:sent", "sms:delivered", "sms:failed") if event not in ours]:
            detail = f"Texts come here, but receipts don't: register the same address for {', '.join(missing)}."
            return Checked(ok=False, detail=detail, inbound_url=goes_to)
        return Checked(ok=True, detail=f"The password works and texts are sent to {goes_to}.", inbound_url=goes_to)


def sign(key: str, body: bytes, sent: str) -> bytes:
    """The signature of a webhook: HMAC-SHA256 over the body and the time's digits, in hex."""
    return hmac.digest(key.encode(), body + sent.encode("ascii"), "sha256").hex().encode()


def message_id(account: Account, text: OutboundText) -> str:
    """Our reference and a fingerprint, at most 36 characters: the same for every try, another for any other text."""
    told = "\n".join([account.address, account.credentials["username"], text.recipient, text.body])
    return f"{text.ref}-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:ID_DIGITS]}"


def _ref(found: str) -> str:
    """Our reference in a message's id; "" when the id is not of our making."""
    ref, dash, rest = found.rpartition("-")
    return ref if dash and len(rest) == ID_DIGITS else ""


def _inbound(payload: Mapping[str, Any]) -> Inbound:
    """A text from a person.

    The app makes a message's id of its content, so the same words may have the same id another day: the time is part
    of ours.
    """
    found, at = word(payload.get("messageId")), moment(payload.get("receivedAt"))
    sender = word(payload.get("sender")) or word(payload.get("phoneNumber"))
    if not found or not sender or at is None:
        raise Malformed(noted("A text from the phone must have messageId, phoneNumber and receivedAt."))
    return Inbound(
        provider_id=f"{found}@{at.timestamp():.3f}",
        sender=sender,
        recipient=word(payload.get("recipient")),
        body=word(payload.get("message")) or word(payload.get("body")) or word(payload.get("subject")),
        media=tuple(_media(found, one) for one in things(payload.get("attachments"))),
        sent_at=at,
    )


def _media(message: str, one: Mapping[str, Any]) -> Media:
    part = word(one.get("partId"))
    return Media(id=f"{message}/{part}", content_type=word(one.get("contentType")), name=word(one.get("name")))


def _receipt(event: str, payload: Mapping[str, Any]) -> Receipt:
    found = word(payload.get("messageId"))
    if not found:
        raise Malformed(noted("A receipt from the phone must have a messageId."))
    status, when = EVENTS[event]
    return Receipt(
        provider_id=found,
        status=status,
        raw_status=event,
        ref=_ref(found),
        error_code=android_codes.code_of(word(payload.get("reason"))) if status is Status.FAILED else "",
        segments=count(payload.get("partsCount")),
        at=moment(payload.get(when)),
    )


def _state(message: Mapping[str, Any]) -> str:
    """The state of the one person a text of ours goes to, else of the message."""
    to = next(iter(things(message.get("recipients"))), {})
    return word(to.get("state")) or word(message.get("state"))


def _error(message: Mapping[str, Any]) -> str:
    return word(next(iter(things(message.get("recipients"))), {}).get("error"))


def _refusal(response: HttpResponse) -> SendError | None:
    """A wrong call. 409 says that the id is known already, so the text is there: uncertain, until it is asked."""
    code = str(response.status)
    reason = failures.reason_of(Android.slug, code)
    if response.status in (401, 403, 408, 409) or reason == "unknown":
        return None
    return Rejected(reason, word((maybe_json_object(response) or {}).get("message"))[:300], provider_code=code)


def _is_ours(hook: Mapping[str, Any], wanted: str) -> bool:
    """Whether a webhook goes to us; a SIM number may be added to the address."""
    return not wanted or word(hook.get("url")).partition("?")[0] == wanted


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _authorization(account: Account) -> str:
    return basic(account.credentials["username"], first(account.credentials["password"]))
