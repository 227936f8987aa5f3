"""Vonage's two adapters and the transport against local servers that speak the APIs, faults included."""

from __future__ import annotations

import json

import jwt
import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.cases.vonage import KEY
from tests.providers.handing_over import FAULTS, UNCERTAIN, Api, hand_over, speaking, text
from tests.providers.recorded_cases import ACCOUNTS
from twoway.providers import registry
from twoway.providers.base import Accepted, NotConnected, Rejected, Throttled, Uncertain
from twoway.providers.http import call_sync


class Messages:
    """The Messages API: what it accepted, for a good token only."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def accept(self, request: Request) -> Answer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            return Answer(200, b'{"id": "1", "capabilities": {}}')
        try:
            jwt.decode(token, KEY.public_key(), algorithms=["RS256"], leeway=60)
        except jwt.PyJWTError:
            return problem(401, "unauthorized", "You did not provide correct credentials.")
        if (request.method, request.path) != ("POST", "/v1/messages"):
            return problem(404, "not-found", "Not found")
        told = json.loads(request.body)
        if told["to"].endswith("0104"):
            return problem(422, "1240", "1240")
        self.messages.append(told)
        return Answer(202, json.dumps({"message_uuid": f"aaaaaaaa-{len(self.messages)}"}).encode())


def problem(status: int, code: str, title: str) -> Answer:
    told = {"type": f"https://developer.vonage.com/api-errors#{code}", "title": title, "detail": "No.", "instance": "1"}
    return Answer(status, json.dumps(told).encode(), "application/problem+json")


def test_a_text_is_accepted() -> None:
    vonage = Messages()
    with speaking(Api(vonage.accept), "vonage") as account:
        said = hand_over("vonage", account, text())
    assert isinstance(said, Accepted)
    (message,) = vonage.messages
    assert (message["to"], message["text"], message["client_ref"]) == ("14155550101", "It’s on its way 😀", "41")


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_uncertain(fault: str, after_accepting: bool) -> None:
    """There is no list: a receipt with our reference settles it, or nobody can."""
    vonage = Messages()
    with speaking(Api(vonage.accept, fault=FAULTS[fault], after_accepting=after_accepting), "vonage") as account:
        assert isinstance(hand_over("vonage", account, text(), within=0.5), Uncertain)
    assert len(vonage.messages) == int(after_accepting)


def test_slow_down_may_be_repeated() -> None:
    api = Api(Messages().accept, fault=Answer(429, b"{}", headers={"Retry-After": "2"}))
    with speaking(api, "vonage") as account:
        said = hand_over("vonage", account, text())
        assert isinstance(said, Throttled)
        assert said.retry_after == 2.0
        assert isinstance(hand_over("vonage", account, text()), Accepted)


def test_a_refusal_has_its_reason() -> None:
    with speaking(Api(Messages().accept), "vonage") as account:
        said = hand_over("vonage", account, text(recipient="+14155550104"))
    assert isinstance(said, Rejected)
    assert (said.code, said.provider_code) == ("opted_out", "1240")


def test_another_applications_key_is_refused() -> None:
    api = Api(lambda request: Messages().accept(Request("POST", "/v1/messages", "", {}, request.body)))
    with speaking(api, "vonage") as account:
        said = hand_over("vonage", account, text())
    assert isinstance(said, Rejected)
    assert said.code == "auth"


def test_nobody_there_is_not_connected() -> None:
    with speaking(Api(Messages().accept), "vonage") as account:
        gone = account
    assert isinstance(hand_over("vonage", gone, text()), NotConnected)


def test_the_check_asks_with_key_and_secret() -> None:
    provider = registry.get("vonage")
    with speaking(Api(Messages().accept), "vonage") as account:
        call = provider.check(account)
        assert call is not None
        assert provider.read_check(account, call_sync(call)).ok
    assert ACCOUNTS["vonage"].credentials["api_secret"] not in repr(call)
