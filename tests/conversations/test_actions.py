"""Snooze, done, reopen, assign: what each changes, says and tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.actions import UNCHANGED, states
from twoway.conversations.models import Conversation, Episode
from twoway.events.models import Event
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.messaging import outbound
from twoway.teams.models import Workspace

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def waiting(channel: Channel) -> Conversation:
    """Three texts of a customer nobody answered, the first an hour ago."""
    row = make.make_conversation(channel, at=NOW - timedelta(hours=1))
    for minutes in (60, 40, 20):
        make.make_message(row, at=NOW - timedelta(minutes=minutes))
    return row


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("type", flat=True))


def test_snoozing_puts_it_away_until_then(ben: Player, waiting: Conversation) -> None:
    row = actions.snooze(conversation=waiting, until=LATER, by=ben.actor, at=NOW)
    assert (row.state, row.snoozed_until, row.needs_reply, row.unanswered) == ("snoozed", LATER, True, 3)
    event = Event.objects.get()
    assert (event.type, event.conversation_id, event.member_id) == ("conversation_snoozed", row.id, ben.id)
    assert event.data == {"until": "2026-03-10T19:00:00Z", "by_name": "Ben"}


def test_snoozing_again_until_the_same_time_is_silent(ben: Player, waiting: Conversation) -> None:
    for until in (LATER, LATER, None, None):
        actions.snooze(conversation=waiting, until=until, by=ben.actor, at=NOW)
    assert events() == ["conversation_snoozed"] * 2


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=400)])
def test_impossible_snoozes(ben: Player, waiting: Conversation, until: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        actions.snooze(conversation=waiting, until=until, by=ben.actor, at=NOW)
    assert refused.value.field == "until"


def test_what_is_done_is_not_snoozed(ben: Player, waiting: Conversation) -> None:
    actions.done(conversation=waiting, by=ben.actor, at=NOW)
    with pytest.raises(Invalid) as refused:
        actions.snooze(conversation=waiting, until=LATER, by=ben.actor, at=NOW)
    assert refused.value.code == "is_done"


def test_what_is_due_wakes(
    ben: Player, cleo: Player, waiting: Conversation, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, over all workspaces, and nothing before its time."""
    monkeypatch.setattr(states, "WAKE_AT_ONCE", 2)
    actions.snooze(conversation=waiting, until=LATER, by=ben.actor, at=NOW)
    there = make.make_channel(cleo.member.workspace, at=NOW)
    due = [
        make.make_conversation(at, at=NOW - timedelta(days=1), messages=2, state="snoozed", snoozed_until=LATER)
        for at in (channel, channel, there)
    ]
    kept = [
        make.make_conversation(channel, at=NOW, messages=2, state="snoozed", snoozed_until=until)
        for until in (LATER + timedelta(seconds=1), None)
    ]
    assert actions.wake_due(at=NOW) == 0
    assert actions.wake_due(at=LATER) == 4
    assert actions.wake_due(at=LATER) == 0
    for row in due:
        row.refresh_from_db()
        assert (row.state, row.snoozed_until, row.sort_at) == ("open", None, LATER)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.sort_at) == ("open", NOW - timedelta(hours=1))
    assert {row.state for row in Conversation.objects.filter(id__in=[row.id for row in kept])} == {"snoozed"}
    woken = Event.objects.filter(type="conversation_woken")
    assert set(woken.values_list("conversation_id", flat=True)) == {waiting.id, *(row.id for row in due)}
    assert {row.data["why"] for row in woken} == {"time"}


def test_done_ends_the_episode_and_the_wait(ben: Player, waiting: Conversation) -> None:
    row = actions.done(conversation=waiting, by=ben.actor, at=NOW)
    assert (row.state, row.needs_reply, row.unanswered, row.sort_at) == ("done", False, 0, row.last_message_at)
    episode = Episode.objects.get()
    assert (episode.number, episode.closed_at, episode.closed_by) == (1, NOW, ben.member)
    actions.done(conversation=waiting, by=ben.actor, at=LATER)
    assert events() == ["conversation_done"]


def test_done_writes_an_episode_that_is_missing(ben: Player, waiting: Conversation) -> None:
    Episode.objects.all().delete()
    actions.done(conversation=waiting, by=ben.actor, at=NOW)
    episode = Episode.objects.get()
    assert (episode.opened_at, episode.closed_at) == (waiting.created_at, NOW)


def test_undoing_a_done_restores_the_wait(ben: Player, waiting: Conversation) -> None:
    actions.done(conversation=waiting, by=ben.actor, at=NOW)
    row = actions.reopen(conversation=waiting, by=ben.actor, at=LATER)
    assert (row.state, row.needs_reply, row.unanswered) == ("open", True, 3)
    assert row.sort_at == NOW - timedelta(hours=1)
    episode = Episode.objects.get()
    assert (episode.closed_at, episode.closed_by) == (None, None)
    assert events() == ["conversation_done", "conversation_reopened"]


def test_reopening_what_nobody_waited_in_keeps_nobody_waiting(ben: Player, channel: Channel) -> None:
    row = make.make_conversation(channel, at=NOW, messages=2)
    actions.done(conversation=row, by=ben.actor, at=NOW)
    assert not actions.reopen(conversation=row, by=ben.actor, at=LATER).needs_reply


def test_a_wait_is_not_restored_when_something_was_said_since(ben: Player, waiting: Conversation) -> None:
    actions.done(conversation=waiting, by=ben.actor, at=NOW)
    row = Conversation.objects.get(id=waiting.id)
    make.make_message(row, direction="out", at=LATER)
    assert not actions.reopen(conversation=row, by=ben.actor, at=LATER).needs_reply


def test_reopening_wakes(ben: Player, channel: Channel) -> None:
    row = make.make_conversation(channel, at=NOW - timedelta(days=1), messages=2)
    actions.snooze(conversation=row, until=None, by=ben.actor, at=NOW)
    row = actions.reopen(conversation=row, by=ben.actor, at=LATER)
    assert (row.state, row.sort_at) == ("open", LATER)
    actions.reopen(conversation=row, by=ben.actor, at=LATER)
    assert events() == ["conversation_snoozed", "conversation_woken"]


def test_giving_it_to_a_member_and_a_team(
    ana: Player, ben: Player, waiting: Conversation, workspace: Workspace
) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    row = actions.assign(conversation=waiting, member_id=ben.id, team_id=team.pk, by=ana.actor, at=NOW)
    assert (row.assignee, row.team) == (ben.member, team)
    actions.assign(conversation=waiting, member_id=ben.id, team_id=UNCHANGED, by=ana.actor, at=NOW)
    event = Event.objects.get()
    assert (event.type, event.member_id, event.is_shown) == ("conversation_assigned", ana.id, True)
    assert event.data == {
        "assignee_id": ben.id,
        "assignee_name": "Ben",
        "team_id": team.pk,
        "team_name": "Roadside",
        "note_id": None,
        "by_name": "Ana",
        "why": "",
        "queue_name": "",
    }


def test_giving_it_on_says_who_has_it_now(ana: Player, ben: Player, waiting: Conversation) -> None:
    for member in (ana, ben):
        actions.assign(conversation=waiting, member_id=member.id, by=ana.actor, at=NOW)
    assert events() == ["conversation_assigned"] * 2


def test_taking_it_from_a_member_names_them(
    ana: Player, ben: Player, waiting: Conversation, workspace: Workspace
) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    actions.assign(conversation=waiting, member_id=ben.id, by=ana.actor, at=NOW)
    row = actions.assign(conversation=waiting, member_id=None, team_id=team.pk, by=ana.actor, at=NOW)
    assert (row.assignee, row.team) == (None, team)
    assert events() == ["conversation_assigned", "conversation_assigned", "conversation_unassigned"]
    last = Event.objects.latest("id")
    assert (last.data["assignee_id"], last.data["assignee_name"], last.data["team_id"]) == (ben.id, "Ben", None)


def test_nobody_is_given_to_strangers_viewers_or_the_gone(
    ana: Player, ben: Player, cleo: Player, waiting: Conversation, workspace: Workspace
) -> None:
    viewer = make.make_member(workspace, "Vic", role="viewer", at=NOW)
    gone = make.make_member(workspace, "Gone", at=NOW, is_active=False)
    theirs = make.make_team(cleo.member.workspace, "Theirs", at=NOW)
    for member_id in (cleo.id, viewer.pk, gone.pk, 0):
        with pytest.raises(NotFound):
            actions.assign(conversation=waiting, member_id=member_id, by=ana.actor, at=NOW)
    with pytest.raises(NotFound):
        actions.assign(conversation=waiting, team_id=theirs.pk, by=ana.actor, at=NOW)
    assert events() == []


def test_what_a_leaver_held_is_given_back(ana: Player, ben: Player, channel: Channel) -> None:
    held = [make.make_conversation(channel, at=NOW, messages=2, assignee=ben.member) for _ in range(2)]
    over = make.make_conversation(channel, at=NOW, messages=2, assignee=ben.member, state="done")
    anas = make.make_conversation(channel, at=NOW, messages=2, assignee=ana.member)
    told: dict[str, Any] = {"workspace_id": channel.workspace_id, "member_id": ben.id, "at": NOW, "by_name": "Ana"}
    assert (actions.release(**told), actions.release(**told)) == (2, 0)
    assert set(Conversation.objects.filter(assignee=None)) == set(held)
    assert set(Conversation.objects.exclude(assignee=None)) == {over, anas}
    assert events() == ["conversation_unassigned"] * 2


ACTS: list[tuple[Any, dict[str, Any]]] = [
    (actions.snooze, {"until": LATER}),
    (actions.done, {}),
    (actions.reopen, {}),
    (actions.assign, {"member_id": None}),
    (actions.tag, {"name": "VIP"}),
    (actions.untag, {"tag_id": 1}),
    (actions.add_note, {"body": "x"}),
]


@pytest.mark.parametrize(("act", "given"), ACTS)
def test_who_may_not_see_it_cannot_change_it(
    act: Any, given: dict[str, Any], waiting: Conversation, cleo: Player, workspace: Workspace
) -> None:
    limited = Player(member=make.make_member(workspace, "Lim", at=NOW, sees_own_teams_only=True))
    for by in (cleo.actor, limited.actor):
        with pytest.raises(NotFound):
            act(conversation=waiting, by=by, at=NOW, **given)
    assert events() == []


@pytest.mark.parametrize(("act", "given"), ACTS)
def test_a_viewer_changes_nothing(act: Any, given: dict[str, Any], waiting: Conversation, workspace: Workspace) -> None:
    viewer = Player(member=make.make_member(workspace, "Vic", role="viewer", at=NOW))
    with pytest.raises(NotAllowed):
        act(conversation=waiting, by=viewer.actor, at=NOW, **given)
    assert events() == []


def test_the_database_keeps_that_nobody_waits_in_a_done_one(channel: Channel) -> None:
    row = make.make_conversation(channel, at=NOW, messages=1)
    with pytest.raises(IntegrityError, match="done_never_waits"), transaction.atomic():
        Conversation.objects.filter(id=row.id).update(state="done")
    Conversation.objects.filter(id=row.id).update(state="done", needs_reply=False)


def test_a_reply_in_a_done_conversation_leaves_it_done(channel: Channel, ben: Player) -> None:
    row = make.make_conversation(channel, at=NOW, messages=1)
    actions.done(conversation=row, by=ben.actor, at=NOW)
    outbound.queue_text(by=ben.actor, conversation=row, body="One more thing.", at=NOW)
    row.refresh_from_db()
    assert (row.state, row.needs_reply) == ("done", False)
