"""Several workers, members who take the next one, and workers that die: nobody gets two or too many."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests import make
from tests.cast import NOW, Player
from tests.routing.people import agent, answer, at, holder, loop, more, online, queue, seen, text
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Refused
from twoway.routing import actions
from twoway.routing.actions import giving_out
from twoway.routing.loop import Rounds
from twoway.routing.models import QueueEntry
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], object]) -> list[BaseException]:
    """Each in a thread and on a connection of its own, begun at one moment; what they raised."""
    gate, raised = threading.Barrier(len(works)), list[BaseException]()

    def begin(work: Callable[[], object]) -> None:
        try:
            gate.wait(timeout=20)
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def held(*players: Player) -> Counter[int]:
    rows = Conversation.objects.filter(assignee_id__in=[player.id for player in players], state="open")
    return Counter(rows.values_list("assignee_id", flat=True))


def rounds_of(count: int) -> Callable[[], None]:
    def work() -> None:
        rounds = Rounds()
        for n in range(count):
            rounds.round_of(at=at(1, seconds=n))

    return work


def test_workers_and_next_at_once(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    queue(ana)
    actions.change_settings(changes={"capacity": 4}, by=ana.actor, at=NOW)
    people = [ben, *(agent(workspace, name) for name in ("Dan", "Eve", "Fay"))]
    online(*people)
    loop()
    for _ in range(30):
        text(channel)

    def asks(player: Player) -> Callable[[], None]:
        def work() -> None:
            for n in range(8):
                with suppress(Refused):  # they have as many as they may
                    actions.take_next(by=player.actor, at=at(1, seconds=n))

        return work

    assert together(rounds_of(8), rounds_of(8), rounds_of(8), asks(people[0]), asks(people[1])) == []
    Rounds().round_of(at=at(1, seconds=9))
    assert held(*people) == {player.id: 4 for player in people}
    given = Event.objects.filter(type="conversation_assigned").values_list("conversation_id", flat=True)
    assert len(given) == len(set(given)) == 16
    assert QueueEntry.objects.filter(state="waiting").count() == 14


def test_a_worker_that_dies_leaves_nothing_half_done(
    channel: Channel, ana: Player, ben: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(ana)
    online(ben)
    rounds = loop()
    talks = [text(channel) for _ in range(3)]
    whole = conversations.give_many

    def dies(**names: Any) -> frozenset[int]:
        whole(**names)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return frozenset()

    monkeypatch.setattr(giving_out, "give_many", dies)
    with pytest.raises(Exception, match=r"terminat|closed"):
        rounds.round_of(at=at(1))
    connections.close_all()
    assert [holder(talk) for talk in talks] == [None, None, None]
    assert not Event.objects.filter(type="conversation_assigned").exists()
    monkeypatch.setattr(giving_out, "give_many", whole)
    Rounds().round_of(at=at(1, seconds=1))
    assert [holder(talk) for talk in talks] == [ben.id] * 3
    assert QueueEntry.objects.filter(state="taken", taken_by=ben.member).count() == 3


def test_what_happened_while_no_worker_ran_is_made_up_for(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    online(ben)
    loop()
    talks = [text(channel, minutes=n) for n in range(3)]
    seen(ben, minutes=30)
    Rounds().round_of(at=at(30))
    assert [holder(talk) for talk in talks] == [ben.id] * 3


def test_somebody_quicker_keeps_it(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    queue(ana)
    dan = agent(workspace, "Dan")
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(seconds=1))
    online(dan)
    ready, go = threading.Event(), threading.Event()

    def takes() -> None:
        with transaction.atomic():
            Conversation.objects.select_for_update().get(id=talk.pk)
            Conversation.objects.filter(id=talk.pk).update(assignee=ben.member)
            ready.set()
            go.wait(timeout=20)

    def routes() -> None:
        ready.wait(timeout=20)
        threading.Timer(0.3, go.set).start()
        Rounds().round_of(at=at(1))

    assert together(takes, routes) == []
    assert holder(talk) == ben.id


def test_next_by_urgency_queue_and_capacity(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    slow, fast = queue(ana, "Slow", mode="pull", priority=1), queue(ana, "Fast", mode="pull", priority=5)
    actions.set_capacity(member_id=ben.id, capacity=2, by=ana.actor, at=NOW)
    rounds = loop()
    first, second, third = (text(channel, minutes=n) for n in range(3))
    rounds.round_of(at=at(3))
    for talk, target in ((first, slow), (second, slow), (third, fast)):
        actions.put(conversation=talk, queue_id=target.pk, by=ana.actor, at=at(3))
    online(ben, minutes=3)
    rounds.round_of(at=at(4))
    assert holder(first) is None
    taken = actions.take_next(by=ben.actor, at=at(4))
    assert taken == third
    assert actions.take_next(by=ben.actor, at=at(4), queue_id=fast.pk) is None
    assert actions.take_next(by=ben.actor, at=at(4), queue_id=slow.pk) == first
    with pytest.raises(Refused, match="as many as you may") as refused:
        actions.take_next(by=ben.actor, at=at(5))
    assert refused.value.code == "at_capacity"
    line = Event.objects.filter(type="conversation_assigned", conversation_id=third.pk).latest("id").data
    assert (line["why"], line["queue_name"]) == ("next", "Fast")


def test_next_never_shows_another_teams(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    team = make.make_team(workspace, "Fleet", at=NOW)
    queue(ana, "Fleet", mode="pull", team_id=team.pk)
    fay = agent(workspace, "Fay", teams=[team])
    rounds = loop()
    talk = text(channel)
    rounds.round_of(at=at(1))
    assert actions.take_next(by=ben.actor, at=at(1)) is None
    assert actions.take_next(by=fay.actor, at=at(1)) == talk


def test_quiet_conversations_make_room(channel: Channel, ana: Player, ben: Player) -> None:
    queue(ana)
    actions.change_settings(changes={"capacity": 1, "quiet_minutes": 30}, by=ana.actor, at=NOW)
    online(ben)
    rounds = loop()
    first = text(channel)
    rounds.round_of(at=at(1))
    answer(first, ben, minutes=1)
    second = text(channel, minutes=2)
    rounds.round_of(at=at(2))
    assert (holder(first), holder(second)) == (ben.id, None)
    seen(ben, minutes=32)
    rounds.round_of(at=at(32))
    assert holder(second) == ben.id
    first.refresh_from_db()
    more(first, minutes=33)
    rounds.round_of(at=at(33))
    assert holder(first) == ben.id
