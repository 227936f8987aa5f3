"""Notes that name members and teams: who is found in the words, who is told, who can't be."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.conversations.queries import visible_to
from twoway.conversations.together import queries
from twoway.conversations.together.models import Follower, Mention, UnseenMention
from twoway.conversations.together.rules import Somebody, handles, named_in
from twoway.events.models import Event
from twoway.teams.models import Workspace

PEOPLE = [
    Somebody(kind="member", id=1, name="Ana Ruiz", email="ana@example.com"),
    Somebody(kind="member", id=2, name="Ben", email="ben@example.com"),
    Somebody(kind="member", id=3, name="Ben Ortiz", email="ortiz@example.com"),
    Somebody(kind="member", id=4, name="Tom Lee", email="tom@example.com"),
    Somebody(kind="member", id=5, name="Tom Lee", email="tlee@example.com"),
    Somebody(kind="team", id=1, name="Front desk"),
    Somebody(kind="team", id=2, name="Ben"),
]


def test_what_everybody_is_called() -> None:
    assert handles(PEOPLE) == {
        ("member", 1): ("Ana", "Ana Ruiz"),
        ("member", 2): ("Ben (ben)",),
        ("member", 3): ("Ben Ortiz",),
        ("member", 4): ("Tom Lee (tom)",),
        ("member", 5): ("Tom Lee (tlee)",),
        ("team", 1): ("Front desk",),
        ("team", 2): ("Ben (team)",),
    }


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@Ana can you look?", [("member", 1, "@Ana")]),
        ("ask @ANA RUIZ, please", [("member", 1, "@ANA RUIZ")]),
        ("(@ben ortiz) and @front desk!", [("member", 3, "@ben ortiz"), ("team", 1, "@front desk")]),
        ("@Tom Lee (tlee) has it", [("member", 5, "@Tom Lee (tlee)")]),
        ("@Tom Lee has it", []),
        ("@Anabel wrote", []),
        ("mail ana@Ana.example.com", []),
        ("@@Ana", [("member", 1, "@Ana")]),
        ("@Ana@Ana", [("member", 1, "@Ana")]),
        ("no one @", []),
    ],
)
def test_whom_the_words_name(body: str, found: list[tuple[str, int, str]]) -> None:
    named = named_in(body, handles(PEOPLE))
    assert [(one.kind, one.id, body[one.start : one.start + one.length]) for one in named] == found


def test_so_many_at_signs_are_bounded() -> None:
    assert len(named_in("@Ana " * 500, handles(PEOPLE))) == 50


@pytest.fixture
def row(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


def note(row: Conversation, body: str, by: Player) -> tuple[str, ...]:
    return actions.add_note(conversation=row, body=body, by=by.actor, at=NOW).untold


def unseen(player: Player) -> int:
    return queries.count_unseen_mentions(player.actor)


def test_a_mention_is_told_until_it_is_opened(ana: Player, ben: Player, row: Conversation) -> None:
    assert note(row, "@Ben the modem drops", ana) == ()
    assert (unseen(ben), unseen(ana)) == (1, 0)
    assert list(visible_to(ben.actor).filter(queries.mentioned(ben.actor))) == [row]
    assert not visible_to(ana.actor).filter(queries.mentioned(ana.actor)).exists()
    event = Event.objects.get(type="member_mentioned")
    assert (event.data["mentioned_ids"], event.member_id, event.conversation_id) == ([ben.id], ana.id, row.pk)
    assert set(Follower.objects.values_list("member_id", flat=True)) == {ana.id, ben.id}

    ben.client.get(f"/c/{row.pk}/", headers={"HX-Request": "true"})
    assert unseen(ben) == 0
    assert visible_to(ben.actor).filter(queries.mentioned(ben.actor)).exists()


def test_looking_ahead_is_not_opening(ana: Player, ben: Player, row: Conversation) -> None:
    note(row, "@Ben look", ana)
    ben.client.get(f"/c/{row.pk}/?peek=1", headers={"HX-Request": "true"})
    assert unseen(ben) == 1


def test_a_team_is_told_without_the_writer(ana: Player, ben: Player, row: Conversation, workspace: Workspace) -> None:
    make.make_team(workspace, "Roadside", at=NOW, members=[ana.member, ben.member])
    note(row, "For @roadside", ana)
    assert (unseen(ben), unseen(ana)) == (1, 0)
    assert visible_to(ana.actor).filter(queries.mentioned(ana.actor)).exists()


def test_who_cant_see_it_is_not_told(ana: Player, ben: Player, row: Conversation, workspace: Workspace) -> None:
    ben.member.sees_own_teams_only = True
    ben.member.save()
    team = make.make_team(workspace, "Roadside", at=NOW, members=[ben.member])
    offers = {one.name: one for one in queries.offers(ana.actor, row)}
    assert offers["Ben"].why_not == "Can't see this conversation"
    assert offers["Roadside"].why_not == "Nobody in it can see this"
    assert note(row, "@Ben and @Roadside, and @Ben again", ana) == ("Ben", "Roadside")
    assert not Mention.objects.exists()
    assert not UnseenMention.objects.exists()
    row.team = team
    row.save()
    assert note(row, "@Ben now", ana) == ()
    assert unseen(ben) == 1
    row.team = None
    row.save()
    assert unseen(ben) == 0


def test_nobody_of_another_workspace_is_offered(ana: Player, cleo: Player, row: Conversation) -> None:
    assert "Cleo" not in {one.name for one in queries.offers(ana.actor, row)}
    assert note(row, "@Cleo", ana) == ()
    assert not Mention.objects.exists()


def test_mentions_go_with_their_note_in_bulk_too(ana: Player, ben: Player, row: Conversation) -> None:
    note(row, "@Ben", ana)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM note")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Mention.objects.exists()
    assert not UnseenMention.objects.exists()
