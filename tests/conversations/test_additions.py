"""Tags, notes, drafts and read marks; a conversation begun from our side; what a thread shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.contacts.models import Identity
from twoway.conversations import actions, queries
from twoway.conversations.models import Conversation, Draft, Episode, Tag
from twoway.events.models import Event
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def row(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


def token(workspace: Workspace) -> Actor:
    return Actor(kind="token", workspace_id=workspace.pk, role="admin", name="Zapier")


def test_a_new_tag_is_made_once_whatever_its_capitals(ben: Player, row: Conversation) -> None:
    first = actions.tag(conversation=row, name=" Late  fee ", by=ben.actor, at=NOW)
    again = actions.tag(conversation=row, name="LATE FEE", by=ben.actor, at=NOW)
    assert first == again
    assert [tag.name for tag in queries.tags(ben.actor)] == ["Late fee"]
    assert list(row.tags.all()) == [first]
    event = Event.objects.get()
    assert (event.type, event.data) == (
        "conversation_tagged",
        {"tag_id": first.pk, "tag_name": "Late fee", "by_name": "Ben"},
    )


def test_a_tag_comes_off_once(ben: Player, row: Conversation, workspace: Workspace) -> None:
    tag = make.make_tag(workspace, "VIP")
    actions.tag(conversation=row, tag_id=tag.pk, by=ben.actor, at=NOW)
    for _ in range(2):
        actions.untag(conversation=row, tag_id=tag.pk, by=ben.actor, at=NOW)
    assert not row.tags.exists()
    assert Event.objects.filter(type="conversation_untagged").count() == 1


@pytest.mark.parametrize(("name", "color"), [("", ""), ("x" * 41, ""), ("VIP", "pink")])
def test_impossible_tags(ben: Player, row: Conversation, name: str, color: str) -> None:
    with pytest.raises(Invalid):
        actions.tag(conversation=row, name=name, color=color, by=ben.actor, at=NOW)
    assert not Tag.objects.exists()


def test_tags_of_another_workspace_are_out_of_reach(ben: Player, cleo: Player, row: Conversation) -> None:
    theirs = make.make_tag(cleo.member.workspace, "VIP")
    with pytest.raises(NotFound):
        actions.tag(conversation=row, tag_id=theirs.pk, by=ben.actor, at=NOW)
    with pytest.raises(NotFound):
        actions.untag(conversation=row, tag_id=theirs.pk, by=ben.actor, at=NOW)
    assert queries.tags(ben.actor) == []


def test_a_note_is_kept_with_its_writer_and_ends_the_draft(ben: Player, row: Conversation) -> None:
    actions.save_draft(conversation=row, body="Call th", is_note=True, by=ben.actor, at=NOW)
    note = actions.add_note(conversation=row, body=" Call them. ", by=ben.actor, at=NOW)
    assert (note.body, note.by, note.by_name, note.created_at) == ("Call them.", ben.member, "Ben", NOW)
    assert queries.draft_of(ben.actor, row) is None
    assert Event.objects.get().data == {"note_id": note.id, "by_name": "Ben"}


def test_a_note_leaves_the_draft_of_a_reply_alone(ben: Player, row: Conversation) -> None:
    actions.save_draft(conversation=row, body="Dear Dana", is_note=False, by=ben.actor, at=NOW)
    actions.add_note(conversation=row, body="Call them.", by=ben.actor, at=NOW)
    draft = queries.draft_of(ben.actor, row)
    assert draft is not None
    assert draft.body == "Dear Dana"


def test_a_program_writes_a_note_in_its_name(row: Conversation, workspace: Workspace) -> None:
    note = actions.add_note(conversation=row, body="From the shop.", by=token(workspace), at=NOW)
    assert (note.by, note.by_name) == (None, "Zapier")


@pytest.mark.parametrize("body", ["", " \n ", "\0", "x" * 10_001])
def test_impossible_notes(ben: Player, row: Conversation, body: str) -> None:
    with pytest.raises(Invalid):
        actions.add_note(conversation=row, body=body, by=ben.actor, at=NOW)


def test_each_member_has_one_draft(ana: Player, ben: Player, row: Conversation) -> None:
    actions.save_draft(conversation=row, body="One", is_note=False, by=ben.actor, at=NOW)
    actions.save_draft(conversation=row, body="Two ", is_note=True, by=ben.actor, at=LATER)
    draft = queries.draft_of(ben.actor, row)
    assert draft is not None
    assert (draft.body, draft.is_note, draft.updated_at) == ("Two ", True, LATER)
    assert queries.draft_of(ana.actor, row) is None
    actions.save_draft(conversation=row, body="  ", is_note=False, by=ben.actor, at=NOW)
    assert not Draft.objects.exists()


def test_drafts_and_reading_are_for_members(row: Conversation, workspace: Workspace, cleo: Player) -> None:
    for by in (token(workspace), cleo.actor):
        with pytest.raises(Invalid):
            actions.save_draft(conversation=row, body="x", is_note=False, by=by, at=NOW)
        with pytest.raises(Invalid):
            actions.mark_read(conversation=row, by=by)
    assert queries.draft_of(token(workspace), row) is None
    assert queries.read_ids(token(workspace), [row.id]) == {}


def test_reading_never_goes_back(ben: Player, row: Conversation) -> None:
    assert row.last_inbound_id
    actions.mark_read(conversation=row, by=ben.actor)
    actions.mark_read(conversation=row, by=ben.actor, message_id=row.last_inbound_id - 1)
    assert queries.read_ids(ben.actor, [row.id]) == {row.id: row.last_inbound_id}


def test_reading_where_nothing_came_in_is_nothing(ben: Player, channel: Channel) -> None:
    silent = make.make_conversation(channel, at=NOW)
    actions.mark_read(conversation=silent, by=ben.actor)
    assert queries.read_ids(ben.actor, [silent.id]) == {}


# Beginning a conversation


@pytest.fixture
def identity(workspace: Workspace) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=NOW), at=NOW)


def test_a_conversation_begun_by_a_member_is_theirs(ben: Player, channel: Channel, identity: Identity) -> None:
    team = make.make_team(channel.workspace, "Roadside", at=NOW)
    channel.team = team
    channel.save()
    row, is_new = actions.open_conversation(channel=channel, identity=identity, by=ben.actor, at=NOW)
    assert is_new
    assert (row.state, row.assignee_id, row.team, row.needs_reply, row.sort_at) == ("open", ben.id, team, False, NOW)
    assert Episode.objects.get().number == 1
    assert Event.objects.get().type == "conversation_opened"
    again, is_new = actions.open_conversation(channel=channel, identity=identity, by=ben.actor, at=LATER)
    assert (again, is_new) == (row, False)
    assert Event.objects.count() == 1


def test_a_done_one_begins_its_next_episode(ana: Player, ben: Player, channel: Channel, row: Conversation) -> None:
    actions.done(conversation=row, by=ana.actor, at=NOW)
    again, is_new = actions.open_conversation(channel=channel, identity=row.identity, by=ben.actor, at=LATER)
    assert (again.id, is_new, again.state, again.episode, again.assignee_id) == (row.id, False, "open", 2, ben.id)
    assert [(each.number, each.closed_at) for each in queries.episodes(row)] == [(1, NOW), (2, None)]


def test_another_number_of_the_same_person_stays_in_the_thread(
    ben: Player, channel: Channel, row: Conversation
) -> None:
    second = make.make_identity(row.contact, at=NOW)
    again, _ = actions.open_conversation(channel=channel, identity=second, by=ben.actor, at=NOW)
    row.refresh_from_db()
    assert (again.id, row.identity) == (row.id, second)


def test_a_conversation_of_another_team_is_not_taken(channel: Channel, row: Conversation) -> None:
    limited = Player(member=make.make_member(channel.workspace, "Lim", at=NOW, sees_own_teams_only=True))
    with pytest.raises(NotAllowed) as refused:
        actions.open_conversation(channel=channel, identity=row.identity, by=limited.actor, at=NOW)
    assert refused.value.code == "not_visible"


def test_nothing_begins_across_workspaces_or_from_a_channel_that_is_off(
    ben: Player, cleo: Player, channel: Channel, identity: Identity
) -> None:
    theirs = make.make_channel(cleo.member.workspace, at=NOW)
    for by, there in ((ben, theirs), (cleo, channel), (cleo, theirs)):
        with pytest.raises(NotAllowed):
            actions.open_conversation(channel=there, identity=identity, by=by.actor, at=NOW)
    channel.is_active = False
    channel.save()
    with pytest.raises(Invalid):
        actions.open_conversation(channel=channel, identity=identity, by=ben.actor, at=NOW)
    assert not Conversation.objects.exists()


# What a thread shows


def test_a_conversation_is_loaded_with_what_belongs_to_it(
    ben: Player, cleo: Player, row: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actor = ben.actor
    with django_assert_num_queries(2):
        found = queries.access_conversation(actor, row.id)
        assert (found.contact.name, found.channel.name, list(found.tags.all()), found.team) == ("", "", [], None)
    for key in (row.id, 10**12):
        with pytest.raises(NotFound):
            queries.access_conversation(cleo.actor, key)


def test_a_stretch_of_a_thread(
    ana: Player, ben: Player, row: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(4):
        actions.add_note(conversation=row, body=f"Note {n}", by=ben.actor, at=NOW + timedelta(minutes=n))
    actions.assign(conversation=row, member_id=ben.id, by=ana.actor, at=NOW + timedelta(minutes=1))
    actions.done(conversation=row, by=ben.actor, at=NOW + timedelta(minutes=3))
    with django_assert_num_queries(3):
        whole = queries.thread_items(row)
        assert [(note.body, str(note.by)) for note in whole.notes] == [(f"Note {n}", "Ben") for n in range(4)]
    assert [line.event.type for line in whole.events] == ["conversation_assigned", "conversation_done"]
    assert [(each.number, str(each.closed_by)) for each in whole.episodes] == [(1, "Ben")]
    part = queries.thread_items(row, after=NOW + timedelta(minutes=1), before=NOW + timedelta(minutes=3))
    assert [note.body for note in part.notes] == ["Note 1", "Note 2"]
    assert [line.event.type for line in part.events] == ["conversation_assigned"]
    assert part.episodes == ()
    assert [note.body for note in queries.thread_items(row, limit=1).notes] == ["Note 3"]


def test_the_conversations_with_one_person(ben: Player, cleo: Player, row: Conversation, workspace: Workspace) -> None:
    other = make.make_conversation(
        make.make_channel(workspace, at=NOW), at=LATER, contact=row.contact, identity=row.identity
    )
    assert queries.conversations_of(ben.actor, row.contact_id) == [other, row]
    assert queries.conversations_of(cleo.actor, row.contact_id) == []
