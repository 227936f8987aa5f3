"""The SMS API's adapter and the transport against a local server that speaks it, faults included."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import parse_qsl

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, UNCERTAIN, Api, hand_over, speaking, text
from twoway.providers import registry
from twoway.providers.base import Accepted, NotConnected, Rejected, Throttled, Uncertain
from twoway.providers.http import call_sync
from twoway.sms import segments

BASIC = "Basic " + b64encode(b"a1b2c3d4:Abcd1234Efgh5678").decode()


class Sms:
    """What it accepted, in parts; every answer is 200, refusals too."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != BASIC:
            return parts({"status": "4", "error-text": "Bad Credentials"})
        if request.path == "/account/numbers":
            return Answer(200, b'{"count": 1, "numbers": [{"msisdn": "14155550199", "features": ["SMS"]}]}')
        if (request.method, request.path) != ("POST", "/sms/json"):
            return Answer(404, b"")
        form = dict(parse_qsl(request.body.decode()))
        if form["to"].endswith("0104"):
            return parts({"status": "7", "error-text": "Number barred"})
        self.messages.append(form)
        total = segments.count(form["text"]).segments
        made = [{"to": form["to"], "status": "0", "message-price": "0.0333"} for _ in range(total)]
        return parts(*({**one, "message-id": f"0A-{len(self.messages)}-{at}"} for at, one in enumerate(made)))


def parts(*told: dict[str, str]) -> Answer:
    return Answer(200, json.dumps({"message-count": str(len(told)), "messages": told}).encode())


def test_a_text_is_accepted_with_its_parts_and_price() -> None:
    vonage = Sms()
    with speaking(Api(vonage.accept), "vonage_sms") as account:
        said = hand_over("vonage_sms", account, text(body="word " * 40))
    assert isinstance(said, Accepted)
    assert (said.provider_id, said.segments, said.price and str(said.price.amount)) == ("0A-1-0", 2, "0.0666")
    (message,) = vonage.messages
    assert (message["to"], message["client-ref"], message["type"]) == ("14155550101", "41", "text")


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_uncertain(fault: str, after_accepting: bool) -> None:
    vonage = Sms()
    with speaking(Api(vonage.accept, fault=FAULTS[fault], after_accepting=after_accepting), "vonage_sms") as account:
        assert isinstance(hand_over("vonage_sms", account, text(), within=0.5), Uncertain)
    assert len(vonage.messages) == int(after_accepting)


@pytest.mark.parametrize(("fault", "wait"), [
    (parts({"status": "1", "error-text": "Throughput Rate Exceeded - please wait [ 250 ] and retry"}), 0.25),
    (Answer(429, b"", headers={"Retry-After": "2"}), 2.0),
])  # fmt: skip
def test_slow_down_may_be_repeated(fault: Answer, wait: float) -> None:
    with speaking(Api(Sms().accept, fault=fault), "vonage_sms") as account:
        said = hand_over("vonage_sms", account, text())
        assert isinstance(said, Throttled)
        assert said.retry_after == wait
        assert isinstance(hand_over("vonage_sms", account, text()), Accepted)


def test_a_refusal_behind_a_200_has_its_reason() -> None:
    with speaking(Api(Sms().accept), "vonage_sms") as account:
        said = hand_over("vonage_sms", account, text(recipient="+14155550104"))
    assert isinstance(said, Rejected)
    assert (said.code, said.provider_code) == ("no_route", "status-7")


def test_a_text_taken_in_part_is_not_repeated() -> None:
    fault = parts({"status": "0", "message-id": "1"}, {"status": "1", "error-text": "please wait [ 250 ]"})
    with speaking(Api(Sms().accept, fault=fault), "vonage_sms") as account:
        assert isinstance(hand_over("vonage_sms", account, text()), Uncertain)


def test_nobody_there_is_not_connected() -> None:
    with speaking(Api(Sms().accept), "vonage_sms") as account:
        gone = account
    assert isinstance(hand_over("vonage_sms", gone, text()), NotConnected)


def test_the_check_finds_the_number() -> None:
    provider = registry.get("vonage_sms")
    with speaking(Api(Sms().accept), "vonage_sms") as account:
        call = provider.check(account)
        assert call is not None
        assert provider.read_check(account, call_sync(call)).ok
