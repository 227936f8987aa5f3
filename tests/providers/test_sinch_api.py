"""Sinch's adapter and the transport against a local server that speaks its API, faults included."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from tests.fakes.http_server import Answer, Request
from tests.providers.handing_over import FAULTS, PERSON, UNCERTAIN, Api, ask, hand_over, speaking, text
from tests.providers.recorded_cases import ACCOUNTS, AT
from twoway.providers import registry
from twoway.providers.base import Accepted, NotConnected, Rejected, Throttled, Uncertain
from twoway.providers.http import call_sync

KNOWN = ACCOUNTS["sinch"].credentials
PLAN = f"/xms/v1/{KNOWN['service_plan_id']}"


class Sinch:
    """The batches it accepted and the texts it received, both listed."""

    def __init__(self) -> None:
        self.batches: list[dict[str, object]] = []
        self.inbounds: list[dict[str, str]] = []

    def accept(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {KNOWN['api_token']}":
            return Answer(401, b"")
        query = dict(parse_qsl(request.query))
        if request.path == f"{PLAN}/inbounds":
            page, size = int(query.get("page", "0")), int(query["page_size"])
            rows = self.inbounds[page * size : (page + 1) * size]
            return told(200, count=len(self.inbounds), page=page, page_size=len(rows), inbounds=rows)
        if request.path != f"{PLAN}/batches":
            return Answer(404, b"")
        if request.method == "GET":
            found = [one for one in self.batches if one["client_reference"] == query["client_reference"]]
            return told(200, count=len(found), page=0, page_size=len(found), batches=found)
        asked = json.loads(request.body)
        if asked["to"][0].endswith("0104"):
            return told(403, code="illegal_number_type", text="Illegal number type")
        made = {**asked, "id": f"01FC-{len(self.batches)}", "canceled": False, "created_at": "2026-01-02T03:04:06Z"}
        self.batches.append(made)
        return told(201, **made)


def told(status: int, **words: object) -> Answer:
    return Answer(status, json.dumps(words).encode())


def test_a_text_is_accepted() -> None:
    sinch = Sinch()
    with speaking(Api(sinch.accept), "sinch") as account:
        said = hand_over("sinch", account, text())
    assert isinstance(said, Accepted)
    assert said.provider_id == "01FC-0"
    (batch,) = sinch.batches
    assert (batch["to"], batch["body"], batch["client_reference"]) == ([PERSON], "It’s on its way 😀", "41")


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("after_accepting", [False, True])
def test_a_doubt_is_settled_by_the_list(fault: str, after_accepting: bool) -> None:
    sinch = Sinch()
    with speaking(Api(sinch.accept, fault=FAULTS[fault], after_accepting=after_accepting), "sinch") as account:
        assert isinstance(hand_over("sinch", account, text(), within=0.5), Uncertain)
        found = ask("sinch", account, text(), AT)
        assert [(one.ref, one.recipient, one.body) for one in found] == [
            ("41", PERSON, "It’s on its way 😀") for _ in sinch.batches
        ]
        assert len(found) == int(after_accepting)
        assert ask("sinch", account, text(ref="42"), AT) == []


def test_slow_down_may_be_repeated() -> None:
    api = Api(Sinch().accept, fault=Answer(429, b"", headers={"Retry-After": "2"}))
    with speaking(api, "sinch") as account:
        said = hand_over("sinch", account, text())
        assert isinstance(said, Throttled)
        assert said.retry_after == 2.0
        assert isinstance(hand_over("sinch", account, text()), Accepted)


def test_a_refusal_has_its_reason() -> None:
    with speaking(Api(Sinch().accept), "sinch") as account:
        said = hand_over("sinch", account, text(recipient="+14155550104"))
    assert isinstance(said, Rejected)
    assert (said.code, said.provider_code) == ("invalid_number", "illegal_number_type")


def test_nobody_there_is_not_connected() -> None:
    with speaking(Api(Sinch().accept), "sinch") as account:
        gone = account
    assert isinstance(hand_over("sinch", gone, text()), NotConnected)


def test_every_page_of_what_was_received_is_read() -> None:
    sinch, provider = Sinch(), registry.get("sinch")
    sinch.inbounds = [
        {"type": "mo_text", "id": f"in-{n}", "from": "14155550101", "to": "14155550199", "body": f"Text {n}"}
        for n in range(230)
    ]
    found: list[str] = []
    with speaking(Api(sinch.accept), "sinch") as account:
        cursor = ""
        for _ in range(5):
            call = provider.list_received(account, since=AT, until=AT + timedelta(hours=1), cursor=cursor)
            assert call is not None
            page = provider.read_received(call_sync(call))
            found += [item.provider_id for item in page.items]
            cursor = page.cursor
            if not cursor:
                break
    assert found == [one["id"] for one in sinch.inbounds]


def test_the_check_tries_the_token() -> None:
    provider = registry.get("sinch")
    with speaking(Api(Sinch().accept), "sinch") as account:
        call = provider.check(account)
        assert call is not None
        assert provider.read_check(account, call_sync(call)).ok
        wrong = call.__class__(method="GET", url=call.url, headers={"authorization": "Bearer x"})
        assert "API token" in provider.read_check(account, call_sync(wrong)).detail
