"""What follows from a warning and a breach: who is told, and what becomes of the conversation in its queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.notifications import queries as notifications
from twoway.notifications import reading as following
from twoway.notifications.actions import mute
from twoway.notifications.models import Notification
from twoway.reactions import react
from twoway.routing import actions as routing
from twoway.routing.escalation import acting
from twoway.routing.escalation import actions as escalation
from twoway.routing.escalation.actions import RuleWish
from twoway.routing.escalation.models import EscalationRule
from twoway.routing.models import EntryState, QueueEntry
from twoway.sla import actions, firing, reading
from twoway.sla.actions import Wish
from twoway.sla.models import Clock
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=61)


def late(channel: Channel, ana: Player, *, steps: Sequence[str], holder: Player | None = None) -> Conversation:
    """A conversation whose first reply is an hour late by `LATER`, of a policy that does these."""
    reading.read(at=NOW)
    talk = make.make_conversation(
        channel, at=NOW, messages=1, name="Dana Whitfield", assignee=holder.member if holder else None
    )
    wish = Wish(name="All", first_minutes=60, first_warn=None, in_hours=False, on_warn=(), on_breach=steps)
    row = actions.ensure_default(channel.workspace_id, at=NOW)
    actions.change_policy(policy=row, wish=wish, by=ana.actor, at=NOW)
    return talk


def breach() -> None:
    assert firing.fire(at=LATER) == 1
    react(at=LATER)


def titles(player: Player) -> list[str]:
    return [line.title for line in notifications.listed(player.actor)]


def test_who_has_it_is_told_also_when_it_is_muted(channel: Channel, ana: Player, ben: Player) -> None:
    talk = late(channel, ana, steps=["holder"], holder=ben)
    mute(conversation=talk, is_muted=True, by=ben.actor)
    breach()
    assert titles(ben) == ["The answer to Dana Whitfield is late"]
    assert [line.words for line in notifications.listed(ben.actor)] == ["First reply"]
    assert titles(ana) == []


def test_managers_are_told_and_nobody_of_what_has_been_answered(channel: Channel, ana: Player, ben: Player) -> None:
    late(channel, ana, steps=["managers"], holder=ben)
    assert firing.fire(at=LATER) == 1
    Clock.objects.update(ended_at=LATER, outcome="late")
    react(at=LATER)
    assert titles(ana) == []


def test_managers_and_the_team_of_what_nobody_has(channel: Channel, ana: Player, ben: Player) -> None:
    talk = late(channel, ana, steps=["holder", "managers"])
    team = make.make_team(channel.workspace, "Roadside", at=NOW, members=[ben.member])
    Conversation.objects.filter(pk=talk.pk).update(team=team)
    breach()
    assert titles(ana) == titles(ben) == ["The answer to Dana Whitfield is late"]


def queued(talk: Conversation, ana: Player) -> QueueEntry:
    queue = routing.save_queue(wish=routing.QueueWish(name="Care", priority=2), by=ana.actor, at=NOW)
    return routing.put(conversation=talk, queue_id=queue.pk, by=ana.actor, at=NOW)


def test_its_priority_is_raised_and_never_beyond_the_highest(channel: Channel, ana: Player) -> None:
    talk = late(channel, ana, steps=["priority"])
    entry = queued(talk, ana)
    breach()
    entry.refresh_from_db()
    assert entry.priority == 3


def test_it_goes_back_into_its_queue(channel: Channel, ana: Player, ben: Player) -> None:
    talk = late(channel, ana, steps=["queue"])
    entry = queued(talk, ana)
    Conversation.objects.filter(pk=talk.pk).update(assignee=ben.member)
    QueueEntry.objects.update(state=EntryState.TAKEN, taken_by=ben.member)
    breach()
    talk.refresh_from_db()
    entry.refresh_from_db()
    assert (talk.assignee_id, entry.state, entry.priority) == (None, "waiting", 3)


def test_a_manager_gets_it(channel: Channel, ana: Player, ben: Player, workspace: Workspace) -> None:
    talk = late(channel, ana, steps=["escalate"], holder=ben)
    breach()
    talk.refresh_from_db()
    assert talk.assignee_id == ana.id


def test_it_is_moved_once_to_a_manager_or_back_where_there_is_none(channel: Channel, ana: Player, ben: Player) -> None:
    talk = late(channel, ana, steps=["queue", "escalate"])
    entry = queued(talk, ana)
    Conversation.objects.filter(pk=talk.pk).update(assignee=ana.member)
    QueueEntry.objects.update(state=EntryState.TAKEN, taken_by=ana.member)
    breach()
    talk.refresh_from_db()
    entry.refresh_from_db()
    assert (talk.assignee_id, entry.state) == (None, "waiting")


def on_breach(ana: Player, **told: object) -> EscalationRule:
    late = {"all": [{"field": "breached", "is": "one_of", "value": ["first"]}]}
    wish = RuleWish(**{"name": "Late", "conditions": late, **told})  # type: ignore[arg-type]
    return escalation.save_rule(wish=wish, by=ana.actor, at=NOW)


@pytest.mark.parametrize("is_rule_first", [True, False])
def test_a_rule_about_the_breach_moves_it_and_the_policy_does_not(
    channel: Channel, ana: Player, ben: Player, workspace: Workspace, is_rule_first: bool
) -> None:
    mia = make.make_member(workspace, "Mia", role="manager", at=NOW)
    acting.round_of(at=NOW)
    talk = late(channel, ana, steps=["queue", "escalate"], holder=ben)
    on_breach(ana, gives="member", target_id=mia.pk)
    assert firing.fire(at=LATER) == 1
    for turn in (acting.round_of, react) if is_rule_first else (react, acting.round_of):
        turn(at=LATER)
    talk.refresh_from_db()
    assert talk.assignee_id == mia.pk
    moves = Event.objects.filter(conversation_id=talk.pk, type__in=["conversation_assigned", "conversation_unassigned"])
    assert [row.data["assignee_id"] for row in moves] == [mia.pk]


@pytest.mark.parametrize("is_rule_first", [True, False])
def test_managers_are_told_of_one_breach_once(
    channel: Channel, ana: Player, ben: Player, workspace: Workspace, is_rule_first: bool
) -> None:
    acting.round_of(at=NOW)
    following.round_of(at=NOW)
    late(channel, ana, steps=["holder", "managers"], holder=ben)
    on_breach(ana, tells_managers=True)
    assert firing.fire(at=LATER) == 1
    for turn in (acting.round_of, react) if is_rule_first else (react, acting.round_of):
        turn(at=LATER)
    following.round_of(at=LATER)
    assert [line.kind for line in Notification.objects.filter(member_id=ana.id)] == ["escalated"]
    assert [line.kind for line in Notification.objects.filter(member_id=ben.id)] == ["clock_breached"]


def test_who_is_given_it_by_a_rule_is_told_of_that_only(channel: Channel, ana: Player, ben: Player) -> None:
    acting.round_of(at=NOW)
    following.round_of(at=NOW)
    late(channel, ana, steps=["managers"], holder=ben)
    on_breach(ana, gives="manager", tells_managers=True)
    breach()
    acting.round_of(at=LATER)
    following.round_of(at=LATER)
    assert [line.kind for line in Notification.objects.filter(member_id=ana.id)] == ["assigned"]


def test_a_quiet_conversation_is_told_to_its_holder_only(channel: Channel, ana: Player, ben: Player) -> None:
    talk = late(channel, ana, steps=["managers"], holder=ben)
    Clock.objects.filter(conversation=talk).update(kind="wrap_up")
    breach()
    assert titles(ben) == ["The conversation with Dana Whitfield has gone quiet: close it?"]
    assert titles(ana) == []
