"""The simulated carrier: texts, receipts and handsets as a real one has them, and faults that do what they say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.providers.carrier_world import DESK, HANDSET, KEY, SIMULATOR, World, running, world
from twoway.providers.base import HttpRequest, Inbound, Media, Receipt, Rejected, Status, Throttled, Uncertain
from twoway.providers.http import call_sync
from twoway.providers.simulator_carrier import Carrier, CarrierStore, Faults
from twoway.providers.simulator_carrier.faults import NotAFault, changed, fate
from twoway.providers.simulator_carrier.store import UnknownNumber

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A carrier nothing is sent through, for calls that are refused."""
    with world(tmp_path_factory.mktemp("carrier")) as made:
        yield made


# The usual


def test_a_text_arrives_and_its_receipts_come_signed(carrier: World) -> None:
    text = carrier.text(body="Ready at 5 😀")
    carrier.wait(lambda: carrier.statuses == ["sent", "delivered"])
    assert all(SIMULATOR.verify(carrier.account, request) for request in carrier.requests)
    receipt = carrier.records[0]
    assert isinstance(receipt, Receipt)
    assert (receipt.ref, receipt.status, receipt.error_code) == ("r1", Status.SENT, "")
    assert carrier.requests[0].url == f"{carrier.desk_url}/status?m=r1"
    (shown,) = carrier.thread()
    assert (shown["body"], shown["status"], shown["direction"]) == ("Ready at 5 😀", "delivered", "to_handset")
    (listed,) = carrier.listed(text)
    assert (listed.provider_id, listed.ref, listed.body) == (receipt.provider_id, "r1", "Ready at 5 😀")


def test_a_person_texts_the_desk(carrier: World) -> None:
    media = ["https://files.example/dent.jpg"]
    told = {"to": DESK, "body": "Is it ready?", "media_urls": media}
    status, made = carrier.api("POST", f"/handsets/{HANDSET}/texts", told)
    assert status == 201
    carrier.wait(lambda: bool(carrier.records))
    (inbound,) = carrier.records
    assert isinstance(inbound, Inbound)
    assert (inbound.provider_id, inbound.sender, inbound.recipient) == (made["id"], HANDSET, DESK)
    assert (inbound.body, inbound.media) == ("Is it ready?", (Media(url=media[0], content_type="image/jpeg"),))
    assert carrier.requests[0].url == f"{carrier.desk_url}/inbound"
    carrier.wait(lambda: carrier.thread()[0]["status"] == "delivered")


def test_texts_of_one_person_come_in_order(carrier: World) -> None:
    for number in range(12):
        carrier.api("POST", f"/handsets/{HANDSET}/texts", {"to": DESK, "body": str(number)})
    carrier.wait(lambda: len(carrier.records) == 12)
    assert [record.body for record in carrier.records if isinstance(record, Inbound)] == [str(n) for n in range(12)]


def test_a_webhook_is_tried_until_it_is_taken(carrier: World) -> None:
    carrier.status = 500
    carrier.api("POST", f"/handsets/{HANDSET}/texts", {"to": DESK, "body": "Hello?"})
    carrier.wait(lambda: len(carrier.requests) >= 2)
    assert carrier.thread()[0]["status"] == "sent"
    carrier.status = 200
    carrier.wait(lambda: carrier.thread()[0]["status"] == "delivered")
    assert len({record.provider_id for record in carrier.records}) == 1


def test_what_is_due_outlives_the_program(tmp_path: Path) -> None:
    path = tmp_path / "carrier.sqlite3"
    store = CarrierStore(path)
    with world(tmp_path) as desk:
        base = desk.desk_url
        store.register(address=DESK, inbound_url=f"{base}/inbound")
        store.text_from_handset(handset=HANDSET, desk=DESK, body="Before the restart", at=datetime.now(UTC))
        with running(Carrier(path, KEY, prefix="/carrier")):
            desk.wait(lambda: bool(desk.records))
        assert [record.body for record in desk.records if isinstance(record, Inbound)] == ["Before the restart"]
    store.close()


# Faults


def test_a_dropped_answer_is_uncertain_and_the_text_is_in_the_list_once(carrier: World) -> None:
    carrier.faults(drop=1)
    with pytest.raises(Uncertain):
        carrier.text("r7")
    carrier.faults(drop=0)
    (listed,) = [one for one in carrier.listed(carrier.text("r8")) if one.ref == "r7"]
    assert listed.recipient == HANDSET


def test_a_hanging_answer_is_uncertain_and_the_text_is_accepted(carrier: World) -> None:
    carrier.faults(hang=1)
    with pytest.raises(Uncertain):
        carrier.text("r7", timeout=0.5)
    assert [shown["ref"] for shown in carrier.thread()] == ["r7"]


@pytest.mark.parametrize(("code", "reason"), [("21610", "opted_out"), ("21617", "content_invalid"), ("20003", "auth")])
def test_a_code_may_be_refused_at_once(carrier: World, code: str, reason: str) -> None:
    carrier.faults(reject_code=code)
    with pytest.raises(Rejected) as refused:
        carrier.text()
    assert (refused.value.code, refused.value.provider_code) == (reason, code)
    assert carrier.thread() == []


def test_a_code_that_begins_with_3_comes_as_a_receipt(carrier: World) -> None:
    carrier.faults(reject_code="30006")
    carrier.text()
    carrier.wait(lambda: carrier.statuses == ["sent", "undelivered"])
    last = carrier.records[-1]
    assert isinstance(last, Receipt)
    assert last.error_code == "30006"
    assert carrier.thread()[0]["error_code"] == "30006"


def test_throttling_answers_429(carrier: World) -> None:
    carrier.faults(throttle=2)

    def is_accepted(number: int) -> bool:
        try:
            carrier.text(f"r{number}")
        except Throttled:
            return False
        return True

    accepted = [is_accepted(number) for number in range(30)]
    assert accepted[:2] == [True, True]
    assert not all(accepted)
    assert len(carrier.thread()) == sum(accepted)


def test_an_outage_accepts_nothing_and_sends_nothing_until_it_ends(carrier: World) -> None:
    carrier.faults(outage_until=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    with pytest.raises(Uncertain):
        carrier.text()
    carrier.api("POST", f"/handsets/{HANDSET}/texts", {"to": DESK, "body": "Hello?"})
    assert [shown["body"] for shown in carrier.thread()] == ["Hello?"]
    assert carrier.requests == []
    carrier.faults(outage_until="")
    carrier.wait(lambda: len(carrier.records) == 1)


def test_receipts_may_come_twice_and_out_of_order(carrier: World) -> None:
    carrier.faults(duplicate=1, reorder=1)
    carrier.text()
    carrier.wait(lambda: len(carrier.statuses) == 4)
    assert carrier.statuses == ["delivered", "delivered", "sent", "sent"]
    assert carrier.thread()[0]["status"] == "delivered"


def test_a_text_may_be_lost(carrier: World) -> None:
    carrier.faults(lost=1)
    carrier.text("lost")
    carrier.faults(lost=0)
    carrier.text("arrives")
    carrier.wait(lambda: carrier.statuses.count("delivered") == 1)
    assert {shown["ref"]: shown["status"] for shown in carrier.thread()} == {"lost": "sent", "arrives": "delivered"}


@pytest.mark.parametrize(
    "told",
    [
        {"drop": 2}, {"drop": -1}, {"drop": "much"}, {"drop": True}, {"delay_ms": None}, {"earthquake": 1},
        {"outage_until": "tomorrow"}, {"outage_until": "2026-01-02T03:04:05"}, {"throttle": float("nan")},
    ],
)  # fmt: skip
def test_faults_that_make_no_sense_are_refused_with_a_sentence(told: dict[str, Any]) -> None:
    with pytest.raises(NotAFault) as refused:
        changed(Faults(), told)
    assert str(refused.value).endswith(".")


def test_a_reject_code_alone_means_all() -> None:
    assert changed(Faults(), {"reject_code": "30006"}).reject == 1.0
    assert changed(Faults(), {"reject_code": "30006", "reject": 0.2}).reject == 0.2


def test_nothing_goes_wrong_by_default() -> None:
    lot = fate(Faults(), random.Random(1), accepted_last_second=10_000)
    assert (lot.refused, lot.answer) == ("", "given")
    assert [receipt.status for receipt in lot.receipts] == ["sent", "delivered"]


def test_a_share_is_about_that_share() -> None:
    dice = random.Random(1)
    lots = [fate(Faults(drop=0.2, reject=0.1, reject_code="21610"), dice, accepted_last_second=0) for _ in range(4000)]
    assert 300 < sum(lot.refused == "21610" for lot in lots) < 500
    assert 600 < sum(lot.answer == "cut" for lot in lots) < 840


# The API's edges


@pytest.mark.parametrize(
    ("method", "path", "told", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("DELETE", "/messages", None, 404),
        ("GET", "/numbers/+15035559999", None, 404),
        ("PUT", f"/numbers/{DESK}", {"inbound_url": "javascript:1"}, 400),
        ("POST", "/messages", [], 400),
        ("POST", "/messages", {"from": DESK, "to": "", "body": "Hi"}, 400),
        ("POST", "/messages", {"from": DESK, "to": HANDSET, "body": ""}, 400),
        ("POST", "/messages", {"from": DESK, "to": HANDSET, "body": "x" * 1601}, 400),
        ("POST", f"/handsets/{HANDSET}/texts", {"to": "+15035559999", "body": "Hi"}, 404),
        ("POST", f"/handsets/{HANDSET}/texts", {"body": "Hi"}, 400),
        ("GET", "/messages?since=yesterday", None, 400),
        ("POST", "/faults", {"earthquake": 1}, 422),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(quiet: World, method: str, path: str, told: object, status: int) -> None:
    assert quiet.api(method, path, told)[0] == status
    assert quiet.thread() == []


@pytest.mark.parametrize("key", ["?", "wrong", KEY[:-1], KEY + "x"])
def test_a_wrong_key_is_refused(quiet: World, key: str) -> None:
    for method, path in (("GET", "/faults"), ("POST", "/messages"), ("GET", f"/handsets/{HANDSET}")):
        assert quiet.api(method, path, key=key)[0] == 401


def test_a_body_that_is_no_json_is_refused(quiet: World) -> None:
    url = f"{quiet.account.settings['api_base']}/messages"
    for body in (b"{", b"\xff", b" " * 70_000):
        call = HttpRequest(method="POST", url=url, headers={"authorization": f"Bearer {KEY}"}, body=body)
        assert call_sync(call).status == 400


def test_the_check_compares_the_address(carrier: World) -> None:
    call = SIMULATOR.check(carrier.account)
    assert call is not None
    checked = SIMULATOR.read_check(carrier.account, call_sync(call))
    assert (checked.ok, checked.inbound_url) == (True, f"{carrier.desk_url}/inbound")


# The store, used directly


def test_a_page_reads_a_handset_and_texts_from_it(tmp_path: Path) -> None:
    store = CarrierStore(tmp_path / "new" / "carrier.sqlite3")
    store.register(address=DESK, inbound_url="http://desk.example/in")
    with pytest.raises(UnknownNumber):
        store.text_from_handset(handset=HANDSET, desk="+15035559999", body="Hi", at=AT)
    store.text_from_handset(handset=HANDSET, desk=DESK, body="Hi", at=AT)
    later = AT + timedelta(minutes=1)
    store.accept({"from": DESK, "to": HANDSET, "body": "Hello!", "ref": "r"}, receipts=(), at=later)
    store.text_from_handset(handset="+15035550102", desk=DESK, body="Me too", at=later + timedelta(minutes=1))
    assert [(text.from_handset, text.body) for text in store.thread(handset=HANDSET)] == [
        (True, "Hi"),
        (False, "Hello!"),
    ]
    assert store.thread(handset=HANDSET, desk="+15035559999") == []
    assert [text.body for text in store.thread(handset=HANDSET, limit=1)] == ["Hello!"]
    assert store.handsets(desk=DESK) == ["+15035550102", HANDSET]
    store.close()


def test_several_programs_never_take_the_same_webhook(tmp_path: Path) -> None:
    path = tmp_path / "carrier.sqlite3"
    first = CarrierStore(path)
    first.register(address=DESK, inbound_url="http://desk.example/in")
    for number in range(300):
        first.text_from_handset(handset=f"+1503555{number:04}", desk=DESK, body="Hi", at=AT)

    def take_all(_: int) -> list[int]:
        store = CarrierStore(path)
        taken: list[int] = []
        while claimed := store.claim(at=AT + timedelta(seconds=1), limit=7):
            taken += [webhook.id for webhook in claimed]
        store.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [found for part in pool.map(take_all, range(4)) for found in part]
    assert len(taken) == len(set(taken)) == 300
    first.close()


def test_a_webhook_whose_sender_died_is_taken_again(tmp_path: Path) -> None:
    store = CarrierStore(tmp_path / "carrier.sqlite3")
    store.register(address=DESK, inbound_url="http://desk.example/in")
    store.text_from_handset(handset=HANDSET, desk=DESK, body="Hi", at=AT)
    (webhook,) = store.claim(at=AT)
    assert store.claim(at=AT + timedelta(seconds=30)) == []
    assert [again.id for again in store.claim(at=AT + timedelta(seconds=90))] == [webhook.id]
    store.close()


def test_a_webhook_nobody_takes_is_given_up_after_a_day(tmp_path: Path) -> None:
    store = CarrierStore(tmp_path / "carrier.sqlite3")
    store.register(address=DESK, inbound_url="http://desk.example/in")
    store.text_from_handset(handset=HANDSET, desk=DESK, body="Hi", at=AT)
    at, tries = AT, 0
    while claimed := store.claim(at=at):
        tries += 1
        store.again(claimed[0], at=at)
        at = store.next_at() or at
    assert 1000 < tries < 2000
    assert timedelta(hours=24) < at - AT < timedelta(hours=25)
    store.close()
