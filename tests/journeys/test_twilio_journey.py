"""An engineer connects a Twilio number: real webhooks in, real API calls out, receipts, and a trace through it all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.running import Fake, running_twilio
from tests.journeys.installation import PATIENCE, Installation
from tests.ops.processes import wait_for

DESK, CUSTOMER = "+14155550199", "+14155550101"
ACCOUNT, TOKEN = "AC" + "2" * 32, "0123456789abcdef0123456789abcdef"


@pytest.fixture
def twilio() -> Iterator[Fake]:
    with running_twilio(no_receipts=False, duplicate=0.5) as fake:
        yield fake


def connect(installation: Installation, fake: Fake) -> dict[str, Any]:
    """What an engineer types, and what is printed."""
    made: dict[str, Any] = installation.command(
        *("channel", "add", "twilio", "--address", DESK, "--name", "Ridgeway"),
        *("--set", f"account_sid={ACCOUNT}", "--set", f"auth_token={TOKEN}"),
        *("--set", f"api_base={fake.url}", "--set", "rate=50"),
    )
    return made


def status(installation: Installation, message_id: int) -> str:
    found: str = installation.api("GET", f"/messages/{message_id}")[1]["status"]
    return found


def test_a_text_in_a_reply_out_and_its_receipts(installation: Installation, twilio: Fake) -> None:
    installation.serve()
    channel = connect(installation, twilio)
    assert channel["inbound_url"].startswith(f"{installation.url}/hooks/twilio/")
    twilio.text(url=channel["inbound_url"], sender=CUSTOMER, recipient=DESK, body="Is it ready? é😀")
    wait_for(lambda: installation.messages(direction="in"), PATIENCE)
    (asked,) = installation.messages(direction="in")
    assert (asked["from"], asked["body"], asked["encoding"]) == (CUSTOMER, "Is it ready? é😀", "UCS-2")

    reply = installation.send({"from": DESK, "to": CUSTOMER, "body": "It is ready."}, key="1")
    wait_for(lambda: status(installation, reply["id"]) == "delivered", PATIENCE)
    (sent,) = twilio.accepted()
    assert (sent["body"], sent["to"], sent["ref"]) == ("It is ready.", CUSTOMER, str(reply["id"]))
    known = installation.api("GET", f"/messages/{reply['id']}")[1]
    assert known["provider_id"] == sent["sid"]
    assert {event["raw_status"] for event in known["status_events"]} == {"sent", "delivered"}

    elsewhere = f"{installation.url}/hooks/twilio/nosuchhooknosuchhook/inbound"
    twilio.text(url=elsewhere, sender=CUSTOMER, recipient=DESK, body="to nobody")
    wait_for(lambda: installation.rows("SELECT reason FROM quarantine_entry WHERE reason = 'unknown_hook'"), PATIENCE)
    assert len(installation.messages(direction="in")) == 1


def test_an_answer_that_was_lost_is_found_on_twilios_list(installation: Installation, twilio: Fake) -> None:
    """Twilio takes it and hangs up; no receipt helps; the text is not sent again."""
    installation.serve()
    connect(installation, twilio)
    twilio.change(drop=1.0, no_receipts=True)
    message = installation.send({"from": DESK, "to": CUSTOMER, "body": "Only once"})
    wait_for(lambda: installation.api("GET", f"/messages/{message['id']}")[1]["provider_id"], PATIENCE)
    (sent,) = twilio.accepted()
    assert installation.api("GET", f"/messages/{message['id']}")[1]["provider_id"] == sent["sid"]


def test_a_refusal_is_shown_and_an_opt_out_is_kept(installation: Installation, twilio: Fake) -> None:
    """Twilio's magic number for a person who opted out there."""
    installation.serve()
    connect(installation, twilio)
    told = {"from": DESK, "to": "+15005550004", "body": "Hello"}
    message = installation.send(told)
    wait_for(lambda: status(installation, message["id"]) == "failed", PATIENCE)
    assert installation.api("GET", f"/messages/{message['id']}")[1]["error"] == "opted_out"
    wait_for(lambda: installation.rows("SELECT 1 FROM opt_out WHERE source = 'carrier'"), PATIENCE)
    refused, problem = installation.api("POST", "/messages", told)
    assert (refused, problem["code"]) == (422, "opted_out")


def test_one_trace_leads_from_the_webhook_to_the_receipt(installation: Installation, twilio: Fake) -> None:
    """HELP: its text, the answer it causes, the call to Twilio and the receipts all bear one trace, and no secret."""
    installation.serve()
    channel = connect(installation, twilio)
    twilio.text(url=channel["inbound_url"], sender=CUSTOMER, recipient=DESK, body="HELP")
    wait_for(lambda: [one for one in installation.messages(direction="out") if one["status"] == "delivered"], PATIENCE)
    traces = {row["trace"] for row in installation.rows("SELECT trace FROM message")}
    assert len(traces) == 1
    (trace,) = traces
    lines = list(installation.lines("webhooks_stored", "texts_taken"))
    assert [line for line in lines if trace in line.get("traces", [])]
    assert [line for line in lines if any(text.startswith(trace) for text in line.get("texts", []))]
    wait_for(lambda: [line for line in installation.lines("webhooks_stored") if trace in line["receipts_of"]], PATIENCE)
    assert TOKEN not in installation.log.read_text()
