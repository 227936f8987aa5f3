"""An owner connects a WhatsApp number at Meta: greeting, texts in and out, the 24 hours, templates, people by id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import graph_api
from tests.journeys.installation import PATIENCE, Installation
from tests.ops.processes import wait_for
from tests.providers.serving import serving

CUSTOMER, USER_ID = "14155550101", "US.13491208655302741918"
TEMPLATES = [
    graph_api.template("order_ready", "Hi {{1}}, your order {{2}} is ready."),
    graph_api.template("hello", "Hello"),
    graph_api.template("not_yet", "Soon", status="PENDING"),
]
READY = {"name": "order_ready", "language": "en_US", "values": ["Kim", "1041"]}


@pytest.fixture
def graph() -> Iterator[tuple[graph_api.GraphApi, str]]:
    script = graph_api.GraphApi(templates=TEMPLATES)
    with serving(script) as server:
        yield script, server.url


@pytest.fixture
def connected(installation: Installation, graph: tuple[graph_api.GraphApi, str]) -> dict[str, Any]:
    """A number of ours at Meta, as an owner connects it."""
    installation.serve()
    pairs = [word for key, value in graph_api.CREDENTIALS.items() for word in ("--set", f"{key}={value}")]
    made: dict[str, Any] = installation.command(
        *("channel", "add", "meta", "--address", "+14155550199", "--set", f"api_base={graph[1]}"), *pairs
    )
    graph[0].callback = made["inbound_url"]
    return made


def write(connected: dict[str, Any], body: str, **who: str) -> None:
    who = who or {"number": CUSTOMER, "name": "Kim"}
    assert graph_api.post(connected["inbound_url"], graph_api.webhook(graph_api.text(body, **who))) == 200


def test_from_the_greeting_to_the_read_receipt(
    installation: Installation, connected: dict[str, Any], graph: tuple[graph_api.GraphApi, str]
) -> None:
    path = connected["inbound_url"].removeprefix(installation.url)
    asked = f"{path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    assert installation.ask("GET", asked + graph_api.VERIFY) == (200, b"1158201444")
    assert installation.ask("GET", f"{asked}wrong")[0] == 403
    assert installation.command("channel", "check", str(connected["channel_id"]))["ok"]

    write(connected, "Is it ready?")
    (asked_us,) = installation.messages(direction="in")
    assert (asked_us["from"], asked_us["body"]) == ("whatsapp:14155550101", "Is it ready?")
    assert installation.api("GET", "/contacts")[1]["items"][0]["name"] == "Kim"

    reply = installation.send({"from": "+14155550199", "to": "+14155550101", "body": "It is."}, key="1")
    wait_for(lambda: graph[0].taken, PATIENCE)
    (taken,) = graph[0].taken
    assert (taken["to"], taken["text"]["body"]) == (CUSTOMER, "It is.")
    ref = taken["biz_opaque_callback_data"]
    heard = [graph_api.receipt(taken["wamid"], word, ref=ref, category="service") for word in ("delivered", "read")]
    graph_api.post(connected["inbound_url"], graph_api.webhook(*heard))
    assert installation.api("GET", f"/messages/{reply['id']}")[1]["status"] == "read"
    assert graph_api.TOKEN not in installation.log.read_text()


def test_after_the_24_hours_words_are_refused_and_a_template_goes(
    installation: Installation, connected: dict[str, Any], graph: tuple[graph_api.GraphApi, str]
) -> None:
    write(connected, "Is it ready?")
    installation.rows("UPDATE conversation SET last_inbound_at = now() - interval '25 hours' RETURNING id")
    to = {"from": "whatsapp:+14155550199", "to": "+14155550101"}
    status, problem = installation.api("POST", "/messages", {**to, "body": "It is."})
    assert (status, problem["code"]) == (422, "window_closed")
    assert installation.api("POST", "/messages", {**to, "template": READY})[1]["code"] == "template_unknown"

    fetched = installation.command("channel", "templates", str(connected["channel_id"]))["items"]
    assert {one["name"]: one["can_be_sent"] for one in fetched} == {
        "order_ready": True,
        "hello": True,
        "not_yet": False,
    }
    listed = installation.api("GET", f"/channels/{connected['channel_id']}/templates")[1]["items"]
    assert listed[-1]["why_not"] == "WhatsApp hasn't approved it yet."

    message = installation.send({**to, "template": READY}, key="t")
    assert message["body"] == "Hi Kim, your order 1041 is ready."
    assert installation.send({**to, "template": READY}, key="t")["id"] == message["id"]
    wait_for(lambda: graph[0].taken, PATIENCE)
    (taken,) = graph[0].taken
    assert taken["template"]["name"] == "order_ready"
    both = {**to, "template": READY, "body": "and more"}
    assert installation.api("POST", "/messages", both)[1]["code"] == "invalid"

    write(connected, "Thank you")
    again = installation.send({**to, "body": "You are welcome."})
    wait_for(lambda: len(graph[0].taken) == 2, PATIENCE)
    assert graph[0].taken[1]["biz_opaque_callback_data"] == str(again["id"])


def test_somebody_who_hides_their_number_keeps_their_conversation(
    installation: Installation, connected: dict[str, Any], graph: tuple[graph_api.GraphApi, str]
) -> None:
    write(connected, "Hi", number=CUSTOMER, user_id=USER_ID, name="Kim")
    write(connected, "Me again", user_id=USER_ID)
    (talk,) = installation.api("GET", "/conversations")[1]["items"]
    assert talk["unanswered"] == 2
    assert talk["address"] == USER_ID
    status, _ = installation.api("POST", f"/conversations/{talk['id']}/messages", {"body": "Hello Kim"})
    assert status == 201
    wait_for(lambda: graph[0].taken, PATIENCE)
    assert graph[0].taken[0]["recipient"] == USER_ID


def test_a_batch_with_a_broken_item_loses_none_of_the_others(
    installation: Installation, connected: dict[str, Any]
) -> None:
    body = json.loads(graph_api.webhook(graph_api.text("one", number=CUSTOMER), graph_api.text("two", number=CUSTOMER)))
    body["entry"].append({"id": "1", "changes": [{"field": "messages", "value": {"messages": [{"type": "text"}]}}]})
    for _ in range(3):  # Meta repeats what it is unsure of
        assert graph_api.post(connected["inbound_url"], json.dumps(body).encode()) == 200
    assert [text["body"] for text in installation.messages(direction="in")] == ["one", "two"]
    kept = installation.rows("SELECT DISTINCT reason FROM quarantine_entry")
    assert [row["reason"] for row in kept] == ["malformed"]
