"""Sinch's own ways: the signature against the official SDK, batches, its lists, the check."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sinch.domains.sms.models.v1.response import RecipientDeliveryReport  # type: ignore[import-untyped]
from sinch.domains.sms.models.v1.shared.media_request import MediaRequest  # type: ignore[import-untyped]
from sinch.domains.sms.models.v1.shared.text_request import TextRequest  # type: ignore[import-untyped]
from sinch.domains.sms.sinch_events.v1.sms_sinch_event import SmsSinchEvent  # type: ignore[import-untyped]

from tests.providers.recorded_cases import ACCOUNTS, AT, plain, webhook, webhook_names
from twoway.providers import failures, registry, sinch_signature
from twoway.providers.base import Attachment, HttpResponse, Malformed, Media, OutboundText, RawRequest, Rejected
from twoway.providers.sinch_inbound import STATUS

SINCH = registry.get("sinch")
ACCOUNT = ACCOUNTS["sinch"]
SECRET, KEY = ACCOUNT.credentials["webhook_secret"], ACCOUNT.credentials["url_secret"]
VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text())["sinch"]
OURS = "https://desk.example.com/hooks/sinch/k7q2k7q2/inbound"
PLAN = f"https://us.sms.api.sinch.com/xms/v1/{ACCOUNT.credentials['service_plan_id']}"
TEXT = OutboundText(ref="8123", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s?m=8123")
PICTURE = Attachment(url="https://desk.example.com/m/1.jpg", content_type="image/jpeg")


def raw(body: bytes, headers: dict[str, str], url: str = f"{OURS}?key={KEY}") -> RawRequest:
    told = {"content-type": "application/json", **{name.lower(): value for name, value in headers.items()}}
    return RawRequest(method="POST", url=url, headers=told, body=body, received_at=AT)


def verified(request: RawRequest, **credentials: str) -> bool:
    return SINCH.verify(replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials}), request)


# Signatures


def test_the_vector() -> None:
    request = raw(VECTOR["body"].encode(), VECTOR["headers"])
    assert verified(request, webhook_secret=VECTOR["secret"])
    assert SmsSinchEvent(VECTOR["secret"]).validate_authentication_header(VECTOR["headers"], VECTOR["body"])
    assert not verified(request, webhook_secret=VECTOR["secret"][::-1])
    assert not verified(replace(request, body=request.body + b" "), webhook_secret=VECTOR["secret"])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60), st.text("0123456789ABCDEF", min_size=1))
def test_what_we_accept_the_official_sdk_accepts(body: str, nonce: str) -> None:
    signature = sinch_signature.sign(SECRET, f"{body}.{nonce}.1634579353".encode()).decode()
    headers = {
        "x-sinch-webhook-signature": signature,
        "x-sinch-webhook-signature-nonce": nonce,
        "x-sinch-webhook-signature-timestamp": "1634579353",
    }
    assert SmsSinchEvent(SECRET).validate_authentication_header(headers, body)
    request = raw(body.encode(), headers)
    assert verified(request)
    assert not verified(replace(request, headers={**request.headers, "x-sinch-webhook-signature-timestamp": "1"}))


def test_an_unknown_algorithm_is_refused() -> None:
    request, _ = webhook("sinch", "inbound_text")
    name = "x-sinch-webhook-signature-algorithm"
    assert verified(replace(request, headers={key: value for key, value in request.headers.items() if key != name}))
    assert not verified(replace(request, headers={**request.headers, name: "HmacMD5"}))


def test_the_secret_in_the_address_is_needed_with_and_without_a_signature() -> None:
    request, _ = webhook("sinch", "inbound_text")
    unsigned = raw(request.body, {})
    assert verified(unsigned, webhook_secret="")
    assert not verified(unsigned)
    for url in (OURS, f"{OURS}?key=", f"{OURS}?key=wrong"):
        assert not verified(replace(request, url=url))
        assert not verified(replace(unsigned, url=url), webhook_secret="")
    assert not verified(unsigned, webhook_secret="", url_secret="")
    assert not verified(replace(unsigned, method="GET"), webhook_secret="")
    assert verified(replace(unsigned, url=f"{OURS}?key=older"), webhook_secret="", url_secret=f"{KEY},older")


@pytest.mark.parametrize("secret", ["short", "x" * 15])
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    assert set(SINCH.wrong({"url_secret": secret})) == {"url_secret"}
    assert SINCH.wrong({"url_secret": "x" * 16, "region": "eu"}) == {}
    assert set(SINCH.wrong({"region": "moon"})) == {"region"}


# Webhooks


def test_the_recorded_receipts_are_what_the_sdk_reads() -> None:
    names = [name for name in webhook_names("sinch") if name.startswith("receipt") and "summary" not in name]
    for name in names:
        RecipientDeliveryReport.model_validate_json(webhook("sinch", name)[0].body)


@pytest.mark.parametrize("told", [
    {"type": "mo_text", "id": "1", "from": "1"},
    {"type": "mo_text", "from": "1", "to": "2"},
    {"type": "recipient_delivery_report_sms", "batch_id": "1"},
    {"type": "recipient_delivery_report_sms", "status": "Delivered"},
    {"type": "delivery_report_sms", "statuses": [{"status": "Delivered"}]},
    {"type": 7},
])  # fmt: skip
def test_what_lacks_something_is_malformed(told: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        SINCH.parse(raw(json.dumps(told).encode(), {}))


def test_every_status_of_the_documentation_is_known() -> None:
    words = "Queued Dispatched Aborted Cancelled Rejected Deleted Delivered Failed Expired"
    assert {word.lower() for word in words.split()} <= set(STATUS)


@pytest.mark.parametrize(("code", "reason"), [
    ("402", "no_route"), ("404", "unreachable_temp"), ("406", "expired"), ("410", "sender_invalid"),
    ("411", "content_invalid"), ("413", "account"), ("414", "media_problem"), ("60", "sender_unregistered"),
    ("Deleted", "recipient_limited"), ("syntax_invalid_param", "content_invalid"), ("999", "unknown"),
])  # fmt: skip
def test_what_a_code_means(code: str, reason: str) -> None:
    assert failures.reason_of("sinch", code) == reason


# Calls


def sent(text: OutboundText = TEXT) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(SINCH.send(ACCOUNT, text).body)
    return told


def test_a_text_is_what_the_sdk_makes_of_it() -> None:
    told = sent()
    expires = datetime.fromisoformat(told.pop("expire_at"))
    assert timedelta(minutes=55) < expires - datetime.now(UTC) < timedelta(minutes=65)
    theirs = TextRequest(
        to=["+14155550101"],
        from_="14155550199",
        body="Hi",
        delivery_report="per_recipient",
        event_destination_target=f"https://desk.example.com/s?m=8123&key={KEY}",
        client_reference="8123",
    )
    assert told == theirs.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert SINCH.send(ACCOUNT, TEXT).url == f"{PLAN}/batches"


def test_a_picture_is_what_the_sdk_makes_of_it() -> None:
    told = sent(replace(TEXT, media=[PICTURE], status_url=""))
    told.pop("expire_at")
    theirs = MediaRequest(
        to=["+14155550101"],
        from_="14155550199",
        body={"url": PICTURE.url, "message": "Hi"},
        delivery_report="per_recipient",
        client_reference="8123",
    )
    assert told == theirs.model_dump(mode="json", by_alias=True, exclude_none=True)
    with pytest.raises(Rejected) as refused:
        sent(replace(TEXT, media=[PICTURE, PICTURE]))
    assert refused.value.code == "media_problem"


@pytest.mark.parametrize(("validity", "seconds"), [(0, 1), (600, 600), (9_000_000, 259_200)])
def test_the_validity_is_what_sinch_takes(validity: int, seconds: int) -> None:
    expires = datetime.fromisoformat(sent(replace(TEXT, validity=validity))["expire_at"])
    assert abs((expires - datetime.now(UTC)).total_seconds() - seconds) < 30


@pytest.mark.parametrize(("region", "host"), [("", "us"), ("EU ", "eu"), ("moon", "us"), ("evil.example/", "us")])
def test_the_region_is_in_the_address(region: str, host: str) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "region": region})
    assert SINCH.send(account, TEXT).url.startswith(f"https://{host}.sms.api.sinch.com/xms/v1/")


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_the_list_is_asked_by_our_reference() -> None:
    call = SINCH.list_sent(ACCOUNT, TEXT, since=AT)
    assert call is not None
    assert query(call.url) == {
        "client_reference": "8123",
        "start_date": "2026-01-02T03:04:05.000Z",
        "page_size": "100",
    }


# What we received


def test_the_inbounds_are_asked_page_by_page() -> None:
    call = SINCH.list_received(ACCOUNT, since=AT, until=AT + timedelta(hours=1), cursor="2")
    assert call is not None
    assert call.url.startswith(f"{PLAN}/inbounds?")
    assert query(call.url) == {
        "start_date": "2026-01-02T03:04:05.000Z",
        "end_date": "2026-01-02T04:04:05.000Z",
        "page": "2",
        "page_size": "100",
    }


def inbounds(number: int, **more: Any) -> HttpResponse:
    texts = [json.loads(webhook("sinch", name)[0].body) for name in ("inbound_text", "inbound_pictures")][:number]
    return HttpResponse(status=200, body=json.dumps({"inbounds": texts, "page_size": number, **more}).encode())


def test_a_page_says_what_the_webhooks_said() -> None:
    page = SINCH.read_received(inbounds(2, count=2, page=0))
    assert [plain(item) for item in page.items] == [
        record for name in ("inbound_text", "inbound_pictures") for record in webhook("sinch", name)[1]
    ]
    assert page.cursor == ""


@pytest.mark.parametrize(("count", "page", "cursor"), [(100, 0, ""), (101, 0, "1"), (250, 1, "2"), (250, 2, "")])
def test_the_next_page(count: int, page: int, cursor: str) -> None:
    assert SINCH.read_received(inbounds(1, count=count, page=page)).cursor == cursor


@pytest.mark.parametrize("told", [{}, {"inbounds": None}, {"inbounds": [{"id": "1"}, 7], "count": "x", "page": True}])
def test_an_odd_page_is_the_last(told: dict[str, Any]) -> None:
    page = SINCH.read_received(HttpResponse(status=200, body=json.dumps(told).encode()))
    assert (list(page.items), page.cursor) == ([], "")


# Files and the check


@pytest.mark.parametrize(("url", "with_token"), [
    ("https://us.sms.api.sinch.com/media/1", True),
    ("https://sinch-mms.example.com/1", False),
    ("http://us.sms.api.sinch.com/media/1", False),
    ("https://us.sms.api.sinch.com.evil.example/1", False),
])  # fmt: skip
def test_the_token_goes_to_sinch_only(url: str, with_token: bool) -> None:
    call = SINCH.fetch(ACCOUNT, Media(url=url))
    assert call is not None
    assert ("authorization" in call.headers) is with_token
    assert SINCH.fetch(ACCOUNT, Media(content_type="image/jpeg")) is None


@pytest.mark.parametrize(("status", "ok", "words"), [
    (200, True, f"it should be {OURS}?key=YOUR_URL_SECRET."),
    (401, False, "API token"),
    (404, False, "service plan"),
    (500, False, "answered 500"),
])  # fmt: skip
def test_what_the_check_says(status: int, ok: bool, words: str) -> None:
    account = replace(ACCOUNT, settings={"inbound_url": OURS})
    checked = SINCH.read_check(account, HttpResponse(status=status, body=b'{"count": 0, "inbounds": []}'))
    assert checked.ok is ok
    assert words in checked.detail
