"""The adapters of Bird's three generations and the transport against local servers that speak their APIs."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, UNCERTAIN, Api, ask, hand_over, speaking, text
from tests.providers.recorded_cases import AT
from twoway.providers.base import Accepted, NotConnected, Rejected, Throttled, Uncertain


class Classic:
    """rest.messagebird.com: what it accepted, newest first in its list."""

    slug, authorization = "messagebird", "AccessKey live_0123456789abcdefghijkl"
    reason = "invalid_number"

    def __init__(self) -> None:
        self.refs: list[str] = []
        self.messages: list[dict[str, Any]] = []

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self.authorization:
            return said(401, {"errors": [{"code": 2, "description": "no", "parameter": "access_key"}]})
        if request.method == "GET":
            to = parse_qs(request.query)["recipient"][0]
            items = [one for one in reversed(self.messages) if str(one["recipients"]["items"][0]["recipient"]) == to]
            return said(200, {"offset": 0, "count": len(items), "totalCount": len(items), "items": items})
        told = json.loads(request.body)
        if told["recipients"] == ["0"]:
            return said(422, {"errors": [{"code": 9, "description": "no recipients", "parameter": "recipients"}]})
        self.refs.append(told["reference"])
        person = {"recipient": int(told["recipients"][0]), "status": "sent", "messagePartCount": 1}
        made = {"id": f"mb{len(self.refs)}", "direction": "mt", "reference": told["reference"], "body": told["body"]}
        self.messages.append({**made, "createdDatetime": AT.isoformat(), "recipients": {"items": [person]}})
        return said(201, self.messages[-1])


class Channels:
    """api.bird.com: what it accepted."""

    slug, authorization = "bird_channels", "AccessKey 0123456789abcdefghijklmnop"
    reason = "content_invalid"

    def __init__(self) -> None:
        self.refs: list[str] = []

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self.authorization:
            return said(401, {"code": "Unauthorized", "message": "no"})
        told = json.loads(request.body)
        if told["receiver"]["contacts"][0]["identifierValue"] == "+0":
            return said(422, {"code": "InvalidPayload", "message": "no"})
        self.refs.append(told["reference"])
        return said(202, {"id": f"ch{len(self.refs)}", "status": "accepted", "reference": told["reference"]})


class Bird:
    """platform.bird.com: what it accepted, by idempotency key."""

    slug, authorization = "bird", "Bearer bk_us1_0123456789abcdefghijkl"
    reason = "invalid_number"

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}

    @property
    def refs(self) -> list[str]:
        return [one["metadata"]["ref"] for one in self.messages.values()]

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self.authorization:
            return said(401, {"error": {"type": "auth", "message": "no"}})
        if request.method == "GET":
            to = parse_qs(request.query)["to"][0]
            return said(200, {"data": [one for one in self.messages.values() if one["to"] == to]})
        told = json.loads(request.body)
        if told["to"] == "+0":
            return said(422, {"error": {"type": "validation", "code": "SMS", "message": "no", "param": "to"}})
        made = {**told, "id": f"sms_{len(self.messages)}", "status": "accepted", "created_at": AT.isoformat()}
        return said(202, self.messages.setdefault(request.headers["idempotency-key"], made))


def said(status: int, told: object) -> Answer:
    return Answer(status, json.dumps(told).encode())


GENERATIONS = (Classic, Channels, Bird)
every_generation = pytest.mark.parametrize("kind", GENERATIONS)


@every_generation
def test_a_text_is_accepted(kind: Any) -> None:
    provider = kind()
    with speaking(Api(provider.accept), kind.slug) as account:
        assert isinstance(hand_over(kind.slug, account, text()), Accepted)
    assert provider.refs == ["41"]


@every_generation
@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_uncertain_and_the_list_settles_it(kind: Any, fault: str, after_accepting: bool) -> None:
    provider = kind()
    api = Api(provider.accept, fault=FAULTS[fault], after_accepting=after_accepting)
    with speaking(api, kind.slug) as account:
        assert isinstance(hand_over(kind.slug, account, text(), within=0.5), Uncertain)
        if kind is not Channels:  # it has no list that can be relied on
            listed = ask(kind.slug, account, text(), AT)
            assert [one.ref for one in listed] == (["41"] if after_accepting else [])
    assert provider.refs == (["41"] if after_accepting else [])


@every_generation
def test_slow_down_may_be_repeated(kind: Any) -> None:
    api = Api(kind().accept, fault=Answer(429, b"{}", headers={"Retry-After": "1"}))
    with speaking(api, kind.slug) as account:
        first = hand_over(kind.slug, account, text())
        assert isinstance(first, Throttled)
        assert first.retry_after == 1.0
        assert isinstance(hand_over(kind.slug, account, text()), Accepted)


@every_generation
def test_a_refusal_has_its_reason(kind: Any) -> None:
    with speaking(Api(kind().accept), kind.slug) as account:
        refused = hand_over(kind.slug, account, text(recipient="+0"))
    assert isinstance(refused, Rejected)
    assert refused.code == kind.reason


@every_generation
def test_nobody_there_is_not_connected(kind: Any) -> None:
    with speaking(Api(kind().accept), kind.slug) as account:
        gone = account
    assert isinstance(hand_over(kind.slug, gone, text()), NotConnected)
