"""Telnyx's adapter and the transport against a local server that speaks its API, faults included."""

from __future__ import annotations

import json

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, PERSON, UNCERTAIN, Api, hand_over, speaking, text
from twoway.providers.base import Accepted, NotConnected, Rejected, Throttled, Uncertain


class Telnyx:
    """What it accepted, by idempotency key: the same key is the same message."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, object]] = {}

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != "Bearer KEY0123456789ABCDEF":
            return refusal(401, "10009")
        if (request.method, request.path) != ("POST", "/v2/messages"):
            return refusal(404, "10005")
        told = json.loads(request.body)
        if told["to"].endswith("0104"):
            return refusal(409, "40300")
        key = request.headers["idempotency-key"]
        made = self.messages.setdefault(key, {**told, "id": f"40385f64-{len(self.messages)}"})
        data = {"id": made["id"], "to": [{"phone_number": told["to"], "status": "queued"}], "parts": 1, "cost": None}
        return Answer(200, json.dumps({"data": data}).encode())


def refusal(status: int, code: str) -> Answer:
    told = {"errors": [{"code": code, "title": "No", "detail": "No."}]}
    return Answer(status, json.dumps(told).encode())


def test_a_text_is_accepted() -> None:
    telnyx = Telnyx()
    with speaking(Api(telnyx.accept), "telnyx") as account:
        said = hand_over("telnyx", account, text())
    assert isinstance(said, Accepted)
    assert (said.provider_id, said.segments) == ("40385f64-0", 1)
    (message,) = telnyx.messages.values()
    assert (message["to"], message["text"]) == (PERSON, "It’s on its way 😀")


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_uncertain_and_the_key_makes_a_repetition_harmless(fault: str, after_accepting: bool) -> None:
    telnyx = Telnyx()
    api = Api(telnyx.accept, fault=FAULTS[fault], after_accepting=after_accepting)
    with speaking(api, "telnyx") as account:
        assert isinstance(hand_over("telnyx", account, text(), within=0.5), Uncertain)
        assert isinstance(hand_over("telnyx", account, text()), Accepted)
    assert len(telnyx.messages) == 1


def test_slow_down_may_be_repeated() -> None:
    api = Api(Telnyx().accept, fault=Answer(429, b"{}", headers={"Retry-After": "2"}))
    with speaking(api, "telnyx") as account:
        said = hand_over("telnyx", account, text())
    assert isinstance(said, Throttled)
    assert said.retry_after == 2.0


def test_a_refusal_has_its_reason() -> None:
    with speaking(Api(Telnyx().accept), "telnyx") as account:
        said = hand_over("telnyx", account, text(recipient="+14155550104"))
    assert isinstance(said, Rejected)
    assert (said.code, said.provider_code) == ("opted_out", "40300")


def test_nobody_there_is_not_connected() -> None:
    with speaking(Api(Telnyx().accept), "telnyx") as account:
        gone = account
    assert isinstance(hand_over("telnyx", gone, text()), NotConnected)
