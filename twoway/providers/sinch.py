"""Sinch's SMS API (XMS): texts, and a picture with them.

Sources: developers.sinch.com on the SMS API's batches, inbounds and delivery reports; the official SDK. A webhook is
JSON; a call is JSON with a bearer token. A message of ours is a batch with one recipient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from twoway.lib.words import noted
from twoway.providers import failures, reading, sinch_codes, sinch_inbound, sinch_signature, url_secret
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

API = "https://{region}.sms.api.sinch.com"
REGION = "us"
REGIONS = ("us", "eu", "au", "br", "ca")
LONGEST_EXPIRY = 259_200  # seconds
PAGE_SIZE = 100
FIELDS = (
    CredentialField(
        key="service_plan_id",
        label=noted("Service plan ID"),
        help=noted("In the dashboard under SMS, APIs: REST configuration."),
    ),
    CredentialField(key="api_token", label=noted("API token"), help=noted("Beside the service plan ID."), secret=True),
    url_secret.field(
        noted(
            "Make up 20 letters or more. Put ?key= and this secret behind the webhook address: "
            "Sinch signs only for some accounts, and never the address."
        )
    ),
    CredentialField(
        key="webhook_secret",
        label=noted("Webhook secret"),
        help=noted("Once Sinch has switched on signatures for you; during a rotation give both, separated by a comma."),
        secret=True,
        required=False,
    ),
    CredentialField(
        key="region",
        label=noted("Region"),
        help=noted("Where the service plan is: us (used when this is empty), eu, au, br or ca."),
        required=False,
    ),
)


class Sinch(Usual):
    """The adapter of sinch.com."""

    slug = "sinch"
    name = "Sinch"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 2000
    handles_stop = False
    list_lag = 60.0  # Sinch says only that a batch may take time to load: our own caution
    limits = MediaLimits(count=1, size=1024 * 1024, types=("image/*", "video/*", "audio/*", "text/vcard"))

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """The region must be one of Sinch's, and the address secret hard to guess."""
        region = credentials.get("region", "").strip().lower()
        there_is = not region or region in REGIONS
        told = {} if there_is else {"region": f"Write one of: {', '.join(REGIONS)}."}
        return {**told, **url_secret.wrong(credentials)}

    def account_ids(self, account: Account) -> Sequence[str]:
        """The service plan."""
        return (account.credentials["service_plan_id"],)

    # Webhooks

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the address carries our secret, and Sinch signed the body where it signs."""
        return sinch_signature.is_valid(account, request)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """One text, or receipts."""
        told = reading.json_of(request.body)
        if not isinstance(told, dict):
            raise Malformed(noted("There is no JSON object in this webhook."))
        return sinch_inbound.records(told)

    def answer(self) -> HttpResponse:
        """Any 2xx; after a 5xx or 429 Sinch tries again, at longer and longer intervals."""
        return HttpResponse(status=200, headers={"content-type": "text/plain; charset=utf-8"})

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST batches, with one recipient. Raises `Rejected` when there are several files."""
        if len(text.media) > 1:
            raise Rejected("media_problem", noted("Sinch takes one file in a message."))
        expires = datetime.now(UTC) + timedelta(seconds=min(max(text.validity, 1), LONGEST_EXPIRY))
        told: dict[str, Any] = {
            "from": reading.digits_only(text.sender or account.address),
            "to": [text.recipient],
            "type": "mt_text",
            "body": text.body,
            "delivery_report": "per_recipient",
            "client_reference": text.ref,
            "expire_at": expires.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if text.media:
            told |= {"type": "mt_media", "body": {"url": text.media[0].url, "message": text.body}}
        if text.status_url:
            told["callback_url"] = url_secret.within(text.status_url, account.credentials)
        return HttpRequest(
            method="POST",
            url=_plan_url(account, "/batches"),
            headers={**_headers(account), "content-type": "application/json"},
            body=orjson.dumps(told),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The batch's id."""
        raise_for(response, _refusal)
        found = json_object(response).get("id")
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("Sinch's answer names no batch."), provider_code=str(response.status))
        return Accepted(provider_id=found)

    def list_sent(self, account: Account, text: OutboundText, *, since: datetime) -> HttpRequest | None:
        """GET batches with our reference, waiting ones too."""
        query = {"client_reference": text.ref, "start_date": _iso(since), "page_size": str(PAGE_SIZE)}
        url = _plan_url(account, "/batches?" + urlencode(query))
        return HttpRequest(method="GET", url=url, headers=_headers(account))

    def read_list(self, response: HttpResponse) -> list[Listed]:
        """The batches of that list; Sinch says of each whether it was cancelled, and no more."""
        raise_for(response, _refusal)
        batches = reading.things(json_object(response).get("batches"))
        return [_listed(one) for one in batches if reading.word(one.get("id"))]

    def list_received(self, account: Account, *, since: datetime, until: datetime, cursor: str) -> HttpRequest | None:
        """GET inbounds of the service plan; the cursor is the number of the page."""
        query = {"start_date": _iso(since), "end_date": _iso(until), "page": cursor or "0", "page_size": str(PAGE_SIZE)}
        url = _plan_url(account, "/inbounds?" + urlencode(query))
        return HttpRequest(method="GET", url=url, headers=_headers(account))

    def read_received(self, response: HttpResponse) -> Page:
        """One page of them; what can't be understood is left out, since its webhook is kept."""
        raise_for(response, _refusal)
        told = json_object(response)
        listed = reading.things(told.get("inbounds"))
        items = [sinch_inbound.inbound(one) for one in listed if one.get("id") and one.get("from") and one.get("to")]
        page, total = _number(told.get("page")), _number(told.get("count"))
        is_last = not listed or (page + 1) * PAGE_SIZE >= total
        return Page(items=items, cursor="" if is_last else str(page + 1))

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """The file; with the token when it is at Sinch's API itself."""
        if not media.url:
            return None
        is_theirs = reading.is_at(media.url, "sms.api.sinch.com") or reading.is_under(media.url, account.api_base or "")
        headers = {"authorization": _headers(account)["authorization"]} if is_theirs else {}
        return HttpRequest(method="GET", url=media.url, headers=headers)

    def check(self, account: Account) -> HttpRequest | None:
        """GET one inbound of the service plan: Sinch's API does not show where texts go."""
        return HttpRequest(method="GET", url=_plan_url(account, "/inbounds?page_size=1"), headers=_headers(account))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the credentials work."""
        if response.status in (401, 403):
            detail = noted(
                "Sinch doesn't accept these credentials. Check the API token, and the region of the service plan."
            )
            return Checked(ok=False, detail=detail)
        if response.status == 404:
            return Checked(ok=False, detail=noted("Sinch doesn't know this service plan. Check its ID and its region."))
        if response.status != 200 or maybe_json_object(response) is None:
            return Checked(ok=False, detail=f"Sinch answered {response.status}.")
        wanted = account.settings.get("inbound_url", "")
        detail = "The credentials work. Sinch doesn't show where texts are sent"
        should = f": it should be {wanted}?{url_secret.NAME}={url_secret.SHOWN}" if wanted else ""
        return Checked(ok=True, detail=f"{detail}{should}.")


def _listed(one: Any) -> Listed:
    to = one.get("to")
    body = one.get("body")
    words = reading.word(reading.thing(body).get("message")) if isinstance(body, dict) else reading.word(body)
    is_canceled = one.get("canceled") is True
    return Listed(
        provider_id=reading.word(one["id"]),
        recipient=reading.plus(to[0]) if isinstance(to, list) and to else "",
        body=words,
        status=Status.CANCELED if is_canceled else Status.QUEUED,
        raw_status="canceled" if is_canceled else "",
        sent_at=reading.moment(one.get("created_at")),
        ref=reading.word(one.get("client_reference")),
    )


def _refusal(response: HttpResponse) -> SendError | None:
    """What a refusal says: a word in `code`, and a sentence in `text`."""
    told = maybe_json_object(response) or {}
    code = reading.word(told.get("code"))
    detail = reading.word(told.get("text"))[:300]
    if not code:
        return None
    kept = code[: sinch_codes.LONGEST]
    reason = failures.reason_of(Sinch.slug, kept)
    if reason == "unknown" and response.status == 401:
        reason = "auth"
    if reason == "content_invalid" and "to" in detail.lower().replace("'", " ").replace("[", " ").split():
        reason = "invalid_number"
    return (
        Throttled(detail, provider_code=kept)
        if reason == "rate_limited"
        else Rejected(reason, detail, provider_code=kept)
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plan_url(account: Account, path: str) -> str:
    known = account.credentials
    region = known.get("region", "").strip().lower()
    base = (account.api_base or API.format(region=region if region in REGIONS else REGION)).rstrip("/")
    return f"{base}/xms/v1/{quote(known['service_plan_id'], safe='')}{path}"


def _headers(account: Account) -> dict[str, str]:
    token = reading.first(account.credentials["api_token"])
    return {"authorization": f"Bearer {token}", "accept": "application/json"}
