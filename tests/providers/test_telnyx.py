"""What is particular about Telnyx: its signature, its words, its group texts, its idempotency key."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature
from telnyx.types.inbound_message_webhook_event import InboundMessageWebhookEvent
from telnyx.types.message_send_params import MessageSendParams

from tests.providers.cases.telnyx import ACCOUNT, KEY
from tests.providers.recorded_cases import AT, webhook, webhook_names
from twoway.providers import failures, registry
from twoway.providers.base import Attachment, HttpResponse, Inbound, Malformed, OutboundText, RawRequest, Status
from twoway.providers.telnyx import STATUS

VECTORS = Path(__file__).parents[1] / "vectors"
VECTOR = json.loads((VECTORS / "signatures.json").read_text())["telnyx"]
MAP = json.loads((VECTORS / "failure_map.json").read_text())["telnyx"]
BETTER_KNOWN = {
    "10009": "auth",  # the map has no word for refused credentials
    "10015": "content_invalid",  # Telnyx's own page: "Bad Request"
    "10016": "invalid_number",  # Telnyx's own page: "Phone number must be in +E.164 format"
}
TELNYX = registry.get("telnyx")
TEXT = OutboundText(ref="41", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s")


def request(body: bytes, headers: dict[str, str], at: datetime = AT) -> RawRequest:
    return RawRequest(method="POST", url="https://desk.example.com/in", headers=headers, body=body, received_at=at)


def vector() -> RawRequest:
    headers = {"telnyx-timestamp": VECTOR["timestamp"], "telnyx-signature-ed25519": VECTOR["signature"]}
    return request(VECTOR["body"].encode(), headers, datetime.fromtimestamp(int(VECTOR["timestamp"]), UTC))


def test_the_reference_vector_is_accepted() -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "public_key": VECTOR["public_key"]})
    assert TELNYX.verify(account, vector()) is True


@pytest.mark.parametrize(
    ("seconds", "is_accepted"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_five_minutes_either_way(seconds: int, is_accepted: bool) -> None:
    sent = vector()
    late = datetime.fromtimestamp(sent.received_at.timestamp() + seconds, UTC)
    assert TELNYX.verify(ACCOUNT, replace(sent, received_at=late)) is is_accepted


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"telnyx-signature-ed25519": "AAAA"},
        {"telnyx-signature-ed25519": "not base64"},
        {"telnyx-signature-ed25519": ""},
        {"telnyx-timestamp": ""},
        {"telnyx-timestamp": "soon"},
        {"telnyx-timestamp": "1767323045"},
    ],
)
def test_we_and_the_sdk_agree(changes: dict[str, str]) -> None:
    moment = str(int(time.time()))
    body = '{"data":{"event_type":"message.received","payload":{"text":"é 😀"}}}'
    signature = base64.b64encode(KEY.sign(f"{moment}|{body}".encode()).signature).decode()
    headers = {"telnyx-timestamp": moment, "telnyx-signature-ed25519": signature, **changes}
    try:
        verify_webhook_signature(body, headers, ACCOUNT.credentials["public_key"])
        accepted = True
    except WebhookVerificationError:
        accepted = False
    assert accepted is (not changes)
    assert TELNYX.verify(ACCOUNT, request(body.encode(), headers, datetime.now(UTC))) is accepted


@pytest.mark.parametrize("key", ["", ",", "not base64!", "AAAA", "é", "A" * 44])
def test_a_key_that_is_none_verifies_nothing(key: str) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "public_key": key})
    assert TELNYX.verify(account, vector()) is False


@pytest.mark.parametrize("name", [name for name in webhook_names("telnyx") if name.startswith("inbound")])
def test_recorded_texts_have_the_shape_of_the_sdk(name: str) -> None:
    told = json.loads(webhook("telnyx", name)[0].body)
    payload = InboundMessageWebhookEvent.construct(**told).data.payload  # type: ignore[union-attr]
    assert payload is not None
    assert payload.id == told["data"]["payload"]["id"]
    assert set(told["data"]["payload"]) - set(type(payload).model_fields) <= {"from", "is_spam", "sentiment"}


def test_its_codes_are_those_of_the_reference_map() -> None:
    expected = {**MAP, **BETTER_KNOWN}
    assert {code: failures.reason_of("telnyx", code) for code in expected} == expected


def test_every_word_of_the_documentation_is_known() -> None:
    assert {"queued", "sending", "sent", "delivered", "read", "expired"} <= set(STATUS)
    assert {"sending_failed", "delivery_failed", "delivery_unconfirmed"} <= set(STATUS)
    assert STATUS["delivery_unconfirmed"] is Status.SENT


def sent(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(TELNYX.send(ACCOUNT, replace(TEXT, **changes)).body)
    return told


def test_a_text_is_sent_as_the_api_takes_it() -> None:
    assert sent() == {
        "from": "+14155550199",
        "to": "+14155550101",
        "messaging_profile_id": "16fd2706-8baf-433b-82eb-8c7fada847da",
        "text": "Hi",
        "webhook_url": "https://desk.example.com/s?m=41",
    }
    pictures = [Attachment(url="https://desk.example.com/m/1"), Attachment(url="https://desk.example.com/m/2")]
    told = sent(media=pictures, body="")
    assert (told["media_urls"], told["type"]) == (
        ["https://desk.example.com/m/1", "https://desk.example.com/m/2"],
        "MMS",
    )
    assert "text" not in told
    assert set(told) <= {"from", *MessageSendParams.__annotations__}


def test_the_same_text_has_the_same_idempotency_key_and_no_other_has_it() -> None:
    def key(**changes: Any) -> str:
        return TELNYX.send(ACCOUNT, replace(TEXT, **changes)).headers["idempotency-key"]

    assert key() == key()
    assert len({key(), key(ref="42"), key(status_url="https://other.example.com/s")}) == 3


def test_a_group_text_is_for_the_number_whose_webhook_it_is() -> None:
    (said,) = TELNYX.parse(webhook("telnyx", "inbound_group")[0])
    assert isinstance(said, Inbound)
    assert (said.sender, said.recipient) == ("+14155550101", "+14155550199")


@pytest.mark.parametrize("missing", ["id", "from", "to"])
def test_a_text_without_what_it_needs_is_malformed(missing: str) -> None:
    told = json.loads(webhook("telnyx", "inbound_text")[0].body)
    told["data"]["payload"][missing] = None
    with pytest.raises(Malformed, match="id, from and to"):
        TELNYX.parse(request(json.dumps(told).encode(), {}))


def check(body: object, status: int = 200, wanted: str = "https://desk.example.com/in") -> tuple[bool, str]:
    account = replace(ACCOUNT, settings={"inbound_url": wanted})
    checked = TELNYX.read_check(account, HttpResponse(status=status, body=json.dumps(body).encode()))
    return checked.ok, checked.detail


@pytest.mark.parametrize(
    ("profile", "is_ok", "says"),
    [
        ({"webhook_url": "https://desk.example.com/in", "webhook_api_version": "2", "enabled": True}, True, "are sent"),
        ({"webhook_url": "https://other.example.com", "webhook_api_version": "2"}, False, "other.example.com"),
        ({"webhook_url": None, "webhook_api_version": "2"}, False, "nowhere"),
        ({"webhook_url": "https://desk.example.com/in", "webhook_api_version": "1"}, False, "version 2"),
        ({"webhook_url": "https://desk.example.com/in", "enabled": False}, False, "switched off"),
    ],
)
def test_the_check_compares_the_profile(profile: dict[str, object], is_ok: bool, says: str) -> None:
    ok, detail = check({"data": profile})
    assert ok is is_ok
    assert says in detail


@pytest.mark.parametrize(("status", "says"), [(401, "API key"), (403, "may not"), (404, "ID"), (500, "500")])
def test_the_check_says_what_is_wrong(status: int, says: str) -> None:
    ok, detail = check({"errors": []}, status)
    assert not ok
    assert says in detail
