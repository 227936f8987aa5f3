"""Search by a program: the same answers as the desk's, in pages, within the token's rights."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import make
from tests.api.conftest import Program
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.search.indexing import Indexer


@pytest.fixture
def talk(channel: Channel, now: datetime) -> Conversation:
    contact = make.make_contact(channel.workspace, at=now, name="Dana Whitfield")
    return make.make_conversation(channel, at=now, identity=make.make_identity(contact, at=now, value="+15035550178"))


def found(program: Program, path: str) -> dict[str, Any]:
    Indexer().catch_up()
    answer = program.get(path)
    assert answer.status == 200, answer.json
    document: dict[str, Any] = answer.json
    return document


def test_texts_notes_and_people(program: Program, talk: Conversation, now: datetime) -> None:
    text = make.make_message(talk, at=now, body="Where is the refund for Dana?")
    note = make.make_note(talk, at=now, body="Dana was promised one")
    document = found(program, "/search?q=dana")
    assert [one["message"]["id"] for one in document["items"]] == [text.pk]
    assert [one["text"] for one in document["items"][0]["snippet"] if one["is_hit"]] == ["Dana"]
    assert [one["note"]["id"] for one in document["notes"]] == [note.pk]
    assert [one["id"] for one in document["people"]] == [talk.pk]
    assert (document["corrected"], document["problems"], document["next"]) == (None, [], None)


def test_corrections_and_filters_that_were_left_out(program: Program, talk: Conversation, now: datetime) -> None:
    make.make_message(talk, at=now, body="When do I receive it?")
    document = found(program, "/search?q=recieve before:soon")
    assert document["corrected"] == "receive before:soon"
    assert document["problems"] == ["before: takes a day such as 2026-03-14, a month, a year, today, yesterday or 7d."]
    assert found(program, "/search?q=recieve&exact=true")["items"] == []


def test_pages(program: Program, talk: Conversation, now: datetime) -> None:
    rows = [make.make_message(talk, at=now - timedelta(days=n), body=f"zebra {n}") for n in range(5)]
    seen: list[int] = []
    path = "/search?q=zebra&limit=2"
    while path:
        document = found(program, path)
        seen += [one["message"]["id"] for one in document["items"]]
        path = f"/search?q=zebra&limit=2&cursor={document['next']}" if document["next"] else ""
    assert seen == [row.pk for row in rows]


@pytest.mark.parametrize(
    "path", ["/search", "/search?q=", "/search?q=x&cursor=a.b", "/search?q=x&cursor=abc", "/search?q=x&w=1"]
)
def test_what_cannot_be_asked(program: Program, path: str) -> None:
    assert program.get(path).status == 422
