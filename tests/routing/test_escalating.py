"""Escalation rules act on what happens, once in an episode, and leave a line; transfer by hand reaches managers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.conversations.together.queries import handover_for
from twoway.events.actions import publish
from twoway.events.models import Event
from twoway.events.types import ClockBreached, MessageReceived
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.notifications import reading
from twoway.notifications.models import Notification
from twoway.routing.escalation import acting, actions, queries
from twoway.routing.escalation.acting import round_of
from twoway.routing.escalation.actions import RuleWish
from twoway.routing.escalation.models import Escalated, EscalationRule
from twoway.routing.escalation.transfer import transfer
from twoway.routing.models import Queue, QueueEntry
from twoway.teams.models import Workspace

LAWYER = {"all": [{"field": "words", "is": "any_of", "value": ["Lawyer", "small claims"]}]}


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    round_of(at=NOW)
    return make.make_conversation(channel, at=NOW, name="Dana Whitfield")


def says(talk: Conversation, body: str) -> None:
    talk.refresh_from_db()
    message = make.make_message(talk, at=NOW, body=body)
    publish(
        MessageReceived(
            workspace_id=talk.workspace_id,
            conversation_id=talk.pk,
            contact_id=talk.contact_id,
            message_id=message.pk,
        ),
        at=NOW,
    )
    round_of(at=NOW)
    talk.refresh_from_db()


def rule(ana: Player, conditions: object = LAWYER, **told: object) -> EscalationRule:
    wish = RuleWish(**{"name": "Legal words", "conditions": conditions, "gives": "manager", **told})  # type: ignore[arg-type]
    return actions.save_rule(wish=wish, by=ana.actor, at=NOW)


def lines(talk: Conversation) -> list[dict[str, object]]:
    rows = Event.objects.filter(type="conversation_escalated", conversation_id=talk.pk).order_by("id")
    return [row.data for row in rows]


def test_words_give_it_to_a_manager_once(talk: Conversation, ana: Player, ben: Player) -> None:
    rule(ana, tells_managers=True)
    says(talk, "Where is my car?")
    assert not lines(talk)
    says(talk, "My LAWYER will call you")
    assert talk.assignee_id == ana.id
    (line,) = lines(talk)
    assert (line["rule_name"], line["given"], line["given_name"]) == ("Legal words", "manager", "Ana")
    assert line["why"] == "Words in their text has any of lawyer"
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    says(talk, "lawyer, lawyer")
    assert talk.assignee_id == ben.id
    assert len(lines(talk)) == Escalated.objects.count() == 1


def test_it_acts_anew_in_the_next_episode(talk: Conversation, ana: Player) -> None:
    rule(ana)
    says(talk, "my lawyer")
    Conversation.objects.filter(id=talk.pk).update(episode=2, assignee=None)
    says(talk, "my lawyer again")
    assert talk.assignee_id == ana.id
    assert len(lines(talk)) == 2


def test_managers_are_told(talk: Conversation, ana: Player, ben: Player, workspace: Workspace) -> None:
    mia = make.make_member(workspace, "Mia", role="manager", at=NOW)
    reading.round_of(at=NOW)
    rule(ana, gives="", tells_managers=True)
    says(talk, "my lawyer")
    reading.round_of(at=NOW)
    told = set(Notification.objects.filter(kind="escalated").values_list("member_id", flat=True))
    assert told == {ana.id, mia.pk}


def test_a_breach_asks_only_rules_about_clocks(talk: Conversation, ana: Player, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Second line", at=NOW)
    tag = make.make_tag(workspace, "Late")
    rule(ana)
    late = {"all": [{"field": "breached", "is": "one_of", "value": ["next"]}]}
    rule(ana, late, name="Late answer", gives="team", target_id=team.pk, tag_id=tag.pk)
    make.make_message(talk, at=NOW, body="my lawyer")
    for kind in ("first", "next", "next"):
        publish(ClockBreached(workspace_id=talk.workspace_id, conversation_id=talk.pk, clock_id=1, kind=kind), at=NOW)
    round_of(at=NOW)
    talk.refresh_from_db()
    assert (talk.team_id, talk.assignee_id) == (team.pk, None)
    assert list(talk.tags.all()) == [tag]
    assert [line["rule_name"] for line in lines(talk)] == ["Late answer"]


def test_into_a_queue_with_a_priority(talk: Conversation, ana: Player, workspace: Workspace) -> None:
    queue = Queue.objects.create(workspace=workspace, name="Care", is_default=True, created_at=NOW)
    rule(ana, gives="queue", target_id=queue.pk, priority=5)
    says(talk, "my lawyer")
    entry = QueueEntry.objects.get(conversation=talk)
    assert (entry.queue_id, entry.priority, entry.why) == (queue.pk, 5, "escalated")
    queue.delete()
    says(talk, "lawyer")
    assert EscalationRule.objects.get().queue_id is None


def test_repeat_contact_and_a_property(talk: Conversation, ana: Player) -> None:
    rule(ana, {"all": [{"field": "talks_30", "is": "more", "value": 2}]}, name="Again")
    says(talk, "hello")
    assert lines(talk) == []
    for number in (2, 3):
        talk.episodes.create(number=number, opened_at=NOW - timedelta(days=number))
    says(talk, "hello")
    assert [line["rule_name"] for line in lines(talk)] == ["Again"]


def test_who_is_blocked_and_who_texts_a_keyword_escalate_nothing(talk: Conversation, ana: Player) -> None:
    rule(ana)
    talk.contact.blocked_at = NOW
    talk.contact.save()
    says(talk, "my lawyer")
    assert lines(talk) == []


def test_what_waits_for_nobody_escalates_nothing(talk: Conversation, ana: Player) -> None:
    """STOP, say, as intake writes it."""
    rule(ana, {"all": [{"field": "words", "is": "any_of", "value": ["stop"]}]})
    stored = make.make_message(talk, at=NOW, body="STOP")
    event = MessageReceived(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=stored.pk, waits=False)
    publish(event, at=NOW)
    round_of(at=NOW)
    assert lines(talk) == []


def test_one_that_fails_does_not_stop_the_others(
    talk: Conversation, channel: Channel, ana: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(ana)
    other = make.make_conversation(channel, at=NOW, name="Theo")
    act = acting.act

    def breaks(conversation: Conversation, *, rule_id: int, why: str, at: datetime) -> bool:
        if conversation.pk == talk.pk:
            raise ValueError("a row nobody foresaw")
        return act(conversation, rule_id=rule_id, why=why, at=at)

    monkeypatch.setattr(acting, "act", breaks)
    for one in (talk, other):
        message = make.make_message(one, at=NOW, body="my lawyer")
        publish(MessageReceived(workspace_id=one.workspace_id, conversation_id=one.pk, message_id=message.pk), at=NOW)
    round_of(at=NOW)
    assert (len(lines(talk)), len(lines(other))) == (0, 1)


def test_a_rule_is_checked(ana: Player, ben: Player) -> None:
    with pytest.raises(NotAllowed):
        rule(ben)
    for told, field in (({"name": " "}, "name"), ({"gives": "team"}, "gives"), ({"gives": ""}, "gives")):
        with pytest.raises(Invalid) as refused:
            rule(ana, **told)
        assert refused.value.field == field
    with pytest.raises(Invalid):
        rule(ana, {"all": []})
    first, second = rule(ana), rule(ana, name="Second")
    actions.move_rule(rule=second, step=-1, by=ana.actor, at=NOW)
    assert [one.pk for one in queries.stored(ana.actor)] == [second.pk, first.pk]
    actions.move_rule(rule=second, step=-1, by=ana.actor, at=NOW)
    actions.delete_rule(rule=first, by=ana.actor, at=NOW)
    assert [one.pk for one in queries.stored(ana.actor)] == [second.pk]


def test_the_test_box_asks_and_changes_nothing(talk: Conversation, ana: Player, channel: Channel) -> None:
    made = rule(ana)
    actions.take_over_hint(key="upset", by=ana.actor, at=NOW)
    found = queries.test(
        ana.actor, text="This is unacceptable, my lawyer", channel_id=channel.pk, conversation=None, breached="", at=NOW
    )
    assert found.decision.rule is not None
    assert (found.decision.rule.id, found.why) == (made.pk, "Words in their text has any of lawyer")
    assert [one.sentence for one in found.hints] == ["They sound upset. A call may calm things sooner than texts."]
    none = queries.test(ana.actor, text="hello", channel_id=None, conversation=talk, breached="first", at=NOW)
    assert none.decision.rule is None
    assert Escalated.objects.count() == 0


# Hints ----------------------------------------------------------------------------------------------------------------


def test_a_hint_shows_until_it_is_closed_for_this_episode(talk: Conversation, ben: Player, ana: Player) -> None:
    assert queries.hints_shown(talk, at=NOW) == []
    hint = actions.take_over_hint(key="often", by=ana.actor, at=NOW)
    says(talk, "one")
    assert queries.hints_shown(talk, at=NOW) == []
    says(talk, "two")
    says(talk, "three")
    assert queries.hints_shown(talk, at=NOW) == [hint]
    assert queries.hints_shown(talk, at=NOW + timedelta(days=2)) == []
    actions.dismiss_hint(conversation=talk, hint=hint, by=ben.actor, at=NOW)
    assert queries.hints_shown(talk, at=NOW) == []
    talk.episode = 2
    assert queries.hints_shown(talk, at=NOW) == [hint]


def test_a_hint_may_be_about_how_long_they_wait(talk: Conversation, ana: Player) -> None:
    long = {"all": [{"field": "waiting", "is": "more", "value": 30}]}
    hint = actions.save_hint(sentence="Call them.", conditions=long, by=ana.actor, at=NOW)
    says(talk, "hello")
    assert queries.hints_shown(talk, at=NOW) == []
    assert queries.hints_shown(talk, at=NOW + timedelta(minutes=31)) == [hint]


# By hand --------------------------------------------------------------------------------------------------------------


def test_to_a_manager_by_hand(talk: Conversation, ana: Player, ben: Player, workspace: Workspace) -> None:
    make.make_message(talk, at=NOW)
    moved = transfer(conversation=talk, kind="manager", note="Please look", summary="Tags: VIP", by=ben.actor, at=NOW)
    assert (moved.to, moved.conversation.assignee_id) == ("Ana", ana.id)
    assert handover_for(ana.actor, moved.conversation) is not None
    with pytest.raises(Invalid, match="no other manager"):
        transfer(conversation=talk, kind="manager", by=ana.actor, at=NOW)
    mia = make.make_member(workspace, "Mia", role="manager", at=NOW)
    assert transfer(conversation=talk, kind="manager", by=ana.actor, at=NOW).conversation.assignee_id == mia.pk


def test_into_a_queue_by_hand(talk: Conversation, ana: Player, ben: Player, workspace: Workspace) -> None:
    queue = Queue.objects.create(workspace=workspace, name="Care", is_default=True, created_at=NOW)
    make.make_message(talk, at=NOW)
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    moved = transfer(
        conversation=talk, kind="queue", key=queue.pk, note="For Care", summary="Not answered: x", by=ben.actor, at=NOW
    )
    assert moved.to == "Care"
    talk.refresh_from_db()
    assert talk.assignee_id is None
    assert QueueEntry.objects.get().entered_at == NOW
    conversations.assign(conversation=talk, member_id=ana.id, by=ana.actor, at=NOW)
    talk.refresh_from_db()
    kept = handover_for(ana.actor, talk)
    assert kept is not None
    assert kept.summary == "Not answered: x"
