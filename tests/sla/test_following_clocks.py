"""From the outbox to clocks, warnings and breaches: what happens to a conversation, and what is told of it, once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.models import Event
from twoway.events.types import MessageQueued, MessageReceived, ReplyUndone
from twoway.sla import actions, adopting, firing, queries, reading
from twoway.sla.actions import Wish
from twoway.sla.models import Clock, Policy, Track
from twoway.teams.actor import system

pytestmark = pytest.mark.django_db(transaction=True)
GEARS = Wish(name="Everybody else", in_hours=False)


@pytest.fixture(autouse=True)
def policy(ana: Player) -> Policy:
    """The two gears, switched on, and nothing of what was before."""
    row = actions.ensure_default(ana.member.workspace_id, at=NOW)
    actions.change_policy(policy=row, wish=GEARS, by=ana.actor, at=NOW)
    settle(0)
    read(0)
    return row


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def read(minutes: float) -> int:
    return reading.read(at=at(minutes))


def settle(minutes: float) -> None:
    while adopting.settle_next(at=at(minutes)):
        pass


def begun(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, name="Dana Whitfield")


def text(talk: Conversation, minutes: float, *, waits: bool = True) -> None:
    talk.refresh_from_db()
    stored = make.make_message(talk, at=at(minutes))
    event = MessageReceived(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=stored.pk, waits=waits)
    publish(event, at=at(minutes))


def reply(talk: Conversation, minutes: float, *, author: str = "member") -> int:
    talk.refresh_from_db()
    stored = make.make_message(talk, at=at(minutes), direction="out", author=author)
    event = MessageQueued(
        workspace_id=talk.workspace_id,
        conversation_id=talk.pk,
        message_id=stored.pk,
        channel_id=talk.channel_id,
        author=author,
    )
    publish(event, at=at(minutes))
    return stored.pk


def live(talk: Conversation) -> dict[str, Clock]:
    return {row.kind: row for row in Clock.objects.filter(conversation=talk, ended_at=None)}


def told(kind: str) -> list[tuple[str, int | None]]:
    rows = Event.objects.filter(type__in=["clock_warned", "clock_breached"]).order_by("id")
    return [(row.type, row.conversation_id) for row in rows if row.data["kind"] == kind]


def test_the_gears_follow_texts_and_replies_of_people_only(channel: Channel) -> None:
    talk = begun(channel)
    text(talk, 0)
    reply(talk, 1, author="system")
    read(2)
    assert live(talk)["first"].due_at == at(240)
    reply(talk, 30)
    text(talk, 40)
    text(talk, 50)
    read(50)
    assert set(live(talk)) == {"next"}
    assert (live(talk)["next"].warn_at, live(talk)["next"].due_at) == (at(50), at(160))
    assert Clock.objects.get(conversation=talk, kind="first").outcome == "met"
    shown = queries.clocks_of([talk.pk], at(41))[talk.pk]
    assert (shown.kind, shown.state, shown.due_at) == ("next", "running", at(160))


def test_what_asks_for_no_answer_starts_nothing(channel: Channel) -> None:
    talk = begun(channel)
    text(talk, 0, waits=False)
    read(1)
    assert live(talk) == {}


def test_a_warning_and_a_breach_are_told_once(channel: Channel) -> None:
    talk = begun(channel)
    text(talk, 0)
    read(0)
    assert firing.fire(at=at(59)) == 0
    assert [firing.fire(at=at(61)), firing.fire(at=at(61))] == [1, 0]
    assert [firing.fire(at=at(241)), firing.fire(at=at(241))] == [1, 0]
    assert told("first") == [("clock_warned", talk.pk), ("clock_breached", talk.pk)]
    assert queries.clocks_of([talk.pk], at(252))[talk.pk].state == "breached"
    risk = queries.at_risk(talk.workspace_id, at(252))
    assert (risk.warned, risk.breached, risk.conversation_ids) == (0, 1, (talk.pk,))


def test_two_workers_at_once_tell_it_once(channel: Channel) -> None:
    for _ in range(6):
        text(begun(channel), 0)
    read(0)
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(firing.fire(at=at(241)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 6
    assert len(told("first")) == 6


def test_a_round_that_breaks_off_comes_again(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = begun(channel)
    text(talk, 0)
    read(0)

    def lost(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(firing, "_draw_anew", lost)
        with pytest.raises(ConnectionError):
            firing.fire(at=at(61))
    assert told("first") == []
    assert firing.fire(at=at(61)) == 1


def test_nothing_is_told_while_an_answer_may_be_unread(channel: Channel) -> None:
    talk = begun(channel)
    text(talk, 0)
    read(0)
    reply(talk, 30)
    assert firing.fire(at=at(61)) == 0
    read(61)
    assert firing.fire(at=at(61)) == 0
    assert told("first") == []


def test_done_and_taken_back_snoozed_and_a_reply_taken_back(channel: Channel, ana: Player) -> None:
    talk = begun(channel)
    text(talk, 0)
    conversations.done(conversation=talk, by=ana.actor, at=at(60))
    read(60)
    assert live(talk) == {}
    conversations.reopen(conversation=talk, by=ana.actor, at=at(120))
    read(120)
    assert live(talk)["first"].due_at == at(300)
    sent = reply(talk, 130)
    read(130)
    assert "first" not in live(talk)
    undone = ReplyUndone(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=sent)
    publish(undone, at=at(131))
    read(131)
    assert live(talk)["first"].due_at == at(300)


def test_a_team_with_another_policy_keeps_what_was_used(channel: Channel, ana: Player) -> None:
    team = make.make_team(channel.workspace, "Billing", at=NOW)
    wish = Wish(name="Billing", team_ids=[team.pk], first_minutes=180, first_warn=None, in_hours=False)
    actions.create_policy(wish=wish, by=ana.actor, at=at(0))
    settle(0)
    talk = begun(channel)
    text(talk, 0)
    read(0)
    conversations.assign(conversation=talk, team_id=team.pk, by=ana.actor, at=at(60))
    read(60)
    clock = live(talk)["first"]
    assert (clock.used, clock.due_at, clock.warn_at) == (3600.0, at(180), None)
    assert clock.policy is not None
    assert clock.policy.name == "Billing"


def test_a_changed_policy_sets_what_runs_anew(channel: Channel, ana: Player, policy: Policy) -> None:
    talk = begun(channel)
    text(talk, 0)
    read(0)
    actions.change_policy(policy=policy, wish=Wish(name="All", first_minutes=30, first_warn=5, in_hours=False),
                          by=ana.actor, at=at(1))  # fmt: skip
    settle(1)
    assert live(talk)["first"].due_at == at(30)
    actions.change_policy(policy=policy, wish=Wish(name="All", is_on=False), by=ana.actor, at=at(2))
    settle(2)
    assert live(talk) == {}
    assert not Track.objects.exists()


def test_who_waits_already_is_taken_over_without_an_alarm(channel: Channel, ana: Player, policy: Policy) -> None:
    actions.change_policy(policy=policy, wish=Wish(name="All", is_on=False), by=ana.actor, at=at(2))
    settle(2)
    late, fresh = begun(channel), begun(channel)
    make.make_message(late, at=at(0))
    make.make_message(fresh, at=at(290))
    actions.change_policy(policy=policy, wish=GEARS, by=ana.actor, at=at(300))
    settle(300)
    found = queries.clocks_of([late.pk, fresh.pk], at(300))
    assert (found[late.pk].state, found[fresh.pk].state) == ("breached", "running")
    assert firing.fire(at=at(301)) == 0


def test_a_quiet_conversation_asks_to_be_closed_and_again_later(channel: Channel, ana: Player) -> None:
    talk = begun(channel)
    text(talk, 0)
    reply(talk, 5)
    read(5)
    assert queries.clocks_of([talk.pk], at(6)) == {}
    assert firing.fire(at=at(24 * 60 + 6)) == 1
    assert queries.clocks_of([talk.pk], at(24 * 60 + 6))[talk.pk].asks_to_wrap_up
    actions.remind_later(conversation=talk, by=ana.actor, at=at(24 * 60 + 10))
    assert queries.clocks_of([talk.pk], at(24 * 60 + 11)) == {}
    read(48 * 60)
    assert firing.fire(at=at(48 * 60 + 11)) == 1
    assert told("wrap_up") == [("clock_warned", talk.pk)] * 2
    text(talk, 49 * 60)
    read(49 * 60)
    assert "wrap_up" not in live(talk)


def test_attainment_counts_what_was_due(channel: Channel) -> None:
    met, late, still, gone = (begun(channel) for _ in range(4))
    for talk in (met, late, still, gone):
        text(talk, 0)
    reply(met, 10)
    reply(late, 250)
    conversations_done(gone)
    read(250)
    found = queries.attainment(met.workspace_id, start=NOW, end=at(600), at=at(300))["first"]
    assert (found.met, found.breached, found.share) == (1, 2, 1 / 3)
    before = queries.attainment(met.workspace_id, start=NOW, end=at(600), at=at(230))["first"]
    assert (before.met, before.breached) == (1, 1)


def conversations_done(talk: Conversation) -> None:
    conversations.done(conversation=talk, by=system(talk.workspace_id), at=at(20))


def test_a_workspace_without_a_policy_is_not_followed(channel: Channel, ana: Player, policy: Policy) -> None:
    actions.change_policy(policy=policy, wish=Wish(name="All", is_on=False), by=ana.actor, at=at(0))
    settle(0)
    talk = begun(channel)
    text(talk, 1)
    read(1)
    assert not Track.objects.exists()
    assert queries.clocks_of([talk.pk], at(2)) == {}
