"""Writing events, and the live notice."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from twoway.events.actions import LIVE_CHANNEL, LONGEST_NOTICE, notices, notify, publish, publish_many
from twoway.events.models import Event
from twoway.events.queries import last_shown, shown_events
from twoway.events.types import ConversationTagged, ConversationWoken, MessageFailed, MessageSent


def test_an_event_is_written_with_its_columns(db: None, now: datetime) -> None:
    key = publish(MessageFailed(workspace_id=1, conversation_id=2, message_id=3, reason="landline"), at=now, trace="t1")
    row = Event.objects.get(id=key)
    assert (row.workspace_id, row.conversation_id, row.message_id, row.member_id) == (1, 2, 3, None)
    assert (row.type, row.trace, row.at) == ("message_failed", "t1", now)
    assert row.data == {"reason": "landline", "error_code": ""}
    assert (row.is_pending, row.is_shown) == (True, False)


def test_only_what_something_waits_for_is_pending(db: None, now: datetime) -> None:
    publish_many([MessageSent(workspace_id=1), ConversationWoken(workspace_id=1, conversation_id=2)], at=now)
    assert list(Event.objects.order_by("id").values_list("is_pending", "is_shown")) == [(False, False), (False, True)]


def test_an_event_vanishes_with_its_transaction(db: None, now: datetime) -> None:
    with transaction.atomic():
        publish(MessageSent(workspace_id=1), at=now)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_lines_of_a_thread_by_time(db: None, now: datetime) -> None:
    for minute in range(5):
        event = ConversationTagged(workspace_id=1, conversation_id=7, tag_id=minute, tag_name=f"t{minute}")
        publish(event, at=now + timedelta(minutes=minute))
    publish(MessageSent(workspace_id=1, conversation_id=7), at=now)
    publish(ConversationWoken(workspace_id=1, conversation_id=8), at=now)
    between = shown_events(7, after=now + timedelta(minutes=1), before=now + timedelta(minutes=3))
    assert [line.event.data()["tag_id"] for line in between] == [1, 2]
    assert [line.event.data()["tag_id"] for line in shown_events(7, limit=2)] == [3, 4]


def test_the_last_line_of_a_kind(db: None, now: datetime) -> None:
    publish(ConversationWoken(workspace_id=1, conversation_id=7, why="time"), at=now)
    publish(ConversationWoken(workspace_id=1, conversation_id=7, why="text"), at=now)
    found = last_shown(7, event_type="conversation_woken")
    assert found is not None
    assert found.event == ConversationWoken(workspace_id=1, conversation_id=7, why="text")
    assert last_shown(7, event_type="conversation_done") is None


def test_notices_are_short_and_name_each_entry_once() -> None:
    many = [(n, n % 3 or None, None) for n in range(1, 3000)]
    payloads = list(notices(workspace_id=5, conversations=[*many, *many]))
    assert len(payloads) > 1
    assert all(len(payload.encode()) <= LONGEST_NOTICE for payload in payloads)
    told = [json.loads(payload) for payload in payloads]
    assert {one["w"] for one in told} == {5}
    assert [tuple(entry) for one in told for entry in one["c"]] == [(n, team or 0, 0) for n, team, _ in many]


def test_nothing_to_say_is_no_notice() -> None:
    assert list(notices(workspace_id=5, conversations=[])) == []


@pytest.mark.django_db(transaction=True)
def test_a_notice_is_heard_when_the_transaction_commits() -> None:
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as listener:
        listener.execute(f"LISTEN {LIVE_CHANNEL}")
        with transaction.atomic():
            notify(workspace_id=1, conversations=[(7, None, 3), (7, 2, None)])
            assert list(listener.notifies(timeout=0.2)) == []
        heard = list(listener.notifies(timeout=10, stop_after=1))
    assert [notice.payload for notice in heard] == ['{"w":1,"c":[[7,0,3],[7,2,0]]}']
