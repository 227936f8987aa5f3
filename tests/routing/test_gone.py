"""What rules and queues name goes away, one row is not as it should be: the rest is routed all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.routing.people import at, entry, holder, loop, online, queue, rule, seen, text
from twoway.channels.models import Channel
from twoway.contacts.audiences.models import Audience
from twoway.conversations.actions import take_back_many
from twoway.conversations.models import Conversation
from twoway.routing import loop as routing
from twoway.routing.actions import delete_skill, entering, giving_out, save_skill
from twoway.routing.models import QueueEntry, RoutingRule
from twoway.routing.queries.facts import facts_of
from twoway.sla import actions as clocks
from twoway.sla import adopting, reading, tracking
from twoway.sla.models import Clock, Policy
from twoway.sla.policies import books
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(channel: Channel) -> tuple[Channel, Player]:
    """Another workspace, with a number and an owner who answers."""
    other = make.make_workspace(name="Second", at=NOW)
    return make.make_channel(other, at=NOW), Player(member=make.make_member(other, "Olive", at=NOW, role="owner"))


def breaking(function: Callable[..., Any], workspace_id: int) -> Callable[..., Any]:
    """The same, but for one workspace it fails."""

    def breaks(*given: Any, **named: Any) -> Any:
        if workspace_id in (named.get("workspace_id"), *given):
            raise ValueError("a row nobody foresaw")
        return function(*given, **named)

    return breaks


@pytest.mark.parametrize("what", ["enter", "give_out_in", "sweep"])
def test_one_workspace_that_fails_does_not_stop_the_others(
    channel: Channel,
    second: tuple[Channel, Player],
    ana: Player,
    ben: Player,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    other, olive = second
    queue(ana)
    queue(olive)
    online(ben, olive)
    rounds = loop()
    place: Any = {"enter": routing, "give_out_in": giving_out, "sweep": routing}[what]
    monkeypatch.setattr(place, what, breaking(getattr(place, what), channel.workspace_id))
    here, there = text(channel), text(other)
    rounds.round_of(at=at(0.6 if what == "sweep" else 0.2))
    assert holder(there) == olive.id
    assert (holder(here) is None) == (what != "sweep")
    monkeypatch.undo()
    seen(ben, olive, minutes=2)
    rounds.round_of(at=at(2))
    assert holder(here) == ben.id


def test_what_members_who_went_had_returns_in_every_workspace_but_one(
    channel: Channel, second: tuple[Channel, Player], ana: Player, ben: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, olive = second
    queue(ana)
    queue(olive)
    online(ben, olive)
    rounds = loop()
    here, there = text(channel), text(other)
    rounds.round_of(at=at(seconds=1))
    monkeypatch.setattr(giving_out, "take_back_many", breaking(take_back_many, channel.workspace_id))
    rounds.round_of(at=at(30))
    assert (holder(here), holder(there)) == (ben.id, None)


def test_a_conversation_that_is_gone_and_one_that_fails_leave_the_rest(
    channel: Channel, ana: Player, ben: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(ana)
    rounds = loop()
    gone, bad, good = text(channel), text(channel), text(channel)
    Conversation.objects.filter(pk=gone.pk).delete()

    def breaks(workspace_id: int, ids: list[int], **named: Any) -> Any:
        if bad.pk in ids:
            raise ValueError("a row nobody foresaw")
        return facts_of(workspace_id, ids, **named)

    monkeypatch.setattr(entering, "facts_of", breaks)
    rounds.round_of(at=at(seconds=1))
    assert (entry(bad), entry(good) is not None) == (None, True)
    monkeypatch.undo()
    rounds.round_of(at=at(1))
    assert entry(bad) is not None, "a sweep finds who was left out"


def test_clocks_of_one_workspace_fail_and_the_others_run(
    channel: Channel, second: tuple[Channel, Player], ana: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, olive = second
    for who in (ana, olive):
        policy = clocks.ensure_default(who.member.workspace_id, at=NOW)
        clocks.change_policy(policy=policy, wish=clocks.Wish(name="All", in_hours=False), by=who.actor, at=NOW)
    reading.read(at=NOW)
    here, there = text(channel), text(other)

    def breaks(places: dict[int, Any], **named: Any) -> Any:
        if channel.workspace_id in places:
            raise ValueError("hours nobody can read")
        return books(places, **named)

    monkeypatch.setattr(tracking, "books", breaks)
    reading.read(at=at(1))
    assert list(Clock.objects.values_list("conversation_id", flat=True)) == [there.pk]
    Policy.objects.update(settled_at=None)
    adopting._failed_at.clear()
    while adopting.settle_next(at=at(2)):
        pass
    assert not Policy.objects.filter(workspace_id=other.workspace_id, settled_at=None).exists()
    monkeypatch.undo()
    while adopting.settle_next(at=at(4)):
        pass
    assert Clock.objects.filter(conversation_id=here.pk, kind="first").exists()


def rules_about(ana: Player, channel: Channel) -> dict[str, tuple[RoutingRule, Any]]:
    """A rule about each thing that can go away, before one that always matches."""
    workspace = channel.workspace
    audience = Audience.objects.create(
        workspace=workspace, name="VIP", conditions={"all": [{"field": "language", "is": "empty"}]},
        by_name="Ana", created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    spare = make.make_channel(workspace, at=NOW)
    named = {
        "tag": make.make_tag(workspace, "fleet"),
        "audience": audience,
        "channel": spare,
    }
    lost = queue(ana, "Lost")
    found = {}
    for field, row in named.items():
        operation = "one_of" if field == "channel" else "any_of"
        told = {"field": field, "is": operation, "value": [str(row.pk)]}
        found[field] = (rule(ana, lost, told, name=f"About a {field}"), row)
    return found


def test_rules_about_what_is_gone_match_nothing_and_the_next_one_counts(
    channel: Channel, workspace: Workspace, ana: Player, ben: Player
) -> None:
    general = queue(ana)
    about = rules_about(ana, channel)
    care = queue(ana, "Care")
    team, skill = make.make_team(workspace, "Fleet", at=NOW), save_skill(name="Spanish", by=ana.actor, at=NOW)
    rule(ana, care, {"field": "words", "is": "any_of", "value": ["refund"]}, team_id=team.pk, skills={skill.pk: 3})
    online(ben)
    rounds = loop()
    for _, row in about.values():
        row.delete()
    team.delete()
    delete_skill(skill=skill, by=ana.actor, at=NOW)
    talk, plain = text(channel, body="A refund!"), text(channel, body="hello")
    rounds.round_of(at=at(seconds=1))
    found, other = entry(talk), entry(plain)
    assert found is not None
    assert other is not None
    assert (found.queue, found.skills, other.queue) == (care, [], general)
    assert (holder(talk), holder(plain)) == (ben.id, ben.id)


def test_a_queue_that_is_deleted_lets_those_who_wait_be_routed_anew(channel: Channel, ana: Player) -> None:
    general, care = queue(ana), queue(ana, "Care")
    rule(ana, care, {"field": "words", "is": "any_of", "value": ["refund"]})
    rounds = loop()
    talk = text(channel, body="A refund!")
    rounds.round_of(at=at(seconds=1))
    care.delete()
    assert not QueueEntry.objects.exists()
    rounds.round_of(at=at(1))
    found = entry(talk)
    assert found is not None
    assert (found.queue, found.entered_at) == (general, at(0))
