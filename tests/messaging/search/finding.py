"""Saying things and finding them again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests import make
from tests.cast import NOW, Player
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message
from twoway.messaging.search import queries
from twoway.messaging.search.indexing import Indexer
from twoway.messaging.search.queries import Results

LATER = NOW + timedelta(minutes=5)


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def find(player: Player, text: str, **how: Any) -> Results:
    """What this member finds once everything is indexed."""
    Indexer().catch_up()
    return queries.search(player.actor, text, at=LATER, zone=UTC, **how)


def bodies(results: Results) -> list[str]:
    return [hit.message.body for hit in results.texts]


def say(talk: Conversation, body: str, at: datetime = NOW, **fields: Any) -> Message:
    return make.make_message(talk, at=at, body=body, **fields)
