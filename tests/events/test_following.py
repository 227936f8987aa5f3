"""Whoever follows the outbox sees every event of its types once, also those that are committed late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tests.cast import NOW
from twoway.events.actions import publish, publish_many
from twoway.events.following import Seen, follow
from twoway.events.models import Event, Follower
from twoway.events.types import ConversationReopened, HelpAsked, MessageReceived

TYPES = frozenset({"message_received", "conversation_reopened"})
pytestmark = pytest.mark.django_db


def read_on(seconds: float = 0, *, limit: int = 100) -> list[Seen]:
    found: list[Seen] = []
    follow("test", found.extend, types=TYPES, at=NOW + timedelta(seconds=seconds), limit=limit)
    return found


def received(key: int) -> MessageReceived:
    return MessageReceived(workspace_id=1, conversation_id=key, contact_id=2, message_id=3, keyword="help")


def test_what_was_before_is_passed_over_and_the_rest_comes_once() -> None:
    publish(received(1), at=NOW)
    assert read_on() == []
    publish_many([received(2), HelpAsked(workspace_id=1), received(3)], at=NOW)
    assert [one.conversation_id for one in read_on(limit=2)] == [2]
    last = read_on()
    assert [one.conversation_id for one in last] == [3]
    assert (last[0].data["keyword"], last[0].contact_id, last[0].message_id) == ("help", 2, 3)
    assert read_on() == []


def test_what_is_committed_late_is_found_and_a_gap_is_given_up_after_a_minute() -> None:
    read_on()
    first = publish(received(1), at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('event', 'id'))")
        skipped = cursor.fetchone()[0]
    publish(received(2), at=NOW)
    assert [one.conversation_id for one in read_on()] == [1, 2]
    Event.objects.create(id=skipped, workspace_id=1, type="message_received", conversation_id=9, at=NOW)
    assert [one.id for one in read_on(5)] == [skipped]
    assert skipped == first + 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('event', 'id'))")
    publish(ConversationReopened(workspace_id=1, conversation_id=4), at=NOW)
    read_on(6)
    assert Follower.objects.get(name="test").gaps[-1][:2] == [skipped + 2, skipped + 2]
    read_on(70)
    assert Follower.objects.get(name="test").gaps == []


def test_a_round_that_fails_comes_again() -> None:
    read_on()
    publish(received(1), at=NOW)

    def refuse(rows: object) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        follow("test", refuse, types=TYPES, at=NOW)
    assert [one.conversation_id for one in read_on()] == [1]
