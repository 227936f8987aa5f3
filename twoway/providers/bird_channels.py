"""Bird's Channels API at api.bird.com, with its Notifications API for webhooks: texts and pictures over SMS and MMS.

Sources: docs.bird.com on the Channels and Notifications APIs. A webhook is JSON `{service, event, payload}`, signed
over its time, its address and the hash of its body; a call is JSON with an access key. Bird tries for eight hours, and
sends a webhook again with its first time: a day is accepted, and what came before is known by its id.

The other generations are other adapters: `bird` (platform.bird.com) and `messagebird` (rest.messagebird.com).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from twoway.lib.words import noted
from twoway.providers import bird_channels_codes, failures
from twoway.providers.adapter import MediaLimits, Usual
from twoway.providers.base import (
    Accepted,
    Account,
    Attachment,
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
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.reading import first, host, is_recent, json_of, moment, plus, secrets, thing, things, word

API = "https://api.bird.com"
SIGNATURE = "messagebird-signature"
TIMESTAMP = "messagebird-request-timestamp"
OLDEST = 86_400  # seconds; a webhook that is tried again keeps its first time
OWN_HOSTS = (".bird.com", ".messagebird.com")

STATUS = {
    "scheduled": Status.SCHEDULED,
    "accepted": Status.QUEUED,
    "processing": Status.SENDING,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "delivery_failed": Status.UNDELIVERED,
    "sending_failed": Status.FAILED,
    "rejected": Status.FAILED,
    "skipped": Status.FAILED,
    "deleted": Status.CANCELED,
}
FIELDS = (
    CredentialField(
        key="access_key",
        label=noted("Access key"),
        help=noted("In Bird under Settings, Security, Access keys."),
        secret=True,
    ),
    CredentialField(
        key="signing_key",
        label=noted("Signing key"),
        help=noted("Made up by you, and given when the webhook subscriptions are made."),
        secret=True,
    ),
    CredentialField(
        key="organization_id", label=noted("Organization ID"), help=noted("In the address bar after /organizations/.")
    ),
    CredentialField(
        key="workspace_id", label=noted("Workspace ID"), help=noted("In the address bar after /workspaces/.")
    ),
    CredentialField(
        key="channel_id", label=noted("Channel ID"), help=noted("Of the SMS channel; on the channel's page.")
    ),
)


class BirdChannels(Usual):
    """The adapter of Bird's Channels API."""

    slug = "bird_channels"
    name = "Bird Channels"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 1530  # ten parts
    handles_stop = True
    limits = MediaLimits(count=10, size=1_000_000, types=("image/*", "video/*", "audio/*", "text/vcard"))

    def account_ids(self, account: Account) -> Sequence[str]:
        """The channel a webhook names."""
        return (account.credentials["channel_id"],)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Bird signed the time, the address and the body, within a day. Constant time."""
        sent = request.headers.get(TIMESTAMP, "")
        if not is_recent(sent, request.received_at, OLDEST):
            return False
        given = request.headers.get(SIGNATURE, "").encode("utf-8", "replace")
        keys = secrets(account.credentials.get("signing_key", ""))
        return any(hmac.compare_digest(sign(key, sent, request.url, request.body), given) for key in keys)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt; nothing for other services and events."""
        told = thing(json_of(request.body))
        service, event, payload = word(told.get("service")), word(told.get("event")), thing(told.get("payload"))
        if not service or not event:
            raise Malformed(noted("A Bird webhook must have a service and an event."))
        if service != "channels" or not event.startswith(("sms.", "mms.")):
            return []
        if event.endswith(".inbound"):
            return [_inbound(payload)]
        return [_receipt(payload)] if event.endswith(".outbound") else []

    def answer(self) -> HttpResponse:
        """Nothing to say."""
        return HttpResponse(status=200)

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST a message to the channel, which has the sender; with our reference."""
        person = {"identifierKey": "phonenumber", "identifierValue": text.recipient}
        told = {"receiver": {"contacts": [person]}, "body": _body(text), "reference": text.ref}
        headers = {**_headers(account), "content-type": "application/json"}
        return HttpRequest(method="POST", url=_channel(account) + "/messages", headers=headers, body=orjson.dumps(told))

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's id and first state."""
        raise_for(response, _refusal)
        made = json_object(response)
        found = word(made.get("id"))
        if not found:
            raise Uncertain(noted("Bird's answer names no message."), provider_code=str(response.status))
        status = STATUS.get(word(made.get("status")), Status.QUEUED)
        if status is Status.FAILED:
            code = _code(made)
            raise Rejected(failures.reason_of(self.slug, code) or "unknown", _why(made), provider_code=code)
        return Accepted(provider_id=found, status=status)

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """A file at Bird with the access key; any other address as anybody would."""
        if not media.url or not host(media.url).endswith(OWN_HOSTS):
            return super().fetch(account, media)
        return HttpRequest(method="GET", url=media.url, headers={"authorization": _headers(account)["authorization"]})

    def check(self, account: Account) -> HttpRequest | None:
        """GET the webhook subscriptions of the workspace."""
        known = account.credentials
        path = f"/organizations/{_safe(known['organization_id'])}/workspaces/{_safe(known['workspace_id'])}"
        url = f"{_base(account)}{path}/webhook-subscriptions"
        return HttpRequest(method="GET", url=url, headers=_headers(account))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the key works, and whether subscriptions bring texts and receipts here."""
        if response.status != 200:
            return Checked(ok=False, detail=_trouble(response.status))
        listed = things((maybe_json_object(response) or {}).get("results"))
        wanted = account.settings.get("inbound_url", "")
        goes_to = {word(one.get("event")): word(one.get("url")) for one in listed if _is_on(one)}
        for one in listed:  # several may bring the same event; ours counts
            if _is_on(one) and word(one.get("url")) == wanted:
                goes_to[word(one.get("event"))] = wanted
        inbound = goes_to.get("sms.inbound", "")
        if not inbound or (wanted and inbound != wanted):
            detail = f"The key works, but sms.inbound goes to {inbound or 'nowhere'}. Subscribe"
            return Checked(
                ok=False, detail=f"{detail} {wanted}." if wanted else f"{detail} to it.", inbound_url=inbound
            )
        if "sms.outbound" not in goes_to:
            detail = f"Texts are sent to {inbound}, but receipts are not. Subscribe to sms.outbound as well."
            return Checked(ok=False, detail=detail, inbound_url=inbound)
        return Checked(ok=True, detail=f"The key works and texts are sent to {inbound}.", inbound_url=inbound)


def sign(key: str, sent: str, url: str, body: bytes) -> bytes:
    """The signature of a webhook: HMAC-SHA256 over time, address and the hash's own bytes, a line each, in base64."""
    signed = f"{sent}\n{url}\n".encode("utf-8", "replace") + hashlib.sha256(body).digest()
    return b64encode(hmac.digest(key.encode(), signed, "sha256"))


def _inbound(payload: Mapping[str, Any]) -> Inbound:
    """A text from a person. When Bird does not name our number, it is the channel's."""
    contact = thing(thing(payload.get("sender")).get("contact"))
    connector = thing(thing(payload.get("receiver")).get("connector"))
    found, sender = word(payload.get("id")), plus(contact.get("identifierValue"))
    if not found or not sender:
        raise Malformed(noted("A text from Bird must have an id and a sender."))
    words, media = _content(thing(payload.get("body")))
    return Inbound(
        provider_id=found,
        sender=sender,
        recipient=plus(connector.get("identifierValue")),
        body=words,
        account_id=word(payload.get("channelId")),
        media=media,
        sent_at=moment(payload.get("createdAt")),
    )


def _content(body: Mapping[str, Any]) -> tuple[str, tuple[Media, ...]]:
    """The words and files of a message body, whose `type` names the field they are in."""
    kind = word(body.get("type"))
    told = thing(body.get(kind))
    files = things(told.get("images")) + things(told.get("files"))
    media = tuple(
        Media(
            url=word(one["mediaUrl"]),
            content_type=word(one.get("contentType")),
            name=word(one.get("filename")),
        )
        for one in files
        if word(one.get("mediaUrl"))
    )
    return word(told.get("text")), media


def _receipt(payload: Mapping[str, Any]) -> Receipt:
    found, said = word(payload.get("id")), word(payload.get("status"))
    if not found or not said:
        raise Malformed(noted("A receipt from Bird must have an id and a status."))
    status = STATUS.get(said, Status.UNKNOWN)
    failed = status in (Status.FAILED, Status.UNDELIVERED)
    return Receipt(
        provider_id=found,
        status=status,
        raw_status=said,
        ref=word(payload.get("reference")),
        error_code=_code(payload) if failed else "",
        at=moment(payload.get("lastStatusAt")) or moment(payload.get("updatedAt")),
        address=plus(thing(thing(payload.get("sender")).get("connector")).get("identifierValue")),
    )


def _why(message: Mapping[str, Any]) -> str:
    return (word(message.get("reason")) or word(thing(message.get("failure")).get("description")))[:300]


def _code(message: Mapping[str, Any]) -> str:
    return bird_channels_codes.code_of(_why(message))


def _body(text: OutboundText) -> dict[str, object]:
    if not text.media:
        return {"type": "text", "text": {"text": text.body}}
    if all(one.content_type.startswith("image/") for one in text.media):
        return {"type": "image", "image": {"images": [{"mediaUrl": one.url} for one in text.media], "text": text.body}}
    return {"type": "file", "file": {"files": [_file(one) for one in text.media], "text": text.body}}


def _file(one: Attachment) -> dict[str, str]:
    told = {"mediaUrl": one.url, "contentType": one.content_type, "filename": one.name}
    return {name: value for name, value in told.items() if value}


def _refusal(response: HttpResponse) -> SendError | None:
    """What Bird's code says; None when the body has none."""
    told = maybe_json_object(response) or {}
    code = word(told.get("code"))
    if not code:
        return None
    reason = failures.reason_of(BirdChannels.slug, code) or "unknown"
    detail = word(told.get("message"))[:300]
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code)
    return Rejected(reason, detail, provider_code=code)


def _is_on(subscription: Mapping[str, Any]) -> bool:
    return subscription.get("service") == "channels" and word(subscription.get("status")) in ("", "active")


def _trouble(status: int) -> str:
    if status in (401, 403):
        return noted("Bird doesn't accept this access key, or it may not read webhook subscriptions.")
    if status == 404:
        return noted("Bird doesn't know this organization or workspace. Check both IDs.")
    return f"Bird answered {status}."


def _safe(part: str) -> str:
    return quote(part, safe="")


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _channel(account: Account) -> str:
    known = account.credentials
    return f"{_base(account)}/workspaces/{_safe(known['workspace_id'])}/channels/{_safe(known['channel_id'])}"


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": f"AccessKey {first(account.credentials['access_key'])}", "accept": "application/json"}
