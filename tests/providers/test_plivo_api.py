"""Plivo's adapter and the transport against a local server that speaks its API, faults included."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, PERSON, UNCERTAIN, Api, ask, hand_over, speaking, text
from tests.providers.recorded_cases import ACCOUNTS
from twoway.providers import registry
from twoway.providers.base import Accepted, NotConnected, Rejected, Status, Throttled, Uncertain
from twoway.providers.http import call_sync

KNOWN = ACCOUNTS["plivo"].credentials
BASIC = "Basic " + b64encode(f"{KNOWN['auth_id']}:{KNOWN['auth_token']}".encode()).decode()
PATH = f"/v1/Account/{KNOWN['auth_id']}"
SINCE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Plivo:
    """What it accepted, its list of it, and the applications of the account."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.applications: list[dict[str, str]] = []

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != BASIC:
            return Answer(401, b"Could not verify your access level for that URL.", "text/plain")
        if request.path == f"{PATH}/Application/":
            return told(200, objects=self.applications)
        if request.path != f"{PATH}/Message/":
            return told(404, error="not found")
        return self.create(json.loads(request.body)) if request.method == "POST" else self.list(request)

    def create(self, asked: dict[str, str]) -> Answer:
        if asked["dst"].endswith("0104"):
            return told(400, error="14155550104 is not a valid dst parameter")
        self.messages.append({**asked, "uuid": f"5b40a428-{len(self.messages)}"})
        return told(202, message="message(s) queued", message_uuid=[self.messages[-1]["uuid"]])

    def list(self, request: Request) -> Answer:
        query = dict(parse_qsl(request.query))
        assert query["message_time__gte"] == "2026-01-02 03:04:05"
        rows = [
            {
                "message_uuid": one["uuid"],
                "message_direction": "outbound",
                "message_state": "queued",
                "to_number": one["dst"],
                "from_number": one["src"],
                "message_time": "2026-01-02 03:04:06+00:00",
            }
            for one in self.messages
            if (one["dst"], one["src"]) == (query["to_number"], query["from_number"])
        ]
        return told(200, meta={"limit": 20}, objects=rows)


def told(status: int, **words: object) -> Answer:
    return Answer(status, json.dumps({"api_id": "9506d2c0", **words}).encode())


def test_a_text_is_accepted() -> None:
    plivo = Plivo()
    with speaking(Api(plivo.accept), "plivo") as account:
        said = hand_over("plivo", account, text())
    assert isinstance(said, Accepted)
    assert said.provider_id == "5b40a428-0"
    (message,) = plivo.messages
    assert (message["dst"], message["src"], message["text"]) == ("14155550101", "14155550199", "It’s on its way 😀")
    assert message["url"].endswith(f"/status?m=41&key={KNOWN['url_secret']}")


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_settled_by_the_list(fault: str, after_accepting: bool) -> None:
    """The list keeps no words; recipient, sender and time tell whether it left."""
    plivo = Plivo()
    with speaking(Api(plivo.accept, fault=FAULTS[fault], after_accepting=after_accepting), "plivo") as account:
        assert isinstance(hand_over("plivo", account, text(), within=0.5), Uncertain)
        found = ask("plivo", account, text(), SINCE)
        assert [one.provider_id for one in found] == [one["uuid"] for one in plivo.messages]
        assert len(found) == int(after_accepting)
        assert {(one.recipient, one.body, one.status) for one in found} <= {(PERSON, None, Status.QUEUED)}


def test_slow_down_may_be_repeated() -> None:
    api = Api(Plivo().accept, fault=Answer(429, b'{"error": "too many requests"}', headers={"Retry-After": "2"}))
    with speaking(api, "plivo") as account:
        said = hand_over("plivo", account, text())
        assert isinstance(said, Throttled)
        assert said.retry_after == 2.0
        assert isinstance(hand_over("plivo", account, text()), Accepted)


def test_a_refusal_has_its_reason() -> None:
    with speaking(Api(Plivo().accept), "plivo") as account:
        said = hand_over("plivo", account, text(recipient="+14155550104"))
    assert isinstance(said, Rejected)
    assert said.code == "invalid_number"


def test_nobody_there_is_not_connected() -> None:
    with speaking(Api(Plivo().accept), "plivo") as account:
        gone = account
    assert isinstance(hand_over("plivo", gone, text()), NotConnected)


def test_the_check_finds_the_application() -> None:
    plivo, provider = Plivo(), registry.get("plivo")
    with speaking(Api(plivo.accept), "plivo") as account:
        call = provider.check(account)
        assert call is not None
        assert provider.read_check(account, call_sync(call)).ok
        wrong = call.__class__(method="GET", url=call.url, headers={"authorization": "Basic eA=="})
        assert "auth token" in provider.read_check(account, call_sync(wrong)).detail
