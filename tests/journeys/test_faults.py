"""Everything the simulated carrier can do wrong, one after the other: no text is lost, none is there or sent twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys.conftest import copy_of
from tests.journeys.installation import PATIENCE, Installation
from tests.ops.processes import wait_for
from twoway.channels.simulator import FILE
from twoway.providers.simulator_carrier.store import CarrierStore

pytestmark = pytest.mark.long

DESK = "+14155550199"
PEOPLE, PER_PERSON = 8, 5
OUTAGE = timedelta(seconds=15)


@dataclass
class Shop:
    """One installation and its carrier; `rounds` numbers the stories, so that each has people of its own."""

    installation: Installation
    carrier: CarrierStore
    rounds: int = 0

    def people(self) -> list[str]:
        self.rounds += 1
        return [f"+1415555{self.rounds * 100 + number:04d}" for number in range(PEOPLE)]

    def reply(self, people: list[str]) -> None:
        for part in range(PER_PERSON):
            for person in people:
                self.installation.send({"from": DESK, "to": person, "body": f"part {part}"}, key=f"{person}-{part}")

    def write(self, people: list[str]) -> None:
        for part in range(PER_PERSON):
            for person in people:
                self.carrier.text_from_handset(handset=person, desk=DESK, body=f"text {part}", at=datetime.now(UTC))

    def rows(self, people: list[str], direction: str) -> list[dict[str, Any]]:
        column = "recipient" if direction == "out" else "sender"
        return self.installation.rows(
            f"SELECT {column} AS person, body, status, error FROM message"
            " WHERE direction = %(direction)s AND " + column + " = ANY(%(people)s) ORDER BY id",
            direction=direction,
            people=people,
        )

    def arrived(self, people: list[str]) -> dict[str, list[str]]:
        """What each handset got, in order."""
        texts = {person: self.carrier.thread(handset=person, desk=DESK) for person in people}
        return {person: [text.body for text in got if not text.from_handset] for person, got in texts.items()}

    def is_settled(self, people: list[str]) -> bool:
        rows = self.rows(people, "out")
        return len(rows) == PEOPLE * PER_PERSON and all(
            row["status"] in {"delivered", "undelivered", "failed"} for row in rows
        )

    def has_heard(self, people: list[str]) -> bool:
        return len(self.rows(people, "in")) >= PEOPLE * PER_PERSON


@pytest.fixture(scope="module")
def shop(first_day: Installation) -> Iterator[Shop]:
    with copy_of(first_day) as made:
        made.serve()
        made.command("channel", "add", "simulator", "--address", DESK, "--set", "rate=200")
        yield Shop(made, CarrierStore(made.data / FILE))


@pytest.fixture
def people(shop: Shop) -> Iterator[list[str]]:
    yield shop.people()
    shop.carrier.set_faults({}, reset=True)


FAULTS: dict[str, dict[str, Any]] = {
    "delay": {"delay_ms": 1500},
    "drop": {"drop": 0.3},
    "duplicate": {"duplicate": 1.0},
    "reorder": {"reorder": 1.0},
    "throttle": {"throttle": 8.0},
    "several at once": {"drop": 0.1, "duplicate": 0.5, "reorder": 0.5, "throttle": 20.0, "delay_ms": 200},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_reply_arrives_once_and_in_order_and_every_text_is_there_once(
    shop: Shop, people: list[str], fault: str
) -> None:
    shop.carrier.set_faults(FAULTS[fault])
    shop.write(people)
    shop.reply(people)
    wait_for(lambda: shop.is_settled(people) and shop.has_heard(people), PATIENCE)
    in_order = [f"part {part}" for part in range(PER_PERSON)]
    assert shop.arrived(people) == dict.fromkeys(people, in_order)
    assert {row["status"] for row in shop.rows(people, "out")} == {"delivered"}
    wait_for(lambda: shop.carrier.next_at() is None, PATIENCE)
    heard = Counter((row["person"], row["body"]) for row in shop.rows(people, "in"))
    assert heard == {(person, f"text {part}"): 1 for person in people for part in range(PER_PERSON)}


def test_an_outage_delays_and_loses_nothing(shop: Shop, people: list[str]) -> None:
    shop.carrier.set_faults({"outage_until": (datetime.now(UTC) + OUTAGE).isoformat()})
    shop.reply(people)
    shop.write(people)
    assert shop.arrived(people) == {person: [] for person in people}
    wait_for(lambda: shop.is_settled(people) and shop.has_heard(people), PATIENCE)
    assert shop.arrived(people) == {person: [f"part {part}" for part in range(PER_PERSON)] for person in people}


@pytest.mark.parametrize(
    ("code", "reason"), [("21610", "opted_out"), ("30006", "landline"), ("30007", "carrier_filtered")]
)
def test_a_refusal_is_shown_with_its_reason_and_not_tried_again(
    shop: Shop, people: list[str], code: str, reason: str
) -> None:
    shop.carrier.set_faults({"reject_code": code})
    first = people[:1]
    shop.installation.send({"from": DESK, "to": first[0], "body": "Hello"}, key=f"{first[0]}-{code}")
    wait_for(lambda: [row["error"] for row in shop.rows(first, "out")] == [reason], PATIENCE)
    (row,) = shop.rows(first, "out")
    assert row["status"] in {"failed", "undelivered"}
    assert len(shop.arrived(first)[first[0]]) <= 1


def test_what_never_arrives_stays_sent_and_is_not_sent_again(shop: Shop, people: list[str]) -> None:
    shop.carrier.set_faults({"lost": 1.0})
    shop.reply(people)
    wait_for(lambda: {row["status"] for row in shop.rows(people, "out")} == {"sent"}, PATIENCE)
    assert shop.arrived(people) == {person: [f"part {part}" for part in range(PER_PERSON)] for person in people}
