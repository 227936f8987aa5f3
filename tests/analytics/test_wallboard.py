"""The wallboard's facts: what is counted, of whom, for whom, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.cast import NOW, Player
from twoway.analytics.wallboard import actions, queries
from twoway.analytics.wallboard.models import BoardLink
from twoway.analytics.wallboard.rules import MOST_LINKS, digest
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.sla.actions import set_goal
from twoway.teams.models import Team, Workspace

LATER = NOW + timedelta(hours=2)


def talk(channel: Channel, minutes: list[tuple[str, int]], **fields: object) -> Conversation:
    """A conversation with texts "in" and "out" so many minutes after NOW, by a member when out."""
    first = NOW + timedelta(minutes=minutes[0][1])
    found = make.make_conversation(channel, at=first)
    for direction, after in minutes:
        author = {} if direction == "in" else {"author": "member"}
        make.make_message(found, at=NOW + timedelta(minutes=after), direction=direction, **author)
    if fields:
        Conversation.objects.filter(id=found.pk).update(**fields)
    found.refresh_from_db()
    return found


@pytest.fixture
def near(workspace: Workspace, ben: Player) -> Team:
    return make.make_team(workspace, "Near", at=NOW, members=[ben.member])


def seen(workspace: Workspace, *, teams: frozenset[int] | None = None) -> queries.Board:
    queries.forget(workspace.pk)
    return queries.board(workspace.pk, teams=teams, at=LATER)


def test_who_waits_longest_first(workspace: Workspace, channel: Channel, near: Team) -> None:
    talk(channel, [("in", 30)], team=near)
    second = talk(channel, [("in", 10), ("in", 50)])
    talk(channel, [("in", 5), ("out", 8)])
    talk(channel, [("in", 1)], state="snoozed")
    talk(channel, [("in", 1)], state="done", needs_reply=False)
    board = seen(workspace)
    assert [(one.conversation_id, one.team_id) for one in board.waits] == [
        (second.pk, None),
        (board.waits[1].conversation_id, near.pk),
    ]
    assert (board.waiting, board.longest) == (2, NOW + timedelta(minutes=10))


def test_the_day_counts_customers_and_answers(workspace: Workspace, channel: Channel, near: Team, ana: Player) -> None:
    set_goal(by=ana.actor, minutes=15, at=NOW)
    talk(channel, [("in", 0), ("in", 4), ("out", 10), ("out", 11), ("in", 20), ("out", 50)], team=near)
    talk(channel, [("in", 5)])
    talk(channel, [("in", -800), ("out", -790)])
    talk(channel, [("in", -700), ("out", 1)])
    whole = seen(workspace).today.whole
    assert (whole.arrivals, whole.answered, whole.known, whole.in_time, whole.median) == (3, 3, 2, 1, 1200)
    near_part = seen(workspace).today.teams[near.pk]
    assert (near_part.arrivals, near_part.answered, near_part.in_time) == (2, 2, 1)


def test_what_twoway_says_by_itself_is_no_answer(workspace: Workspace, channel: Channel) -> None:
    found = talk(channel, [("in", 0)])
    make.make_message(found, at=NOW + timedelta(minutes=1), direction="out", author="system")
    make.make_message(found, at=NOW + timedelta(minutes=2), direction="in")
    make.make_message(found, at=NOW + timedelta(minutes=9), direction="out", author="member")
    whole = seen(workspace).today.whole
    assert (whole.arrivals, whole.answered, whole.median) == (1, 1, 540)


def test_the_last_hour(workspace: Workspace, channel: Channel) -> None:
    talk(channel, [("in", 61), ("out", 62), ("in", 118)])
    board = seen(workspace)
    assert sum(bar.texts for bar in board.hour) == 1, "what is older is over"
    assert [(bar.texts, bar.replies) for bar in board.hour][-2:] == [(1, 0), (0, 0)]
    assert sum(bar.replies for bar in board.hour) == 1


def test_teams_alone(workspace: Workspace, channel: Channel, near: Team) -> None:
    talk(channel, [("in", 30)], team=near)
    talk(channel, [("in", 10)])
    board = seen(workspace, teams=frozenset({near.pk}))
    assert board.waiting == 1
    assert board.today.whole.arrivals == 1
    assert [line.team_id for line in board.lines] == [near.pk]
    assert seen(workspace, teams=frozenset()).waiting == 0


def test_another_workspace_is_not_in_it(workspace: Workspace, channel: Channel, cleo: Player) -> None:
    talk(channel, [("in", 118)])
    board = seen(cleo.member.workspace)
    assert (board.waiting, board.today.whole.arrivals, sum(bar.texts for bar in board.hour)) == (0, 0, 0)
    assert board.channels == {}


def test_many_screens_cost_one(workspace: Workspace, channel: Channel) -> None:
    talk(channel, [("in", 30)])
    first = seen(workspace)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _ in range(50):
            assert queries.board(workspace.pk, teams=None, at=LATER + timedelta(milliseconds=900)) is first
    assert len(asked) == 0
    with CaptureQueriesContext(connection) as asked:
        queries.board(workspace.pk, teams=None, at=LATER + timedelta(seconds=1))
    assert 0 < len(asked) <= 16


def test_no_name_and_no_words_of_a_customer(workspace: Workspace, channel: Channel) -> None:
    found = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    told = repr(seen(workspace))
    assert "Dana" not in told
    assert "Where is my car" not in told
    assert found.identity.value not in told


# Who may see it -------------------------------------------------------------------------------------------------------


def test_managers_see_it_until_it_is_opened(workspace: Workspace, ana: Player, ben: Player) -> None:
    assert queries.may_see(ana.actor)
    assert not queries.may_see(ben.actor)
    with pytest.raises(NotAllowed):
        queries.access_board(ben.actor, at=NOW)
    actions.open_for_all(by=ana.actor, is_for_all=True, at=NOW)
    actions.open_for_all(by=ana.actor, is_for_all=True, at=NOW)
    assert queries.access_board(ben.actor, at=NOW).workspace == "Ridgeway Carshare"
    actions.open_for_all(by=ana.actor, is_for_all=False, at=NOW)
    assert not queries.may_see(ben.actor)
    told = list(AuditEntry.objects.filter(workspace_id=workspace.pk).order_by("id").values_list("action", flat=True))
    assert told == ["wallboard.opened", "wallboard.closed"]


def test_who_sees_own_teams_only_gets_their_numbers(
    workspace: Workspace, channel: Channel, near: Team, ana: Player
) -> None:
    actions.open_for_all(by=ana.actor, is_for_all=True, at=NOW)
    talk(channel, [("in", 30)], team=near)
    talk(channel, [("in", 10)])
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    assert queries.access_board(dee.actor, at=LATER).waiting == 1
    assert queries.access_board(ana.actor, at=LATER).waiting == 2


def test_only_who_manages_the_workspace_changes_it(ben: Player, ana: Player) -> None:
    link, _ = actions.make_link(by=ana.actor, name="Hall", at=NOW)
    with pytest.raises(NotAllowed):
        actions.open_for_all(by=ben.actor, is_for_all=True, at=NOW)
    with pytest.raises(NotAllowed):
        actions.make_link(by=ben.actor, name="Hall", at=NOW)
    with pytest.raises(NotAllowed):
        actions.rotate_link(by=ben.actor, link_id=link.pk, at=NOW)
    with pytest.raises(NotAllowed):
        actions.revoke_link(by=ben.actor, link_id=link.pk, at=NOW)
    with pytest.raises(NotAllowed):
        queries.links(ben.actor)


# Links ----------------------------------------------------------------------------------------------------------------


def test_a_link_from_made_to_revoked(workspace: Workspace, ana: Player) -> None:
    link, secret = actions.make_link(by=ana.actor, name=" Hall ", at=NOW)
    assert BoardLink.objects.get().digest == digest(secret)
    assert queries.access_link(secret).workspace_id == workspace.pk
    _, other = actions.rotate_link(by=ana.actor, link_id=link.pk, at=NOW)
    with pytest.raises(NotFound):
        queries.access_link(secret)
    assert queries.access_link(other) == link
    assert actions.revoke_link(by=ana.actor, link_id=link.pk, at=NOW) == "Hall"
    with pytest.raises(NotFound):
        queries.access_link(other)
    told = AuditEntry.objects.filter(workspace_id=workspace.pk).order_by("id")
    assert [entry.action for entry in told] == [
        "wallboard.link_made",
        "wallboard.link_rotated",
        "wallboard.link_revoked",
    ]
    assert not any(secret in str(entry.data) or other in str(entry.data) for entry in told)


def test_a_link_of_another_workspace_is_not_found(ana: Player, cleo: Player) -> None:
    link, _ = actions.make_link(by=ana.actor, name="Hall", at=NOW)
    with pytest.raises(NotFound):
        actions.rotate_link(by=cleo.actor, link_id=link.pk, at=NOW)
    with pytest.raises(NotFound):
        actions.revoke_link(by=cleo.actor, link_id=link.pk, at=NOW)
    assert queries.links(cleo.actor) == []


@pytest.mark.parametrize("name", ["", "  ", "\0", "x" * 61])
def test_a_link_has_a_name(ana: Player, name: str) -> None:
    with pytest.raises(Invalid):
        actions.make_link(by=ana.actor, name=name, at=NOW)


def test_there_are_not_too_many_links(ana: Player) -> None:
    for number in range(MOST_LINKS):
        actions.make_link(by=ana.actor, name=f"Hall {number}", at=NOW)
    with pytest.raises(Invalid):
        actions.make_link(by=ana.actor, name="One more", at=NOW)


def test_when_a_link_was_used_is_written_seldom(ana: Player) -> None:
    link, _ = actions.make_link(by=ana.actor, name="Hall", at=NOW)
    for minutes, used in ((0, 0), (5, 0), (10, 10)):
        actions.note_use(link=BoardLink.objects.get(), at=NOW + timedelta(minutes=minutes))
        assert BoardLink.objects.get().used_at == NOW + timedelta(minutes=used)
    assert link.used_at is None
