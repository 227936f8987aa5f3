"""From the outbox to members' lists: who has which lines after what happened, once each."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Follower
from twoway.events import following
from twoway.events.actions import LIVE_CHANNEL, publish, publish_many
from twoway.events.models import Event
from twoway.events.models import Follower as Place
from twoway.events.types import ConversationAssigned, LaterStopped, MessageFailed, MessageReceived
from twoway.messaging import database
from twoway.notifications import actions, queries, reading, upkeep
from twoway.notifications.actions import Choice
from twoway.notifications.models import Notification
from twoway.providers import failures
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    reading.round_of(at=NOW)
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


def received(talk: Conversation, *, body: str = "Hello?") -> None:
    talk.refresh_from_db()
    text = make.make_message(talk, at=NOW, body=body)
    event = MessageReceived(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=text.pk)
    publish(event, at=NOW)


def read_on(seconds: float = 0) -> int:
    return reading.round_of(at=NOW + timedelta(seconds=seconds))


def titles(player: Player) -> list[str]:
    return [line.title for line in queries.listed(player.actor)]


def test_a_text_in_mine_is_told_once_and_grows(talk: Conversation, ana: Player, ben: Player) -> None:
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    received(talk)
    read_on()
    read_on()
    assert sorted(titles(ben)) == ["Ana gave you the conversation with Dana Whitfield", "New text from Dana Whitfield"]
    assert titles(ana) == []
    received(talk, body="Are you there?")
    received(talk, body="I am at the door")
    read_on()
    newest = next(line for line in queries.listed(ben.actor) if line.kind == "message")
    assert (newest.title, newest.count, newest.words) == (
        "3 new texts from Dana Whitfield",
        3,
        "I am at the door",
    )
    assert actions.read(by=ben.actor, at=NOW, conversation_id=talk.pk) == 2
    received(talk)
    read_on()
    assert titles(ben)[0] == "New text from Dana Whitfield"
    assert queries.news(ben.actor, at=NOW).unread == 1


def test_followers_hear_of_it_unless_they_mute(talk: Conversation, ana: Player, ben: Player) -> None:
    Follower.objects.create(conversation=talk, member=ana.member, at=NOW)
    Follower.objects.create(conversation=talk, member=ben.member, at=NOW)
    actions.mute(conversation=talk, is_muted=True, by=ben.actor)
    received(talk)
    read_on()
    assert titles(ana) == ["New text from Dana Whitfield"]
    assert titles(ben) == []
    actions.mute(conversation=talk, is_muted=False, by=ben.actor)
    received(talk)
    read_on()
    assert titles(ben) == ["New text from Dana Whitfield"]


def test_names_and_numbers_are_shown_as_the_member_may_see_them(
    talk: Conversation, workspace: Workspace, ana: Player, ben: Player
) -> None:
    talk.contact.name = ""
    talk.contact.save()
    workspace.numbers_from = "manager"
    workspace.save()
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    received(talk)
    read_on()
    told = " ".join(titles(ben))
    assert talk.identity.value[-4:] in told
    assert talk.identity.value[2:8] not in "".join(letter for letter in told if letter.isdigit())


def test_what_they_may_not_see_any_more_says_nothing(talk: Conversation, ana: Player, ben: Player) -> None:
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    received(talk, body="My card is 4111")
    read_on()
    ben.member.sees_own_teams_only = True
    ben.member.save()
    Conversation.objects.filter(id=talk.pk).update(assignee=ana.member)
    lines = queries.listed(ben.actor)
    assert {(line.title, line.words, line.path) for line in lines} == {
        ("A conversation you can't see any more", "", "/inbox/open/")
    }


def test_a_text_of_mine_that_fails_and_one_for_later(talk: Conversation, ben: Player) -> None:
    text = make.make_message(
        talk, at=NOW, direction="out", status="failed", by=ben.member, error="landline", error_code="30006"
    )
    publish(MessageFailed(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=text.pk), at=NOW)
    publish(
        LaterStopped(
            workspace_id=talk.workspace_id, conversation_id=talk.pk, writer_id=ben.id, why="They wrote first."
        ),
        at=NOW,
    )
    read_on()
    assert {(line.title, line.words) for line in queries.listed(ben.actor)} == {
        ("Your text to Dana Whitfield wasn't delivered", f"{failures.words('landline')} Code 30006."),
        ("Your text for later to Dana Whitfield wasn't sent", "They wrote first."),
    }


def test_whoever_is_switched_off_is_told_nothing(talk: Conversation, ana: Player, ben: Player) -> None:
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    ben.member.is_active = False
    ben.member.save()
    read_on()
    assert Notification.objects.count() == 0


def test_a_kind_nobody_wants_is_not_written(talk: Conversation, ana: Player, ben: Player) -> None:
    actions.choose(by=ben.actor, choice=Choice(ways={"message": frozenset(), "assigned": frozenset({"email"})}))
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    received(talk)
    read_on()
    assert list(Notification.objects.values_list("kind", "in_app", "by_email")) == [("assigned", False, True)]
    assert titles(ben) == []


def test_an_event_committed_late_is_told_once(talk: Conversation, ana: Player, ben: Player) -> None:
    """Its id is lower than one that was read before it was there."""
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    read_on()
    gaps = Place.objects.get(name=reading.FOLLOWER).gaps
    actions.read(by=ben.actor, at=NOW)
    columns = "workspace_id, type, conversation_id, data, trace, at, is_pending, is_shown"
    values = (talk.workspace_id, "message_received", talk.pk, "{}", "", NOW, False, False)
    with psycopg.connect(database.dsn()) as slow:
        slow.execute(f"INSERT INTO event ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", values)
        received(talk)
        read_on(1)
        assert queries.listed(ben.actor)[0].count == 1
        slow.commit()
    read_on(2)
    assert queries.listed(ben.actor)[0].count == 2
    read_on(3)
    assert queries.listed(ben.actor)[0].count == 2
    assert Place.objects.get(name=reading.FOLLOWER).gaps == gaps


def test_an_id_that_never_comes_is_forgotten(talk: Conversation, ana: Player) -> None:
    received(talk)
    read_on()
    gaps = len(Place.objects.get(name=reading.FOLLOWER).gaps)
    with transaction.atomic():
        received(talk)
        transaction.set_rollback(True)
    received(talk)
    read_on()
    assert len(Place.objects.get(name=reading.FOLLOWER).gaps) == gaps + 1
    read_on(following.LATE_AFTER + 1)
    assert Place.objects.get(name=reading.FOLLOWER).gaps == []


def test_open_desks_are_told_who_has_news(talk: Conversation, ana: Player, ben: Player) -> None:
    with psycopg.connect(database.dsn(), autocommit=True) as listener:
        listener.execute(f"LISTEN {LIVE_CHANNEL}")
        conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
        read_on()
        heard = [notice.payload for notice in listener.notifies(timeout=5, stop_after=2)]
    assert f'{{"w":{talk.workspace_id},"c":[],"m":[{ben.id}]}}' in heard


def test_another_workspace_hears_nothing(talk: Conversation, ana: Player, cleo: Player) -> None:
    Follower.objects.create(conversation=talk, member=cleo.member, at=NOW)
    received(talk)
    publish(ConversationAssigned(workspace_id=talk.workspace_id, conversation_id=talk.pk, assignee_id=cleo.id), at=NOW)
    read_on()
    assert Notification.objects.count() == 0


# Nobody has it --------------------------------------------------------------------------------------------------------


def test_somebody_who_waits_too_long_is_told_of_once(talk: Conversation, ana: Player, ben: Player) -> None:
    actions.choose(by=ben.actor, choice=Choice(ways={}, wait_minutes=5))
    for minute in range(30):
        read_on(60 * minute)
    assert titles(ben) == titles(ana) == ["Dana Whitfield is waiting and nobody has the conversation"]
    first = {row.member_id: row.at for row in Notification.objects.all()}
    assert first[ben.id] == NOW + timedelta(minutes=5)
    assert first[ana.id] == NOW + timedelta(minutes=15)


def test_who_was_taken_in_time_is_not_told_of(talk: Conversation, ana: Player, ben: Player) -> None:
    read_on(60 * 14)
    conversations.assign(conversation=talk, member_id=ana.id, by=ana.actor, at=NOW)
    read_on(60 * 16)
    assert titles(ana) == titles(ben) == []


def test_many_at_once_are_one_line(talk: Conversation, channel: Channel, ana: Player) -> None:
    for _ in range(5):
        make.make_conversation(channel, at=NOW, messages=1)
    read_on(60 * 16)
    assert titles(ana) == ["6 people are waiting and nobody has their conversations"]
    for _ in range(4):
        make.make_conversation(channel, at=NOW + timedelta(minutes=5), messages=1)
    read_on(60 * 21)
    assert titles(ana) == ["10 people are waiting and nobody has their conversations"]


def test_viewers_are_not_called_for(talk: Conversation, workspace: Workspace) -> None:
    vera = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    read_on(60 * 16)
    assert titles(vera) == []


# Bounds ---------------------------------------------------------------------------------------------------------------


def test_old_lines_and_lines_beyond_the_most_go(talk: Conversation, ana: Player, ben: Player) -> None:
    rows = [
        Notification(
            member_id=player.id,
            conversation=talk,
            kind="message",
            created_at=NOW - timedelta(days=n / 8),
            at=NOW - timedelta(days=n / 8),
            read_at=NOW,
        )
        for player, most in ((ana, upkeep.MOST + 40), (ben, 10))
        for n in range(most)
    ]
    rows.append(Notification(member_id=ben.id, kind="waiting", created_at=NOW, at=NOW - timedelta(days=61)))
    Notification.objects.bulk_create(rows)
    assert upkeep.prune(at=NOW) == 41
    assert Notification.objects.filter(member_id=ana.id).count() == upkeep.MOST
    assert Notification.objects.filter(member_id=ben.id).count() == 10


def test_lines_go_with_their_conversation_and_their_member(talk: Conversation, ana: Player, ben: Player) -> None:
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    Follower.objects.create(conversation=talk, member=ana.member, at=NOW)
    received(talk)
    read_on()
    assert Notification.objects.count() == 3
    ben.member.delete()
    assert Notification.objects.count() == 1
    Conversation.objects.filter(id=talk.pk).delete()
    assert Notification.objects.count() == 0


def test_thousands_of_texts_are_read_with_a_handful_of_statements(
    talk: Conversation, channel: Channel, ana: Player, ben: Player, django_assert_max_num_queries: object
) -> None:
    talks = [talk, *(make.make_conversation(channel, at=NOW, messages=1) for _ in range(39))]
    Conversation.objects.filter(workspace_id=talk.workspace_id).update(assignee=ben.member)
    publish_many(
        [
            MessageReceived(workspace_id=one.workspace_id, conversation_id=one.pk, message_id=one.last_message_id)
            for one in talks
            for _ in range(50)
        ],
        at=NOW,
    )
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        assert read_on() == 2000
    assert Notification.objects.count() == 40
    assert set(Notification.objects.values_list("count", flat=True)) == {50}
    assert Event.objects.filter(is_pending=True).count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM push")
        assert cursor.fetchone() == (0,)


def test_lines_hold_nothing_of_a_person(talk: Conversation, ana: Player, ben: Player) -> None:
    """So an erasure, which empties the conversation, has nothing left to find here."""
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    received(talk, body="It is the blue door")
    read_on()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(n::text, ' ') FROM notification n")
        (everything,) = cursor.fetchone()
    assert "Ana" in everything
    told = (talk.contact.name, talk.identity.value, talk.identity.value[2:], "blue door")
    assert [word for word in told if word in everything] == []
