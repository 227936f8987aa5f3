"""Who is told that a conversation changed; the job that wakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.contacts import actions as contacts
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.conversations.tasks import wake
from twoway.events.actions import LIVE_CHANNEL
from twoway.reactions import react

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listener(transactional_db: None) -> Iterator[psycopg.Connection]:
    connection.ensure_connection()
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as listening:
        listening.execute(f"LISTEN {LIVE_CHANNEL}")
        yield listening


def heard(listener: psycopg.Connection, *, notices: int) -> list[list[int]]:
    """The entries of so many notices."""
    told = [json.loads(one.payload) for one in listener.notifies(timeout=10, stop_after=notices)]
    assert len(told) == notices
    return [entry for one in told for entry in one["c"]]


def test_each_change_is_told(listener: psycopg.Connection, ben: Player, channel: Channel) -> None:
    row = make.make_conversation(channel, at=NOW, messages=1)
    actions.tag(conversation=row, name="VIP", by=ben.actor, at=NOW)
    actions.add_note(conversation=row, body="x", by=ben.actor, at=NOW)
    actions.snooze(conversation=row, until=None, by=ben.actor, at=NOW)
    actions.reopen(conversation=row, by=ben.actor, at=NOW)
    actions.done(conversation=row, by=ben.actor, at=NOW)
    assert heard(listener, notices=5) == [[row.id, 0, 0]] * 5


def test_a_changed_tag_is_told_where_it_is_on(listener: psycopg.Connection, ben: Player, channel: Channel) -> None:
    tag = make.make_tag(channel.workspace, "Lockout")
    row = make.make_conversation(channel, at=NOW, tags=[tag], assignee=ben.member)
    make.make_conversation(channel, at=NOW, tags=[tag], state="done")
    make.make_conversation(channel, at=NOW)
    actions.change_tag(tag=tag, name="Locked out", color="bot", by=ben.actor, at=NOW)
    assert heard(listener, notices=1) == [[row.id, 0, ben.id]]
    actions.delete_tag(tag=tag, by=ben.actor, at=NOW)
    assert heard(listener, notices=1) == [[row.id, 0, ben.id]]


def test_who_loses_it_is_told_as_well(listener: psycopg.Connection, ana: Player, ben: Player, channel: Channel) -> None:
    team = make.make_team(channel.workspace, "Roadside", at=NOW)
    row = make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    actions.assign(conversation=row, member_id=ben.id, team_id=team.pk, by=ana.actor, at=NOW)
    assert heard(listener, notices=1) == [[row.id, 0, ana.id], [row.id, team.pk, ben.id]]
    actions.release(workspace_id=channel.workspace_id, member_id=ben.id, at=NOW)
    assert heard(listener, notices=1) == [[row.id, team.pk, ben.id], [row.id, team.pk, 0]]


def test_a_refused_change_is_not_told(listener: psycopg.Connection, ben: Player, channel: Channel) -> None:
    row = make.make_conversation(channel, at=NOW, messages=1)
    actions.reopen(conversation=row, by=ben.actor, at=NOW)
    actions.mark_read(conversation=row, by=ben.actor)
    assert list(listener.notifies(timeout=0.3)) == []


def test_the_job_wakes_what_is_due(channel: Channel) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    row = make.make_conversation(channel, at=NOW, messages=2, state="snoozed", snoozed_until=past)
    wake(timestamp=int(past.timestamp()))
    assert Conversation.objects.get(id=row.id).state == "open"


def test_who_somebody_is_now_is_told_where_they_write(
    listener: psycopg.Connection, ben: Player, channel: Channel
) -> None:
    row = make.make_conversation(channel, at=NOW, assignee=ben.member)
    person = row.contact
    contacts.rename(contact=person, name="Dana Whitfield", by=ben.actor, at=NOW)
    contacts.set_property(contact=person, key="Email", value="dana@example.com", by=ben.actor, at=NOW)
    contacts.set_locale(contact=person, language="es", by=ben.actor, at=NOW)
    contacts.add_note(contact=person, body="Key under the mat.", by=ben.actor, at=NOW)
    contacts.block(contact=person, by=ben.actor, at=NOW)
    contacts.unblock(contact=person, by=ben.actor, at=NOW)
    while react(at=NOW):
        pass
    assert heard(listener, notices=6) == [[row.id, 0, ben.id]] * 6
