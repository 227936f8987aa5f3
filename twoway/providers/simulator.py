"""The built-in carrier's adapter, used by the demo, the sandbox, the tests and the benchmarks.

It talks JSON to the simulated carrier (`simulator_carrier`) just as a real adapter talks to a real one. A webhook is
signed with HMAC-SHA256 over its time, its URL and its body, and refused when it is more than five minutes old.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from twoway.lib.words import noted
from twoway.providers import failures
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
    Page,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for

API = "http://127.0.0.1:8000/carrier"
SIGNATURE = "x-carrier-signature"
OLDEST = 300  # seconds

STATUS = {
    "queued": Status.QUEUED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
}


class Simulator(Usual):
    """The adapter of the simulated carrier."""

    slug = "simulator"
    name = "Simulator"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = (
        CredentialField(
            key="key",
            label=noted("Key"),
            help=noted("The simulated carrier's key; it also signs webhooks."),
            secret=True,
        ),
    )
    max_body = 1600
    handles_stop = False
    limits = MediaLimits(
        count=10,
        size=1024 * 1024,
        types=("image/jpeg", "image/png", "image/gif", "video/*", "audio/*", "text/vcard", "application/pdf"),
    )

    def account_ids(self, account: Account) -> Sequence[str]:
        """The carrier has a single account."""
        return ("simulator",)

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the carrier signed this time, URL and body within the last five minutes."""
        moment, _, given = request.headers.get(SIGNATURE, "").partition(",")
        keys = [key.strip() for key in account.credentials.get("key", "").split(",") if key.strip()]
        if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
            return False
        if abs(request.received_at.timestamp() - int(moment)) > OLDEST:
            return False
        given_bytes = given.encode("utf-8", "replace")
        return any(hmac.compare_digest(sign(key, int(moment), request.url, request.body), given_bytes) for key in keys)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text or one receipt."""
        try:
            told = orjson.loads(request.body)
            if told["type"] == "text.received":
                return [_inbound(told)]
            if told["type"] == "text.status":
                return [_receipt(told)]
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed(f"The carrier's message can't be read: {type(error).__name__}.") from error
        return []

    def answer(self) -> HttpResponse:
        """Nothing to say."""
        return HttpResponse(status=204)

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /messages."""
        told = {
            "ref": text.ref,
            "from": text.sender or account.address,
            "to": text.recipient,
            "body": text.body,
            "media_urls": [one.url for one in text.media],
            "status_url": text.status_url,
            "validity": text.validity,
        }
        return HttpRequest(
            method="POST",
            url=f"{_base(account)}/messages",
            headers={**_authorization(account), "content-type": "application/json"},
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The carrier's id, first state and parts."""
        raise_for(response, _refusal)
        made = json_object(response)
        found = made.get("id")
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("The carrier's answer names no message."), provider_code=str(response.status))
        segments = made.get("segments")
        return Accepted(
            provider_id=found,
            status=STATUS.get(str(made.get("status")), Status.QUEUED),
            segments=segments if isinstance(segments, int) else None,
        )

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET /messages of this recipient since a time."""
        query = {"to": text.recipient, "from": text.sender or account.address, "since": since.isoformat()}
        return HttpRequest(
            method="GET", url=f"{_base(account)}/messages?{urlencode(query)}", headers=_authorization(account)
        )

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The carrier's messages, newest first, each with our reference."""
        raise_for(response, _refusal)
        items = json_object(response).get("items")
        return [_listed(item) for item in (items if isinstance(items, list) else []) if isinstance(item, dict)]

    def list_received(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """GET /received of this number."""
        query = {"to": account.address, "since": since.isoformat(), "until": until.isoformat(), "after": cursor}
        url = f"{_base(account)}/received?{urlencode(query)}"
        return HttpRequest(method="GET", url=url, headers=_authorization(account))

    def read_received(self, response: HttpResponse) -> Page:
        """One page, oldest first."""
        raise_for(response, _refusal)
        told = json_object(response)
        items = told.get("items")
        texts = [item for item in (items if isinstance(items, list) else []) if isinstance(item, dict)]
        return Page(items=[_received(item) for item in texts], cursor=str(told.get("after") or ""))

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """The file; with the key when the carrier has it itself."""
        is_theirs = media.url.startswith(f"{_base(account)}/")
        return HttpRequest(method="GET", url=media.url, headers=_authorization(account) if is_theirs else {})

    def check(self, account: Account) -> HttpRequest | None:
        """GET the number."""
        url = f"{_base(account)}/numbers/{quote(account.address, safe='')}"
        return HttpRequest(method="GET", url=url, headers=_authorization(account))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the key works, and where the carrier sends texts."""
        told = maybe_json_object(response) or {}
        if response.status == 404:
            return Checked(ok=False, detail=f"The simulated carrier doesn't know {account.address} yet.")
        if response.status != 200:
            return Checked(ok=False, detail=f"The simulated carrier answered {response.status}: check the key.")
        goes_to = str(told.get("inbound_url") or "")
        wanted = account.settings.get("inbound_url", "")
        if wanted and goes_to != wanted:
            detail = f"The simulated carrier sends texts to {goes_to or 'nowhere'}; they should go to {wanted}."
            return Checked(ok=False, detail=detail, inbound_url=goes_to)
        return Checked(ok=True, detail=f"The key works and texts are sent to {goes_to}.", inbound_url=goes_to)


def sign(key: str, moment: int, url: str, body: bytes) -> bytes:
    """The signature of a webhook made at this Unix time, in hex."""
    return hmac.digest(key.encode(), f"{moment}.{url}.".encode("utf-8", "replace") + body, "sha256").hex().encode()


def _inbound(told: Mapping[str, Any]) -> Inbound:
    return Inbound(
        provider_id=_required(told, "id"),
        sender=_required(told, "from"),
        recipient=_required(told, "to"),
        body=str(told["body"]),
        account_id="simulator",
        media=tuple(Media(url=str(one["url"]), content_type=str(one["content_type"])) for one in told["media"]),
        segments=int(told["segments"]),
        sent_at=_time(told["at"]),
    )


def _received(item: Mapping[str, Any]) -> Inbound:
    """As `_inbound`, from the list, which has addresses of files but not their types."""
    urls = item.get("media_urls")
    media = [{"url": url, "content_type": ""} for url in (urls if isinstance(urls, list) else [])]
    return _inbound({**item, "media": media})


def _receipt(told: Mapping[str, Any]) -> Receipt:
    word = str(told["status"])
    return Receipt(
        provider_id=_required(told, "id"),
        status=STATUS.get(word, Status.UNKNOWN),
        raw_status=word,
        ref=str(told.get("ref") or ""),
        error_code=str(told.get("error_code") or ""),
        segments=int(told["segments"]),
        at=_time(told["at"]),
    )


def _required(told: Mapping[str, Any], name: str) -> str:
    found = told[name]
    if not isinstance(found, str) or not found:
        raise ValueError(name)
    return found


def _refusal(response: HttpResponse) -> SendError | None:
    told = maybe_json_object(response) or {}
    code = str(told.get("code") or "")
    if not code:
        return None
    reason = failures.reason_of(Simulator.slug, code)
    detail = str(told.get("message") or "")
    return (
        Throttled(detail, provider_code=code)
        if reason == "rate_limited"
        else Rejected(reason, detail, provider_code=code)
    )


def _listed(item: Mapping[str, Any]) -> Listed:
    word = str(item.get("status"))
    return Listed(
        provider_id=str(item.get("id")),
        recipient=str(item.get("to")),
        body=str(item.get("body")),
        status=STATUS.get(word, Status.UNKNOWN),
        raw_status=word,
        sent_at=_maybe_time(item.get("at")),
        error_code=str(item.get("error_code") or ""),
        ref=str(item.get("ref") or ""),
    )


def _time(value: object) -> datetime:
    """An ISO 8601 time; without an offset it is UTC."""
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _maybe_time(value: object) -> datetime | None:
    try:
        return _time(value)
    except ValueError:
        return None


def _base(account: Account) -> str:
    return (account.api_base or API).rstrip("/")


def _authorization(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.credentials['key'].split(',')[0].strip()}"}
