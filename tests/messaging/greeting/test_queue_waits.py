"""Where queues are in use, what is said rests on the queue somebody is in: who waits there, who serves it, how long it
took there."""

from __future__ import annotations

from datetime import timedelta

from tests import make
from tests.cast import NOW, Player
from tests.messaging.greeting.hands import GRACE, MINUTE, answers, automatic, past, rounds, switch_on, texts
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.greeting import live, loop, trying
from twoway.messaging.greeting.models import FirstWait, Promise
from twoway.routing.models import Queue, QueueEntry
from twoway.routing.presence.models import Presence
from twoway.teams.hours.rules import ALWAYS
from twoway.teams.models import Team


def queue(channel: Channel, name: str, *, team: Team | None = None, is_default: bool = False) -> Queue:
    return Queue.objects.create(
        workspace=channel.workspace, name=name, team=team, is_default=is_default, created_at=NOW
    )


def put(thread: Conversation, line: Queue, *, taken_by: Player | None = None) -> None:
    """Routing has put them there."""
    QueueEntry.objects.create(
        conversation=thread, workspace=thread.workspace, queue=line, priority=3, entered_at=thread.sort_at,
        state="taken" if taken_by else "waiting", taken_by_id=taken_by.id if taken_by else None,
    )  # fmt: skip


def online(*players: Player) -> None:
    for one in players:
        Presence.objects.update_or_create(
            member_id=one.id,
            defaults={
                "workspace_id": one.member.workspace_id, "chosen": "online", "chosen_at": NOW,
                "seen_at": NOW + timedelta(days=1), "shown": "online", "shown_at": NOW,
            },
        )  # fmt: skip


def past_of(line: Queue, channel: Channel, *, minutes: float, cases: int = 40, waiting: int = 0) -> None:
    past(channel, minutes=minutes, cases=cases)
    newest = FirstWait.objects.order_by("-id").values_list("id", flat=True)[:cases]
    FirstWait.objects.filter(id__in=list(newest)).update(queue_id=line.pk, waiting=waiting, staff=1)


def told(line: Queue, channel: Channel) -> list[str]:
    thread = texts(channel)
    put(thread, line)
    rounds(at=NOW)
    return automatic(thread)


def test_each_queue_has_its_own_wait(channel: Channel, ana: Player, ben: Player) -> None:
    quick, slow = queue(channel, "Quick"), queue(channel, "Slow")
    online(ben)
    past_of(quick, channel, minutes=4)
    past_of(slow, channel, minutes=33)
    switch_on(ana, "wait")
    assert told(quick, channel) == ["Thanks, we got your text. Most people hear back within 5 minutes."]
    assert told(slow, channel) == ["Thanks, we got your text. Most people hear back within 35 minutes."]
    assert list(Promise.objects.order_by("id").values_list("queue_id", flat=True)) == [quick.pk, slow.pk]


def test_waits_of_other_queues_say_nothing_about_a_new_one(channel: Channel, ana: Player, ben: Player) -> None:
    old, new = queue(channel, "Old"), queue(channel, "New")
    online(ben)
    past_of(old, channel, minutes=4)
    switch_on(ana, "wait")
    assert told(new, channel) == []
    past(channel, minutes=12)  # of before there were queues
    assert told(new, channel)[0].endswith("within 15 minutes.")


def test_nothing_is_said_while_nobody_who_serves_the_queue_is_there(channel: Channel, ana: Player, ben: Player) -> None:
    team = make.make_team(channel.workspace, "Nights", at=NOW)
    nights = queue(channel, "Nights", team=team)
    online(ben)
    past_of(nights, channel, minutes=4)
    switch_on(ana, "wait")
    assert told(nights, channel) == []
    team.members.add(ben.member)
    assert told(nights, channel)[0].endswith("within 5 minutes.")


def test_only_who_waits_in_the_same_queue_is_ahead_and_who_was_given_to_somebody_too(
    channel: Channel, ana: Player, ben: Player
) -> None:
    here, there = queue(channel, "Here"), queue(channel, "There")
    online(ben)
    switch_on(ana, "wait")
    for n, line in enumerate([here, here, there, there, there]):
        early = make.make_conversation(channel, at=NOW - (n + 2) * MINUTE, messages=1)
        put(early, line, taken_by=ben if n == 0 else None)
    thread = texts(channel)
    put(thread, here)
    rounds(at=NOW)
    wait = FirstWait.objects.get(conversation=thread)
    assert (wait.queue_id, wait.waiting, wait.staff) == (here.pk, 2, 1)
    load = live.load(
        channel.workspace_id, channel.pk, team_id=None, queue_id=here.pk, since=thread.sort_at, at=NOW
    )  # fmt: skip
    assert load == (2, 1)


def test_more_who_wait_in_the_queue_than_ever_leave_nothing_to_say(channel: Channel, ana: Player, ben: Player) -> None:
    line = queue(channel, "Here")
    online(ben)
    past_of(line, channel, minutes=4)
    switch_on(ana, "wait")
    for n in range(3):
        put(make.make_conversation(channel, at=NOW - (n + 2) * MINUTE, messages=1), line)
    assert told(line, channel) == []


def test_a_wait_noticed_late_says_nothing_of_how_busy_it_was(channel: Channel, ana: Player, ben: Player) -> None:
    line = queue(channel, "Here")
    online(ben)
    switch_on(ana, "wait")
    thread = texts(channel)
    put(thread, line)
    loop.round_of(at=NOW + 5 * MINUTE)
    wait = FirstWait.objects.get(conversation=thread)
    assert (wait.queue_id, wait.waiting, wait.staff) == (line.pk, None, None)


def test_an_answer_within_the_grace_is_kept_for_its_queue(channel: Channel, ana: Player, ben: Player) -> None:
    line = queue(channel, "Here")
    online(ben)
    switch_on(ana, "wait")
    thread = texts(channel)
    put(thread, line)
    loop.round_of(at=NOW)
    answers(ben, thread, at=NOW + GRACE / 2)
    loop.round_of(at=NOW + GRACE)
    found = live.cases(channel.pk, queue_id=line.pk, hour=live.hour_of(ALWAYS, NOW), at=NOW + timedelta(weeks=1))
    assert [one.seconds for one in found[0]] == [10.0]


def test_the_test_box_tells_of_the_default_queue(channel: Channel, ana: Player, ben: Player) -> None:
    line = queue(channel, "Everybody", is_default=True)
    online(ben)
    past_of(line, channel, minutes=21)
    switch_on(ana, "wait")
    found = trying.would_send(ana.actor, channel_id=channel.pk, is_first=False, language="en", at=NOW)
    assert found.body.endswith("within 25 minutes.")
    assert "1 member is online." in found.about_wait
