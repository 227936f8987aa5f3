"""A newcomer's first story: a simulated phone texts the desk, is answered with a receipt, and STOP is honoured."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.journeys.installation import PATIENCE, Installation
from tests.ops.processes import wait_for
from twoway.providers.simulator_carrier import CarrierStore

DESK, HANDSET = "+15035550142", "+15035550178"


class Phone:
    """A phone at the simulated carrier."""

    def __init__(self, installation: Installation) -> None:
        self._carrier = CarrierStore(installation.data / "carrier.sqlite3")

    def text(self, body: str) -> None:
        self._carrier.text_from_handset(handset=HANDSET, desk=DESK, body=body, at=datetime.now(UTC))

    def shows(self) -> list[tuple[str, str]]:
        """Who wrote what, oldest first."""
        texts = self._carrier.thread(handset=HANDSET, desk=DESK)
        return [("me" if text.from_handset else "desk", text.body) for text in texts]

    def close(self) -> None:
        self._carrier.close()


def received(installation: Installation, body: str) -> dict[str, Any]:
    """The text with these words, once it is in the desk."""

    def look() -> dict[str, Any] | None:
        found = [one for one in installation.messages(direction="in") if one["body"] == body]
        return found[0] if found else None

    found = wait_for(look, PATIENCE)
    assert found is not None
    return found


def test_a_phone_texts_the_desk_and_is_answered_until_it_says_stop(installation: Installation) -> None:
    installation.serve()
    installation.command("channel", "add", "simulator", "--address", DESK)
    phone = Phone(installation)
    try:
        phone.text("Where is my car? 🚗")
        asked = received(installation, "Where is my car? 🚗")
        assert (asked["from"], asked["to"], asked["status"]) == (HANDSET, DESK, "received")

        reply = installation.send({"from": DESK, "to": HANDSET, "body": "Bay 4, on the left."}, key="first")
        assert reply["conversation_id"] == asked["conversation_id"]
        again = installation.send({"from": DESK, "to": HANDSET, "body": "Bay 4, on the left."}, key="first")
        assert again["id"] == reply["id"]
        path = f"/messages/{reply['id']}"
        wait_for(lambda: installation.api("GET", path)[1]["status"] == "delivered", PATIENCE)
        known = installation.api("GET", path)[1]
        assert [event["raw_status"] for event in known["status_events"]][-1] == "delivered"
        assert known["delivered_at"]
        assert phone.shows() == [("me", "Where is my car? 🚗"), ("desk", "Bay 4, on the left.")]

        phone.text("STOP")
        wait_for(lambda: len(phone.shows()) == 4, PATIENCE)
        assert phone.shows()[3][0] == "desk"
        assert "opted out" in phone.shows()[3][1]
        status, problem = installation.api("POST", "/messages", {"from": DESK, "to": HANDSET, "body": "One more thing"})
        assert (status, problem["code"]) == (422, "opted_out")

        phone.text("START")
        wait_for(lambda: len(phone.shows()) == 6, PATIENCE)
        installation.send({"from": DESK, "to": HANDSET, "body": "Welcome back"})
        wait_for(lambda: phone.shows()[-1] == ("desk", "Welcome back"), PATIENCE)
    finally:
        phone.close()


def test_what_waited_while_it_was_stopped_is_delivered_after(installation: Installation) -> None:
    """Texts of both directions: the carrier keeps trying, and the desk finds its own queue again."""
    installation.serve()
    installation.command("channel", "add", "simulator", "--address", DESK)
    later = datetime.now(UTC).timestamp() + 3
    send_at = datetime.fromtimestamp(later, UTC).isoformat()
    queued = installation.send({"from": DESK, "to": HANDSET, "body": "See you", "send_at": send_at})
    assert queued["status"] == "scheduled"
    installation.stop()
    phone = Phone(installation)
    try:
        phone.text("Anybody there?")
        installation.serve()
        received(installation, "Anybody there?")
        wait_for(lambda: ("desk", "See you") in phone.shows(), PATIENCE)
        path = f"/messages/{queued['id']}"
        wait_for(lambda: installation.api("GET", path)[1]["status"] == "delivered", PATIENCE)
    finally:
        phone.close()


def test_on_another_port_the_phone_still_reaches_it(installation: Installation) -> None:
    installation.serve()
    installation.command("channel", "add", "simulator", "--address", DESK)
    installation.stop()
    installation.serve(port=0)
    phone = Phone(installation)
    try:
        phone.text("Still there?")
        received(installation, "Still there?")
    finally:
        phone.close()
