"""Whoever follows the outbox sees every event of its types once, also those that are committed late."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from tests.cast import NOW
from twoway.events.actions import publish, publish_many
from twoway.events.following import Seen, apart, follow, holes
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


def test_where_nothing_is_new_it_is_one_statement() -> None:
    publish(received(1), at=NOW)
    read_on()
    publish(received(2), at=NOW)
    read_on()
    with CaptureQueriesContext(connection) as told:
        assert read_on(1) == []
    assert len(told) == 1


def test_an_id_that_was_given_back_is_waited_for_a_minute_and_then_it_is_one_statement_again() -> None:
    read_on()
    publish(received(1), at=NOW)
    read_on()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('event', 'id'))")
        taken = cursor.fetchone()[0]
    assert read_on(1) == read_on(59) == []
    Event.objects.create(id=taken, workspace_id=1, type="message_received", conversation_id=9, at=NOW)
    assert [one.id for one in read_on(60)] == [taken]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('event', 'id'))")
    for seconds in (61, 90, 122):
        assert read_on(seconds) == []
    with CaptureQueriesContext(connection) as told:
        assert read_on(123) == []
    assert len(told) == 1
    publish(received(5), at=NOW)
    assert [one.conversation_id for one in read_on(124)] == [5]


def test_ids_are_taken_one_by_one_from_the_sequence_that_is_looked_at() -> None:
    """What `_has_read_all` rests on: a cache of ids would let one session write below what another has taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('event', 'id'), cache_size FROM pg_sequences"
                       " WHERE sequencename = 'event_id_seq'")  # fmt: skip
        assert cursor.fetchone() == ("public.event_id_seq", 1)


def test_a_sequence_that_has_not_begun_hides_nothing() -> None:
    """A new or restored database: the sequence stands at its first value, which nobody has taken."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE event_id_seq RESTART")
    assert read_on() == []
    assert Follower.objects.get(name="test").high == 0
    publish(received(1), at=NOW)
    assert [one.conversation_id for one in read_on()] == [1]
    publish(received(2), at=NOW)
    assert [one.conversation_id for one in read_on()] == [2]


_WRITE = """
INSERT INTO event (workspace_id, type, conversation_id, data, trace, at, is_pending, is_shown)
VALUES (1, 'message_received', %s, '{}', '', now(), false, false)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_passed_over_and_nothing_comes_twice_whoever_commits_when(seed: int) -> None:
    """Four sessions write and commit or give up in any order; the follower looks in between, now and then twice."""
    chance, settings = random.Random(seed), connection.settings_dict
    others = [
        psycopg.connect(
            host=settings["HOST"], port=settings["PORT"] or None, dbname=settings["NAME"], user=settings["USER"],
            password=settings["PASSWORD"] or None,
        )
        for _ in range(4)
    ]  # fmt: skip
    read_on()
    seen: list[int | None] = []
    pending: dict[int, list[int]] = {n: [] for n in range(4)}
    stored: list[int] = []
    try:
        for key in range(1, 200):
            who = chance.randrange(4)
            if chance.random() < 0.6:
                others[who].execute(_WRITE, [key])
                pending[who].append(key)
            elif chance.random() < 0.6:
                others[who].commit()
                stored += pending[who]
                pending[who] = []
            else:
                others[who].rollback()
                pending[who] = []
            if chance.random() < 0.5:
                seen += [one.conversation_id for one in read_on(key / 100)]
        for who, other in enumerate(others):
            other.commit()
            stored += pending[who]
    finally:
        for other in others:
            other.close()
    for _ in range(3):
        seen += [one.conversation_id for one in read_on(3)]
    assert sorted(one or 0 for one in seen) == sorted(stored)


# One that fails -------------------------------------------------------------------------------------------------------


def event(key: int, *, workspace_id: int = 1) -> Seen:
    return Seen(key, "message_received", workspace_id, key, None, None, None, {}, NOW)


def test_what_fails_is_left_out_and_the_rest_is_handled_once() -> None:
    handled: list[int] = []

    def handle(rows: Sequence[Seen]) -> None:
        if any(row.id == 3 for row in rows):
            raise ValueError("stale")
        handled.extend(row.id for row in rows)

    rows = [event(1), event(2, workspace_id=2), event(3, workspace_id=2), event(4, workspace_id=2), event(5)]
    apart(rows, handle, name="test")
    assert sorted(handled) == [1, 2, 4, 5]


def test_a_lost_database_is_no_fault_of_an_event() -> None:
    def handle(rows: Sequence[Seen]) -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError, match="gone"):
        apart([event(1), event(2)], handle, name="test")


@pytest.mark.parametrize(
    ("before", "ids", "until", "expected"),
    [
        (0, [1, 2, 3], None, []),
        (0, [], None, []),
        (0, [2, 5, 6], None, [(1, 1), (3, 4)]),
        (9, [12], 14, [(10, 11), (13, 13)]),
        (9, [], 14, [(10, 13)]),
    ],
)
def test_holes(before: int, ids: list[int], until: int | None, expected: list[tuple[int, int]]) -> None:
    assert holes(before, ids, until) == expected
