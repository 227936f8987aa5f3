"""Two people to search for."""

from __future__ import annotations

import pytest

from tests import make
from tests.messaging.search.finding import ago
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests must not end a search early."""
    monkeypatch.setattr("twoway.messaging.search.newest.ENOUGH_TIME", 60.0)
    monkeypatch.setattr("twoway.messaging.search.newest.MOST_TIME", 60.0)
    monkeypatch.setattr("twoway.messaging.search.newest.PATIENCE", 60_000)


@pytest.fixture
def dana(channel: Channel) -> Conversation:
    contact = make.make_contact(channel.workspace, at=ago(days=900), name="Dana Núñez")
    identity = make.make_identity(contact, at=ago(days=900), value="+15035550178")
    return make.make_conversation(channel, at=ago(days=900), identity=identity)


@pytest.fixture
def luis(channel: Channel) -> Conversation:
    contact = make.make_contact(channel.workspace, at=ago(days=3), name="Luis Ortega")
    identity = make.make_identity(contact, at=ago(days=3), value="+447911123456")
    return make.make_conversation(channel, at=ago(days=3), identity=identity)
