"""Many conversations at once: what is changed, what is not and why, and taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.actions import Deed, change_many, forget_changes, undo_many
from twoway.conversations.actions.bulk import CHANGED, GONE, MOST_AT_ONCE
from twoway.conversations.models import Conversation, Episode, ReadMark
from twoway.conversations.views.models import BulkChange
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams.models import Workspace

LATER = NOW + timedelta(seconds=30)


def columns() -> list[dict[str, Any]]:
    return [dict(row) for row in Conversation.objects.order_by("id").values()]


@pytest.fixture
def talks(channel: Channel) -> list[Conversation]:
    """Somebody waits, somebody was answered, one is asleep, one is done."""
    at = NOW - timedelta(hours=2)
    waits = make.make_conversation(channel, at=at, messages=3)
    answered = make.make_conversation(channel, at=at, messages=2)
    asleep = make.make_conversation(channel, at=at, messages=1, state="snoozed", snoozed_until=NOW + timedelta(days=1))
    finished = make.make_conversation(channel, at=at, messages=2, state="done")
    return [waits, answered, asleep, finished]


def many(talks: list[Conversation]) -> list[int]:
    return [one.pk for one in talks]


DEEDS = [
    Deed(kind="done"),
    Deed(kind="reopen"),
    Deed(kind="snooze", until=NOW + timedelta(days=3)),
    Deed(kind="snooze"),
    Deed(kind="assign", member_id=None),
    Deed(kind="read"),
    Deed(kind="unread"),
]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed.kind} {deed.until}")
def test_taking_it_back_restores_exactly_what_was(ben: Player, talks: list[Conversation], deed: Deed) -> None:
    Conversation.objects.filter(pk=talks[0].pk).update(assignee=ben.member)
    actions.mark_read(conversation=talks[1], by=ben.actor)
    before, marks = columns(), dict(ReadMark.objects.values_list("conversation_id", "message_id"))
    closed = list(Episode.objects.order_by("id").values("conversation_id", "number", "closed_at"))
    found = change_many(conversation_ids=many(talks), deed=deed, by=ben.actor, at=NOW)
    assert found.changed
    assert found.change_id
    back = undo_many(change_id=found.change_id, by=ben.actor, at=LATER)
    assert (set(back.changed), back.refused) == (set(found.changed), {})
    assert columns() == before
    now = dict(ReadMark.objects.values_list("conversation_id", "message_id"))
    assert {key: now.get(key, 0) for key in many(talks)} == {key: marks.get(key, 0) for key in many(talks)}
    if deed.kind == "done":
        assert list(Episode.objects.order_by("id").values("conversation_id", "number", "closed_at")) == closed


def test_what_was_so_already_and_what_can_not_be_is_told_by_reason(ben: Player, talks: list[Conversation]) -> None:
    found = change_many(conversation_ids=[*many(talks), 10**9], deed=Deed(kind="done"), by=ben.actor, at=NOW)
    assert (len(found.changed), found.same, found.refused) == (3, 1, {GONE: 1})
    asleep = change_many(conversation_ids=many(talks), deed=Deed(kind="snooze"), by=ben.actor, at=NOW)
    assert (asleep.changed, asleep.refused) == ((), {"It is done. Reopen it first.": 4})
    assert asleep.change_id is None


def test_what_somebody_changed_since_stays_and_is_told(ana: Player, ben: Player, talks: list[Conversation]) -> None:
    found = change_many(conversation_ids=many(talks), deed=Deed(kind="done"), by=ben.actor, at=NOW)
    actions.reopen(conversation=talks[0], by=ana.actor, at=NOW)
    make.make_message(talks[1], at=NOW, body="One more thing")
    assert found.change_id
    back = undo_many(change_id=found.change_id, by=ben.actor, at=LATER)
    assert (back.changed, back.refused) == ((talks[2].pk,), {CHANGED: 2})


def test_tags_come_off_those_only_that_got_it(ben: Player, talks: list[Conversation], workspace: Workspace) -> None:
    tag = make.make_tag(workspace, "VIP")
    talks[0].tags.add(tag)
    found = change_many(conversation_ids=many(talks), deed=Deed(kind="tag", tag_id=tag.pk), by=ben.actor, at=NOW)
    assert (len(found.changed), found.same) == (3, 1)
    assert found.change_id
    undo_many(change_id=found.change_id, by=ben.actor, at=LATER)
    assert list(Conversation.objects.filter(tags=tag)) == [talks[0]]


def test_it_is_taken_back_once_within_a_minute_by_who_did_it(
    ana: Player, ben: Player, talks: list[Conversation]
) -> None:
    found = change_many(conversation_ids=many(talks), deed=Deed(kind="done"), by=ben.actor, at=NOW)
    assert found.change_id
    with pytest.raises(NotFound):
        undo_many(change_id=found.change_id, by=ana.actor, at=LATER)
    with pytest.raises(Invalid, match="more than a minute"):
        undo_many(change_id=found.change_id, by=ben.actor, at=NOW + timedelta(minutes=2))
    undo_many(change_id=found.change_id, by=ben.actor, at=LATER)
    with pytest.raises(Invalid, match="already"):
        undo_many(change_id=found.change_id, by=ben.actor, at=LATER)
    assert forget_changes(at=LATER) == 0
    assert forget_changes(at=NOW + timedelta(minutes=2)) == 1
    assert not BulkChange.objects.filter(pk=found.change_id).exists()


def test_only_what_may_be_seen_is_changed(
    workspace: Workspace, cleo: Player, talks: list[Conversation], channel: Channel
) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True))
    Conversation.objects.filter(pk=talks[0].pk).update(team=team)
    found = change_many(conversation_ids=many(talks), deed=Deed(kind="done"), by=dee.actor, at=NOW)
    assert (found.changed, found.refused) == ((talks[0].pk,), {GONE: 3})
    theirs = change_many(conversation_ids=many(talks), deed=Deed(kind="reopen"), by=cleo.actor, at=NOW)
    assert (theirs.changed, theirs.refused) == ((), {GONE: 4})
    vera = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    with pytest.raises(NotAllowed):
        change_many(conversation_ids=many(talks), deed=Deed(kind="done"), by=vera.actor, at=NOW)
    assert change_many(conversation_ids=many(talks), deed=Deed(kind="read"), by=vera.actor, at=NOW).changed


def test_a_bad_wish_changes_nothing(ana: Player, cleo: Player, talks: list[Conversation]) -> None:
    before = columns()
    for deed, words in (
        (Deed(kind="snooze", until=NOW - timedelta(minutes=1)), "passed"),
        (Deed(kind="assign", member_id=cleo.id), "no such"),
        (Deed(kind="tag", tag_id=9), "no such"),
    ):
        with pytest.raises((Invalid, NotFound), match=words):
            change_many(conversation_ids=many(talks), deed=deed, by=ana.actor, at=NOW)
    with pytest.raises(Invalid, match="at most 1,000"):
        change_many(conversation_ids=list(range(1, MOST_AT_ONCE + 2)), deed=Deed(kind="done"), by=ana.actor, at=NOW)
    with pytest.raises(Invalid, match="Select"):
        change_many(conversation_ids=[], deed=Deed(kind="done"), by=ana.actor, at=NOW)
    assert columns() == before
