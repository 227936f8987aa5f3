"""Uncertain sends at Plivo, whose list keeps no words, and at Sinch, whose list keeps our reference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests import make
from tests.conftest import NOW
from tests.fakes.http_server import Answer, Request
from tests.providers.recorded_cases import ACCOUNTS
from tests.providers.serving import serving
from twoway.conversations.models import Conversation
from twoway.messaging import database, reconcile
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message
from twoway.providers.http import Transport
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

LATER = reconcile.SURE_AFTER + timedelta(seconds=121)


class Lists:
    """What the provider's list has."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def answer(self, request: Request) -> Answer:
        return Answer(200, json.dumps({"objects": self.rows, "batches": self.rows}).encode())


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def texts(workspace: Workspace, lists: Lists) -> Iterator[dict[str, Conversation]]:
    with serving(lists.answer) as server:
        made = {}
        for slug in ("plivo", "sinch"):
            channel = make.make_channel(
                workspace,
                at=NOW,
                provider=slug,
                address="+14155550199",
                credentials=dict(ACCOUNTS[slug].credentials),
                settings={"api_base": server.url},
            )
            made[slug] = make.make_conversation(channel, at=NOW)
        yield made


def uncertain(conversation: Conversation) -> Message:
    given = {"status": "sending", "provider_id": "", "claimed_at": NOW, "is_uncertain": True}
    return make.make_message(conversation, at=NOW, direction="out", body="Hello", **given)


def look(message: Message, after: timedelta = LATER) -> tuple[str, str]:
    async def whole() -> None:
        directory = Directory(settings.SEALING_KEY)
        async with (
            await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection,
            Transport() as transport,
        ):
            await directory.refresh(connection)
            await reconcile.step(connection, directory=directory, transport=transport, at=NOW + after)

    asyncio.run(whole())
    message.refresh_from_db()
    return message.status, message.provider_id


@pytest.mark.parametrize(("slug", "lag"), [("plivo", 120), ("sinch", 60)])
def test_what_is_not_on_a_slow_list_is_sent_again_only_when_it_must_be_there(
    texts: dict[str, Conversation], slug: str, lag: int
) -> None:
    message = uncertain(texts[slug])
    surely = reconcile.SURE_AFTER + timedelta(seconds=lag)
    assert look(message, after=surely - timedelta(seconds=5)) == ("sending", "")
    assert look(message, after=surely + timedelta(seconds=5)) == ("queued", "")


def plivos(message: Message, **changes: Any) -> dict[str, Any]:
    row = {
        "message_uuid": "5b40a428",
        "message_direction": "outbound",
        "message_state": "sent",
        "to_number": message.recipient.removeprefix("+"),
        "from_number": "14155550199",
        "message_time": NOW.isoformat(sep=" "),
    }
    return {**row, **changes}


def sinchs(message: Message, **changes: Any) -> dict[str, Any]:
    row = {
        "id": "01FC",
        "to": [message.recipient.removeprefix("+")],
        "body": message.body,
        "canceled": False,
        "created_at": NOW.isoformat(),
        "client_reference": str(message.id),
    }
    return {**row, **changes}


def test_plivo_a_text_to_this_person_in_that_time_is_ours(texts: dict[str, Conversation], lists: Lists) -> None:
    message = uncertain(texts["plivo"])
    lists.rows = [plivos(message)]
    assert look(message) == ("sent", "5b40a428")


@pytest.mark.parametrize("change", [
    {"to_number": "14155550111"},
    {"message_direction": "inbound"},
    {"message_time": (NOW - timedelta(minutes=10)).isoformat(sep=" ")},
])  # fmt: skip
def test_plivo_another_text_is_not_taken_for_it(
    texts: dict[str, Conversation], lists: Lists, change: dict[str, Any]
) -> None:
    message = uncertain(texts["plivo"])
    lists.rows = [plivos(message, **change)]
    assert look(message) == ("queued", "")


def test_plivo_a_text_that_belongs_to_another_message_is_not_this_one(
    texts: dict[str, Conversation], lists: Lists
) -> None:
    earlier = make.make_message(
        texts["plivo"], at=NOW, direction="out", body="Before", status="sent", provider_id="5b40a428"
    )
    message = uncertain(texts["plivo"])
    lists.rows = [plivos(earlier)]
    assert look(message) == ("queued", "")


def test_sinch_our_reference_finds_it_and_another_does_not(texts: dict[str, Conversation], lists: Lists) -> None:
    message = uncertain(texts["sinch"])
    lists.rows = [sinchs(message, client_reference=str(message.id + 1))]
    assert look(message, after=timedelta(seconds=5)) == ("sending", "")
    lists.rows.append(sinchs(message, id="01FD"))
    assert look(message) == ("sending", "01FD")
    assert not message.is_uncertain
