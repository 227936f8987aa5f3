"""Who has a conversation: handing it over with a note and a summary, following, the trail, and who may answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.conversations.together import actions as together
from twoway.conversations.together import answering, queries
from twoway.conversations.together.models import Follower, Handover
from twoway.conversations.together.rules import trail
from twoway.events.models import Event
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.teams.models import Team, Workspace


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("changes", "since", "found"),
    [
        ([], None, []),
        ([(0, "Ana"), (12, "Ben")], None, [("Ana", 12, False), ("Ben", 18, True)]),
        ([(0, "Ana"), (12, "")], None, [("Ana", 12, False), ("", 18, False)]),
        ([(0, "Ana"), (5, "Ana"), (12, "Ben")], None, [("Ana", 12, False), ("Ben", 18, True)]),
        ([(0, "Ana"), (12, "Ben")], 10, [("Ana", 2, False), ("Ben", 18, True)]),
        ([(0, "Ana"), (12, "Ben")], 20, [("Ben", 10, True)]),
        ([(0, "Ana"), (12, "Ben"), (12, "Tom")], None, [("Ana", 12, False), ("Tom", 18, True)]),
    ],
)
def test_the_trail(changes: list[tuple[int, str]], since: int | None, found: list[tuple[str, int, bool]]) -> None:
    told = [(minutes(at), name) for at, name in changes]
    stretches = trail(told, since=None if since is None else minutes(since), at=minutes(30))
    assert [(one.name, one.lasted.total_seconds() / 60, one.is_now) for one in stretches] == found


@pytest.fixture
def row(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


@pytest.fixture
def near(workspace: Workspace, ben: Player) -> Team:
    return make.make_team(workspace, "Near", at=NOW, members=[ben.member])


def test_handing_over_is_one_line_with_its_note(ana: Player, ben: Player, row: Conversation) -> None:
    actions.assign(conversation=row, member_id=ana.id, by=ana.actor, at=NOW)
    handed = actions.hand_over(
        conversation=row,
        member_id=ben.id,
        note="@Ben the modem drops",
        summary="Open since: today\nTags: VIP",
        by=ana.actor,
        at=minutes(5),
    )
    note = row.notes.get()
    event = Event.objects.filter(type="conversation_assigned").latest("id")
    assert (handed.conversation.assignee_id, event.data["note_id"]) == (ben.id, note.pk)
    assert set(Follower.objects.values_list("member_id", flat=True)) == {ana.id, ben.id}
    row.refresh_from_db()
    kept = queries.handover_for(ben.actor, row)
    assert kept is not None
    assert (kept.by_name, kept.summary) == ("Ana", "Open since: today\nTags: VIP")
    assert queries.handover_for(ana.actor, row) is None
    with pytest.raises(NotFound):
        together.dismiss_handover(handover=kept, by=ana.actor, at=minutes(6))
    together.dismiss_handover(handover=kept, by=ben.actor, at=minutes(6))
    assert queries.handover_for(ben.actor, row) is None
    stretches = queries.held_by(row, since=None, at=minutes(10))
    assert [(one.name, one.lasted) for one in stretches] == [
        ("Ana", timedelta(minutes=5)),
        ("Ben", timedelta(minutes=5)),
    ]


def test_a_team_gets_it_whole(ana: Player, ben: Player, row: Conversation, near: Team) -> None:
    actions.assign(conversation=row, member_id=ana.id, by=ana.actor, at=NOW)
    actions.hand_over(conversation=row, team_id=near.pk, summary="Tags: VIP", by=ana.actor, at=NOW)
    row.refresh_from_db()
    assert (row.team_id, row.assignee_id) == (near.pk, None)
    assert queries.handover_for(ben.actor, row) is not None
    assert queries.handover_for(ana.actor, row) is None
    actions.assign(conversation=row, member_id=ana.id, by=ana.actor, at=NOW)
    row.refresh_from_db()
    assert queries.handover_for(ben.actor, row) is None


def test_what_can_not_be_handed_over(ana: Player, ben: Player, cleo: Player, row: Conversation, near: Team) -> None:
    def hand(**to: Any) -> None:
        actions.hand_over(conversation=row, by=ana.actor, at=NOW, **to)

    for wrong in ({}, {"member_id": ben.id, "team_id": near.pk}):
        with pytest.raises(Invalid):
            hand(**wrong)
    with pytest.raises(NotFound):
        hand(member_id=cleo.id)
    hand(member_id=ben.id)
    with pytest.raises(Invalid) as refused:
        hand(member_id=ben.id)
    assert refused.value.code == "has_it_already"
    with pytest.raises(Invalid):
        actions.hand_over(conversation=row, member_id=ana.id, summary="x" * 4001, by=ana.actor, at=NOW)
    assert not Handover.objects.exists()
    assert not row.notes.exists()


def test_a_viewer_hands_nothing_over(workspace: Workspace, ben: Player, row: Conversation) -> None:
    vera = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    with pytest.raises(NotAllowed):
        actions.hand_over(conversation=row, member_id=ben.id, by=vera.actor, at=NOW)


def test_following(ana: Player, ben: Player, cleo: Player, row: Conversation, near: Team) -> None:
    for _ in range(2):
        together.follow(conversation=row, by=ben.actor, at=NOW)
    assert [one.pk for one in queries.followers(row)] == [ben.id]
    assert queries.follows(ben.actor, row.pk)
    ben.member.sees_own_teams_only = True
    ben.member.save()
    assert queries.followers(row) == []
    row.team = near
    row.save()
    assert [one.pk for one in queries.followers(row)] == [ben.id]
    together.unfollow(conversation=row, by=ben.actor)
    assert queries.followers(row) == []
    with pytest.raises(NotFound):
        together.follow(conversation=row, by=cleo.actor, at=NOW)


# Who may answer ---------------------------------------------------------------------------------------------------


def asked(row: Conversation, by: Player, *, is_confirmed: bool = False) -> str:
    """The code of the refusal, "" when the text may go."""
    try:
        answering.check(row, by=by.actor, is_confirmed=is_confirmed)
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("rule", "agent", "agent_confirmed", "owner", "owner_confirmed"),
    [
        ("off", "", "", "", ""),
        ("warn", "somebody_has_it", "", "somebody_has_it", ""),
        ("enforce", "only_who_has_it", "only_who_has_it", "somebody_has_it", ""),
    ],
)
def test_who_may_answer_what_somebody_has(
    workspace: Workspace,
    ana: Player,
    ben: Player,
    row: Conversation,
    rule: str,
    agent: str,
    agent_confirmed: str,
    owner: str,
    owner_confirmed: str,
) -> None:
    tom = make.make_member(workspace, "Tom", at=NOW)
    answering.choose(answering=rule, claims=True, by=ana.actor, at=NOW)
    assert asked(row, ben) == ""
    row.assignee = ben.member
    assert asked(row, ben) == ""
    row.assignee = tom
    assert (asked(row, ben), asked(row, ben, is_confirmed=True)) == (agent, agent_confirmed)
    assert (asked(row, ana), asked(row, ana, is_confirmed=True)) == (owner, owner_confirmed)
    tom.is_active = False
    tom.save()
    assert asked(row, ben) == ""


def test_a_team_chooses_for_itself(ana: Player, ben: Player, row: Conversation, near: Team) -> None:
    row.assignee, row.team = ana.member, near
    answering.choose_for_team(team_id=near.pk, answering="enforce", by=ana.actor, at=NOW)
    assert asked(row, ben) == "only_who_has_it"
    row.team = None
    assert asked(row, ben) == ""
    answering.choose(answering="warn", claims=False, by=ana.actor, at=NOW)
    answering.choose_for_team(team_id=near.pk, answering="off", by=ana.actor, at=NOW)
    assert asked(row, ben) == "somebody_has_it"
    row.team = near
    assert asked(row, ben) == ""
    answering.choose_for_team(team_id=near.pk, answering="", by=ana.actor, at=NOW)
    assert asked(row, ben) == "somebody_has_it"


def test_claiming_is_ones_own_choice(ana: Player, ben: Player) -> None:
    assert answering.claims(ben.actor)
    answering.choose(answering="off", claims=False, by=ana.actor, at=NOW)
    assert not answering.claims(ben.actor)
    answering.choose_own(claims=True, by=ben.actor)
    assert answering.claims(ben.actor)
    answering.choose_own(claims=None, by=ben.actor)
    assert not answering.claims(ben.actor)
    with pytest.raises(NotAllowed):
        answering.choose(answering="off", claims=True, by=ben.actor, at=NOW)
    with pytest.raises(Invalid):
        answering.choose(answering="never", claims=True, by=ana.actor, at=NOW)
