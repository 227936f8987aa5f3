"""Time spent texting: what is taken down, who sees it, and how it goes away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.effort import actions, queries
from twoway.conversations.effort.models import Effort
from twoway.conversations.effort.rules import Spent
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.teams.models import Workspace

LATER = NOW + timedelta(seconds=30)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


def spent(talk: Conversation, reading: int, writing: int = 0) -> list[Spent]:
    return [Spent(conversation_id=talk.pk, reading=reading, writing=writing)]


def rows() -> list[tuple[int, int, int]]:
    return list(Effort.objects.order_by("id").values_list("member_id", "reading", "writing"))


def test_sums_of_a_day(ben: Player, talk: Conversation) -> None:
    actions.add(by=ben.actor, at=NOW, spent=spent(talk, 20, 5))
    actions.add(by=ben.actor, at=LATER, spent=spent(talk, 10, 15))
    assert rows() == [(ben.id, 30, 20)]
    (day,) = queries.own_days(ben.actor, at=LATER)
    assert (day.reading, day.writing, day.day.isoformat()) == (30, 20, "2026-03-10")


def test_two_windows_make_one_member(ben: Player, talk: Conversation) -> None:
    actions.add(by=ben.actor, at=NOW, spent=spent(talk, 30))
    actions.add(by=ben.actor, at=LATER, spent=spent(talk, 30))
    actions.add(by=ben.actor, at=LATER, spent=spent(talk, 30))
    assert rows() == [(ben.id, 62, 0)]


def test_one_conversation_told_twice_in_one_report(ben: Player, talk: Conversation) -> None:
    actions.add(by=ben.actor, at=NOW, spent=spent(talk, 5) + spent(talk, 6, 1))
    assert rows() == [(ben.id, 11, 1)]


def test_the_day_is_the_workspaces(ben: Player, talk: Conversation) -> None:
    late = NOW.replace(hour=6)
    actions.add(by=ben.actor, at=late, spent=spent(talk, 5))
    assert str(Effort.objects.get().day) == "2026-03-09"


def test_conversations_of_others_are_left_out(cleo: Player, talk: Conversation) -> None:
    assert actions.add(by=cleo.actor, at=NOW, spent=spent(talk, 20)) == ()
    assert rows() == []


def test_too_many_at_once(ben: Player) -> None:
    many = [Spent(conversation_id=n, reading=1, writing=0) for n in range(1, 52)]
    with pytest.raises(Invalid):
        actions.add(by=ben.actor, at=NOW, spent=many)


def test_who_does_not_take_part(ben: Player, talk: Conversation) -> None:
    actions.add(by=ben.actor, at=NOW, spent=spent(talk, 20))
    actions.take_part(by=ben.actor, is_off=True)
    actions.add(by=ben.actor, at=LATER, spent=spent(talk, 20))
    assert rows() == []
    assert not queries.is_measured(ben.actor)
    actions.take_part(by=ben.actor, is_off=False)
    actions.add(by=ben.actor, at=LATER + timedelta(seconds=30), spent=spent(talk, 9))
    assert rows() == [(ben.id, 9, 0)]


def test_a_workspace_that_does_not_measure(ana: Player, ben: Player, talk: Conversation) -> None:
    actions.add(by=ben.actor, at=NOW, spent=spent(talk, 20))
    with pytest.raises(NotAllowed):
        actions.measure(by=ben.actor, at=NOW, is_off=True)
    for _ in range(2):
        actions.measure(by=ana.actor, at=NOW, is_off=True)
    assert rows() == []
    assert actions.add(by=ben.actor, at=LATER, spent=spent(talk, 20)) == ()
    assert not queries.is_measured(ben.actor)
    actions.measure(by=ana.actor, at=NOW, is_off=False)
    assert queries.is_measured(ben.actor)
    trail = AuditEntry.objects.filter(action__startswith="effort.").order_by("id").values_list("action", flat=True)
    assert list(trail) == ["effort.switched_off", "effort.switched_on"]


def test_managers_see_sums_of_three_and_nobodys_own(
    ana: Player, ben: Player, workspace: Workspace, talk: Conversation
) -> None:
    with pytest.raises(NotAllowed):
        queries.sums(ben.actor, at=NOW)
    eve = Player(member=make.make_member(workspace, "Eve", at=NOW))
    for player, reading in ((ana, 10), (ben, 20)):
        actions.add(by=player.actor, at=NOW, spent=spent(talk, reading))
    assert not queries.sums(ana.actor, at=NOW).is_enough
    actions.add(by=eve.actor, at=NOW, spent=spent(talk, 30, 6))
    make.make_message(talk, at=NOW, direction="out", author="member")
    found = queries.sums(ana.actor, at=NOW)
    assert found.total is not None
    assert (found.total.reading, found.total.writing, found.total.people) == (60, 6, 3)
    assert (found.total.replies, found.total.per_reply) == (1, 66)
    assert [week.label for week in found.weeks] == ["2026-03-08"]
    assert len(found.numbers) == 1


def test_sums_of_another_workspace_are_not_there(
    ana: Player, cleo: Player, ben: Player, workspace: Workspace, talk: Conversation
) -> None:
    for name in ("Eve", "Flo", "Gus"):
        player = Player(member=make.make_member(workspace, name, at=NOW))
        actions.add(by=player.actor, at=NOW, spent=spent(talk, 10))
    cleo.member.role = "owner"
    cleo.member.save(update_fields=["role"])
    assert not queries.sums(cleo.actor, at=NOW).is_enough


def test_old_sums_are_deleted(ben: Player, talk: Conversation) -> None:
    actions.add(by=ben.actor, at=NOW - timedelta(days=500), spent=spent(talk, 20))
    actions.add(by=ben.actor, at=NOW, spent=spent(talk, 5))
    assert actions.forget_old(at=NOW) == 1
    assert rows() == [(ben.id, 5, 0)]


def test_a_browser_tells(ben: Player, talk: Conversation) -> None:
    response = ben.client.post(
        reverse("desk:effort_tell"), orjson.dumps([[talk.pk, 4, 2]]), content_type="application/json"
    )
    assert response.status_code == 204
    assert rows() == [(ben.id, 4, 2)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[[1]]",
        b'[["1", 2, 3]]',
        b"[[1, 2.5, 3]]",
        b"[[1, true, 3]]",
        b"[[0, 1, 1]]",
        b"[1]",
        b"x" * 20_000,
    ],
)
def test_what_is_no_report(ben: Player, body: bytes) -> None:
    response = ben.client.post(reverse("desk:effort_tell"), body, content_type="application/json")
    assert response.status_code == 422
    assert not Effort.objects.exists()


def test_the_page(ana: Player, ben: Player, talk: Conversation) -> None:
    ben.client.post(reverse("desk:effort_tell"), orjson.dumps([[talk.pk, 200, 100]]), content_type="application/json")
    page: Any = ben.client.get(reverse("desk:effort"))
    said = page.content.decode()
    assert "Dana Whitfield" in said
    assert "5 min" in said
    assert "Everybody, in sums" not in said
    theirs = ana.client.get(reverse("desk:effort")).content.decode()
    assert "Everybody, in sums" in theirs
    assert "Dana Whitfield" not in theirs
    assert ana.client.get(reverse("desk:effort") + "?days=1e9").status_code == 200


def test_the_page_switches_it_off(ana: Player, ben: Player, talk: Conversation) -> None:
    assert "data-effort" in ben.client.get(reverse("desk:inbox", args=["open"])).content.decode()
    assert ben.client.post(reverse("desk:effort_mine"), {"on": "0"}).status_code == 302
    assert "data-effort" not in ben.client.get(reverse("desk:inbox", args=["open"])).content.decode()
    assert ben.client.post(reverse("desk:effort_all"), {"on": "0"}).status_code == 403
    assert ana.client.post(reverse("desk:effort_all"), {"on": "0"}).status_code == 302
    assert "doesn’t measure" in ana.client.get(reverse("desk:effort")).content.decode().replace("'", "’").replace(
        "&#x27;", "’"
    )
