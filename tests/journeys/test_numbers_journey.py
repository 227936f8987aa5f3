"""A number is bought at the simulated carrier, somebody texts it, it is answered, and it is given back."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.journeys.installation import PATIENCE, Installation
from tests.ops.processes import wait_for
from twoway.providers.simulator_carrier import CarrierStore

HANDSET = "+15035550101"


def test_a_bought_number_takes_texts_at_once_and_none_after_it_is_given_back(installation: Installation) -> None:
    installation.serve()
    found = installation.command("number", "search", "simulator", "--area", "312", "--limit", "2")["items"]
    number = found[0]["number"]
    assert number == "+13125550100"
    bought = installation.command("number", "buy", "simulator", number, "--name", "Lake desk", "--yes")
    assert (bought["webhook"], bought["registration"]) == ("ours", "not_needed")

    store = CarrierStore(installation.data / "carrier.sqlite3")
    try:
        store.text_from_handset(handset=HANDSET, desk=number, body="Is anybody there?", at=datetime.now(UTC))
        wait_for(lambda: installation.messages(direction="in"), PATIENCE)
        (asked,) = installation.messages(direction="in")
        assert (asked["from"], asked["to"], asked["body"]) == (HANDSET, number, "Is anybody there?")
        sent = installation.send({"from": number, "to": HANDSET, "body": "Yes."}, key="1")
        wait_for(lambda: installation.api("GET", f"/messages/{sent['id']}")[1]["status"] == "delivered", PATIENCE)
        assert [text.body for text in store.thread(handset=HANDSET, desk=number)] == ["Is anybody there?", "Yes."]

        released = installation.command("number", "release", str(bought["channel_id"]), "--confirm", number[-4:])
        assert released["released"] is True
        assert number not in store.numbers()
    finally:
        store.close()
    refused = installation.api("POST", "/messages", {"from": number, "to": HANDSET, "body": "Too late."}, key="2")
    assert refused[0] in {404, 422}
