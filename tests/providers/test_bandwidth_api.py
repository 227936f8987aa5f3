"""Bandwidth's adapter and the transport against a local server that speaks its API, faults included."""

from __future__ import annotations

import base64
import json

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, PERSON, UNCERTAIN, Api, hand_over, speaking, text
from twoway.providers.base import Accepted, NotConnected, Rejected, Throttled, Uncertain


class Bandwidth:
    """What it accepted."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    def accept(self, request: Request) -> Answer:
        expected = "Basic " + base64.b64encode(b"desk-api:a-password-for-calls").decode()
        if request.headers.get("authorization") != expected:
            return refusal(401, "unauthorized")
        if (request.method, request.path) != ("POST", "/api/v2/users/9900000/messages"):
            return refusal(404, "not-found")
        told = json.loads(request.body)
        if told["to"] == ["+1415"]:
            return refusal(400, "request-validation", [{"fieldName": "to", "description": "is no number"}])
        self.messages.append(told)
        made = {**told, "id": f"1476-{len(self.messages)}", "segmentCount": 1, "direction": "out"}
        return Answer(202, json.dumps(made).encode())


def refusal(status: int, kind: str, fields: list[dict[str, str]] | None = None) -> Answer:
    return Answer(status, json.dumps({"type": kind, "description": "No", "fieldErrors": fields or []}).encode())


def test_a_text_is_accepted() -> None:
    bandwidth = Bandwidth()
    with speaking(Api(bandwidth.accept), "bandwidth") as account:
        said = hand_over("bandwidth", account, text())
    assert isinstance(said, Accepted)
    assert (said.provider_id, said.segments) == ("1476-1", 1)
    assert (bandwidth.messages[0]["to"], bandwidth.messages[0]["tag"]) == ([PERSON], "41")


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_uncertain_and_there_is_no_list_that_could_be_misread(fault: str, after_accepting: bool) -> None:
    bandwidth = Bandwidth()
    api = Api(bandwidth.accept, fault=FAULTS[fault], after_accepting=after_accepting)
    with speaking(api, "bandwidth") as account:
        assert isinstance(hand_over("bandwidth", account, text(), within=0.5), Uncertain)
    assert len(bandwidth.messages) == int(after_accepting)


def test_slow_down_may_be_repeated() -> None:
    api = Api(Bandwidth().accept, fault=refusal(429, "max-message-queue-size-exceeded"))
    with speaking(api, "bandwidth") as account:
        assert isinstance(hand_over("bandwidth", account, text()), Throttled)
        assert isinstance(hand_over("bandwidth", account, text()), Accepted)


def test_a_refusal_has_its_reason() -> None:
    with speaking(Api(Bandwidth().accept), "bandwidth") as account:
        said = hand_over("bandwidth", account, text(recipient="+1415"))
    assert isinstance(said, Rejected)
    assert (said.code, said.detail) == ("invalid_number", "is no number")


def test_nobody_there_is_not_connected() -> None:
    with speaking(Api(Bandwidth().accept), "bandwidth") as account:
        gone = account
    assert isinstance(hand_over("bandwidth", gone, text()), NotConnected)
