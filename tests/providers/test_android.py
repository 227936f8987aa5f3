"""What is particular about the phone: ids of our making, SIM cards, texts with the same id, words instead of codes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from android_sms_gateway import domain, webhooks  # type: ignore[import-untyped]

from tests.providers.cases.android import ACCOUNT
from tests.providers.recorded_cases import AT, signed, webhook
from twoway.providers import android_codes, failures, registry
from twoway.providers.base import HttpResponse, Inbound, Malformed, Media, OutboundText, RawRequest, Receipt

PHONE = registry.get("android")
TEXT = OutboundText(ref="41", recipient="+14155550101", body="Hi é 😀", validity=600)


def sent(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(PHONE.send(ACCOUNT, replace(TEXT, **changes)).body)
    return told


def test_a_text_is_sent_as_the_apps_own_client_sends_it() -> None:
    told = sent()
    theirs = domain.Message(
        id=told["id"],
        phone_numbers=["+14155550101"],
        text_message=domain.TextMessage(text="Hi é 😀"),
        sim_number=1,
        device_id="yVULogr4Y1ksRfnos1Dsw",
        ttl=600,
    ).asdict()
    assert told == {key: value for key, value in theirs.items() if key not in ("priority", "isEncrypted")}


def test_a_phone_with_one_sim_card_is_not_told_which() -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "sim": "", "device_id": ""})
    assert not {"simNumber", "deviceId"} & set(json.loads(PHONE.send(account, TEXT).body))


def test_the_same_text_has_the_same_id_and_any_other_another() -> None:
    found = sent()["id"]
    assert sent(validity=5)["id"] == found
    assert found.startswith("41-")
    others = {sent(ref="42")["id"], sent(body="Ho")["id"], sent(recipient="+14155550102")["id"]}
    assert len(others | {found}) == 4
    assert len(sent(ref="9223372036854775807")["id"]) <= 36
    listed = PHONE.list_sent(ACCOUNT, TEXT, since=AT)
    assert listed is not None
    assert listed.url.endswith(f"/messages/{found}")


def test_the_same_words_another_time_are_another_text() -> None:
    request, _ = webhook("android", "inbound_text")
    (first,) = PHONE.parse(request)
    later = request.body.replace(b"04:04:05.000", b"04:09:05.000")
    (second,) = PHONE.parse(replace(request, body=later))
    (again,) = PHONE.parse(replace(request, body=request.body.replace(b"Ey6ECg", b"Zz6ECg")))
    assert isinstance(first, Inbound)
    assert isinstance(second, Inbound)
    assert isinstance(again, Inbound)
    assert first.provider_id != second.provider_id
    assert first.provider_id == again.provider_id  # the app's export of its inbox brings the same text again


@pytest.mark.parametrize(("sim", "told"), [("1", 1), ("1", 2), ("2", 2), ("1", None)])
def test_a_text_of_the_other_sim_card_is_left_to_the_other_channel(sim: str, told: int | None) -> None:
    request, _ = webhook("android", "inbound_text")
    said = json.loads(request.body)
    said["payload"]["simNumber"] = told
    asked = replace(request, url=f"https://desk.example.com/in?sim={sim}", body=json.dumps(said).encode())
    assert len(PHONE.parse(asked)) == int(told is None or str(told) == sim)


def test_recorded_events_have_the_shape_of_the_client() -> None:
    told = json.loads(webhook("android", "inbound_text")[0].body)["payload"]
    theirs = webhooks.SmsReceivedPayload.from_dict(told)
    (ours,) = PHONE.parse(webhook("android", "inbound_text")[0])
    assert isinstance(ours, Inbound)
    assert (ours.body, ours.sender, ours.sent_at) == (theirs.message, theirs.sender, theirs.received_at)
    picture = json.loads(webhook("android", "inbound_picture_message")[0].body)["payload"]
    assert webhooks.MmsDownloadedPayload.from_dict(picture).attachments[0].part_id == 12


def test_every_state_of_the_client_is_known() -> None:
    for state in domain.ProcessState:
        body = {"id": "41-0a1b2c3d4e5f6071", "state": state.value, "recipients": [{"phoneNumber": "x"}]}
        (listed,) = PHONE.read_list(HttpResponse(status=200, body=json.dumps(body).encode()))
        assert (listed.raw_status, listed.status.value == "unknown") == (state.value, False)


@pytest.mark.parametrize("seconds", [0, 300, -300, 301, -301])
def test_five_minutes_either_way(seconds: int) -> None:
    request, _ = webhook("android", "inbound_text")
    late = replace(request, received_at=request.received_at + timedelta(seconds=seconds))
    assert PHONE.verify(ACCOUNT, late) is (abs(seconds) <= 300)


def test_the_signature_of_the_apps_documentation() -> None:
    body = '{"event":"sms:received","payload":{"message":"é 😀"}}'.encode()
    made = RawRequest(method="POST", url="https://x", headers={}, body=body, received_at=datetime.now(UTC))
    assert PHONE.verify(ACCOUNT, signed("android", made)) is True


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Send result: RESULT_ERROR_GENERIC_FAILURE", "GENERIC_FAILURE"),
        ("RESULT_ERROR_LIMIT_EXCEEDED", "LIMIT_EXCEEDED"),
        ("RESULT_RIL_MODEM_ERR", "MODEM_ERR"),
        ("RESULT_NO_DEFAULT_SMS_APP", "NO_DEFAULT_SMS_APP"),
        ("RESULT_ERROR_SHORT_CODE_NOT_ALLOWED", "SHORT_CODE"),
        ("Can't send message: No SIMs found", "NO_SIM"),
        ("Message TTL expired", "EXPIRED"),
        ("Invalid number", "INVALID_NUMBER"),
        ("Delivery result: 70", "NOT_DELIVERED"),
        ("Permission denied", "NOT_ALLOWED"),
        ("something new", "OTHER"),
        ("", ""),
    ],
)
def test_the_apps_words_have_codes(reason: str, code: str) -> None:
    assert android_codes.code_of(reason) == code
    assert len(code) <= 20
    assert not code or code in failures.CODES["android"]


@pytest.mark.parametrize("missing", ["messageId", "receivedAt"])
def test_a_text_without_what_it_needs_is_malformed(missing: str) -> None:
    request, _ = webhook("android", "inbound_text")
    told = json.loads(request.body)
    told["payload"][missing] = None
    with pytest.raises(Malformed, match="messageId, phoneNumber and receivedAt"):
        PHONE.parse(replace(request, body=json.dumps(told).encode()))


def test_a_receipt_of_a_text_that_was_not_ours_has_no_reference() -> None:
    (said,) = PHONE.parse(webhook("android", "receipt_of_a_text_sent_by_hand")[0])
    assert isinstance(said, Receipt)
    assert said.ref == ""


def test_a_picture_is_fetched_from_the_phone() -> None:
    account = replace(ACCOUNT, settings={"api_base": "http://192.168.1.50:8080"})
    call = PHONE.fetch(account, Media(id="mms_9/12"))
    assert call is not None
    assert call.url == "http://192.168.1.50:8080/inbox/mms_9/attachments/12"
    assert call.headers["authorization"].startswith("Basic ")
    assert PHONE.fetch(account, Media(url="https://elsewhere.example.com/x")) is None


def test_it_sends_slowly_takes_no_files_and_leaves_stop_to_us() -> None:
    assert PHONE.rate <= 0.1
    assert PHONE.limits.count == 0
    assert PHONE.handles_stop is False


@pytest.mark.parametrize(("sim", "is_wrong"), [("", False), ("1", False), ("3", False), ("0", True), ("SIM 1", True)])
def test_a_sim_card_is_a_number(sim: str, is_wrong: bool) -> None:
    assert bool(PHONE.wrong({"sim": sim})) is is_wrong


IN = "https://desk.example.com/in"
ALL = [{"id": word, "url": IN, "event": f"sms:{word}"} for word in ("received", "sent", "delivered", "failed")]


@pytest.mark.parametrize(
    ("hooks", "is_ok", "says"),
    [
        (ALL, True, "are sent to"),
        ([{**one, "url": IN + "?sim=1"} for one in ALL], True, "are sent to"),
        (ALL[:1], False, "sms:sent, sms:delivered, sms:failed"),
        (ALL[1:], False, "nowhere"),
        ([{**one, "url": "https://other.example.com"} for one in ALL], False, "other.example.com"),
        ([{**one, "deviceId": "another"} for one in ALL], False, "nowhere"),
        ([{**one, "deviceId": "yVULogr4Y1ksRfnos1Dsw"} for one in ALL], True, "are sent to"),
        ([], False, "nowhere"),
    ],
)
def test_the_check_looks_for_the_webhooks(hooks: list[dict[str, str]], is_ok: bool, says: str) -> None:
    account = replace(ACCOUNT, settings={"inbound_url": IN})
    checked = PHONE.read_check(account, HttpResponse(status=200, body=json.dumps(hooks).encode()))
    assert checked.ok is is_ok
    assert says in checked.detail
