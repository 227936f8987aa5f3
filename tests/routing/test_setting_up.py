"""Queues, rules, skills and capacity as they are set up; what rules ask of the database; the test box."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.routing.people import answer, at, entry, loop, more, online, queue, rule, text
from twoway.channels.models import Channel
from twoway.contacts.audiences.models import Audience
from twoway.contacts.fields.models import ContactField
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.routing import actions, queries
from twoway.routing.models import Queue, QueueEntry, RoutingRule
from twoway.routing.queries.facts import facts_of
from twoway.teams.actor import system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

REFUND = {"field": "words", "is": "any_of", "value": ["Refund"]}


def test_the_first_queue_is_the_default_and_another_may_take_its_place(ana: Player) -> None:
    first, second = queue(ana, "One"), queue(ana, "Two")
    assert [one.is_default for one in queries.queues(ana.actor)] == [True, False]
    queue_ = actions.save_queue(
        wish=actions.QueueWish(name="Two", is_default=True), by=ana.actor, at=NOW, queue_id=second.pk
    )
    assert queue_.is_default
    first.refresh_from_db()
    assert not first.is_default
    assert AuditEntry.objects.filter(action="queue.created").count() == 2


@pytest.mark.parametrize(
    "wish",
    [
        {"name": " "},
        {"name": "x" * 61},
        {"name": "one"},
        {"name": "New", "mode": "shout"},
        {"name": "New", "strategy": "luck"},
        {"name": "New", "priority": 6},
        {"name": "New", "ageing_minutes": -1},
        {"name": "New", "skill_minutes": 10081},
    ],
)
def test_what_is_no_queue(ana: Player, wish: dict[str, Any]) -> None:
    queue(ana, "One")
    with pytest.raises(Invalid):
        actions.save_queue(wish=actions.QueueWish(**wish), by=ana.actor, at=NOW)
    assert Queue.objects.count() == 1


def test_who_may_set_up_and_nobody_elses(ana: Player, ben: Player, cleo: Player) -> None:
    own = queue(ana)
    with pytest.raises(NotAllowed):
        queue(ben, "Mine")
    with pytest.raises(NotFound):
        queries.access_queue(cleo.actor, own.pk)
    with pytest.raises(NotFound):
        actions.save_queue(wish=actions.QueueWish(name="Theirs"), by=cleo.actor, at=NOW, queue_id=own.pk)
    with pytest.raises(NotFound):
        actions.take_next(by=cleo.actor, at=NOW, queue_id=own.pk)
    with pytest.raises(NotFound):
        actions.set_capacity(member_id=ben.id, capacity=1, by=cleo.actor, at=NOW)


def test_rules_keep_their_order(ana: Player) -> None:
    general = queue(ana)
    kept = [rule(ana, general, REFUND, name=name) for name in "ABC"]
    actions.order_rules(rule_ids=[kept[2].pk, kept[0].pk], by=ana.actor, at=NOW)
    assert [one.name for one in queries.rules(ana.actor)] == ["C", "A", "B"]
    assert kept[0].conditions == {"all": [{"field": "words", "is": "any_of", "value": ["refund"]}]}
    actions.delete_rule(rule=kept[0], by=ana.actor, at=NOW)
    assert [one.name for one in queries.rules(ana.actor)] == ["C", "B"]
    with pytest.raises(Invalid, match="Add a condition"):
        rule(ana, general)
    with pytest.raises(Invalid):
        rule(ana, general, REFUND, skills={999: 3})
    assert RoutingRule.objects.count() == 2


def test_a_deleted_queue_hands_on_who_waits(channel: Channel, ana: Player) -> None:
    general, billing = queue(ana), queue(ana, "Billing")
    rule(ana, billing, REFUND)
    rounds = loop()
    talks = [text(channel, body="refund"), text(channel, body="refund")]
    rounds.round_of(at=at(1))
    assert actions.delete_queue(queue=billing, by=ana.actor, at=at(2), into_id=general.pk) == 2
    assert [one.queue for one in map(entry, talks) if one] == [general, general]
    other = queue(ana, "Other")
    actions.delete_queue(queue=general, by=ana.actor, at=at(3))
    assert not QueueEntry.objects.exists()
    actions.save_queue(wish=actions.QueueWish(name="Other", is_default=True), by=ana.actor, at=at(3), queue_id=other.pk)
    loop(minutes=4)
    assert [one.queue for one in map(entry, talks) if one] == [other, other]


def test_what_is_known_of_queues(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    team = make.make_team(workspace, "Fleet", at=NOW, members=[ben.member])
    queue(ana, "General", mode="pull")
    queue(ana, "Fleet", team_id=team.pk)
    actions.set_capacity(member_id=ben.id, capacity=3, by=ana.actor, at=NOW)
    online(ana, ben)
    rounds = loop()
    text(channel), text(channel, minutes=1)
    rounds.round_of(at=at(1))
    fleet, general = queries.state_of(workspace.pk, at(1))
    assert (fleet.name, fleet.waiting, fleet.oldest_at, fleet.online, fleet.free) == ("Fleet", 0, None, 1, 3)
    assert (general.name, general.waiting, general.oldest_at) == ("General", 2, at(0))
    assert (general.online, general.free, general.mode) == (2, 8, "pull")
    assert [one.entered_at for one in queries.waiting(workspace.pk)] == [at(0), at(1)]
    actions.take_next(by=ben.actor, at=at(1))
    general = queries.state_of(workspace.pk, at(1))[1]
    assert (general.waiting, general.taken, general.free) == (1, 1, 7)


# What rules ask of the database ---------------------------------------------------------------------------------------


def facts(workspace: Workspace, talk: Conversation, ana: Player, *conditions: dict[str, Any], minutes: float) -> Any:
    """What a rule with these conditions is told of a conversation."""
    fields = queries.fields_for(ana.actor)
    RoutingRule.objects.all().delete()
    rule(ana, Queue.objects.get(), *conditions)
    rules = queries.rules_of(system(workspace.pk), fields=fields)
    return facts_of(workspace.pk, [talk.pk], rules=rules, fields=fields, at=at(minutes))[talk.pk].facts


def test_history_of_whoever_writes(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    queue(ana)
    history: list[dict[str, Any]] = [
        {"field": "is_new", "is": "yes"},
        {"field": "texts_7", "is": "more", "value": 1},
        {"field": "talks_30", "is": "more", "value": 1},
        {"field": "last_done", "is": "last_days", "value": 2},
        {"field": "text", "is": "contains", "value": "x"},
    ]
    talk = text(channel, body="first")
    values = facts(workspace, talk, ana, *history, minutes=1)
    assert (values.text, values.values["is_new"], values.values["texts_7"]) == ("first", True, 1)
    assert (values.values["talks_30"], values.values["last_done"]) == (1, None)
    answer(talk, ben, minutes=2)
    make.make_message(talk, at=at(3), body="second")
    make.make_message(talk, at=at(4), body="third")
    values = facts(workspace, talk, ana, *history, minutes=5)
    assert (values.text, values.values["is_new"], values.values["texts_7"]) == ("second\nthird", False, 3)


def test_properties_audiences_tags_and_hours(channel: Channel, workspace: Workspace, ana: Player) -> None:
    queue(ana)
    ContactField.objects.create(workspace=workspace, key="trips", name="Trips", kind="number", created_at=NOW)
    vip = Audience.objects.create(
        workspace=workspace,
        name="VIP",
        conditions={"all": [{"field": "property.trips", "is": "more", "value": 9}]},
        by_name="Ana",
        created_at=NOW,
        changed_at=NOW,
    )
    fleet = make.make_tag(workspace, "fleet")
    rich = make.make_contact(workspace, at=NOW, properties={"trips": "12"}, language="es")
    talk = make.make_conversation(channel, at=NOW, messages=1, contact=rich, tags=[fleet])
    other = make.make_conversation(channel, at=NOW, messages=1)
    asked: list[dict[str, Any]] = [
        {"field": "property.trips", "is": "more", "value": 1},
        {"field": "audience", "is": "any_of", "value": [str(vip.pk)]},
        {"field": "tag", "is": "any_of", "value": [str(fleet.pk)]},
        {"field": "is_open", "is": "yes"},
        {"field": "topic", "is": "empty"},
        {"field": "consent", "is": "empty"},
    ]
    values = facts(workspace, talk, ana, *asked, minutes=1).values
    assert (values["property.trips"], values["language"], values["is_open"]) == (12, "es", True)
    assert (values["audience"], values["tag"]) == (frozenset({str(vip.pk)}), frozenset({str(fleet.pk)}))
    assert (values["topic"], values["consent"]) == (frozenset(), frozenset())
    assert (values["weekday"], values["hour"]) == ("1", 10)
    values = facts(workspace, other, ana, *asked, minutes=1).values
    assert (values["property.trips"], values["language"], values["audience"]) == (None, None, frozenset())


def test_the_test_box(channel: Channel, workspace: Workspace, ana: Player, ben: Player) -> None:
    general = queue(ana)
    billing = queue(ana, "Billing", priority=4)
    night = rule(ana, general, REFUND, {"field": "hour", "is": "less", "value": 5}, name="Night")
    money = rule(ana, billing, REFUND, name="Money", priority=5)
    online(ben)
    told = queries.facts_for(ana.actor, at=at(1), text="Where is my refund?", channel_id=channel.pk)
    found = queries.explain(ana.actor, told, at=at(1))
    assert [(one.rule_id, one.is_match) for one in found.tried] == [(night.pk, False), (money.pk, True)]
    assert [one.field for one in found.tried[0].failed if not hasattr(one, "parts")] == ["hour"]
    assert (found.queue_name, found.priority, found.member_id, found.why) == ("Billing", 5, ben.id, "least_busy")
    assert (found.online, found.free) == (1, 5)
    later = queries.explain(ana.actor, told, at=at(1) + timedelta(hours=1))
    assert (later.member_id, later.online) == (None, 0)
    plain = queries.explain(ana.actor, queries.facts_for(ana.actor, at=at(1), text="hello"), at=at(1))
    assert (plain.rule_id, plain.queue_name) == (None, "General")
    assert not QueueEntry.objects.exists()


STRANGER: list[tuple[dict[str, Any], bool]] = [
    ({"field": "words", "is": "any_of", "value": ["refund"]}, True),
    ({"field": "words", "is": "any_of", "value": ["fund"]}, False),
    ({"field": "text", "is": "contains", "value": "REFUND"}, True),
    ({"field": "sentiment", "is": "one_of", "value": ["upset"]}, True),
    ({"field": "channel_kind", "is": "one_of", "value": ["sms"]}, True),
    ({"field": "language", "is": "empty"}, True),
    ({"field": "language", "is": "one_of", "value": ["es"]}, False),
    ({"field": "is_new", "is": "yes"}, True),
    ({"field": "texts_7", "is": "equal", "value": 1}, True),
    ({"field": "talks_30", "is": "less", "value": 2}, True),
    ({"field": "last_done", "is": "empty"}, True),
    ({"field": "tag", "is": "empty"}, True),
    ({"field": "topic", "is": "empty"}, True),
    ({"field": "consent", "is": "empty"}, True),
    ({"field": "audience", "is": "empty"}, True),
    ({"field": "is_open", "is": "yes"}, True),
    ({"field": "weekday", "is": "one_of", "value": ["1"]}, True),
    ({"field": "hour", "is": "between", "value": [10, 11]}, True),
]


@pytest.mark.parametrize(("condition", "is_match"), STRANGER)
def test_the_test_box_says_what_becomes_of_a_text_of_somebody_new(
    channel: Channel, ana: Player, condition: dict[str, Any], is_match: bool
) -> None:
    queue(ana)
    asked = queue(ana, "Asked for")
    rule(ana, asked, condition)
    body = "Unacceptable! I want my refund now."
    known = queries.facts_for(ana.actor, at=at(1), text=body, channel_id=channel.pk)
    said = queries.explain(ana.actor, known, at=at(1)).queue_name
    rounds = loop()
    talk = text(channel, minutes=1, body=body)
    rounds.round_of(at=at(1))
    became = entry(talk)
    assert became is not None
    assert (said, became.queue.name) == (("Asked for",) * 2 if is_match else ("General",) * 2)


@pytest.mark.parametrize("condition", [
    {"field": "texts_7", "is": "equal", "value": 2},
    {"field": "is_new", "is": "no"},
    {"field": "last_done", "is": "last_days", "value": 2},
    {"field": "tag", "is": "set"},
])  # fmt: skip
def test_and_of_somebody_who_wrote_before(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player, condition: dict[str, Any]
) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, tags=[make.make_tag(workspace, "fleet")])
    answer(talk, ben, minutes=1)
    talk.episodes.create(number=0, opened_at=at(-99), closed_at=at(-90))
    queue(ana)
    rule(ana, queue(ana, "Asked for"), condition)
    known = queries.facts_for(ana.actor, at=at(2), text="me again", conversation_id=talk.pk)
    assert queries.explain(ana.actor, known, at=at(2)).queue_name == "Asked for"
    rounds = loop()
    more(talk, minutes=2, body="me again")
    rounds.round_of(at=at(2))
    became = entry(talk)
    assert became is not None
    assert became.queue.name == "Asked for"


def test_without_a_queue_the_test_box_says_so(ana: Player) -> None:
    found = queries.explain(ana.actor, queries.facts_for(ana.actor, at=NOW, text="hello"), at=NOW)
    assert (found.queue_id, found.member_id, found.tried) == (None, None, ())
    assert not queries.routes(ana.actor.workspace_id)
