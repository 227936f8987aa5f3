"""Who is there: chosen, seen by a browser, and kept as stretches."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.routing.people import at, online, queue, seen
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.messaging import database
from twoway.routing import actions as routing
from twoway.routing.presence import actions, queries
from twoway.routing.presence.models import Presence, Stretch
from twoway.routing.presence.rules import state_of
from twoway.teams.models import Workspace
from twoway.webhooks import attendance
from twoway.webhooks.attendance import Attendance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("chosen", "seen_for", "minutes", "state"),
    [
        ("online", 0, 2, "online"),
        ("online", 2, 2, "online"),
        ("online", 2.01, 2, "offline"),
        ("online", 30, 60, "online"),
        ("away", 1, 2, "away"),
        ("break", 1, 2, "break"),
        ("break", 9, 2, "offline"),
        ("online", None, 2, "offline"),
    ],
)
def test_what_somebody_is(chosen: str, seen_for: float | None, minutes: int, state: str) -> None:
    seen_at = None if seen_for is None else NOW - timedelta(minutes=seen_for)
    assert state_of(chosen=chosen, seen_at=seen_at, at=NOW, away_minutes=minutes) == state


def states(workspace: Workspace, minutes: float) -> dict[str, str]:
    return {one.name: one.state for one in queries.present(workspace.pk, at(minutes))}


def test_choosing_and_leaving_are_stretches(workspace: Workspace, ana: Player, ben: Player) -> None:
    queue(ana)
    online(ben)
    seen(ben, minutes=1)
    actions.choose(state="break", by=ben.actor, at=at(2))
    actions.choose(state="online", by=ben.actor, at=at(3))
    assert actions.settle(at=at(5)) == []
    assert states(workspace, 5) == {"Ben": "online"}
    (gone,) = actions.settle(at=at(6))
    assert (gone.before, gone.after, gone.since) == ("online", "offline", at(3))
    assert states(workspace, 6) == {"Ben": "offline"}
    kept = queries.stretches(workspace.pk, start=at(0), end=at(10))
    assert [(one.state, one.started_at, one.ended_at) for one in kept] == [
        ("online", at(0), at(2)),
        ("break", at(2), at(3)),
        ("online", at(3), at(3)),
    ]
    seen(ben, minutes=8)
    (back,) = actions.settle(at=at(8))
    assert (back.after, back.since) == ("online", at(8))
    assert queries.stretches(workspace.pk, start=at(8), end=at(9))[-1].ended_at is None


def test_what_is_not_a_choice_and_whose_role_does_not_answer(workspace: Workspace, ben: Player) -> None:
    with pytest.raises(Invalid):
        actions.choose(state="offline", by=ben.actor, at=NOW)
    viewer = Player(member=make.make_member(workspace, "Vic", role="viewer", at=NOW))
    with pytest.raises(NotAllowed, match="doesn't answer texts"):
        actions.choose(state="online", by=viewer.actor, at=NOW)
    assert not Presence.objects.exists()


def test_where_nothing_is_routed_no_browser_is_written(workspace: Workspace, ana: Player, ben: Player) -> None:
    seen(ben, minutes=0)
    assert not Presence.objects.exists()
    queue(ana)
    seen(ben, minutes=1)
    row = Presence.objects.get()
    assert (row.chosen, row.seen_at) == ("", at(1))
    seen(ben, minutes=0)
    row.refresh_from_db()
    assert row.seen_at == at(1)


def test_the_workspace_says_how_long(workspace: Workspace, ana: Player, ben: Player) -> None:
    queue(ana)
    routing.change_settings(changes={"away_minutes": 30}, by=ana.actor, at=NOW)
    online(ben)
    actions.settle(at=at(29))
    assert states(workspace, 29) == {"Ben": "online"}
    assert len(actions.settle(at=at(31))) == 1
    assert states(workspace, 31) == {"Ben": "offline"}


def test_who_was_switched_off_is_gone(workspace: Workspace, ana: Player, ben: Player) -> None:
    online(ben)
    type(ben.member).objects.filter(pk=ben.id).update(is_active=False)
    (gone,) = actions.settle(at=at(1))
    assert gone.after == "offline"
    assert states(workspace, 1) == {}


def test_old_stretches_go(ana: Player, ben: Player) -> None:
    online(ben)
    actions.choose(state="away", by=ben.actor, at=at(1))
    assert actions.prune(at=at(1) + timedelta(days=399)) == 0
    assert actions.prune(at=at(2) + timedelta(days=401)) == 1
    assert Stretch.objects.count() == 1


async def told(attendance_: Attendance, *moved: int) -> int:
    """Let it run until it has written once; how many statements that were."""
    task = asyncio.create_task(attendance_.run())
    for key in moved:
        attendance_.moved(key)
    while not attendance_.written:  # noqa: ASYNC110 - it has no event for it
        await asyncio.sleep(0.01)
    task.cancel()
    return attendance_.written


def test_who_comes_at_once_is_told_in_one_statement(ana: Player, ben: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(ana)
    monkeypatch.setattr(attendance, "GATHER_SECONDS", 0.05)
    window = Attendance(dsn=database.dsn(), there=list)
    assert asyncio.run(told(window, ana.id, ben.id, ana.id)) == 1
    assert set(Presence.objects.values_list("member_id", flat=True)) == {ana.id, ben.id}


def test_who_stays_is_told_each_minute(ana: Player, ben: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(ana)
    monkeypatch.setattr(attendance, "BEAT_SECONDS", 0.05)
    assert asyncio.run(told(Attendance(dsn=database.dsn(), there=lambda: [ben.id]))) >= 1
    assert set(Presence.objects.values_list("member_id", flat=True)) == {ben.id}
