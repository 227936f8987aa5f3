"""From a text to whoever answers: queues filled and given out on the real database, round by round."""

from __future__ import annotations

import json

import psycopg
import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.routing.people import agent, answer, at, entry, holder, loop, more, online, queue, rule, seen, text
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.events.actions import LIVE_CHANNEL
from twoway.events.models import Event
from twoway.routing import actions
from twoway.routing.models import QueueEntry
from twoway.routing.presence import actions as presence
from twoway.teams.actions import deactivate_member
from twoway.teams.actor import system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_queues_nothing_is_given(channel: Channel, ben: Player) -> None:
    online(ben)
    rounds = loop()
    talk = text(channel)
    assert rounds.round_of(at=at(1)) == 0
    assert holder(talk) is None
    assert not QueueEntry.objects.exists()


def test_a_text_goes_to_who_is_there_and_says_why(channel: Channel, ana: Player, ben: Player) -> None:
    billing = queue(ana, "Billing")
    online(ben)
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    assert holder(talk) == ben.id
    kept = entry(talk)
    assert kept is not None
    assert (kept.queue, kept.state, kept.taken_by_id, kept.why) == (billing, "taken", ben.id, "least_busy")
    line = Event.objects.get(type="conversation_assigned").data
    assert (line["assignee_id"], line["why"], line["queue_name"], line["by_name"]) == (
        ben.id,
        "least_busy",
        "Billing",
        "",
    )


def test_screens_are_told_when_it_enters_and_leaves_a_queue(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana, "Billing")
    rounds = loop()
    talk = text(channel)
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as listener:
        listener.execute(f"LISTEN {LIVE_CHANNEL}")
        rounds.round_of(at=at(seconds=1))
        assert [talk.pk in heard_in(one.payload) for one in listener.notifies(timeout=10, stop_after=1)] == [True]
        conversations.done(conversation=talk, by=ana.actor, at=at(1))
        list(listener.notifies(timeout=10, stop_after=1))
        rounds.round_of(at=at(2))
        assert [talk.pk in heard_in(one.payload) for one in listener.notifies(timeout=10, stop_after=1)] == [True]


def heard_in(payload: str) -> list[int]:
    return [one[0] for one in json.loads(payload)["c"]]


def test_nobody_there_then_the_oldest_first(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    actions.set_capacity(member_id=ben.id, capacity=2, by=ana.actor, at=NOW)
    rounds = loop()
    talks = [text(channel, minutes=n) for n in (3, 1, 2)]
    rounds.round_of(at=at(4))
    assert [holder(talk) for talk in talks] == [None, None, None]
    assert QueueEntry.objects.filter(state="waiting").count() == 3
    online(ben, minutes=5)
    rounds.round_of(at=at(5))
    assert [holder(talk) for talk in talks] == [None, ben.id, ben.id]
    answer(talks[1], ben, minutes=6)
    conversations.done(conversation=talks[1], by=ben.actor, at=at(7))
    seen(ben, minutes=7)
    rounds.round_of(at=at(7))
    assert holder(talks[0]) == ben.id


def test_who_is_away_on_break_or_without_a_browser_gets_nothing(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    queue(ana)
    dan, eve = agent(workspace, "Dan"), agent(workspace, "Eve")
    online(ben, dan, eve)
    presence.choose(state="away", by=ben.actor, at=at(1))
    presence.choose(state="break", by=dan.actor, at=at(1))
    rounds = loop(minutes=1)
    talk = text(channel, minutes=4)
    rounds.round_of(at=at(4))
    assert holder(talk) is None
    seen(ben, dan, eve, minutes=4)
    rounds.round_of(at=at(4, seconds=1))
    assert holder(talk) == eve.id


def test_rules_in_order_then_the_default_queue(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    general, billing, urgent = queue(ana), queue(ana, "Billing"), queue(ana, "Urgent")
    rule(ana, urgent, {"field": "words", "is": "any_of", "value": ["Stranded", "accident"]}, priority=5)
    rule(ana, billing, {"field": "words", "is": "any_of", "value": ["refund"]})
    rounds = loop()
    stranded = text(channel, body="I am STRANDED and want a refund!")
    refund = text(channel, body="a refund, please")
    other = text(channel, body="refunds?")
    rounds.round_of(at=at(seconds=1))
    found = [entry(talk) for talk in (stranded, refund, other)]
    assert [(one.queue, one.priority) for one in found if one] == [(urgent, 5), (billing, 3), (general, 3)]


def test_a_queue_of_a_team_gives_it_to_the_team(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    team = make.make_team(workspace, "Fleet", at=NOW)
    fay = agent(workspace, "Fay", teams=[team], sees_own_teams_only=True)
    queue(ana, "Fleet", team_id=team.pk)
    online(ben, fay)
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    assert holder(talk) == fay.id
    assert talk.team_id == team.pk


def test_done_and_snoozed_leave_and_by_hand_takes(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    rounds = loop()
    gone, away, given = text(channel), text(channel), text(channel)
    rounds.round_of(at=at(seconds=1))
    conversations.done(conversation=gone, by=ana.actor, at=at(1))
    conversations.snooze(conversation=away, until=at(30), by=ana.actor, at=at(1))
    conversations.assign(conversation=given, member_id=ben.id, by=ana.actor, at=at(1))
    rounds.round_of(at=at(1, seconds=1))
    assert entry(gone) is None
    assert entry(away) is None
    kept = entry(given)
    assert kept is not None
    assert (kept.state, kept.taken_by_id, kept.why) == ("taken", ben.id, "by_hand")
    conversations.wake_due(at=at(31))
    rounds.round_of(at=at(31))
    back = entry(away)
    assert back is not None
    assert back.state == "waiting"


def test_an_answer_ends_the_wait_also_of_who_does_not_take_it(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    answer(talk, ben, minutes=2)
    conversations.tag(conversation=talk, by=ben.actor, at=at(2), name="car")
    more(talk, minutes=2.5)
    rounds.round_of(at=at(3))
    again = entry(talk)
    assert again is not None
    assert (again.state, again.entered_at) == ("waiting", at(2.5))


def test_who_goes_gives_back_what_waits_with_its_time(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    queue(ana)
    dan = agent(workspace, "Dan")
    online(ben)
    rounds = loop()
    waits, answered = text(channel), text(channel)
    rounds.round_of(at=at(seconds=1))
    answer(answered, ben, minutes=1)
    rounds.round_of(at=at(9))
    assert (holder(waits), holder(answered)) == (ben.id, ben.id)
    rounds.round_of(at=at(11))
    assert (holder(waits), holder(answered)) == (None, ben.id)
    back = entry(waits)
    assert back is not None
    assert (back.state, back.entered_at, back.returns, back.last_agent_id) == ("waiting", at(0), 1, None)
    online(dan, minutes=12)
    rounds.round_of(at=at(12))
    assert holder(waits) == dan.id


def test_by_hand_to_who_is_away_stays(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    online(ben)
    rounds = loop(minutes=5)
    talk = text(channel, minutes=5)
    rounds.round_of(at=at(5))
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=at(6))
    rounds.round_of(at=at(6))
    rounds.round_of(at=at(60))
    assert holder(talk) == ben.id


def test_who_leaves_gives_back(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    queue(ana)
    dan = agent(workspace, "Dan")
    online(ben)
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    assert holder(talk) == ben.id
    deactivate_member(member=ben.member, by=ana.actor, at=at(1))
    conversations.release(workspace_id=workspace.pk, member_id=ben.id, at=at(1))
    online(dan, minutes=1)
    rounds.round_of(at=at(1, seconds=1))
    assert holder(talk) == dan.id


def test_who_wrote_last_goes_first_within_the_limit(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    queue(ana, last_agent_minutes=5)
    actions.set_capacity(member_id=ben.id, capacity=1, by=ana.actor, at=NOW)
    dan = agent(workspace, "Dan")
    talk = make.make_conversation(channel, at=at(-60))
    make.make_message(talk, at=at(-60))
    answer(talk, ben, minutes=-50)
    online(ben, dan)
    busy = make.make_conversation(channel, at=at(-1), messages=1, assignee=ben.member)
    rounds = loop()
    more(talk, minutes=1)
    rounds.round_of(at=at(1))
    assert holder(talk) is None
    seen(ben, dan, minutes=2)
    answer(busy, ben, minutes=2)
    conversations.done(conversation=busy, by=ben.actor, at=at(2))
    rounds.round_of(at=at(2))
    assert holder(talk) == ben.id
    kept = entry(talk)
    assert kept is not None
    assert kept.why == "last_agent"


def test_switching_on_finds_who_waits_and_off_lets_them_go(channel: Channel, ana: Player, ben: Player) -> None:
    talk = text(channel)
    online(ben)
    rounds = loop()
    general = queue(ana)
    rounds.round_of(at=at(1))
    assert holder(talk) == ben.id
    other = text(channel, minutes=2)
    rounds.round_of(at=at(10))
    assert entry(other) is not None
    actions.save_queue(
        wish=actions.QueueWish(name="General", is_active=False), by=ana.actor, at=at(11), queue_id=general.pk
    )
    rounds.round_of(at=at(11))
    online(ben, minutes=12)
    rounds.round_of(at=at(12))
    assert holder(other) is None


def test_put_into_another_queue_keeps_the_wait(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    experts = queue(ana, "Experts", mode="pull")
    online(ben)
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    assert holder(talk) == ben.id
    actions.put(conversation=talk, queue_id=experts.pk, by=ben.actor, at=at(1), priority=5)
    rounds.round_of(at=at(1, seconds=1))
    kept = entry(talk)
    assert kept is not None
    assert (holder(talk), kept.queue, kept.state, kept.priority, kept.entered_at) == (
        None,
        experts,
        "waiting",
        5,
        at(0),
    )
    assert system(talk.workspace_id).workspace_id == ana.member.workspace_id


def test_who_passed_it_on_does_not_get_it_back(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    general = queue(ana)
    dan = agent(workspace, "Dan")
    online(ben)
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    actions.put(conversation=talk, queue_id=general.pk, by=ben.actor, at=at(1))
    rounds.round_of(at=at(1, seconds=1))
    assert holder(talk) is None
    assert actions.take_next(by=ben.actor, at=at(1, seconds=2)) is None
    online(dan, minutes=1.5)
    rounds.round_of(at=at(1.5))
    assert holder(talk) == dan.id
