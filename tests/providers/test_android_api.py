"""The phone's adapter and the transport against a local server that speaks the app's API, faults included."""

from __future__ import annotations

import base64
import json
from urllib.parse import unquote

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, UNCERTAIN, Api, ask, hand_over, speaking, text
from tests.providers.recorded_cases import AT
from twoway.providers.base import Accepted, NotConnected, Rejected, Status, Throttled, Uncertain


class Phone:
    """The messages in its queue, by id; an id is taken once."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, object]] = {}

    def accept(self, request: Request) -> Answer:
        expected = "Basic " + base64.b64encode(b"QKH3YC:a-password-of-the-app").decode()
        if request.headers.get("authorization") != expected:
            return Answer(401, b'{"message": "unauthorized"}')
        if request.method == "GET":
            found = self.messages.get(unquote(request.path.rpartition("/")[2]))
            return Answer(200, json.dumps(found).encode()) if found else Answer(404, b'{"message": "not found"}')
        told = json.loads(request.body)
        if not told["textMessage"]["text"]:
            return Answer(400, b'{"message": "Text message is empty"}')
        if told["id"] in self.messages:
            return Answer(409, b'{"message": "message already exists"}')
        to = {"phoneNumber": told["phoneNumbers"][0], "state": "Pending", "error": None}
        made = {"id": told["id"], "state": "Pending", "isHashed": False, "isEncrypted": False, "recipients": [to]}
        self.messages[told["id"]] = made
        return Answer(202, json.dumps(made).encode())


def test_a_text_is_accepted() -> None:
    phone = Phone()
    with speaking(Api(phone.accept), "android") as account:
        said = hand_over("android", account, text())
    assert isinstance(said, Accepted)
    assert said.status is Status.QUEUED
    assert list(phone.messages) == [said.provider_id]


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_settled_by_asking_the_phone(fault: str, after_accepting: bool) -> None:
    phone = Phone()
    api = Api(phone.accept, fault=FAULTS[fault], after_accepting=after_accepting)
    with speaking(api, "android") as account:
        assert isinstance(hand_over("android", account, text(), within=0.5), Uncertain)
        listed = ask("android", account, text(), AT)
        assert [one.ref for one in listed] == (["41"] if after_accepting else [])
        again = hand_over("android", account, text())
    assert isinstance(again, Uncertain if after_accepting else Accepted)
    assert len(phone.messages) == 1


def test_slow_down_may_be_repeated() -> None:
    api = Api(Phone().accept, fault=Answer(429, b"{}"))
    with speaking(api, "android") as account:
        assert isinstance(hand_over("android", account, text()), Throttled)
        assert isinstance(hand_over("android", account, text()), Accepted)


def test_a_refusal_has_its_reason() -> None:
    with speaking(Api(Phone().accept), "android") as account:
        said = hand_over("android", account, text(body=""))
    assert isinstance(said, Rejected)
    assert (said.code, said.detail) == ("content_invalid", "Text message is empty")


def test_a_phone_that_is_off_is_not_connected() -> None:
    with speaking(Api(Phone().accept), "android") as account:
        gone = account
    assert isinstance(hand_over("android", gone, text()), NotConnected)
