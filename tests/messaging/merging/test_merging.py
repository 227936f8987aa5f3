"""Two contacts that are one person: what becomes of everything, and that undoing it is exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.compliance.queries import is_opted_out
from twoway.compliance.quiet.models import Place
from twoway.contacts import actions as contacts
from twoway.contacts import queries as contact_queries
from twoway.contacts.models import Contact, ContactNote
from twoway.conversations.models import Conversation, Draft, Episode, ReadMark
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.messaging.merging import actions, queries
from twoway.messaging.merging.models import JoinedConversation
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

LATER = NOW + timedelta(hours=1)
TABLES = (
    "contact",
    "identity",
    "conversation",
    "message",
    "episode",
    "draft",
    "read_mark",
    "note",
    "conversation_tag",
    "contact_note",
    "contact_place",
    "contact_event",
    "opt_out",
    "joined_conversation",
)


def everything() -> dict[str, list[Any]]:
    """Every row of every table a merge may touch."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


@pytest.fixture
def pair(workspace: Workspace, channel: Channel, ana: Player, ben: Player) -> tuple[Contact, Contact]:
    """Two people who have much, on one number in common and one each alone."""
    tags = [make.make_tag(workspace, word) for word in ("VIP", "Late")]
    found = []
    for n, name in enumerate(("Dana Whitfield", "Dana W.")):
        contact = make.make_contact(
            workspace,
            at=NOW,
            name=name,
            language=["", "es"][n],
            properties={"Plan": "Day" if n else "Month", f"P{n}": "x"},
        )
        identity = make.make_identity(contact, at=NOW)
        for own in (channel, make.make_channel(workspace, at=NOW)):
            talk = make.make_conversation(
                own, at=NOW + timedelta(minutes=n), identity=identity, messages=3, tags=tags[n:]
            )
            make.make_note(talk, at=NOW, by=ana.member, body=f"Note {n}")
            Draft.objects.create(conversation=talk, member=ben.member, body=f"Draft {n}", updated_at=NOW)
            ReadMark.objects.create(conversation=talk, member=ben.member, message_id=talk.last_message_id or 0)
        ContactNote.objects.create(contact=contact, body=f"Remark {n}", by=ana.member, created_at=NOW)
        Place.objects.create(contact=contact, country="US", state="OR", told_by="member", at=NOW)
        OptOut.objects.create(
            workspace=workspace,
            identity=identity,
            channel=channel,
            source="keyword",
            opted_out_at=NOW,
            lifted_at=NOW if n == 0 else None,
        )
        found.append(contact)
    return found[0], found[1]


def talk_of(contact: Contact, channel: Channel) -> Conversation:
    return Conversation.objects.get(contact=contact, channel=channel)


def bodies(talk: Conversation) -> list[int]:
    return list(Message.objects.filter(conversation=talk).order_by("id").values_list("identity_id", flat=True))


def test_everything_of_both_is_there(pair: tuple[Contact, Contact], channel: Channel, ana: Player, ben: Player) -> None:
    kept, gone = pair
    into, out = talk_of(kept, channel), talk_of(gone, channel)
    actions.merge(kept=kept, gone=gone, by=ben.actor, at=LATER)
    person = contact_queries.access_contact(ana.actor, kept.pk)
    assert (person.name, person.language, person.properties) == (
        "Dana Whitfield",
        "es",
        {"Plan": "Month", "P0": "x", "P1": "x"},
    )
    assert [person.identities.count(), person.notes.count()] == [2, 2]
    assert Conversation.objects.filter(contact=kept).count() == 3
    texts = list(Message.objects.filter(conversation=into).order_by("id"))
    assert (len(texts), len({text.identity_id for text in texts})) == (6, 2)
    into.refresh_from_db()
    assert (into.needs_reply, into.unanswered, into.last_message_id) == (True, 2, texts[-1].pk)
    assert sorted(tag.name for tag in into.tags.all()) == ["Late", "VIP"]
    assert Draft.objects.get(conversation=into).body == "Draft 0\n\nDraft 1"
    assert list(Episode.objects.filter(conversation=into).order_by("number").values_list("number", flat=True)) == [1, 2]
    assert ReadMark.objects.get(conversation=into).message_id == texts[-1].pk
    assert queries.joined_into(ana.actor, out.pk) == into.pk
    assert contact_queries.merged_into(ana.actor, gone.pk) == kept.pk
    assert AuditEntry.objects.filter(action="contact.merged", subject=f"contact {kept.pk}").exists()


def test_an_opt_out_stays_with_its_address(pair: tuple[Contact, Contact], channel: Channel, ana: Player) -> None:
    kept, gone = pair
    mine, theirs = kept.identities.get(), gone.identities.get()
    actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    assert not is_opted_out(identity=mine, channel=channel)
    assert is_opted_out(identity=theirs, channel=channel)


def test_who_was_blocked_is(pair: tuple[Contact, Contact], ana: Player) -> None:
    kept, gone = pair
    contacts.block(contact=gone, by=ana.actor, at=NOW, reason="spam")
    actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    kept.refresh_from_db()
    assert (kept.blocked_at, kept.block_reason) == (NOW, "spam")
    assert set(kept.identities.values_list("is_blocked", flat=True)) == {True}


def _nothing(kept: Contact, gone: Contact, ana: Player) -> None:
    """Nothing before."""


def _blocked(kept: Contact, gone: Contact, ana: Player) -> None:
    contacts.block(contact=gone, by=ana.actor, at=NOW)


def _done(kept: Contact, gone: Contact, ana: Player) -> None:
    talks = Conversation.objects.filter(contact__in=[kept, gone])
    talks.update(state="done", needs_reply=False, unanswered=0, episode=2)
    for talk in talks:
        Episode.objects.filter(conversation=talk).update(closed_at=NOW)
        Episode.objects.create(conversation=talk, number=2, opened_at=NOW + timedelta(minutes=talk.pk), closed_at=NOW)


def _merged_before(kept: Contact, gone: Contact, ana: Player) -> None:
    third = make.make_contact(kept.workspace, at=NOW, name="Third")
    make.make_identity(third, at=NOW)
    actions.merge(kept=gone, gone=third, by=ana.actor, at=NOW)


@pytest.mark.parametrize("before", [_nothing, _blocked, _done, _merged_before])
def test_undoing_is_exact(
    before: Callable[[Contact, Contact, Player], None], pair: tuple[Contact, Contact], ana: Player
) -> None:
    kept, gone = pair
    before(kept, gone, ana)
    was = everything()
    row = actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    assert everything() != was
    actions.unmerge(merge=row, by=ana.actor, at=LATER + timedelta(days=29))
    now = everything()
    assert {table: now[table] for table in TABLES if now[table] != was[table]} == {}
    assert {table: was[table] for table in TABLES if now[table] != was[table]} == {}


def test_what_was_said_since_goes_to_whom_it_was_said_by(
    pair: tuple[Contact, Contact], channel: Channel, ana: Player
) -> None:
    kept, gone = pair
    mine, theirs = kept.identities.get(), gone.identities.get()
    into = talk_of(kept, channel)
    row = actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    for n, identity in enumerate((theirs, mine, theirs)):
        into.refresh_from_db()
        into.identity = identity
        make.make_message(into, at=LATER + timedelta(minutes=n), body=f"Since {n}")
    contacts.rename(contact=kept, name="Dana since", by=ana.actor, at=LATER)
    actions.unmerge(merge=row, by=ana.actor, at=LATER + timedelta(hours=1))
    assert set(bodies(talk_of(kept, channel))) == {mine.pk}
    assert set(bodies(talk_of(gone, channel))) == {theirs.pk}
    gone_talk = talk_of(gone, channel)
    assert (gone_talk.preview, gone_talk.needs_reply) == ("Since 2", True)
    assert talk_of(kept, channel).preview == "Since 1"
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.name, kept.properties, gone.name) == ("Dana since", {"Plan": "Month", "P0": "x"}, "Dana W.")


def test_a_text_on_a_number_only_the_other_had_is_parted_too(
    pair: tuple[Contact, Contact], channel: Channel, ana: Player
) -> None:
    kept, gone = pair
    mine = kept.identities.get()
    alone = Conversation.objects.filter(contact=gone).exclude(channel=channel).get()
    row = actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    alone.refresh_from_db()
    alone.identity = mine
    make.make_message(alone, at=LATER, body="From the other phone")
    actions.unmerge(merge=row, by=ana.actor, at=LATER)
    own = Conversation.objects.get(contact=kept, channel=alone.channel)
    assert (bodies(own), own.preview, own.needs_reply) == ([mine.pk], "From the other phone", True)


def test_what_began_with_the_one_that_went_is_brought_over(
    pair: tuple[Contact, Contact], workspace: Workspace, ana: Player
) -> None:
    kept, gone = pair
    theirs = gone.identities.get()
    actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    stray = make.make_conversation(
        make.make_channel(workspace, at=NOW), at=LATER, contact=gone, identity=theirs, messages=1
    )
    assert actions.gather_strays(at=LATER + timedelta(minutes=1)) == 1
    stray.refresh_from_db()
    assert stray.contact_id == kept.pk
    assert actions.gather_strays(at=LATER + timedelta(minutes=2)) == 0


def test_later_merges_are_undone_first(pair: tuple[Contact, Contact], workspace: Workspace, ana: Player) -> None:
    kept, gone = pair
    first = actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    third = make.make_contact(workspace, at=NOW, name="Third")
    second = actions.merge(kept=third, gone=kept, by=ana.actor, at=LATER)
    assert contact_queries.merged_into(ana.actor, gone.pk) == third.pk
    with pytest.raises(Refused) as refused:
        actions.unmerge(merge=first, by=ana.actor, at=LATER)
    assert refused.value.code == "merged_since"
    actions.unmerge(merge=second, by=ana.actor, at=LATER)
    assert contact_queries.merged_into(ana.actor, gone.pk) == kept.pk
    actions.unmerge(merge=first, by=ana.actor, at=LATER)


def test_refusals(pair: tuple[Contact, Contact], ana: Player, cleo: Player, workspace: Workspace) -> None:
    kept, gone = pair
    viewer = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    for player in (viewer, cleo):
        with pytest.raises(NotAllowed):
            actions.merge(kept=kept, gone=gone, by=player.actor, at=NOW)
    with pytest.raises(Invalid):
        actions.merge(kept=kept, gone=kept, by=ana.actor, at=NOW)
    row = actions.merge(kept=kept, gone=gone, by=ana.actor, at=NOW)
    with pytest.raises(Refused):
        actions.merge(kept=kept, gone=gone, by=ana.actor, at=NOW)
    with pytest.raises(NotAllowed):
        actions.unmerge(merge=row, by=cleo.actor, at=NOW)
    with pytest.raises(Refused) as late:
        actions.unmerge(merge=row, by=ana.actor, at=NOW + timedelta(days=31))
    assert late.value.code == "too_late"
    actions.forget(at=NOW + timedelta(days=31))
    row.refresh_from_db()
    assert (row.before, row.moved) == ({}, {})


@pytest.mark.parametrize(
    ("name", "properties", "why"),
    [
        ("Dana Whitfeld", {}, "name"),
        ("D.", {"Email": "dana@example.com"}, "email"),
        ("D.", {"Other": "+15035550178"}, "phone"),
        ("D.", {"Customer ID": "C-77"}, "property"),
        ("Somebody Else", {"City": "Portland"}, ""),
    ],
)
def test_who_may_be_the_same(
    name: str, properties: dict[str, str], why: str, workspace: Workspace, ana: Player
) -> None:
    held = {"Email": "dana@example.com", "City": "Portland", "Customer ID": "C-77"}
    one = make.make_contact(workspace, at=NOW, name="Dana Whitfield", properties=held)
    make.make_identity(one, at=NOW, value="+15035550178")
    other = make.make_contact(workspace, at=NOW, name=name, properties=properties)
    make.make_identity(other, at=NOW)
    expected = [(other.pk, why)] if why else []
    assert [(found.contact.pk, found.why) for found in queries.alike(ana.actor, one)] == expected
    if why in {"email", "property"}:
        assert [(a.pk, b.pk, word) for a, b, word in queries.duplicates(ana.actor)] == [(one.pk, other.pk, why)]
    actions.not_the_same(one=other, other=one, by=ana.actor, at=NOW)
    assert (queries.alike(ana.actor, one), queries.duplicates(ana.actor)) == ([], [])


def test_an_old_address_of_a_conversation_leads_on(
    pair: tuple[Contact, Contact], channel: Channel, ana: Player
) -> None:
    kept, gone = pair
    out = talk_of(gone, channel)
    actions.merge(kept=kept, gone=gone, by=ana.actor, at=LATER)
    into = talk_of(kept, channel)
    answer = ana.client.get(f"/c/{out.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/c/{into.pk}/")
    assert JoinedConversation.objects.count() == 1
