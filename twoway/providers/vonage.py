"""Vonage's Messages API: SMS, MMS and WhatsApp.

Sources: developer.vonage.com on the Messages API, its webhooks and errors; the official SDK's models. A webhook is JSON
with a token in the header (`vonage_jwt`); a call is JSON with a token made from the application's private key. Numbers
have no plus there. There is no list of what was sent that can be asked in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from twoway.lib.words import noted, t
from twoway.providers import failures, reading, vonage_check, vonage_inbound, vonage_jwt
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
    Throttled,
    Uncertain,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.vonage_inbound import WHATSAPP

API = "https://api.nexmo.com"
SMS_TTL, MMS_TTL = (20, 604_800), (300, 259_200)  # seconds, least and most
LONGEST_REF = 100
KINDS = {"image": "image", "audio": "audio", "video": "video"}
VCARDS = ("text/vcard", "text/x-vcard", "text/directory")
WITHOUT_CAPTION = ("audio", "vcard", "sticker")
FIELDS = (
    CredentialField(
        key="api_key", label=noted("API key"), help=noted("Eight letters and digits; on the dashboard's first page.")
    ),
    CredentialField(
        key="api_secret",
        label=noted("API secret"),
        help=noted("Below the API key. It is used to look up the application's webhooks."),
        secret=True,
    ),
    CredentialField(
        key="application_id",
        label=noted("Application ID"),
        help=noted("On the application's page, under Applications."),
    ),
    CredentialField(
        key="private_key",
        label=noted("Private key"),
        help=noted("The whole private.key file that came when you generated the application's keys."),
        secret=True,
    ),
    CredentialField(
        key="signature_secret",
        label=noted("Signature secret"),
        help=noted("Under Settings. It signs webhooks; during a rotation give both, separated by a comma."),
        secret=True,
    ),
)


class Vonage(Usual):
    """The adapter of Vonage's Messages API."""

    slug = "vonage"
    name = "Vonage"
    kinds: Sequence[str] = ("sms", "whatsapp")
    fields: Sequence[CredentialField] = FIELDS
    max_body = 3200
    handles_stop = False
    limits = MediaLimits(
        count=1,
        size=600 * 1024,
        types=("image/*", "audio/*", "video/*", "text/vcard", "text/x-vcard", "application/pdf"),
    )

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """The private key must be one."""
        key = reading.first(credentials.get("private_key", ""))
        is_one = not key or vonage_jwt.is_key(key)
        return (
            {} if is_one else {"private_key": t("This is no private key. Paste the whole file that Vonage gave you.")}
        )

    def account_ids(self, account: Account) -> Sequence[str]:
        """The API key and the application."""
        return (account.credentials["api_key"], account.credentials["application_id"])

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Vonage signed this body for this account and application."""
        return request.method != "GET" and vonage_jwt.is_valid(account, request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt."""
        told = reading.json_of(request.body)
        if not isinstance(told, dict):
            raise Malformed(noted("There is no JSON object in this webhook."))
        return [vonage_inbound.record(told)]

    def answer(self) -> HttpResponse:
        """Any 200; otherwise Vonage tries again for a day."""
        return HttpResponse(status=200, headers={"content-type": "text/plain; charset=utf-8"})

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /v1/messages: one message of the channel and type that its parts ask for."""
        sender = text.sender or account.address
        told: dict[str, Any] = {
            "from": reading.digits_only(sender),
            "to": reading.digits_only(text.recipient),
            "client_ref": text.ref[:LONGEST_REF],
        }
        if text.recipient.startswith(WHATSAPP) or sender.startswith(WHATSAPP):
            told |= {"channel": "whatsapp", **_whatsapp(text)}
        elif text.media:
            told |= {"channel": "mms", "ttl": _within(text.validity, MMS_TTL), **_files(text)}
        else:
            told |= {"channel": "sms", "message_type": "text", "text": text.body}
            told |= {"ttl": _within(text.validity, SMS_TTL), "sms": {"encoding_type": "auto"}}
        if text.status_url:
            told |= {"webhook_url": text.status_url, "webhook_version": "v1"}
        return HttpRequest(
            method="POST",
            url=f"{_base(account)}/v1/messages",
            headers={
                "authorization": vonage_jwt.authorization(account),
                "content-type": "application/json",
                "accept": "application/json",
            },
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The message's UUID."""
        raise_for(response, _refusal)
        found = json_object(response).get("message_uuid")
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("Vonage's answer names no message."), provider_code=str(response.status))
        return Accepted(provider_id=found)

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """The file; with a token when it is at Vonage itself."""
        if not media.url:
            return None
        is_theirs = reading.is_at(media.url, "nexmo.com", "vonage.com")
        if is_theirs or reading.is_under(media.url, account.api_base or ""):
            headers = {"authorization": vonage_jwt.authorization(account)}
            return HttpRequest(method="GET", url=media.url, headers=headers)
        return HttpRequest(method="GET", url=media.url)

    def check(self, account: Account) -> HttpRequest | None:
        """GET the application, which holds the webhook addresses."""
        known = account.credentials
        return HttpRequest(
            method="GET",
            url=f"{_base(account)}/v2/applications/{quote(known['application_id'], safe='')}",
            headers={
                "authorization": reading.basic(known["api_key"], reading.first(known["api_secret"])),
                "accept": "application/json",
            },
        )

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the credentials work, and where Vonage sends texts now."""
        return vonage_check.read(account, response)


def _whatsapp(text: OutboundText) -> dict[str, Any]:
    """A text, a file, or an approved template."""
    if text.template is not None:
        template: dict[str, Any] = {"name": text.template.name}
        if text.template.values:
            template["parameters"] = list(text.template.values)
        settings = {"policy": "deterministic", "locale": text.template.language}
        return {"message_type": "template", "template": template, "whatsapp": settings}
    return _files(text) if text.media else {"message_type": "text", "text": text.body}


def _files(text: OutboundText) -> dict[str, Any]:
    """One file with the words as its caption. Raises `Rejected` for what one message can't carry."""
    if len(text.media) > 1:
        raise Rejected("media_problem", noted("Vonage takes one file in a message."))
    one = text.media[0]
    kind = _kind(one)
    if text.body and kind in WITHOUT_CAPTION:
        raise Rejected("media_problem", f"Vonage takes no words beside this file ({one.content_type}).")
    told = {"url": one.url, **({"caption": text.body} if text.body else {})}
    if kind == "file" and one.name:
        told["name"] = one.name
    return {"message_type": kind, kind: told}


def _kind(one: Attachment) -> str:
    """Vonage's message type for a file."""
    content_type = one.content_type.lower()
    if content_type in VCARDS:
        return "vcard"
    return KINDS.get(content_type.partition("/")[0], "file")


def _within(seconds: int, limits: tuple[int, int]) -> int:
    return min(max(seconds, limits[0]), limits[1])


def _refusal(response: HttpResponse) -> SendError | None:
    """What a refusal (RFC 7807) says; None when it names no code we know, but for a sentence."""
    told = maybe_json_object(response) or {}
    code = vonage_inbound.code_of(told)
    detail = (reading.word(told.get("detail")) or reading.word(told.get("title")))[:300]
    reason = failures.reason_of(Vonage.slug, code) or failures.reason_of(Vonage.slug, str(response.status))
    if reason == "unknown" and response.status in (401, 402, 403):
        reason = failures.reason_of(Vonage.slug, str(response.status))
    if reason == "rate_limited":
        return Throttled(detail, provider_code=code)
    return Rejected(reason, detail, provider_code=code or str(response.status)) if code or detail else None


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")
