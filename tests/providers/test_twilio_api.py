"""The Twilio adapter and the transport against a fake Twilio in a process of its own, faults included."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.http_server import Answer, Request
from tests.fakes.launch import fake
from tests.providers.recorded_cases import ACCOUNTS
from tests.providers.serving import serving
from twoway.providers import registry
from twoway.providers.base import (
    Account,
    HttpRequest,
    HttpResponse,
    Inbound,
    Media,
    OutboundText,
    RawRequest,
    Receipt,
    Rejected,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.http import Transport, call_sync

TWILIO = registry.get("twilio")


def at(base: str) -> Account:
    return replace(ACCOUNTS["twilio"], settings={"api_base": base})


def text(number: int, **changes: Any) -> OutboundText:
    made = OutboundText(
        ref=f"ref-{number}",
        recipient=f"+1415555{number:04}",
        body=f"Text {number}",
        status_url="http://127.0.0.1:9/status",
    )
    return replace(made, **changes)


def accepted(base: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(call_sync(HttpRequest(method="GET", url=f"{base}/_accepted")).body)
    return told


def post(base: str, path: str, told: object) -> None:
    call = HttpRequest(method="POST", url=base + path, body=json.dumps(told).encode())
    assert call_sync(call).status < 300


async def hand_over(account: Account, texts: list[OutboundText]) -> dict[str, list[str]]:
    """Send all at once, repeating only what was throttled; the references by outcome."""
    outcomes: dict[str, list[str]] = {"accepted": [], "uncertain": [], "throttled": []}

    async def one(transport: Transport, made: OutboundText) -> None:
        while True:
            try:
                TWILIO.read_send(await transport.call(TWILIO.send(account, made)))
            except Throttled:
                outcomes["throttled"].append(made.ref)
            except Uncertain:
                outcomes["uncertain"].append(made.ref)
                return
            else:
                outcomes["accepted"].append(made.ref)
                return

    async with Transport(limit=16) as transport:
        await asyncio.gather(*(one(transport, made) for made in texts))
    return outcomes


def test_under_faults_every_text_is_accepted_once_and_every_doubt_is_settled_by_the_list() -> None:
    texts = [text(number) for number in range(400)]
    with fake("twilio_api", "--drop", "0.1", "--error", "0.05", "--throttle", "0.2", "--no-receipts") as base:
        outcomes = asyncio.run(hand_over(at(base), texts))
        told = accepted(base)
        for made in texts:
            if made.ref in outcomes["uncertain"]:
                call = TWILIO.list_sent(at(base), made, since=datetime.now(UTC))
                assert call is not None
                (found,) = TWILIO.read_list(call_sync(call))
                assert (found.body, found.recipient) == (made.body, made.recipient)
    assert told["refs"] == {made.ref: 1 for made in texts}
    assert len(outcomes["accepted"]) + len(outcomes["uncertain"]) == 400
    assert 30 < len(outcomes["uncertain"]) < 100
    assert len(outcomes["throttled"]) == told["calls"]["throttled"] > 50


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        ("+15005550001", "invalid_number"),
        ("+15005550003", "no_route"),
        ("+15005550004", "opted_out"),
        ("+15005550009", "landline"),
    ],
)
def test_magic_numbers_are_refused(recipient: str, reason: str) -> None:
    with fake("twilio_api") as base, pytest.raises(Rejected) as refused:
        TWILIO.read_send(call_sync(TWILIO.send(at(base), text(1, recipient=recipient))))
    assert refused.value.code == reason


def test_wrong_credentials_are_refused() -> None:
    with fake("twilio_api", "--token", "another") as base:
        with pytest.raises(Rejected) as refused:
            TWILIO.read_send(call_sync(TWILIO.send(at(base), text(1))))
        assert refused.value.code == "auth"
        assert accepted(base)["accepted"] == 0


def test_receipts_and_texts_come_signed_until_they_are_taken() -> None:
    requests: list[RawRequest] = []
    refuse_first = iter([500])

    def take(request: Request) -> Answer:
        url = f"{desk.url}{request.path}" + (f"?{request.query}" if request.query else "")
        made = RawRequest(
            method="POST", url=url, headers=request.headers, body=request.body, received_at=datetime.now(UTC)
        )
        assert TWILIO.verify(ACCOUNTS["twilio"], made)
        requests.append(made)
        return Answer(next(refuse_first, 200))

    with serving(take) as desk, fake("twilio_api", "--receipt-delay", "0.02") as base:
        TWILIO.read_send(call_sync(TWILIO.send(at(base), text(1, status_url=f"{desk.url}/status"))))
        wait(lambda: len(requests) == 3)
        receipts = [record for request in requests for record in TWILIO.parse(request) if isinstance(record, Receipt)]
        assert {receipt.ref for receipt in receipts} == {"ref-1"}
        assert {receipt.status for receipt in receipts} == {Status.SENT, Status.DELIVERED}
        told = {"url": f"{desk.url}/in#rc=3", "from": "+14155550101", "to": "+14155550199", "body": "Hi é 😀"}
        post(base, "/_inbound", told)
        wait(lambda: len(requests) == 4)
        (inbound,) = TWILIO.parse(requests[-1])
        assert isinstance(inbound, Inbound)
        assert (inbound.body, inbound.sender) == ("Hi é 😀", "+14155550101")


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_faults_can_change_while_it_runs() -> None:
    with fake("twilio_api") as base:
        post(base, "/_faults", {"throttle": 1.0})
        with pytest.raises(Throttled):
            TWILIO.read_send(call_sync(TWILIO.send(at(base), text(1))))
        post(base, "/_faults", {"throttle": 0.0})
        assert TWILIO.read_send(call_sync(TWILIO.send(at(base), text(1)))).segments == 1


def test_the_check_reads_the_numbers_address() -> None:
    with fake("twilio_api", "--sms-url", "https://desk.example.com/in") as base:
        call = TWILIO.check(at(base))
        assert call is not None
        checked = TWILIO.read_check(at(base), call_sync(call))
    assert (checked.ok, checked.inbound_url) == (True, "https://desk.example.com/in")


MESSAGE_URI = f"/2010-04-01/Accounts/AC{'1' * 32}/Messages/MM{'2' * 32}"


def test_a_picture_of_a_text_found_in_the_list_is_named_by_the_list_of_its_pictures() -> None:
    listed = {
        "messages": [
            {
                "sid": f"MM{'2' * 32}",
                "direction": "inbound",
                "from": "+14155550100",
                "to": "+14155550101",
                "body": "Look",
                "num_media": "2",
                "num_segments": "1",
                "date_sent": "Sat, 21 Nov 2026 10:00:00 +0000",
                "subresource_uris": {"media": f"{MESSAGE_URI}/Media.json"},
            }
        ]
    }
    account = at("http://127.0.0.1:9")
    (found,) = TWILIO.read_received(HttpResponse(status=200, headers={}, body=json.dumps(listed).encode())).items
    assert len(found.media) == 2
    second = found.media[1]
    first_call = TWILIO.fetch(account, second)
    assert first_call is not None
    assert first_call.url == f"http://127.0.0.1:9{MESSAGE_URI}/Media.json"
    assert first_call.headers["authorization"].startswith("Basic ")
    entries = [{"sid": name, "uri": f"{MESSAGE_URI}/Media/{name}.json"} for name in ("ME1", "ME2")]
    answer = HttpResponse(status=200, headers={}, body=json.dumps({"media_list": entries}).encode())
    second_call = TWILIO.follow(account, second, answer)
    assert second_call is not None
    assert second_call.url == f"http://127.0.0.1:9{MESSAGE_URI}/Media/ME2"
    assert second_call.headers["authorization"] == first_call.headers["authorization"]


@pytest.mark.parametrize(
    "told",
    [
        {"media_list": []},
        {"media_list": [{"uri": f"{MESSAGE_URI}/Media/ME1.json"}]},
        {"media_list": [{}, {"uri": "https://elsewhere.example/ME2"}]},
        {"media_list": [{}, {"uri": f"{MESSAGE_URI}/Media/../../../../x"}]},
        {"media_list": "none"},
    ],
)
def test_a_picture_its_list_does_not_name_is_not_fetched(told: dict[str, Any]) -> None:
    media = Media(id=f"{MESSAGE_URI}/Media.json#1")
    with pytest.raises(Rejected):
        TWILIO.follow(
            at("http://127.0.0.1:9"), media, HttpResponse(status=200, headers={}, body=json.dumps(told).encode())
        )


@pytest.mark.parametrize("name", ["", "/Media.json#1", f"{MESSAGE_URI}/Media.json", "https://elsewhere.example/#0"])
def test_a_picture_without_an_address_or_a_list_cannot_be_fetched(name: str) -> None:
    assert TWILIO.fetch(at("http://127.0.0.1:9"), Media(id=name)) is None
