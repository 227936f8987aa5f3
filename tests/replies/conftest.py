"""A conversation to answer, and saved replies made the way members make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import make
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.replies import actions
from twoway.replies.actions import ReplyTerms
from twoway.replies.models import Reply

Save = Callable[..., Reply]


@pytest.fixture
def talk(channel: Channel, now: datetime) -> Conversation:
    """Somebody called Luis Ortega who wrote and waits."""
    return make.make_conversation(channel, at=now, messages=1, name="Luis Ortega", needs_reply=True)


@pytest.fixture
def save(ana: Player, now: datetime) -> Save:
    """Keep a reply; Ana's, for everybody, unless told otherwise."""

    def saved(name: str, body: str = "Hi {first_name|there}.", *, by: Player = ana, **more: Any) -> Reply:
        terms = ReplyTerms(**{"name": name, "body": body, "scope": "all", **more})
        return actions.add_reply(terms=terms, by=by.actor, at=now)

    return saved
